//! The settings of a response that is there, read from its state machine: for an import.
//!
//! It is the inverse of `findings::playbook`'s definition, as far as there is one.

use serde_json::Value as Json;
use tfplugin::{Computed, OptionalComputed, Set};

use super::settings::ALL_CLUSTERS;
use super::survey::Found;
use super::{Action, EcsResponse};
use crate::aws::sfn::FoundStateMachine;
use crate::resources::finding_match::Match;

/// The response as far as it can be told; `None` if the definition is none of ours.
pub fn response(name: &str, region: &str, machine: &FoundStateMachine, found: &Found) -> Option<EcsResponse> {
    let definition: Json = serde_json::from_str(&machine.definition).ok()?;
    let comment = definition["Comment"].as_str()?.strip_prefix("Response to a GuardDuty finding: ")?;
    let (action, dry_run) = match comment.strip_suffix(", dry run") {
        Some(action) => (action, true),
        None => (comment, false),
    };
    let policy = found.role.as_ref().and_then(|role| role.policy.as_ref());
    Some(EcsResponse {
        name: name.to_owned(),
        action: Action::parse(action)?,
        r#match: any_finding(),
        clusters: clusters(&definition["States"]["IsClusterAllowed"]["Choices"][0]),
        dry_run,
        notify_topic_arn: text(&definition["States"]["Notify"]["Parameters"]["TopicArn"]),
        notify_topic_key_arn: policy.and_then(key_arn),
        tags: None,
        tags_all: Computed::none(),
        definition: machine.definition.clone().into(),
        policy: policy.map(ToString::to_string).into(),
        event_pattern: found.rule.as_ref().map(|rule| rule.rule.pattern.clone()).into(),
        drift: Computed::none(),
        state_machine_arn: Computed::none(),
        role_arn: Computed::none(),
        rule_arn: Computed::none(),
        dead_letter_queue_arn: Computed::none(),
        dead_letter_queue_url: found.queue.as_ref().map(|queue| queue.url.clone()).into(),
        alarm_arn: Computed::none(),
        id: Computed::none(),
        region: OptionalComputed::from(region.to_owned()),
    })
}

fn any_finding() -> Match {
    Match {
        finding_types: None,
        severity: None,
        severity_minimum: None,
        severity_maximum: None,
        resource_types: None,
        ecs_clusters: None,
        launch_type: None,
        accounts: None,
        features: None,
        sample: None,
    }
}

/// The clusters by name: they lie in the response's own account and region.
fn clusters(rule: &Json) -> Option<Set<String>> {
    if rule["StringMatches"].is_string() {
        return Some(Set(vec![ALL_CLUSTERS.to_owned()]));
    }
    let rules = rule["Or"].as_array().map_or_else(|| vec![rule], |rules| rules.iter().collect());
    let arns: Option<Vec<_>> = rules.into_iter().map(|rule| rule["StringEquals"].as_str()).collect();
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    Some(arns?.into_iter().map(name).collect())
}

fn key_arn(policy: &Json) -> Option<String> {
    let statements = policy["Statement"].as_array()?;
    text(&statements.iter().find(|statement| statement["Sid"] == "TopicKey")?["Resource"])
}

fn text(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}
