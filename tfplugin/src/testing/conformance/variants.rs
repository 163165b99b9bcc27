//! Configurations made from one: each attribute unknown, each one left out, at any depth.

use crate::Value;
use crate::schema::{Attribute, Mode, Nesting, Object, Shape};

/// A configuration made from another one.
pub struct Variant {
    /// What is different: `criterion.field unknown`.
    pub name: String,
    /// The configuration.
    pub config: Value,
    /// Whether something is left out, for which a provider may refuse it.
    pub may_be_refused: bool,
}

impl Variant {
    /// `config` as it is.
    pub fn same(config: &Value) -> Self {
        Variant { name: "as it is".to_owned(), config: config.clone(), may_be_refused: false }
    }

    /// The same inside attribute `name` of `whole`, where `put` says in which place.
    fn inside(self, name: &str, whole: &Value, put: impl Fn(&mut Value, Value)) -> Self {
        let mut config = whole.clone();
        let mut part = whole.get(name).clone();
        put(&mut part, self.config);
        config.put(name, part);
        Variant { name: format!("{name}.{}", self.name), config, may_be_refused: self.may_be_refused }
    }
}

/// `base` itself; then, for each attribute at any depth that can be configured, the same with it unknown; and, for each
/// that it sets and that is not required, without it.
pub fn variants(object: &Object, base: &Value) -> Vec<Variant> {
    let mut variants = vec![Variant::same(base)];
    variants.extend(of_object(object, base));
    variants
}

fn of_object(object: &Object, base: &Value) -> Vec<Variant> {
    let mut variants = of_attributes(&object.attributes, base);
    for block in &object.blocks {
        let each = |element: &Value| of_object(&block.object, element);
        variants.extend(of_elements(block.name, block.nesting, base, &each));
    }
    variants
}

fn of_attributes(attributes: &[Attribute], base: &Value) -> Vec<Variant> {
    let mut variants = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.is_configurable()) {
        let with = |how: &str, value: Value| {
            let may_be_refused = value.is_null();
            let mut config = base.clone();
            config.put(attribute.name, value);
            Variant { name: format!("{} {how}", attribute.name), config, may_be_refused }
        };
        variants.push(with("unknown", Value::Unknown));
        if attribute.mode != Mode::Required && !base.get(attribute.name).is_null() {
            variants.push(with("left out", Value::Null));
        }
        if let Shape::Object(nesting, inner) = &attribute.shape {
            let each = |element: &Value| of_attributes(inner, element);
            variants.extend(of_elements(attribute.name, *nesting, base, &each));
        }
    }
    variants
}

/// Variants of the first element of what `whole` has under `name`: one stands for all.
fn of_elements(name: &str, nesting: Nesting, whole: &Value, each: &dyn Fn(&Value) -> Vec<Variant>) -> Vec<Variant> {
    let nested = whole.get(name);
    match (nesting, nested) {
        (Nesting::Single, Value::Map(_)) => {
            each(nested).into_iter().map(|one| one.inside(name, whole, |part, value| *part = value)).collect()
        }
        (Nesting::Map, Value::Map(elements)) => {
            let Some((key, first)) = elements.first_key_value() else { return Vec::new() };
            each(first).into_iter().map(|one| one.inside(name, whole, |part, value| part.put(key, value))).collect()
        }
        (_, Value::List(elements) | Value::Set(elements)) => {
            let Some((first, others)) = elements.split_first() else { return Vec::new() };
            let put = |part: &mut Value, value: Value| {
                let elements = std::iter::once(value).chain(others.iter().cloned());
                *part = if nesting == Nesting::Set { Value::set(elements) } else { Value::List(elements.collect()) };
            };
            each(first).into_iter().map(|one| one.inside(name, whole, put)).collect()
        }
        _ => Vec::new(),
    }
}
