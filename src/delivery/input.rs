//! `input`: the data that a target receives instead of the whole event.
//!
//! `template` knows how a template is rendered.

use aws_sdk_eventbridge::types as api;
use tfplugin::schema::invalid;
use tfplugin::{Diagnostic, Known, Model, View, validate};

use super::document::{Document, Template, Written};
use super::kind::Kind;
use super::placeholder::path_problem;
use super::target::Target;
use super::template::{self, Transformer};

/// Data that a target receives. Exactly one attribute must be set.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Input {
    /// Constant JSON, the same for each finding.
    #[attr(absent = empty, validate = fits)]
    pub json: Option<Document>,
    /// JSONPath of the part of the event to send, such as `$.detail`.
    #[attr(absent = empty, validate = |path: &String| path_problem(path))]
    pub path: Option<String>,
    /// Text, or a JSON object or array, with placeholders for values of the event, such as `<$.detail.title>: severity
    /// <$.detail.severity>`. The placeholders that EventBridge predefines (`<aws.events.rule-name>`,
    /// `<aws.events.event>` and so on) are supported too.
    ///
    /// - Write JSON with bare placeholders, as in `{"severity": <$.detail.severity>}`, or with `jsonencode`. A string
    ///   that consists of a single placeholder is sent with the type of the value. To send the value as a string, write
    ///   `<tostring($.detail.severity)>`.
    /// - Text is sent as a JSON string, which is the only form of text that EventBridge accepts. SNS emails therefore
    ///   show its quotes. If a text has several lines, topics and queues receive each line as a separate string, and
    ///   other targets receive a single string. Text that is already quoted, as hashicorp/aws requires, means the same
    ///   as text without quotes.
    /// - EventBridge does not escape values inside longer strings. A quote in a finding's title then results in JSON
    ///   that the receiver cannot parse. A string that consists of a single placeholder does not have this problem.
    /// - A log group receives text as the message of a log entry. Objects must have the form `{ timestamp = ...,
    ///   message = ... }`.
    ///
    /// An import reads the template back. Later applies keep it as it was found until its meaning changes.
    #[attr(absent = empty)]
    pub template: Option<Template>,
}

fn fits(json: &Document) -> Result<(), String> {
    validate::length(1..=8_192)(&json.0)
}

impl Input {
    fn transformer(template: &Template, arn: &str) -> Result<Transformer, String> {
        let kind = Kind::of(arn).map(|(kind, _)| kind);
        match (template.written(), kind) {
            (_, Ok(Kind::LogGroup)) => Transformer::render_for_log_group(&template.to_json()),
            (Written::Lines(lines), Ok(Kind::Topic | Kind::Queue) | Err(_)) if lines.len() > 1 => {
                Transformer::render_lines(&lines)
            }
            _ => Transformer::render(&template.to_json()),
        }
    }

    /// Returns `target`, whose ARN is `arn`, with this input.
    ///
    /// # Errors
    /// The problem with the template.
    pub fn add_to(
        &self,
        target: api::builders::TargetBuilder,
        arn: &str,
    ) -> Result<api::builders::TargetBuilder, String> {
        let target = target.set_input(self.json.as_ref().map(|json| json.0.clone())).set_input_path(self.path.clone());
        let Some(template) = &self.template else { return Ok(target) };
        let Transformer { paths, template } = Self::transformer(template, arn)?;
        let paths = (!paths.is_empty()).then(|| paths.into_iter().collect());
        let transformer = api::InputTransformer::builder().set_input_paths_map(paths).input_template(template).build();
        Ok(target.input_transformer(transformer.map_err(|error| error.to_string())?))
    }

    /// Reads the input of `target`, in the words of `own` where they mean the same. Returns `None` if the target
    /// receives the whole event.
    pub fn from_api(target: &api::Target, own: Option<&Target>) -> Option<Self> {
        let template = target.input_transformer.as_ref().map(|found| {
            let found = found_transformer(found);
            let written = found.unrender();
            let written =
                if target.arn.contains(":log-group:") { template::message_of_entry(written) } else { written };
            let own = own.and_then(|own| Some((own.input.as_ref()?.template.as_ref()?, &own.arn)));
            let same = own.filter(|(own, arn)| Self::transformer(own, arn).is_ok_and(|own| own.means(&found)));
            same.map_or(written, |(own, _)| own.clone())
        });
        let json = target.input.clone().map(Document);
        let is_set = json.is_some() || target.input_path.is_some() || template.is_some();
        is_set.then(|| Input { json, path: target.input_path.clone(), template })
    }

    /// Checks the rules that involve several attributes of the input of the target with this ARN.
    pub fn check(input: &View<Self>, arn: Option<&str>) -> Vec<Diagnostic> {
        if let Some(fault) =
            validate::exactly_one_of(input, &[Self::JSON.any(), Self::PATH.any(), Self::TEMPLATE.any()])
        {
            return vec![fault];
        }
        let Known::Known(template) = input.get(Self::TEMPLATE) else { return Vec::new() };
        let problem = Self::transformer(&template, arn.unwrap_or_default()).err();
        let mut diagnostics: Vec<_> =
            problem.map(|problem| invalid(&input.path(Self::TEMPLATE), &problem)).into_iter().collect();
        if let Some(problem) = template.broken_json() {
            let warning = Diagnostic::warning("the template is sent as text").at(input.path(Self::TEMPLATE));
            diagnostics.push(warning.detail(format!("It begins like JSON but is not: {problem}.")));
        }
        diagnostics.extend(unescaped(&template, arn).map(|warning| warning.at(input.path(Self::TEMPLATE))));
        diagnostics
    }

    /// Returns `wanted`, which replaces `found`, with the transformer of `found` if both mean the same.
    pub fn keep_transformer(mut wanted: api::Target, found: Option<&api::Target>) -> api::Target {
        let found = found.and_then(|found| found.input_transformer.as_ref());
        if let Some((own, found)) = wanted.input_transformer.as_ref().zip(found)
            && found_transformer(own).means(&found_transformer(found))
        {
            wanted.input_transformer = Some(found.clone());
        }
        wanted
    }
}

fn found_transformer(found: &api::InputTransformer) -> Transformer {
    let paths = found.input_paths_map.iter().flatten().map(|(name, path)| (name.clone(), path.clone()));
    Transformer { paths: paths.collect(), template: found.input_template.clone() }
}

/// Returns the warning about values that can make JSON unreadable: in strings of an object or an array, and in text for
/// targets that only accept JSON.
fn unescaped(template: &Template, arn: Option<&str>) -> Option<Diagnostic> {
    let takes_only_json = arn
        .and_then(|arn| Kind::of(arn).ok())
        .is_some_and(|(kind, _)| matches!(kind, Kind::Function | Kind::StateMachine | Kind::LogGroup));
    let is_text = matches!(template.written(), Written::Lines(_));
    let paths = if is_text && !takes_only_json { Vec::new() } else { template::free_texts(&template.to_json()) };
    let path = paths.first()?;
    let advice = match is_text {
        true => "Send an object, in which a value is a string of its own",
        false => "Write the value as a string of its own",
    };
    Some(
        Diagnostic::warning(format!("a quote in {path} makes this JSON unreadable"))
            .detail("EventBridge does not escape values that are within a longer string.")
            .detail(format!("{advice}: {{\"value\": <{path}>}}.")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:111122223333:q";
    const MACHINE: &str = "arn:aws:states:us-east-1:111122223333:stateMachine:stop";

    fn sent(template: &str, arn: &str) -> String {
        Input::transformer(&Template(template.to_owned()), arn).unwrap().template
    }

    #[test]
    fn lines_are_sent_as_the_target_takes_them() {
        assert_eq!(sent("one <$.detail.id>\ntwo\n", QUEUE), "\"one <p1>\"\n\"two\"");
        assert_eq!(sent("one <$.detail.id>\ntwo\n", MACHINE), r#""one <p1>\ntwo""#);
        assert_eq!(sent("one\n", QUEUE), "\"one\"");
        assert_eq!(sent("\"<$.detail.title> is\"", QUEUE), "\"<p1> is\"");
        assert_eq!(sent(r#"{"n": <$.detail.severity>}"#, QUEUE), r#"{"n":<p1>}"#);
    }

    #[test]
    fn values_that_may_break_json_are_told() {
        let told = |template: &str, arn: &str| unescaped(&Template(template.to_owned()), Some(arn)).is_some();
        assert!(told(r#"{"text": "see <$.detail.title>"}"#, QUEUE));
        assert!(!told(r#"{"text": "<$.detail.title>"}"#, QUEUE));
        assert!(!told("see <$.detail.title>", QUEUE) && told("see <$.detail.title>", MACHINE));
    }

    #[test]
    fn a_transformer_is_kept_where_it_means_the_same() {
        let target = |template: &str, name: &str| {
            let transformer = api::InputTransformer::builder()
                .input_paths_map(name, "$.detail.severity")
                .input_template(template)
                .build()
                .unwrap();
            api::Target::builder().id("t").arn(QUEUE).input_transformer(transformer).build().unwrap()
        };
        let found = target("{ \"s\": <severity> }", "severity");
        let kept = Input::keep_transformer(target("{\"s\":<p1>}", "p1"), Some(&found));
        assert_eq!(kept.input_transformer, found.input_transformer);
        let other = target("{\"s\":\"<p1>\"}", "p1");
        assert_eq!(Input::keep_transformer(other.clone(), Some(&found)), other, "a text is not a number");
        assert_eq!(Input::keep_transformer(other.clone(), None), other);
    }
}
