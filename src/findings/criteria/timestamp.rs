//! Converts RFC 3339 dates to milliseconds since 1970 and back.
//!
//! It only supports what a filter's bound needs: the Gregorian calendar, no leap seconds, no clock, no other format.

const MILLISECONDS_PER_SECOND: i64 = 1_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Returns the milliseconds since 1970 of a date such as `2026-11-20T10:05:00Z` or `2026-11-20T10:05:00.5+01:00`.
/// Digits beyond milliseconds are truncated.
pub(super) fn parse_milliseconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (clock, offset_seconds) = split_offset(time)?;
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;

    let is_date = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second;
    Some((seconds - offset_seconds) * MILLISECONDS_PER_SECOND + fraction.map_or(Some(0), milliseconds_of)?)
}

/// Returns the date of a number of milliseconds since 1970, in UTC, with milliseconds only if they are not zero.
pub(super) fn format_milliseconds(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(MILLISECONDS_PER_SECOND);
    let (year, month, day) = date_of(seconds.div_euclid(SECONDS_PER_DAY));
    let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
    let fraction = match milliseconds.rem_euclid(MILLISECONDS_PER_SECOND) {
        0 => String::new(),
        fraction => format!(".{fraction:03}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

fn numbers<const COUNT: usize>(text: &str, separator: char, lengths: [usize; COUNT]) -> Option<[i64; COUNT]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let parts: [&str; COUNT] = parts.try_into().ok()?;
    let is_written_so = parts.iter().zip(lengths).all(|(part, length)| part.len() == length && is_digits(part));
    is_written_so.then(|| parts.map(|part| part.parse().unwrap_or_default()))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let place = time.rfind(['+', '-'])?;
    let (clock, offset) = time.split_at(place);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let [hours, minutes] = numbers(&offset[1..], ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some((clock, sign * (hours * 3_600 + minutes * 60)))
}

fn milliseconds_of(fraction: &str) -> Option<i64> {
    let three_digits: String = fraction.chars().chain("00".chars()).take(3).collect();
    is_digits(fraction).then(|| three_digits.parse().ok())?
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let years = year - 1;
    let days_before_year = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    let days_before_month: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    const DAYS_BEFORE_1970: i64 = 719_162;
    days_before_year + days_before_month + day - 1 - DAYS_BEFORE_1970
}

/// Returns year, month and day. The year is first estimated from its mean length, then corrected by at most one.
fn date_of(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + (days * 400).div_euclid(146_097);
    while days_since_1970(year, 1, 1) > days {
        year -= 1;
    }
    while days_since_1970(year + 1, 1, 1) <= days {
        year += 1;
    }
    let mut month = 12;
    while days_since_1970(year, month, 1) > days {
        month -= 1;
    }
    (year, month, days - days_since_1970(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::{format_milliseconds, parse_milliseconds};

    #[test]
    fn dates_are_milliseconds() {
        assert_eq!(parse_milliseconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse_milliseconds("2026-11-20T10:05:00Z"), Some(1_795_169_100_000));
        assert_eq!(parse_milliseconds("2026-11-20T11:05:00.5+01:00"), Some(1_795_169_100_500));
        assert_eq!(parse_milliseconds("2024-02-29t23:59:59.999999z"), Some(1_709_251_199_999));
        assert_eq!(parse_milliseconds("1969-12-31T23:59:59.999Z"), Some(-1));
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in ["", "7", "2026-11-20", "2026-11-20T10:05Z", "2026-11-20T10:05:00", "2026-02-29T00:00:00Z"] {
            assert_eq!(parse_milliseconds(text), None, "{text}");
        }
        for text in ["2026-13-01T00:00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z"] {
            assert_eq!(parse_milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_is_read_back() {
        for day in (-800_000..800_000).step_by(97) {
            let milliseconds = day * 86_400_000 + 1;
            let text = format_milliseconds(milliseconds);
            if (0..10_000).contains(&text[..4].parse::<i64>().unwrap_or(-1)) && !text.starts_with('-') {
                assert_eq!(parse_milliseconds(&text), Some(milliseconds), "{text}");
            }
        }
        assert_eq!(format_milliseconds(1_795_169_100_000), "2026-11-20T10:05:00Z");
    }
}
