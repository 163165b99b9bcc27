//! From values to Rust and back: what a struct needs to be a resource's model, and a type to be its field.
//!
//! `#[derive(Model)]` writes [`Model`] for a struct and `#[derive(Choice)]` writes [`Data`] for an enum of names.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::schema::{Mode, Nesting, Object, Shape, invalid};
use crate::{Diagnostic, Failure, Path, Result, Step, Type, Value, duration, suggest};

/// A struct that is a schema, its documentation, a decoder and an encoder.
pub trait Model: Sized + Send + Sync + 'static {
    /// Its attributes and blocks.
    fn object() -> Object;

    /// Reads it from an object without unknown values, but for those that are computed.
    ///
    /// # Errors
    /// A [`Failure`] at the attribute that can't be read.
    fn from_object(value: &Value, path: &Path) -> Result<Self>;

    /// The object with each of its attributes and blocks.
    fn to_object(&self) -> Value;
}

/// A plain Rust type that an attribute's value may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the value of an attribute",
    note = "use `String`, `bool`, `i64`, `f64`, `Duration`, `Vec`, `Set`, `BTreeMap<String, _>`, a `Model` or a `Choice`"
)]
pub trait Data: Sized + Send + Sync + 'static {
    /// What its values look like.
    fn shape() -> Shape;

    /// A sentence on its values that every attribute of this type adds to its documentation.
    fn notes() -> Option<&'static str> {
        None
    }

    /// Reads it from a value that is neither null nor unknown.
    ///
    /// # Errors
    /// A [`Failure`] at `path` if the value isn't one.
    fn from_value(value: &Value, path: &Path) -> Result<Self>;

    /// Writes it.
    fn to_value(&self) -> Value;

    /// Adds what is wrong with a configured value, in which anything may be unknown.
    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let _ = (value, path, diagnostics);
    }

    /// Whether two values mean the same, though they are spelled differently.
    fn same(one: &Value, other: &Value) -> bool {
        one == other
    }
}

/// A type that a model's field may have: it says who sets the attribute.
pub trait Field: Sized {
    /// Its values, once they are there.
    type Data: Data;
    /// Who sets it.
    const MODE: Mode;

    /// Reads it.
    ///
    /// # Errors
    /// A [`Failure`] at `path` if the value can't be one.
    fn read(value: &Value, path: &Path) -> Result<Self>;

    /// Writes it.
    fn write(&self) -> Value;
}

/// A type that a field marked `#[attr(block)]` may have.
pub trait BlockField: Sized {
    /// What a typed key to it reads.
    type Data;
    /// How the objects are held.
    const NESTING: Nesting;
    /// How many there must be.
    const MIN: usize;
    /// How many there may be; 0 is any number.
    const MAX: usize;

    /// What is in a block.
    fn object() -> Object;

    /// Reads the blocks.
    ///
    /// # Errors
    /// A [`Failure`] at the attribute that can't be read.
    fn read(value: &Value, path: &Path) -> Result<Self>;

    /// Writes the blocks.
    fn write(&self) -> Value;
}

/// A value that only the provider sets, known after apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed<T>(Option<T>);

/// A value that the configuration may set; where it doesn't, the provider does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionalComputed<T>(Option<T>);

macro_rules! computed {
    ($name:ident, $mode:expr) => {
        impl<T> $name<T> {
            /// The value, once there is one.
            pub fn get(&self) -> Option<&T> {
                self.0.as_ref()
            }

            /// The value, once there is one.
            pub fn into_option(self) -> Option<T> {
                self.0
            }

            /// No value.
            pub const fn none() -> Self {
                $name(None)
            }
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                $name(None)
            }
        }

        impl<T> From<T> for $name<T> {
            fn from(value: T) -> Self {
                $name(Some(value))
            }
        }

        impl<T> From<Option<T>> for $name<T> {
            fn from(value: Option<T>) -> Self {
                $name(value)
            }
        }

        impl<T: Data> Field for $name<T> {
            type Data = T;
            const MODE: Mode = $mode;

            fn read(value: &Value, path: &Path) -> Result<Self> {
                match value {
                    Value::Null | Value::Unknown => Ok($name(None)),
                    known => T::from_value(known, path).map(|value| $name(Some(value))),
                }
            }

            fn write(&self) -> Value {
                self.0.as_ref().map_or(Value::Null, Data::to_value)
            }
        }
    };
}

computed!(Computed, Mode::Computed);
computed!(OptionalComputed, Mode::OptionalComputed);

impl Computed<String> {
    /// The text; empty where there is none yet.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl OptionalComputed<String> {
    /// The text; empty where there is none yet.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T: Data> Field for T {
    type Data = T;
    const MODE: Mode = Mode::Required;

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Null => Err(Failure::at(path.clone(), format!("{path} is missing"))),
            Value::Unknown => Err(Failure::at(path.clone(), format!("{path} is not known yet"))),
            known => T::from_value(known, path),
        }
    }

    fn write(&self) -> Value {
        self.to_value()
    }
}

impl<T: Data> Field for Option<T> {
    type Data = T;
    const MODE: Mode = Mode::Optional;

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            other => T::read(other, path).map(Some),
        }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Data::to_value)
    }
}

/// Elements in no order, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set<T>(pub Vec<T>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Set(Vec::new())
    }
}

impl<T> std::ops::Deref for Set<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Set(items.into_iter().collect())
    }
}

/// The error of a value that has another type than the schema says: the CLI never sends one.
fn mismatch(expected: &str, path: &Path) -> Failure {
    Failure::at(path.clone(), format!("{path} is not {expected}"))
}

impl Data for String {
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
            diagnostics.push(invalid(path, "It must be a whole number."));
        }
    }
}

impl Data for f64 {
    fn shape() -> Shape {
        Shape::Type(Type::Number)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Number(number) => Ok(number.as_f64()),
            _ => Err(mismatch("a number", path)),
        }
    }

    fn to_value(&self) -> Value {
        // The shortest spelling is what a person wrote: 0.1, not the float's exact value.
        format!("{self}").parse().map_or(Value::Null, Value::Number)
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

fn check_items<T: Data>(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>, step: impl Fn(usize) -> Step) {
    for (at, item) in value.items().iter().enumerate() {
        let path = path.then(step(at));
        match item {
            Value::Unknown => {}
            Value::Null => diagnostics.push(invalid(&path, "It must not be null.")),
            known => T::check(known, &path, diagnostics),
        }
    }
}

fn read_items<T: Data>(value: &Value, path: &Path, step: impl Fn(usize) -> Step) -> Result<Vec<T>> {
    value.items().iter().enumerate().map(|(at, item)| T::read(item, &path.then(step(at)))).collect()
}

impl<T: Data> Data for Vec<T> {
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
        let (one, other) = (one.items(), other.items());
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other || T::same(one, other))
    }
}

impl<T: Data> Data for Set<T> {
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
}

impl<T: Data> Data for BTreeMap<String, T> {
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

/// One block that must be there: in the configuration a list of exactly one.
impl<M: Model> BlockField for M {
    type Data = M;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 1;
    const MAX: usize = 1;

    fn object() -> Object {
        <M as Model>::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value.items() {
            [only] => M::from_object(only, &path.then(Step::Index(0))),
            _ => Err(Failure::at(path.clone(), format!("{path} must be there once"))),
        }
    }

    fn write(&self) -> Value {
        Value::List(vec![self.to_object()])
    }
}

/// One block that may be there.
impl<M: Model> BlockField for Option<M> {
    type Data = M;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 0;
    const MAX: usize = 1;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let first = value.items().first();
        first.map(|first| M::from_object(first, &path.then(Step::Index(0)))).transpose()
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(Model::to_object).collect())
    }
}

/// Any number of blocks, in order.
impl<M: Model> BlockField for Vec<M> {
    type Data = Vec<M>;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let items = value.items().iter().enumerate();
        items.map(|(at, item)| M::from_object(item, &path.then(Step::Index(at)))).collect()
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(Model::to_object).collect())
    }
}

/// Any number of blocks, in no order.
impl<M: Model> BlockField for Set<M> {
    type Data = Set<M>;
    const NESTING: Nesting = Nesting::Set;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        value.items().iter().map(|item| M::from_object(item, &path.then(Step::Element))).collect::<Result<_>>().map(Set)
    }

    fn write(&self) -> Value {
        Value::set(self.0.iter().map(Model::to_object))
    }
}

/// One block in the form `name { ... }` that is an object, not a list: `timeouts` is the usual one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Single<M>(pub M);

impl<M: Model + Default> BlockField for Single<M> {
    type Data = M;
    const NESTING: Nesting = Nesting::Single;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Null => Ok(Single(M::default())),
            object => M::from_object(object, path).map(Single),
        }
    }

    /// Null where nothing is set, as if the block weren't there.
    fn write(&self) -> Value {
        let object = self.0.to_object();
        let Value::Map(entries) = &object else { return object };
        if entries.values().all(Value::is_null) { Value::Null } else { object }
    }
}
