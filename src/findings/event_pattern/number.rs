//! When EventBridge treats two JSON numbers as the same number.
//!
//! EventBridge compares numbers as IEEE 754 doubles, but only numbers that a double holds exactly: `5`, `5.0` and `5e0`
//! are the same number, while `12345678901234567890` has no exact double and is compared as text. This file does not
//! know what a pattern is.

/// Returns the double for `text`, or `None` if the shortest decimal of that double is another number.
pub(super) fn comparable(text: &str) -> Option<f64> {
    let double: f64 = text.parse().ok()?;
    let is_exact = double.is_finite() && Decimal::parse(text)? == Decimal::parse(&format!("{double:e}"))?;
    // Adding zero turns -0.0 into 0.0. Both are equal, so they must be written the same.
    is_exact.then_some(double + 0.0)
}

/// A decimal number in the form that equal numbers share: `digits` has no zero at either end.
#[derive(PartialEq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));

        let all_digits = format!("{whole}{fraction}");
        let significant = all_digits.trim_end_matches('0');
        let trailing_zeros = all_digits.len() - significant.len();
        let digits = significant.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, exponent: 0 });
        }
        let shift = i64::try_from(trailing_zeros).ok()? - i64::try_from(fraction.len()).ok()?;
        Some(Self { is_negative: text.starts_with('-'), digits, exponent: i64::from(exponent) + shift })
    }
}

#[cfg(test)]
mod tests {
    use super::comparable;

    #[test]
    fn spellings_of_one_number_are_equal() {
        for text in ["300", "300.0", "3e2", "3E+2", "0.3e3", "30000e-2"] {
            assert_eq!(comparable(text), Some(300.0), "{text}");
        }
        assert_eq!(comparable("-0").map(f64::to_bits), Some(0));
        assert_eq!(comparable("-0.0e5").map(f64::to_bits), Some(0));
        assert_eq!(comparable("-7.50"), Some(-7.5));
    }

    #[test]
    fn numbers_that_no_double_holds_are_not_comparable() {
        for text in ["12345678901234567890", "0.10000000000000001", "1e400", "1e-400", "9007199254740993"] {
            assert_eq!(comparable(text), None, "{text}");
        }
        assert_eq!(comparable("111122223333"), Some(111_122_223_333.0));
        assert_eq!(comparable("0.1"), Some(0.1));
    }

    #[test]
    fn what_is_no_json_number_is_not_comparable() {
        for text in ["true", "null", "\"5\"", "", "NaN", "inf"] {
            assert_eq!(comparable(text), None, "{text}");
        }
    }
}
