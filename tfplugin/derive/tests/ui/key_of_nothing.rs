//! A key of a field that there is none.

use tfplugin::Model;

/// A lamp.
#[derive(Model, Clone)]
#[model(key(rom))]
struct Lamp {
    /// Where it hangs.
    #[attr(replace)]
    room: String,
}

fn main() {}
