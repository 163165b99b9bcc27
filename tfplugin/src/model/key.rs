//! What a resource is known by: the fields that `#[model(key(...))]` names.

use super::{Computed, Model, OptionalComputed};
use crate::{Path, View};

/// A model with a key.
pub trait HasKey: Model {
    /// The struct of its key.
    type Key: ModelKey<Model = Self>;

    /// What tells this one from others.
    fn key(&self) -> Self::Key;

    /// Sets the key, and the field `id` where there is one: it is the key as a text.
    fn set_key(&mut self, key: &Self::Key);
}

/// The values by which one resource is told from another of its type, in an order. As a text they have colons between
/// them: `DETECTOR:NAME`.
pub trait ModelKey: Sized + Clone + std::fmt::Debug + std::fmt::Display + Eq + Send + Sync + 'static {
    /// What it is the key of.
    type Model: Model;
    /// Names of the attributes.
    const PARTS: &'static [&'static str];

    /// The key of these values; `None` if there are too few.
    fn from_parts(parts: impl Iterator<Item = String>) -> Option<Self>;

    /// Its values.
    fn parts(&self) -> Vec<&str>;

    /// The key that `text` says, with colons or slashes between its values; `None` if it says another number of them, or
    /// one is empty.
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.splitn(Self::PARTS.len(), [':', '/']).map(str::to_owned).collect();
        let is_whole = parts.len() == Self::PARTS.len() && parts.iter().all(|part| !part.is_empty());
        is_whole.then(|| Self::from_parts(parts.into_iter())).flatten()
    }

    /// What a text must look like: `DETECTOR:NAME`.
    fn form() -> String {
        let name = |part: &&str| part.trim_end_matches("_id").to_uppercase();
        Self::PARTS.iter().map(name).collect::<Vec<_>>().join(":")
    }

    /// The key in `view`; `None` while it is not wholly known.
    fn of(view: &View<Self::Model>) -> Option<Self> {
        let parts: Option<Vec<_>> = Self::PARTS.iter().map(|name| view.text(name).map(str::to_owned)).collect();
        Self::from_parts(parts?.into_iter())
    }

    /// The attribute in which two keys of the same place mostly differ: the last.
    fn path() -> Path {
        Self::PARTS.last().map_or_else(Path::root, |name| Path::root().attribute(name))
    }
}

/// A field that may be a part of a key.
#[diagnostic::on_unimplemented(message = "`{Self}` can't be a part of a key", note = "a part of a key is a text")]
pub trait KeyPart {
    /// Its text; empty where there is none yet.
    fn key_part(&self) -> &str;
}

impl KeyPart for String {
    fn key_part(&self) -> &str {
        self
    }
}

impl KeyPart for Computed<String> {
    fn key_part(&self) -> &str {
        self.as_str()
    }
}

impl KeyPart for OptionalComputed<String> {
    fn key_part(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flattens, Key, Model, Value};

    /// What all have.
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Common {
        /// Words on it.
        #[attr(keep)]
        note: OptionalComputed<String>,
        /// Its id.
        #[attr(keep)]
        id: Computed<String>,
    }

    /// A lamp.
    #[derive(Model, Clone, Debug, PartialEq)]
    #[model(key(room_id, name))]
    struct Lamp {
        /// Where it hangs.
        #[attr(replace)]
        room_id: String,
        /// What it is called.
        #[attr(replace)]
        name: String,
        #[attr(flatten)]
        common: Common,
    }

    /// A chair.
    #[derive(Model, Clone, Debug, PartialEq)]
    #[model(key(number))]
    struct Chair {
        /// Its number.
        #[attr(keep)]
        number: Computed<String>,
        /// The same.
        #[attr(keep)]
        id: Computed<String>,
    }

    fn lamp() -> Lamp {
        let common = Common { note: "bright".to_owned().into(), id: Computed::null() };
        Lamp { room_id: "hall".to_owned(), name: "sun".to_owned(), common }
    }

    #[test]
    fn a_key_is_a_text_and_an_identity() {
        let key = lamp().key();
        assert_eq!((key.to_string().as_str(), LampKey::form().as_str()), ("hall:sun", "ROOM:NAME"));
        for text in ["hall:sun", "hall/sun"] {
            assert_eq!(LampKey::parse(text), Some(key.clone()), "{text}");
        }
        assert_eq!(LampKey::parse("hall:sun:set").map(|key| key.name), Some("sun:set".to_owned()));
        for text in ["hall", "hall:", ":sun", ""] {
            assert_eq!(LampKey::parse(text), None, "{text}");
        }
        let identity: Vec<_> = Lamp::object().identity().map(|attribute| attribute.name).collect();
        assert_eq!(identity, ["room_id", "name"]);
        assert_eq!(LampKey::path(), Path::from(Lamp::NAME));
    }

    #[test]
    fn a_key_is_known_once_all_of_it_is() {
        let mut value = lamp().to_object();
        assert_eq!(LampKey::of(&View::new(&value, Path::root())), Some(lamp().key()));
        value.put("name", Value::Unknown);
        assert_eq!(LampKey::of(&View::new(&value, Path::root())), None);
        value.put("name", Value::Null);
        assert_eq!(LampKey::of(&View::new(&value, Path::root())), None);
    }

    #[test]
    fn an_id_of_its_own_is_the_key() {
        let mut chair = Chair { number: Computed::none(), id: Computed::none() };
        chair.set_key(&ChairKey { number: "7".to_owned() });
        assert_eq!(chair, Chair { number: "7".to_owned().into(), id: "7".to_owned().into() });
    }

    #[test]
    fn what_is_flattened_is_among_the_fields_of_the_whole() {
        let value = lamp().to_object();
        assert_eq!((value.get("note"), value.get("name")), (&"bright".into(), &"sun".into()));
        assert_eq!(Lamp::from_object(&value, &Path::root()), Ok(lamp()));
        let names: Vec<_> = Lamp::object().attributes.iter().map(|attribute| attribute.name).collect();
        assert_eq!(names, ["room_id", "name", "note", "id"]);
        let view = View::<Lamp>::new(&value, Path::root());
        let note: Key<Lamp, String> = Common::NOTE.within();
        assert_eq!(view.get(note), view.part::<Common>().get(Common::NOTE));
        let mut other = lamp();
        other.part_mut().note = OptionalComputed::null();
        assert_eq!(other.part().note.get(), None);
    }
}
