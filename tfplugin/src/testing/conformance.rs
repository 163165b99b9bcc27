//! The rules that the CLIs hold every provider to, as checks of any resource type.
//!
//! From one valid configuration others are made: each attribute left out, each one unknown. For each of them the plan
//! must be one that a CLI accepts. What is broken is told as text, with the type, the variant and the attribute.

use super::client::{Client, Rpc, errors};
use super::proposed;
use crate::schema::{Attribute, Mode, Nesting, Object, Shape};
use crate::{Number, Provider, Type, Value};

/// Rules that a provider breaks; empty if it is sound.
pub type Report = Vec<String>;

/// Checks the schemas of all resource types and data sources of provider `P`.
pub fn check_schemas<P: Provider>() -> Report {
    let resources = P::RESOURCES.iter().map(|resource| (resource.name(), resource.object()));
    let data_sources = P::DATA_SOURCES.iter().map(|data| (data.name(), data.object()));
    let mut report = Report::new();
    for (name, object) in resources.chain(data_sources) {
        check_object(name, &object, false, &mut report);
    }
    report
}

fn check_object(name: &str, object: &Object, is_in_set: bool, report: &mut Report) {
    if object.description.is_empty() {
        report.push(format!("{name} has no description"));
    }
    check_attributes(name, &object.attributes, is_in_set, report);
    for block in &object.blocks {
        let name = format!("{name}.{}", block.name);
        check_object(&name, &block.object, is_in_set || block.nesting == Nesting::Set, report);
    }
}

fn check_attributes(owner: &str, attributes: &[Attribute], is_in_set: bool, report: &mut Report) {
    for attribute in attributes {
        let name = format!("{owner}.{}", attribute.name);
        let is_valid = attribute.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !is_valid || attribute.name.starts_with(|first: char| first.is_ascii_digit()) {
            report.push(format!("{name} is no valid name"));
        }
        if attribute.description.is_empty() {
            report.push(format!("{name} has no description"));
        }
        if is_in_set && attribute.is_computed() {
            report.push(format!("{name} is computed inside a set, whose elements are told apart by their value"));
        }
        if attribute.write_only && attribute.is_computed() {
            report.push(format!("{name} is write-only and computed"));
        }
        if let Shape::Object(nesting, inner) = &attribute.shape {
            check_attributes(&name, inner, is_in_set || *nesting == Nesting::Set, report);
        }
    }
}

/// Checks resource type `type_name` with variants of the valid `config`. The provider must be configured.
///
/// # Errors
/// An RPC's own failure: a provider never has one.
pub async fn check_resource<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    config: &serde_json::Value,
) -> Rpc<Report> {
    let Some(object) = Client::<P>::object(type_name) else { return Ok(vec![format!("there is no {type_name}")]) };
    let ty = object.value_type();
    let mut base =
        crate::protocol::json::read(config, &ty).map_err(|error| tonic::Status::internal(error.to_string()))?;
    fill_blocks(&object, &mut base);
    let mut check = Check { client, type_name, object: &object, ty: &ty, report: Report::new() };
    for (variant, config) in variants(&object, &base) {
        check.create(&variant, &config).await?;
    }
    check.keep(&base).await?;
    check.destroy(&base).await?;
    check.survives_nonsense().await?;
    Ok(check.report)
}

/// Blocks that a configuration leaves out are empty, not null.
fn fill_blocks(object: &Object, value: &mut Value) {
    let empty = object.empty();
    for block in &object.blocks {
        if value.get(block.name).is_null() {
            value.put(block.name, empty.get(block.name).clone());
        }
    }
}

/// The configuration itself; then, for each attribute that it sets, the same with it unknown, and without it.
fn variants(object: &Object, base: &Value) -> Vec<(String, Value)> {
    let mut variants = vec![("as it is".to_owned(), base.clone())];
    for attribute in object.attributes.iter().filter(|attribute| attribute.is_configurable()) {
        let with = |value| {
            let mut config = base.clone();
            config.put(attribute.name, value);
            config
        };
        variants.push((format!("{} unknown", attribute.name), with(Value::Unknown)));
        if attribute.mode != Mode::Required && !base.get(attribute.name).is_null() {
            variants.push((format!("{} left out", attribute.name), with(Value::Null)));
        }
    }
    variants
}

struct Check<'a, P: Provider> {
    client: &'a mut Client<P>,
    type_name: &'a str,
    object: &'a Object,
    ty: &'a Type,
    report: Report,
}

impl<P: Provider> Check<'_, P> {
    fn broken(&mut self, variant: &str, what: impl std::fmt::Display) {
        self.report.push(format!("{} ({variant}): {what}", self.type_name));
    }

    /// Validation and the plan of a create. A configuration without one of its attributes may be refused, but then by
    /// validation already or with a reason; one with unknown values may not.
    async fn create(&mut self, variant: &str, config: &Value) -> Rpc<()> {
        let refused = errors(&self.client.validate(self.type_name, self.ty, config).await?);
        if !refused.is_empty() {
            if !variant.ends_with("left out") {
                self.broken(variant, format!("refused: {refused:?}"));
            }
            return Ok(());
        }
        let proposed = proposed::new_state(self.object, &Value::Null, config);
        let first = self.client.plan(self.type_name, self.ty, (&Value::Null, config, &proposed)).await?;
        let failed = errors(&first.diagnostics);
        if !failed.is_empty() {
            if !variant.ends_with("left out") {
                self.broken(variant, format!("not planned: {failed:?}"));
            }
            return Ok(());
        }
        let second = self.client.plan(self.type_name, self.ty, (&Value::Null, config, &proposed)).await?;
        if first.state != second.state {
            self.broken(variant, "two plans differ");
        }
        if !first.requires_replace.is_empty() {
            self.broken(variant, "the plan of a create asks for a replacement");
        }
        self.planned(variant, config, &first.state);
        Ok(())
    }

    /// What is configured is planned; what is not may be set only where it is computed.
    fn planned(&mut self, variant: &str, config: &Value, planned: &Value) {
        for attribute in &self.object.attributes {
            let (configured, value) = (config.get(attribute.name), planned.get(attribute.name));
            if attribute.write_only {
                if !value.is_null() {
                    self.broken(variant, format!("{} is write-only, and planned", attribute.name));
                }
            } else if let Some(fault) = attribute_fault(attribute, configured, value) {
                self.broken(variant, format!("{}: {fault}", attribute.name));
            }
        }
        for block in &self.object.blocks {
            let (configured, value) = (config.get(block.name), planned.get(block.name));
            if configured.items().len() != value.items().len() || value.is_unknown() {
                self.broken(variant, format!("the blocks {} are not those configured", block.name));
            }
        }
    }

    /// With a state that is as planned, the same configuration changes nothing.
    async fn keep(&mut self, config: &Value) -> Rpc<()> {
        let proposed = proposed::new_state(self.object, &Value::Null, config);
        let planned = self.client.plan(self.type_name, self.ty, (&Value::Null, config, &proposed)).await?;
        if !errors(&planned.diagnostics).is_empty() {
            return Ok(());
        }
        let state = made_known(&planned.state, self.ty);
        let proposed = proposed::new_state(self.object, &state, config);
        let again = self.client.plan(self.type_name, self.ty, (&state, config, &proposed)).await?;
        let failed = errors(&again.diagnostics);
        if !failed.is_empty() {
            self.broken("unchanged", format!("not planned: {failed:?}"));
        } else if again.state != state {
            // What the test made up may well be told anew; all else was known.
            let made_up = |name: &str| !planned.state.get(name).is_wholly_known();
            let differs = |attribute: &&Attribute| {
                !made_up(attribute.name) && state.get(attribute.name) != again.state.get(attribute.name)
            };
            let names: Vec<_> = self.object.attributes.iter().filter(differs).map(|one| one.name).collect();
            if !names.is_empty() {
                self.broken("unchanged", format!("a second plan changes {names:?}"));
            }
        }
        Ok(())
    }

    async fn destroy(&mut self, config: &Value) -> Rpc<()> {
        let proposed = proposed::new_state(self.object, &Value::Null, config);
        let planned = self.client.plan(self.type_name, self.ty, (&Value::Null, config, &proposed)).await?;
        let state = made_known(&planned.state, self.ty);
        let gone = self.client.plan(self.type_name, self.ty, (&state, &Value::Null, &Value::Null)).await?;
        let failed = errors(&gone.diagnostics);
        if !gone.state.is_null() || !failed.is_empty() {
            self.broken("destroy", format!("the plan is not null: {failed:?}"));
        }
        Ok(())
    }

    /// A configuration in which everything is unknown, and one in which nothing is set, end in an answer.
    async fn survives_nonsense(&mut self) -> Rpc<()> {
        let unknown = |attribute: &Attribute| {
            let value = if attribute.is_configurable() { Value::Unknown } else { Value::Null };
            (attribute.name.to_owned(), value)
        };
        let mut config = Value::Map(self.object.attributes.iter().map(unknown).collect());
        fill_blocks(self.object, &mut config);
        for config in [config, self.object.empty()] {
            let told = self.client.validate(self.type_name, self.ty, &config).await?;
            if let Some(panic) = errors(&told).iter().find(|error| error.contains("panicked")) {
                self.broken("nonsense", panic);
            }
        }
        Ok(())
    }
}

fn attribute_fault(attribute: &Attribute, configured: &Value, planned: &Value) -> Option<String> {
    match (configured, &attribute.shape) {
        (Value::Null, _) if attribute.is_computed() => None,
        (Value::Null, _) if planned.is_null() => None,
        (Value::Null, _) => Some("it is left out, not computed, and planned".to_owned()),
        (_, Shape::Object(nesting, inner)) if !configured.is_unknown() => {
            nested_fault(*nesting, inner, configured, planned)
        }
        (configured, _) if configured == planned => None,
        _ => Some(format!("configured as {configured:?}, planned as {planned:?}")),
    }
}

fn nested_fault(nesting: Nesting, inner: &[Attribute], configured: &Value, planned: &Value) -> Option<String> {
    let fault = |configured: &Value, planned: &Value| {
        inner.iter().find_map(|attribute| {
            let fault = attribute_fault(attribute, configured.get(attribute.name), planned.get(attribute.name))?;
            Some(format!("{}: {fault}", attribute.name))
        })
    };
    match (nesting, configured, planned) {
        (Nesting::Single, Value::Map(_), Value::Map(_)) => fault(configured, planned),
        (Nesting::List, Value::List(one), Value::List(other)) if one.len() == other.len() => {
            one.iter().zip(other).find_map(|(one, other)| fault(one, other))
        }
        (Nesting::Map, Value::Map(one), Value::Map(other)) if one.len() == other.len() => {
            one.iter().find_map(|(key, one)| fault(one, other.get(key)?))
        }
        _ if configured == planned => None,
        _ => Some(format!("configured as {configured:?}, planned as {planned:?}")),
    }
}

/// The value with something known in the place of all that is unknown.
fn made_known(value: &Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Unknown, Type::Bool) => Value::Bool(true),
        (Value::Unknown, Type::Number) => Value::Number(Number::from(7_i64)),
        (Value::Unknown, Type::String) => "made-known".into(),
        (Value::Unknown, Type::List(_)) => Value::List(Vec::new()),
        (Value::Unknown, Type::Set(_)) => Value::Set(Vec::new()),
        (Value::Unknown, Type::Map(_)) => Value::Map([].into()),
        (Value::Unknown, Type::Object(attributes)) => {
            Value::Map(attributes.iter().map(|(name, ty)| (name.clone(), made_known(&Value::Unknown, ty))).collect())
        }
        (Value::Unknown, Type::Tuple(_) | Type::Dynamic) => Value::Null,
        (Value::List(items), Type::List(element)) => {
            Value::List(items.iter().map(|item| made_known(item, element)).collect())
        }
        (Value::Set(items), Type::Set(element)) => Value::set(items.iter().map(|item| made_known(item, element))),
        (Value::Map(entries), Type::Map(element)) => {
            Value::Map(entries.iter().map(|(key, item)| (key.clone(), made_known(item, element))).collect())
        }
        (Value::Map(_), Type::Object(attributes)) => {
            Value::Map(attributes.iter().map(|(name, ty)| (name.clone(), made_known(value.get(name), ty))).collect())
        }
        _ => value.clone(),
    }
}
