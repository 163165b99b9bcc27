//! What is there of a response, and what of it is not as it shall be.
//!
//! It changes nothing.

use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_eventbridge::types::Target;
use tfplugin::{Failure, Result};

use super::blueprint::{Blueprint, Names, OWNER, TARGET_ID};
use crate::aws::Aws;
use crate::aws::eventbridge::{FoundRule, RuleName};
use crate::aws::iam::FoundRole;
use crate::aws::sfn::FoundStateMachine;
use crate::aws::sqs::FoundQueue;
use crate::findings::event_pattern;

/// The seven things of a response, as far as they are there.
#[derive(Debug)]
pub struct Found {
    pub role: Option<FoundRole>,
    pub rule_role: Option<FoundRole>,
    pub queue: Option<FoundQueue>,
    pub machine: Option<FoundStateMachine>,
    pub rule: Option<FoundRule>,
    pub target: Option<Target>,
    pub alarm: Option<MetricAlarm>,
}

impl Found {
    /// Looks at all of them at once. `queue_url` is asked for where it isn't known.
    pub async fn survey(aws: &Aws, names: &Names, queue_url: &str) -> Result<Self> {
        let region = names.region();
        let (role, rule_role, arn, alarm) = (names.role(), names.rule_role(), names.state_machine_arn(), names.alarm());
        let rule = RuleName::new(region, &names.response);
        let (role, rule_role, queue, machine, found_rule, mut targets, alarm) = tokio::try_join!(
            aws.read_role(region, &role, names.policy()),
            aws.read_role(region, &rule_role, names.policy()),
            find_queue(aws, names, queue_url),
            aws.read_state_machine(region, &arn),
            aws.describe_rule(&rule),
            aws.list_targets(&rule),
            aws.read_alarm(region, &alarm),
        )?;
        Ok(Found { role, rule_role, queue, machine, rule: found_rule, target: targets.remove(TARGET_ID), alarm })
    }

    /// Whether nothing of it is there.
    pub fn is_nothing(&self) -> bool {
        self.role.is_none()
            && self.rule_role.is_none()
            && self.queue.is_none()
            && self.machine.is_none()
            && self.rule.is_none()
            && self.alarm.is_none()
    }

    /// Refuses to go on if one of them was made by somebody else.
    pub async fn refuse_strangers(&self, aws: &Aws, names: &Names) -> Result<()> {
        let region = names.region();
        let mut tagged = Vec::new();
        let mut see = |what: String, owner: Option<&String>| tagged.push((what, owner.cloned()));
        for (name, role) in [(names.role(), &self.role), (names.rule_role(), &self.rule_role)] {
            if let Some(role) = role {
                see(format!("IAM role {name:?}"), role.tags.get(OWNER));
            }
        }
        if self.machine.is_some() {
            let tags = aws.state_machine_tags(region, &names.state_machine_arn()).await?;
            see(format!("state machine {:?}", names.response), tags.get(OWNER));
        }
        if let Some(rule) = &self.rule {
            let tags = aws.rule_tags(&RuleName::new(region, &names.response), &rule.arn).await?;
            see(format!("EventBridge rule {:?}", names.response), tags.get(OWNER));
        }
        if let Some(queue) = &self.queue {
            let tags = aws.queue_tags(region, &queue.url).await?;
            see(format!("queue {:?}", names.queue()), tags.get(OWNER));
        }
        if let Some(arn) = self.alarm.as_ref().and_then(MetricAlarm::alarm_arn) {
            let tags = aws.alarm_tags(region, arn).await?;
            see(format!("CloudWatch alarm {:?}", names.alarm()), tags.get(OWNER));
        }
        let strangers = tagged.into_iter().filter(|(_, owner)| owner.as_ref() != Some(&names.response));
        Failure::all(strangers.map(|(what, _)| stranger(&what, names)))
    }

    /// What is missing or not as it shall be, one line each.
    pub fn drift(&self, wanted: &Blueprint) -> Vec<String> {
        let names = &wanted.names;
        let rule = self.rule.as_ref().map(|rule| rule_differences(wanted, rule));
        let target = self.target.as_ref().map(|target| target_differences(names, target));
        [
            told(
                "state machine",
                &names.response,
                self.machine.as_ref().map(|found| machine_differences(wanted, found)),
            ),
            told("role", &names.role(), self.role.as_ref().map(|found| wanted.role.differences(found))),
            told("role", &names.rule_role(), self.rule_role.as_ref().map(|found| wanted.rule_role.differences(found))),
            told("rule", &names.response, rule),
            told("target of the rule", &names.response, target),
            told("queue", &names.queue(), self.queue.as_ref().map(|found| wanted.queue.differences(found))),
            told("alarm", &names.alarm(), self.alarm.as_ref().map(|found| wanted.alarm.differences(found))),
        ]
        .concat()
    }
}

/// The URL of the queue, which is asked for where it isn't `known`; `None` if there is no queue.
pub async fn queue_url(aws: &Aws, names: &Names, known: &str) -> Result<Option<String>> {
    match known {
        "" => aws.queue_url(names.region(), &names.queue()).await,
        known => Ok(Some(known.to_owned())),
    }
}

async fn find_queue(aws: &Aws, names: &Names, known_url: &str) -> Result<Option<FoundQueue>> {
    match queue_url(aws, names, known_url).await? {
        Some(url) => aws.read_queue(names.region(), &url).await,
        None => Ok(None),
    }
}

fn stranger(what: &str, names: &Names) -> Failure {
    let response = &names.response;
    Failure::new(format!("cannot make the response {response:?}: the {what} exists already")).detail(format!(
        "{}: it was not made for this response, so it is left alone. Choose another `name`, delete it, or give it the \
         tag {OWNER} = {response:?} to hand it over.",
        names.region()
    ))
}

fn told(what: &str, name: &str, differences: Option<Vec<&str>>) -> Vec<String> {
    match differences {
        None => vec![format!("{what} {name} is gone")],
        Some(differences) => differences.iter().map(|which| format!("{what} {name}: its {which} changed")).collect(),
    }
}

fn different(checks: &[(&'static str, bool)]) -> Vec<&'static str> {
    checks.iter().filter(|(_, is_same)| !is_same).map(|(name, _)| *name).collect()
}

/// What of the state machine is not as it shall be.
pub fn machine_differences(wanted: &Blueprint, found: &FoundStateMachine) -> Vec<&'static str> {
    different(&[
        ("definition", same_json(&wanted.machine.definition, &found.definition)),
        ("role", wanted.machine.role_arn == found.role_arn),
    ])
}

/// What of the rule is not as it shall be.
pub fn rule_differences(wanted: &Blueprint, found: &FoundRule) -> Vec<&'static str> {
    different(&[
        ("description", wanted.rule.description == found.rule.description),
        ("event pattern", event_pattern::equivalent(&wanted.rule.pattern, &found.rule.pattern)),
        ("state", wanted.rule.enabled == found.rule.enabled),
    ])
}

/// What of the rule's target is not as it shall be.
pub fn target_differences(names: &Names, found: &Target) -> Vec<&'static str> {
    let queue = found.dead_letter_config().and_then(|letters| letters.arn());
    different(&[
        ("state machine", found.arn() == names.state_machine_arn()),
        ("role", found.role_arn() == Some(&names.role_arn(&names.rule_role()))),
        ("dead-letter queue", queue == Some(&names.queue_arn())),
        ("input", found.input().is_none() && found.input_path().is_none() && found.input_transformer().is_none()),
    ])
}

/// Whether two texts are the same JSON.
pub fn same_json(one: &str, other: &str) -> bool {
    let read = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    one == other || read(one).is_some_and(|one| Some(one) == read(other))
}
