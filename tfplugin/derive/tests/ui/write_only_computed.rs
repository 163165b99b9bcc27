use tfplugin::{Model, OptionalComputed};

/// A thing.
#[derive(Model)]
struct Thing {
    /// A word.
    #[attr(write_only)]
    word: OptionalComputed<String>,
}

fn main() {}
