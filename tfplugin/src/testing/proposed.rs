//! What a CLI proposes as the new state: the configuration, with what the provider computed before where the
//! configuration leaves it out.

use std::collections::BTreeMap;

use crate::Value;
use crate::schema::{Attribute, Nesting, Object, Shape};

/// The proposal for `config`, where the state was `prior`.
pub fn new_state(object: &Object, prior: &Value, config: &Value) -> Value {
    let attributes = attribute_values(&object.attributes, prior, config);
    let blocks = object.blocks.iter().map(|block| {
        let each = |prior: &Value, config: &Value| new_state(&block.object, prior, config);
        (block.name.to_owned(), collection(block.nesting, prior.get(block.name), config.get(block.name), each))
    });
    Value::Map(attributes.into_iter().chain(blocks).collect())
}

fn attribute_values(attributes: &[Attribute], prior: &Value, config: &Value) -> BTreeMap<String, Value> {
    attributes.iter().map(|one| (one.name.to_owned(), attribute_value(one, prior, config))).collect()
}

fn attribute_value(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    let (prior, config) = (prior.get(attribute.name), config.get(attribute.name));
    match &attribute.shape {
        _ if config.is_null() && attribute.is_computed() => prior.clone(),
        Shape::Object(nesting, inner) => {
            collection(*nesting, prior, config, |prior, config| Value::Map(attribute_values(inner, prior, config)))
        }
        Shape::Type(_) => config.clone(),
    }
}

fn collection(nesting: Nesting, prior: &Value, config: &Value, each: impl Fn(&Value, &Value) -> Value) -> Value {
    match (nesting, config) {
        (Nesting::Single, object @ Value::Map(_)) => each(prior, object),
        (Nesting::List, Value::List(items)) => {
            let pair = |(at, item)| each(prior.as_items().unwrap_or_default().get(at).unwrap_or(&Value::Null), item);
            Value::List(items.iter().enumerate().map(pair).collect())
        }
        (Nesting::Map, Value::Map(items)) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), each(prior.get(key), item))).collect())
        }
        // Nothing in an element of a set is computed.
        _ => config.clone(),
    }
}
