//! A CLI's steps with one resource type: each asks the provider, holds the answer against what went before, and reports
//! what is broken.

use tracing::instrument::WithSubscriber;

use super::differences::Differences;
use super::rules::{applied_fault, final_fault, kept_fault, planned_fault};
use super::variants::{Change, Variant};
use super::{Report, capabilities, is_fault};
use crate::protocol::json;
use crate::protocol::messages as proto;
use crate::schema::{Attribute, Object};
use crate::testing::client::{Client, Rpc, decode, encode, errors};
use crate::testing::proposed;
use crate::{Provider, Type, Value};

/// A resource type under check.
pub struct Check<'a, P: Provider> {
    client: &'a mut Client<P>,
    type_name: &'a str,
    pub object: Object,
    ty: Type,
    pub report: Report,
    watcher: Option<Watcher<'a>>,
}

/// Where in a case the check is, with the case's name, such as `create, configuration 0` or `update, description empty`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<'a> {
    /// The case begins: nothing of it is planned yet.
    Begins(&'a str),
    /// It was applied. What follows are a CLI's later runs: it is read, and planned again.
    Applied(&'a str),
}

/// Called at each moment of a check.
pub type Watcher<'a> = &'a mut (dyn FnMut(Moment<'_>) + Send);

/// What a CLI keeps of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub value: Value,
    pub private: Vec<u8>,
    pub identity: Option<proto::ResourceIdentityData>,
}

impl Kept {
    /// What is kept of a resource that isn't there.
    pub fn nothing() -> Self {
        Kept { value: Value::Null, private: Vec::new(), identity: None }
    }
}

/// What a person names in an `import` block.
#[derive(Debug)]
pub enum Handle {
    Id(String),
    Identity(proto::ResourceIdentityData),
}

/// A plan that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    pub planned: Kept,
    /// Whether it needs a new resource.
    pub replaces: bool,
}

/// What an apply came to.
#[derive(Debug)]
pub struct Applied {
    pub kept: Kept,
    pub errors: Vec<String>,
}

impl<'a, P: Provider> Check<'a, P> {
    /// `None` if there is no such type.
    pub fn new(client: &'a mut Client<P>, type_name: &'a str) -> Option<Self> {
        let object = Client::<P>::object(type_name)?;
        Some(Check { client, type_name, ty: object.value_type(), object, report: Report::new(), watcher: None })
    }

    /// With something to be called at each moment.
    pub fn watched_by(self, watcher: Watcher<'a>) -> Self {
        Check { watcher: Some(watcher), ..self }
    }

    /// The check is at this moment.
    pub fn at(&mut self, moment: Moment<'_>) {
        if let Some(watcher) = &mut self.watcher {
            watcher(moment);
        }
    }

    pub fn broken(&mut self, step: &str, what: impl std::fmt::Display) {
        self.report.push(format!("{} ({step}): {what}", self.type_name));
    }

    /// Tells it where `fault` is one.
    pub fn hold(&mut self, step: &str, fault: Option<String>) {
        if let Some(fault) = fault {
            self.broken(step, fault);
        }
    }

    /// Tells it where there are errors; whether there are none.
    fn succeeds(&mut self, step: &str, diagnostics: &[proto::Diagnostic]) -> bool {
        let failed = errors(diagnostics);
        if !failed.is_empty() {
            self.broken(step, format!("failed: {failed:?}"));
        }
        failed.is_empty()
    }

    /// Validates what the schema forbids: each is refused.
    pub async fn forbids(&mut self, variants: &[Variant]) -> Rpc<()> {
        for variant in variants {
            let told = errors(&self.client.validate(self.type_name, &self.ty, &variant.config).await?);
            self.hold(&variant.name, variant.forbidden_fault(&told));
        }
        Ok(())
    }

    /// Validates what nobody would write: it may be refused, and nothing else.
    pub async fn nonsense(&mut self) -> Rpc<()> {
        for config in super::nonsense(&self.object) {
            let told = errors(&self.client.validate(self.type_name, &self.ty, &config).await?);
            self.hold("nonsense", told.into_iter().find(|error| is_fault(error)));
        }
        Ok(())
    }

    /// Validates `variant` and plans the way to it from `prior`, twice; `None` if it is refused, as it may be only
    /// where something is left out or is another one.
    pub async fn plan(&mut self, step: &str, prior: &Kept, variant: &Variant) -> Rpc<Option<Accepted>> {
        let step = format!("{step}, {}", variant.name);
        let mut refused = errors(&self.client.validate(self.type_name, &self.ty, &variant.config).await?);
        if refused.is_empty() {
            match self.plan_once(&step, prior, &variant.config).await? {
                Ok(first) => {
                    if variant.change != Change::Other
                        && self.plan_once(&step, prior, &variant.config).await? != Ok(first.clone())
                    {
                        self.broken(&step, "two plans differ");
                    }
                    return Ok(Some(first));
                }
                Err(errors) => refused = errors,
            }
        }
        if !variant.may_be_refused() || refused.iter().any(|error| is_fault(error)) {
            self.broken(&step, format!("refused: {refused:?}"));
        }
        Ok(None)
    }

    /// A plan with all that a CLI gives and takes, or the errors that refuse it.
    async fn plan_once(&mut self, step: &str, prior: &Kept, config: &Value) -> Rpc<Result<Accepted, Vec<String>>> {
        let proposed =
            if config.is_null() { Value::Null } else { proposed::new_state(&self.object, &prior.value, config) };
        let request = proto::plan_resource_change::Request {
            type_name: self.type_name.to_owned(),
            prior_state: encode(&prior.value, &self.ty),
            proposed_new_state: encode(&proposed, &self.ty),
            config: encode(config, &self.ty),
            prior_private: prior.private.clone(),
            prior_identity: prior.identity.clone(),
            client_capabilities: Some(capabilities()),
            ..Default::default()
        };
        let answer = self.client.rpc().plan_resource_change(request).await?.into_inner();
        let refused = errors(&answer.diagnostics);
        if !refused.is_empty() {
            return Ok(Err(refused));
        }
        if answer.legacy_type_system || answer.deferred.is_some() {
            self.broken(step, "the plan is deferred, or asks for the leniency of the legacy type system");
        }
        let value = decode(answer.planned_state, &self.ty)?;
        if config.is_null() {
            self.hold(step, (!value.is_null()).then(|| "the plan of a destroy is not null".to_owned()));
        } else {
            self.hold(step, planned_fault(&self.object, &prior.value, config, &value));
        }
        if prior.value.is_null() && !answer.requires_replace.is_empty() {
            self.broken(step, "the plan of a create asks for a replacement");
        }
        for path in &answer.requires_replace {
            self.hold(step, replacement_fault(path, &prior.value, &value));
        }
        let planned = Kept { value, private: answer.planned_private, identity: answer.planned_identity };
        Ok(Ok(Accepted { planned, replaces: !answer.requires_replace.is_empty() }))
    }

    /// Plans the end of what `prior` is.
    pub async fn plan_end(&mut self, step: &str, prior: &Kept) -> Rpc<Option<Kept>> {
        match self.plan_once(step, prior, &Value::Null).await? {
            Ok(accepted) => Ok(Some(accepted.planned)),
            Err(refused) => {
                self.broken(step, format!("refused: {refused:?}"));
                Ok(None)
            }
        }
    }

    /// Plans with `config`, all of it known, after `early` was planned while it was not.
    pub async fn plan_again(&mut self, step: &str, prior: &Kept, early: &Kept, config: &Value) -> Rpc<()> {
        match self.plan_once(step, prior, config).await? {
            Ok(later) => self.hold(step, final_fault(&early.value, &later.planned.value)),
            Err(refused) => self.broken(step, format!("refused once all is known: {refused:?}")),
        }
        Ok(())
    }

    /// Applies a plan. What comes of it is held against the plan, and what is kept after a failure is a state all the same.
    pub async fn apply(&mut self, step: &str, prior: &Kept, planned: &Kept, config: &Value) -> Rpc<Applied> {
        let request = proto::apply_resource_change::Request {
            type_name: self.type_name.to_owned(),
            prior_state: encode(&prior.value, &self.ty),
            planned_state: encode(&planned.value, &self.ty),
            config: encode(config, &self.ty),
            planned_private: planned.private.clone(),
            planned_identity: planned.identity.clone(),
            ..Default::default()
        };
        let heard = Differences::default();
        let applied = self.client.rpc().apply_resource_change(request).with_subscriber(heard.subscriber()).await;
        let answer = applied?.into_inner();
        for path in heard.paths() {
            self.broken(step, format!("the answer differs from the plan at {path}"));
        }
        if answer.legacy_type_system {
            self.broken(step, "what came of it asks for the leniency of the legacy type system");
        }
        let (value, errors) = (decode(answer.new_state, &self.ty)?, errors(&answer.diagnostics));
        self.hold(step, kept_fault(&self.object, &value));
        self.hold(step, errors.iter().find(|error| is_fault(error)).cloned());
        if errors.is_empty() {
            self.hold(step, applied_fault(&planned.value, &value));
        } else if value.is_null() && !prior.value.is_null() && !planned.value.is_null() {
            self.broken(step, "an update that failed left no state");
        }
        let kept = Kept { value, private: answer.private, identity: answer.new_identity };
        if !kept.value.is_null() && errors.is_empty() {
            self.hold_identity(step, prior, planned, &kept);
        }
        Ok(Applied { kept, errors })
    }

    /// What is there of `kept` now.
    pub async fn read(&mut self, step: &str, kept: &Kept) -> Rpc<Option<Kept>> {
        let request = proto::read_resource::Request {
            type_name: self.type_name.to_owned(),
            current_state: encode(&kept.value, &self.ty),
            private: kept.private.clone(),
            current_identity: kept.identity.clone(),
            client_capabilities: Some(capabilities()),
            ..Default::default()
        };
        let answer = self.client.rpc().read_resource(request).await?.into_inner();
        if !self.succeeds(step, &answer.diagnostics) {
            return Ok(None);
        }
        if answer.deferred.is_some() {
            self.broken(step, "the read is deferred");
        }
        let value = decode(answer.new_state, &self.ty)?;
        self.hold(step, kept_fault(&self.object, &value));
        Ok(Some(Kept { value, private: answer.private, identity: answer.new_identity }))
    }

    /// The id to import `made` by, as its identity makes it; `None` if it makes none.
    pub fn import_id(&self, made: &Kept) -> Option<String> {
        made.identity.as_ref()?;
        let attributes = self.object.identity();
        let identity = attributes.map(|one| (one.name.to_owned(), made.value.get(one.name).clone()));
        Client::<P>::resource(self.type_name)?.import_id(&Value::Map(identity.collect()))
    }

    /// Imports `by` an id or an identity.
    pub async fn import(&mut self, step: &str, by: Handle) -> Rpc<Option<Kept>> {
        let (id, identity) = match by {
            Handle::Id(id) => (id, None),
            Handle::Identity(identity) => (String::new(), Some(identity)),
        };
        let request = proto::import_resource_state::Request {
            type_name: self.type_name.to_owned(),
            id,
            identity,
            client_capabilities: Some(capabilities()),
        };
        let answer = self.client.rpc().import_resource_state(request).await?.into_inner();
        if !self.succeeds(step, &answer.diagnostics) {
            return Ok(None);
        }
        let [imported] = answer.imported_resources.as_slice() else {
            self.broken(step, "what is imported is not one resource");
            return Ok(None);
        };
        if answer.deferred.is_some() || imported.type_name != self.type_name {
            self.broken(step, "the import is deferred, or of another type");
        }
        let value = decode(imported.state.clone(), &self.ty)?;
        self.hold(step, kept_fault(&self.object, &value));
        Ok(Some(Kept { value, private: imported.private.clone(), identity: imported.identity.clone() }))
    }

    /// The state of the same version is itself afterwards.
    pub async fn upgrade(&mut self, step: &str, made: &Kept) -> Rpc<()> {
        let saved = json::write(&made.value, &self.ty);
        let version =
            self.client.schemas().await?.resource_schemas.get(self.type_name).map_or(0, |schema| schema.version);
        let upgraded = self.client.upgrade(self.type_name, &self.ty, version, &saved).await?;
        if self.succeeds(step, &upgraded.diagnostics) && upgraded.state != made.value {
            self.broken(step, "a state of the same version is another one afterwards");
        }
        Ok(())
    }

    /// The identity of what was made is its attributes, that of the plan if it was known there, and that which it had.
    fn hold_identity(&mut self, step: &str, prior: &Kept, planned: &Kept, made: &Kept) {
        let attributes = self.object.identity().map(|attribute| {
            let (name, ty) = (attribute.name.to_owned(), attribute.value_type());
            ((name.clone(), ty), (name, made.value.get(attribute.name).clone()))
        });
        let (types, values): (Vec<_>, Vec<_>) = attributes.unzip();
        let (ty, value) = (Type::Object(types.into_iter().collect()), Value::Map(values.into_iter().collect()));
        let expected = self.object.identity().next().and_then(|_| encode(&value, &ty));
        let told = made.identity.as_ref().and_then(|identity| identity.identity_data.clone());
        // What is written as empty and means left out, the identity has as what it became.
        let is_blank = |one: &Attribute| !made.value.get(one.name).is_null() && one.is_absent(made.value.get(one.name));
        if told != expected && !self.object.identity().any(is_blank) {
            self.broken(step, "the identity is not the attributes that the resource is known by");
        }
        for before in [planned, prior] {
            if before.identity.is_some() && before.identity != made.identity {
                self.broken(step, "the identity is another one than before");
            }
        }
    }
}

/// What is wrong with a path whose change needs a new resource: it leads to something that changes.
fn replacement_fault(path: &proto::AttributePath, prior: &Value, planned: &Value) -> Option<String> {
    use proto::attribute_path::step::Selector;
    let (mut prior, mut planned) = (prior, planned);
    for step in &path.steps {
        match step.selector.as_ref() {
            Some(Selector::AttributeName(name) | Selector::ElementKeyString(name)) => {
                (prior, planned) = (prior.get(name), planned.get(name));
            }
            Some(Selector::ElementKeyInt(at)) => {
                let of = |value: &'_ Value| {
                    value.as_items().unwrap_or_default().get(usize::try_from(*at).unwrap_or_default()).cloned()
                };
                return (of(prior) == of(planned)).then(|| "an element that stays needs a new resource".to_owned());
            }
            None => return Some("a path that needs a new resource has an empty step".to_owned()),
        }
    }
    (prior == planned).then(|| format!("what stays needs a new resource: {path:?}"))
}
