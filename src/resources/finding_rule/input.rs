//! `input`: what a target is sent, in place of the whole event.
//!
//! How a template is rendered, `template` knows.

use aws_sdk_eventbridge::types as api;
use serde_json::Value as Json;
use tfplugin::schema::invalid;
use tfplugin::{Diagnostic, Known, Model, View, validate};

use super::document::{Document, Template};
use super::kind::Kind;
use super::placeholder::path_problem;
use super::target::Target;
use super::template::{self, Transformer};

/// What is sent: just one of these.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Input {
    /// The same JSON for each finding.
    #[attr(validate = fits)]
    pub json: Option<Document>,
    /// A part of the event, such as `$.detail`.
    #[attr(validate = |path: &String| path_problem(path))]
    pub path: Option<String>,
    /// Text with values of the event in it, as in `<$.detail.title>: severity <$.detail.severity>`, or
    /// `jsonencode` of an object or a list, in which a string that is only `<$.detail.severity>` keeps the type of the
    /// value. Also EventBridge's own `<aws.events.rule-name>`, `<aws.events.event>` and so on.
    ///
    /// Text is sent as a JSON string, which is all that EventBridge takes: an e-mail of SNS shows its quotes. A log group
    /// gets it as the message of an entry, and of objects only `{ timestamp = ..., message = ... }`.
    pub template: Option<Template>,
}

fn fits(json: &Document) -> Result<(), String> {
    validate::length(1..=8_192)(&json.0)
}

impl Input {
    fn transformer(template: &Template, arn: &str) -> Result<Transformer, String> {
        let template = template.to_json();
        match Kind::of(arn) {
            Ok((Kind::LogGroup, _)) => Transformer::render_for_log_group(&template),
            _ => Transformer::render(&template),
        }
    }

    /// `target`, whose ARN is `arn`, with this to be sent.
    ///
    /// # Errors
    /// What is wrong with the template.
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

    /// What `target` is sent, in the words of `own` where they mean the same; `None` for the whole event.
    pub fn from_api(target: &api::Target, own: Option<&Target>) -> Option<Self> {
        let template = target.input_transformer.as_ref().map(|found| {
            let paths = found.input_paths_map.iter().flatten().map(|(name, path)| (name.clone(), path.clone()));
            let found = Transformer { paths: paths.collect(), template: found.input_template.clone() };
            let written = found.unrender();
            let written =
                if target.arn.contains(":log-group:") { template::message_of_entry(written) } else { written };
            let own = own.and_then(|own| Some((own.input.as_ref()?.template.as_ref()?, &own.arn)));
            let same = own.filter(|(own, arn)| Self::transformer(own, arn).as_ref() == Ok(&found));
            same.map_or_else(|| Template::from_json(&written), |(own, _)| own.clone())
        });
        let json = target.input.clone().map(Document);
        let is_set = json.is_some() || target.input_path.is_some() || template.is_some();
        is_set.then(|| Input { json, path: target.input_path.clone(), template })
    }

    /// What is wrong, beyond its single attributes, with what the target with this ARN is sent.
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
        let mut texts = Vec::new();
        collect_texts(&template.to_json(), &mut texts);
        for near in texts.iter().filter_map(|text| near_placeholder(text)) {
            let warning = Diagnostic::warning(format!("<{near}> is only text")).at(input.path(Self::TEMPLATE));
            diagnostics.push(warning.detail(format!("A value of the event is written <$.{near}>.")));
        }
        diagnostics
    }
}

fn collect_texts(json: &Json, texts: &mut Vec<String>) {
    match json {
        Json::String(text) => texts.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Json::Object(entries) => entries.values().for_each(|item| collect_texts(item, texts)),
        _ => {}
    }
}

/// What looks like a placeholder whose `$.` was forgotten: `detail.type` of `<detail.type>`.
fn near_placeholder(text: &str) -> Option<String> {
    let names = text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(name, _)| name);
    let fields = ["account", "detail", "detail-type", "id", "region", "resources", "source", "time"];
    let near = |name: &&str| fields.contains(&name.split('.').next().unwrap_or_default());
    let mut names = names.filter(near);
    names.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgotten_dollars_are_seen() {
        assert_eq!(near_placeholder("see <detail.type>").as_deref(), Some("detail.type"));
        assert_eq!(near_placeholder("see <$.detail.type> or <b>"), None);
    }
}
