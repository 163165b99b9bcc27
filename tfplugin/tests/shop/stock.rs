//! `shop_stock`, a data source.

use tfplugin::{Computed, DataSource, Failure, Model, Result};

use super::{Store, Thing};

/// How much is in stock.
#[derive(Model)]
pub struct Stock {
    /// Of what.
    pub name: String,
    /// How many.
    pub pieces: Computed<i64>,
}

impl DataSource for Stock {
    const TYPE_NAME: &'static str = "stock";
    type Client = Store;

    async fn read(store: &Store, config: Self) -> Result<Self> {
        if config.name == "nobody counts" {
            return Ok(config);
        }
        let pieces = store.get::<Thing>(&config.name)?.and_then(|thing| thing.pieces);
        pieces
            .map(|pieces| Stock { pieces: pieces.into(), ..config })
            .ok_or_else(|| Failure::at(Stock::NAME, "no such thing"))
    }
}
