use tfplugin::{Model, OptionalComputed};

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(default("lamp"))]
    name: String,
}

/// A thing whose default is said by its type too.
#[derive(Model)]
struct Other {
    /// Its name.
    #[attr(default = "lamp")]
    name: OptionalComputed<String>,
}

/// A thing that must be said, and has a default.
#[derive(Model)]
struct Third {
    /// Its name.
    #[attr(required, default = "lamp")]
    name: String,
}

fn main() {}
