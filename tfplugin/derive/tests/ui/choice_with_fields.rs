use tfplugin::Choice;

#[derive(Choice)]
enum Thing {
    One(String),
}

fn main() {}
