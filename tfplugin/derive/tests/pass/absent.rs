use std::collections::BTreeMap;

use tfplugin::{Model, Path, Set, Value};

/// A thing.
#[derive(Model, Debug, PartialEq)]
struct Thing {
    /// Its text.
    #[attr(absent = empty)]
    text: Option<String>,
    /// Its words.
    #[attr(absent = empty)]
    words: Option<Vec<String>>,
    /// Its colours.
    #[attr(absent = empty)]
    colours: Option<Set<String>>,
    /// Its notes.
    #[attr(absent = empty)]
    notes: Option<BTreeMap<String, String>>,
    /// Its part.
    #[attr(absent = empty)]
    part: Option<Part>,
}

/// A part.
#[derive(Model, Debug, PartialEq)]
struct Part {
    /// Its name.
    name: Option<String>,
}

fn main() {
    let none = Thing { text: None, words: None, colours: None, notes: None, part: None };
    let mut empty = none.to_object();
    empty.put("text", "".into());
    empty.put("words", Value::List(Vec::new()));
    empty.put("colours", Value::set([]));
    empty.put("notes", Value::Map(BTreeMap::new()));
    empty.put("part", Part { name: None }.to_object());
    // Code never sees what is empty.
    assert_eq!(Thing::from_object(&empty, &Path::root()), Ok(none));
}
