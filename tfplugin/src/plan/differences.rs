//! In which arguments a thing that exists is not as it is planned.

use super::keep_spelling;
use crate::schema::Mode;
use crate::{Model, Value};

/// The names of the arguments in which `found` is not as `planned`. Another spelling of the same is no difference, and
/// neither is what the plan leaves to the provider.
pub fn differences<M: Model>(planned: &M, found: &M) -> Vec<&'static str> {
    let object = M::object();
    let (planned, mut found) = (planned.to_object(), found.to_object());
    keep_spelling(&object, &planned, &mut found);
    let is_asked = |mode: Mode, value: &Value| match mode {
        Mode::Required | Mode::Optional => true,
        Mode::Computed => false,
        Mode::OptionalComputed => value.is_wholly_known() && !value.is_null(),
    };
    let attributes = object.attributes.iter().filter(|one| is_asked(one.mode, planned.get(one.name)));
    let names = attributes.map(|one| one.name).chain(object.blocks.iter().map(|block| block.name));
    names.filter(|name| planned.get(name) != found.get(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Computed, OptionalComputed};

    /// A thing.
    #[derive(Model)]
    struct Thing {
        /// Its name.
        name: String,
        /// A note.
        note: Option<String>,
        /// Its place.
        place: OptionalComputed<String>,
        /// Its size.
        size: Computed<i64>,
    }

    #[test]
    fn only_what_is_asked_for_can_differ() {
        let thing = |note: Option<&str>, place: Option<&str>, size: Option<i64>| Thing {
            name: "one".into(),
            note: note.map(str::to_owned),
            place: place.map(str::to_owned).into(),
            size: size.into(),
        };
        let found = thing(Some("a"), Some("here"), Some(3));
        assert!(differences(&thing(Some("a"), None, None), &found).is_empty());
        assert_eq!(differences(&thing(None, Some("there"), None), &found), ["note", "place"]);
    }
}
