use tfplugin::data_source::data_source;
use tfplugin::resource::resource;
use tfplugin::{DataSource, Known, Model, Resource, Result};

/// A thing.
#[derive(Model)]
struct Thing {
    /// Its name.
    name: Known<String>,
}

impl Resource for Thing {
    const TYPE_NAME: &'static str = "thing";
    type Model = Self;
    type Client = ();

    async fn create(_: &(), planned: Self) -> Result<Self> {
        Ok(planned)
    }

    async fn read(_: &(), state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(_: &(), _: Self, planned: Self) -> Result<Self> {
        Ok(planned)
    }

    async fn delete(_: &(), _: Self) -> Result<()> {
        Ok(())
    }
}

impl DataSource for Thing {
    const TYPE_NAME: &'static str = "thing";
    type Client = ();

    async fn read(_: &(), config: Self) -> Result<Self> {
        Ok(config)
    }
}

const RESOURCES: &[&dyn tfplugin::resource::ErasedResource<()>] = &[resource::<Thing>()];
const DATA_SOURCES: &[&dyn tfplugin::data_source::ErasedDataSource<()>] = &[data_source::<Thing>()];

fn main() {}
