//! A model's fields, each by its place. What the derive writes goes through here, where a field's type is known to be
//! one: so that of another type the compiler speaks once, and not at each use.

use std::collections::BTreeMap;

use super::{BlockField, Data, Field, Model, Words};
use crate::schema::{Attribute, Block, Object};
use crate::{Path, Result, Value};

/// That field number `AT` of a model is an attribute or a private value.
pub trait HasField<const AT: usize> {
    /// What its values are, whoever sets them.
    type Data;
    /// The field's type.
    type Field: Field<Data = Self::Data>;

    /// [`Data::MAY_BE_IN_SET`].
    const MAY_BE_IN_SET: bool = may_be_in_set::<Self::Field>();
    /// [`Data::SETS_ARE_SOUND`].
    const SETS_ARE_SOUND: bool = sets_are_sound::<Self::Field>();
    /// [`Data::WORDS`].
    const WORDS: &'static Words = words::<Self::Field>();
    /// [`Data::IS_EMPTY`].
    const IS_EMPTY: Option<fn(&Value) -> bool> = is_empty::<Self::Field>();

    /// Its schema.
    fn declare(name: &'static str) -> Attribute {
        Attribute::of::<Self::Field>(name)
    }

    /// [`Field::read`].
    ///
    /// # Errors
    /// As that.
    fn read(value: &Value, path: &Path) -> Result<Self::Field> {
        Self::Field::read(value, path)
    }

    /// [`Field::write`].
    fn write(field: &Self::Field) -> Value {
        field.write()
    }
}

// Functions, since there `F::Data` is known to be `Data`; of `HasField::Data` only its equality is.
const fn may_be_in_set<F: Field>() -> bool {
    <F::Data as Data>::MAY_BE_IN_SET
}

const fn sets_are_sound<F: Field>() -> bool {
    <F::Data as Data>::SETS_ARE_SOUND
}

const fn words<F: Field>() -> &'static Words {
    <F::Data as Data>::WORDS
}

const fn is_empty<F: Field>() -> Option<fn(&Value) -> bool> {
    <F::Data as Data>::IS_EMPTY
}

/// `value`, or null where it is empty. The derive of a model calls this for `#[attr(absent = empty)]`.
pub fn present(value: &Value, is_empty: Option<fn(&Value) -> bool>) -> &Value {
    if is_empty.is_some_and(|is_empty| is_empty(value)) { &Value::Null } else { value }
}

/// That the fields of field number `AT` of a model are those of the whole.
pub trait HasPart<const AT: usize> {
    /// The same as `Field`.
    type Data;
    /// The field's type.
    type Field: Model + Data;

    /// [`Data::MAY_BE_IN_SET`].
    const MAY_BE_IN_SET: bool = <Self::Field as Data>::MAY_BE_IN_SET;
    /// [`Model::WORDS`].
    const WORDS: &'static Words = <Self::Field as Model>::WORDS;

    /// [`Model::object`].
    fn object() -> Object {
        <Self::Field as Model>::object()
    }

    /// Reads it from the whole.
    ///
    /// # Errors
    /// As [`Model::from_object`].
    fn read(value: &Value, path: &Path) -> Result<Self::Field> {
        <Self::Field as Model>::from_object(value, path)
    }

    /// Writes it into the whole.
    fn write(field: &Self::Field, entries: &mut BTreeMap<String, Value>) {
        if let Value::Map(own) = field.to_object() {
            entries.extend(own);
        }
    }
}

/// That field number `AT` of a model is a block.
pub trait HasBlock<const AT: usize> {
    /// What a typed key to it reads.
    type Data;
    /// The field's type.
    type Field: BlockField<Data = Self::Data>;

    /// [`BlockField::MAY_BE_IN_SET`].
    const MAY_BE_IN_SET: bool = Self::Field::MAY_BE_IN_SET;
    /// [`BlockField::SETS_ARE_SOUND`].
    const SETS_ARE_SOUND: bool = Self::Field::SETS_ARE_SOUND;
    /// [`BlockField::WORDS`].
    const WORDS: &'static Words = Self::Field::WORDS;

    /// Its schema.
    fn declare(name: &'static str) -> Block {
        Block::of::<Self::Field>(name)
    }

    /// [`BlockField::read`].
    ///
    /// # Errors
    /// As that.
    fn read(value: &Value, path: &Path) -> Result<Self::Field> {
        Self::Field::read(value, path)
    }

    /// [`BlockField::write`].
    fn write(field: &Self::Field) -> Value {
        field.write()
    }
}
