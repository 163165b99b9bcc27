use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing(String);

/// Nothing.
#[derive(Model)]
struct Nothing;

fn main() {}
