use tfplugin::{Model, Timeouts};

/// A thing.
#[derive(Model)]
struct Thing {
    /// A part of it.
    part: Part,
}

/// A part of it.
#[derive(Model)]
struct Part {
    /// How long to wait.
    #[attr(timeouts(create = "45m"))]
    timeouts: Timeouts<Self>,
}

fn main() {}
