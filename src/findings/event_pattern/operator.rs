//! The tests of an event pattern on one field, and when a value passes them.
//!
//! This file does not know how a test is written in a pattern (`compile` does), or how fields and events are traversed
//! (`matcher` does).

use super::address::{Address, Block};
use super::number::comparable;
use super::text::{AnyCase, Wildcard};

/// A value of an event: a string with its quotes, or anything else as it is written in JSON.
#[derive(Debug)]
pub(super) struct Scalar {
    text: String,
    number: Option<f64>,
    address: Option<Address>,
}

impl Scalar {
    pub(super) fn string(content: &str) -> Self {
        Self { text: quoted(content), number: None, address: Address::parse(content) }
    }

    pub(super) fn number(text: &str) -> Self {
        Self { text: text.to_owned(), number: comparable(text), address: None }
    }

    pub(super) fn keyword(text: &str) -> Self {
        Self { text: text.to_owned(), number: None, address: None }
    }
}

/// Returns `content` in quotes, which is how EventBridge distinguishes the string `"5"` from the number `5`. Nothing is
/// escaped.
pub(super) fn quoted(content: &str) -> String {
    format!("\"{content}\"")
}

/// A double with the order of numbers, which makes tests comparable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub(super) f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// One end of a numeric range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bound {
    pub(super) number: Number,
    pub(super) is_inclusive: bool,
}

/// A test that a value passes or fails. A field passes if one of its values passes one of its tests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Test {
    /// The field does not exist in the event. No value passes this test, so the matcher looks for the field itself.
    Absent,
    Exists,
    Exactly(String),
    Equals(Number),
    Within(Block),
    Range {
        low: Option<Bound>,
        high: Option<Bound>,
    },
    Prefix(String),
    Suffix(String),
    EqualsAnyCase(AnyCase),
    PrefixAnyCase(AnyCase),
    SuffixAnyCase(AnyCase),
    Wildcard(Wildcard),
    /// The value passes none of these tests.
    AnythingBut(Vec<Test>),
}

impl Test {
    pub(super) fn passes(&self, value: &Scalar) -> bool {
        let text = value.text.as_str();
        match self {
            Self::Absent => false,
            Self::Exists => true,
            Self::Exactly(expected) => text == expected,
            Self::Equals(number) => value.number.is_some_and(|value| Number(value) == *number),
            Self::Within(block) => value.address.is_some_and(|address| block.contains(address)),
            Self::Range { low, high } => value.number.is_some_and(|value| is_between(*low, Number(value), *high)),
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::EqualsAnyCase(expected) => expected.is_whole(text),
            Self::PrefixAnyCase(prefix) => prefix.is_start(text),
            Self::SuffixAnyCase(suffix) => suffix.is_end(text),
            Self::Wildcard(wildcard) => wildcard.matches(text),
            Self::AnythingBut(tests) => !tests.iter().any(|test| test.passes(value)),
        }
    }
}

fn is_between(low: Option<Bound>, value: Number, high: Option<Bound>) -> bool {
    let is_above = low.is_none_or(|low| low.number < value || (low.is_inclusive && low.number == value));
    let is_below = high.is_none_or(|high| value < high.number || (high.is_inclusive && high.number == value));
    is_above && is_below
}
