use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(replace = true)]
    name: String,
}

fn main() {}
