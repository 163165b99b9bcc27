//! Matches an event against a branch of a pattern.
//!
//! An event is split into fields, each with a path and a value. A value knows in which element of which array it is:
//! fields that match must be in the same element of every array that they share.

use std::collections::HashMap;

use serde_json::Value;

use super::compile::Branch;
use super::operator::{Scalar, Test};

/// The element, by index, of each array (numbered in order) that a value is in.
type Membership = Vec<(usize, usize)>;

/// An event, split into fields.
#[derive(Default)]
pub(super) struct Event {
    fields: HashMap<String, Vec<(Scalar, Membership)>>,
    arrays_count: usize,
}

impl Event {
    pub(super) fn new(event: &Value) -> Self {
        let mut taken_apart = Self::default();
        if event.is_object() {
            taken_apart.take_apart(event, "", &mut Membership::new());
        }
        taken_apart
    }

    fn take_apart(&mut self, value: &Value, path: &str, membership: &mut Membership) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    self.take_apart(value, &path, membership);
                }
            }
            Value::Array(values) => self.take_apart_array(values, path, membership),
            Value::String(text) => self.add(path, Scalar::string(text), membership),
            Value::Number(number) => self.add(path, Scalar::number(number.as_str()), membership),
            Value::Null | Value::Bool(_) => self.add(path, Scalar::keyword(&value.to_string()), membership),
        }
    }

    /// Splits an array. Plain values are alternatives of one field. Only objects and arrays are elements to
    /// distinguish.
    fn take_apart_array(&mut self, values: &[Value], path: &str, membership: &mut Membership) {
        let array = self.arrays_count;
        self.arrays_count += 1;
        for (index, value) in values.iter().enumerate() {
            let is_element = value.is_object() || value.is_array();
            if is_element {
                membership.push((array, index));
            }
            self.take_apart(value, path, membership);
            if is_element {
                membership.pop();
            }
        }
    }

    fn add(&mut self, path: &str, value: Scalar, membership: &Membership) {
        self.fields.entry(path.to_owned()).or_default().push((value, membership.clone()));
    }

    /// Returns whether some choice of values passes all tests of `branch` with consistent positions in the arrays of
    /// the event.
    pub(super) fn passes(&self, branch: &Branch) -> bool {
        let mut tests: Vec<(&str, &[Test])> =
            branch.iter().map(|(path, tests)| (path.as_str(), tests.as_slice())).collect();
        // The order of Java strings. It decides which fields a test for absence is consistent with: those before it.
        tests.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
        self.passes_rest(&tests, &Membership::new())
    }

    fn passes_rest(&self, tests: &[(&str, &[Test])], so_far: &Membership) -> bool {
        let [(path, alternatives), rest @ ..] = tests else {
            return true;
        };
        let values = self.fields.get(*path).map_or(&[][..], Vec::as_slice);
        let mut consistent =
            values.iter().filter_map(|(value, membership)| Some((value, join(so_far, membership)?))).peekable();
        if alternatives.contains(&Test::Absent) && consistent.peek().is_none() {
            return self.passes_rest(rest, so_far);
        }
        consistent
            .filter(|(value, _)| alternatives.iter().any(|test| test.passes(value)))
            .any(|(_, membership)| self.passes_rest(rest, &membership))
    }
}

/// Returns both memberships combined, or `None` if they name different elements of one array.
fn join(left: &Membership, right: &Membership) -> Option<Membership> {
    let mut joined = left.clone();
    for (array, index) in right {
        match left.iter().find(|(known, _)| known == array) {
            Some((_, known)) if known != index => return None,
            Some(_) => {}
            None => joined.push((*array, *index)),
        }
    }
    Some(joined)
}
