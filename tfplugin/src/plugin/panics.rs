//! What a panic looks like: one line on stderr with the place in the source and where to report it.
//!
//! In a call it does not end the process: the call is answered with a diagnostic, and the line is for
//! whoever reads the log. On the main thread it does: then the line has the form by which the CLIs
//! recognise that a plugin crashed, and show it to the person. Taking that form for each panic would
//! tell of a crash that did not happen.

use std::{
    io::{self, Write as _},
    panic, thread,
    time::SystemTime,
};

use serde_json::Map;

use super::log_line::LogLine;

/// The thread whose panic ends the process, as the standard library names it.
const MAIN: &str = "main";

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
    // The CLIs look for `panic: ` among debug lines only, for that is what plain text becomes.
    let (level, word) = if thread == MAIN { ("debug", "panic") } else { ("error", "a call panicked") };
    let message = format!(
        "{word}: {cause}, at {place}, in thread {thread}. This is a bug in the provider: please \
         report this line at {report_to}"
    );
    LogLine { level, message: &message, module: module_path!(), time: SystemTime::now(), fields: Map::new() }
        .into_text()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_line_says_what_where_and_whom_to_tell() {
        for (thread, level, word) in [("worker", "error", "a call panicked"), ("main", "debug", "panic")] {
            let text = line("no\nrank", "src/plan.rs:3:14", thread, "https://example.com/issues");
            assert_eq!(text.matches('\n').count(), 1);
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read["@level"], level);
            assert_eq!(
                read["@message"],
                format!(
                    "{word}: no\nrank, at src/plan.rs:3:14, in thread {thread}. This is a bug in \
                     the provider: please report this line at https://example.com/issues"
                )
            );
        }
    }
}
