//! A provider of things in memory (or in a file, for real CLIs), with everything that a model can have. It stands for no
//! real service.

mod bench;
mod cabinet;
mod carton;
mod functions;
mod key;
mod stock;
mod store;
mod thing;

use std::env;

use tfplugin::data_source::{ErasedDataSource, data_source};
use tfplugin::ephemeral::{ErasedEphemeralResource, ephemeral_resource};
use tfplugin::function::{ErasedFunction, function};
use tfplugin::resource::{ErasedResource, resource};
use tfplugin::schema::{Attribute, Object};
use tfplugin::{Known, Model, Provider, Result, Session, Value, View};

use bench::Bench;
pub use cabinet::Cabinet;
pub use carton::Carton;
use functions::{Describe, Glue, Join};
pub use key::Key;
pub use stock::Stock;
pub use store::Store;
pub use thing::Thing;

/// A provider of things in memory.
pub struct Shop;

/// Where the shop is.
#[derive(Model)]
pub struct Config {
    /// Its name.
    pub name: Option<String>,
    /// Its word.
    #[attr(sensitive)]
    pub password: Option<String>,
    /// The file in which it writes what there is, so that the next process finds it.
    pub ledger: Option<String>,
    #[attr(block)]
    pub branch: Vec<Branch>,
}

/// A branch of the shop.
#[derive(Model)]
pub struct Branch {
    /// Its town.
    pub town: String,
}

/// What a module says of itself.
#[derive(Model)]
pub struct Meta {
    /// Its name.
    pub module: String,
}

impl Provider for Shop {
    const NAME: &'static str = "shop";
    const ADDRESS: &'static str = "example/shop";
    const VERSION: &'static str = "1.0.0";
    const ISSUES: &'static str = "the shop's counter";
    type Config = Config;
    type Client = Store;
    const RESOURCES: &'static [&'static dyn ErasedResource<Store>] =
        &[resource::<Thing>(), resource::<Cabinet>(), resource::<Carton>(), resource::<Bench>()];
    const DATA_SOURCES: &'static [&'static dyn ErasedDataSource<Store>] = &[data_source::<Stock>()];
    const EPHEMERAL_RESOURCES: &'static [&'static dyn ErasedEphemeralResource<Store>] = &[ephemeral_resource::<Key>()];
    const FUNCTIONS: &'static [&'static dyn ErasedFunction] =
        &[function::<Join>(), function::<Describe>(), function::<Glue>()];

    /// What modules tell. For tests of large schemas it has so many megabytes more of words.
    fn meta() -> Option<Object> {
        let megabytes = env::var("SHOP_SCHEMA_MEGABYTES").map_or(0, |text| text.parse().unwrap());
        let many = Attribute::of::<Option<String>>("words").describe(&"many words ".repeat((megabytes << 20) / 11));
        Some(if megabytes == 0 { Meta::object() } else { Meta::object().attribute(many) })
    }

    async fn configure(config: &View<'_, Config>, session: Session) -> Result<Store> {
        let store = match config.get(Config::LEDGER) {
            Known::Known(file) => Store::in_file(file),
            _ => Store::default(),
        };
        Ok(store.until(session.stop))
    }

    async fn complete(_: &Store, object: &Object, state: &mut Value) {
        if object.has("shelf") && state.get("shelf").is_null() {
            state.put("shelf", "A1".into());
        }
    }
}
