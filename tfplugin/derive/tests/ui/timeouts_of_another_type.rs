use tfplugin::wait;
use tfplugin::{Model, Single, Timeouts};

/// A thing.
#[derive(Model)]
struct Thing {
    #[attr(block, timeouts(create = "45m"))]
    timeouts: Single<wait::Timeouts>,
}

/// A thing.
#[derive(Model)]
struct Other {
    /// How long to wait.
    timeouts: Timeouts<Self>,
}

/// A thing.
#[derive(Model)]
struct Third {
    /// How long to wait.
    #[attr(timeouts(create = "45m"), replace)]
    timeouts: Timeouts<Self>,
}

fn main() {}
