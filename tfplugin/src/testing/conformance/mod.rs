//! The rules that the CLIs hold every provider to, as checks of any type.
//!
//! From valid configurations others are made: each attribute at any depth unknown, left out, empty, and with other values.
//! For each of them the plan must be one that a CLI accepts. What is created from them is read, planned again, changed from
//! one to the other, imported and destroyed, each answer being held against the one before. What is left out or empty must
//! stay so: a second plan has nothing to do. An answer that differs from the plan is reported, though the framework goes by
//! the plan, and so is a computed value that is never set. What the schema forbids must be refused: a configured attribute
//! that only the provider sets, and null for a required one. What is broken is reported as text, with the type, the variant
//! and the attribute; so is an attribute that no configuration sets, as nothing is known of it then.

mod data_source;
mod differences;
mod ephemeral;
mod failing;
mod function;
mod given;
mod provider_block;
mod resource;
mod rules;
mod schemas;
mod steps;
mod variants;

pub use self::data_source::check_data_source;
pub use self::ephemeral::check_ephemeral_resource;
pub use self::failing::check_failing_create;
pub use self::function::check_function;
pub use self::provider_block::check_provider_block;
pub use self::resource::{check_resource, check_resource_with};
pub use self::schemas::check_schemas;
pub use self::steps::Moment;
use crate::Value;
use crate::protocol::json;
use crate::protocol::messages as proto;
use crate::schema::{Nesting, Object};
use crate::testing::client::Rpc;

/// Rules that a provider breaks; empty if it is sound.
pub type Report = Vec<String>;

/// The configurations of an `object` that `given` are.
fn configurations(object: &Object, given: &[serde_json::Value]) -> Rpc<Vec<Value>> {
    given.iter().map(|json| configuration(object, json)).collect()
}

/// The configuration of an `object` that `json` is. Blocks that it leaves out are empty, not null, at any depth.
///
/// # Errors
/// `json` is none, or sets what the object doesn't have.
pub fn configuration(object: &Object, json: &serde_json::Value) -> Rpc<Value> {
    if let Some(name) = stray(object, json) {
        return Err(tonic::Status::invalid_argument(format!("{name:?} can't be configured")));
    }
    let config = json::read(json, &object.value_type());
    let config = config.map_err(|error| tonic::Status::invalid_argument(error.to_string()))?;
    Ok(whole(object, config))
}

/// What `json` sets and `object` doesn't have.
fn stray(object: &Object, json: &serde_json::Value) -> Option<String> {
    let mut names = json.as_object().into_iter().flat_map(|entries| entries.keys());
    names.find(|name| !object.has(name) && !object.is_block(name)).cloned()
}

fn whole(object: &Object, mut config: Value) -> Value {
    let empty = object.empty();
    for block in &object.blocks {
        let nested = match config.get(block.name).clone() {
            Value::Null => empty.get(block.name).clone(),
            single if block.nesting == Nesting::Single => whole(&block.object, single),
            Value::List(items) => Value::List(items.into_iter().map(|item| whole(&block.object, item)).collect()),
            Value::Set(items) => Value::set(items.into_iter().map(|item| whole(&block.object, item))),
            Value::Map(items) => {
                Value::Map(items.into_iter().map(|(key, item)| (key, whole(&block.object, item))).collect())
            }
            other => other,
        };
        config.put(block.name, nested);
    }
    config
}

/// Whether an error is the provider's own, which no configuration excuses.
fn is_fault(error: &str) -> bool {
    error.contains("panicked") || error.contains("fault of the provider")
}

/// A configuration in which everything is unknown, and one in which nothing is set.
fn nonsense(object: &Object) -> [Value; 2] {
    let mut unknown = object.empty();
    for attribute in object.attributes.iter().filter(|attribute| attribute.is_configurable()) {
        unknown.put(attribute.name, Value::Unknown);
    }
    [unknown, object.empty()]
}

/// A CLI that would take a deferral, which no provider of this framework gives.
fn capabilities() -> proto::ClientCapabilities {
    proto::ClientCapabilities { deferral_allowed: true, write_only_attributes_allowed: true }
}
