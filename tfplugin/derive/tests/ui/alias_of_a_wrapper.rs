use tfplugin::{Computed, Model};

type Id = Computed<String>;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its id.
    id: Id,
}

fn main() {}
