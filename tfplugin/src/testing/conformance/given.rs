//! Which attributes the configurations set: of one that none of them sets, a check says nothing.

use std::collections::BTreeSet;

use super::rules::elements_of;
use crate::Value;
use crate::schema::{Attribute, Object, Shape};

/// The attributes of `object`, at any depth, that can be configured and that none of `configs` sets.
pub fn never_given(object: &Object, configs: &[Value]) -> Vec<String> {
    let (mut all, mut given) = (BTreeSet::new(), BTreeSet::new());
    visit(object, "", &mut |path| all.insert(path));
    for config in configs {
        known(object, config, "", &mut given);
    }
    all.difference(&given).cloned().collect()
}

fn visit(object: &Object, prefix: &str, each: &mut dyn FnMut(String) -> bool) {
    visit_attributes(&object.attributes, prefix, each);
    for block in &object.blocks {
        visit(&block.object, &format!("{prefix}{}.", block.name), each);
    }
}

fn visit_attributes(attributes: &[Attribute], prefix: &str, each: &mut dyn FnMut(String) -> bool) {
    for attribute in attributes.iter().filter(|attribute| attribute.is_configurable()) {
        let path = format!("{prefix}{}", attribute.name);
        if let Shape::Object(_, inner) = &attribute.shape {
            visit_attributes(inner, &format!("{path}."), each);
        }
        each(path);
    }
}

fn known(object: &Object, config: &Value, prefix: &str, given: &mut BTreeSet<String>) {
    known_attributes(&object.attributes, config, prefix, given);
    for block in &object.blocks {
        for element in elements_of(block.nesting, config.get(block.name)) {
            known(&block.object, element, &format!("{prefix}{}.", block.name), given);
        }
    }
}

fn known_attributes(attributes: &[Attribute], config: &Value, prefix: &str, given: &mut BTreeSet<String>) {
    for attribute in attributes {
        let (path, value) = (format!("{prefix}{}", attribute.name), config.get(attribute.name));
        if value.is_null() || value.is_unknown() {
            continue;
        }
        if let Shape::Object(nesting, inner) = &attribute.shape {
            for element in elements_of(*nesting, value) {
                known_attributes(inner, element, &format!("{path}."), given);
            }
        }
        given.insert(path);
    }
}
