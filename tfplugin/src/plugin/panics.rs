//! What a panic looks like: one line on stderr in the form by which the CLIs recognise a plugin's
//! panic and show it to the person, with the place in the source and where to report it.
//!
//! It does not end the process: a call that panics is answered with a diagnostic.

use std::{
    io::{self, Write as _},
    panic, thread,
    time::SystemTime,
};

use serde_json::Map;

use super::log_line::LogLine;

/// Reports panics on stderr from now on, whatever the log level. `report_to` is the address for
/// bug reports.
pub fn install(report_to: impl Into<String>) {
    let report_to = report_to.into();
    panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or("an unknown place".into(), ToString::to_string);
        let cause = panic.payload_as_str().unwrap_or("a value that is no text");
        let current = thread::current();
        let line = line(cause, &place, current.name().unwrap_or("unnamed"), &report_to);
        // There is no place left to report that stderr is gone.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }));
}

fn line(cause: &str, place: &str, thread: &str, report_to: &str) -> String {
    let message = format!(
        "panic: {cause}, at {place}, in thread {thread}. This is a bug in the provider: please \
         report this line at {report_to}"
    );
    LogLine {
        // The CLIs look for `panic: ` among debug lines only, for that is what plain text becomes.
        level: "debug",
        message: &message,
        module: module_path!(),
        time: SystemTime::now(),
        fields: Map::new(),
    }
    .into_text()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_line_says_what_where_and_whom_to_tell() {
        let text = line("no\nrank", "src/plan.rs:3:14", "worker", "https://example.com/issues");
        assert_eq!(text.matches('\n').count(), 1);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["@level"], "debug");
        assert_eq!(
            read["@message"],
            "panic: no\nrank, at src/plan.rs:3:14, in thread worker. This is a bug in the \
             provider: please report this line at https://example.com/issues"
        );
    }
}
