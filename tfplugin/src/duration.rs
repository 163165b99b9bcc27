//! Lengths of time as the CLIs write them (Go's syntax): `300ms`, `45m`, `1h30m`.

use std::time::Duration;

const UNITS: [(&str, f64); 6] = [("h", 3600.0), ("ms", 1e-3), ("m", 60.0), ("us", 1e-6), ("ns", 1e-9), ("s", 1.0)];

/// Reads a duration; `None` if `text` is none, or a negative one.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
        seconds += number * factor;
        rest = &rest[unit.len()..];
    }
    Duration::try_from_secs_f64(seconds).ok()
}

/// Writes a duration in whole hours, minutes, seconds and milliseconds.
pub fn format(duration: Duration) -> String {
    let milliseconds = duration.subsec_millis();
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"), (u64::from(milliseconds), "ms")];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in [("45m", 2700.0), ("1h30m", 5400.0), ("1.5s", 1.5), ("300ms", 0.3), ("0s", 0.0)] {
            assert_eq!(parse(text), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "45", "m", "-1s", "1x", "1h 3m"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(format(Duration::from_millis(5_400_250)), "1h30m250ms");
        assert_eq!(format(Duration::ZERO), "0s");
    }
}
