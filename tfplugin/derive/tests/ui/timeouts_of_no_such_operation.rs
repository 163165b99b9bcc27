use tfplugin::{Model, Timeouts};

/// A thing.
#[derive(Model)]
struct Thing {
    /// How long to wait.
    #[attr(timeouts(create = "45m"))]
    timeouts: Timeouts<Self>,
}

fn main() {
    let thing = Thing { timeouts: Timeouts::default() };
    thing.timeouts.create();
    thing.timeouts.delete();
}
