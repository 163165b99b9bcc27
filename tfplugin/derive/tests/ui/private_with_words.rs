use tfplugin::{Model, Private};

/// A thing.
#[derive(Model)]
struct Thing {
    /// What is remembered.
    #[attr(sensitive)]
    note: Private<String>,
}

fn main() {}
