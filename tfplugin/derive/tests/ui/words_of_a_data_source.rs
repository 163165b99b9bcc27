use tfplugin::data_source::{ErasedDataSource, data_source};
use tfplugin::{Computed, DataSource, Model, Result};

macro_rules! data_source {
    ($($name:ident),*) => {
        $(impl DataSource for $name {
            const TYPE_NAME: &'static str = "thing";
            type Client = ();

            async fn read(_: &(), config: Self) -> Result<Self> {
                Ok(config)
            }
        })*
    };
}

/// A thing.
#[derive(Model)]
struct Replaced {
    /// Its name.
    #[attr(replace)]
    name: String,
}

/// A thing.
#[derive(Model)]
struct Kept {
    /// Its id.
    #[attr(keep)]
    id: Computed<String>,
}

/// A thing.
#[derive(Model)]
struct WriteOnly {
    /// Its word.
    #[attr(write_only)]
    word: Option<String>,
}

/// A thing with a part.
#[derive(Model)]
struct Whole {
    #[attr(block)]
    part: Vec<Replaced>,
}

data_source!(Replaced, Kept, WriteOnly, Whole);

const REPLACED: &dyn ErasedDataSource<()> = data_source::<Replaced>();
const KEPT: &dyn ErasedDataSource<()> = data_source::<Kept>();
const WRITE_ONLY: &dyn ErasedDataSource<()> = data_source::<WriteOnly>();
const WHOLE: &dyn ErasedDataSource<()> = data_source::<Whole>();

fn main() {}
