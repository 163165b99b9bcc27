//! One line on stderr in the form that go-plugin reads: a JSON object with a level, a message, a
//! time and any further fields, short enough for its buffer.
//!
//! It does not know where events come from or whether they are wanted.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

/// go-plugin reads 64 KiB at a time, and takes a longer line for plain text in pieces.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024 - 1;

/// The longest string that is left whole in a line which is too long; halved until all fits.
const CUT_BYTES_FIRST: usize = 32 * 1024;

/// Below this, fields say nothing any more and are left out.
const CUT_BYTES_LAST: usize = 64;

/// What one line says.
#[derive(Debug)]
pub(super) struct LogLine<'a> {
    /// `trace`, `debug`, `info`, `warn` or `error`.
    pub(super) level: &'static str,
    pub(super) message: &'a str,
    /// The part of the program that speaks, as a Rust path.
    pub(super) module: &'a str,
    pub(super) time: SystemTime,
    pub(super) fields: Map<String, Value>,
}

impl LogLine<'_> {
    /// The line with its end, at most [`LINE_BYTES_MAX`] long: where it would be longer, its
    /// longest strings are cut.
    pub(super) fn into_text(self) -> String {
        // go-plugin crashes on a level, message or time that is not a string.
        let mut object = Map::new();
        object.insert("@level".into(), self.level.into());
        object.insert("@message".into(), self.message.into());
        object.insert("@module".into(), self.module.replace("::", ".").into());
        object.insert("@timestamp".into(), timestamp(self.time).into());
        let own = object.len();
        object.extend(self.fields.into_iter().filter(|(name, _)| !name.starts_with('@')));
        let mut text = line(&object);
        let mut limit_bytes = CUT_BYTES_FIRST;
        while text.len() > LINE_BYTES_MAX {
            if limit_bytes < CUT_BYTES_LAST {
                object = object.into_iter().take(own).collect();
            }
            object.values_mut().for_each(|value| cut(value, limit_bytes));
            text = line(&object);
            limit_bytes /= 2;
        }
        text
    }
}

fn line(object: &Map<String, Value>) -> String {
    // `serde_json` writes an object without line breaks, and escapes those within strings.
    let mut text = serde_json::to_string(object).unwrap_or_default();
    text.push('\n');
    text
}

/// Shortens a string to `limit_bytes`, and says so.
fn cut(value: &mut Value, limit_bytes: usize) {
    if let Value::String(text) = value
        && text.len() > limit_bytes
    {
        text.truncate(text.floor_char_boundary(limit_bytes));
        text.push_str("… (cut)");
    }
}

/// UTC, as go-plugin parses it: `2026-11-24T08:09:35.123456Z`.
fn timestamp(time: SystemTime) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let micros = since_epoch.subsec_micros();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day of the Gregorian calendar, `days` after 1 January 1970.
///
/// Years are counted from 1 March here, so that the leap day is a year's last and the lengths of
/// months follow one formula.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970: u64 = 719_468; // from 1 March of the year 0
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + DAYS_TO_1970;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample(message: &str, fields: Map<String, Value>) -> LogLine<'_> {
        LogLine {
            level: "info",
            message,
            module: "tfplugin::plugin::serve",
            time: UNIX_EPOCH + Duration::from_micros(1_795_507_775_000_042),
            fields,
        }
    }

    fn fields(pairs: &[(&str, &str)]) -> Map<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    }

    #[test]
    fn a_line_is_one_json_object() {
        let text = sample("two\nlines", fields(&[("region", "eu-west-1")])).into_text();
        assert_eq!(
            text,
            concat!(
                r#"{"@level":"info","@message":"two\nlines","@module":"tfplugin.plugin.serve","#,
                r#""@timestamp":"2026-11-24T08:09:35.000042Z","region":"eu-west-1"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn dates_are_right_around_leap_days() {
        let cases = [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_735_603_200, "2024-12-31"),
            (1_735_689_600, "2025-01-01"),
            (4_107_456_000, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ];
        for (seconds, expected) in cases {
            let text = timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(text, format!("{expected}T00:00:00.000000Z"), "{seconds}");
        }
    }

    /// The worst for each: escapes that make six bytes of one, and characters of several bytes.
    #[test]
    fn a_long_line_is_cut_and_stays_json() {
        let long = ["x".repeat(200_000), "\u{1}".repeat(200_000), "→".repeat(200_000)];
        for message in &long {
            let fields = fields(&[("body", message), ("region", "eu-west-1")]);
            let text = sample(message, fields).into_text();
            assert!(text.len() <= LINE_BYTES_MAX, "{}", text.len());
            assert!(text.len() > LINE_BYTES_MAX / 8, "{}", text.len());
            let read: Value = serde_json::from_str(&text).unwrap();
            assert!(read["@message"].as_str().unwrap().ends_with("… (cut)"));
            assert!(read["body"].as_str().unwrap().ends_with("… (cut)"));
            assert_eq!(read["region"], "eu-west-1");
            assert_eq!(text.matches('\n').count(), 1);
        }
    }

    #[test]
    fn too_many_fields_are_left_out() {
        let many = (0..5000).map(|n| (format!("field_{n}"), json!("some value"))).collect();
        let text = sample("kept", many).into_text();
        assert!(text.len() <= LINE_BYTES_MAX);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["@message"], "kept");
        assert_eq!(read.as_object().unwrap().len(), 4);
    }

    #[test]
    fn a_field_cannot_take_the_place_of_a_part_of_ours() {
        let text = sample("kept", fields(&[("@message", "other"), ("@level", "none")])).into_text();
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&read["@message"], &read["@level"]), (&json!("kept"), &json!("info")));
    }
}
