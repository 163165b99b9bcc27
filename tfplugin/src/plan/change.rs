//! What changes from one state to another: spellings that mean the same, values to be computed anew, paths that need a
//! new resource, and what came out otherwise than planned.

use std::collections::BTreeSet;

use super::walk::{pairs, pairwise};
use crate::schema::{Attribute, Nesting, Object, Shape};
use crate::{Failure, Path, Value};

/// Where `value` means the same as `reference` in another spelling, takes the reference's: also for a null of some type.
pub(crate) fn keep_spelling(object: &Object, reference: &Value, value: &mut Value) {
    Spelling { is_planned: false }.keep(object, reference, value);
}

/// The same for a plan, of which the CLIs demand that each null and each set is as the configuration says or as it was.
pub(super) fn keep_planned_spelling(object: &Object, reference: &Value, value: &mut Value) {
    Spelling { is_planned: true }.keep(object, reference, value);
}

#[derive(Clone, Copy)]
struct Spelling {
    is_planned: bool,
}

impl Spelling {
    fn keep(self, object: &Object, reference: &Value, value: &mut Value) {
        self.keep_attributes(&object.attributes, reference, value);
        for block in &object.blocks {
            let each = |reference: &Value, value: &mut Value| self.keep(&block.object, reference, value);
            self.keep_nested(block.nesting, reference.get(block.name), value, block.name, each);
        }
    }

    fn keep_attributes(self, attributes: &[Attribute], reference: &Value, value: &mut Value) {
        for attribute in attributes {
            let (wanted, now) = (reference.get(attribute.name), value.get(attribute.name));
            if !wanted.is_wholly_known() || !now.is_wholly_known() {
                continue;
            }
            if let Shape::Object(nesting, inner) = &attribute.shape {
                let each = |reference: &Value, value: &mut Value| self.keep_attributes(inner, reference, value);
                self.keep_nested(*nesting, wanted, value, attribute.name, each);
                continue;
            }
            let is_same = match (wanted.is_null(), now.is_null()) {
                (false, false) => attribute.is_same(wanted, now),
                (true, true) => !self.is_planned,
                _ => false,
            };
            if is_same {
                value.put(attribute.name, wanted.clone());
            }
        }
    }

    /// Calls `keep` with the objects in attribute or block `name` of `value` and their counterparts. That of an element of a
    /// set is the one that it becomes.
    fn keep_nested(
        self,
        nesting: Nesting,
        reference: &Value,
        value: &mut Value,
        name: &str,
        keep: impl Fn(&Value, &mut Value),
    ) {
        if nesting != Nesting::Set {
            pairwise(nesting, [reference], value, name, |[reference], value| keep(reference, value));
            return;
        }
        let (Value::Set(wanted), Value::Set(items)) = (reference, value.get(name)) else { return };
        if wanted == items {
            return;
        }
        let becomes = |item: &Value, wanted: &Value| {
            let mut kept = item.clone();
            keep(wanted, &mut kept);
            kept == *wanted
        };
        let spelled = items.iter().map(|item| wanted.iter().find(|wanted| becomes(item, wanted)).unwrap_or(item));
        let spelled: Vec<_> = spelled.cloned().collect();
        // What the configuration spells in two ways comes back as one element.
        let is_all_of_it = spelled.iter().all(|item| wanted.contains(item))
            && wanted.iter().all(|wanted| items.iter().any(|item| becomes(item, wanted)));
        if is_all_of_it {
            value.put(name, reference.clone());
        } else if !self.is_planned {
            value.put(name, Value::set(spelled));
        }
    }
}

/// Paths of what was planned by hand. Those of nested objects have no steps to elements: only single ones are refined.
pub(super) type Refined = BTreeSet<Path>;

/// Computed values that the configuration leaves out become unknown, unless they are kept or were refined.
pub(super) fn mark_unknown(object: &Object, config: &Value, planned: &mut Value, path: &Path, refined: &Refined) {
    mark_attributes(&object.attributes, config, planned, path, refined);
    for block in &object.blocks {
        let path = path.attribute(block.name);
        pairwise(block.nesting, [config.get(block.name)], planned, block.name, |[config], planned| {
            mark_unknown(&block.object, config, planned, &path, refined);
        });
    }
}

fn mark_attributes(attributes: &[Attribute], config: &Value, planned: &mut Value, path: &Path, refined: &Refined) {
    for attribute in attributes {
        let (configured, path) = (config.get(attribute.name), path.attribute(attribute.name));
        if configured.is_null() {
            let is_kept = attribute.keep && !planned.get(attribute.name).is_null();
            if attribute.is_computed() && attribute.default.is_none() && !is_kept && !refined.contains(&path) {
                planned.put(attribute.name, Value::Unknown);
            }
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            pairwise(*nesting, [configured], planned, attribute.name, |[config], planned| {
                mark_attributes(inner, config, planned, &path, refined);
            });
        }
    }
}

/// Collects the paths at which what is planned needs a new resource.
pub(super) fn replaced(object: &Object, prior: &Value, planned: &Value, path: &Path, replace: &mut Vec<Path>) {
    replaced_attributes(&object.attributes, prior, planned, path, replace);
    for block in &object.blocks {
        let (prior, planned) = (prior.get(block.name), planned.get(block.name));
        for (prior, planned, path) in pairs(block.nesting, prior, planned, &path.attribute(block.name)) {
            replaced(&block.object, prior, planned, &path, replace);
        }
    }
}

fn replaced_attributes(attributes: &[Attribute], prior: &Value, planned: &Value, path: &Path, replace: &mut Vec<Path>) {
    for attribute in attributes {
        let path = path.attribute(attribute.name);
        let (before, after) = (prior.get(attribute.name), planned.get(attribute.name));
        if before == after {
            continue;
        }
        if attribute.replace {
            replace.push(path);
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            for (before, after, path) in pairs(*nesting, before, after, &path) {
                replaced_attributes(inner, before, after, &path, replace);
            }
        }
    }
}

/// Holds what a create or an update returned against what was planned: a known value may not have become another.
pub(crate) fn inconsistencies(object: &Object, planned: &Value, actual: &Value) -> Option<Failure> {
    let attributes = object.attributes.iter().map(|attribute| attribute.name);
    let names = attributes.chain(object.blocks.iter().map(|block| block.name));
    let names: Vec<_> = names.filter(|name| !agree(planned.get(name), actual.get(name))).collect();
    let first = Path::root().attribute(names.first()?);
    let failure = Failure::at(first, format!("the result differs from the plan in {}", names.join(", ")));
    Some(failure.detail("This is a fault of the provider."))
}

/// Whether `actual` is what was `planned`: where that was unknown, it may be anything.
fn agree(planned: &Value, actual: &Value) -> bool {
    match (planned, actual) {
        (Value::Unknown, _) => true,
        (Value::List(planned), Value::List(actual)) => {
            planned.len() == actual.len() && planned.iter().zip(actual).all(|(planned, actual)| agree(planned, actual))
        }
        (Value::Map(planned), Value::Map(actual)) => {
            let found = |key| actual.get(key).unwrap_or(&Value::Null);
            planned.len() == actual.len() && planned.iter().all(|(key, value)| agree(value, found(key)))
        }
        // Elements of a set can't be paired while something in them is unknown.
        _ => planned == actual || !planned.is_wholly_known(),
    }
}
