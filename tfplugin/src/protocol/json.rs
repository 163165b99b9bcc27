//! Values in JSON, the form of a state file.
//!
//! Reading is lenient where an older or another provider's state is read: attributes that the type lacks are left
//! out, and what is missing is null.

use serde_json::Value as Json;

use super::malformed::Malformed;
use crate::{Step, Type, Value};

/// Reads a value of type `ty`.
///
/// # Errors
/// [`Malformed`], with what is wrong.
pub fn read(json: &Json, ty: &Type) -> Result<Value, Malformed> {
    if json.is_null() {
        return Ok(Value::Null);
    }
    let wrong = || Malformed::new(format!("a {} is expected", ty.to_json()));
    match ty {
        Type::Bool => json.as_bool().or_else(|| json.as_str()?.parse().ok()).map(Value::Bool).ok_or_else(wrong),
        Type::String => text(json).map(Value::String).ok_or_else(wrong),
        Type::Number => text(json).and_then(|text| text.parse().ok()).map(Value::Number).ok_or_else(wrong),
        Type::List(element) => {
            let items = json.as_array().ok_or_else(wrong)?;
            read_items(items.iter().map(|item| (item, element.as_ref())), Step::Index).map(Value::List)
        }
        Type::Set(element) => {
            let items = json.as_array().ok_or_else(wrong)?;
            read_items(items.iter().map(|item| (item, element.as_ref())), |_| Step::Element).map(Value::set)
        }
        Type::Tuple(elements) => {
            let items = json.as_array().filter(|items| items.len() == elements.len()).ok_or_else(wrong)?;
            read_items(items.iter().zip(elements), Step::Index).map(Value::List)
        }
        Type::Map(element) => {
            let entries = json.as_object().ok_or_else(wrong)?;
            read_entries(entries.iter().map(|(key, item)| (key, item, element.as_ref())), Step::Key)
        }
        Type::Object(attributes) => {
            let object = json.as_object().ok_or_else(wrong)?;
            let value = |name| object.get(name).unwrap_or(&Json::Null);
            read_entries(attributes.iter().map(|(name, ty)| (name, value(name), ty)), Step::Attribute)
        }
        Type::Dynamic => {
            let ty = Type::from_json(json.get("type").ok_or_else(wrong)?).map_err(|_| wrong())?;
            let value = read(json.get("value").unwrap_or(&Json::Null), &ty)?;
            Ok(Value::Dynamic(Box::new((ty, value))))
        }
    }
}

fn read_items<'a>(
    items: impl Iterator<Item = (&'a Json, &'a Type)>,
    step: fn(usize) -> Step,
) -> Result<Vec<Value>, Malformed> {
    let read = |(at, (item, ty))| read(item, ty).map_err(|error: Malformed| error.within(step(at)));
    items.enumerate().map(read).collect()
}

fn read_entries<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Json, &'a Type)>,
    step: fn(String) -> Step,
) -> Result<Value, Malformed> {
    let read = |(name, item, ty): (&String, _, _)| {
        let value = read(item, ty).map_err(|error| error.within(step(name.clone())))?;
        Ok((name.clone(), value))
    };
    entries.map(read).collect::<Result<_, _>>().map(Value::Map)
}

/// Writes a value of type `ty`. JSON knows nothing unknown: that becomes null.
pub fn write(value: &Value, ty: &Type) -> Json {
    match (value, ty) {
        (Value::Null | Value::Unknown, _) => Json::Null,
        (Value::Bool(value), _) => Json::Bool(*value),
        (Value::String(text), _) => Json::String(text.clone()),
        (Value::Number(number), _) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        (Value::List(items), Type::Tuple(types)) => items.iter().zip(types).map(|(item, ty)| write(item, ty)).collect(),
        (Value::List(items) | Value::Set(items), Type::List(element) | Type::Set(element)) => {
            items.iter().map(|item| write(item, element)).collect()
        }
        (Value::Map(entries), Type::Map(element)) => {
            entries.iter().map(|(key, item)| (key.clone(), write(item, element))).collect()
        }
        (Value::Map(_), Type::Object(attributes)) => {
            attributes.iter().map(|(name, ty)| (name.clone(), write(value.get(name), ty))).collect()
        }
        (Value::Dynamic(inner), _) => {
            serde_json::json!({"type": inner.0.to_json(), "value": write(&inner.1, &inner.0)})
        }
        _ => Json::Null,
    }
}

/// Strings, numbers and booleans stand for one another in old states.
fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_state_is_read_leniently() {
        let ty = Type::Object([("a".to_owned(), Type::String), ("n".to_owned(), Type::Number)].into());
        let value = read(&json!({"n": 0.1, "gone": true}), &ty).unwrap();
        let expected = [("a".to_owned(), Value::Null), ("n".to_owned(), Value::Number("0.1".parse().unwrap()))];
        assert_eq!(value, Value::Map(expected.into()));
        assert!(read(&json!([1]), &ty).is_err());
    }
}
