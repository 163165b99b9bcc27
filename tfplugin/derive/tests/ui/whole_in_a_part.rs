use tfplugin::{Known, Model};

/// A thing.
#[derive(Model)]
struct Thing {
    /// A part with an identity.
    named: Named,
    /// A part that takes the unknown.
    asking: Vec<Asking>,
    /// A part that takes any number.
    counting: Counting,
    /// An attribute with blocks.
    blocky: Option<Blocky>,
    #[attr(block)]
    block: Option<Named>,
}

/// A part with an identity.
#[derive(Model)]
struct Named {
    /// Its name.
    #[attr(identity, replace)]
    name: String,
}

/// A part that takes the unknown.
#[derive(Model)]
struct Asking {
    /// Its name.
    name: Known<String>,
}

/// A part that takes any number.
#[derive(Model)]
struct Counting {
    /// Its names.
    #[attr(variadic)]
    names: Vec<String>,
}

/// A part with blocks.
#[derive(Model)]
struct Blocky {
    #[attr(block)]
    plain: Vec<Plain>,
}

/// A part.
#[derive(Model)]
struct Plain {
    /// Its name.
    name: String,
}

fn main() {}
