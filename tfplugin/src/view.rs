//! A model before apply, when any configured value may still be unknown.
//!
//! Plan-time code never holds a model: it holds a [`View`] and asks for single values by typed keys, which the derive
//! makes from the fields. Each answer is a [`Known`], so that nobody forgets that it may be null or unknown; each key
//! is also the path of a diagnostic.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::model::{Field, Flattens, present};
use crate::{Data, Model, Path, Set, Step, Value};

/// The name of a model's attribute or block, together with the type of its values.
pub struct Key<M, T> {
    name: &'static str,
    is_empty: Option<fn(&Value) -> bool>,
    marker: PhantomData<fn(M) -> T>,
}

impl<M, T> Clone for Key<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Key<M, T> {}

impl<M, T> Key<M, T> {
    /// A key to attribute `name`. The derive calls this.
    pub const fn new(name: &'static str) -> Self {
        Key { name, is_empty: None, marker: PhantomData }
    }

    /// The same where an empty value, as `is_empty` tells it, is one that is left out. The derive calls this.
    #[must_use]
    pub const fn absent_if(self, is_empty: Option<fn(&Value) -> bool>) -> Self {
        Key { is_empty, ..self }
    }

    /// The same in other types.
    const fn cast<N, U>(self) -> Key<N, U> {
        Key { name: self.name, is_empty: self.is_empty, marker: PhantomData }
    }

    /// The attribute's name.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The same key without the type of its values: for lists of keys.
    pub const fn any(self) -> Key<M, ()> {
        self.cast()
    }

    /// The same attribute in a model that has those of `M` among its own.
    pub const fn within<N: Flattens<M>>(self) -> Key<N, T>
    where
        M: Model,
    {
        self.cast()
    }

    /// The path to an attribute of the object that this key leads to.
    pub fn then<N, U>(self, next: Key<N, U>) -> Path {
        Path::from(self).attribute(next.name)
    }
}

impl<M, T> From<Key<M, T>> for Path {
    fn from(key: Key<M, T>) -> Self {
        Path::root().attribute(key.name)
    }
}

/// A configured or planned value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// It is there.
    Known(T),
    /// It is left out.
    Null,
    /// It, or something in it, is known only at apply.
    Unknown,
}

impl<T> Known<T> {
    /// The value, if it is there and known. `None` is both, left out and not known yet: where these are not the same, match.
    pub fn known(self) -> Option<T> {
        match self {
            Known::Known(value) => Some(value),
            Known::Null | Known::Unknown => None,
        }
    }

    /// Whether it is known to be left out.
    pub fn is_null(&self) -> bool {
        matches!(self, Known::Null)
    }

    /// Whether it is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Known::Unknown)
    }
}

/// A collection of objects, as a nested attribute or as blocks.
pub trait Collection {
    /// The objects.
    type Item;
}

impl<M> Collection for Vec<M> {
    type Item = M;
}

impl<M> Collection for Set<M> {
    type Item = M;
}

impl<M> Collection for BTreeMap<String, M> {
    type Item = M;
}

/// An object of model `M` in which anything may be unknown.
pub struct View<'a, M> {
    value: &'a Value,
    path: Path,
    marker: PhantomData<fn() -> M>,
}

impl<'a, M> View<'a, M> {
    /// A view of `value`, which lies at `path`.
    pub fn new(value: &'a Value, path: Path) -> Self {
        View { value, path, marker: PhantomData }
    }

    /// Where attribute `key` lies in the whole.
    pub fn path<T>(&self, key: Key<M, T>) -> Path {
        self.path.attribute(key.name)
    }

    /// Where this object lies in the whole.
    pub fn location(&self) -> &Path {
        &self.path
    }

    /// The raw value of attribute `key`; null where it is empty and that means left out.
    pub fn value<T>(&self, key: Key<M, T>) -> &'a Value {
        present(self.written(key), key.is_empty)
    }

    /// The value of attribute `key` as it is written, also where it is empty.
    pub fn written<T>(&self, key: Key<M, T>) -> &'a Value {
        self.value.get(key.name)
    }

    /// Whether attribute or block `key` is certain to be there: it is neither left out nor unknown, which may yet turn
    /// out to be left out.
    pub fn is_given<T>(&self, key: Key<M, T>) -> bool {
        !self.value(key).is_null() && !self.value(key).is_unknown()
    }

    /// The value of attribute `key`. One that breaks the rules of its type, which validation reports, counts as
    /// unknown.
    pub fn get<T: Data>(&self, key: Key<M, T>) -> Known<T> {
        match self.value(key) {
            null if null.is_null() => Known::Null,
            value if !value.is_wholly_known() => Known::Unknown,
            value => <T as Field>::read(value, &self.path(key)).map_or(Known::Unknown, Known::Known),
        }
    }

    /// The one object at `key`, a nested attribute or a block. In it anything may be unknown.
    pub fn child<C: Model>(&self, key: Key<M, C>) -> Known<View<'a, C>> {
        let path = self.path(key);
        match self.value(key) {
            object @ Value::Map(_) => Known::Known(View::new(object, path)),
            Value::List(items) => match items.first() {
                Some(first) => Known::Known(View::new(first, path.then(Step::Index(0)))),
                None => Known::Null,
            },
            Value::Unknown => Known::Unknown,
            _ => Known::Null,
        }
    }

    /// Each object at `key`, a collection of nested objects or of blocks. In them anything may be unknown; the whole is, if
    /// not even their number is known.
    pub fn children<C: Collection>(&self, key: Key<M, C>) -> Known<Vec<View<'a, C::Item>>> {
        let path = self.path(key);
        Known::Known(match self.value(key) {
            Value::List(items) => {
                items.iter().enumerate().map(|(at, item)| View::new(item, path.then(Step::Index(at)))).collect()
            }
            Value::Set(items) => items.iter().map(|item| View::new(item, path.then(Step::Element))).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(key, item)| View::new(item, path.then(Step::Key(key.clone())))).collect()
            }
            Value::Unknown => return Known::Unknown,
            _ => return Known::Null,
        })
    }

    /// The attributes of `P` among those of the whole.
    pub fn part<P: Model>(&self) -> View<'a, P>
    where
        M: Flattens<P>,
    {
        View::new(self.value, self.path.clone())
    }

    /// The text of attribute `name`; `None` if it is left out or unknown.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name).as_str()
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        self.value.is_wholly_known()
    }
}

impl<M: Model> View<'_, M> {
    /// The whole as a model, if nothing in it that the configuration sets is unknown.
    pub fn to_model(&self) -> Option<M> {
        M::from_object(self.value, &self.path).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Single;

    /// A house.
    #[derive(Model, Debug, PartialEq)]
    struct House {
        /// Its lamps.
        lamps: Option<Vec<Lamp>>,
        #[attr(block)]
        door: Option<Lamp>,
        #[attr(block)]
        gate: Single<Lamp>,
        #[attr(block)]
        window: Vec<Lamp>,
        #[attr(block)]
        room: BTreeMap<String, Lamp>,
        #[attr(block)]
        tree: Set<Lamp>,
    }

    /// A lamp.
    #[derive(Model, Debug, PartialEq)]
    struct Lamp {
        /// Its name.
        name: String,
    }

    fn house(name: &str, value: Value) -> Value {
        let mut house = House::object().empty();
        house.put(name, value);
        house
    }

    /// Whether what is asked of a house is known, null or unknown.
    fn kind<T>(known: &Known<T>) -> &'static str {
        match known {
            Known::Known(_) => "known",
            Known::Null => "null",
            Known::Unknown => "unknown",
        }
    }

    #[test]
    fn what_is_left_out_and_what_is_not_known_yet_are_two_things() {
        let lamp = Value::Map([("name".to_owned(), Value::Unknown)].into());
        let list = |items: &[&Value]| Value::List(items.iter().copied().cloned().collect());
        for (value, child, children) in [
            (list(&[&lamp]), "known", "known"),
            (list(&[&Value::Unknown]), "known", "known"),
            (list(&[]), "null", "known"),
            (Value::Unknown, "unknown", "unknown"),
            (Value::Null, "null", "null"),
        ] {
            let (with_door, with_lamps) = (house("door", value.clone()), house("lamps", value.clone()));
            let view = |house| View::<House>::new(house, Path::root());
            assert_eq!(kind(&view(&with_door).child(House::DOOR)), child, "{value:?}");
            assert_eq!(kind(&view(&with_lamps).children(House::LAMPS)), children, "{value:?}");
        }
    }

    #[test]
    fn blocks_that_are_not_known_yet_are_no_model() {
        for name in ["lamps", "door", "gate", "window", "room", "tree"] {
            let (none, unknown) = (House::object().empty(), house(name, Value::Unknown));
            assert!(View::<House>::new(&none, Path::root()).to_model().is_some());
            assert_eq!(View::<House>::new(&unknown, Path::root()).to_model(), None, "{name}");
        }
    }
}
