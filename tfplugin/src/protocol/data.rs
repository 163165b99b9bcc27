//! The provider block and data sources.

use std::sync::Arc;

use super::lifecycle::known;
use super::messages::{configure_provider, read_data_source};
use super::server::{Server, told};
use crate::plan::{Blank, fill_defaults, keep_spelling, refuse_faults};
use crate::{Path, Provider, Session, View, meta};

impl<P: Provider> Server<P> {
    pub(super) async fn configure(&self, request: configure_provider::Request) -> configure_provider::Response {
        let stop = self.begin_run();
        let schema = Arc::new(self.provider_schema());
        let described = schema.clone();
        let session = Session { cli_version: request.terraform_version, stop };
        let outcome = self.run("ConfigureProvider", "the provider block".to_owned(), async move {
            let mut config = schema.decode(request.config.as_ref())?;
            let configured = config.clone();
            refuse_faults(&schema.object, &configured)?;
            fill_defaults(&schema.object, &configured, &mut config);
            P::configure(&View::new(&config, Path::root()), session).await
        });
        let (client, _, diagnostics) = outcome.await.split();
        if let Some(client) = client {
            self.set_client(client);
        }
        configure_provider::Response { diagnostics: described.told(&diagnostics) }
    }

    pub(super) async fn read_data(&self, request: read_data_source::Request) -> read_data_source::Response {
        let (entry, client) = (self.data_source(&request.type_name), self.client());
        let given = self.meta(request.provider_meta.as_ref());
        let described = entry.clone();
        let outcome = self.run("ReadDataSource", request.type_name.clone(), async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let configured = schema.decode(request.config.as_ref())?;
            let config = schema.completed(&configured)?;
            let mut state = meta::with(given?, entry.item.read(&client, &config)).await?;
            keep_spelling(&schema.object, &configured, &mut state);
            Blank::keep(&schema.object, &configured, &mut state);
            Ok(schema.encode(&known::<P>(schema, state)?))
        });
        let (state, _, diagnostics) = outcome.await.split();
        read_data_source::Response { state, diagnostics: told(&described, &diagnostics), deferred: None }
    }
}
