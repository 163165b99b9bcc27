use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(default = "x")]
    name: Option<String>,
}

fn main() {}
