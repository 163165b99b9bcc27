//! The spans that are opened while something runs.

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Subscriber, subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

/// The RPCs whose spans were opened.
#[derive(Clone, Default)]
struct Opened(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Opened {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        attributes.record(&mut self.clone());
    }
}

impl Visit for Opened {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "rpc" {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Runs `run`; the RPCs whose spans were opened on this thread meanwhile.
pub fn opened(run: impl FnOnce()) -> Vec<String> {
    let opened = Opened::default();
    subscriber::with_default(Registry::default().with(opened.clone()), run);
    opened.0.lock().unwrap().clone()
}
