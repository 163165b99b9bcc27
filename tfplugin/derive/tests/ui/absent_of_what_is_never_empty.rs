use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// How many there are.
    #[attr(absent = empty)]
    count: Option<i64>,
    /// Its part.
    #[attr(absent = empty)]
    part: Option<Part>,
}

/// A part.
#[derive(Model)]
struct Part {
    /// Its name.
    name: String,
}

fn main() {}
