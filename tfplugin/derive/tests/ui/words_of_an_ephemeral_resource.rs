use tfplugin::ephemeral::{ErasedEphemeralResource, ephemeral_resource};
use tfplugin::{Computed, EphemeralResource, Lease, Model, Private, Result};

macro_rules! ephemeral_resource {
    ($($name:ident),*) => {
        $(impl EphemeralResource for $name {
            const TYPE_NAME: &'static str = "key";
            type Client = ();

            async fn open(_: &(), config: Self) -> Result<(Self, Lease)> {
                Ok((config, Lease::default()))
            }
        })*
    };
}

/// A key.
#[derive(Model)]
struct Replaced {
    /// Its name.
    #[attr(replace)]
    name: String,
}

/// A key.
#[derive(Model)]
struct Kept {
    /// Its id.
    #[attr(keep)]
    id: Computed<String>,
}

/// A key.
#[derive(Model)]
struct WriteOnly {
    /// Its word.
    #[attr(write_only)]
    word: Option<String>,
}

/// A key.
#[derive(Model)]
struct Noted {
    /// What is remembered.
    note: Private<String>,
}

ephemeral_resource!(Replaced, Kept, WriteOnly, Noted);

const REPLACED: &dyn ErasedEphemeralResource<()> = ephemeral_resource::<Replaced>();
const KEPT: &dyn ErasedEphemeralResource<()> = ephemeral_resource::<Kept>();
const WRITE_ONLY: &dyn ErasedEphemeralResource<()> = ephemeral_resource::<WriteOnly>();
const NOTED: &dyn ErasedEphemeralResource<()> = ephemeral_resource::<Noted>();

fn main() {}
