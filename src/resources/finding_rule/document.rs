//! JSON in a string attribute, compared by what it means.

use serde_json::Value as Json;
use tfplugin::schema::{Shape, invalid};
use tfplugin::{Data, Diagnostic, Path, Result, Type, Value};

use crate::findings::event_pattern::{self, CHARACTERS_DEFAULT_QUOTA};

/// A JSON document, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(pub String);

/// An event pattern of EventBridge, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern(pub String);

/// What a target is sent, with `<$.path>` in it, as it was written: text, or JSON of an object or a list.
///
/// It is a string, not a value of any type: the CLIs want one type for it in all targets of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub String);

fn text(value: &Value, path: &Path) -> Result<String> {
    String::from_value(value, path)
}

impl Data for Document {
    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        text(value, path).map(Document)
    }

    fn to_value(&self) -> Value {
        self.0.as_str().into()
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let Some(text) = value.as_str() else { return };
        if let Err(error) = serde_json::from_str::<Json>(text) {
            let problem = format!("It is not JSON: {error}. `jsonencode` writes it right.");
            diagnostics.push(invalid(path, &problem));
        }
    }

    fn same(one: &Value, other: &Value) -> bool {
        let read = |value: &Value| serde_json::from_str::<Json>(value.as_str()?).ok();
        read(one).is_some_and(|one| read(other) == Some(one))
    }
}

impl Data for EventPattern {
    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        text(value, path).map(EventPattern)
    }

    fn to_value(&self) -> Value {
        self.0.as_str().into()
    }

    fn check(value: &Value, path: &Path, diagnostics: &mut Vec<Diagnostic>) {
        let Some(text) = value.as_str() else { return };
        match event_pattern::check(text) {
            Err(error) => diagnostics.push(invalid(path, &error.to_string())),
            Ok(_) => diagnostics.extend(long(text, path)),
        }
    }

    fn same(one: &Value, other: &Value) -> bool {
        one.as_str().zip(other.as_str()).is_some_and(|(one, other)| event_pattern::equivalent(one, other))
    }
}

/// The warning that a pattern is longer than an account may have without asking for more.
pub fn long(text: &str, path: &Path) -> Option<Diagnostic> {
    let length = text.chars().count();
    (length > CHARACTERS_DEFAULT_QUOTA).then(|| {
        let quota = format!(
            "The pattern has {length} characters. More than {CHARACTERS_DEFAULT_QUOTA} are only taken after AWS raised \
             the quota \"Event pattern size\" of the account."
        );
        Diagnostic::warning("the event pattern may be too long").at(path.clone()).detail(quota)
    })
}

impl Data for Template {
    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        text(value, path).map(Template)
    }

    fn to_value(&self) -> Value {
        self.0.as_str().into()
    }

    fn same(one: &Value, other: &Value) -> bool {
        let read = |value: &Value| Some(Template(value.as_str()?.to_owned()).to_json());
        read(one).is_some_and(|one| read(other) == Some(one))
    }
}

impl Template {
    /// The object or list that the text is, or else the text.
    pub fn to_json(&self) -> Json {
        let parsed = serde_json::from_str::<Json>(&self.0).ok();
        let parsed = parsed.filter(|parsed| parsed.is_object() || parsed.is_array());
        parsed.unwrap_or_else(|| Json::from(self.0.as_str()))
    }

    /// The same, written.
    pub fn from_json(json: &Json) -> Self {
        Template(json.as_str().map_or_else(|| json.to_string(), str::to_owned))
    }
}

impl EventPattern {
    /// Whether it matches the same events as `other`.
    pub fn means(&self, other: &EventPattern) -> bool {
        event_pattern::equivalent(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn encoded_json_is_an_object() {
        let encoded = Template(r#"{"a":"\u003c$.detail.id\u003e"}"#.to_owned());
        assert_eq!(encoded.to_json(), json!({"a": "<$.detail.id>"}));
        assert_eq!(Template("7".to_owned()).to_json(), json!("7"));
        let plain = Value::from(r#"{ "a": "<$.detail.id>" }"#);
        assert!(Template::same(&encoded.to_value(), &plain));
        assert!(!Template::same(&"a".into(), &"b".into()));
    }

    #[test]
    fn documents_are_compared_by_meaning() {
        assert!(Document::same(&r#"{"a": 1}"#.into(), &"{\"a\":1}".into()));
        assert!(!Document::same(&"{".into(), &"{".into()), "what is no JSON is compared as text elsewhere");
    }
}
