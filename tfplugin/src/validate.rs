//! Checks of single values, to be named in `#[attr(validate = ...)]`.
//!
//! Each returns what is wrong and what is allowed, in a sentence.

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

/// The id of an AWS account: 12 digits.
///
/// # Errors
/// That it is none.
pub fn account_id(text: &str) -> Result<(), String> {
    let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    valid.then_some(()).ok_or_else(|| format!("{text:?} is not an AWS account id: 12 digits."))
}

/// An ARN of `service`: `arn:PARTITION:SERVICE:...`.
pub fn arn(service: &'static str) -> impl Fn(&str) -> Result<(), String> {
    move |text| {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let valid = parts.len() == 6 && parts[0] == "arn" && parts[1].starts_with("aws") && !parts[5].is_empty();
        if !valid {
            return Err(format!("{text:?} is not an ARN; one of {service} begins with `arn:aws:{service}:`."));
        }
        let fits = parts[2] == service;
        fits.then_some(()).ok_or_else(|| format!("{text:?} is an ARN of {:?}, not of {service:?}.", parts[2]))
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
        assert!(account_id("12345678901").is_err() && account_id("111122223333").is_ok());
        assert!(arn("sns")("arn:aws:sqs:us-east-1:111122223333:q").is_err());
        assert!(arn("sns")("arn:aws-cn:sns:cn-north-1:111122223333:t").is_ok() && arn("sns")("topic").is_err());
    }
}
