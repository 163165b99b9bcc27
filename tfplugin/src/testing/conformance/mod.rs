//! The rules that the CLIs hold every provider to, as checks of any type.
//!
//! From one valid configuration others are made: each attribute at any depth unknown, each one left out. For each of
//! them the plan must be one that a CLI accepts; and the first one is applied, read, planned again and destroyed, each
//! answer being held against the one before. What is broken is told as text, with the type, the variant and the
//! attribute.

mod data_source;
mod resource;
mod rules;
mod schemas;
mod variants;

pub use self::data_source::check_data_source;
pub use self::resource::{check_plans, check_resource};
pub use self::schemas::check_schemas;
use crate::Value;
use crate::protocol::json;
use crate::schema::Object;
use crate::testing::client::Rpc;

/// Rules that a provider breaks; empty if it is sound.
pub type Report = Vec<String>;

/// The configuration of an `object` that `json` is. Blocks that it leaves out are empty, not null.
///
/// # Errors
/// `json` is none, or sets what the object doesn't have.
fn configuration(object: &Object, json: &serde_json::Value) -> Rpc<Value> {
    let mut names = json.as_object().into_iter().flat_map(|entries| entries.keys());
    if let Some(name) = names.find(|name| !object.has(name) && !object.is_block(name)) {
        return Err(tonic::Status::invalid_argument(format!("{name:?} can't be configured")));
    }
    let config = json::read(json, &object.value_type());
    let mut config = config.map_err(|error| tonic::Status::invalid_argument(error.to_string()))?;
    let empty = object.empty();
    for block in &object.blocks {
        if config.get(block.name).is_null() {
            config.put(block.name, empty.get(block.name).clone());
        }
    }
    Ok(config)
}

/// A configuration in which everything is unknown, and one in which nothing is set.
fn nonsense(object: &Object) -> [Value; 2] {
    let mut unknown = object.empty();
    for attribute in object.attributes.iter().filter(|attribute| attribute.is_configurable()) {
        unknown.put(attribute.name, Value::Unknown);
    }
    [unknown, object.empty()]
}
