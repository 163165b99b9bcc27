use tfplugin::{Computed, Model, validate};

/// What a module says.
#[derive(Model)]
struct Replaced {
    /// Its name.
    #[attr(replace)]
    name: String,
}

/// What a module says.
#[derive(Model)]
struct Numbered {
    /// Its number.
    number: Computed<i64>,
}

/// What a module says.
#[derive(Model)]
struct Defaulted {
    /// Its name.
    #[attr(default = "module")]
    name: String,
}

/// What a module says.
#[derive(Model)]
struct Old {
    /// Its name.
    #[attr(deprecated = "Use the other.")]
    name: Option<String>,
}

/// What a module says.
#[derive(Model)]
struct Checked {
    /// Its number.
    #[attr(validate = validate::range(1..=3))]
    number: i64,
}

fn main() {
    let _ = tfplugin::meta::<Replaced>();
    let _ = tfplugin::meta::<Numbered>();
    let _ = tfplugin::meta::<Defaulted>();
    let _ = tfplugin::meta::<Old>();
    let _ = tfplugin::meta::<Checked>();
}
