//! Ways through an object and what is nested in it, blocks and attributes alike.

use crate::schema::{Attribute, Block, Nesting, Object, Shape};
use crate::{Path, Step, Value};

/// Shows `look` each attribute in `value` that a configuration could have, at any depth, with its value and where it lies.
pub fn visit(object: &Object, value: &Value, path: &Path, look: &mut impl FnMut(&Attribute, &Value, &Path)) {
    visit_attributes(&object.attributes, value, path, look);
    for block in &object.blocks {
        let path = path.attribute(block.name);
        for (value, step) in elements(block.nesting, value.get(block.name)) {
            visit(&block.object, value, &step.map_or(path.clone(), |step| path.then(step)), look);
        }
    }
}

/// Shows `look` each kind of block that there is in `value`, at any depth, with its path and that of the first one.
pub fn visit_blocks(object: &Object, value: &Value, path: &Path, look: &mut impl FnMut(&Block, &Path, &Path)) {
    for block in &object.blocks {
        let path = path.attribute(block.name);
        for (at, (value, step)) in elements(block.nesting, value.get(block.name)).into_iter().enumerate() {
            let own = step.map_or(path.clone(), |step| path.then(step));
            if at == 0 {
                look(block, &path, &own);
            }
            visit_blocks(&block.object, value, &own, look);
        }
    }
}

fn visit_attributes(
    attributes: &[Attribute],
    value: &Value,
    path: &Path,
    look: &mut impl FnMut(&Attribute, &Value, &Path),
) {
    for attribute in attributes {
        let (path, value) = (path.attribute(attribute.name), value.get(attribute.name));
        look(attribute, value, &path);
        // In what only the provider sets there is nothing that is configured.
        if let Shape::Object(nesting, inner) = &attribute.shape
            && attribute.is_configurable()
        {
            // Where a null element lies, no attributes are missing.
            for (value, step) in elements(*nesting, value).into_iter().filter(|(value, _)| !value.is_null()) {
                visit_attributes(inner, value, &step.map_or(path.clone(), |step| path.then(step)), look);
            }
        }
    }
}

/// The objects in the value of a block or a nested attribute, each with its step; a single one has none.
fn elements(nesting: Nesting, value: &Value) -> Vec<(&Value, Option<Step>)> {
    match value {
        Value::List(items) => items.iter().enumerate().map(|(at, item)| (item, Some(Step::Index(at)))).collect(),
        Value::Set(items) => items.iter().map(|item| (item, Some(Step::Element))).collect(),
        Value::Map(entries) if nesting == Nesting::Map => {
            entries.iter().map(|(key, item)| (item, Some(Step::Key(key.clone())))).collect()
        }
        Value::Map(_) => vec![(value, None)],
        _ => Vec::new(),
    }
}

/// Calls `each` with every object in attribute or block `name` of `value`, and its counterparts in `references`, null
/// where there are none. Elements of sets have no counterparts and are left as they are.
pub fn pairwise<const COUNT: usize>(
    nesting: Nesting,
    references: [&Value; COUNT],
    value: &mut Value,
    name: &str,
    each: impl Fn([&Value; COUNT], &mut Value),
) {
    let Value::Map(entries) = value else { return };
    match (nesting, entries.get_mut(name)) {
        (Nesting::List, Some(Value::List(items))) => {
            for (at, item) in items.iter_mut().enumerate() {
                each(references.map(|reference| at_index(reference, at)), item);
            }
        }
        (Nesting::Map, Some(Value::Map(items))) => {
            for (key, item) in items.iter_mut() {
                each(references.map(|reference| reference.get(key)), item);
            }
        }
        (Nesting::Single, Some(object @ Value::Map(_))) => each(references, object),
        _ => {}
    }
}

/// The objects planned at `path`, each with its counterpart in `prior`, null where it is new; and those of `prior` that
/// have none in what is planned, with null for it. Elements of sets that are in both are left out.
pub fn pairs<'a>(
    nesting: Nesting,
    prior: &'a Value,
    planned: &'a Value,
    path: &Path,
) -> Vec<(&'a Value, &'a Value, Path)> {
    let before = |step: &Option<Step>| match step {
        Some(Step::Index(at)) => at_index(prior, *at),
        Some(Step::Key(key)) => prior.get(key),
        Some(_) => &Value::Null,
        None => prior,
    };
    let is_new = |value: &&Value| nesting != Nesting::Set || !prior.items().contains(value);
    let is_gone = |value: &Value, step: &Option<Step>| match step {
        Some(Step::Index(at)) => planned.items().len() <= *at,
        Some(Step::Key(key)) => planned.get(key).is_null(),
        Some(_) => !planned.items().contains(value),
        None => planned.is_null(),
    };
    let at = |step: Option<Step>| step.map_or(path.clone(), |step| path.then(step));
    let now = elements(nesting, planned).into_iter().filter(|(value, _)| is_new(value));
    let gone =
        elements(nesting, prior).into_iter().filter(|(value, step)| !planned.is_unknown() && is_gone(value, step));
    now.map(|(value, step)| (before(&step), value, at(step)))
        .chain(gone.map(|(value, step)| (value, &Value::Null, at(step))))
        .collect()
}

fn at_index(value: &Value, at: usize) -> &Value {
    value.items().get(at).unwrap_or(&Value::Null)
}
