//! The one way through an object and all that is nested in it, in blocks and attributes alike.
//!
//! A rule of the plan is a function of a [`Place`]: [`walk`] shows it each of them, and [`edit`] does what it says. Rules
//! know no nesting, but for those that change elements of sets, which have no address: they put the whole set.

use crate::schema::{Attribute, Block, Nesting, Object, Shape};
use crate::{Path, Step, Value};

/// What an object consists of.
#[derive(Clone, Copy)]
pub struct Members<'a> {
    attributes: &'a [Attribute],
    blocks: &'a [Block],
}

/// One of them.
#[derive(Clone, Copy)]
pub enum Member<'a> {
    /// An attribute.
    Attribute(&'a Attribute),
    /// A kind of block.
    Block(&'a Block),
}

impl<'a> From<&'a Object> for Members<'a> {
    fn from(object: &'a Object) -> Self {
        Members { attributes: &object.attributes, blocks: &object.blocks }
    }
}

impl<'a> Members<'a> {
    /// Each of them, attributes first.
    pub fn each(self) -> impl Iterator<Item = Member<'a>> {
        let blocks = self.blocks.iter().map(Member::Block);
        self.attributes.iter().map(Member::Attribute).chain(blocks)
    }
}

impl<'a> Member<'a> {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Member::Attribute(attribute) => attribute.name,
            Member::Block(block) => block.name,
        }
    }

    /// How the objects in it are held, and what they consist of; `None` if it is an attribute that has none.
    pub fn nested(self) -> Option<(Nesting, Members<'a>)> {
        match self {
            Member::Block(block) => Some((block.nesting, (&block.object).into())),
            Member::Attribute(attribute) => match &attribute.shape {
                Shape::Object(nesting, attributes) => Some((*nesting, Members { attributes, blocks: &[] })),
                Shape::Type(_) => None,
            },
        }
    }
}

/// A place in an object: what is declared there, what the value that is walked through has there, and what others have
/// (a prior state, a configuration): its references.
pub struct Place<'a, const COUNT: usize> {
    /// What is declared.
    pub member: Member<'a>,
    /// What the value has.
    pub value: &'a Value,
    /// What the references have; null where they have nothing.
    pub references: [&'a Value; COUNT],
    /// The objects that the references are in; null where there are none.
    pub holders: [&'a Value; COUNT],
    trail: Trail<'a>,
}

/// A path that is made only if somebody asks for it.
#[derive(Clone, Copy)]
enum Trail<'a> {
    Root,
    Name(&'a Trail<'a>, &'static str),
    Element(&'a Trail<'a>, &'a Step),
}

/// An object in the value at a place, or its counterpart where only references have it.
struct Element<'a, const COUNT: usize> {
    /// The step to it; a single one has none.
    step: Option<Step>,
    value: &'a Value,
    references: [&'a Value; COUNT],
}

/// Where to go after a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Into the objects in it, if it has any.
    Within,
    /// Past them.
    Past,
}

/// What becomes of the value at a place.
pub enum Edit {
    /// It stays, but for what becomes of the objects in it. Elements of a set stay as they are.
    Within,
    /// It stays as it is.
    Leave,
    /// Another takes its place.
    Put(Value),
}

impl<'a, const COUNT: usize> Place<'a, COUNT> {
    /// Where it lies.
    pub fn path(&self) -> Path {
        self.trail.path()
    }

    /// Where the first object in the value lies; `None` if there is none.
    pub fn first(&self) -> Option<Path> {
        let Element { step, .. } = self.elements().into_iter().find(|element| !element.value.is_null())?;
        Some(step.map_or(self.path(), |step| self.path().then(step)))
    }

    /// The objects in the value, each with its counterparts: those with the same step, or those that are equal if it is a
    /// set. After them come those that only references have. What is null everywhere is left out.
    fn elements(&self) -> Vec<Element<'a, COUNT>> {
        let Some((nesting, _)) = self.member.nested() else { return Vec::new() };
        let element = |step: Option<Step>| {
            let of = |whole| step.as_ref().map_or(whole, |step| at(whole, step));
            Element { value: of(self.value), references: self.references.map(of), step }
        };
        let all = || std::iter::once(self.value).chain(self.references);
        match nesting {
            Nesting::Single => {
                all().any(|whole| matches!(whole, Value::Map(_))).then(|| element(None)).into_iter().collect()
            }
            Nesting::Set => self.set_elements(),
            Nesting::List => {
                let count = all().map(|whole| if let Value::List(items) = whole { items.len() } else { 0 }).max();
                let each = (0..count.unwrap_or_default()).map(|at| element(Some(Step::Index(at))));
                each.filter(|element| !element.is_null()).collect()
            }
            Nesting::Map => {
                let mut keys: Vec<_> = all().filter_map(|whole| entries(whole)).flatten().collect();
                keys.sort();
                keys.dedup();
                let each = keys.into_iter().map(|key| element(Some(Step::Key(key.clone()))));
                each.filter(|element| !element.is_null()).collect()
            }
        }
    }

    fn set_elements(&self) -> Vec<Element<'a, COUNT>> {
        let own = items(self.value).iter().map(|one| (one, one));
        let others = self.references.into_iter().enumerate().flat_map(|(at, whole)| {
            let is_new = move |one: &&'a Value| {
                let before = std::iter::once(&self.value).chain(&self.references[..at]);
                !before.into_iter().any(|whole| items(whole).contains(one))
            };
            items(whole).iter().filter(is_new).map(|one| (&Value::Null, one))
        });
        let each = own.chain(others).map(|(value, one)| {
            let references = self.references.map(|whole| if items(whole).contains(one) { one } else { &Value::Null });
            Element { step: Some(Step::Element), value, references }
        });
        each.filter(|element| !element.is_null()).collect()
    }
}

/// The elements of a set.
fn items(value: &Value) -> &[Value] {
    if let Value::Set(items) = value { items } else { &[] }
}

/// The keys of a map.
fn entries(value: &Value) -> Option<impl Iterator<Item = &String>> {
    match value {
        Value::Map(entries) => Some(entries.keys()),
        _ => None,
    }
}

/// What lies a step further; null where there is nothing, and unknown in what is unknown.
fn at<'a>(whole: &'a Value, step: &Step) -> &'a Value {
    match (whole, step) {
        (Value::List(items), Step::Index(at)) => items.get(*at).unwrap_or(&Value::Null),
        (_, Step::Key(name) | Step::Attribute(name)) => whole.get(name),
        (Value::Unknown, _) => whole,
        _ => &Value::Null,
    }
}

impl<const COUNT: usize> Element<'_, COUNT> {
    fn is_null(&self) -> bool {
        self.value.is_null() && self.references.iter().all(|reference| reference.is_null())
    }
}

impl Trail<'_> {
    fn path(&self) -> Path {
        match self {
            Trail::Root => Path::root(),
            Trail::Name(before, name) => before.path().attribute(name),
            Trail::Element(before, step) => before.path().then((*step).clone()),
        }
    }
}

/// Shows `rule` each place in `value`, from the outside in, with what `references` have there.
pub fn walk<'a, const COUNT: usize>(
    members: impl Into<Members<'a>>,
    value: &Value,
    references: [&Value; COUNT],
    mut rule: impl FnMut(&Place<'_, COUNT>) -> Next,
) {
    walk_from(members.into(), value, references, Trail::Root, &mut rule);
}

fn walk_from<const COUNT: usize>(
    members: Members<'_>,
    value: &Value,
    holders: [&Value; COUNT],
    trail: Trail<'_>,
    rule: &mut dyn FnMut(&Place<'_, COUNT>) -> Next,
) {
    for member in members.each() {
        let name = member.name();
        let references = holders.map(|holder| holder.get(name));
        let place = Place { member, value: value.get(name), references, holders, trail: Trail::Name(&trail, name) };
        let Some((_, inner)) = member.nested() else {
            rule(&place);
            continue;
        };
        if rule(&place) == Next::Past {
            continue;
        }
        for Element { step, value, references } in place.elements() {
            let trail = step.as_ref().map_or(place.trail, |step| Trail::Element(&place.trail, step));
            walk_from(inner, value, references, trail, rule);
        }
    }
}

/// Changes `value` as `rule` says at each place in it, seeing what `references` have there.
pub fn edit<'a, const COUNT: usize>(
    members: impl Into<Members<'a>>,
    value: &mut Value,
    references: [&Value; COUNT],
    mut rule: impl FnMut(&Place<'_, COUNT>) -> Edit,
) {
    let mut edits = Vec::new();
    walk(members, value, references, |place| match rule(place) {
        Edit::Within if matches!(place.member.nested(), Some((Nesting::Set, _))) => Next::Past,
        Edit::Within => Next::Within,
        Edit::Leave => Next::Past,
        Edit::Put(new) => {
            edits.push((place.path(), new));
            Next::Past
        }
    });
    edits.into_iter().for_each(|(path, new)| put_at(value, path.steps(), new));
}

/// Puts `new` at the end of `steps`. Where there is no way to it, there is nothing to change.
fn put_at(value: &mut Value, steps: &[Step], new: Value) {
    let next = match (steps, value) {
        ([Step::Attribute(name)], object) => return object.put(name, new),
        ([Step::Attribute(name) | Step::Key(name), ..], Value::Map(entries)) => entries.get_mut(name),
        ([Step::Index(at), ..], Value::List(items)) => items.get_mut(*at),
        _ => None,
    };
    if let Some(next) = next {
        put_at(next, &steps[1..], new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, Set};

    /// A shelf.
    #[derive(Model)]
    struct Shelf {
        /// Its name.
        name: String,
        /// Its boards.
        boards: Vec<Board>,
        /// Its hooks.
        hooks: Set<Board>,
        #[attr(block)]
        door: Option<Board>,
    }

    /// A board.
    #[derive(Model)]
    struct Board {
        /// Its length.
        length: i64,
    }

    fn board(length: i64) -> Value {
        Value::Map([("length".to_owned(), length.into())].into())
    }

    fn shelf(boards: &[i64], hooks: &[i64], door: Option<i64>) -> Value {
        let list = |lengths: &[i64]| lengths.iter().copied().map(board).collect::<Vec<_>>();
        let entries = [
            ("name", "one".into()),
            ("boards", Value::List(list(boards))),
            ("hooks", Value::set(list(hooks))),
            ("door", Value::List(door.into_iter().map(board).collect())),
        ];
        Value::Map(entries.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Each place of a length, with what a shelf and another one have there.
    fn lengths(value: &Value, reference: &Value) -> Vec<(String, Option<i64>, Option<i64>)> {
        let number = |value: &Value| if let Value::Number(number) = value { number.as_i64() } else { None };
        let mut found = Vec::new();
        walk(&Shelf::object(), value, [reference], |place| {
            if place.member.name() == "length" {
                let [reference] = place.references;
                found.push((place.path().to_string(), number(place.value), number(reference)));
            }
            Next::Within
        });
        found
    }

    #[test]
    fn each_place_is_seen_with_its_counterparts() {
        let seen = lengths(&shelf(&[1, 2], &[3, 4], None), &shelf(&[5], &[4, 6], Some(7)));
        let expected = [
            ("boards[0].length", Some(1), Some(5)),
            ("boards[1].length", Some(2), None),
            ("hooks[*].length", Some(3), None),
            ("hooks[*].length", Some(4), Some(4)),
            ("hooks[*].length", None, Some(6)),
            ("door[0].length", None, Some(7)),
        ];
        assert_eq!(seen, expected.map(|(path, value, reference)| (path.to_owned(), value, reference)));
    }

    #[test]
    fn an_edit_changes_what_has_an_address() {
        let mut value = shelf(&[1, 2], &[3], Some(4));
        edit(&Shelf::object(), &mut value, [&shelf(&[5], &[6], None)], |place| match place.references {
            [Value::Number(_)] => Edit::Put(9.into()),
            [Value::Null] if place.value == &Value::from(4) => Edit::Put(8.into()),
            _ => Edit::Within,
        });
        assert_eq!(value, shelf(&[9, 2], &[3], Some(8)), "no element appears, and those of a set stay");
    }

    #[test]
    fn past_is_past() {
        let mut names = Vec::new();
        walk(&Shelf::object(), &shelf(&[1], &[2], Some(3)), [], |place| {
            names.push(place.path().to_string());
            if place.member.name() == "door" { Next::Within } else { Next::Past }
        });
        assert_eq!(names, ["name", "boards", "hooks", "door", "door[0].length"]);
    }
}
