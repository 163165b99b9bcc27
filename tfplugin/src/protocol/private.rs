//! Private values of a resource: fields of its model that the CLIs keep beside the state, as JSON by name. What was just
//! imported, and not read yet, has the id of its import there.

use serde_json::{Map, Value as Json};

use super::json;
use super::server::Described;
use crate::Value;

/// Beside the names of fields, none of which has a dot.
const IMPORTED: &str = ".imported";

/// The private values of what is imported by `id`.
pub fn of_import(id: &str) -> Vec<u8> {
    Json::Object(Map::from_iter([(IMPORTED.to_owned(), id.into())])).to_string().into_bytes()
}

/// The id by which a resource with these private values was imported, until it is read.
pub fn imported(bytes: &[u8]) -> Option<String> {
    let saved: Map<String, Json> = serde_json::from_slice(bytes).ok()?;
    saved.get(IMPORTED)?.as_str().map(str::to_owned)
}

/// Adds the private values in `bytes` to `state`. What can't be read, another provider or version has written: it is
/// left out.
pub fn join(schema: &Described, state: &mut Value, bytes: &[u8]) {
    if schema.object.private.is_empty() || state.is_null() {
        return;
    }
    let saved: Map<String, Json> = serde_json::from_slice(bytes).unwrap_or_default();
    for (name, ty) in &schema.object.private {
        let value = saved.get(*name).and_then(|json| json::read(json, ty).ok());
        state.put(name, value.unwrap_or(Value::Null));
    }
}

/// The private values in `bytes`, and nothing else.
pub fn of(schema: &Described, bytes: &[u8]) -> Value {
    let mut values = Value::Map(Default::default());
    join(schema, &mut values, bytes);
    values
}

/// The private values of `state`. A type that has none hands on what it was `passed`.
pub fn split(schema: &Described, state: &Value, passed: Vec<u8>) -> Vec<u8> {
    if schema.object.private.is_empty() || state.is_null() {
        return passed;
    }
    let is_there = |name: &str| !state.get(name).is_null() && state.get(name).is_wholly_known();
    let there = schema.object.private.iter().filter(|(name, _)| is_there(name));
    let entries = there.map(|(name, ty)| ((*name).to_owned(), json::write(state.get(name), ty)));
    Json::Object(entries.collect()).to_string().into_bytes()
}
