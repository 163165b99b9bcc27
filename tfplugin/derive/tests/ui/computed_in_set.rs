use tfplugin::{Computed, Model, Set};

/// A shelf.
#[derive(Model)]
struct Shelf {
    /// What lies on it.
    things: Set<Thing>,
}

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    name: String,
    /// Its id.
    id: Computed<String>,
}

fn main() {}
