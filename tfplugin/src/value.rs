//! Values of the configuration language, as they travel between a CLI and a provider.
//!
//! A [`Value`] doesn't know its [`Type`]: the schema at hand does. Nothing here knows the wire.

use std::collections::BTreeMap;

use crate::{Number, Type};

/// A value, which may be null or not known yet, as may anything in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Absent.
    Null,
    /// Not known until apply.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// Elements of a list or of a tuple.
    List(Vec<Value>),
    /// Elements of a set. Made by [`Value::set`], which sorts them, so that equal sets are equal values.
    Set(Vec<Value>),
    /// Elements of a map or attributes of an object; an object has each of its attributes.
    Map(BTreeMap<String, Value>),
    /// A value that says its type itself.
    Dynamic(Box<(Type, Value)>),
}

impl Value {
    /// A set of `elements`: sorted, each once. What is not known yet is equal to nothing.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Self {
        let mut elements: Vec<_> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|one, other| one == other && one.is_wholly_known());
        Value::Set(elements)
    }

    /// Whether the value is null: also one that says of what type it is.
    pub fn is_null(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Dynamic(inner) => inner.1.is_null(),
            _ => false,
        }
    }

    /// Whether the value itself is unknown; what is in it may be all the same.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// Whether neither the value nor anything in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Value::Unknown => false,
            Value::List(items) | Value::Set(items) => items.iter().all(Value::is_wholly_known),
            Value::Map(entries) => entries.values().all(Value::is_wholly_known),
            Value::Dynamic(inner) => inner.1.is_wholly_known(),
            _ => true,
        }
    }

    /// The same with null for what is unknown.
    pub(crate) fn or_null(self) -> Self {
        let each = |items: Vec<Value>| items.into_iter().map(Value::or_null);
        match self {
            Value::Unknown => Value::Null,
            Value::List(items) => Value::List(each(items).collect()),
            Value::Set(items) => Value::set(each(items)),
            Value::Map(entries) => {
                Value::Map(entries.into_iter().map(|(name, value)| (name, value.or_null())).collect())
            }
            Value::Dynamic(inner) => Value::Dynamic(Box::new((inner.0, inner.1.or_null()))),
            known => known,
        }
    }

    /// The attribute or map element `name`; null where there is none.
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Value::Map(entries) => entries.get(name).unwrap_or(&Value::Null),
            Value::Unknown => &Value::Unknown,
            _ => &Value::Null,
        }
    }

    /// Puts `value` at attribute `name` of an object. On anything else it does nothing.
    pub fn put(&mut self, name: &str, value: Value) {
        if let Value::Map(entries) = self {
            entries.insert(name.to_owned(), value);
        }
    }

    /// The text; `None` of anything else: also of what is null, and of what is not known yet.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list or a set; `None` of anything else: also of what is null, and of what is not known yet.
    pub fn as_items(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) | Value::Set(items) => Some(items),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::String(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_equal_in_any_order() {
        assert_eq!(Value::set(["a".into(), "b".into()]), Value::set(["b".into(), "a".into(), "b".into()]));
    }

    #[test]
    fn what_is_not_known_yet_is_equal_to_nothing() {
        assert_eq!(Value::set([Value::Unknown, Value::Unknown]).as_items().map(<[_]>::len), Some(2));
    }

    #[test]
    fn an_unknown_is_found_at_any_depth() {
        let deep = Value::Map([("a".to_owned(), Value::List(vec![Value::Null, Value::Unknown]))].into());
        assert!(!deep.is_wholly_known());
        assert!(!deep.is_unknown());
    }
}
