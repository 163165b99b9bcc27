use tfplugin::{Data, Model};

/// A thing.
#[derive(Model)]
struct Thing<T: Data> {
    /// What is in it.
    content: T,
}

fn main() {}
