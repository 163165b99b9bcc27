use tfplugin::{Computed, Model};

/// A thing.
#[derive(Model)]
struct Required {
    /// Its name.
    #[attr(absent = empty)]
    name: String,
}

/// A thing.
#[derive(Model)]
struct ByTheProvider {
    /// Its id.
    #[attr(absent = empty)]
    id: Computed<String>,
}

/// A thing.
#[derive(Model)]
struct NeverKept {
    /// A word.
    #[attr(absent = empty, write_only)]
    secret: Option<String>,
}

/// A thing.
#[derive(Model)]
struct AnotherValue {
    /// Its name.
    #[attr(absent = null)]
    name: Option<String>,
}

/// A thing.
#[derive(Model)]
struct NoValue {
    /// Its name.
    #[attr(absent)]
    name: Option<String>,
}

fn main() {}
