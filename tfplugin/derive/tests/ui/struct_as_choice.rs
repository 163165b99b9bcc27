use tfplugin::Choice;

#[derive(Choice)]
struct Thing {
    name: String,
}

fn main() {}
