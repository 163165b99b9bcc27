//! JSON in a string attribute, compared by meaning.

use serde_json::Value as Json;
use tfplugin::schema::{Shape, invalid};
use tfplugin::{Data, Diagnostic, Path, Result, Type, Value};

use super::placeholder::bare;
use crate::findings::event_pattern::{self, CHARACTERS_DEFAULT_QUOTA};
use crate::findings::finding_pattern::doubts;

/// A JSON document, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(pub String);

/// An EventBridge event pattern, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPattern(pub String);

/// The input of a target, with `<$.path>` placeholders, as written: text, or a JSON object or array.
///
/// It is a string and not a dynamic value, because the CLIs require the same type for it in all targets of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub String);

/// The content of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// A JSON object or array. A bare placeholder is a string that consists of the placeholder.
    Json(Json),
    /// Lines of text, at least one.
    Lines(Vec<String>),
}

fn text(value: &Value, path: &Path) -> Result<String> {
    String::from_value(value, path)
}

impl Data for Document {
    const IS_EMPTY: Option<fn(&Value) -> bool> = String::IS_EMPTY;

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
    const IS_EMPTY: Option<fn(&Value) -> bool> = String::IS_EMPTY;

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
            Ok(_) => {
                diagnostics.extend(long(text, path));
                let doubt =
                    |(summary, detail): (String, String)| Diagnostic::warning(summary).at(path.clone()).detail(detail);
                diagnostics.extend(doubts(text).into_iter().map(doubt));
            }
        }
    }

    fn same(one: &Value, other: &Value) -> bool {
        one.as_str().zip(other.as_str()).is_some_and(|(one, other)| event_pattern::equivalent(one, other))
    }
}

/// Returns the warning about a pattern that exceeds the default quota of an account.
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
    const IS_EMPTY: Option<fn(&Value) -> bool> = String::IS_EMPTY;

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
        let read = |value: &Value| Some(Template(value.as_str()?.to_owned()).written());
        one == other || read(one).is_some_and(|one| read(other) == Some(one))
    }
}

impl Template {
    /// Returns the content: the object or array, or otherwise lines, without the quotes that each may have.
    pub fn written(&self) -> Written {
        match self.json() {
            Some(Ok(json)) => Written::Json(json),
            Some(Err(_)) | None => Written::Lines(lines(&self.0)),
        }
    }

    /// Returns why the text is not the JSON that its first character suggests. Returns `None` if it is, or if it does
    /// not look like JSON.
    pub fn broken_json(&self) -> Option<String> {
        let is_object = self.0.trim_start().starts_with('{');
        self.json().filter(|_| is_object)?.err().map(|error| error.to_string())
    }

    /// Parses the object or array that the text looks like.
    fn json(&self) -> Option<serde_json::Result<Json>> {
        let is_json = self.0.trim_start().starts_with(['{', '[']);
        is_json.then(|| serde_json::from_str(&with_quoted_placeholders(&self.0)))
    }

    /// Returns the content as a single value.
    pub fn to_json(&self) -> Json {
        match self.written() {
            Written::Json(json) => json,
            Written::Lines(lines) => lines.join("\n").into(),
        }
    }

    /// Returns the template for a JSON value.
    pub fn from_json(json: &Json) -> Self {
        Template(json.as_str().map_or_else(|| json.to_string(), str::to_owned))
    }
}

/// Returns JSON in which placeholders for values are strings.
fn with_quoted_placeholders(text: &str) -> String {
    let (mut quoted, mut rest, mut is_in_text) = (String::new(), text, false);
    while let Some(letter) = rest.chars().next() {
        if let Some((name, after)) = bare(rest).filter(|_| !is_in_text) {
            quoted.push_str(&format!("\"<{name}>\""));
            rest = after;
            continue;
        }
        let escaped = rest[letter.len_utf8()..].chars().next().filter(|_| is_in_text && letter == '\\');
        let length = letter.len_utf8() + escaped.map_or(0, char::len_utf8);
        is_in_text ^= letter == '"';
        quoted.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    quoted
}

/// Returns the lines of a text. If every line is quoted, as hashicorp/aws requires, the quotes are removed, and empty
/// lines are ignored.
fn lines(text: &str) -> Vec<String> {
    let plain = || text.trim_end_matches(['\n', '\r']).split('\n').map(|line| line.trim_end_matches('\r').to_owned());
    let filled = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let unquoted: Option<Vec<String>> = filled.map(|line| serde_json::from_str(line).ok()).collect();
    unquoted.filter(|lines| !lines.is_empty()).unwrap_or_else(|| plain().collect())
}

impl EventPattern {
    /// Returns whether the pattern matches the same events as `other`.
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
        assert_eq!(Template("7".to_owned()).written(), Written::Lines(vec!["7".to_owned()]));
    }

    #[test]
    fn json_may_have_bare_placeholders() {
        let written =
            Template(r#" {"n": <$.detail.severity>, "l": [<$.a>, "<$.b> \"<$.c>"], "s": "a <b"} "#.to_owned());
        let json = json!({"n": "<$.detail.severity>", "l": ["<$.a>", "<$.b> \"<$.c>"], "s": "a <b"});
        assert_eq!(written.written(), Written::Json(json));
        let broken = Template(r#"{"n": <$.detail.severity>,}"#.to_owned());
        assert!(broken.broken_json().is_some());
        assert_eq!(Template("[SAMPLE] a {b}".to_owned()).broken_json(), None);
        assert_eq!(Template("[SAMPLE] a".to_owned()).written(), Written::Lines(vec!["[SAMPLE] a".to_owned()]));
    }

    #[test]
    fn lines_may_be_in_quotes_already() {
        let lines = |text: &str| Template(text.to_owned()).written();
        let two = Written::Lines(vec!["a \"b\"".to_owned(), "<$.c>".to_owned()]);
        assert_eq!(lines("\"a \\\"b\\\"\"\n\n  \"<$.c>\"\n"), two);
        assert_eq!(lines("a \"b\"\r\n<$.c>\n"), two);
        assert!(Template::same(&"\"one\"".into(), &"one\n".into()));
        let half = Written::Lines(vec!["\"a\"".to_owned(), String::new(), "b".to_owned()]);
        assert_eq!(lines("\"a\"\n\nb"), half, "where not each line is in quotes, they are of the text");
    }

    #[test]
    fn documents_are_compared_by_meaning() {
        assert!(Document::same(&r#"{"a": 1}"#.into(), &"{\"a\":1}".into()));
        assert!(!Document::same(&"{".into(), &"{".into()), "what is no JSON is compared as text elsewhere");
    }
}
