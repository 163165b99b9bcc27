use std::collections::BTreeMap;

use tfplugin::{Model, Set, Single};

/// A part.
#[derive(Model, Default)]
struct Part {
    /// Its name.
    name: String,
}

/// A limit that there isn't.
#[derive(Model)]
struct Unheard {
    #[attr(block(least = 1))]
    part: Vec<Part>,
}

/// A limit that is no number.
#[derive(Model)]
struct Wordy {
    #[attr(block(max = "two"))]
    part: Vec<Part>,
}

/// A limit below zero.
#[derive(Model)]
struct Negative {
    #[attr(block(min = -1))]
    part: Set<Part>,
}

/// Limits that nothing meets.
#[derive(Model)]
struct Impossible {
    #[attr(block(min = 3, max = 2))]
    part: Vec<Part>,
}

/// Limits of what is one at most.
#[derive(Model)]
struct One {
    #[attr(block(min = 1))]
    part: Option<Part>,
}

/// The same as an object.
#[derive(Model)]
struct Object {
    #[attr(block(max = 1))]
    part: Single<Part>,
}

/// Limits of what the CLIs count by labels.
#[derive(Model)]
struct Labelled {
    #[attr(block(max = 2))]
    part: BTreeMap<String, Part>,
}

fn main() {}
