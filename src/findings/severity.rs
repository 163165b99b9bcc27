//! The four severity levels of GuardDuty's console and documentation, and their numbers.
//!
//! A finding only has a number, from 1.0 to 10.0 (GuardDuty user guide, "Severity levels of findings"). This file does
//! not know how a number is matched.

use std::fmt;
use std::str::FromStr;

use tfplugin::suggest;

/// A severity level, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 1.0 to 3.9: suspicious activity that was stopped.
    Low,
    /// 4.0 to 6.9: activity that deviates from normal behavior.
    Medium,
    /// 7.0 to 8.9: the resource is compromised.
    High,
    /// 9.0 to 10.0: a multi-step attack is in progress or has succeeded.
    Critical,
}

impl Severity {
    /// All levels, in ascending order.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Returns the name in upper case, as in the AWS APIs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }

    /// Returns the minimum and the maximum number of this level, both inclusive, as documented.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Low => (1.0, 3.9),
            Self::Medium => (4.0, 6.9),
            Self::High => (7.0, 8.9),
            Self::Critical => (9.0, 10.0),
        }
    }

    /// Returns the level of a number. Numbers between 8.9 and 9.0, which the documentation does not assign, have the
    /// lower level.
    pub fn of(number: f64) -> Option<Self> {
        let is_severity = (1.0..=10.0).contains(&number);
        Self::ALL.into_iter().rev().find(|level| is_severity && level.range().0 <= number)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A text that is not a severity level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSeverity(String);

impl fmt::Display for UnknownSeverity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Severity::ALL.map(Severity::name);
        write!(formatter, "\"{}\" is not a severity", self.0)?;
        match suggest::nearest(&self.0, names) {
            Some(nearest) => write!(formatter, ": did you mean \"{nearest}\"?"),
            None => write!(formatter, ": choose from {}", names.join(", ")),
        }
    }
}

impl std::error::Error for UnknownSeverity {}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let level = Self::ALL.into_iter().find(|level| level.name() == text);
        level.ok_or_else(|| UnknownSeverity(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Severity;

    #[test]
    fn every_name_is_read_back() {
        assert!(Severity::ALL.iter().all(|level| level.name().parse() == Ok(*level)));
    }

    #[test]
    fn an_unknown_name_is_refused_with_what_is_allowed() {
        let refused = |text: &str| text.parse::<Severity>().unwrap_err().to_string();
        assert_eq!(refused("high"), "\"high\" is not a severity: did you mean \"HIGH\"?");
        assert_eq!(refused("7"), "\"7\" is not a severity: choose from LOW, MEDIUM, HIGH, CRITICAL");
    }

    #[test]
    fn every_number_has_one_level() {
        let levels = [1.0, 3.9, 3.95, 4.0, 6.9, 7.0, 8.0, 8.9, 9.0, 10.0].map(Severity::of);
        use Severity::{Critical, High, Low, Medium};
        let expected = [Low, Low, Low, Medium, Medium, High, High, High, Critical, Critical];
        assert_eq!(levels, expected.map(Some));
        assert_eq!([0.0, 0.9, 10.1].map(Severity::of), [None; 3]);
    }
}
