use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    name: String,
}

fn main() {
    let thing = Thing { name: "lamp".to_owned() };
    assert_eq!(thing.to_object().get(Thing::NAME.name()).as_str(), Some("lamp"));
}
