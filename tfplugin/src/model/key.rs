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
