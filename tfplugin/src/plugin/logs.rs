//! Logs: what code says through `tracing` becomes JSON on stderr, where the CLI collects it.
//!
//! The person chooses the level with `TF_LOG_PROVIDER` or `TF_LOG`; without either, nothing is
//! logged and logging costs nothing. Only the framework's and the provider's own code is heard
//! below `WARN`: a library may put headers, bodies and tokens into its details, and logs get
//! pasted into bug reports. It does not decide what is worth a word.

use std::{
    fmt,
    io::{self, Write},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt as _},
    registry::{LookupSpan, Scope},
    util::SubscriberInitExt as _,
};

use super::{Environment, log_line::LogLine};

/// Sends the logs of this process to stderr from now on, at the level that `environment` asks for.
///
/// `own` names the crates whose every word is wanted, beside this one; others are heard from
/// `WARN` on. Without effect where logging is off or another subscriber is installed already.
pub fn install(environment: &Environment, own: &[&str]) {
    let Some(level) = level(environment) else { return };
    let layer = JsonLines::new(io::stderr()).with_filter(filter(level, own));
    // An error says that there is a subscriber already; whoever made that one wanted it.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

/// The level that the person chose, if any. Like the CLIs, it takes a word it does not know for
/// `TRACE`; `JSON` is a form of the CLI's own output at that level.
fn level(environment: &Environment) -> Option<LevelFilter> {
    let chosen = environment.log_provider.as_ref().or(environment.log.as_ref())?;
    match chosen.to_ascii_uppercase().as_str() {
        "OFF" => None,
        "ERROR" => Some(LevelFilter::ERROR),
        "WARN" => Some(LevelFilter::WARN),
        "INFO" => Some(LevelFilter::INFO),
        "DEBUG" => Some(LevelFilter::DEBUG),
        _ => Some(LevelFilter::TRACE),
    }
}

fn filter(level: LevelFilter, own: &[&str]) -> Targets {
    let others = level.min(LevelFilter::WARN);
    let ours = [env!("CARGO_CRATE_NAME")].into_iter().chain(own.iter().copied());
    Targets::new().with_default(others).with_targets(ours.map(|name| (name, level)))
}

/// Writes each event, with the fields of the spans around it, as one line.
struct JsonLines<W>(Mutex<W>);

impl<W: Write> JsonLines<W> {
    fn new(output: W) -> Self {
        Self(Mutex::new(output))
    }

    fn write(&self, line: &str) {
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // There is no place left to report that stderr is gone.
        let _ = output.write_all(line.as_bytes()).and_then(|()| output.flush());
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    W: Write + Send + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut all = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                all.0.extend(fields.0.clone());
            }
        }
        event.record(&mut all);
        let message = match all.0.shift_remove(MESSAGE) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => event.metadata().name().to_owned(),
        };
        let line = LogLine {
            level: level_name(*event.metadata().level()),
            message: &message,
            module: event.metadata().target(),
            time: SystemTime::now(),
            fields: all.0,
        };
        self.write(&line.into_text());
    }
}

/// The field in which `tracing` keeps an event's text.
const MESSAGE: &str = "message";

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// The fields of a span or an event, in their order, as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Where the lines of a test go.
    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged by `act` with the crate `own` as ours.
    fn logged(level: LevelFilter, own: &[&str], act: impl FnOnce()) -> Vec<Value> {
        let output = Output::default();
        let layer = JsonLines::new(output.clone()).with_filter(filter(level, own));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        let bytes = output.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn the_level_is_the_providers_then_the_general_one() {
        let cases = [
            (None, None, None),
            (None, Some("INFO"), Some(LevelFilter::INFO)),
            (Some("error"), Some("TRACE"), Some(LevelFilter::ERROR)),
            (Some("OFF"), Some("TRACE"), None),
            (None, Some("off"), None),
            (Some("WARN"), None, Some(LevelFilter::WARN)),
            (None, Some("DEBUG"), Some(LevelFilter::DEBUG)),
            (None, Some("JSON"), Some(LevelFilter::TRACE)),
            (None, Some("1"), Some(LevelFilter::TRACE)),
        ];
        for (provider, general, expected) in cases {
            let environment = Environment {
                log_provider: provider.map(String::from),
                log: general.map(String::from),
                ..Environment::default()
            };
            assert_eq!(level(&environment), expected, "{provider:?} {general:?}");
        }
    }

    #[test]
    fn an_event_carries_its_fields_and_those_of_its_spans() {
        let lines = logged(LevelFilter::TRACE, &[], || {
            let outer = tracing::info_span!("rpc", name = "Read", code = tracing::field::Empty);
            let _outer = outer.enter();
            outer.record("code", 7);
            let _inner = tracing::debug_span!("call", attempt = 2_u64, name = "inner").entered();
            tracing::warn!(retried = true, share = 0.5, cause = ?Some("x"), "slow {}", "answer");
        });
        let [line] = lines.as_slice() else { unreachable!("{lines:?}") };
        assert_eq!(line["@level"], "warn");
        assert_eq!(line["@message"], "slow answer");
        assert_eq!(line["@module"], module_path!().replace("::", "."));
        assert_eq!(line["name"], "inner");
        assert_eq!(line["code"], 7);
        assert_eq!(line["attempt"], 2);
        assert_eq!(line["retried"], true);
        assert_eq!(line["share"], 0.5);
        assert_eq!(line["cause"], "Some(\"x\")");
        assert!(line.get("message").is_none());
    }

    #[test]
    fn libraries_are_heard_from_warn_on_only() {
        let lines = logged(LevelFilter::TRACE, &["acme"], || {
            tracing::trace!(target: "acme::client", "ours");
            tracing::info!(target: "aws_sigv4::sign", "a session token");
            tracing::debug!(target: "hyper::proto", "a header");
            tracing::warn!(target: "hyper::proto", "closed");
            tracing::trace!("the framework's");
        });
        let messages: Vec<_> = lines.iter().map(|line| line["@message"].clone()).collect();
        assert_eq!(messages, ["ours", "closed", "the framework's"]);
    }

    #[test]
    fn a_low_level_also_quiets_our_own() {
        let lines = logged(LevelFilter::ERROR, &["acme"], || {
            tracing::warn!(target: "acme", "not wanted");
            tracing::warn!(target: "hyper", "not wanted");
            tracing::error!(target: "acme", "wanted");
        });
        assert_eq!(lines.len(), 1);
    }
}
