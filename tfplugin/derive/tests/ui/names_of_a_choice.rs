use tfplugin::Choice;

#[derive(Choice)]
enum Nothing {}

#[derive(Choice)]
enum Numbered {
    #[choice(1)]
    One,
}

#[derive(Choice)]
enum Empty {
    #[choice]
    One,
}

#[derive(Choice)]
enum Twins {
    One,
    #[choice("ONE")]
    First,
}

fn main() {}
