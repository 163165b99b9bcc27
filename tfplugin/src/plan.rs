//! The plan: from what the CLI proposes to what will be true.
//!
//! In this order: defaults; write-only values to null; the prior's spelling where the configuration means the same;
//! if anything differs from the prior, computed values become unknown; what every resource of the provider has in
//! common; the resource's own refinement; the paths that need a new resource.

use std::marker::PhantomData;

use crate::schema::{Attribute, Nesting, Object, Shape};
use crate::{Data, Diagnostic, Failure, Key, Known, Model, Path, Step, Value, View, warn};

/// A plan in the making, of a model of any type.
#[derive(Debug)]
pub struct Draft {
    object: Object,
    prior: Value,
    config: Value,
    planned: Value,
    replace: Vec<Path>,
}

impl Draft {
    /// The plan from `prior` (null where there is nothing yet) to what `config` says, as the CLI proposes it.
    pub(crate) fn new(object: Object, prior: Value, config: Value, proposed: Value) -> Self {
        Draft { object, prior, config, planned: proposed, replace: Vec::new() }
    }

    /// Whether there is an attribute `name`.
    pub fn has(&self, name: &str) -> bool {
        self.object.has(name)
    }

    /// Whether nothing exists yet.
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }

    /// Attribute `name` as configured.
    pub fn configured(&self, name: &str) -> &Value {
        self.config.get(name)
    }

    /// Attribute `name` as it was.
    pub fn prior(&self, name: &str) -> &Value {
        self.prior.get(name)
    }

    /// Attribute `name` as planned so far.
    pub fn planned(&self, name: &str) -> &Value {
        self.planned.get(name)
    }

    /// Plans `value` for attribute `name` where the configuration leaves it out. What is configured, even if its value
    /// is not known yet, is the person's: it stays.
    pub fn set(&mut self, name: &str, value: Value) {
        if self.config.get(name).is_null() {
            self.planned.put(name, value);
        }
    }

    /// The first half: all that needs no resource.
    pub(crate) fn prepare(&mut self) {
        fill_defaults(&self.object, &self.config, &mut self.planned);
        clear_write_only(&self.object, &mut self.planned);
        keep_spelling(&self.object, &self.prior, &mut self.planned);
        self.settle();
    }

    /// If anything differs, computed values become unknown, unless they were refined since.
    pub(crate) fn settle(&mut self) {
        if self.planned != self.prior {
            mark_unknown(&self.object, &self.config, &self.prior, &mut self.planned);
        }
    }

    /// What is planned, and the sorted paths whose change needs a new resource.
    pub(crate) fn finish(mut self) -> (Value, Vec<Path>) {
        if !self.prior.is_null() {
            replaced(&self.object, &self.prior, &self.planned, &Path::root(), &mut self.replace);
        }
        self.replace.sort();
        self.replace.dedup();
        (self.planned, self.replace)
    }
}

/// The plan of a create or an update, of a typed model.
#[derive(Debug)]
pub struct Plan<'a, M> {
    draft: &'a mut Draft,
    marker: PhantomData<fn() -> M>,
}

impl<'a, M: Model> Plan<'a, M> {
    pub(crate) fn new(draft: &'a mut Draft) -> Self {
        Plan { draft, marker: PhantomData }
    }

    /// What the person wrote.
    pub fn config(&self) -> View<'_, M> {
        View::new(&self.draft.config, Path::root())
    }

    /// What there is; `None` for a create.
    pub fn prior(&self) -> Option<View<'_, M>> {
        (!self.draft.prior.is_null()).then(|| View::new(&self.draft.prior, Path::root()))
    }

    /// What there will be.
    pub fn planned(&self) -> View<'_, M> {
        View::new(&self.draft.planned, Path::root())
    }

    /// What attribute `key` will be.
    pub fn get<T: Data>(&self, key: Key<M, T>) -> Known<T> {
        self.planned().get(key)
    }

    /// Whether attribute or block `key` will be another than it is; true for all of them in a create.
    pub fn changes<T>(&self, key: Key<M, T>) -> bool {
        self.draft.prior.is_null() || self.draft.planned.get(key.name()) != self.draft.prior.get(key.name())
    }

    /// Whether nothing exists yet.
    pub fn is_create(&self) -> bool {
        self.draft.is_create()
    }

    /// Whether anything will be done.
    pub fn is_change(&self) -> bool {
        self.draft.planned != self.draft.prior
    }

    /// Plans `value` for attribute `key` where the configuration leaves it out, as [`Draft::set`] does.
    pub fn set<T: Data>(&mut self, key: Key<M, T>, value: &T) {
        self.draft.set(key.name(), value.to_value());
    }

    /// Plans `value` for attribute `inner` of the nested object at `key`, where there is one and its configuration
    /// leaves `inner` out.
    pub fn set_in<C: Model, T: Data>(&mut self, key: Key<M, C>, inner: Key<C, T>, value: &T) {
        if let Value::Map(entries) = &mut self.draft.planned
            && let Some(object) = entries.get_mut(key.name())
        {
            object.put(inner.name(), value.to_value());
        }
    }

    /// Leaves attribute or block `key` as it was, where what is configured means the same. The CLIs let a plan have
    /// either spelling, and no other.
    pub fn keep<T>(&mut self, key: Key<M, T>) {
        let before = self.draft.prior.get(key.name()).clone();
        self.draft.planned.put(key.name(), before);
    }

    /// Plans null for attribute `key` where the configuration leaves it out.
    pub fn set_null<T>(&mut self, key: Key<M, T>) {
        self.draft.set(key.name(), Value::Null);
    }

    /// Attribute `key`, where the configuration leaves it out, will be known only after apply.
    pub fn set_unknown<T>(&mut self, key: Key<M, T>) {
        self.draft.set(key.name(), Value::Unknown);
    }

    /// The change of attribute `key` needs a new resource.
    pub fn replace<T>(&mut self, key: Key<M, T>) {
        self.draft.replace.push(key.into());
    }

    /// Warns the person at attribute `key`.
    pub fn warn<T>(&self, key: Key<M, T>, warning: Diagnostic) {
        warn(warning.at(key));
    }
}

/// What is wrong with a configured object, as far as it is known.
pub(crate) fn check(object: &Object, config: &Value) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    visit(object, config, &Path::root(), &mut |attribute, value, path| attribute.check(value, path, &mut diagnostics));
    diagnostics
}

/// Shows `look` each attribute in `value`, at any depth, with its value and where it lies.
fn visit(object: &Object, value: &Value, path: &Path, look: &mut impl FnMut(&Attribute, &Value, &Path)) {
    visit_attributes(&object.attributes, value, path, look);
    for block in &object.blocks {
        let path = path.attribute(block.name);
        for (value, step) in elements(block.nesting, value.get(block.name)) {
            visit(&block.object, value, &step.map_or(path.clone(), |step| path.then(step)), look);
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
        if let Shape::Object(nesting, inner) = &attribute.shape {
            for (value, step) in elements(*nesting, value) {
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

/// Sets the default of each attribute that `config` leaves out; with `config` null, of each that is null.
pub(crate) fn fill_defaults(object: &Object, config: &Value, value: &mut Value) {
    fill_attributes(&object.attributes, config, value);
    for block in &object.blocks {
        pairwise(block.nesting, config.get(block.name), value, block.name, |config, value| {
            fill_defaults(&block.object, config, value);
        });
    }
}

fn fill_attributes(attributes: &[Attribute], config: &Value, value: &mut Value) {
    for attribute in attributes {
        let name = attribute.name;
        let is_absent = config.get(name).is_null() && (!config.is_null() || value.get(name).is_null());
        if let Some(default) = attribute.default.as_ref().filter(|_| is_absent) {
            value.put(name, default.clone());
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            pairwise(*nesting, config.get(name), value, name, |config, value| fill_attributes(inner, config, value));
        }
    }
}

/// Calls `each` with every object in attribute or block `name` of `value`, and its counterpart in `reference`.
/// Elements of sets have no counterpart and are left as they are.
fn pairwise(nesting: Nesting, reference: &Value, value: &mut Value, name: &str, each: impl Fn(&Value, &mut Value)) {
    let Value::Map(entries) = value else { return };
    match (nesting, entries.get_mut(name)) {
        (Nesting::List, Some(Value::List(items))) => {
            for (at, item) in items.iter_mut().enumerate() {
                each(at_index(reference, at), item);
            }
        }
        (Nesting::Map, Some(Value::Map(items))) => {
            for (key, item) in items.iter_mut() {
                each(reference.get(key), item);
            }
        }
        (Nesting::Single, Some(object @ Value::Map(_))) => each(reference, object),
        _ => {}
    }
}

/// Write-only values are null in every plan and state.
pub(crate) fn clear_write_only(object: &Object, value: &mut Value) {
    add_write_only(object, &Value::Null, value);
}

/// Write-only values as configured, for the code that applies them.
pub(crate) fn add_write_only(object: &Object, config: &Value, value: &mut Value) {
    write_only_of(&object.attributes, config, value);
    for block in &object.blocks {
        pairwise(block.nesting, config.get(block.name), value, block.name, |config, value| {
            add_write_only(&block.object, config, value);
        });
    }
}

fn write_only_of(attributes: &[Attribute], config: &Value, value: &mut Value) {
    for attribute in attributes {
        if attribute.write_only {
            value.put(attribute.name, config.get(attribute.name).clone());
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            pairwise(*nesting, config.get(attribute.name), value, attribute.name, |config, value| {
                write_only_of(inner, config, value);
            });
        }
    }
}

/// Where `config` sets write-only values, for a CLI that doesn't know them and would store them.
pub(crate) fn write_only_paths(object: &Object, config: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    visit(object, config, &Path::root(), &mut |attribute, value, path| {
        if attribute.write_only && !value.is_null() {
            paths.push(path.clone());
        }
    });
    paths
}

/// Where `value` means the same as `reference` in another spelling, takes the reference's.
pub(crate) fn keep_spelling(object: &Object, reference: &Value, value: &mut Value) {
    keep_attributes(&object.attributes, reference, value);
    for block in &object.blocks {
        pairwise(block.nesting, reference.get(block.name), value, block.name, |reference, value| {
            keep_spelling(&block.object, reference, value);
        });
    }
}

fn keep_attributes(attributes: &[Attribute], reference: &Value, value: &mut Value) {
    for attribute in attributes {
        let wanted = reference.get(attribute.name);
        if wanted.is_null() || !wanted.is_wholly_known() || !value.get(attribute.name).is_wholly_known() {
            continue;
        }
        if let Shape::Object(nesting, inner) = &attribute.shape {
            pairwise(*nesting, wanted, value, attribute.name, |reference, value| {
                keep_attributes(inner, reference, value);
            });
        } else if !value.get(attribute.name).is_null() && attribute.is_same(wanted, value.get(attribute.name)) {
            value.put(attribute.name, wanted.clone());
        }
    }
}

fn mark_unknown(object: &Object, config: &Value, prior: &Value, planned: &mut Value) {
    mark_attributes(&object.attributes, config, prior, planned);
    for block in &object.blocks {
        mark_nested(block.nesting, config.get(block.name), prior.get(block.name), planned, block.name, {
            |config, prior, planned| mark_unknown(&block.object, config, prior, planned)
        });
    }
}

fn at_index(value: &Value, at: usize) -> &Value {
    value.items().get(at).unwrap_or(&Value::Null)
}

fn mark_attributes(attributes: &[Attribute], config: &Value, prior: &Value, planned: &mut Value) {
    for attribute in attributes {
        let (configured, before) = (config.get(attribute.name), prior.get(attribute.name));
        if configured.is_null() {
            let refined = planned.get(attribute.name) != before;
            let kept = attribute.keep && !before.is_null();
            if attribute.is_computed() && attribute.default.is_none() && !kept && !refined {
                planned.put(attribute.name, Value::Unknown);
            }
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            mark_nested(*nesting, configured, before, planned, attribute.name, |config, prior, planned| {
                mark_attributes(inner, config, prior, planned);
            });
        }
    }
}

/// Calls `mark` with every object in attribute or block `name`, as configured, as it was, and as planned. Elements of
/// sets are told apart by their value: there is nothing computed in them.
fn mark_nested(
    nesting: Nesting,
    config: &Value,
    prior: &Value,
    planned: &mut Value,
    name: &str,
    mark: impl Fn(&Value, &Value, &mut Value),
) {
    let Value::Map(entries) = planned else { return };
    match (nesting, entries.get_mut(name)) {
        (Nesting::Single, Some(object @ Value::Map(_))) => mark(config, prior, object),
        (Nesting::List, Some(Value::List(items))) => {
            for (at, item) in items.iter_mut().enumerate() {
                mark(at_index(config, at), at_index(prior, at), item);
            }
        }
        (Nesting::Map, Some(Value::Map(items))) => {
            for (key, item) in items.iter_mut() {
                mark(config.get(key), prior.get(key), item);
            }
        }
        _ => {}
    }
}

fn replaced(object: &Object, prior: &Value, planned: &Value, path: &Path, replace: &mut Vec<Path>) {
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

/// The objects planned at `path`, each with its counterpart in `prior`, null where it is new. Elements of sets that
/// are there already are left out.
fn pairs<'a>(nesting: Nesting, prior: &'a Value, planned: &'a Value, path: &Path) -> Vec<(&'a Value, &'a Value, Path)> {
    let before = |step: &Option<Step>| match step {
        Some(Step::Index(at)) => at_index(prior, *at),
        Some(Step::Key(key)) => prior.get(key),
        Some(_) => &Value::Null,
        None => prior,
    };
    let is_new = |value: &&Value| nesting != Nesting::Set || !prior.items().contains(value);
    let planned = elements(nesting, planned).into_iter().filter(|(value, _)| is_new(value));
    planned.map(|(value, step)| (before(&step), value, step.map_or(path.clone(), |step| path.then(step)))).collect()
}

/// Holds what a create or an update returned against what was planned: a known value may not have become another.
pub(crate) fn inconsistencies(object: &Object, planned: &Value, actual: &Value) -> Option<Failure> {
    let attributes = object.attributes.iter().map(|attribute| attribute.name);
    let names = attributes.chain(object.blocks.iter().map(|block| block.name));
    let names: Vec<_> = names.filter(|name| !agree(planned.get(name), actual.get(name))).collect();
    (!names.is_empty()).then(|| {
        Failure::new(format!("the result differs from the plan in {}", names.join(", ")))
            .detail("This is a fault of the provider; what was made is saved in the state.")
    })
}

/// Whether `actual` is what was `planned`: where that was unknown, it may be anything.
fn agree(planned: &Value, actual: &Value) -> bool {
    match (planned, actual) {
        (Value::Unknown, _) => true,
        (Value::List(planned), Value::List(actual)) => {
            planned.len() == actual.len() && planned.iter().zip(actual).all(|(planned, actual)| agree(planned, actual))
        }
        (Value::Map(planned), Value::Map(actual)) => {
            planned.len() == actual.len() && planned.iter().all(|(key, value)| agree(value, actual_of(actual, key)))
        }
        // Elements of a set can't be paired while something in them is unknown.
        _ => planned == actual || !planned.is_wholly_known(),
    }
}

fn actual_of<'a>(entries: &'a std::collections::BTreeMap<String, Value>, key: &str) -> &'a Value {
    entries.get(key).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OptionalComputed;

    /// A thing.
    #[derive(Model)]
    struct Outer {
        /// What is in it.
        inner: Option<Inner>,
    }

    /// What is in it.
    #[derive(Model)]
    struct Inner {
        /// What the person says.
        given: String,
        /// What follows from it.
        #[attr(keep)]
        derived: OptionalComputed<String>,
    }

    fn outer(derived: Value) -> Value {
        let inner = Value::Map([("given".to_owned(), Value::Unknown), ("derived".to_owned(), derived)].into());
        Value::Map([("inner".to_owned(), inner)].into())
    }

    #[test]
    fn a_nested_attribute_is_planned_beside_an_unknown_one() {
        let config = outer(Value::Null);
        let mut draft = Draft::new(Outer::object(), Value::Null, config.clone(), config);
        draft.prepare();
        assert_eq!(draft.planned, outer(Value::Unknown));
        Plan::<Outer>::new(&mut draft).set_in(Outer::INNER, Inner::DERIVED, &"so".to_owned());
        draft.settle();
        assert_eq!(draft.planned, outer("so".into()), "a second look doesn't take it back");
    }

    #[test]
    fn where_there_is_no_nested_object_nothing_is_planned() {
        let config = Value::Map([("inner".to_owned(), Value::Null)].into());
        let mut draft = Draft::new(Outer::object(), Value::Null, config.clone(), config.clone());
        Plan::<Outer>::new(&mut draft).set_in(Outer::INNER, Inner::DERIVED, &"so".to_owned());
        assert_eq!(draft.planned, config);
    }
}
