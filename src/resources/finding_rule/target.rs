//! `targets`: where findings go, in which form, and what happens if they can't be delivered.
//!
//! It doesn't know what lets a rule in: `grants` does.

use aws_sdk_eventbridge::types as api;
use serde_json::Value as Json;
use tfplugin::schema::invalid;
use tfplugin::{Diagnostic, Known, Model, Path, View, validate};

use super::document::{Document, Template};
use super::template::{self, Transformer, path_problem};
use crate::aws::arn::Arn;

/// What EventBridge does where a target says nothing: attempts, and seconds.
const ATTEMPTS_DEFAULT: i64 = 185;
const AGE_DEFAULT_SECONDS: i64 = 86_400;

/// Where findings go.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Target {
    /// ARN of an SNS topic, an SQS queue, a Lambda function, a Step Functions state machine, an event bus or a
    /// CloudWatch Logs log group. All but event buses are in the rule's region.
    pub arn: String,
    /// What is sent. By default the whole event.
    pub input: Option<Input>,
    /// How often, and how long, delivery is tried.
    pub retry: Option<Retry>,
    /// ARN of a standard SQS queue in the rule's region that gets what can't be delivered.
    #[attr(validate = validate::arn("sqs"), validate = |arn: &String| standard_queue(arn))]
    pub dead_letter_arn: Option<String>,
    /// ARN of the role with which the target is called. By default a state machine, an event bus and a target of another
    /// account get a role that this resource makes; the others need none.
    #[attr(validate = validate::arn("iam"))]
    pub role_arn: Option<String>,
    /// Message group of an SQS queue. A FIFO queue needs one, and content-based deduplication.
    #[attr(validate = validate::length(1..=128))]
    pub message_group_id: Option<String>,
}

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

/// How often, and how long, delivery is tried.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Retry {
    /// Attempts after the first, 0 to 185. By default 185.
    #[attr(validate = validate::range(0..=185))]
    pub maximum_attempts: Option<i64>,
    /// Age in seconds at which the event is given up, 60 to 86400. By default 86400, a day.
    #[attr(validate = validate::range(60..=86_400))]
    pub maximum_age_seconds: Option<i64>,
}

/// What a target is, by its ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Topic,
    Queue,
    Function,
    StateMachine,
    Bus,
    LogGroup,
}

const FORMS: [(Kind, &str, &str, &str); 6] = [
    (Kind::Topic, "sns", "", "SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)"),
    (Kind::Queue, "sqs", "", "SQS queue (arn:aws:sqs:REGION:ACCOUNT:NAME)"),
    (Kind::Function, "lambda", "function:", "Lambda function (arn:aws:lambda:REGION:ACCOUNT:function:NAME)"),
    (Kind::StateMachine, "states", "stateMachine:", "state machine (arn:aws:states:REGION:ACCOUNT:stateMachine:NAME)"),
    (Kind::Bus, "events", "event-bus/", "event bus (arn:aws:events:REGION:ACCOUNT:event-bus/NAME)"),
    (Kind::LogGroup, "logs", "log-group:", "log group (arn:aws:logs:REGION:ACCOUNT:log-group:NAME)"),
];

impl Kind {
    /// What `arn` is.
    ///
    /// # Errors
    /// That it can't be a target, and what can.
    pub fn of(arn: &str) -> Result<(Self, Arn<'_>), String> {
        let parsed = Arn::parse(arn).filter(|arn| !arn.region.is_empty() && !arn.account.is_empty());
        let is_of = |form: &(Kind, &str, &str, &str), arn: &Arn| {
            let resource = arn.resource.strip_prefix(form.2);
            form.1 == arn.service && resource.is_some_and(|name| !name.is_empty() && is_name(form.0, name))
        };
        let found = parsed.and_then(|parsed| Some((FORMS.iter().find(|form| is_of(form, &parsed))?.0, parsed)));
        found.ok_or_else(|| {
            let allowed: Vec<_> = FORMS.iter().map(|form| form.3).collect();
            format!("{arn:?} can't be a target. Allowed is the ARN of an {}.", allowed.join(", "))
        })
    }
}

/// A topic's subscription and the like have a colon more.
fn is_name(kind: Kind, name: &str) -> bool {
    !matches!(kind, Kind::Topic | Kind::Queue) || !name.contains(':')
}

fn standard_queue(arn: &str) -> Result<(), String> {
    let is_fifo = arn.ends_with(".fifo");
    (!is_fifo).then_some(()).ok_or_else(|| "A dead-letter queue must be a standard queue, not a FIFO one.".to_owned())
}

fn fits(json: &Document) -> Result<(), String> {
    validate::length(1..=8_192)(&json.0)
}

impl Target {
    /// The ARN as EventBridge has it: that of a log group without `:*` at its end.
    pub fn plain_arn(&self) -> &str {
        plain_arn(&self.arn)
    }

    /// Whether the rule needs a role to call it: for AWS's own reasons, or since it is another account's.
    pub fn needs_role(&self, account: &str) -> bool {
        Kind::of(&self.arn).is_ok_and(|(kind, arn)| {
            matches!(kind, Kind::StateMachine | Kind::Bus) || (arn.account != account && kind != Kind::LogGroup)
        })
    }

    /// As PutTargets takes it. `managed_role` is the ARN of our own role, if there is one.
    ///
    /// # Errors
    /// What is wrong with its template.
    pub fn to_api(&self, id: &str, account: &str, managed_role: Option<&str>) -> Result<api::Target, String> {
        let managed_role = managed_role.filter(|_| self.needs_role(account)).map(str::to_owned);
        let retry = self.retry.as_ref().map(|retry| {
            api::RetryPolicy::builder()
                .set_maximum_retry_attempts(retry.maximum_attempts.map(|attempts| attempts as i32))
                .set_maximum_event_age_in_seconds(retry.maximum_age_seconds.map(|seconds| seconds as i32))
                .build()
        });
        let queue = |arn: &String| api::DeadLetterConfig::builder().arn(arn).build();
        let group = |id: &String| api::SqsParameters::builder().message_group_id(id).build();
        let target = api::Target::builder()
            .id(id)
            .arn(self.plain_arn())
            .set_role_arn(self.role_arn.clone().or(managed_role))
            .set_retry_policy(retry)
            .set_dead_letter_config(self.dead_letter_arn.as_ref().map(queue))
            .set_sqs_parameters(self.message_group_id.as_ref().map(group));
        let target = match &self.input {
            Some(input) => input.add_to(target, &self.arn)?,
            None => target,
        };
        target.build().map_err(|error| error.to_string())
    }

    /// A target as it is, in the words of `own` where they mean the same.
    pub fn from_api(found: &api::Target, managed_role: &str, own: Option<&Target>) -> Self {
        let same_arn = own.filter(|own| own.plain_arn() == found.arn);
        Target {
            arn: same_arn.map_or(&found.arn, |own| &own.arn).clone(),
            input: Input::from_api(found, own),
            retry: Retry::from_api(found.retry_policy.as_ref(), own.and_then(|own| own.retry.as_ref())),
            dead_letter_arn: found.dead_letter_config.as_ref().and_then(|config| config.arn.clone()),
            role_arn: found
                .role_arn
                .clone()
                .filter(|role| role != managed_role || own.is_some_and(|own| own.role_arn.is_some())),
            message_group_id: found.sqs_parameters.as_ref().and_then(|parameters| parameters.message_group_id.clone()),
        }
    }
}

pub fn plain_arn(arn: &str) -> &str {
    if arn.contains(":log-group:") { arn.strip_suffix(":*").unwrap_or(arn) } else { arn }
}

impl Input {
    fn transformer(template: &Template, arn: &str) -> Result<Transformer, String> {
        let template = template.to_json();
        match Kind::of(arn) {
            Ok((Kind::LogGroup, _)) => Transformer::render_for_log_group(&template),
            _ => Transformer::render(&template),
        }
    }

    fn add_to(&self, target: api::builders::TargetBuilder, arn: &str) -> Result<api::builders::TargetBuilder, String> {
        let target = target.set_input(self.json.as_ref().map(|json| json.0.clone())).set_input_path(self.path.clone());
        let Some(template) = &self.template else { return Ok(target) };
        let Transformer { paths, template } = Self::transformer(template, arn)?;
        let paths = (!paths.is_empty()).then(|| paths.into_iter().collect());
        let transformer = api::InputTransformer::builder().set_input_paths_map(paths).input_template(template).build();
        Ok(target.input_transformer(transformer.map_err(|error| error.to_string())?))
    }

    fn from_api(target: &api::Target, own: Option<&Target>) -> Option<Self> {
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
}

impl Retry {
    fn from_api(found: Option<&api::RetryPolicy>, own: Option<&Retry>) -> Option<Self> {
        let found = found?;
        let told = |found: Option<i32>, default: i64, own: Option<Option<i64>>| {
            // A default that was left out stays left out.
            found.map(i64::from).filter(|found| *found != default || own != Some(None))
        };
        Some(Retry {
            maximum_attempts: told(found.maximum_retry_attempts, ATTEMPTS_DEFAULT, own.map(|own| own.maximum_attempts)),
            maximum_age_seconds: told(
                found.maximum_event_age_in_seconds,
                AGE_DEFAULT_SECONDS,
                own.map(|own| own.maximum_age_seconds),
            ),
        })
    }
}

/// What is wrong with a target, beyond its single attributes; `is_unmanaged` if no permission is made for it.
pub fn check(id: &str, target: &View<Target>, is_unmanaged: bool) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    if id.is_empty() || id.chars().count() > 64 || !id.chars().all(is_letter) {
        let problem = format!("{id:?} is no target id: it has 1 to 64 letters, digits, `.`, `-` and `_`.");
        diagnostics.push(invalid(target.location(), &problem));
    }
    if let Some(input) = target.child(Target::INPUT) {
        diagnostics.extend(check_input(&input, target.get(Target::ARN).known().as_deref()));
    }
    let Some(arn) = target.get(Target::ARN).known() else { return diagnostics };
    match Kind::of(&arn) {
        Ok((kind, parsed)) => diagnostics.extend(check_kind(target, kind, &parsed, is_unmanaged)),
        Err(problem) => diagnostics.push(invalid(&target.path(Target::ARN), &problem)),
    }
    diagnostics
}

fn check_kind(target: &View<Target>, kind: Kind, arn: &Arn, is_unmanaged: bool) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut refuse = |path: Path, problem: &str| diagnostics.push(invalid(&path, problem));
    let is_fifo = arn.resource.ends_with(".fifo");
    if kind == Kind::Topic && is_fifo {
        refuse(target.path(Target::ARN), "EventBridge delivers to standard topics, not to FIFO ones.");
    }
    let group = target.get(Target::MESSAGE_GROUP_ID);
    if kind == Kind::Queue && is_fifo && group.is_null() {
        refuse(target.path(Target::MESSAGE_GROUP_ID), "A FIFO queue needs a message group.");
    }
    if kind != Kind::Queue && !group.is_null() {
        refuse(target.path(Target::MESSAGE_GROUP_ID), "Only an SQS queue has message groups.");
    }
    if is_unmanaged && matches!(kind, Kind::StateMachine | Kind::Bus) && target.get(Target::ROLE_ARN).is_null() {
        refuse(target.path(Target::ROLE_ARN), "It needs a role, and with `manage_permissions = false` gets none.");
    }
    if kind == Kind::LogGroup && !target.get(Target::ROLE_ARN).is_null() {
        refuse(target.path(Target::ROLE_ARN), "EventBridge takes no role for a log group.");
    }
    diagnostics
}

fn check_input(input: &View<Input>, arn: Option<&str>) -> Vec<Diagnostic> {
    let values = [input.value(Input::JSON), input.value(Input::PATH), input.value(Input::TEMPLATE)];
    if values.iter().filter(|value| !value.is_null()).count() != 1 {
        let problem = "Set just one of `json`, `path` and `template`.";
        return vec![invalid(input.location(), problem)];
    }
    let Known::Known(template) = input.get(Input::TEMPLATE) else { return Vec::new() };
    let problem = Input::transformer(&template, arn.unwrap_or_default()).err();
    let mut diagnostics: Vec<_> =
        problem.map(|problem| invalid(&input.path(Input::TEMPLATE), &problem)).into_iter().collect();
    let mut texts = Vec::new();
    collect_texts(&template.to_json(), &mut texts);
    for near in texts.iter().filter_map(|text| near_placeholder(text)) {
        let warning = Diagnostic::warning(format!("<{near}> is only text")).at(input.path(Input::TEMPLATE));
        diagnostics.push(warning.detail(format!("A value of the event is written <$.{near}>.")));
    }
    diagnostics
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
    use serde_json::json;

    use super::*;

    fn target(arn: &str) -> Target {
        Target {
            arn: arn.to_owned(),
            input: None,
            retry: None,
            dead_letter_arn: None,
            role_arn: None,
            message_group_id: None,
        }
    }

    #[test]
    fn the_arn_says_what_a_target_is() {
        let kind = |resource: &str| Kind::of(&format!("arn:aws:{resource}")).map(|(kind, _)| kind);
        assert_eq!(kind("sns:us-east-1:111122223333:alerts"), Ok(Kind::Topic));
        assert_eq!(kind("sqs:us-east-1:111122223333:q.fifo"), Ok(Kind::Queue));
        assert_eq!(kind("lambda:us-east-1:111122223333:function:f:live"), Ok(Kind::Function));
        assert_eq!(kind("states:us-east-1:111122223333:stateMachine:stop"), Ok(Kind::StateMachine));
        assert_eq!(kind("events:us-east-1:111122223333:event-bus/security"), Ok(Kind::Bus));
        assert_eq!(kind("logs:us-east-1:111122223333:log-group:/a/b:*"), Ok(Kind::LogGroup));
        for wrong in [
            "sns:us-east-1:111122223333:alerts:1c2d",
            "s3:::bucket",
            "states:us-east-1:111122223333:execution:stop:1",
            "events:us-east-1:111122223333:rule/r",
            "lambda:us-east-1:111122223333:layer:l",
        ] {
            assert!(kind(wrong).unwrap_err().contains("Allowed is the ARN of an SNS topic"), "{wrong}");
        }
    }

    #[test]
    fn what_was_sent_is_read_back() {
        let role = "arn:aws:iam::111122223333:role/alert";
        let mut whole = target("arn:aws:states:us-east-1:111122223333:stateMachine:stop");
        whole.input = Some(Input {
            json: None,
            path: None,
            template: Some(Template::from_json(&json!({"id": "<$.detail.id>", "n": 1}))),
        });
        whole.retry = Some(Retry { maximum_attempts: Some(3), maximum_age_seconds: None });
        whole.dead_letter_arn = Some("arn:aws:sqs:us-east-1:111122223333:dead".into());
        let sent = whole.to_api("t", "111122223333", Some(role)).unwrap();
        assert_eq!(sent.role_arn(), Some(role));
        assert_eq!(Target::from_api(&sent, role, Some(&whole)), whole);
        let imported = Target::from_api(&sent, role, None);
        assert_eq!(imported, whole, "an import finds the same");

        let group = target("arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/x:*");
        let sent = group.to_api("t", "111122223333", Some(role)).unwrap();
        assert_eq!(
            (sent.arn(), sent.role_arn()),
            ("arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/x", None)
        );
        assert_eq!(Target::from_api(&sent, role, Some(&group)), group);
    }

    #[test]
    fn forgotten_dollars_are_seen() {
        assert_eq!(near_placeholder("see <detail.type>").as_deref(), Some("detail.type"));
        assert_eq!(near_placeholder("see <$.detail.type> or <b>"), None);
    }
}
