use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// How many there are.
    #[attr(default = "many")]
    count: i64,
}

fn main() {}
