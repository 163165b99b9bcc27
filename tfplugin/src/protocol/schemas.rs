//! What the provider offers: GetProviderSchema, GetMetadata, GetFunctions.

use super::encode;
use super::messages::{self as proto, ServerCapabilities, get_functions, get_metadata, get_provider_schema};
use super::server::Server;
use crate::Provider;

fn capabilities() -> Option<ServerCapabilities> {
    Some(ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    })
}

impl<P: Provider> Server<P> {
    /// What `rpc` asks for, which `message` makes; where that panics, only the diagnostics `of` it.
    pub(super) async fn describe<T: Default + Send + 'static>(
        &self,
        rpc: &'static str,
        message: fn(&Self) -> T,
        of: fn(&mut T) -> &mut Vec<proto::Diagnostic>,
    ) -> T {
        let server = self.clone();
        let outcome = self.run(rpc, format!("the provider {}", P::NAME), async move { Ok(message(&server)) });
        let (described, _, diagnostics) = outcome.await.split();
        described.unwrap_or_else(|| {
            let mut nothing = T::default();
            *of(&mut nothing) = encode::diagnostics(&diagnostics);
            nothing
        })
    }

    /// All schemas.
    pub fn provider_schema_message(&self) -> get_provider_schema::Response {
        let resources = self.resources().iter().map(|(name, entry)| {
            (name.clone(), encode::schema(&entry.schema().object, entry.item.upgrades().len() as i64))
        });
        let data_sources =
            self.data_sources().iter().map(|(name, entry)| (name.clone(), encode::schema(&entry.schema().object, 0)));
        get_provider_schema::Response {
            provider: Some(encode::schema(&self.provider_schema().object, 0)),
            resource_schemas: resources.collect(),
            data_source_schemas: data_sources.collect(),
            ephemeral_resource_schemas: self
                .ephemeral_resources()
                .iter()
                .map(|(name, entry)| (name.clone(), encode::schema(&entry.schema().object, 0)))
                .collect(),
            provider_meta: self.meta_schema().map(|schema| encode::schema(&schema.object, 0)),
            functions: self.signatures(),
            server_capabilities: capabilities(),
            ..Default::default()
        }
    }

    pub(super) fn metadata_message(&self) -> get_metadata::Response {
        let resources = self.resources().keys().cloned();
        let data_sources = self.data_sources().keys().cloned();
        let ephemeral = self.ephemeral_resources().keys().cloned();
        let functions = self.functions().keys().cloned();
        get_metadata::Response {
            server_capabilities: capabilities(),
            resources: resources.map(|type_name| get_metadata::ResourceMetadata { type_name }).collect(),
            data_sources: data_sources.map(|type_name| get_metadata::DataSourceMetadata { type_name }).collect(),
            ephemeral_resources: ephemeral.map(|type_name| get_metadata::EphemeralMetadata { type_name }).collect(),
            functions: functions.map(|name| get_metadata::FunctionMetadata { name }).collect(),
            ..Default::default()
        }
    }

    pub(super) fn functions_message(&self) -> get_functions::Response {
        get_functions::Response { functions: self.signatures(), diagnostics: Vec::new() }
    }
}
