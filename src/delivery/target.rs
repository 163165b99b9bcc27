//! `targets`: where findings are sent, and what happens if they cannot be delivered.
//!
//! `input` knows what is sent, `kind` which ARNs are valid, `grants` the permissions of a rule.

use aws_sdk_eventbridge::types as api;
use tfplugin::schema::invalid;
use tfplugin::{Diagnostic, Model, Path, View, validate};

use super::input::Input;
use super::kind::{Kind, plain_arn};
use crate::aws::arn::{self, Arn};

/// Defaults of EventBridge: number of retries, and age in seconds.
const ATTEMPTS_DEFAULT: i64 = 185;
const AGE_DEFAULT_SECONDS: i64 = 86_400;

/// Target that receives findings.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Target {
    /// ARN of an SNS topic, SQS queue, Lambda function, Step Functions state machine, event bus or CloudWatch Logs log
    /// group. All targets except event buses must be in the region of the rule.
    pub arn: String,
    /// Data to send instead of the whole event. Exactly one of `json`, `path` and `template` must be set. Default: the
    /// whole event.
    pub input: Option<Input>,
    /// Retry policy for the delivery.
    #[attr(absent = empty)]
    pub retry: Option<Retry>,
    /// ARN of the dead-letter queue for events that cannot be delivered. It must be a standard SQS queue in the region
    /// of the rule.
    #[attr(absent = empty, validate = arn::of("sqs"), validate = |arn: &String| standard_queue(arn))]
    pub dead_letter_arn: Option<String>,
    /// ARN of the IAM role that EventBridge assumes to call the target. Default: for state machines, event buses and
    /// targets in other accounts, a role that this resource creates. Other targets need no role.
    #[attr(absent = empty, validate = arn::of_role)]
    pub role_arn: Option<String>,
    /// Message group of an SQS queue. A FIFO queue requires a message group and content-based deduplication.
    #[attr(absent = empty, validate = validate::length(1..=128))]
    pub message_group_id: Option<String>,
}

/// Retry policy for the delivery.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Retry {
    /// Maximum number of retries, from 0 to 185. Default: 185.
    #[attr(validate = validate::range(0..=185))]
    pub maximum_attempts: Option<i64>,
    /// Maximum age of an event in seconds, from 60 to 86400. Older events are not retried. Default: 86400 (one day).
    #[attr(validate = validate::range(60..=86_400))]
    pub maximum_age_seconds: Option<i64>,
}

fn standard_queue(arn: &str) -> Result<(), String> {
    let is_fifo = arn.ends_with(".fifo");
    (!is_fifo).then_some(()).ok_or_else(|| "A dead-letter queue must be a standard queue, not a FIFO one.".to_owned())
}

impl Target {
    /// Returns the ARN as EventBridge stores it: for a log group, without the trailing `:*`.
    pub fn plain_arn(&self) -> &str {
        plain_arn(&self.arn)
    }

    /// Returns whether the target receives a template.
    pub fn has_template(&self) -> bool {
        self.input.as_ref().is_some_and(|input| input.template.is_some())
    }

    /// Returns whether the rule needs a role to call the target, because of its kind or because it is in another
    /// account.
    pub fn needs_role(&self, account: &str) -> bool {
        Kind::of(&self.arn).is_ok_and(|(kind, arn)| {
            matches!(kind, Kind::StateMachine | Kind::Bus) || (arn.account != account && kind != Kind::LogGroup)
        })
    }

    /// Converts the target for PutTargets. `managed_role` is the ARN of the role that this resource created, if any.
    ///
    /// # Errors
    /// The problem with the template.
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

    /// Reads a target from the API, in the words of `own` where they mean the same.
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

impl Retry {
    fn from_api(found: Option<&api::RetryPolicy>, own: Option<&Retry>) -> Option<Self> {
        let found = found?;
        let told = |found: Option<i32>, default: i64, own: Option<Option<i64>>| {
            // A default that was not set stays unset.
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

/// Checks the rules that involve several attributes of a target. `is_unmanaged` means that no permissions are created
/// for it.
pub fn check(id: &str, target: &View<Target>, is_unmanaged: bool) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    if id.is_empty() || id.chars().count() > 64 || !id.chars().all(is_letter) {
        let problem = format!("{id:?} is no target id: it has 1 to 64 letters, digits, `.`, `-` and `_`.");
        diagnostics.push(invalid(target.location(), &problem));
    }
    if let Some(input) = target.child(Target::INPUT).known() {
        diagnostics.extend(Input::check(&input, target.get(Target::ARN).known().as_deref()));
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
    if kind != Kind::Queue && group.known().is_some() {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::document::Template;
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
}
