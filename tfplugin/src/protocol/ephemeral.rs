//! Ephemeral resources: open, renew, close.

use prost_types::Timestamp;

use super::encode;
use super::lifecycle::known;
use super::messages::{close_ephemeral_resource, open_ephemeral_resource, renew_ephemeral_resource};
use super::server::{Server, told};
use crate::plan::keep_spelling;
use crate::{Failure, Lease, Provider, Result};

impl<P: Provider> Server<P> {
    pub(super) async fn open_ephemeral(
        &self,
        request: open_ephemeral_resource::Request,
    ) -> open_ephemeral_resource::Response {
        let (entry, client) = (self.ephemeral_resource(&request.type_name), self.client());
        let described = entry.clone();
        let outcome = self.run("OpenEphemeralResource", request.type_name.clone(), async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let configured = schema.decode(request.config.as_ref())?;
            let config = schema.completed(&configured)?;
            let (mut opened, lease) = entry.item.open(&client, &config).await?;
            keep_spelling(&schema.object, &configured, &mut opened);
            match known::<P>(schema, opened) {
                Ok(opened) => Ok((schema.encode(&opened), lease)),
                // A CLI closes nothing that was not opened.
                Err(failure) => entry.item.close(&client, lease).await.and(Err(failure)),
            }
        });
        let (opened, _, diagnostics) = outcome.await.split();
        let (result, lease) = opened.unzip();
        open_ephemeral_resource::Response {
            diagnostics: told(&described, &diagnostics),
            renew_at: lease.as_ref().and_then(renew_at),
            private: lease.as_ref().map(private),
            result,
            deferred: None,
        }
    }

    pub(super) async fn renew_ephemeral(
        &self,
        request: renew_ephemeral_resource::Request,
    ) -> renew_ephemeral_resource::Response {
        let (entry, client) = (self.ephemeral_resource(&request.type_name), self.client());
        let outcome = self.run("RenewEphemeralResource", request.type_name.clone(), async move {
            entry?.item.renew(&*client?, lease(request.private)?).await
        });
        let (lease, _, diagnostics) = outcome.await.split();
        renew_ephemeral_resource::Response {
            diagnostics: encode::diagnostics(&diagnostics),
            renew_at: lease.as_ref().and_then(renew_at),
            private: lease.as_ref().map(private),
        }
    }

    pub(super) async fn close_ephemeral(
        &self,
        request: close_ephemeral_resource::Request,
    ) -> close_ephemeral_resource::Response {
        let (entry, client) = (self.ephemeral_resource(&request.type_name), self.client());
        let outcome = self.run("CloseEphemeralResource", request.type_name.clone(), async move {
            entry?.item.close(&*client?, lease(request.private)?).await
        });
        let (_, _, diagnostics) = outcome.await.split();
        close_ephemeral_resource::Response { diagnostics: encode::diagnostics(&diagnostics) }
    }
}

fn renew_at(lease: &Lease) -> Option<Timestamp> {
    lease.renew_at.map(Timestamp::from)
}

fn private(lease: &Lease) -> Vec<u8> {
    lease.private.to_string().into_bytes()
}

fn lease(private: Option<Vec<u8>>) -> Result<Lease> {
    let private = private.filter(|bytes| !bytes.is_empty()).map(|bytes| serde_json::from_slice(&bytes)).transpose();
    let unreadable = |error: serde_json::Error| {
        Failure::new("the CLI gave back a lease that can't be read").detail(error.to_string())
    };
    Ok(Lease { renew_at: None, private: private.map_err(unreadable)?.unwrap_or_default() })
}
