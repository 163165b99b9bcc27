//! The rules for a resource type, from its configuration to its end.

use super::rules::{applied_fault, planned_fault};
use super::variants::{Variant, variants};
use super::{Report, configuration, nonsense};
use crate::protocol::{json, messages as proto};
use crate::schema::Object;
use crate::testing::client::{Client, Planned, Rpc, decode, encode, errors};
use crate::testing::proposed;
use crate::{Provider, Type, Value};

/// Checks resource type `type_name` with variants of the valid `config`, which it makes and destroys again. The provider
/// must be configured.
///
/// # Errors
/// An RPC's own failure: a provider never has one.
pub async fn check_resource<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    config: &serde_json::Value,
) -> Rpc<Report> {
    let Some(mut check) = Check::new(client, type_name, config)? else {
        return Ok(vec![format!("there is no {type_name}")]);
    };
    check.plans().await?;
    check.life().await?;
    Ok(check.report)
}

/// Checks resource type `type_name` as [`check_resource`] does, but makes nothing.
///
/// # Errors
/// An RPC's own failure: a provider never has one.
pub async fn check_plans<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    config: &serde_json::Value,
) -> Rpc<Report> {
    let Some(mut check) = Check::new(client, type_name, config)? else {
        return Ok(vec![format!("there is no {type_name}")]);
    };
    check.plans().await?;
    Ok(check.report)
}

struct Check<'a, P: Provider> {
    client: &'a mut Client<P>,
    type_name: &'a str,
    object: Object,
    ty: Type,
    base: Value,
    report: Report,
}

/// What a CLI keeps of a resource.
#[derive(Clone)]
struct Kept {
    value: Value,
    private: Vec<u8>,
    identity: Option<proto::ResourceIdentityData>,
}

impl<'a, P: Provider> Check<'a, P> {
    fn new(client: &'a mut Client<P>, type_name: &'a str, config: &serde_json::Value) -> Rpc<Option<Self>> {
        let Some(object) = Client::<P>::object(type_name) else { return Ok(None) };
        let (ty, base) = (object.value_type(), configuration(&object, config)?);
        Ok(Some(Check { client, type_name, object, ty, base, report: Report::new() }))
    }

    fn broken(&mut self, step: &str, what: impl std::fmt::Display) {
        self.report.push(format!("{} ({step}): {what}", self.type_name));
    }

    /// Tells it where `fault` is one.
    fn hold(&mut self, step: &str, fault: Option<String>) {
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

    /// Validates each variant and plans its creation; and validates what nobody would write.
    async fn plans(&mut self) -> Rpc<()> {
        for variant in variants(&self.object, &self.base) {
            let Some(planned) = self.plan(&variant, &Value::Null).await? else { continue };
            if !planned.requires_replace.is_empty() {
                self.broken(&variant.name, "the plan of a create asks for a replacement");
            }
        }
        for config in nonsense(&self.object) {
            let told = self.client.validate(self.type_name, &self.ty, &config).await?;
            let panic = errors(&told).into_iter().find(|error| error.contains("panicked"));
            self.hold("nonsense", panic);
        }
        Ok(())
    }

    /// Validates `variant` and plans the way to it from `prior`, twice; `None` if it is refused, as it may be only
    /// where something is left out.
    async fn plan(&mut self, variant: &Variant, prior: &Value) -> Rpc<Option<Planned>> {
        let step = if prior.is_null() { variant.name.clone() } else { format!("update, {}", variant.name) };
        let told = self.client.validate(self.type_name, &self.ty, &variant.config).await?;
        let mut refused = errors(&told);
        let proposed = proposed::new_state(&self.object, prior, &variant.config);
        let values = (prior, &variant.config, &proposed);
        if refused.is_empty() {
            let first = self.client.plan(self.type_name, &self.ty, values).await?;
            let second = self.client.plan(self.type_name, &self.ty, values).await?;
            refused = errors(&first.diagnostics);
            if refused.is_empty() {
                if first != second {
                    self.broken(&step, "two plans differ");
                }
                self.hold(&step, planned_fault(&self.object, prior, &variant.config, &first.state));
                return Ok(Some(first));
            }
        }
        if !variant.may_be_refused {
            self.broken(&step, format!("refused: {refused:?}"));
        }
        Ok(None)
    }

    /// Makes it, reads it, plans each variant from there, and destroys it.
    async fn life(&mut self) -> Rpc<()> {
        let nothing = Kept { value: Value::Null, private: Vec::new(), identity: None };
        let config = self.base.clone();
        let Some(planned) = self.step("create", &nothing, &config).await? else { return Ok(()) };
        let Some(made) = self.apply("create", &nothing, &planned, &config).await? else { return Ok(()) };
        self.hold("create", applied_fault(&planned.value, &made.value));
        self.check_identity("create", &planned, &made);

        let saved = json::write(&made.value, &self.ty);
        let version = self.version().await?;
        let upgraded = self.client.upgrade(self.type_name, &self.ty, version, &saved).await?;
        if self.succeeds("upgrade", &upgraded.diagnostics) && upgraded.state != made.value {
            self.broken("upgrade", "a state of the same version is another one afterwards");
        }
        self.read(&made).await?;

        let Some(again) = self.step("unchanged", &made, &config).await? else { return Ok(()) };
        if again.value != made.value {
            let is_other = |name: &&str| made.value.get(name) != again.value.get(name);
            let names: Vec<_> = self.object.attributes.iter().map(|one| one.name).filter(is_other).collect();
            self.broken("unchanged", format!("a second plan changes {names:?}"));
        }
        if again.private != made.private || again.identity != made.identity {
            self.broken("unchanged", "private state or identity is another one in the plan");
        }
        self.updates(&made).await?;

        let Some(gone) = self.step("destroy", &made, &Value::Null).await? else { return Ok(()) };
        if !gone.value.is_null() {
            self.broken("destroy", "the plan is not null");
        }
        let Some(left) = self.apply("destroy", &made, &gone, &Value::Null).await? else { return Ok(()) };
        if !left.value.is_null() {
            self.broken("destroy", "a state is left");
        }
        Ok(())
    }

    /// From what was made to each variant. One that needs another resource is planned anew, as a create.
    async fn updates(&mut self, made: &Kept) -> Rpc<()> {
        for variant in variants(&self.object, &self.base) {
            let Some(planned) = self.plan(&variant, &made.value).await? else { continue };
            if !planned.requires_replace.is_empty() {
                self.plan(&variant, &Value::Null).await?;
            }
        }
        Ok(())
    }

    async fn read(&mut self, made: &Kept) -> Rpc<()> {
        let request = proto::read_resource::Request {
            type_name: self.type_name.to_owned(),
            current_state: encode(&made.value, &self.ty),
            private: made.private.clone(),
            current_identity: made.identity.clone(),
            client_capabilities: Some(capabilities()),
            ..Default::default()
        };
        let answer = self.client.rpc().read_resource(request).await?.into_inner();
        if !self.succeeds("read", &answer.diagnostics) {
            return Ok(());
        }
        if answer.deferred.is_some() {
            self.broken("read", "deferred");
        }
        if decode(answer.new_state, &self.ty)? != made.value {
            self.broken("read", "what was just made is another one when it is read");
        }
        if answer.private != made.private || answer.new_identity != made.identity {
            self.broken("read", "private state or identity is another one when it is read");
        }
        Ok(())
    }

    /// A plan with all that a CLI gives and takes.
    async fn step(&mut self, step: &str, prior: &Kept, config: &Value) -> Rpc<Option<Kept>> {
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
        if !self.succeeds(step, &answer.diagnostics) {
            return Ok(None);
        }
        if answer.legacy_type_system {
            self.broken(step, "the plan asks for the leniency of the legacy type system");
        }
        if answer.deferred.is_some() {
            self.broken(step, "deferred");
        }
        let value = decode(answer.planned_state, &self.ty)?;
        Ok(Some(Kept { value, private: answer.planned_private, identity: answer.planned_identity }))
    }

    async fn apply(&mut self, step: &str, prior: &Kept, planned: &Kept, config: &Value) -> Rpc<Option<Kept>> {
        let request = proto::apply_resource_change::Request {
            type_name: self.type_name.to_owned(),
            prior_state: encode(&prior.value, &self.ty),
            planned_state: encode(&planned.value, &self.ty),
            config: encode(config, &self.ty),
            planned_private: planned.private.clone(),
            planned_identity: planned.identity.clone(),
            ..Default::default()
        };
        let answer = self.client.rpc().apply_resource_change(request).await?.into_inner();
        if !self.succeeds(step, &answer.diagnostics) {
            return Ok(None);
        }
        if answer.legacy_type_system {
            self.broken(step, "what came of it asks for the leniency of the legacy type system");
        }
        let value = decode(answer.new_state, &self.ty)?;
        Ok(Some(Kept { value, private: answer.private, identity: answer.new_identity }))
    }

    /// The identity of what was made is its attributes, and that of the plan if it was known there.
    fn check_identity(&mut self, step: &str, planned: &Kept, made: &Kept) {
        let attributes = self.object.identity().map(|attribute| {
            let (name, ty) = (attribute.name.to_owned(), attribute.value_type());
            ((name.clone(), ty), (name, made.value.get(attribute.name).clone()))
        });
        let (types, values): (Vec<_>, Vec<_>) = attributes.unzip();
        let (ty, value) = (Type::Object(types.into_iter().collect()), Value::Map(values.into_iter().collect()));
        let expected = self.object.identity().next().and_then(|_| encode(&value, &ty));
        let told = made.identity.as_ref().and_then(|identity| identity.identity_data.clone());
        if told != expected {
            self.broken(step, "the identity is not the attributes that the resource is known by");
        }
        if planned.identity.is_some() && planned.identity != made.identity {
            self.broken(step, "the identity is not that of the plan");
        }
    }

    /// The version of the schema.
    async fn version(&mut self) -> Rpc<i64> {
        let schemas = self.client.schemas().await?.resource_schemas;
        Ok(schemas.get(self.type_name).map_or(0, |schema| schema.version))
    }
}

/// A CLI that would take a deferral, which no provider of this framework gives.
fn capabilities() -> proto::ClientCapabilities {
    proto::ClientCapabilities { deferral_allowed: true, write_only_attributes_allowed: true }
}
