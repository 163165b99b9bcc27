//! `shop_key`, an ephemeral resource.

use std::time::Duration;

use tfplugin::{Computed, EphemeralResource, Failure, Lease, Model, Result};

use super::Store;

/// A key of the shop, as long as a run lasts.
#[derive(Model)]
pub struct Key {
    /// The door.
    pub door: String,
    /// Its code.
    #[attr(sensitive)]
    pub code: Computed<String>,
}

impl EphemeralResource for Key {
    const TYPE_NAME: &'static str = "key";
    type Client = Store;

    async fn open(_: &Store, config: Self) -> Result<(Self, Lease)> {
        if config.door == "wall" {
            return Err(Failure::at(Key::DOOR, "there is no door in the wall"));
        }
        let lease =
            Lease { renew_at: Some(std::time::UNIX_EPOCH + Duration::from_secs(60)), private: "turns: 1".into() };
        Ok((Key { code: format!("code-{}", config.door).into(), ..config }, lease))
    }

    async fn renew(_: &Store, lease: Lease) -> Result<Lease> {
        if lease.private != "turns: 1" {
            return Err(Failure::new("the key was turned already"));
        }
        Ok(Lease { renew_at: None, private: "turns: 2".into() })
    }

    async fn close(_: &Store, lease: Lease) -> Result<()> {
        let is_ours = lease.private.as_str().is_some_and(|private| private.starts_with("turns: "));
        is_ours.then_some(()).ok_or_else(|| Failure::new("the lock is stuck"))
    }
}
