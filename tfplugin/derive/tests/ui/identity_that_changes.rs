use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(identity)]
    name: String,
}

fn main() {}
