use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(replce)]
    name: String,
}

fn main() {}
