use tfplugin::{Model, validate};

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(validate = validate::range(1..=3))]
    name: String,
    /// How many there are.
    #[attr(validate = |count: &i64| *count > 3)]
    count: i64,
}

fn main() {}
