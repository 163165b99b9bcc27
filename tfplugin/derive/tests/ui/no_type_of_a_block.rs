use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    #[attr(block)]
    name: String,
    #[attr(block)]
    part: Vec<Part>,
}

struct Part;

fn main() {}
