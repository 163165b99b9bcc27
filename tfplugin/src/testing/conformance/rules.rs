//! The rules for values: what a plan may say of a configuration, and what may come of a plan.

use crate::Value;
use crate::schema::{Attribute, Block, Nesting, Object, Shape};

/// What is wrong with a plan for `config` where the state was `prior`: a configured attribute is planned as it is
/// configured or as it was, and what is left out is planned only where it is computed.
pub fn planned_fault(object: &Object, prior: &Value, config: &Value, planned: &Value) -> Option<String> {
    attributes_fault(&object.attributes, prior, config, planned)
        .or_else(|| object.blocks.iter().find_map(|block| block_fault(block, prior, config, planned)))
}

fn block_fault(block: &Block, prior: &Value, config: &Value, planned: &Value) -> Option<String> {
    let (prior, config, planned) = (prior.get(block.name), config.get(block.name), planned.get(block.name));
    if planned.is_unknown()
        || config.as_items().unwrap_or_default().len() != planned.as_items().unwrap_or_default().len()
        || config.is_null() != planned.is_null()
    {
        return Some(format!("the blocks {} are not those configured", block.name));
    }
    let each = |prior: &Value, config: &Value, planned: &Value| planned_fault(&block.object, prior, config, planned);
    elements_fault(block.nesting, prior, config, planned, &each).map(|fault| format!("{}: {fault}", block.name))
}

fn attributes_fault(attributes: &[Attribute], prior: &Value, config: &Value, planned: &Value) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let of = |value: &Value| value.get(attribute.name).clone();
        attribute_fault(attribute, &of(prior), &of(config), &of(planned))
            .map(|fault| format!("{}: {fault}", attribute.name))
    })
}

fn attribute_fault(attribute: &Attribute, prior: &Value, config: &Value, planned: &Value) -> Option<String> {
    if attribute.write_only {
        return (!planned.is_null()).then(|| "it is write-only, and planned".to_owned());
    }
    if config.is_null() {
        let may_be = attribute.is_computed() || planned.is_null();
        return (!may_be).then(|| "it is left out, not computed, and planned".to_owned());
    }
    if planned == config || (planned == prior && !prior.is_null()) {
        return None;
    }
    match &attribute.shape {
        Shape::Object(nesting, inner) if !config.is_unknown() => {
            let each = |prior: &Value, config: &Value, planned: &Value| attributes_fault(inner, prior, config, planned);
            elements_fault(*nesting, prior, config, planned, &each)
        }
        _ => Some(unlike("configured", config, planned)),
    }
}

type Each<'a> = dyn Fn(&Value, &Value, &Value) -> Option<String> + 'a;

fn elements_fault(nesting: Nesting, prior: &Value, config: &Value, planned: &Value, each: &Each<'_>) -> Option<String> {
    match (nesting, config, planned) {
        (Nesting::Single, Value::Map(_), Value::Map(_)) => each(prior, config, planned),
        (Nesting::List, Value::List(one), Value::List(other)) if one.len() == other.len() => {
            let prior = |at| prior.as_items().unwrap_or_default().get(at).unwrap_or(&Value::Null);
            one.iter().zip(other).enumerate().find_map(|(at, (one, other))| each(prior(at), one, other))
        }
        (Nesting::Map, Value::Map(one), Value::Map(other)) if one.keys().eq(other.keys()) => {
            one.iter().find_map(|(key, one)| each(prior.get(key), one, other.get(key)?))
        }
        _ if config == planned => None,
        _ => Some(unlike("configured", config, planned)),
    }
}

/// What is wrong with `made`, which came of `planned`: what was known is as planned, and all else is known now.
pub fn applied_fault(planned: &Value, made: &Value) -> Option<String> {
    let unknown = || (!made.is_wholly_known()).then(|| "something in it is still not known".to_owned());
    final_fault(planned, made).or_else(unknown)
}

/// What is wrong with `later`, the plan that is made when everything is known, after `early`, made when it was not: a
/// person has agreed to what the early one says.
pub fn final_fault(early: &Value, later: &Value) -> Option<String> {
    match (early, later) {
        (Value::Unknown, _) => None,
        (Value::Map(early), Value::Map(later)) if early.keys().eq(later.keys()) => early
            .iter()
            .find_map(|(name, early)| final_fault(early, later.get(name)?).map(|fault| format!("{name}: {fault}"))),
        (Value::List(early), Value::List(later)) if early.len() == later.len() => {
            early.iter().zip(later).find_map(|(early, later)| final_fault(early, later))
        }
        (Value::Set(early), Value::Set(later)) if !early.iter().all(Value::is_wholly_known) => {
            (later.len() > early.len()).then(|| "the set has more elements than planned".to_owned())
        }
        _ if early == later => None,
        _ => Some(unlike("planned", early, later)),
    }
}

/// What is wrong with `state` as one that is kept: all of it is known, no block is null, and nothing write-only is in it.
pub fn kept_fault(object: &Object, state: &Value) -> Option<String> {
    if state.is_null() {
        return None;
    }
    let blocks = object.blocks.iter().find_map(|block| {
        let nested = state.get(block.name);
        let fault = if nested.is_null() && block.nesting != Nesting::Single {
            Some("the blocks are null".to_owned())
        } else {
            elements_of(block.nesting, nested).find_map(|element| kept_fault(&block.object, element))
        };
        fault.map(|fault| format!("{}: {fault}", block.name))
    });
    blocks.or_else(|| kept_attributes_fault(&object.attributes, state))
}

fn kept_attributes_fault(attributes: &[Attribute], state: &Value) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let value = state.get(attribute.name);
        let fault = match &attribute.shape {
            _ if attribute.write_only && !value.is_null() => Some("it is write-only, and kept".to_owned()),
            _ if !value.is_wholly_known() => Some("it is not known".to_owned()),
            Shape::Object(nesting, inner) => {
                elements_of(*nesting, value).find_map(|element| kept_attributes_fault(inner, element))
            }
            Shape::Type(_) => None,
        };
        fault.map(|fault| format!("{}: {fault}", attribute.name))
    })
}

/// The objects that a nested attribute or block holds.
pub fn elements_of(nesting: Nesting, value: &Value) -> impl Iterator<Item = &Value> {
    let elements: Vec<_> = match (nesting, value) {
        (Nesting::Single, Value::Map(_)) => vec![value],
        (_, Value::Map(entries)) => entries.values().collect(),
        _ => value.as_items().unwrap_or_default().iter().collect(),
    };
    elements.into_iter()
}

fn unlike(was: &str, one: &Value, other: &Value) -> String {
    format!("{was} as {one:?}, then it is {other:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Computed, Model, OptionalComputed};

    /// A thing.
    #[derive(Model, Clone)]
    struct Thing {
        /// Name.
        name: String,
        /// Size.
        size: Option<i64>,
        /// Shelf.
        shelf: OptionalComputed<String>,
        /// Id.
        id: Computed<String>,
        /// Secret.
        #[attr(write_only)]
        secret: Option<String>,
        /// Parts.
        #[attr(block)]
        parts: Vec<Part>,
    }

    /// A part.
    #[derive(Model, Clone)]
    struct Part {
        /// Material.
        material: String,
        /// Weight.
        weight: Computed<i64>,
    }

    fn thing(changes: &[(&str, Value)]) -> Value {
        let mut thing = Thing::object().empty();
        thing.put("name", "lamp".into());
        for (name, value) in changes {
            thing.put(name, value.clone());
        }
        thing
    }

    fn parts(weight: &Value, materials: &[&str]) -> Value {
        let part = |material: &&str| {
            Value::Map([("material".to_owned(), (*material).into()), ("weight".to_owned(), weight.clone())].into())
        };
        Value::List(materials.iter().map(part).collect())
    }

    fn fault_of_a_plan(prior: &Value, config: &[(&str, Value)], planned: &[(&str, Value)]) -> Option<String> {
        planned_fault(&Thing::object(), prior, &thing(config), &thing(planned))
    }

    #[test]
    fn a_plan_is_what_is_configured() {
        let none = Value::Null;
        let brass = ("parts", parts(&Value::Null, &["brass"]));
        let computed = [("id", Value::Unknown), ("shelf", "B2".into()), ("parts", parts(&Value::Unknown, &["brass"]))];
        assert_eq!(fault_of_a_plan(&none, std::slice::from_ref(&brass), &computed), None);
        let secret = ("secret", "s3cret".into());
        assert_eq!(fault_of_a_plan(&none, std::slice::from_ref(&secret), &[]), None);
        // As it was, in another spelling.
        assert_eq!(fault_of_a_plan(&thing(&[("name", "LAMP".into())]), &[], &[("name", "LAMP".into())]), None);

        let faults = [
            (vec![], vec![("name", "LAMP".into())], "name: configured as"),
            (vec![], vec![("size", 3.into())], "size: it is left out, not computed, and planned"),
            (vec![("shelf", "B1".into())], vec![("shelf", "B2".into())], "shelf: configured as"),
            (vec![secret.clone()], vec![secret], "secret: it is write-only, and planned"),
            (vec![brass.clone()], vec![], "the blocks parts are not those configured"),
            (vec![brass.clone()], vec![("parts", Value::Unknown)], "the blocks parts are not those configured"),
            (vec![brass], vec![("parts", parts(&Value::Null, &["card"]))], "parts: material: configured as"),
        ];
        for (config, planned, expected) in faults {
            let fault = fault_of_a_plan(&none, &config, &planned).unwrap_or_default();
            assert!(fault.starts_with(expected), "{fault:?} is not {expected:?}");
        }
    }

    #[test]
    fn what_is_made_is_what_was_planned() {
        let planned = thing(&[("id", Value::Unknown), ("parts", parts(&Value::Unknown, &["brass"]))]);
        let made =
            |id: Value, weight: Value, materials: &[&str]| thing(&[("id", id), ("parts", parts(&weight, materials))]);
        assert_eq!(applied_fault(&planned, &made("1".into(), 10.into(), &["brass"])), None);
        let wrong = [
            made(Value::Unknown, 10.into(), &["brass"]),
            made("1".into(), Value::Unknown, &["brass"]),
            made("1".into(), 10.into(), &["card"]),
            made("1".into(), 10.into(), &["brass", "card"]),
            Value::Null,
        ];
        for made in wrong {
            assert!(applied_fault(&planned, &made).is_some(), "{made:?} is not what was planned");
        }
        let set = |elements: &[&str]| Value::set(elements.iter().map(|element| (*element).into()));
        let partly = Value::set([Value::from("a"), Value::Unknown]);
        assert_eq!(applied_fault(&partly, &set(&["a", "b"])), None);
        assert!(applied_fault(&partly, &set(&["a", "b", "c"])).is_some());
        assert!(applied_fault(&set(&["a"]), &set(&["b"])).is_some());
    }
}
