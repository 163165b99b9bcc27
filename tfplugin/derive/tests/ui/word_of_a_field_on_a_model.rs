use tfplugin::Model;

/// A thing.
#[derive(Model)]
#[attr(sensitive)]
struct Thing {
    /// Its name.
    name: String,
}

fn main() {}
