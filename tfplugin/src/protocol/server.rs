//! What the service holds: the registry by name, schemas as they are asked for, and the configured client.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use super::malformed::Malformed;
use super::messages::{self as proto, DynamicValue};
use super::{json, msgpack};
use crate::data_source::ErasedDataSource;
use crate::ephemeral::ErasedEphemeralResource;
use crate::function::ErasedFunction;
use crate::model::Kind;
use crate::plan::{fill_defaults, mark_computed, refuse_faults};
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
    resources: Registry<dyn ErasedResource<P::Client>>,
    data_sources: Registry<dyn ErasedDataSource<P::Client>>,
    ephemeral_resources: Registry<dyn ErasedEphemeralResource<P::Client>>,
    functions: Registry<dyn ErasedFunction>,
    meta: OnceLock<Option<Described>>,
    client: RwLock<Option<Arc<P::Client>>>,
    /// Causes that were told in full since the provider was configured.
    told: Mutex<HashSet<String>>,
    /// Whether each validation is of another instance, as in a walk of a CLI.
    counts_claims: bool,
    /// What instances of the configuration claim, by type and words.
    claims: Mutex<HashMap<String, Claimed>>,
    /// Of the run that the provider was configured for last.
    stop: Mutex<Stop>,
}

/// What instances of the configuration have in common that only one may have.
#[derive(Default)]
struct Claimed {
    /// How many they are.
    instances: usize,
    /// Whether one of them does not exist yet.
    has_new: bool,
}

/// Types of one kind by their whole names.
pub type Registry<T> = HashMap<String, Arc<Entry<T>>>;

/// A type of the registry with its schema, made at first use.
pub struct Entry<T: ?Sized + 'static> {
    /// Its whole name.
    pub name: String,
    pub item: &'static T,
    describe: fn(&T) -> Object,
    schema: OnceLock<Described>,
}

impl<T: ?Sized> Entry<T> {
    pub fn schema(&self) -> &Described {
        self.schema.get_or_init(|| Described::new((self.describe)(self.item)))
    }
}

/// What is told of the configuration of `entry`, or of why there is none.
pub fn told<T: ?Sized>(entry: &Result<Arc<Entry<T>>>, diagnostics: &[Diagnostic]) -> Vec<proto::Diagnostic> {
    match entry {
        Ok(entry) if !diagnostics.is_empty() => entry.schema().told(diagnostics),
        _ => super::encode::diagnostics(diagnostics),
    }
}

fn registry<T: ?Sized>(
    items: &'static [&'static T],
    name: impl Fn(&T) -> String,
    describe: fn(&T) -> Object,
) -> Registry<T> {
    let entry = |item: &&'static T| {
        let name = name(item);
        (name.clone(), Arc::new(Entry { name, item: *item, describe, schema: OnceLock::new() }))
    };
    items.iter().map(entry).collect()
}

fn find<T: ?Sized>(registry: &Registry<T>, name: &str, what: &str) -> Result<Arc<Entry<T>>> {
    registry.get(name).cloned().ok_or_else(|| Failure::new(format!("there is no {what} {name}")))
}

/// A schema and the types of its values.
pub struct Described {
    pub object: Object,
    pub value_type: Type,
    /// Of the attributes that a resource is known by; `None` if it has no identity.
    pub identity_type: Option<Type>,
}

impl Described {
    pub fn new(object: Object) -> Self {
        let identity = object.identity().map(|attribute| (attribute.name.to_owned(), attribute.value_type()));
        let identity: BTreeMap<_, _> = identity.collect();
        let identity_type = (!identity.is_empty()).then_some(Type::Object(identity));
        Described { value_type: object.value_type(), identity_type, object }
    }

    /// What is told of its configuration.
    pub fn told(&self, diagnostics: &[Diagnostic]) -> Vec<proto::Diagnostic> {
        diagnostics.iter().map(|diagnostic| super::encode::diagnostic(&self.object.visible(diagnostic))).collect()
    }

    pub fn decode(&self, value: Option<&DynamicValue>) -> Result<Value> {
        decode(value, &self.value_type)
    }

    pub fn encode(&self, value: &Value) -> DynamicValue {
        encode(value, &self.value_type)
    }

    /// A sound configuration with its defaults, for what is not planned. What is computed is not known yet.
    pub fn completed(&self, configured: &Value) -> Result<Value> {
        refuse_faults(&self.object, configured)?;
        let mut config = configured.clone();
        fill_defaults(&self.object, configured, &mut config);
        mark_computed(&self.object, configured, &mut config);
        Ok(config)
    }
}

/// Reads a value of a message; a missing one is null.
pub fn decode(value: Option<&DynamicValue>, ty: &Type) -> Result<Value> {
    let fault = |error: Malformed| error.failure("the CLI sent a value that can't be read");
    match value {
        Some(value) if !value.msgpack.is_empty() => msgpack::read(&value.msgpack, ty).map_err(fault),
        Some(value) if !value.json.is_empty() => {
            let parsed = serde_json::from_slice(&value.json);
            let parsed = parsed.map_err(|error| fault(Malformed::new(error)))?;
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
        Server::new()
    }
}

impl<P: Provider> Server<P> {
    /// A server that is not configured yet.
    pub fn new() -> Self {
        Self::counting(true)
    }

    /// The same for a client that validates one instance many times.
    pub(crate) fn of_one_instance() -> Self {
        Self::counting(false)
    }

    fn counting(counts_claims: bool) -> Self {
        const { P::Config::WORDS.must_be(Kind::ProviderBlock) }
        let full_name = |name: &str| format!("{}_{name}", P::NAME);
        Server(Arc::new(Shared {
            resources: registry(P::RESOURCES, |item| full_name(item.name()), ErasedResource::object),
            data_sources: registry(P::DATA_SOURCES, |item| full_name(item.name()), ErasedDataSource::object),
            ephemeral_resources: registry(
                P::EPHEMERAL_RESOURCES,
                |item| full_name(item.name()),
                ErasedEphemeralResource::object,
            ),
            functions: registry(P::FUNCTIONS, |item| item.name().to_owned(), ErasedFunction::object),
            meta: OnceLock::new(),
            client: RwLock::new(None),
            told: Mutex::default(),
            counts_claims,
            claims: Mutex::default(),
            stop: Mutex::default(),
        }))
    }

    pub(super) fn resources(&self) -> &Registry<dyn ErasedResource<P::Client>> {
        &self.0.resources
    }

    pub(super) fn data_sources(&self) -> &Registry<dyn ErasedDataSource<P::Client>> {
        &self.0.data_sources
    }

    pub(super) fn ephemeral_resources(&self) -> &Registry<dyn ErasedEphemeralResource<P::Client>> {
        &self.0.ephemeral_resources
    }

    pub(super) fn functions(&self) -> &Registry<dyn ErasedFunction> {
        &self.0.functions
    }

    pub(super) fn resource(&self, name: &str) -> Result<Arc<Entry<dyn ErasedResource<P::Client>>>> {
        find(&self.0.resources, name, "resource type")
    }

    pub(super) fn data_source(&self, name: &str) -> Result<Arc<Entry<dyn ErasedDataSource<P::Client>>>> {
        find(&self.0.data_sources, name, "data source")
    }

    pub(super) fn ephemeral_resource(&self, name: &str) -> Result<Arc<Entry<dyn ErasedEphemeralResource<P::Client>>>> {
        find(&self.0.ephemeral_resources, name, "ephemeral resource")
    }

    pub(super) fn function(&self, name: &str) -> Result<Arc<Entry<dyn ErasedFunction>>> {
        find(&self.0.functions, name, "function")
    }

    /// The schema of what a module's author may say, if the provider takes any.
    pub(super) fn meta_schema(&self) -> Option<&Described> {
        self.0.meta.get_or_init(|| P::meta().map(Described::new)).as_ref()
    }

    /// What the module's author says.
    pub(super) fn meta(&self, value: Option<&DynamicValue>) -> Result<Value> {
        self.meta_schema().map_or(Ok(Value::Null), |schema| schema.decode(value))
    }

    pub(super) fn provider_schema(&self) -> Described {
        Described::new(P::Config::object())
    }

    /// By what the run is asked to come to an end.
    pub fn stop(&self) -> Stop {
        self.0.stop.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// `diagnostic`, briefly if its cause was told already in this run.
    pub(super) fn once(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Some(once) = &diagnostic.once else { return diagnostic };
        // A poisoned lock still holds whole texts: they are only ever added.
        let is_new = self.0.told.lock().unwrap_or_else(PoisonError::into_inner).insert(once.cause.clone());
        if is_new { diagnostic } else { diagnostic.again() }
    }

    /// Counts the instance with this configuration among those that claim the same. The CLIs validate each
    /// instance once in a walk of the provider's process, right before they plan it, whether or not it is replaced.
    pub(super) fn note_claim(&self, entry: &Entry<dyn ErasedResource<P::Client>>, config: &Value) {
        // Without a configured provider, whole blocks are validated, not instances.
        let Some(client) = self.client().ok().filter(|_| self.0.counts_claims) else { return };
        // A poisoned lock still holds whole numbers.
        let mut claims = self.0.claims.lock().unwrap_or_else(PoisonError::into_inner);
        for claim in entry.item.claims(&client, config) {
            claims.entry(claim.what).or_default().instances += 1;
        }
    }

    /// The refusal of an instance if another claims the same, of whatever type, and one of them does not exist yet: where both
    /// do, it is too late. A new one may be planned before the other is counted: then the other is refused.
    pub(super) fn refuse_claimed(
        &self,
        entry: &Entry<dyn ErasedResource<P::Client>>,
        config: &Value,
        is_create: bool,
    ) -> Result<()> {
        let own = self.client().map(|client| entry.item.claims(&client, config)).unwrap_or_default();
        let mut claims = self.0.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let mut refused = None;
        for claim in own {
            let claimed = claims.entry(claim.what.clone()).or_default();
            claimed.has_new |= is_create;
            if claimed.instances > 1 && claimed.has_new {
                refused.get_or_insert(claim.refusal());
            }
        }
        refused.map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    /// Another run begins, which nobody has asked to stop: a server that is kept for a debugger outlives many.
    pub(super) fn begin_run(&self) -> Stop {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.0.claims.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let mut stop = self.0.stop.lock().unwrap_or_else(PoisonError::into_inner);
        if stop.is_requested() {
            *stop = Stop::default();
        }
        stop.clone()
    }

    pub(super) fn set_client(&self, client: P::Client) {
        // A poisoned lock still holds a whole value: it is only ever replaced.
        let mut slot = self.0.client.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(Arc::new(client));
    }

    pub(super) fn client(&self) -> Result<Arc<P::Client>> {
        let slot = self.0.client.read().unwrap_or_else(PoisonError::into_inner);
        slot.clone().ok_or_else(|| Failure::new("the provider is not configured yet"))
    }
}
