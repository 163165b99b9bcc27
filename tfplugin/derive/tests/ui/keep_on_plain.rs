use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(keep)]
    name: String,
}

fn main() {}
