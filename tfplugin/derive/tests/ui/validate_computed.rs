use tfplugin::{Computed, Model};

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(validate = |_: &String| Ok(()))]
    name: Computed<String>,
}

fn main() {}
