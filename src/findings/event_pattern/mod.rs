//! EventBridge event patterns, checked and matched offline exactly as EventBridge does.
//!
//! - `compile` parses a pattern into branches of tests, and reports where it is wrong.
//! - `operator` has the tests (prefix, numeric, cidr, ...), based on `number`, `address` and `text`.
//! - `matcher` matches an event against a branch.
//!
//! The engine of EventBridge is public (event-ruler), and a test compares this module with it on thousands of generated
//! patterns and events (`ruler_test`). The following differences are intended:
//! - A key that appears twice in one object is refused. EventBridge silently keeps one of the two.
//! - Text after the end of the pattern is refused. EventBridge does not read it.
//! - `{"anything-but": {"prefix": []}}` is refused. The engine accepts it and mostly fails to use it.
//! - A number is never an address. The engine finds the number `12` in the block `0.0.0.0/0`, digit by digit.
//! - No choice of `$or` is lost (see [`Pattern::has_overlapping_choices`]).
//! - Of numbers that do not fit a double, `1e309` and `1E+309` are treated as the same spelling. The few doubles that
//!   Java does not print in their shortest form (`5e-324`) are compared as numbers.
//!
//! This module knows neither GuardDuty nor the EventBridge API. The permitted complexity of patterns with wildcards
//! (EventBridge refuses some as "too complex") is not published, so it is not checked.

mod address;
mod compile;
mod matcher;
mod number;
mod operator;
#[cfg(test)]
mod ruler_test;
#[cfg(test)]
mod tests;
mod text;
mod unique_keys;

use std::fmt;

use serde_json::Value;

use compile::Branch;
use matcher::Event;

/// Maximum length of a pattern in `PutRule`, in characters (EventBridge API reference).
pub const CHARACTERS_MAX: usize = 4_096;

/// Default of the quota "Event pattern size", in characters (EventBridge quotas). Longer patterns need a quota
/// increase.
pub const CHARACTERS_DEFAULT_QUOTA: usize = 2_048;

/// A problem with a pattern, and its location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Path of the problem, such as `detail.severity[0].numeric`. Empty for the pattern as a whole.
    pub path: String,
    /// The problem, and how to fix it.
    pub message: String,
}

impl PatternError {
    fn new(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into() }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => formatter.write_str(&self.message),
            path => write!(formatter, "{path}: {}", self.message),
        }
    }
}

impl std::error::Error for PatternError {}

/// A pattern that EventBridge would accept, ready for matching.
///
/// Two patterns are equal if they mean the same. The order of keys, of alternatives and of the choices of `$or`,
/// spacing, and the spelling of numbers and addresses do not matter. Patterns that match the same events for other
/// reasons (`{"prefix": "a"}` and additionally `"ab"`) may be unequal.
#[derive(Clone, Debug)]
pub struct Pattern {
    branches: Vec<Branch>,
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// EventBridge would refuse the pattern.
    pub fn new(pattern: &Value) -> Result<Self, PatternError> {
        Ok(Self { branches: compile::branches(pattern)? })
    }

    /// Parses a pattern from JSON.
    ///
    /// # Errors
    /// The text is not JSON or too long, or EventBridge would refuse the pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::new(&check(text)?)
    }

    /// Returns whether EventBridge would deliver `event`. A value that is not an object matches nothing.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        if !event.is_object() {
            return false;
        }
        let event = Event::new(event);
        self.branches.iter().any(|branch| event.passes(branch))
    }

    /// Returns whether `event` passes the conditions on `fields`, each of which is a path such as `detail.type`.
    /// Conditions on other fields are ignored.
    #[must_use]
    pub fn accepts(&self, event: &Value, fields: &[&str]) -> bool {
        let event = Event::new(event);
        self.branches.iter().any(|branch| {
            let asked = branch.iter().filter(|(field, _)| fields.contains(&field.as_str()));
            event.passes(&asked.map(|(field, tests)| (field.clone(), tests.clone())).collect())
        })
    }
}

impl Pattern {
    /// Returns whether the engine may lose a choice of `$or`, and with it events that the pattern is meant to match.
    ///
    /// event-ruler 1.8.1 drops a choice that has the same fields as an earlier one and, for each field, at least one
    /// test in common: of `{"$or": [{"a": ["x"]}, {"a": ["x", "y"]}]}` only the first is effective. Whether the service
    /// does this too is not documented. Such a pattern can always be written without the overlap. [`Pattern::matches`]
    /// uses all choices.
    #[must_use]
    pub fn has_overlapping_choices(&self) -> bool {
        let overlap = |left: &Branch, right: &Branch| {
            left.len() == right.len()
                && left.iter().all(|(field, tests)| {
                    right.get(field).is_some_and(|others| tests.iter().any(|test| others.contains(test)))
                })
        };
        self.branches.iter().enumerate().any(|(index, branch)| {
            self.branches[..index].iter().any(|earlier| earlier != branch && overlap(earlier, branch))
        })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        let all_in = |left: &[Branch], right: &[Branch]| left.iter().all(|branch| right.contains(branch));
        all_in(&self.branches, &other.branches) && all_in(&other.branches, &self.branches)
    }
}

/// Checks a pattern as EventBridge's `PutRule` does, and returns it as JSON.
///
/// # Errors
/// The text is not JSON, has more than [`CHARACTERS_MAX`] characters, or EventBridge would refuse the pattern.
pub fn check(text: &str) -> Result<Value, PatternError> {
    let length = text.chars().count();
    if length > CHARACTERS_MAX {
        let message = format!("a pattern has at most {CHARACTERS_MAX} characters, this one has {length}");
        return Err(PatternError::new("", message));
    }
    let pattern = serde_json::from_str(text).map_err(|error| PatternError::new("", format!("not JSON: {error}")))?;
    unique_keys::check(text)?;
    Pattern::new(&pattern)?;
    Ok(pattern)
}

/// Returns whether `event` matches `pattern`, both as JSON values.
///
/// # Errors
/// EventBridge would refuse the pattern.
pub fn matches(pattern: &Value, event: &Value) -> Result<bool, PatternError> {
    Ok(Pattern::new(pattern)?.matches(event))
}

/// Returns whether two patterns, as JSON text, mean the same (see [`Pattern`]). A text that is not a valid pattern is
/// only equivalent to itself.
#[must_use]
pub fn equivalent(left: &str, right: &str) -> bool {
    match (Pattern::parse(left), Pattern::parse(right)) {
        (Ok(left), Ok(right)) => left == right,
        _ => left == right,
    }
}
