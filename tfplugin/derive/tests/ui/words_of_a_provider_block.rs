use tfplugin::resource::ErasedResource;
use tfplugin::{Computed, Model, Provider, Result, Session, View};

macro_rules! provider {
    ($name:ident) => {
        impl Provider for $name {
            const NAME: &'static str = "shop";
            const ADDRESS: &'static str = "example/shop";
            const VERSION: &'static str = "1.0.0";
            const ISSUES: &'static str = "https://example.com/issues";
            type Config = $name;
            type Client = ();
            const RESOURCES: &'static [&'static dyn ErasedResource<()>] = &[];

            async fn configure(_: &View<'_, $name>, _: Session) -> Result<()> {
                Ok(())
            }
        }
    };
}

/// A shop.
#[derive(Model)]
struct Named {
    /// Its name.
    #[attr(identity, replace)]
    name: String,
}

/// A shop.
#[derive(Model)]
struct Replaced {
    /// Its name.
    #[attr(replace)]
    name: String,
}

/// A shop.
#[derive(Model)]
struct WriteOnly {
    /// Its word.
    #[attr(write_only)]
    word: Option<String>,
}

/// A shop.
#[derive(Model)]
struct Numbered {
    /// Its number.
    number: Computed<i64>,
}

provider!(Named);
provider!(Replaced);
provider!(WriteOnly);
provider!(Numbered);

fn main() {
    tfplugin::cli::main::<Named>(&["shop"]);
    tfplugin::cli::main::<Replaced>(&["shop"]);
    tfplugin::cli::main::<WriteOnly>(&["shop"]);
    tfplugin::cli::main::<Numbered>(&["shop"]);
}
