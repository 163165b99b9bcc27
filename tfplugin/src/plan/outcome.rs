//! What comes of an operation: after an apply the plan, with the computed values that it left unknown taken from the
//! resource's answer; otherwise the answer. A computed value that was never set is named.

use std::collections::BTreeMap;

use super::walk::{Member, Members};
use crate::schema::{Attribute, Nesting, Object};
use crate::{Failure, Path, Step, Value};

/// A state, and what is to be said of the answer that it was made from.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The state, all of it known.
    pub state: Value,
    /// Where the answer differs from what was planned. The plan stands.
    pub differences: Vec<Path>,
    /// Computed values that the answer doesn't set. They are null in the state.
    pub unset: Vec<Path>,
}

/// What a create or an update came to that was `planned` and returned `answer`.
pub(crate) fn applied(object: &Object, planned: &Value, answer: &Value) -> Outcome {
    let mut taking = Taking::default();
    let mut state = taking.members(object.into(), planned, answer, &Path::root());
    for (name, _) in &object.private {
        state.put(name, answer.get(name).clone().or_null());
    }
    Outcome { state, differences: taking.differences, unset: taking.unset }
}

/// What was found, where nothing was planned.
pub(crate) fn found(object: &Object, answer: &Value) -> Outcome {
    applied(object, &Value::Unknown, answer)
}

/// The failure of an operation that never set the computed values at `unset`, if there are any.
pub(crate) fn never_set(unset: &[Path], issues: &str) -> Option<Failure> {
    let names = unset.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let failure = Failure::at(unset.first()?.clone(), format!("the provider did not set {names}"));
    let fault = "Each computed attribute must be set, to a value or explicitly to null.";
    Some(failure.detail(fault).detail(format!("This is a fault of the provider. Please report it: {issues}")))
}

#[derive(Default)]
struct Taking {
    differences: Vec<Path>,
    unset: Vec<Path>,
}

// An unknown plan takes whatever the answer is. An unknown answer is none: that of a counterpart that is missing is
// unknown, too. This goes its own way through an object (`walk` goes the others'): counterparts are those that agree,
// wherever they lie, and the whole is made, not changed.
impl Taking {
    fn members(&mut self, members: Members<'_>, planned: &Value, answer: &Value, path: &Path) -> Value {
        let taken = members.each().map(|member| {
            let name = member.name();
            let (planned, answer, path) = (planned.get(name), answer.get(name), path.attribute(name));
            (name.to_owned(), self.member(member, planned, answer, &path))
        });
        Value::Map(taken.collect())
    }

    fn member(&mut self, member: Member<'_>, planned: &Value, answer: &Value, path: &Path) -> Value {
        match (member, member.nested()) {
            (Member::Attribute(attribute), _) if takes_plan(attribute, planned, answer) => planned.clone(),
            (Member::Attribute(_), Some((nesting, inner))) if !planned.is_null() => {
                self.nested(nesting, inner, planned, answer, path)
            }
            (Member::Block(_), Some((nesting, inner))) => self.nested(nesting, inner, planned, answer, path),
            _ => self.value(planned, answer, path),
        }
    }

    /// A value that isn't looked into, but for what is unknown in it.
    fn value(&mut self, planned: &Value, answer: &Value, path: &Path) -> Value {
        let taken = filled(planned, answer);
        if !planned.is_unknown() && !answer.is_unknown() && !agree(planned, answer) {
            self.differences.push(path.clone());
        }
        if !taken.is_wholly_known() {
            self.unset.push(path.clone());
        }
        taken.or_null()
    }

    fn nested(&mut self, nesting: Nesting, inner: Members<'_>, planned: &Value, answer: &Value, path: &Path) -> Value {
        let is_planned = !planned.is_unknown();
        match (nesting, if is_planned { planned } else { answer }) {
            (Nesting::Single, Value::Map(_)) => {
                let answer = self.counterpart(planned, Some(answer).filter(|answer| !answer.is_null()), path);
                self.members(inner, planned, answer, path)
            }
            (Nesting::Map, Value::Map(elements)) => {
                let of = |value: &Value, key| match value {
                    Value::Map(entries) => entries.get(key).cloned(),
                    _ => None,
                };
                if is_planned && matches!(answer, Value::Map(found) if found.len() > elements.len()) {
                    self.differences.push(path.clone());
                }
                let taken = elements.keys().map(|key| {
                    let path = path.then(Step::Key(key.clone()));
                    let (planned, answer) = (of(planned, key).unwrap_or(Value::Unknown), of(answer, key));
                    let answer = self.counterpart(&planned, answer.as_ref(), &path);
                    (key.clone(), self.members(inner, &planned, answer, &path))
                });
                Value::Map(taken.collect::<BTreeMap<_, _>>())
            }
            (_, Value::List(elements) | Value::Set(elements)) => {
                if is_planned && answer.as_items().unwrap_or_default().len() > elements.len() {
                    self.differences.push(path.clone());
                }
                let step = |at| if nesting == Nesting::Set { Step::Element } else { Step::Index(at) };
                let found = counterparts(elements, answer.as_items().unwrap_or_default());
                let taken = elements.iter().zip(found).enumerate().map(|(at, (element, found))| {
                    let path = path.then(step(at));
                    let planned = if is_planned { element } else { &Value::Unknown };
                    let answer = self.counterpart(planned, found, &path);
                    self.members(inner, planned, answer, &path)
                });
                let taken: Vec<_> = taken.collect();
                if nesting == Nesting::Set { Value::set(taken) } else { Value::List(taken) }
            }
            _ => self.value(planned, answer, path),
        }
    }

    /// What the answer has for an element of the plan: unknown where it has nothing.
    fn counterpart<'a>(&mut self, planned: &Value, answer: Option<&'a Value>, path: &Path) -> &'a Value {
        answer.unwrap_or_else(|| {
            if planned.is_wholly_known() {
                self.differences.push(path.clone());
            }
            &Value::Unknown
        })
    }
}

/// Whether the state has the attribute as it was planned, whatever the answer says.
fn takes_plan(attribute: &Attribute, planned: &Value, answer: &Value) -> bool {
    // Empty for left out: the CLIs demand it back.
    let is_empty = attribute.is_computed() && !planned.is_null() && attribute.is_absent(planned);
    planned.is_wholly_known() && attribute.is_same(planned, answer) || is_empty
}

/// `planned` with what is unknown in it taken from `answer`.
fn filled(planned: &Value, answer: &Value) -> Value {
    match (planned, answer) {
        (Value::Unknown, answer) => answer.clone(),
        (Value::List(planned), Value::List(answer)) => {
            let missing = std::iter::repeat(&Value::Unknown);
            let pairs = planned.iter().zip(answer.iter().chain(missing));
            Value::List(pairs.map(|(planned, answer)| filled(planned, answer)).collect())
        }
        (Value::Map(planned), Value::Map(answer)) => {
            let pair = |(key, planned): (&String, &Value)| {
                (key.clone(), filled(planned, answer.get(key).unwrap_or(&Value::Unknown)))
            };
            Value::Map(planned.iter().map(pair).collect())
        }
        (Value::Set(planned), Value::Set(answer)) => {
            let pairs = planned.iter().zip(counterparts(planned, answer));
            Value::set(pairs.map(|(planned, answer)| filled(planned, answer.unwrap_or(&Value::Unknown))))
        }
        _ => planned.clone(),
    }
}

/// For each of the elements that were planned, the one of the answer that it became. That is the one at the same place,
/// if what is known of it is as planned; otherwise the first of which this is so; otherwise one that is left over, if
/// there are as many as were planned.
fn counterparts<'a>(planned: &[Value], answer: &'a [Value]) -> Vec<Option<&'a Value>> {
    let mut left: Vec<_> = answer.iter().map(Some).collect();
    let mut found: Vec<Option<&Value>> = vec![None; planned.len()];
    for (at, planned) in planned.iter().enumerate() {
        if let Some(slot) = left.get_mut(at).filter(|slot| slot.is_some_and(|answer| agree(planned, answer))) {
            found[at] = slot.take();
        }
    }
    for (planned, found) in planned.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let first = left.iter_mut().find(|slot| slot.is_some_and(|answer| agree(planned, answer)));
        *found = first.and_then(Option::take);
    }
    if planned.len() == answer.len() {
        let mut rest = left.into_iter().flatten();
        found.iter_mut().filter(|found| found.is_none()).for_each(|found| *found = rest.next());
    }
    found
}

/// Whether `answer` is what was `planned`, as far as that is known.
fn agree(planned: &Value, answer: &Value) -> bool {
    match (planned, answer) {
        (Value::Unknown, _) => true,
        (Value::List(planned), Value::List(answer)) => {
            planned.len() == answer.len() && planned.iter().zip(answer).all(|(planned, answer)| agree(planned, answer))
        }
        (Value::Map(planned), Value::Map(answer)) => {
            let found = |key| answer.get(key).unwrap_or(&Value::Null);
            planned.len() == answer.len() && planned.iter().all(|(key, value)| agree(value, found(key)))
        }
        (Value::Set(planned), Value::Set(answer)) => {
            planned.len() == answer.len()
                && planned.iter().all(|planned| answer.iter().any(|answer| agree(planned, answer)))
        }
        _ => planned == answer,
    }
}
