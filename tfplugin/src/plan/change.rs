//! What changes from one state to another: spellings that mean the same, values to be computed anew, and paths that need a
//! new resource.

use std::collections::BTreeSet;

use super::walk::{Edit, Member, Members, Next, Place, edit, walk};
use crate::schema::{Nesting, Object};
use crate::{Path, Value};

/// Where `value` means the same as `reference` in another spelling, takes the reference's: also for a null of some type.
pub(crate) fn keep_spelling(object: &Object, reference: &Value, value: &mut Value) {
    Spelling { is_planned: false }.keep(object.into(), reference, value);
}

/// The same for a plan, of which the CLIs demand that each null and each set is as the configuration says or as it was.
pub(super) fn keep_planned_spelling(object: &Object, reference: &Value, value: &mut Value) {
    Spelling { is_planned: true }.keep(object.into(), reference, value);
}

#[derive(Clone, Copy)]
struct Spelling {
    is_planned: bool,
}

impl Spelling {
    fn keep(self, members: Members<'_>, reference: &Value, value: &mut Value) {
        edit(members, value, [reference], |place| self.at(place));
    }

    fn at(self, place: &Place<'_, 1>) -> Edit {
        let ([wanted], now) = (place.references, place.value);
        if let Member::Attribute(attribute) = place.member {
            if !self.is_planned && attribute.is_absent(wanted) && attribute.is_absent(now) {
                return Edit::Put(wanted.clone());
            }
            if !wanted.is_wholly_known() || !now.is_wholly_known() {
                return Edit::Leave;
            }
            if place.member.nested().is_none() {
                let is_same = !wanted.is_null() && !now.is_null() && attribute.is_same(wanted, now);
                return if is_same { Edit::Put(wanted.clone()) } else { Edit::Leave };
            }
        }
        match place.member.nested() {
            Some((Nesting::Set, inner)) => self.set(inner, wanted, now),
            _ => Edit::Within,
        }
    }

    /// What becomes of a set of objects. The counterpart of an element is the one that it becomes.
    fn set(self, inner: Members<'_>, reference: &Value, value: &Value) -> Edit {
        let (Value::Set(wanted), Value::Set(items)) = (reference, value) else { return Edit::Leave };
        if wanted == items {
            return Edit::Leave;
        }
        let becomes = |item: &Value, wanted: &Value| {
            let mut kept = item.clone();
            self.keep(inner, wanted, &mut kept);
            kept == *wanted
        };
        let spelled = items.iter().map(|item| wanted.iter().find(|wanted| becomes(item, wanted)).unwrap_or(item));
        let spelled: Vec<_> = spelled.cloned().collect();
        // What the configuration spells in two ways comes back as one element.
        let is_all_of_it = spelled.iter().all(|item| wanted.contains(item))
            && wanted.iter().all(|wanted| items.iter().any(|item| becomes(item, wanted)));
        match is_all_of_it {
            true => Edit::Put(reference.clone()),
            false if self.is_planned => Edit::Leave,
            false => Edit::Put(Value::set(spelled)),
        }
    }
}

/// `value` with null for each value that is empty and means that: two such values differ where something is to be done.
pub(crate) fn without_empty(object: &Object, value: &Value) -> Value {
    let mut value = value.clone();
    clear_empty(object.into(), &mut value);
    value
}

fn clear_empty(members: Members<'_>, value: &mut Value) {
    edit(members, value, [], |place| {
        if let Member::Attribute(attribute) = place.member
            && attribute.is_absent(place.value)
        {
            return Edit::Put(Value::Null);
        }
        match (place.member.nested(), place.value) {
            (Some((Nesting::Set, inner)), Value::Set(elements)) => {
                let mut elements = elements.clone();
                elements.iter_mut().for_each(|element| clear_empty(inner, element));
                Edit::Put(Value::set(elements))
            }
            _ => Edit::Within,
        }
    });
}

/// Paths of what was planned by hand.
pub(super) type Refined = BTreeSet<Path>;

/// Computed values that the configuration leaves out become unknown.
pub(crate) fn mark_computed(object: &Object, config: &Value, value: &mut Value) {
    mark_unknown(object, config, value, &Refined::new());
}

/// Computed values that the configuration leaves out become unknown, unless they are kept or were refined.
pub(super) fn mark_unknown(object: &Object, config: &Value, planned: &mut Value, refined: &Refined) {
    edit(object, planned, [config], |place| {
        let (Member::Attribute(attribute), [configured]) = (place.member, place.references) else {
            return Edit::Within;
        };
        if !configured.is_null() {
            return Edit::Within;
        }
        let is_kept = attribute.keep && !place.value.is_null();
        match attribute.is_computed() && attribute.default.is_none() && !is_kept && !refined.contains(&place.path()) {
            true => Edit::Put(Value::Unknown),
            false => Edit::Leave,
        }
    });
}

/// Adds the paths at which what is planned needs a new resource.
pub(super) fn replaced(object: &Object, prior: &Value, planned: &Value, replace: &mut Vec<Path>) {
    walk(object, planned, [prior], |place| {
        let [before] = place.references;
        if let Member::Attribute(attribute) = place.member
            && attribute.replace
            && place.value != before
        {
            replace.push(place.path());
            return Next::Past;
        }
        // What is in it is not known to differ.
        if place.value == before || place.value.is_unknown() { Next::Past } else { Next::Within }
    });
}
