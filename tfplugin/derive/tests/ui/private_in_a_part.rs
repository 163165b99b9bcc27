use tfplugin::{Model, Private};

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its part.
    part: Part,
}

/// A part.
#[derive(Model)]
struct Part {
    /// Its name.
    name: String,
    /// What is remembered of it.
    note: Private<String>,
}

fn main() {}
