//! The plain types that an attribute's value may have, and the names that `#[derive(Choice)]` allows.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Data, Field, Set, Words};
use crate::schema::{Nesting, Shape, invalid};
use crate::{Diagnostic, Failure, Number, Path, Result, Step, Type, Value, duration, suggest};

/// The error of a value that has another type than the schema says: the CLI never sends one.
fn mismatch(expected: &str, path: &Path) -> Failure {
    Failure::at(path.clone(), format!("{path} is not {expected}"))
}

/// Reads a name that must be one of `allowed`. The derive of `Choice` calls this.
///
/// # Errors
/// A [`Failure`] at `path` if it is none.
pub fn choice<T>(value: &Value, path: &Path, parse: fn(&str) -> Option<T>, allowed: &[&str]) -> Result<T> {
    let name = value.as_str().ok_or_else(|| mismatch("a string", path))?;
    parse(name).ok_or_else(|| invalid(path, &unknown_choice(name, allowed)).into())
}

/// Reports a name that is none of `allowed`. The derive of `Choice` calls this.
pub fn check_choice(value: &Value, path: &Path, allowed: &[&str], diagnostics: &mut Vec<Diagnostic>) {
    if let Some(name) = value.as_str().filter(|name| !allowed.contains(name)) {
        diagnostics.push(invalid(path, &unknown_choice(name, allowed)));
    }
}

fn unknown_choice(name: &str, allowed: &[&str]) -> String {
    format!("{name:?} is not one of the allowed values. {}", suggest::allowed(name, allowed.iter().copied()))
}

impl Data for String {
    const IS_EMPTY: Option<fn(&Value) -> bool> = Some(|value| value.as_str() == Some(""));

    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        value.as_str().map(str::to_owned).ok_or_else(|| mismatch("a string", path))
    }

    fn to_value(&self) -> Value {
        self.as_str().into()
    }
}

impl Data for bool {
    fn shape() -> Shape {
        Shape::Type(Type::Bool)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Bool(value) => Ok(*value),
            _ => Err(mismatch("a boolean", path)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Data for i64 {
    fn shape() -> Shape {
        Shape::Type(Type::Number)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Number(number) => number.as_i64().ok_or_else(|| mismatch("a whole number of 64 bits", path)),
            _ => Err(mismatch("a number", path)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(*self)
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        if i64::from_value(value, path).is_err() {
            diagnostics.push(invalid(path, "It must be a whole number of 64 bits."));
        }
    }
}

/// What fits a float.
const FLOAT: &str = "a number of 64 bits, between -1.8e308 and 1.8e308";

impl Data for f64 {
    fn shape() -> Shape {
        Shape::Type(Type::Number)
    }

    /// What is closer than a float can tell is the same: a third of the configuration has more digits than one.
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
            _ => one == other,
        }
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Number(number) => {
                Some(number.as_f64()).filter(|float| float.is_finite()).ok_or_else(|| mismatch(FLOAT, path))
            }
            _ => Err(mismatch("a number", path)),
        }
    }

    fn to_value(&self) -> Value {
        // The shortest spelling is what a person wrote: 0.1, not the float's exact value.
        format!("{self}").parse().map_or(Value::Null, Value::Number)
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        if f64::from_value(value, path).is_err() {
            diagnostics.push(invalid(path, &format!("It must be {FLOAT}.")));
        }
    }
}

/// A number of any size, as the configuration has it.
impl Data for Number {
    fn shape() -> Shape {
        Shape::Type(Type::Number)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Number(number) => Ok(number.clone()),
            _ => Err(mismatch("a number", path)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.clone())
    }
}

/// A length of time, written as Go does: `45m`, `1h30m`.
impl Data for Duration {
    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        value.as_str().and_then(duration::parse).ok_or_else(|| mismatch("a duration such as \"45m\"", path))
    }

    fn to_value(&self) -> Value {
        duration::format(*self).into()
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        if Duration::from_value(value, path).is_err() {
            diagnostics.push(invalid(path, "It must be a duration such as \"30s\", \"45m\" or \"1h30m\"."));
        }
    }

    fn same(one: &Value, other: &Value) -> bool {
        match (one.as_str().and_then(duration::parse), other.as_str().and_then(duration::parse)) {
            (Some(one), Some(other)) => one == other,
            _ => one == other,
        }
    }
}

fn check_items<T: Data>(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>, step: impl Fn(usize) -> Step) {
    for (at, item) in value.as_items().unwrap_or_default().iter().enumerate() {
        let path = path.then(step(at));
        match item {
            Value::Unknown => {}
            Value::Null => diagnostics.push(invalid(&path, "It must not be null.")),
            known => T::check(known, &path, diagnostics),
        }
    }
}

fn read_items<T: Data>(value: &Value, path: &Path, step: impl Fn(usize) -> Step) -> Result<Vec<T>> {
    let items = value.as_items().ok_or_else(|| mismatch("a list or a set", path))?.iter().enumerate();
    items.map(|(at, item)| T::read(item, &path.then(step(at)))).collect()
}

impl<T: Data> Data for Vec<T> {
    const MAY_BE_IN_SET: bool = T::MAY_BE_IN_SET;
    const WORDS: &'static Words = T::WORDS;
    const SETS_ARE_SOUND: bool = T::SETS_ARE_SOUND;
    const IS_EMPTY: Option<fn(&Value) -> bool> = Some(|value| matches!(value, Value::List(items) if items.is_empty()));

    fn shape() -> Shape {
        T::shape().nested(Nesting::List)
    }

    fn notes() -> Option<&'static str> {
        T::notes()
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        read_items(value, path, Step::Index)
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(Data::to_value).collect())
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        check_items::<T>(value, path, diagnostics, Step::Index);
    }

    fn same(one: &Value, other: &Value) -> bool {
        let (Value::List(one), Value::List(other)) = (one, other) else { return one == other };
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other || T::same(one, other))
    }
}

impl<T: Data> Data for Set<T> {
    const MAY_BE_IN_SET: bool = T::MAY_BE_IN_SET;
    const WORDS: &'static Words = T::WORDS;
    const SETS_ARE_SOUND: bool = T::MAY_BE_IN_SET;
    const IS_EMPTY: Option<fn(&Value) -> bool> = Some(|value| matches!(value, Value::Set(items) if items.is_empty()));

    fn shape() -> Shape {
        T::shape().nested(Nesting::Set)
    }

    fn notes() -> Option<&'static str> {
        T::notes()
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        read_items(value, path, |_| Step::Element).map(Set)
    }

    fn to_value(&self) -> Value {
        Value::set(self.0.iter().map(Data::to_value))
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        check_items::<T>(value, path, diagnostics, |_| Step::Element);
    }

    fn same(one: &Value, other: &Value) -> bool {
        let (Value::Set(one), Value::Set(other)) = (one, other) else { return one == other };
        let is_in = |item: &Value, set: &[Value]| set.iter().any(|other| item == other || T::same(item, other));
        one.iter().all(|item| is_in(item, other)) && other.iter().all(|item| is_in(item, one))
    }
}

impl<T: Data> Data for BTreeMap<String, T> {
    const MAY_BE_IN_SET: bool = T::MAY_BE_IN_SET;
    const WORDS: &'static Words = T::WORDS;
    const SETS_ARE_SOUND: bool = T::SETS_ARE_SOUND;
    const IS_EMPTY: Option<fn(&Value) -> bool> =
        Some(|value| matches!(value, Value::Map(entries) if entries.is_empty()));

    fn shape() -> Shape {
        T::shape().nested(Nesting::Map)
    }

    fn notes() -> Option<&'static str> {
        T::notes()
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        let Value::Map(entries) = value else { return Err(mismatch("a map", path)) };
        let read = |(key, value): (&String, _)| Ok((key.clone(), T::read(value, &path.then(Step::Key(key.clone())))?));
        entries.iter().map(read).collect()
    }

    fn to_value(&self) -> Value {
        Value::Map(self.iter().map(|(key, value)| (key.clone(), value.to_value())).collect())
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let Value::Map(entries) = value else { return };
        for (key, value) in entries {
            let path = path.then(Step::Key(key.clone()));
            match value {
                Value::Unknown => {}
                Value::Null => diagnostics.push(invalid(&path, "It must not be null.")),
                known => T::check(known, &path, diagnostics),
            }
        }
    }

    fn same(one: &Value, other: &Value) -> bool {
        let (Value::Map(one), Value::Map(other)) = (one, other) else { return one == other };
        one.len() == other.len()
            && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| one == other || T::same(one, other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_the_same_in_another_spelling_and_not_as_none() {
        let list = |text: &str| Value::List(vec![text.into()]);
        let set = |text: &str| Value::set([text.into()]);
        assert!(<Vec<Duration>>::same(&list("60m"), &list("1h")) && <Set<Duration>>::same(&set("60m"), &set("1h")));
        for none in [Value::Null, Value::Unknown] {
            assert!(!<Vec<Duration>>::same(&Value::List(Vec::new()), &none), "{none:?}");
            assert!(!<Set<Duration>>::same(&Value::set([]), &none), "{none:?}");
        }
    }
}
