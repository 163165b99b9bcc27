//! `shop_bench`: a whole type that is not to be used any more.

use tfplugin::{Model, Resource, Result};

use super::Store;

/// A bench of the shop.
#[derive(Model, Clone, Debug)]
#[attr(deprecated = "Stand, or use `shop_cabinet`.")]
pub struct Bench {
    /// Its name.
    #[attr(replace)]
    pub name: String,
}

impl Resource for Bench {
    const TYPE_NAME: &'static str = "bench";
    type Model = Self;
    type Client = Store;

    async fn create(store: &Store, planned: Self) -> Result<Self> {
        store.put(&planned.name, &planned)?;
        Ok(planned)
    }

    async fn read(store: &Store, state: Self) -> Result<Option<Self>> {
        store.get(&state.name)
    }

    async fn update(_: &Store, _: Self, planned: Self) -> Result<Self> {
        Ok(planned)
    }

    async fn delete(store: &Store, state: Self) -> Result<()> {
        store.take::<Self>(&state.name)
    }
}
