use tfplugin::Model;

/// Joins words.
#[derive(Model)]
struct Join {
    /// The words.
    #[attr(variadic)]
    words: String,
}

fn main() {}
