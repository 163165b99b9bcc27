//! What is flattened has its words in its own struct.

use tfplugin::Model;

/// What all have.
#[derive(Model, Clone)]
struct Common {
    /// Words on it.
    text: Option<String>,
}

/// A lamp.
#[derive(Model, Clone)]
struct Lamp {
    #[attr(flatten, sensitive)]
    common: Common,
}

fn main() {}
