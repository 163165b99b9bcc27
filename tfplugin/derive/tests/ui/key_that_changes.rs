//! A part of a key that may change.

use tfplugin::Model;

/// A lamp.
#[derive(Model, Clone)]
#[model(key(room, name))]
struct Lamp {
    /// Where it hangs.
    #[attr(replace)]
    room: String,
    /// What it is called.
    name: String,
}

fn main() {}
