//! The bounds of a filter's comparisons: integers in GuardDuty, numbers or dates in the configuration.
//!
//! A number is always kept as a number. A date is only parsed for fields that are dates. This file does not compare
//! bounds.

use super::fields::{check_field, is_timestamp};
use super::timestamp::{format_milliseconds, parse_milliseconds};

/// Parses a bound of `field`: an integer or, for a date field, an RFC 3339 date, which is converted to milliseconds
/// since 1970.
///
/// # Errors
/// The reason why it is neither.
pub fn parse_bound(field: &str, text: &str) -> Result<i64, String> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let may_be_date = is_timestamp(field) || check_field(field).is_err();
    match (may_be_date, parse_milliseconds(text)) {
        (true, Some(milliseconds)) => Ok(milliseconds),
        (true, None) => Err(format!(
            "\"{text}\" is neither a date like \"2026-01-31T00:00:00Z\" nor a whole number of milliseconds since 1970"
        )),
        (false, Some(_)) => Err(format!("{field} is a number, so it can't be compared with the date \"{text}\"")),
        (false, None) => Err(format!("\"{text}\" is not a whole number: GuardDuty compares with whole numbers only")),
    }
}

/// Formats a bound of `field` as the user does: as `spelling` if it has the value `bound`, otherwise as a date if
/// `spelling` is one or does not exist, otherwise as a number.
pub fn format_bound(field: &str, bound: i64, spelling: Option<&str>) -> String {
    match spelling {
        Some(spelling) if parse_bound(field, spelling) == Ok(bound) => spelling.to_owned(),
        Some(spelling) if parse_milliseconds(spelling).is_some() => format_milliseconds(bound),
        None if is_timestamp(field) => format_milliseconds(bound),
        _ => bound.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{format_bound, parse_bound};

    const DATE: &str = "2026-11-20T11:05:00+01:00";
    const MILLISECONDS: i64 = 1_795_169_100_000;

    #[test]
    fn numbers_stay_numbers() {
        assert_eq!(parse_bound("severity", "7"), Ok(7));
        assert_eq!(parse_bound("updatedAt", "1795169100000"), Ok(MILLISECONDS));
        assert_eq!(format_bound("severity", 7, Some("4")), "7");
        assert_eq!(format_bound("updatedAt", MILLISECONDS, Some("1795169100000")), "1795169100000");
        assert_eq!(format_bound("severity", 0, None), "0");
    }

    #[test]
    fn dates_are_read_only_where_the_field_is_one() {
        assert_eq!(parse_bound("createdAt", DATE), Ok(MILLISECONDS));
        assert_eq!(
            parse_bound("service.somethingNewAt", DATE),
            Ok(MILLISECONDS),
            "a field that is not known may be one"
        );
        assert_eq!(format_bound("createdAt", MILLISECONDS, None), "2026-11-20T10:05:00Z", "nobody has spelled it");
        assert!(parse_bound("severity", DATE).unwrap_err().contains("severity is a number"));
        assert!(parse_bound("severity", "7.5").unwrap_err().contains("whole numbers only"));
        assert!(parse_bound("updatedAt", "yesterday").unwrap_err().contains("neither a date"));
    }

    #[test]
    fn a_bound_keeps_the_spelling_of_the_user() {
        assert_eq!(format_bound("updatedAt", MILLISECONDS, Some(DATE)), DATE);
        assert_eq!(format_bound("updatedAt", MILLISECONDS + 1_000, Some(DATE)), "2026-11-20T10:05:01Z");
        assert_eq!(format_bound("severity", 7, Some("+7")), "+7");
    }
}
