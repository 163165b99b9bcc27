//! What the service holds: the registry by name, schemas as they are asked for, and the configured client.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use super::messages::DynamicValue;
use super::{json, msgpack};
use crate::data_source::ErasedDataSource;
use crate::resource::ErasedResource;
use crate::schema::Object;
use crate::{Diagnostic, Failure, Model, Provider, Result, Stop, Type, Value};

/// The service of provider `P`. Clones are the same server.
pub struct Server<P: Provider>(Arc<Shared<P>>);

impl<P: Provider> Clone for Server<P> {
    fn clone(&self) -> Self {
        Server(self.0.clone())
    }
}

struct Shared<P: Provider> {
    resources: HashMap<String, Arc<ResourceEntry<P::Client>>>,
    data_sources: HashMap<String, Arc<DataSourceEntry<P::Client>>>,
    client: RwLock<Option<Arc<P::Client>>>,
    stop: Stop,
}

/// A resource type with its schema, made at first use.
pub struct ResourceEntry<C: 'static> {
    pub resource: &'static dyn ErasedResource<C>,
    schema: OnceLock<Described>,
}

/// A data source with its schema, made at first use.
pub struct DataSourceEntry<C: 'static> {
    pub data_source: &'static dyn ErasedDataSource<C>,
    schema: OnceLock<Described>,
}

/// A schema and the type of its values.
pub struct Described {
    pub object: Object,
    pub value_type: Type,
}

impl Described {
    pub fn new(object: Object) -> Self {
        let value_type = object.value_type();
        Described { object, value_type }
    }

    pub fn decode(&self, value: Option<&DynamicValue>) -> Result<Value> {
        decode(value, &self.value_type)
    }

    pub fn encode(&self, value: &Value) -> DynamicValue {
        encode(value, &self.value_type)
    }
}

impl<C> ResourceEntry<C> {
    pub fn schema(&self) -> &Described {
        self.schema.get_or_init(|| Described::new(self.resource.object()))
    }
}

impl<C> DataSourceEntry<C> {
    pub fn schema(&self) -> &Described {
        self.schema.get_or_init(|| Described::new(self.data_source.object()))
    }
}

/// Reads a value of a message; a missing one is null.
pub fn decode(value: Option<&DynamicValue>, ty: &Type) -> Result<Value> {
    let fault =
        |error: msgpack::Malformed| Failure::new("the CLI sent a value that can't be read").detail(error.to_string());
    match value {
        Some(value) if !value.msgpack.is_empty() => msgpack::read(&value.msgpack, ty).map_err(fault),
        Some(value) if !value.json.is_empty() => {
            let parsed = serde_json::from_slice(&value.json);
            let parsed = parsed.map_err(|error| fault(msgpack::Malformed(error.to_string())))?;
            json::read(&parsed, ty).map_err(fault)
        }
        _ => Ok(Value::Null),
    }
}

/// Writes a value of a message.
pub fn encode(value: &Value, ty: &Type) -> DynamicValue {
    DynamicValue { msgpack: msgpack::write(value, ty), json: Vec::new() }
}

impl<P: Provider> Default for Server<P> {
    fn default() -> Self {
        Server::new(Stop::default())
    }
}

impl<P: Provider> Server<P> {
    /// A server that `stop` can ask to come to an end.
    pub fn new(stop: Stop) -> Self {
        let full_name = |name: &str| format!("{}_{name}", P::NAME);
        let resources = P::RESOURCES.iter().map(|resource| {
            let entry = ResourceEntry { resource: *resource, schema: OnceLock::new() };
            (full_name(resource.name()), Arc::new(entry))
        });
        let data_sources = P::DATA_SOURCES.iter().map(|data_source| {
            let entry = DataSourceEntry { data_source: *data_source, schema: OnceLock::new() };
            (full_name(data_source.name()), Arc::new(entry))
        });
        Server(Arc::new(Shared {
            resources: resources.collect(),
            data_sources: data_sources.collect(),
            client: RwLock::new(None),
            stop,
        }))
    }

    pub(super) fn resources(&self) -> &HashMap<String, Arc<ResourceEntry<P::Client>>> {
        &self.0.resources
    }

    pub(super) fn data_sources(&self) -> &HashMap<String, Arc<DataSourceEntry<P::Client>>> {
        &self.0.data_sources
    }

    pub(super) fn resource(&self, name: &str) -> Result<Arc<ResourceEntry<P::Client>>> {
        self.0.resources.get(name).cloned().ok_or_else(|| Failure::new(format!("there is no resource type {name}")))
    }

    pub(super) fn data_source(&self, name: &str) -> Result<Arc<DataSourceEntry<P::Client>>> {
        let entry = self.0.data_sources.get(name).cloned();
        entry.ok_or_else(|| Failure::new(format!("there is no data source {name}")))
    }

    pub(super) fn provider_schema(&self) -> Described {
        Described::new(P::Config::object())
    }

    pub(super) fn stop(&self) -> &Stop {
        &self.0.stop
    }

    pub(super) fn set_client(&self, client: P::Client) {
        // A poisoned lock still holds a whole value: it is only ever replaced.
        let mut slot = self.0.client.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *slot = Some(Arc::new(client));
    }

    pub(super) fn client(&self) -> Result<Arc<P::Client>> {
        let slot = self.0.client.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        slot.clone().ok_or_else(|| Failure::new("the provider is not configured yet"))
    }
}

/// Whether any of `diagnostics` is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == crate::diagnostic::Severity::Error)
}
