//! Numbers of any size, as the CLIs have them.
//!
//! The configuration language has one kind of number, exact in decimal. A [`Number`] is kept as sign, digits and a
//! power of ten in one canonical form, so that `1`, `1.0` and `10e-1` are equal. It does no arithmetic.
//!
//! The CLIs keep 512 bits, some 154 digits, and so does a number that one of them has computed. Here there may be as
//! many digits as there are, and any power of ten of 32 bits.

use std::fmt;
use std::str::FromStr;

/// A number with a greater power of ten, up or down, is written with an exponent: zeros would only fill the memory.
const PLAIN: u32 = 400;

/// An exact decimal number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number {
    negative: bool,
    /// Without leading or trailing zeros; empty for zero.
    digits: String,
    /// Power of ten by which `digits`, read as an integer, is multiplied; 0 for zero.
    exponent: i32,
}

/// A text that is not a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotANumber;

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a number")
    }
}

impl std::error::Error for NotANumber {}

impl Number {
    fn canonical(negative: bool, digits: &str, exponent: i64) -> Result<Self, NotANumber> {
        let trimmed = digits.trim_start_matches('0');
        let significant = trimmed.trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Number { negative: false, digits: String::new(), exponent: 0 });
        }
        let exponent = exponent + (trimmed.len() - significant.len()) as i64;
        let exponent = i32::try_from(exponent).map_err(|_| NotANumber)?;
        Ok(Number { negative, digits: significant.to_owned(), exponent })
    }

    /// The value of a finite float, exactly; `None` for infinities and NaN.
    pub fn from_f64(value: f64) -> Option<Self> {
        // 1,074 places hold every bit of the smallest float.
        value.is_finite().then(|| format!("{value:.1074}").parse().ok()).flatten()
    }

    /// As an `i64`, if it is an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        if self.exponent < 0 || self.exponent > 19 {
            return None;
        }
        self.to_string().parse().ok()
    }

    /// As the nearest float; infinite if it is beyond the greatest one.
    pub fn as_f64(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        format!("{sign}{digits}e{}", self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// As a float, only if nothing is lost by it.
    pub fn as_exact_f64(&self) -> Option<f64> {
        let float = self.as_f64();
        (Number::from_f64(float).as_ref() == Some(self)).then_some(float)
    }

    /// Whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().map_err(|_| NotANumber)?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotANumber);
        }
        Number::canonical(negative, &digits, i64::from(exponent) - fraction.len() as i64)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        let digits = value.unsigned_abs().to_string();
        Number::canonical(value < 0, &digits, 0).unwrap_or(Number {
            negative: false,
            digits: String::new(),
            exponent: 0,
        })
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Number::canonical(false, &value.to_string(), 0).unwrap_or(Number {
            negative: false,
            digits: String::new(),
            exponent: 0,
        })
    }
}

/// In plain decimal; with an exponent where there would be hundreds of zeros.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        if self.exponent.unsigned_abs() > PLAIN + self.digits.len() as u32 {
            return write!(f, "{}e{}", self.digits, self.exponent);
        }
        if self.exponent >= 0 {
            return write!(f, "{}{}", self.digits, "0".repeat(self.exponent as usize));
        }
        let places = self.exponent.unsigned_abs() as usize;
        if self.digits.len() > places {
            let (whole, fraction) = self.digits.split_at(self.digits.len() - places);
            write!(f, "{whole}.{fraction}")
        } else {
            write!(f, "0.{}{}", "0".repeat(places - self.digits.len()), self.digits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_form() {
        for (text, plain) in [
            ("1", "1"),
            ("1.0", "1"),
            ("10e-1", "1"),
            ("-0", "0"),
            ("0.10", "0.1"),
            ("-12.5e3", "-12500"),
            ("18446744073709551615", "18446744073709551615"),
            ("1e20", "100000000000000000000"),
            ("0.001", "0.001"),
            ("-1.50e3000", "-15e2999"),
            ("1e-3000", "1e-3000"),
            ("1e99999", "1e99999"),
        ] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), plain, "{text}");
        }
        for text in ["", "-", "x", "1x", "1e", "0x10", "NaN", "1e4294967296", "1e99999999999999999999"] {
            assert_eq!(text.parse::<Number>(), Err(NotANumber), "{text}");
        }
    }

    #[test]
    fn there_may_be_any_number_of_digits() {
        let long = "7".repeat(100_000);
        assert_eq!(long.parse::<Number>().unwrap().to_string(), long);
        let small = format!("0.{}1", "0".repeat(100_000));
        assert_eq!(small.parse::<Number>().unwrap().to_string(), "1e-100001");
        let huge: Number = "1e3000".parse().unwrap();
        assert_eq!((huge.as_i64(), huge.as_f64(), huge.is_integer()), (None, f64::INFINITY, true));
    }

    #[test]
    fn floats_are_taken_exactly() {
        assert_eq!(Number::from_f64(0.5), "0.5".parse().ok());
        assert_ne!(Number::from_f64(0.1), "0.1".parse().ok(), "a float of 0.1 is not 0.1");
        assert_eq!("0.1".parse::<Number>().unwrap().as_exact_f64(), None);
        assert_eq!(Number::from_f64(f64::NAN), None);
    }

    #[test]
    fn integers_come_back() {
        for value in [0, 1, -1, 100, i64::MAX, i64::MIN] {
            assert_eq!(Number::from(value).as_i64(), Some(value));
        }
        assert_eq!(Number::from(u64::MAX).as_i64(), None);
        assert_eq!("1.5".parse::<Number>().unwrap().as_i64(), None);
    }
}
