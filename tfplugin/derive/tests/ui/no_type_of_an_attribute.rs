use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// How many there are.
    count: u32,
    /// Its part.
    part: Option<Part>,
    /// Names, some of which are not there.
    names: Vec<Option<String>>,
}

struct Part;

fn main() {}
