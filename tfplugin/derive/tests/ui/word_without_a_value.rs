use tfplugin::Model;

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    #[attr(deprecated)]
    name: String,
}

/// Another thing.
#[derive(Model)]
struct Other {
    /// Its name.
    #[attr(default, replace)]
    name: String,
}

/// A third thing.
#[derive(Model)]
struct Third {
    /// Its name.
    #[attr(validate)]
    name: String,
}

/// A fourth thing.
#[derive(Model)]
#[attr(deprecated)]
struct Fourth {
    /// Its name.
    #[attr(deprecated = 2)]
    name: String,
}

/// A fifth thing.
#[derive(Model)]
struct Fifth {
    /// Its name.
    #[attr(deprecated = 2)]
    name: String,
}

fn main() {}
