use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// A word.
    #[attr(write_only)]
    word: String,
}

fn main() {}
