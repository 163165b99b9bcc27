use tfplugin::Model;

/// A part.
#[derive(Model)]
struct Part {
    /// Its name.
    name: String,
}

/// A thing.
#[derive(Model)]
struct Thing {
    #[attr(block, replace)]
    part: Vec<Part>,
}

fn main() {}
