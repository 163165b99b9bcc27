//! Times in attributes: RFC 3339, in UTC.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// Returns the current time.
pub fn now() -> String {
    written(DateTime::from(SystemTime::now()))
}

/// Parses the time in an attribute. Returns `None` if it is not valid.
pub fn read(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTime).ok()
}

fn written(time: DateTime) -> String {
    // Only years of five digits cannot be formatted.
    time.fmt(Format::DateTime).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let time = DateTime::from_secs(1_800_000_000);
        assert_eq!(written(time), "2027-01-15T08:00:00Z");
        assert_eq!(read(&written(time)), Some(time));
        assert!(read(&now()).is_some());
        assert_eq!(read("yesterday"), None);
    }
}
