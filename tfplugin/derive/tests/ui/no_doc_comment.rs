use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    name: String,
}

fn main() {}
