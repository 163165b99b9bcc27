//! Configurations made from one: each attribute unknown, left out, empty, and with other values, at any depth; and those
//! that a schema forbids.

use std::collections::BTreeMap;

use crate::schema::{Attribute, Mode, Nesting, Object, Shape};
use crate::{Type, Value};

/// What a configuration differs in from the one that it was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// In nothing.
    None,
    /// Something is unknown: it must be accepted, as what will be known later may be right.
    Unknown,
    /// Something is left out, which may be wrong.
    LeftOut,
    /// Something optional is there and empty, which may be wrong.
    Empty,
    /// Something has another value, which may be wrong.
    Other,
    /// Something is as its schema forbids: it must be refused.
    Forbidden,
}

/// A configuration made from another one.
#[derive(Clone)]
pub struct Variant {
    /// What is different: `criterion[0].field unknown`.
    pub name: String,
    /// The configuration.
    pub config: Value,
    /// In what way.
    pub change: Change,
}

impl Variant {
    /// `config` as it is.
    pub fn same(name: &str, config: &Value) -> Self {
        Variant { name: name.to_owned(), config: config.clone(), change: Change::None }
    }

    /// Whether a provider may say that it is wrong.
    pub fn may_be_refused(&self) -> bool {
        !matches!(self.change, Change::None | Change::Unknown)
    }

    /// Whether something optional is not there, or empty: what comes of it must stay so.
    pub fn is_absent(&self) -> bool {
        matches!(self.change, Change::LeftOut | Change::Empty)
    }

    /// What is wrong with the `errors` that refuse it, if its schema forbids it: there is one of the attribute.
    pub fn forbidden_fault(&self, errors: &[String]) -> Option<String> {
        let name = self.path().rsplit('.').next().unwrap_or_default();
        let is_told = errors.iter().any(|error| error.contains(name));
        (!is_told).then(|| format!("validation doesn't refuse it: {errors:?}"))
    }

    /// The attribute that is different.
    pub fn path(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// The same inside attribute `name` of `whole`, `at` that place in it, where `put` puts it.
    fn inside(self, name: &str, at: &str, whole: &Value, put: impl Fn(&mut Value, Value)) -> Self {
        let mut config = whole.clone();
        let mut part = whole.get(name).clone();
        put(&mut part, self.config);
        config.put(name, part);
        Variant { name: format!("{name}{at}.{}", self.name), config, change: self.change }
    }
}

/// Values that an attribute could have instead of the one that it has: each with its name, and in what way it differs.
type Ways = fn(&Attribute, &Value) -> Vec<(String, Value, Change)>;

/// For each attribute of `base` at any depth that can be configured, the same with it unknown, without it where it is
/// set and not required, with it empty, and with other values. For each kind of block, the same without it, and with an
/// empty one, where that can be.
pub fn variants(object: &Object, base: &Value) -> Vec<Variant> {
    let mut variants = of_object(object, base, ways);
    variants.extend(of_blocks(object, base));
    variants
}

/// The configurations made of `base` that the schema forbids: with each attribute that only the provider sets, at any
/// depth, and with null for each that is required.
pub fn forbidden(object: &Object, base: &Value) -> Vec<Variant> {
    of_object(object, base, |attribute, _| {
        let way = |how: &str, value| vec![(format!("{} {how}", attribute.name), value, Change::Forbidden)];
        match attribute.mode {
            Mode::Required => way("null", Value::Null),
            Mode::Computed => {
                let example = others(&attribute.shape, &Value::Null).pop().filter(Value::is_wholly_known);
                example.map(|example| way("configured", example)).unwrap_or_default()
            }
            Mode::Optional | Mode::OptionalComputed => Vec::new(),
        }
    })
}

fn of_object(object: &Object, base: &Value, ways: Ways) -> Vec<Variant> {
    let mut variants = of_attributes(&object.attributes, base, ways);
    for block in &object.blocks {
        let each = |element: &Value| of_object(&block.object, element, ways);
        variants.extend(of_elements(block.name, block.nesting, base, &each));
    }
    variants
}

fn of_attributes(attributes: &[Attribute], base: &Value, ways: Ways) -> Vec<Variant> {
    let mut variants = Vec::new();
    for attribute in attributes {
        let now = base.get(attribute.name);
        variants.extend(ways(attribute, now).into_iter().map(|(name, value, change)| {
            let mut config = base.clone();
            config.put(attribute.name, value);
            Variant { name, config, change }
        }));
        if let Shape::Object(nesting, inner) = &attribute.shape
            && attribute.is_configurable()
        {
            let each = |element: &Value| of_attributes(inner, element, ways);
            variants.extend(of_elements(attribute.name, *nesting, base, &each));
        }
    }
    variants
}

fn ways(attribute: &Attribute, now: &Value) -> Vec<(String, Value, Change)> {
    if !attribute.is_configurable() {
        return Vec::new();
    }
    let way = |how: &str, value, change| (format!("{} {how}", attribute.name), value, change);
    let mut ways = vec![way("unknown", Value::Unknown, Change::Unknown)];
    let is_optional = attribute.mode != Mode::Required;
    if is_optional && !now.is_null() {
        ways.push(way("left out", Value::Null, Change::LeftOut));
    }
    let empty = empty(&attribute.shape).filter(|_| is_optional);
    ways.extend(empty.iter().filter(|empty| *empty != now).map(|empty| way("empty", empty.clone(), Change::Empty)));
    let others = others(&attribute.shape, now).into_iter().filter(|other| Some(other) != empty.as_ref());
    ways.extend(others.map(|other| way(&format!("{other:?}"), other, Change::Other)));
    ways
}

/// What is empty and has `shape`: nothing is, where something in it is required.
fn empty(shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Type(Type::String) => Some("".into()),
        Shape::Type(Type::List(_)) | Shape::Object(Nesting::List, _) => Some(Value::List(Vec::new())),
        Shape::Type(Type::Set(_)) | Shape::Object(Nesting::Set, _) => Some(Value::set([])),
        Shape::Type(Type::Map(_)) | Shape::Object(Nesting::Map, _) => Some(Value::Map(BTreeMap::new())),
        Shape::Object(Nesting::Single, inner) => inner
            .iter()
            .all(|one| one.mode != Mode::Required)
            .then(|| Value::Map(inner.iter().map(|attribute| (attribute.name.to_owned(), Value::Null)).collect())),
        Shape::Type(_) => None,
    }
}

/// `base` without blocks of each kind, and with one that is empty.
fn of_blocks(object: &Object, base: &Value) -> Vec<Variant> {
    let (mut variants, none) = (Vec::new(), object.empty());
    for block in &object.blocks {
        let (now, none) = (base.get(block.name), none.get(block.name));
        let mut with = |how: &str, value: Value, change| {
            let mut config = base.clone();
            config.put(block.name, value);
            variants.push(Variant { name: format!("{} {how}", block.name), config, change });
        };
        if block.min == 0 && now != none {
            with("left out", none.clone(), Change::LeftOut);
        }
        let is_required = |attribute: &Attribute| attribute.mode == Mode::Required;
        let may_be_empty =
            !block.object.attributes.iter().any(is_required) && block.object.blocks.iter().all(|inner| inner.min == 0);
        let empty = held(block.nesting, block.object.empty());
        if may_be_empty && block.min <= 1 && *now != empty {
            with("empty", empty, Change::Empty);
        }
    }
    variants
}

/// Variants of each element of what `whole` has under `name`.
fn of_elements(name: &str, nesting: Nesting, whole: &Value, each: &dyn Fn(&Value) -> Vec<Variant>) -> Vec<Variant> {
    let nested = whole.get(name);
    match (nesting, nested) {
        (Nesting::Single, Value::Map(_)) => {
            each(nested).into_iter().map(|one| one.inside(name, "", whole, |part, value| *part = value)).collect()
        }
        (Nesting::Map, Value::Map(elements)) => {
            let of_element = |(key, element): (&String, &Value)| {
                let put = |part: &mut Value, value: Value| part.put(key, value);
                let at = format!("[{key:?}]");
                each(element).into_iter().map(|one| one.inside(name, &at, whole, put)).collect::<Vec<_>>()
            };
            elements.iter().flat_map(of_element).collect()
        }
        (_, Value::List(elements) | Value::Set(elements)) => {
            let of_element = |(at, element): (usize, &Value)| {
                let put = |part: &mut Value, value: Value| {
                    let mut elements = elements.clone();
                    elements[at] = value;
                    *part = if nesting == Nesting::Set { Value::set(elements) } else { Value::List(elements) };
                };
                let at = format!("[{at}]");
                each(element).into_iter().map(|one| one.inside(name, &at, whole, put)).collect::<Vec<_>>()
            };
            elements.iter().enumerate().flat_map(of_element).collect()
        }
        _ => Vec::new(),
    }
}

/// Values that an attribute of `shape` could have beside the one that it has `now`.
pub fn others(shape: &Shape, now: &Value) -> Vec<Value> {
    let mut others = match shape {
        Shape::Type(ty) => examples(ty),
        Shape::Object(nesting, inner) => {
            let objects = [|_: &Attribute| Value::Null, an_example].map(|value| {
                Value::Map(inner.iter().map(|attribute| (attribute.name.to_owned(), value(attribute))).collect())
            });
            objects.into_iter().map(|object| held(*nesting, object)).collect()
        }
    };
    // A list may be empty, and may say the same twice.
    match now {
        Value::List(items) if !items.is_empty() => {
            others.push(Value::List([items.as_slice(), items].concat()));
            others.push(Value::List(Vec::new()));
        }
        Value::Set(_) => others.push(Value::set([])),
        Value::Map(_) if !matches!(shape, Shape::Object(Nesting::Single, _)) => {
            others.push(Value::Map(BTreeMap::new()));
        }
        _ => {}
    }
    others.retain(|other| other != now);
    others
}

fn an_example(attribute: &Attribute) -> Value {
    if !attribute.is_configurable() {
        return Value::Null;
    }
    others(&attribute.shape, &Value::Null).pop().unwrap_or(Value::Null)
}

fn held(nesting: Nesting, object: Value) -> Value {
    match nesting {
        Nesting::Single => object,
        Nesting::List => Value::List(vec![object]),
        Nesting::Set => Value::set([object]),
        Nesting::Map => Value::Map([("x".to_owned(), object)].into()),
    }
}

/// Values of a type, among them those at its edges.
fn examples(ty: &Type) -> Vec<Value> {
    match ty {
        Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Type::Number => ["0.5", "1e100", "0", "1"].into_iter().filter_map(number).collect(),
        Type::String => vec!["".into(), "x".into()],
        Type::Dynamic => vec![Value::Dynamic(Box::new((Type::String, "x".into())))],
        Type::List(inner) => elements(inner).map(|element| Value::List(vec![element])).collect(),
        Type::Set(inner) => elements(inner).map(|element| Value::set([element])).collect(),
        Type::Map(inner) => elements(inner).map(|element| Value::Map([("x".to_owned(), element)].into())).collect(),
        Type::Tuple(inner) => vec![Value::List(inner.iter().map(an_element).collect())],
        Type::Object(inner) => {
            vec![Value::Map(inner.iter().map(|(name, ty)| (name.clone(), an_element(ty))).collect())]
        }
    }
}

/// One that is null, one that is unknown, and one that is known.
fn elements(ty: &Type) -> impl Iterator<Item = Value> {
    [Value::Null, Value::Unknown, an_element(ty)].into_iter()
}

fn an_element(ty: &Type) -> Value {
    examples(ty).pop().unwrap_or(Value::Null)
}

fn number(text: &str) -> Option<Value> {
    text.parse().ok().map(Value::Number)
}

/// `state` with another spelling of each text for which the type says that it means the same; `None` if there is none.
pub fn respelt(object: &Object, state: &Value) -> Option<Value> {
    let mut other = state.clone();
    for attribute in object.attributes.iter().filter(|attribute| !attribute.write_only) {
        let value = state.get(attribute.name);
        let spellings = value.as_str().map(spellings).unwrap_or_default();
        let same = |text: &Value| text != value && attribute.is_same(value, text);
        if let Some(spelling) = spellings.into_iter().map(Value::from).find(same) {
            other.put(attribute.name, spelling);
        }
    }
    (other != *state).then_some(other)
}

/// What may mean the same as `text`.
fn spellings(text: &str) -> Vec<String> {
    let json = serde_json::from_str::<serde_json::Value>(text).ok();
    let json = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
    json.into_iter().chain([text.to_uppercase(), text.to_lowercase(), format!(" {text} ")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;

    /// A thing.
    #[derive(Model, Clone)]
    struct Thing {
        /// Name.
        name: String,
        /// Size.
        size: Option<i64>,
        /// Parts.
        #[attr(block)]
        parts: Vec<Part>,
    }

    /// A part.
    #[derive(Model, Clone)]
    struct Part {
        /// Material.
        material: String,
    }

    #[test]
    fn each_attribute_is_varied_in_each_element() {
        let part = |material: &str| Value::Map([("material".to_owned(), material.into())].into());
        let mut base = Thing::object().empty();
        base.put("name", "lamp".into());
        base.put("size", 1.into());
        base.put("parts", Value::List(vec![part("brass"), part("glass")]));
        let found = variants(&Thing::object(), &base);
        let of = |change: Change| found.iter().filter(move |one| one.change == change);
        let unknown: Vec<_> = of(Change::Unknown).map(|one| one.name.as_str()).collect();
        assert_eq!(unknown, ["name unknown", "size unknown", "parts[0].material unknown", "parts[1].material unknown"]);
        let left_out: Vec<_> = of(Change::LeftOut).map(|one| one.name.as_str()).collect();
        assert_eq!(left_out, ["size left out"]);
        let second = of(Change::Unknown).next_back().map(|one| one.config.get("parts").clone());
        let expected = Value::List(vec![part("brass"), Value::Map([("material".to_owned(), Value::Unknown)].into())]);
        assert_eq!(second, Some(expected));
        assert!(of(Change::Other).all(|one| one.config != base));
        assert_eq!(of(Change::Other).filter(|one| one.name.starts_with("size ")).count(), 3);
    }
}
