//! Types of the configuration language and their JSON form.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// A type of the configuration language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `any`: the value says its type.
    Dynamic,
    /// `list(...)`.
    List(Box<Type>),
    /// `set(...)`.
    Set(Box<Type>),
    /// `map(...)`.
    Map(Box<Type>),
    /// `tuple([...])`.
    Tuple(Vec<Type>),
    /// `object({...})`.
    Object(BTreeMap<String, Type>),
}

/// JSON that does not describe a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAType;

impl Type {
    /// The JSON form that the protocol and the CLIs use: `"string"`, `["list","string"]`, ...
    pub fn to_json(&self) -> Json {
        match self {
            Type::Bool => json!("bool"),
            Type::Number => json!("number"),
            Type::String => json!("string"),
            Type::Dynamic => json!("dynamic"),
            Type::List(element) => json!(["list", element.to_json()]),
            Type::Set(element) => json!(["set", element.to_json()]),
            Type::Map(element) => json!(["map", element.to_json()]),
            Type::Tuple(elements) => json!(["tuple", elements.iter().map(Type::to_json).collect::<Vec<_>>()]),
            Type::Object(attributes) => {
                let attributes: serde_json::Map<_, _> =
                    attributes.iter().map(|(name, inner)| (name.clone(), inner.to_json())).collect();
                json!(["object", attributes])
            }
        }
    }

    /// Reads the JSON form. An object's list of optional attributes is left aside: a value has them all.
    ///
    /// # Errors
    /// [`NotAType`] if `json` is no type.
    pub fn from_json(json: &Json) -> Result<Type, NotAType> {
        if let Some(name) = json.as_str() {
            return match name {
                "bool" => Ok(Type::Bool),
                "number" => Ok(Type::Number),
                "string" => Ok(Type::String),
                "dynamic" => Ok(Type::Dynamic),
                _ => Err(NotAType),
            };
        }
        let parts = json.as_array().ok_or(NotAType)?;
        let (kind, inner) = match parts.as_slice() {
            [kind, inner] | [kind, inner, _] => (kind.as_str().ok_or(NotAType)?, inner),
            _ => return Err(NotAType),
        };
        let element = || Type::from_json(inner).map(Box::new);
        match kind {
            "list" => Ok(Type::List(element()?)),
            "set" => Ok(Type::Set(element()?)),
            "map" => Ok(Type::Map(element()?)),
            "tuple" => {
                let elements = inner.as_array().ok_or(NotAType)?;
                Ok(Type::Tuple(elements.iter().map(Type::from_json).collect::<Result<_, _>>()?))
            }
            "object" => {
                let attributes = inner.as_object().ok_or(NotAType)?;
                let attributes = attributes.iter().map(|(name, json)| Ok((name.clone(), Type::from_json(json)?)));
                Ok(Type::Object(attributes.collect::<Result<_, _>>()?))
            }
            _ => Err(NotAType),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_goes_both_ways() {
        for text in [
            r#""string""#,
            r#"["list",["set",["map","number"]]]"#,
            r#"["tuple",["bool","dynamic"]]"#,
            r#"["object",{"a":"string","b":["list","bool"]}]"#,
        ] {
            let json: Json = serde_json::from_str(text).unwrap();
            assert_eq!(Type::from_json(&json).unwrap().to_json(), json);
        }
        assert!(Type::from_json(&json!(["object", {"a": "string"}, ["a"]])).is_ok());
        for wrong in [json!("text"), json!(1), json!(["list"]), json!(["list", "x"]), json!([])] {
            assert_eq!(Type::from_json(&wrong), Err(NotAType), "{wrong}");
        }
    }
}
