//! The wanted severities, as ranges of numbers.
//!
//! Each level extends to the next: a severity of 8.95, which the documentation does not assign, is high.

use super::FindingMatch;
use crate::findings::severity::Severity;

/// A range of severities. The lower end is included. A missing end means that the range is unbounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::findings) struct Interval {
    pub(in crate::findings) low: Option<f64>,
    pub(in crate::findings) high: Option<f64>,
    pub(in crate::findings) is_high_included: bool,
}

impl Interval {
    const ALL: Self = Self { low: None, high: None, is_high_included: true };

    fn of(level: Severity) -> Self {
        let next = Severity::ALL.into_iter().find(|other| *other > level);
        Self {
            low: (level != Severity::Low).then_some(level.range().0),
            high: next.map(|next| next.range().0),
            is_high_included: false,
        }
    }

    /// Returns the intersection with `other`.
    fn within(self, other: Self) -> Self {
        let low = match (self.low, other.low) {
            (Some(left), Some(right)) => Some(left.max(right)),
            (left, right) => left.or(right),
        };
        let has_lower_end = |left: Self, right: Self| match (left.high, right.high) {
            (Some(left_high), Some(right_high)) => {
                left_high < right_high || (left_high == right_high && !left.is_high_included)
            }
            (left_high, _) => left_high.is_some(),
        };
        let end = if has_lower_end(self, other) { self } else { other };
        Self { low, ..end }
    }

    fn is_empty(self) -> bool {
        match (self.low, self.high) {
            (Some(low), Some(high)) => low > high || (low == high && !self.is_high_included),
            _ => false,
        }
    }
}

impl FindingMatch {
    /// Returns the wanted ranges in ascending order, with gaps between them. All severities are a single unbounded
    /// range.
    pub(in crate::findings) fn wanted_severities(&self) -> Vec<Interval> {
        let bounds = Interval { low: self.severity_minimum, high: self.severity_maximum, is_high_included: true };
        let levels = self.wanted_levels();
        levels.into_iter().map(|level| level.within(bounds)).filter(|interval| !interval.is_empty()).collect()
    }

    fn wanted_levels(&self) -> Vec<Interval> {
        if self.severities.is_empty() {
            return vec![Interval::ALL];
        }
        let levels = Severity::ALL.into_iter().filter(|level| self.severities.contains(level)).map(Interval::of);
        levels.fold(Vec::new(), |mut merged: Vec<Interval>, level| {
            match merged.last_mut() {
                Some(last) if last.high == level.low => last.high = level.high,
                _ => merged.push(level),
            }
            merged
        })
    }
}
