//! A CLI's side of the protocol, without a socket: each call is encoded, served and decoded as over the wire.

use crate::protocol::messages as proto;
use crate::protocol::messages::provider_client::ProviderClient;
use crate::protocol::messages::provider_server::ProviderServer;
use crate::protocol::msgpack;
use crate::protocol::{MESSAGE_LIMIT, Server};
use crate::resource::ErasedResource;
use crate::schema::Object;
use crate::{Model, Provider, Type, Value};

/// A client of provider `P`.
pub struct Client<P: Provider> {
    rpc: ProviderClient<ProviderServer<Server<P>>>,
}

/// What a plan came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The planned state.
    pub state: Value,
    /// The attributes whose change needs a new resource, each as a path.
    pub requires_replace: Vec<String>,
    /// What was told.
    pub diagnostics: Vec<proto::Diagnostic>,
}

/// A state with what was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// The new state.
    pub state: Value,
    /// What was told.
    pub diagnostics: Vec<proto::Diagnostic>,
}

/// The errors among `diagnostics`, one a line.
pub fn errors(diagnostics: &[proto::Diagnostic]) -> Vec<String> {
    let is_error = |one: &&proto::Diagnostic| one.severity == proto::diagnostic::Severity::Error as i32;
    diagnostics.iter().filter(is_error).map(|one| format!("{}: {}", one.summary, one.detail)).collect()
}

/// What an RPC fails with itself: never, if the provider is sound.
pub type Rpc<T> = Result<T, tonic::Status>;

/// Another client of the same server.
impl<P: Provider> Clone for Client<P> {
    fn clone(&self) -> Self {
        Client { rpc: self.rpc.clone() }
    }
}

impl<P: Provider> Default for Client<P> {
    fn default() -> Self {
        let rpc = ProviderClient::new(Server::<P>::of_one_instance().service());
        Client { rpc: rpc.max_decoding_message_size(MESSAGE_LIMIT).max_encoding_message_size(MESSAGE_LIMIT) }
    }
}

impl<P: Provider> Client<P> {
    /// The schema of resource type `type_name` (with the provider's prefix), if there is one.
    pub fn object(type_name: &str) -> Option<Object> {
        Self::resource(type_name).map(ErasedResource::object)
    }

    /// Resource type `type_name` (with the provider's prefix), if there is one.
    pub(crate) fn resource(type_name: &str) -> Option<&'static dyn ErasedResource<P::Client>> {
        let name = type_name.strip_prefix(P::NAME)?.strip_prefix('_')?;
        P::RESOURCES.iter().copied().find(|resource| resource.name() == name)
    }

    /// The schema of data source `type_name` (with the provider's prefix), if there is one.
    pub fn data_object(type_name: &str) -> Option<Object> {
        let name = type_name.strip_prefix(P::NAME)?.strip_prefix('_')?;
        P::DATA_SOURCES.iter().find(|data| data.name() == name).map(|data| data.object())
    }

    /// The schema of ephemeral resource `type_name` (with the provider's prefix), if there is one.
    pub fn ephemeral_object(type_name: &str) -> Option<Object> {
        let name = type_name.strip_prefix(P::NAME)?.strip_prefix('_')?;
        P::EPHEMERAL_RESOURCES.iter().find(|one| one.name() == name).map(|one| one.object())
    }

    /// The generated client, for calls that have no method here.
    pub fn rpc(&mut self) -> &mut ProviderClient<ProviderServer<Server<P>>> {
        &mut self.rpc
    }

    /// Configures the provider.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn configure(&mut self, config: &Value) -> Rpc<Vec<proto::Diagnostic>> {
        let request = proto::configure_provider::Request {
            terraform_version: "1.12.6".to_owned(),
            config: encode(config, &P::Config::object().value_type()),
            ..Default::default()
        };
        Ok(self.rpc.configure_provider(request).await?.into_inner().diagnostics)
    }

    /// All schemas.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn schemas(&mut self) -> Rpc<proto::get_provider_schema::Response> {
        Ok(self.rpc.get_provider_schema(proto::get_provider_schema::Request {}).await?.into_inner())
    }

    /// Validates a configuration.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn validate(&mut self, type_name: &str, ty: &Type, config: &Value) -> Rpc<Vec<proto::Diagnostic>> {
        let request = proto::validate_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encode(config, ty),
            client_capabilities: Some(proto::ClientCapabilities {
                write_only_attributes_allowed: true,
                ..Default::default()
            }),
        };
        Ok(self.rpc.validate_resource_config(request).await?.into_inner().diagnostics)
    }

    /// Plans the change from `prior` to `proposed` for `config`.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn plan(
        &mut self,
        type_name: &str,
        ty: &Type,
        (prior, config, proposed): (&Value, &Value, &Value),
    ) -> Rpc<Planned> {
        let request = proto::plan_resource_change::Request {
            type_name: type_name.to_owned(),
            prior_state: encode(prior, ty),
            proposed_new_state: encode(proposed, ty),
            config: encode(config, ty),
            ..Default::default()
        };
        let answer = self.rpc.plan_resource_change(request).await?.into_inner();
        Ok(Planned {
            state: decode(answer.planned_state, ty)?,
            requires_replace: answer.requires_replace.iter().map(|path| format!("{path:?}")).collect(),
            diagnostics: answer.diagnostics,
        })
    }

    /// Applies a plan.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn apply(
        &mut self,
        type_name: &str,
        ty: &Type,
        (prior, config, planned): (&Value, &Value, &Value),
    ) -> Rpc<Reached> {
        let request = proto::apply_resource_change::Request {
            type_name: type_name.to_owned(),
            prior_state: encode(prior, ty),
            planned_state: encode(planned, ty),
            config: encode(config, ty),
            ..Default::default()
        };
        let answer = self.rpc.apply_resource_change(request).await?.into_inner();
        Ok(Reached { state: decode(answer.new_state, ty)?, diagnostics: answer.diagnostics })
    }

    /// Reads what `state` is now.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn read(&mut self, type_name: &str, ty: &Type, state: &Value) -> Rpc<Reached> {
        let request = proto::read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: encode(state, ty),
            ..Default::default()
        };
        let answer = self.rpc.read_resource(request).await?.into_inner();
        Ok(Reached { state: decode(answer.new_state, ty)?, diagnostics: answer.diagnostics })
    }

    /// Validates the configuration of a data source.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn validate_data(&mut self, type_name: &str, ty: &Type, config: &Value) -> Rpc<Vec<proto::Diagnostic>> {
        let request = proto::validate_data_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encode(config, ty),
        };
        Ok(self.rpc.validate_data_resource_config(request).await?.into_inner().diagnostics)
    }

    /// Reads a data source; null if it failed.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn read_data(&mut self, type_name: &str, ty: &Type, config: &Value) -> Rpc<Reached> {
        let request = proto::read_data_source::Request {
            type_name: type_name.to_owned(),
            config: encode(config, ty),
            ..Default::default()
        };
        let answer = self.rpc.read_data_source(request).await?.into_inner();
        Ok(Reached { state: decode(answer.state, ty)?, diagnostics: answer.diagnostics })
    }

    /// Imports what exists under `id` as a CLI does, which reads it right afterwards; null if either failed.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn import(&mut self, type_name: &str, ty: &Type, id: &str) -> Rpc<Reached> {
        let request = proto::import_resource_state::Request {
            type_name: type_name.to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        let answer = self.rpc.import_resource_state(request).await?.into_inner();
        let Some(imported) = answer.imported_resources.into_iter().next() else {
            return Ok(Reached { state: Value::Null, diagnostics: answer.diagnostics });
        };
        let request = proto::read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: imported.state,
            private: imported.private,
            current_identity: imported.identity,
            ..Default::default()
        };
        let read = self.rpc.read_resource(request).await?.into_inner();
        let failed = read.diagnostics.iter().any(|one| one.severity == proto::diagnostic::Severity::Error as i32);
        let state = if failed { Value::Null } else { decode(read.new_state, ty)? };
        let diagnostics = answer.diagnostics.into_iter().chain(read.diagnostics).collect();
        Ok(Reached { state, diagnostics })
    }

    /// Upgrades a saved state of schema `version`.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn upgrade(
        &mut self,
        type_name: &str,
        ty: &Type,
        version: i64,
        state: &serde_json::Value,
    ) -> Rpc<Reached> {
        let request = proto::upgrade_resource_state::Request {
            type_name: type_name.to_owned(),
            version,
            raw_state: Some(proto::RawState { json: state.to_string().into_bytes(), ..Default::default() }),
        };
        let answer = self.rpc.upgrade_resource_state(request).await?.into_inner();
        Ok(Reached { state: decode(answer.upgraded_state, ty)?, diagnostics: answer.diagnostics })
    }

    /// Asks the provider to stop.
    ///
    /// # Errors
    /// The RPC's own failure.
    pub async fn stop(&mut self) -> Rpc<()> {
        self.rpc.stop_provider(proto::stop_provider::Request {}).await.map(|_| ())
    }
}

pub(super) fn encode(value: &Value, ty: &Type) -> Option<proto::DynamicValue> {
    Some(proto::DynamicValue { msgpack: msgpack::write(value, ty), json: Vec::new() })
}

pub(super) fn decode(value: Option<proto::DynamicValue>, ty: &Type) -> Rpc<Value> {
    let Some(value) = value else { return Ok(Value::Null) };
    msgpack::read(&value.msgpack, ty).map_err(|error| tonic::Status::internal(error.to_string()))
}
