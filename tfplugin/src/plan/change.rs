//! What changes from one state to another: spellings that mean the same, values to be computed anew, and paths that need a
//! new resource.

use std::collections::BTreeSet;

use super::walk::{pairs, pairwise};
use crate::schema::{Attribute, Nesting, Object, Shape};
use crate::{Path, Value};

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
            if !self.is_planned && attribute.is_absent(wanted) && attribute.is_absent(now) {
                value.put(attribute.name, wanted.clone());
                continue;
            }
            if !wanted.is_wholly_known() || !now.is_wholly_known() {
                continue;
            }
            if let Shape::Object(nesting, inner) = &attribute.shape {
                let each = |reference: &Value, value: &mut Value| self.keep_attributes(inner, reference, value);
                self.keep_nested(*nesting, wanted, value, attribute.name, each);
                continue;
            }
            if !wanted.is_null() && !now.is_null() && attribute.is_same(wanted, now) {
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

/// `value` with null for each value that is empty and means that: two such values differ where something is to be done.
pub(crate) fn without_empty(object: &Object, value: &Value) -> Value {
    let mut value = value.clone();
    clear_empty(object, &mut value);
    value
}

fn clear_empty(object: &Object, value: &mut Value) {
    clear_empty_attributes(&object.attributes, value);
    for block in &object.blocks {
        each_in(block.nesting, value, block.name, |element| clear_empty(&block.object, element));
    }
}

fn clear_empty_attributes(attributes: &[Attribute], value: &mut Value) {
    for attribute in attributes {
        if attribute.is_absent(value.get(attribute.name)) {
            value.put(attribute.name, Value::Null);
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            each_in(*nesting, value, attribute.name, |element| clear_empty_attributes(inner, element));
        }
    }
}

/// Calls `each` with every object in attribute or block `name` of `value`, also with the elements of a set.
fn each_in(nesting: Nesting, value: &mut Value, name: &str, each: impl Fn(&mut Value)) {
    if let Value::Set(elements) = value.get(name) {
        let mut elements = elements.clone();
        elements.iter_mut().for_each(each);
        value.put(name, Value::set(elements));
    } else {
        pairwise(nesting, [], value, name, |[], element| each(element));
    }
}

/// Paths of what was planned by hand. Those of nested objects have no steps to elements: only single ones are refined.
pub(super) type Refined = BTreeSet<Path>;

/// Computed values that the configuration leaves out become unknown.
pub(crate) fn mark_computed(object: &Object, config: &Value, value: &mut Value) {
    mark_unknown(object, config, value, &Path::root(), &Refined::new());
}

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
