use tfplugin::Model;

/// A thing.
#[derive(Model)]
enum Thing {
    One,
}

fn main() {}
