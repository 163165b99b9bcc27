//! Lengths of time as the CLIs write them (Go's syntax): `300ms`, `45m`, `1h30m`.

use std::time::Duration;

/// The units and their nanoseconds, those first that begin with another one. A millionth is written with either of the
/// two letters that look alike.
const UNITS: [(&str, u128); 8] = [
    ("ms", 1_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ns", 1),
];

/// Reads a duration, to the nanosecond; `None` if `text` is none, or a negative one.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds: u128 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, factor) = UNITS.iter().find(|(unit, _)| after.starts_with(unit))?;
        nanoseconds = nanoseconds.checked_add(times(number, *factor)?)?;
        rest = &after[unit.len()..];
    }
    let seconds = u64::try_from(nanoseconds / NANOSECONDS).ok()?;
    Some(Duration::new(seconds, u32::try_from(nanoseconds % NANOSECONDS).ok()?))
}

/// A second's.
const NANOSECONDS: u128 = 1_000_000_000;

/// `number` times `factor`, without what is less than one.
fn times(number: &str, factor: u128) -> Option<u128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() || part.contains('.') {
        return None;
    }
    let digits = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<u128>().ok() };
    let whole = digits(whole)?.checked_mul(factor)?;
    // No unit has more than 13 digits: what comes after them is less than a nanosecond.
    let part = &part[..part.len().min(13)];
    let of_part = digits(part)? * factor / 10_u128.pow(part.len() as u32);
    whole.checked_add(of_part)
}

/// Writes a duration in whole hours, minutes, and so on.
pub fn format(duration: Duration) -> String {
    let (seconds, nanoseconds) = (duration.as_secs(), u64::from(duration.subsec_nanos()));
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
        (nanoseconds / 1_000_000, "ms"),
        (nanoseconds / 1_000 % 1_000, "us"),
        (nanoseconds % 1_000, "ns"),
    ];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// A duration as a person says it: `1 hour 30 minutes`. What is less than a second is left out.
pub fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, "hour"), (seconds / 60 % 60, "minute"), (seconds % 60, "second")];
    let word = |(count, unit): &(u64, &str)| format!("{count} {unit}{}", if *count == 1 { "" } else { "s" });
    let words: Vec<_> = parts.iter().filter(|(count, _)| *count > 0).map(word).collect();
    if words.is_empty() { "0 seconds".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_words() {
        for (seconds, words) in [
            (2700, "45 minutes"),
            (5400, "1 hour 30 minutes"),
            (3601, "1 hour 1 second"),
            (90, "1 minute 30 seconds"),
            (7200, "2 hours"),
            (0, "0 seconds"),
        ] {
            assert_eq!(super::words(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in [("45m", 2700.0), ("1h30m", 5400.0), ("1.5s", 1.5), ("300ms", 0.3), ("0s", 0.0)] {
            assert_eq!(parse(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for (text, nanoseconds) in [
            ("1500us", 1_500_000),
            ("1.5\u{b5}s", 1_500),
            ("1.5\u{3bc}s", 1_500),
            ("+1ns", 1),
            ("0", 0),
            (".1ms", 100_000),
            ("1.s", 1_000_000_000),
            ("0.123456789123456789s", 123_456_789),
            ("2562047h47m16.854775807s", 9_223_372_036_854_775_807),
        ] {
            assert_eq!(parse(text), Some(Duration::from_nanos(nanoseconds)), "{text}");
        }
        for text in ["", "45", "m", "-1s", "1x", "1h 3m", ".s", "1.2.3s", "+", "1s2", "99999999999999999999999999h"] {
            assert_eq!(parse(text), None, "{text}");
        }
        let exact = Duration::from_nanos(3_600_001_002_003);
        assert_eq!((format(exact).as_str(), parse("1h1ms2us3ns")), ("1h1ms2us3ns", Some(exact)));
        assert_eq!(format(Duration::from_millis(5_400_250)), "1h30m250ms");
        assert_eq!(format(Duration::ZERO), "0s");
    }
}
