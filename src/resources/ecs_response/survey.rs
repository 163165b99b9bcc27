//! Finds out which parts of a response exist, and which of them differ from the desired state.
//!
//! It changes nothing.

use std::collections::HashMap;

use aws_sdk_cloudwatch::types::MetricAlarm;
use aws_sdk_eventbridge::types::Target;
use tfplugin::{Failure, Result};

use super::blueprint::{Blueprint, Names, TARGET_ID};
use crate::aws::eventbridge::{FoundRule, RuleName};
use crate::aws::iam::{FoundRole, role_key};
use crate::aws::owners::Standing;
use crate::aws::sfn::FoundStateMachine;
use crate::aws::sqs::FoundQueue;
use crate::aws::{Aws, Hold, Mark, Owners, Subject};
use crate::findings::event_pattern;

/// The existing parts of a response.
#[derive(Debug, Default)]
pub struct Found {
    pub role: Option<FoundRole>,
    pub rule_role: Option<FoundRole>,
    pub queue: Option<FoundQueue>,
    pub machine: Option<FoundStateMachine>,
    pub rule: Option<FoundRule>,
    pub target: Option<Target>,
    pub alarm: Option<MetricAlarm>,
}

/// Which of the things have to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Any.
    Any,
    /// All.
    All,
}

impl Found {
    /// Reads all parts concurrently. `queue_url` is requested if it is unknown.
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

    /// Reads all parts until all of them exist, for at most a few seconds, because a read may not yet reflect a create
    /// just before it.
    pub async fn survey_whole(aws: &Aws, names: &Names, queue_url: &str) -> Result<Self> {
        aws.reread(|| Found::survey(aws, names, queue_url), Found::is_whole).await
    }

    /// Reads all parts with the marks on each of them. While a part has no mark of `hold`, or an expected part is missing,
    /// all parts are read again for a few seconds.
    pub async fn survey_marked(
        aws: &Aws,
        names: &Names,
        queue_url: &str,
        hold: &Hold,
        expected: Expected,
    ) -> Result<(Self, Vec<(Part, Owners)>)> {
        let read = || async {
            let found = Found::survey(aws, names, queue_url).await?;
            let parts = found.owners(aws, names).await?.into_iter();
            let settled = parts.map(|(part, owners)| (part, aws.settled_part(&part.key(names), hold, owners)));
            let settled: Vec<_> = settled.collect();
            Ok((found, settled))
        };
        let is_settled = |(found, parts): &(Found, Vec<(Part, Owners)>)| {
            // The marks of an instance that was deleted before may be read for a while, too.
            let is_strange =
                |owners: &Owners| matches!(owners.standing_of(hold), Standing::Stripped | Standing::Theirs);
            let is_strange = hold.mark().is_some() && parts.iter().any(|(_, owners)| is_strange(owners));
            let is_unfinished = parts.iter().any(|(_, owners)| owners.is_unfinished());
            !is_strange && (expected == Expected::Any || is_unfinished || found.is_whole())
        };
        aws.reread(read, is_settled).await
    }

    /// Returns whether all parts exist.
    pub fn is_whole(&self) -> bool {
        let roles = self.role.is_some() && self.rule_role.is_some();
        let rule = self.rule.is_some() && self.target.is_some();
        roles && rule && self.queue.is_some() && self.machine.is_some() && self.alarm.is_some()
    }

    /// Returns whether no part exists.
    pub fn is_nothing(&self) -> bool {
        self.role.is_none()
            && self.rule_role.is_none()
            && self.queue.is_none()
            && self.machine.is_none()
            && self.rule.is_none()
            && self.alarm.is_none()
    }

    /// Returns the marks on each part.
    pub async fn owners(&self, aws: &Aws, names: &Names) -> Result<Vec<(Part, Owners)>> {
        let region = names.region();
        let (machine_arn, rule) = (names.state_machine_arn(), RuleName::new(region, &names.response));
        let machine = async {
            match &self.machine {
                Some(_) => aws.state_machine_tags(region, &machine_arn).await.map(Some),
                None => Ok(None),
            }
        };
        let found_rule = async {
            match &self.rule {
                Some(found) => aws.rule_tags(&rule, &found.arn).await.map(Some),
                None => Ok(None),
            }
        };
        let queue = async {
            match &self.queue {
                Some(queue) => aws.queue_tags(region, &queue.url).await.map(Some),
                None => Ok(None),
            }
        };
        let alarm = async {
            match self.alarm.as_ref().and_then(MetricAlarm::alarm_arn) {
                Some(arn) => aws.alarm_tags(region, arn).await.map(Some),
                None => Ok(None),
            }
        };
        let (machine, rule, queue, alarm) = tokio::try_join!(machine, found_rule, queue, alarm)?;
        let of_role = |role: &Option<FoundRole>| role.as_ref().map(|role| Owners::of(&role.tags, ""));
        let of_tags = |tags: Option<HashMap<String, String>>| tags.map(|tags| Owners::of(&tags, ""));
        let all = [
            (Part::Role, of_role(&self.role)),
            (Part::RuleRole, of_role(&self.rule_role)),
            (Part::Machine, of_tags(machine)),
            (Part::Rule, of_tags(rule)),
            (Part::Queue, of_tags(queue)),
            (Part::Alarm, of_tags(alarm)),
        ];
        Ok(all.into_iter().filter_map(|(part, owners)| Some((part, owners?))).collect())
    }

    /// Returns the parts that are missing or differ from the desired state, one line each.
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

/// Returns the URL of the queue, which is requested unless it is `known`, or `None` if the queue does not exist.
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

/// A part of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Role,
    RuleRole,
    Machine,
    Rule,
    Queue,
    Alarm,
}

impl Part {
    const ALL: [Part; 6] = [Part::Role, Part::RuleRole, Part::Machine, Part::Rule, Part::Queue, Part::Alarm];

    /// Returns the name of the part in messages.
    fn told(self, names: &Names) -> String {
        match self {
            Part::Role => format!("IAM role {:?}", names.role()),
            Part::RuleRole => format!("IAM role {:?}", names.rule_role()),
            Part::Machine => format!("state machine {:?}", names.response),
            Part::Rule => format!("EventBridge rule {:?}", names.response),
            Part::Queue => format!("queue {:?}", names.queue()),
            Part::Alarm => format!("CloudWatch alarm {:?}", names.alarm()),
        }
    }

    /// Returns the part as the subject of messages.
    pub fn subject(self, names: &Names) -> Subject {
        Subject::new(self.told(names), names.region())
    }

    /// Returns the key of the part in a run.
    fn key(self, names: &Names) -> String {
        match self {
            Part::Role => role_key(&names.role()),
            Part::RuleRole => role_key(&names.rule_role()),
            Part::Rule => RuleName::new(names.region(), &names.response).key(),
            Part::Machine => names.state_machine_arn(),
            Part::Queue => names.queue_arn(),
            Part::Alarm => names.alarm_arn(),
        }
    }
}

/// Records that all parts have `mark`.
pub fn note_marked(aws: &Aws, names: &Names, mark: &Mark) {
    Part::ALL.into_iter().for_each(|part| aws.note_part(&part.key(names), mark));
}

/// Returns the marks that all parts have in common, which are those of the instances that hold the response.
///
/// # Errors
/// A part has none of them, so it belongs to something else.
pub fn common_owners(parts: &[(Part, Owners)], names: &Names) -> Result<Owners> {
    let common = parts.iter().map(|(_, owners)| owners.clone()).reduce(|common, owners| common.in_common(&owners));
    let common = common.unwrap_or_default();
    if !common.is_empty() {
        return Ok(common);
    }
    let strangers: Vec<_> = parts.iter().filter(|(_, owners)| owners.is_empty()).collect();
    let strangers = if strangers.is_empty() { parts.iter().collect() } else { strangers };
    Failure::all(strangers.into_iter().map(|(part, _)| stranger(*part, names)))?;
    Ok(common)
}

fn stranger(part: Part, names: &Names) -> Failure {
    let (response, part) = (&names.response, part.told(names));
    let why = "It was not created for this response, so it is left as it is. Choose another `name`, or delete it.";
    Failure::new(format!("cannot create the response {response:?}: the {part} already exists"))
        .detail(format!("{}: {why}", names.region()))
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

/// Returns the differences between the state machine and the desired one.
pub fn machine_differences(wanted: &Blueprint, found: &FoundStateMachine) -> Vec<&'static str> {
    different(&[
        ("definition", same_json(&wanted.machine.definition, &found.definition)),
        ("role", wanted.machine.role_arn == found.role_arn),
    ])
}

/// Returns the differences between the rule and the desired one.
pub fn rule_differences(wanted: &Blueprint, found: &FoundRule) -> Vec<&'static str> {
    different(&[
        ("description", wanted.rule.description == found.rule.description),
        ("event pattern", event_pattern::equivalent(&wanted.rule.pattern, &found.rule.pattern)),
        ("state", wanted.rule.enabled == found.rule.enabled),
    ])
}

/// Returns the differences between the rule's target and the desired one.
pub fn target_differences(names: &Names, found: &Target) -> Vec<&'static str> {
    let queue = found.dead_letter_config().and_then(|letters| letters.arn());
    different(&[
        ("state machine", found.arn() == names.state_machine_arn()),
        ("role", found.role_arn() == Some(&names.role_arn(&names.rule_role()))),
        ("dead-letter queue", queue == Some(&names.queue_arn())),
        ("input", found.input().is_none() && found.input_path().is_none() && found.input_transformer().is_none()),
    ])
}

/// Returns whether two texts are the same JSON.
pub fn same_json(one: &str, other: &str) -> bool {
    let read = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    one == other || read(one).is_some_and(|one| Some(one) == read(other))
}
