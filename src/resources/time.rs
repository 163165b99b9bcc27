//! Times as attributes have them: RFC 3339, in UTC.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// The time now.
pub fn now() -> String {
    written(DateTime::from(SystemTime::now()))
}

/// The time that an attribute has; `None` if it is none.
pub fn read(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTime).ok()
}

fn written(time: DateTime) -> String {
    // Only a year of five digits can't be written so.
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
