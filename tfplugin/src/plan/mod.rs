//! The plan: from what the CLI proposes to what will be true.
//!
//! In this order: defaults; write-only values to null; the prior's spelling where the configuration means the same;
//! if anything differs from the prior, computed values become unknown; what every resource of the provider has in
//! common; the resource's own refinement; the paths that need a new resource.

mod blank;
mod change;
mod config;
mod differences;
mod outcome;
mod walk;

use std::marker::PhantomData;

pub(crate) use blank::Blank;
pub(crate) use change::{keep_spelling, mark_computed, without_empty};
pub(crate) use config::{add_write_only, check, clear_write_only, fill_defaults, refuse_faults, write_only_paths};
pub(crate) use outcome::{applied, found, never_set};

pub use differences::differences;

use crate::schema::{Mode, Object};
use crate::{Data, Diagnostic, Flattens, Key, Known, Model, Path, Value, View, warn};
use change::{Refined, keep_planned_spelling, mark_unknown, replaced};

/// A plan in the making, of a model of any type.
#[derive(Debug)]
pub struct Draft {
    object: Object,
    prior: Value,
    config: Value,
    planned: Value,
    refined: Refined,
    replace: Vec<Path>,
    replaced: Option<Value>,
}

impl Draft {
    /// The plan from `prior` (null where there is nothing yet) to what `config` says, as the CLI proposes it.
    pub(crate) fn new(object: Object, prior: Value, config: Value, proposed: Value) -> Self {
        Draft { object, prior, config, planned: proposed, refined: Refined::new(), replace: Vec::new(), replaced: None }
    }

    /// The same where the plan is of what is to replace a resource with the private values `replaced`.
    pub(crate) fn replacing(mut self, replaced: Option<Value>) -> Self {
        self.replaced = replaced;
        self
    }

    /// Whether there is an attribute `name`.
    pub fn has(&self, name: &str) -> bool {
        self.object.has(name)
    }

    /// Whether nothing exists yet.
    pub fn is_create(&self) -> bool {
        self.prior.is_null()
    }

    /// What is wrong with `value` as attribute `name`, by the rules of that attribute.
    pub fn faults(&self, name: &str, value: &Value) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if let Some(attribute) = self.object.attributes.iter().find(|attribute| attribute.name == name) {
            attribute.check(value, &Path::root().attribute(attribute.name), &mut faults);
        }
        faults
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
            self.put(name, value);
        }
    }

    fn put(&mut self, name: &str, value: Value) {
        self.planned.put(name, value);
        self.refined.insert(Path::root().attribute(name));
    }

    /// The first half: all that needs no resource.
    pub(crate) fn prepare(&mut self) {
        fill_defaults(&self.object, &self.config, &mut self.planned);
        clear_write_only(&self.object, &mut self.planned);
        keep_planned_spelling(&self.object, &self.prior, &mut self.planned);
        self.keep_place();
        self.settle();
    }

    /// What is kept unless it is configured, and would need a new resource, stays while its configured value is not known:
    /// mostly it is the same. Otherwise the next plan, which knows it, has the change.
    fn keep_place(&mut self) {
        for attribute in
            self.object.attributes.iter().filter(|one| one.keep && one.replace && one.mode == Mode::OptionalComputed)
        {
            let before = self.prior.get(attribute.name);
            if self.planned.get(attribute.name).is_unknown() && !before.is_null() {
                self.planned.put(attribute.name, before.clone());
            }
        }
    }

    /// If anything differs, computed values become unknown, unless they were refined since.
    pub(crate) fn settle(&mut self) {
        if self.is_change() {
            mark_unknown(&self.object, &self.config, &mut self.planned, &self.refined);
        }
    }

    /// Whether anything is to be done about what differs, as far as it is planned.
    pub fn is_change(&self) -> bool {
        self.planned != self.prior
            && without_empty(&self.object, &self.planned) != without_empty(&self.object, &self.prior)
    }

    /// What is planned, and the sorted paths whose change needs a new resource.
    pub(crate) fn finish(mut self) -> (Value, Vec<Path>) {
        if !self.prior.is_null() {
            let [prior, planned] = [&self.prior, &self.planned].map(|value| without_empty(&self.object, value));
            replaced(&self.object, &prior, &planned, &mut self.replace);
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

    /// The plan of the attributes of `P` among those of the whole.
    pub fn part<P: Model>(&mut self) -> Plan<'_, P>
    where
        M: Flattens<P>,
    {
        Plan::new(self.draft)
    }

    /// What the person wrote.
    pub fn config(&self) -> View<'_, M> {
        View::new(&self.draft.config, Path::root())
    }

    /// What there is; `None` for a create.
    pub fn prior(&self) -> Option<View<'_, M>> {
        (!self.draft.prior.is_null()).then(|| View::new(&self.draft.prior, Path::root()))
    }

    /// The resource that is to be replaced, of which only its [`Private`](crate::Private) values are known; `None` for
    /// anything but the creation of a replacement. When it is applied nobody knows any more that it is one.
    pub fn replaced(&self) -> Option<View<'_, M>> {
        self.draft.replaced.as_ref().map(|replaced| View::new(replaced, Path::root()))
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
        let [prior, planned] = [&self.draft.prior, &self.draft.planned];
        prior.is_null()
            || (planned.get(key.name()) != prior.get(key.name()) && {
                let [prior, planned] = [prior, planned].map(|value| without_empty(&self.draft.object, value));
                planned.get(key.name()) != prior.get(key.name())
            })
    }

    /// Whether nothing exists yet.
    pub fn is_create(&self) -> bool {
        self.draft.is_create()
    }

    /// Whether anything will be done.
    pub fn is_change(&self) -> bool {
        self.draft.is_change()
    }

    /// Plans `value` for attribute `key` where the configuration leaves it out, as [`Draft::set`] does.
    pub fn set<T: Data>(&mut self, key: Key<M, T>, value: &T) {
        self.draft.set(key.name(), value.to_value());
    }

    /// Plans `value` for attribute `inner` of the nested object at `key`, where there is one and its configuration
    /// leaves `inner` out.
    pub fn set_in<C: Model, T: Data>(&mut self, key: Key<M, C>, inner: Key<C, T>, value: &T) {
        let is_configured = !self.draft.config.get(key.name()).get(inner.name()).is_null();
        if let Value::Map(entries) = &mut self.draft.planned
            && let Some(object @ Value::Map(_)) = entries.get_mut(key.name())
            && !is_configured
        {
            object.put(inner.name(), value.to_value());
            self.draft.refined.insert(Path::root().attribute(key.name()).attribute(inner.name()));
        }
    }

    /// Leaves attribute or block `key` as it was, where what is configured means the same. The CLIs let a plan have
    /// either spelling, and no other.
    pub fn keep<T>(&mut self, key: Key<M, T>) {
        let before = self.draft.prior.get(key.name()).clone();
        self.draft.put(key.name(), before);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Computed, OptionalComputed};

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
    fn what_is_configured_in_a_nested_object_stays() {
        let config = outer("mine".into());
        let mut draft = Draft::new(Outer::object(), Value::Null, config.clone(), config.clone());
        Plan::<Outer>::new(&mut draft).set_in(Outer::INNER, Inner::DERIVED, &"so".to_owned());
        assert_eq!(draft.planned, config);
    }

    /// A thing.
    #[derive(Model)]
    struct Text {
        /// What it says.
        content: String,
        /// How long that is.
        size: Computed<i64>,
        /// When it was written.
        time: Computed<i64>,
    }

    #[test]
    fn what_is_refined_to_be_as_it_was_is_no_less_known() {
        let state = |content: &str, size: Value, time: Value| {
            let entries = [("content", content.into()), ("size", size), ("time", time)];
            Value::Map(entries.map(|(name, value)| (name.to_owned(), value)).into())
        };
        let prior = state("aaa", 3.into(), 7.into());
        let config = state("bbb", Value::Null, Value::Null);
        let mut draft = Draft::new(Text::object(), prior, config, state("bbb", 3.into(), 7.into()));
        draft.prepare();
        Plan::<Text>::new(&mut draft).set(Text::SIZE, &3);
        draft.settle();
        assert_eq!(draft.planned, state("bbb", 3.into(), Value::Unknown));
        Plan::<Text>::new(&mut draft).keep(Text::TIME);
        draft.settle();
        assert_eq!(draft.planned, state("bbb", 3.into(), 7.into()));
    }

    #[test]
    fn where_there_is_no_nested_object_nothing_is_planned() {
        let config = Value::Map([("inner".to_owned(), Value::Null)].into());
        let mut draft = Draft::new(Outer::object(), Value::Null, config.clone(), config.clone());
        Plan::<Outer>::new(&mut draft).set_in(Outer::INNER, Inner::DERIVED, &"so".to_owned());
        assert_eq!(draft.planned, config);
    }
}
