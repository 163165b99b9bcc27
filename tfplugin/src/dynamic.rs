//! Values whose type the configuration chooses: a string here, an object there.
//!
//! It doesn't know what such a value is for. In a collection the CLIs demand that all of them have one type.

use serde_json::Value as Json;

use crate::schema::Shape;
use crate::{Data, Failure, Path, Result, Type, Value};

/// A value with the type that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dynamic {
    ty: Type,
    value: Value,
}

impl Dynamic {
    /// The value. What is in it may again say its type: [`to_json`](Self::to_json) has none of that.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The value that `json` is, as the CLIs' `jsondecode` types it: arrays are tuples, objects are objects.
    pub fn from_json(json: &Json) -> Self {
        let (ty, value) = typed(json);
        Dynamic { ty, value }
    }

    /// As JSON.
    pub fn to_json(&self) -> Json {
        plain(&self.value)
    }
}

impl Data for Dynamic {
    fn shape() -> Shape {
        Shape::Type(Type::Dynamic)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Dynamic(inner) => Ok(Dynamic { ty: inner.0.clone(), value: inner.1.clone() }),
            _ => Err(Failure::at(path.clone(), format!("{path} does not say its type"))),
        }
    }

    fn to_value(&self) -> Value {
        Value::Dynamic(Box::new((self.ty.clone(), self.value.clone())))
    }

    /// A list and a tuple, or a map and an object, of the same elements mean the same.
    fn same(one: &Value, other: &Value) -> bool {
        one.is_wholly_known() && other.is_wholly_known() && plain(one) == plain(other)
    }
}

fn typed(json: &Json) -> (Type, Value) {
    match json {
        Json::Null => (Type::Dynamic, Value::Null),
        Json::Bool(value) => (Type::Bool, Value::Bool(*value)),
        // JSON's numbers are decimal, as ours are; only one beyond all reason has no value.
        Json::Number(number) => (Type::Number, number.to_string().parse().map_or(Value::Null, Value::Number)),
        Json::String(text) => (Type::String, Value::from(text.as_str())),
        Json::Array(items) => {
            let (types, values) = items.iter().map(typed).unzip();
            (Type::Tuple(types), Value::List(values))
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, item)| (key, typed(item)));
            let (types, values) = entries.map(|(key, (ty, value))| ((key.clone(), ty), (key.clone(), value))).unzip();
            (Type::Object(types), Value::Map(values))
        }
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        Value::String(text) => Json::String(text.clone()),
        Value::List(items) | Value::Set(items) => items.iter().map(plain).collect(),
        Value::Map(entries) => entries.iter().map(|(key, item)| (key.clone(), plain(item))).collect(),
        Value::Dynamic(inner) => plain(&inner.1),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_goes_both_ways() {
        let json = json!({"a": [1, 0.1, "x", null], "b": {"c": true}});
        let dynamic = Dynamic::from_json(&json);
        assert_eq!(dynamic.to_json(), json);
        assert_eq!(
            dynamic.ty().to_json(),
            json!(["object", {
                "a": ["tuple", ["number", "number", "string", "dynamic"]],
                "b": ["object", {"c": "bool"}],
            }])
        );
        assert_eq!(Dynamic::from_value(&dynamic.to_value(), &Path::root()), Ok(dynamic));
    }

    #[test]
    fn what_has_no_type_is_refused() {
        assert!(Dynamic::from_value(&Value::Bool(true), &Path::root()).is_err());
    }

    #[test]
    fn a_list_means_the_same_as_a_tuple() {
        let list = Value::Dynamic(Box::new((Type::List(Box::new(Type::String)), Value::List(vec!["x".into()]))));
        let tuple = Dynamic::from_json(&json!(["x"])).to_value();
        assert_ne!(list, tuple);
        assert!(Dynamic::same(&list, &tuple));
        assert!(!Dynamic::same(&list, &Dynamic::from_json(&json!(["y"])).to_value()));
    }
}
