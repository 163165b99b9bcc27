use tfplugin::Model;

/// Joins words.
#[derive(Model)]
struct Join {
    /// The words.
    #[attr(variadic)]
    words: Vec<String>,
    /// What stands between.
    separator: String,
}

fn main() {}
