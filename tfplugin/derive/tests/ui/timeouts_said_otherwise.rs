use tfplugin::{Model, Timeouts};

/// A thing.
#[derive(Model)]
struct Nothing {
    /// How long to wait.
    #[attr(timeouts)]
    timeouts: Timeouts<Self>,
}

/// A thing.
#[derive(Model)]
struct Operation {
    /// How long to wait.
    #[attr(timeouts(make = "45m"))]
    timeouts: Timeouts<Self>,
}

/// A thing.
#[derive(Model)]
struct Length {
    /// How long to wait.
    #[attr(timeouts(create = "45 minutes"))]
    timeouts: Timeouts<Self>,
}

/// A thing.
#[derive(Model)]
struct Number {
    /// How long to wait.
    #[attr(timeouts(create = 45))]
    timeouts: Timeouts<Self>,
}

/// A thing.
#[derive(Model)]
struct Twice {
    /// How long to wait.
    #[attr(timeouts(create = "45m", create = "1h"))]
    timeouts: Timeouts<Self>,
}

fn main() {}
