use tfplugin::{Model, View};

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    name: String,
}

fn check(config: &View<'_, Thing>) -> bool {
    config.get(Thing::NAM).is_unknown()
}

fn main() {}
