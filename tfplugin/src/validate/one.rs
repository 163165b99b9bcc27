//! Checks of single values.

use std::ops::RangeInclusive;

/// A whole number in `range`.
pub fn range(range: RangeInclusive<i64>) -> impl Fn(&i64) -> Result<(), String> {
    move |number| {
        let fault = || format!("{number} is not from {} to {}.", range.start(), range.end());
        range.contains(number).then_some(()).ok_or_else(fault)
    }
}

/// A text of as many characters as `range` says.
pub fn length(range: RangeInclusive<usize>) -> impl Fn(&str) -> Result<(), String> {
    move |text| {
        let count = text.chars().count();
        let fault = || format!("It has {count} characters; allowed are {} to {}.", range.start(), range.end());
        range.contains(&count).then_some(()).ok_or_else(fault)
    }
}

/// A text made of letters and digits of ASCII and of the characters in `others`.
pub fn characters(others: &'static str) -> impl Fn(&str) -> Result<(), String> {
    move |text| {
        let wrong = text.chars().find(|letter| !letter.is_ascii_alphanumeric() && !others.contains(*letter));
        wrong.map_or(Ok(()), |wrong| {
            let others: Vec<_> = others.chars().map(|other| format!("`{other}`")).collect();
            Err(format!("{wrong:?} is not allowed; allowed are letters, digits, {}.", others.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(range(1..=100)(&101), Err("101 is not from 1 to 100.".to_owned()));
        assert_eq!(range(1..=100)(&100), Ok(()));
        assert!(length(3..=4)("ab").is_err() && length(3..=4)("äöü").is_ok());
        assert!(characters("._-")("a b").is_err() && characters("._-")("a.b").is_ok());
    }
}
