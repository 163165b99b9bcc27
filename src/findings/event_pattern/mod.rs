//! EventBridge's event patterns: checked and matched offline, exactly as EventBridge does.
//!
//! - `compile` reads a pattern into branches of tests and says where it is wrong;
//! - `operator` has the tests (prefix, numeric, cidr, ...), with `number`, `address` and `text` below it;
//! - `matcher` walks an event along a branch.
//!
//! The engine behind EventBridge is public (event-ruler), and a test compares this module with it on thousands of
//! generated patterns and events (`ruler_test`). What differs, differs on purpose:
//! - a key that appears twice in one object is refused: EventBridge keeps one of the two and says nothing;
//! - text after the end of the pattern is refused: EventBridge doesn't read it;
//! - so is `{"anything-but": {"prefix": []}}`, which the engine accepts and mostly fails to use;
//! - a number is never an address: the engine finds the number `12` in the block `0.0.0.0/0`, digit by digit;
//! - no choice of `$or` is lost (see [`Pattern::has_overlapping_choices`]);
//! - of numbers that no double holds, `1e309` and `1E+309` are taken for the same spelling; and the few doubles that
//!   Java doesn't print in their shortest form (`5e-324`) are compared as numbers.
//!
//! It knows nothing of GuardDuty, and nothing of EventBridge's API. What a pattern of wildcards may cost (EventBridge
//! calls some "too complex") is not published, so it isn't checked here.

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

/// The most characters that `PutRule` takes as a pattern (EventBridge API reference).
pub const CHARACTERS_MAX: usize = 4_096;

/// How many characters a pattern may have before an account has to ask for a higher quota "Event pattern size"
/// (EventBridge quotas).
pub const CHARACTERS_DEFAULT_QUOTA: usize = 2_048;

/// What is wrong with a pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Path of the fault, as `detail.severity[0].numeric`; empty for the pattern as a whole.
    pub path: String,
    /// What is wrong there, and how to mend it.
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

/// A pattern that EventBridge would accept, ready to be matched.
///
/// Two patterns are equal if they mean the same: key order, spacing, the order of alternatives and of `$or`'s choices,
/// the spelling of numbers and of addresses don't count. Patterns that match the same events for a deeper reason
/// (`{"prefix": "a"}` beside `"ab"`) may be unequal.
#[derive(Clone, Debug)]
pub struct Pattern {
    branches: Vec<Branch>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If EventBridge would refuse it.
    pub fn new(pattern: &Value) -> Result<Self, PatternError> {
        Ok(Self { branches: compile::branches(pattern)? })
    }

    /// Reads a pattern from JSON.
    ///
    /// # Errors
    /// If it is no JSON, too long, or EventBridge would refuse it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::new(&check(text)?)
    }

    /// Whether EventBridge would deliver `event`. What is not an object is no event, and matches nothing.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        if !event.is_object() {
            return false;
        }
        let event = Event::new(event);
        self.branches.iter().any(|branch| event.passes(branch))
    }

    /// Whether what the pattern asks of `fields`, each a path such as `detail.type`, lets `event` pass. What it asks of
    /// others counts for nothing.
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
    /// Whether the engine may lose a choice of `$or`, and with it events that the pattern means to match.
    ///
    /// event-ruler 1.8.1 drops a choice that has the same fields as an earlier one and, for each field, at least one
    /// test in common: of `{"$or": [{"a": ["x"]}, {"a": ["x", "y"]}]}` only the first is in force. Whether the service
    /// does so too isn't documented; such a pattern can always be written without the overlap. [`Pattern::matches`]
    /// takes all choices at their word.
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

/// Checks a pattern as EventBridge's `PutRule` does, and gives it back as JSON.
///
/// # Errors
/// If it is no JSON, has more than [`CHARACTERS_MAX`] characters, or EventBridge would refuse it.
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

/// Whether `event` matches `pattern`, both as JSON values.
///
/// # Errors
/// If EventBridge would refuse the pattern.
pub fn matches(pattern: &Value, event: &Value) -> Result<bool, PatternError> {
    Ok(Pattern::new(pattern)?.matches(event))
}

/// Whether two patterns, as JSON text, mean the same (see [`Pattern`]). A text that is no valid pattern is only
/// equivalent to itself.
#[must_use]
pub fn equivalent(left: &str, right: &str) -> bool {
    match (Pattern::parse(left), Pattern::parse(right)) {
        (Ok(left), Ok(right)) => left == right,
        _ => left == right,
    }
}
