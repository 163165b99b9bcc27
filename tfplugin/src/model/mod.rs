//! From values to Rust and back: what a struct needs to be a resource's model, and a type to be its field.
//!
//! `#[derive(Model)]` writes [`Model`] for a struct and `#[derive(Choice)]` writes [`Data`] for an enum of names.

mod blocks;
mod data;
mod declare;
mod fields;
mod key;
mod words;

use crate::schema::{Mode, Nesting, Object, Shape};
use crate::{Diagnostic, Failure, Known, Path, Result, Value};

pub use blocks::Single;
pub use data::{check_choice, choice};
pub use fields::{HasBlock, HasField, HasPart, present};
pub use key::{HasKey, KeyPart, ModelKey};
pub use words::{Kind, Word, Words};

/// A struct that is a schema, its documentation, a decoder and an encoder.
#[diagnostic::on_unimplemented(message = "`{Self}` is no model", note = "write `#[derive(Model)]` above its struct")]
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

    /// What its fields say that a model can't say everywhere.
    const WORDS: &'static Words = Words::NONE;
}

/// A model that has the fields of `P` among its own: `#[attr(flatten)]`.
pub trait Flattens<P: Model>: Model {
    /// Those fields.
    fn part(&self) -> &P;

    /// The same, to change them.
    fn part_mut(&mut self) -> &mut P;
}

/// A plain Rust type that an attribute's value may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the value of an attribute",
    note = "use `String`, `bool`, `i64`, `f64`, `Number`, `Duration`, `Dynamic`, a struct with `#[derive(Model)]`, an enum \
            with `#[derive(Choice)]`, or a `Vec`, `Set` or `BTreeMap<String, _>` of them",
    note = "a type of your own may also have an `impl Data`"
)]
pub trait Data: Sized + Send + Sync + 'static {
    /// Whether it may be an element of a set. Elements are told apart by their whole value, so nothing in one may be
    /// computed, have a default or be write-only.
    const MAY_BE_IN_SET: bool = true;
    /// Whether all sets in it have such elements only.
    const SETS_ARE_SOUND: bool = true;
    /// [`Model::WORDS`] of the model that it is or holds.
    const WORDS: &'static Words = Words::NONE;
    /// Tells an empty value: a text or a collection without anything in it, an object in which nothing is set, or only what
    /// means that. `None` for types without one. `#[attr(absent = empty)]` needs it.
    const IS_EMPTY: Option<fn(&Value) -> bool> = None;

    /// What its values look like.
    fn shape() -> Shape;

    /// A sentence on its values that every attribute of this type adds to its documentation, unless its description says
    /// it by the same words.
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a model",
    label = "no type of an attribute",
    note = "a field is a `T`, an `Option<T>`, a `Computed<T>`, an `OptionalComputed<T>` or a `Private<T>`",
    note = "`T` is `String`, `bool`, `i64`, `f64`, `Number`, `Duration`, `Dynamic`, a struct with `#[derive(Model)]`, an enum \
            with `#[derive(Choice)]`, a `Vec`, `Set` or `BTreeMap<String, _>` of them, or a type with an `impl Data`"
)]
pub trait Field: Sized {
    /// Its values, once they are there.
    type Data: Data;
    /// Who sets it.
    const MODE: Mode;
    /// Whether it can hold a value that is not known yet.
    const TAKES_UNKNOWN: bool = false;

    /// Reads it.
    ///
    /// # Errors
    /// A [`Failure`] at `path` if the value can't be one.
    fn read(value: &Value, path: &Path) -> Result<Self>;

    /// Writes it.
    fn write(&self) -> Value;
}

/// What `#[attr(default = ...)]` may give for an attribute of type `T`.
#[diagnostic::on_unimplemented(
    message = "the default of an attribute of type `{T}` can't be a `{Self}`",
    label = "no `{T}`, and nothing that becomes one"
)]
pub trait IntoDefault<T> {
    /// The default.
    fn into_default(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T, V: Into<T>> IntoDefault<T> for V {
    fn into_default(self) -> T {
        self.into()
    }
}

/// A type that a field marked `#[attr(block)]` may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a block",
    label = "no type of a block",
    note = "a block is an `M`, an `Option<M>`, a `Vec<M>`, a `Set<M>`, a `BTreeMap<String, M>` or a `Single<M>`",
    note = "`M` is a struct of your own with `#[derive(Model)]`; any other type is an attribute's: leave out `block`"
)]
pub trait BlockField: Sized {
    /// What a typed key to it reads.
    type Data;
    /// How the objects are held.
    const NESTING: Nesting;
    /// How many there must be.
    const MIN: usize;
    /// How many there may be; 0 is any number.
    const MAX: usize;
    /// Whether the blocks may be in an element of a set, as [`Data::MAY_BE_IN_SET`].
    const MAY_BE_IN_SET: bool;
    /// Whether all sets in them are sound, as [`Data::SETS_ARE_SOUND`].
    const SETS_ARE_SOUND: bool = true;
    /// [`Model::WORDS`] of the model in them.
    const WORDS: &'static Words;

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
///
/// A create, an update, a read and an import set each of them: to a value, or explicitly to null
/// ([`null`](Computed::null), or an `Option` by `into()`). One that was never set
/// ([`none`](Computed::none)) is an error that names the attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed<T>(Slot<T>);

/// A value that the configuration may set. Otherwise the provider does, as with a [`Computed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionalComputed<T>(Slot<T>);

/// What a provider has said of a value: nothing, that there is none, or the value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Slot<T> {
    Unset,
    Null,
    Set(T),
}

impl<T> Slot<T> {
    const fn as_option(&self) -> Option<&T> {
        match self {
            Slot::Set(value) => Some(value),
            Slot::Unset | Slot::Null => None,
        }
    }
}

/// A value that the provider keeps with a resource and shows to nobody: no attribute, and no part of a plan. The CLIs
/// store it beside the state, in the clear, so it is no place for secrets.
///
/// An update sees the value that its plan had, in the prior state and in the planned one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private<T>(Slot<T>);

macro_rules! computed {
    ($name:ident, $mode:expr, $unset:expr) => {
        impl<T> $name<T> {
            /// The value, once there is one.
            pub fn get(&self) -> Option<&T> {
                self.0.as_option()
            }

            /// The value, once there is one.
            pub fn into_option(self) -> Option<T> {
                match self.0 {
                    Slot::Set(value) => Some(value),
                    Slot::Unset | Slot::Null => None,
                }
            }

            /// Not set yet: something to start from. It must be set before it is returned.
            pub const fn none() -> Self {
                $name(Slot::Unset)
            }

            /// Explicitly no value: null in the state.
            pub const fn null() -> Self {
                $name(Slot::Null)
            }
        }

        /// Not set yet.
        impl<T> Default for $name<T> {
            fn default() -> Self {
                $name(Slot::Unset)
            }
        }

        impl<T> From<T> for $name<T> {
            fn from(value: T) -> Self {
                $name(Slot::Set(value))
            }
        }

        /// `None` is explicitly no value.
        impl<T> From<Option<T>> for $name<T> {
            fn from(value: Option<T>) -> Self {
                $name(value.map_or(Slot::Null, Slot::Set))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Data> Field for $name<T> {
            type Data = T;
            const MODE: Mode = $mode;

            fn read(value: &Value, path: &Path) -> Result<Self> {
                match value {
                    Value::Unknown => Ok($name(Slot::Unset)),
                    null if null.is_null() => Ok($name(Slot::Null)),
                    known => T::from_value(known, path).map(|value| $name(Slot::Set(value))),
                }
            }

            fn write(&self) -> Value {
                match &self.0 {
                    Slot::Unset => $unset,
                    Slot::Null => Value::Null,
                    Slot::Set(value) => value.to_value(),
                }
            }
        }
    };
}

computed!(Computed, Mode::Computed, Value::Unknown);
computed!(OptionalComputed, Mode::OptionalComputed, Value::Unknown);
// Nobody waits for a value that is shown to nobody.
computed!(Private, Mode::Computed, Value::Null);

impl Computed<String> {
    /// The text; empty where there is none yet.
    pub fn as_str(&self) -> &str {
        self.get().map_or("", String::as_str)
    }
}

impl OptionalComputed<String> {
    /// The text; empty where there is none yet.
    pub fn as_str(&self) -> &str {
        self.get().map_or("", String::as_str)
    }
}

/// The failure to read what is not known yet as if it were.
fn unknown(path: &Path) -> Failure {
    Failure::at(path.clone(), format!("{path} is not known yet"))
}

#[diagnostic::do_not_recommend]
impl<T: Data> Field for T {
    type Data = T;
    const MODE: Mode = Mode::Required;

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            null if null.is_null() => Err(Failure::at(path.clone(), format!("{path} is missing"))),
            Value::Unknown => Err(unknown(path)),
            known => T::from_value(known, path),
        }
    }

    fn write(&self) -> Value {
        self.to_value()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Data> Field for Option<T> {
    type Data = T;
    const MODE: Mode = Mode::Optional;

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            null if null.is_null() => Ok(None),
            other => T::read(other, path).map(Some),
        }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Data::to_value)
    }
}

/// A parameter of a function that wants to see null and what is not known yet.
#[diagnostic::do_not_recommend]
impl<T: Data> Field for Known<T> {
    type Data = T;
    const MODE: Mode = Mode::Optional;
    const TAKES_UNKNOWN: bool = true;

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            null if null.is_null() => Ok(Known::Null),
            value if !value.is_wholly_known() => Ok(Known::Unknown),
            known => T::from_value(known, path).map(Known::Known),
        }
    }

    fn write(&self) -> Value {
        match self {
            Known::Known(value) => value.to_value(),
            Known::Null => Value::Null,
            Known::Unknown => Value::Unknown,
        }
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
