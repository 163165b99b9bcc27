//! Templates: text or JSON with `<$.path>` placeholders, converted to EventBridge's input transformer and back.
//!
//! EventBridge expects JSON in which `<name>` stands for a value of the event: bare, which keeps the type of the value,
//! or inside a string. It does not escape the template's own text, so that is done here. `placeholder` knows what a
//! placeholder is. This module does not know any target.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{Template, Written};
use super::placeholder::{PREDEFINED, Piece, enclosed, is_free_text, is_text, pieces};

/// Maximum number of event values in one template.
pub const PATHS_MAX: usize = 100;
/// Maximum length of a template, in characters.
pub const TEMPLATE_MAX: usize = 8_192;

/// The input transformer of EventBridge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transformer {
    /// Paths into the event, by their name in the template.
    pub paths: BTreeMap<String, String>,
    /// JSON, except for bare `<name>` placeholders.
    pub template: String,
}

impl Transformer {
    /// Renders `template`, which is a string, an object or an array.
    ///
    /// # Errors
    /// The problem with the template.
    pub fn render(template: &Json) -> Result<Self, String> {
        if !matches!(template, Json::String(_) | Json::Object(_) | Json::Array(_)) {
            return Err("A template is a string, an object or a list.".to_owned());
        }
        let mut transformer = Transformer::default();
        let text = transformer.value(template)?;
        transformer.template = text;
        transformer.within_limits()
    }

    /// Renders several lines, each as a separate string.
    ///
    /// # Errors
    /// The problem with the lines.
    pub fn render_lines(lines: &[String]) -> Result<Self, String> {
        let mut transformer = Transformer::default();
        let lines: Result<Vec<_>, String> = lines.iter().map(|line| Ok(transformer.quoted(&pieces(line)?))).collect();
        transformer.template = lines?.join("\n");
        transformer.within_limits()
    }

    /// Renders `template` for a log group, which only accepts a timestamp and a message.
    ///
    /// # Errors
    /// The problem with the template.
    pub fn render_for_log_group(template: &Json) -> Result<Self, String> {
        let is_entry = |entries: &serde_json::Map<String, Json>| {
            entries.len() == 2 && entries.contains_key("timestamp") && entries.contains_key("message")
        };
        match template {
            Json::String(_) => {
                let entry = [("timestamp", Json::from("<$.time>")), ("message", template.clone())];
                Self::render(&entry.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }
            Json::Object(entries) if is_entry(entries) => Self::render(template),
            _ => Err("A log group takes a string, or an object of just `timestamp` and `message`.".to_owned()),
        }
    }

    fn within_limits(self) -> Result<Self, String> {
        let length = self.template.chars().count();
        if length > TEMPLATE_MAX {
            return Err(format!("It is rendered to {length} characters; allowed are {TEMPLATE_MAX}."));
        }
        if self.paths.len() > PATHS_MAX {
            return Err(format!("It takes {} values of the event; allowed are {PATHS_MAX}.", self.paths.len()));
        }
        Ok(self)
    }

    fn value(&mut self, value: &Json) -> Result<String, String> {
        match value {
            Json::String(text) => self.text(text),
            Json::Array(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.value(item)).collect();
                Ok(format!("[{}]", items?.join(",")))
            }
            Json::Object(entries) => {
                let entries: Result<Vec<_>, String> = entries
                    .iter()
                    .map(|(key, value)| Ok(format!("{}:{}", key_text(key)?, self.value(value)?)))
                    .collect();
                Ok(format!("{{{}}}", entries?.join(",")))
            }
            plain => Ok(plain.to_string()),
        }
    }

    /// Renders a string. A string that consists of one placeholder is not quoted and keeps the type of the value.
    /// Otherwise the values are inserted into the string.
    fn text(&mut self, text: &str) -> Result<String, String> {
        let pieces = pieces(text)?;
        match pieces[..] {
            [Piece::Placeholder(path)] => Ok(format!("<{}>", self.name(path))),
            [Piece::TextPlaceholder(path)] if is_text(path) => Ok(format!("<{}>", self.name(path))),
            _ => Ok(self.quoted(&pieces)),
        }
    }

    fn quoted(&mut self, pieces: &[Piece<'_>]) -> String {
        let rendered = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => escaped(text),
            Piece::Placeholder(path) | Piece::TextPlaceholder(path) => format!("<{}>", self.name(path)),
        });
        let rendered: String = rendered.collect();
        format!("\"{rendered}\"")
    }

    /// Returns the name of a path: its existing name, or the next one.
    fn name(&mut self, path: &str) -> String {
        if PREDEFINED.contains(&path) {
            return path.to_owned();
        }
        if let Some((name, _)) = self.paths.iter().find(|(_, known)| *known == path) {
            return name.clone();
        }
        let name = format!("p{}", self.paths.len() + 1);
        self.paths.insert(name.clone(), path.to_owned());
        name
    }

    /// Returns a template, as a user would write it, that renders to this transformer or to one with the same meaning.
    pub fn unrender(&self) -> Template {
        let written = self.written(true);
        match serde_json::from_str::<Json>(&written) {
            // A string that would be read as something else without its quotes keeps them.
            Ok(Json::String(text)) => {
                let plain = Template(text);
                let is_same = matches!(plain.written(), Written::Lines(lines) if lines.join("\n") == plain.0);
                if is_same { plain } else { Template(written) }
            }
            Ok(json @ (Json::Object(_) | Json::Array(_))) => Template::from_json(&json),
            _ => Template(self.written(false)),
        }
    }

    /// Returns whether a target receives the same input as with `other`.
    pub fn means(&self, other: &Transformer) -> bool {
        self == other || self.unrender().written() == other.unrender().written()
    }

    /// Returns the template with paths instead of names, and bare placeholders as strings. If `keeps_type`, a
    /// placeholder that is a whole string is marked to stay a string, where that matters.
    fn written(&self, keeps_type: bool) -> String {
        let (mut written, mut rest) = (String::new(), self.template.as_str());
        let (mut is_in_text, mut is_at_start) = (false, false);
        while let Some(letter) = rest.chars().next() {
            if let Some((name, after)) = enclosed(rest).filter(|(name, _)| self.is_name(name)) {
                let path = self.paths.get(name).map_or(name, String::as_str);
                let is_whole = is_at_start && after.starts_with('"');
                written.push_str(&match is_in_text {
                    true if is_whole && keeps_type && !is_text(path) => format!("<tostring({path})>"),
                    true => format!("<{path}>"),
                    false => format!("\"<{path}>\""),
                });
                (rest, is_at_start) = (after, false);
                continue;
            }
            let is_escape = letter == '\\';
            let length =
                if is_escape { 1 + rest[1..].chars().next().map_or(0, char::len_utf8) } else { letter.len_utf8() };
            is_in_text ^= letter == '"';
            is_at_start = is_in_text && letter == '"';
            written.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        written
    }

    fn is_name(&self, name: &str) -> bool {
        self.paths.contains_key(name) || PREDEFINED.contains(&name)
    }
}

/// Returns the message of a log entry with the event's time, which is how a text is rendered for a log group, or
/// otherwise the whole template.
pub fn message_of_entry(template: Template) -> Template {
    let Written::Json(entry) = template.written() else { return template };
    let message = entry["message"].as_str().filter(|_| entry["timestamp"] == "<$.time>");
    let message = message.map(|text| Template(text.to_owned()));
    let is_text =
        |message: &Template| matches!(message.written(), Written::Lines(lines) if lines.join("\n") == message.0);
    message.filter(is_text).unwrap_or(template)
}

/// Returns the paths inside longer strings whose values can contain quotes and line breaks, which EventBridge inserts
/// without escaping.
pub fn free_texts(json: &Json) -> Vec<String> {
    match json {
        Json::String(text) => {
            let pieces = pieces(text).unwrap_or_default();
            let is_whole = matches!(pieces[..], [Piece::Placeholder(_)]);
            let paths = pieces.iter().filter_map(|piece| match piece {
                Piece::Placeholder(path) | Piece::TextPlaceholder(path) => Some((*path).to_owned()),
                Piece::Text(_) => None,
            });
            paths.filter(|path| !is_whole && is_free_text(path)).collect()
        }
        Json::Array(items) => items.iter().flat_map(free_texts).collect(),
        Json::Object(entries) => entries.values().flat_map(free_texts).collect(),
        _ => Vec::new(),
    }
}

fn key_text(key: &str) -> Result<String, String> {
    let is_plain = pieces(key)?.iter().all(|piece| matches!(piece, Piece::Text(_)));
    if !is_plain {
        return Err(format!("The key {key:?} has a placeholder; EventBridge only puts values into values."));
    }
    Ok(format!("\"{}\"", escaped(key)))
}

/// Returns the text escaped for JSON. What EventBridge would treat as a placeholder is escaped too.
fn escaped(text: &str) -> String {
    let json = Json::from(text).to_string();
    let inner = &json[1..json.len() - 1];
    let (mut escaped, mut rest) = (String::new(), inner);
    while let Some(at) = rest.find('<') {
        escaped.push_str(&rest[..at]);
        let is_placeholder = enclosed(&rest[at..]).is_some_and(|(name, _)| !name.is_empty() && !name.contains('<'));
        escaped.push_str(if is_placeholder { "\\u003c" } else { "<" });
        rest = &rest[at + 1..];
    }
    escaped + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(template: &Json) -> (String, Vec<String>) {
        let transformer = Transformer::render(template).unwrap();
        assert_eq!(&transformer.unrender().to_json(), template, "what is read back is what was written");
        (transformer.template, transformer.paths.into_values().collect())
    }

    #[test]
    fn a_text_becomes_a_json_text() {
        let (template, paths) = rendered(&json!("<$.detail.title> \"<$.detail.type>\",\nseverity <$.detail.severity>"));
        assert_eq!(template, r#""<p1> \"<p2>\",\nseverity <p3>""#);
        assert_eq!(paths, ["$.detail.title", "$.detail.type", "$.detail.severity"]);
    }

    #[test]
    fn a_placeholder_alone_keeps_its_type() {
        let template = json!({
            "finding": "<$.detail>", "n": 8, "on": true, "none": null,
            "list": ["<$.detail.severity>", "id <$.detail.id>/<$.detail.severity>"],
            "rule": "<aws.events.rule-name>",
        });
        let (template, paths) = rendered(&template);
        let expected = r#"{"finding":<p1>,"n":8,"on":true,"none":null,"list":[<p2>,"id <p3>/<p2>"],"rule":<aws.events.rule-name>}"#;
        assert_eq!(template, expected);
        assert_eq!(paths, ["$.detail", "$.detail.severity", "$.detail.id"]);
    }

    #[test]
    fn other_angle_brackets_are_only_text() {
        let (template, paths) = rendered(&json!("a <1> is not < c, <https://x|y> <!here> and C:\\<x"));
        assert_eq!(template, r#""a \u003c1> is not < c, \u003chttps://x|y> \u003c!here> and C:\\<x""#);
        assert!(paths.is_empty());
    }

    #[test]
    fn wrong_placeholders_are_refused() {
        let refused = |template: Json| Transformer::render(&template).unwrap_err();
        assert!(refused(json!("<$detail>")).contains("is no path into the event"));
        assert!(refused(json!({"a": "is <severity>"})).contains("Write the path of the field: `<$.detail.severity>`."));
        assert!(refused(json!("<detail.type>")).contains("Write it with its path: `<$.detail.type>`."));
        assert!(refused(json!("<finding>")).contains("such as `<$.detail.severity>`"));
        assert!(refused(json!("<tostring(severity)>")).contains("`<$.detail.severity>`"));
        assert!(refused(json!("<$.detail['type']>")).contains("is no path"));
        assert!(refused(json!("<$..type>")).contains("is no path"));
        assert!(refused(json!("<aws.events.rule>")).contains("it knows `<aws.events.rule-arn>`"));
        assert!(refused(json!({"<$.detail.id>": 1})).contains("has a placeholder"));
        assert!(refused(json!(7)).contains("a string, an object or a list"));
        let many: Vec<_> = (0..101).map(|at| format!("<$.detail.a[{at}]>")).collect();
        assert!(refused(json!(many)).contains("101 values"));
        assert!(refused(json!("x".repeat(8_191))).contains("8193 characters"));
    }

    #[test]
    fn a_log_group_takes_time_and_message() {
        let rendered = Transformer::render_for_log_group(&json!("<$.detail.title>!")).unwrap();
        assert_eq!(rendered.template, r#"{"timestamp":<p1>,"message":"<p2>!"}"#);
        assert_eq!(message_of_entry(rendered.unrender()), Template("<$.detail.title>!".to_owned()));
        let entry = json!({"message": "<$.detail>", "timestamp": "<$.detail.updatedAt>"});
        assert_eq!(Transformer::render_for_log_group(&entry).unwrap().template, r#"{"message":<p1>,"timestamp":<p2>}"#);
        assert!(Transformer::render_for_log_group(&json!({"message": "x"})).is_err());
    }

    #[test]
    fn a_template_of_somebody_else_is_understood() {
        let paths = [("severity", "$.detail.severity"), ("id", "$.detail.id")];
        let transformer = |template: &str| Transformer {
            paths: paths.map(|(name, path)| (name.to_owned(), path.to_owned())).into(),
            template: template.to_owned(),
        };
        let json =
            transformer(r#"{"s": <severity>, "t": "<severity>", "i": "<id>", "text": "\"<id>\" is <bad>"}"#).unrender();
        let expected = json!({
            "s": "<$.detail.severity>", "t": "<tostring($.detail.severity)>", "i": "<$.detail.id>",
            "text": "\"<$.detail.id>\" is <bad>",
        });
        assert_eq!(json.to_json(), expected);
        assert_eq!(transformer("plain <id>").unrender().0, "plain \"<$.detail.id>\"");
        assert_eq!(
            transformer("\"one <id>\"\n\"<severity>\"\n").unrender().0,
            "\"one <$.detail.id>\"\n\"<$.detail.severity>\"\n"
        );
        let quoted = transformer(r#""{\"a\": <severity>}""#);
        assert_eq!(quoted.unrender().0, r#""{\"a\": <$.detail.severity>}""#, "without quotes it would be JSON");
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        let found = |name: &str, template: &str| Transformer {
            paths: [(name.to_owned(), "$.detail.title".to_owned())].into(),
            template: template.to_owned(),
        };
        let rendered = Transformer::render(&json!({"title": "<$.detail.title>"})).unwrap();
        assert!(rendered.means(&found("t", "{ \"title\" : \"<t>\" }")));
        assert!(!rendered.means(&found("t", "{ \"title\" : \"<t>!\" }")));
        let lines = Transformer::render_lines(&["a <$.detail.title>".to_owned(), "b".to_owned()]).unwrap();
        assert_eq!(lines.template, "\"a <p1>\"\n\"b\"");
        assert!(lines.means(&found("t", "\"a <t>\"\n\n  \"b\"\n")));
        assert!(!lines.means(&found("t", "\"a <t> b\"")));
    }

    #[test]
    fn a_value_may_be_asked_for_as_a_text() {
        let (template, _) = rendered(&json!({"s": "<tostring($.detail.severity)>", "n": "<$.detail.severity>"}));
        assert_eq!(template, r#"{"s":"<p1>","n":<p1>}"#);
        let title = Transformer::render(&json!({"t": "<tostring($.detail.title)>"})).unwrap();
        assert_eq!(title.template, r#"{"t":<p1>}"#, "a text without quotes around it may have quotes in it");
    }

    #[test]
    fn values_that_may_break_a_text_are_found() {
        let json = json!({"a": "<$.detail.title>", "b": ["see <$.detail.title>, <$.detail.type>"]});
        assert_eq!(free_texts(&json), ["$.detail.title"]);
    }
}
