//! The criteria of a GuardDuty filter: fields, conditions and limits.
//!
//! - `fields` knows the fields and which of them are dates.
//! - `bound` parses and formats the bounds of comparisons.
//! - `silence` determines which findings an archiving filter would withhold from a rule.
//!
//! Source: GuardDuty API reference, `CreateFilter` and `Condition`. This module does not know the name, rank or action
//! of a filter.

mod bound;
mod fields;
mod silence;
mod timestamp;

pub use bound::{format_bound, parse_bound};
pub use fields::{all_fields, check_field, is_timestamp, nearest_field};
pub use silence::{Silence, silences};

use super::finding_match::unknown_type;
use super::severity::Severity;

/// Maximum number of values of `equals` and `not_equals` in a condition.
pub const EQUALS_MAX: usize = 50;

/// Maximum number of values of `matches` and `not_matches` in a condition.
pub const MATCHES_MAX: usize = 5;

/// Condition on one field. All of its parts must hold. For a list, one value must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// The field has one of these values.
    pub equals: Vec<String>,
    /// The field has none of these values.
    pub not_equals: Vec<String>,
    /// Lower bound (exclusive).
    pub greater_than: Option<i64>,
    /// Lower bound (inclusive).
    pub greater_than_or_equal: Option<i64>,
    /// Upper bound (exclusive).
    pub less_than: Option<i64>,
    /// Upper bound (inclusive).
    pub less_than_or_equal: Option<i64>,
    /// The field matches one of these patterns, in which `*` matches any characters.
    pub matches: Vec<String>,
    /// The field matches none of these patterns.
    pub not_matches: Vec<String>,
}

/// A part of a condition, named after the attribute of `guardduty_filter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `equals`
    Equals,
    /// `not_equals`
    NotEquals,
    /// `greater_than`
    GreaterThan,
    /// `greater_than_or_equal`
    GreaterThanOrEqual,
    /// `less_than`
    LessThan,
    /// `less_than_or_equal`
    LessThanOrEqual,
    /// `matches`
    Matches,
    /// `not_matches`
    NotMatches,
}

impl Operator {
    /// Returns the name of the attribute.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::GreaterThan => "greater_than",
            Self::GreaterThanOrEqual => "greater_than_or_equal",
            Self::LessThan => "less_than",
            Self::LessThanOrEqual => "less_than_or_equal",
            Self::Matches => "matches",
            Self::NotMatches => "not_matches",
        }
    }

    /// Returns the maximum number of values.
    pub fn values_max(self) -> usize {
        match self {
            Self::Equals | Self::NotEquals => EQUALS_MAX,
            Self::Matches | Self::NotMatches => MATCHES_MAX,
            _ => 1,
        }
    }
}

/// A problem with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The part with the problem, or `None` for the condition as a whole.
    pub operator: Option<Operator>,
    /// The problem, and how to fix it.
    pub message: String,
}

impl Fault {
    fn new(operator: impl Into<Option<Operator>>, message: impl Into<String>) -> Self {
        Self { operator: operator.into(), message: message.into() }
    }
}

impl Condition {
    /// Returns whether the condition is empty, which GuardDuty refuses.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// Returns everything in a condition on `field` that GuardDuty would refuse or that can never match.
    pub fn faults(&self, field: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.is_empty() {
            faults
                .push(Fault::new(None, format!("asks nothing of {field}: set equals, a bound, or another condition")));
        }
        faults.extend(self.lists().into_iter().filter_map(|(operator, values)| count_fault(operator, values.len())));
        faults.extend(self.severity_faults(field));
        faults.extend(self.empty_range_fault());
        faults
    }

    /// Returns everything in a condition on `field` that may never match: unknown finding types.
    pub fn doubts(&self, field: &str) -> Vec<Fault> {
        let values = self.lists().into_iter().filter(|_| field == "type").flat_map(|(operator, values)| {
            values.iter().filter_map(move |value| Some(Fault::new(operator, unknown_type(value)?)))
        });
        values.collect()
    }

    fn lists(&self) -> [(Operator, &[String]); 4] {
        [
            (Operator::Equals, &self.equals),
            (Operator::NotEquals, &self.not_equals),
            (Operator::Matches, &self.matches),
            (Operator::NotMatches, &self.not_matches),
        ]
    }

    fn bounds(&self) -> [(Operator, Option<i64>); 4] {
        [
            (Operator::GreaterThan, self.greater_than),
            (Operator::GreaterThanOrEqual, self.greater_than_or_equal),
            (Operator::LessThan, self.less_than),
            (Operator::LessThanOrEqual, self.less_than_or_equal),
        ]
    }

    fn severity_faults(&self, field: &str) -> Vec<Fault> {
        if field != "severity" {
            return Vec::new();
        }
        let is_outside = |bound: i64| !(0..=10).contains(&bound);
        let message = |bound: i64| format!("{bound} is no severity: severities are numbers from 1 to 10");
        let bounds = self.bounds().into_iter().filter_map(|(operator, bound)| Some((operator, bound?)));
        bounds
            .filter(|(_, bound)| is_outside(*bound))
            .map(|(operator, bound)| Fault::new(operator, message(bound)))
            .chain(self.equals.iter().filter_map(|value| level_fault(value)))
            .collect()
    }

    /// Refuses an empty range. Severities have fractions, so only a range without any number is empty.
    fn empty_range_fault(&self) -> Option<Fault> {
        let (low, is_low_included) = stricter(self.greater_than_or_equal, self.greater_than, i64::max)?;
        let (high, is_high_included) = stricter(self.less_than_or_equal, self.less_than, i64::min)?;
        let is_empty = low > high || (low == high && !(is_low_included && is_high_included));
        let operator = if is_high_included { Operator::LessThanOrEqual } else { Operator::LessThan };
        is_empty.then(|| Fault::new(operator, format!("no number is above the lower bound {low} and below {high}")))
    }
}

fn count_fault(operator: Operator, count: usize) -> Option<Fault> {
    let count_max = operator.values_max();
    let message = format!("has {count} values, but a condition takes {count_max} at most: use a second filter");
    (count > count_max).then(|| Fault::new(operator, message))
}

/// Refuses the name of a severity level: `severity` is compared with numbers, so it never equals a name.
fn level_fault(value: &str) -> Option<Fault> {
    let level: Severity = value.to_uppercase().parse().ok()?;
    let (low, high) = level.range();
    let message =
        format!("\"{value}\" never equals a severity, which is a number: {level} is from {low:.1} to {high:.1}");
    Some(Fault::new(Operator::Equals, message))
}

fn stricter(included: Option<i64>, excluded: Option<i64>, choose: fn(i64, i64) -> i64) -> Option<(i64, bool)> {
    match (included, excluded) {
        (Some(included), Some(excluded)) if choose(included, excluded) == excluded => Some((excluded, false)),
        (Some(included), _) => Some((included, true)),
        (None, excluded) => Some((excluded?, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Condition, Operator};

    fn faults(field: &str, condition: &Condition) -> Vec<(Option<Operator>, String)> {
        condition.faults(field).into_iter().map(|fault| (fault.operator, fault.message)).collect()
    }

    #[test]
    fn a_condition_has_to_ask_something() {
        let [(operator, message)] = faults("type", &Condition::default()).try_into().unwrap();
        assert_eq!(operator, None);
        assert_eq!(message, "asks nothing of type: set equals, a bound, or another condition");
    }

    #[test]
    fn lists_have_limits() {
        let values = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
        let full = Condition { equals: values(50), matches: values(5), ..Condition::default() };
        assert_eq!(faults("id", &full), []);
        let over = Condition { not_equals: values(51), not_matches: values(6), ..Condition::default() };
        let operators: Vec<_> = faults("id", &over).into_iter().map(|(operator, _)| operator).collect();
        assert_eq!(operators, [Some(Operator::NotEquals), Some(Operator::NotMatches)]);
    }

    #[test]
    fn a_range_has_to_have_room() {
        let range = |low, high| Condition { greater_than_or_equal: low, less_than: high, ..Condition::default() };
        assert_eq!(faults("service.count", &range(Some(4), Some(7))), []);
        assert_eq!(faults("service.count", &range(Some(4), None)), []);
        assert_eq!(faults("service.count", &range(Some(4), Some(4)))[0].0, Some(Operator::LessThan));
        let one = Condition { greater_than_or_equal: Some(4), less_than_or_equal: Some(4), ..Condition::default() };
        assert_eq!(faults("service.count", &one), []);
        let none = Condition { greater_than: Some(4), ..one };
        assert_eq!(faults("service.count", &none)[0].1, "no number is above the lower bound 4 and below 4");
    }

    #[test]
    fn unknown_finding_types_are_doubted() {
        let condition = Condition {
            equals: vec!["CryptoCurrency:Runtime/BitcoinTool.X!DNS".into(), "Backdoor:EC2/Spambot".into()],
            not_matches: vec!["*:Runtme/*".into(), "*:Runtime/*".into()],
            ..Condition::default()
        };
        let doubts = condition.doubts("type");
        assert_eq!(
            doubts.iter().map(|doubt| doubt.operator).collect::<Vec<_>>(),
            [Some(Operator::Equals), Some(Operator::NotMatches)]
        );
        assert!(doubts[0].message.contains("did you mean \"CryptoCurrency:Runtime/BitcoinTool.B!DNS\"?"), "{doubts:?}");
        assert_eq!(condition.doubts("title"), []);
    }

    #[test]
    fn severities_are_numbers_from_1_to_10() {
        let condition =
            Condition { equals: vec!["High".into(), "8".into()], less_than: Some(70), ..Condition::default() };
        let messages: Vec<String> = faults("severity", &condition).into_iter().map(|(_, message)| message).collect();
        assert_eq!(messages[0], "70 is no severity: severities are numbers from 1 to 10");
        assert_eq!(messages[1], "\"High\" never equals a severity, which is a number: HIGH is from 7.0 to 8.9");
        assert_eq!(messages.len(), 2);
    }
}
