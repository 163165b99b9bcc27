use tfplugin::{Model, Plan};

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    name: String,
}

fn plan(plan: &Plan<'_, Thing>) {
    let name: String = plan.get(Thing::NAME);
    println!("{name}");
}

fn main() {}
