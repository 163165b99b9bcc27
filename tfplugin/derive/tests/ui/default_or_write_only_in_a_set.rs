use tfplugin::{Model, Set};

/// A shelf.
#[derive(Model)]
struct Shelf {
    /// What lies on it.
    things: Set<Thing>,
    #[attr(block)]
    label: Set<Label>,
}

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(default = "lamp")]
    name: String,
}

/// A label.
#[derive(Model)]
struct Label {
    /// What it says.
    #[attr(write_only)]
    text: Option<String>,
}

fn main() {}
