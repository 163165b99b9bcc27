//! Reads the settings of an existing response from its state machine, for an import.
//!
//! It is the inverse of the definition that `findings::playbook` generates, as far as one exists.

use serde_json::Value as Json;
use tfplugin::{Computed, OptionalComputed, Set};

use super::checks::ALL_CLUSTERS;
use super::settings::ECS_CLUSTER;
use super::survey::Found;
use super::{Action, EcsResponse};
use crate::aws::sfn::FoundStateMachine;
use crate::findings::finding_match::FindingMatch;
use crate::resources::finding_match::Match;

/// Returns the response whose settings generate exactly what exists. Returns `None` if there are none, for example
/// because it was created outside this provider.
pub fn response(name: &str, region: &str, machine: &FoundStateMachine, found: &Found) -> Option<EcsResponse> {
    let definition: Json = serde_json::from_str(&machine.definition).ok()?;
    let comment = definition["Comment"].as_str()?.strip_prefix("Response to a GuardDuty finding: ")?;
    let (action, dry_run) = match comment.strip_suffix(", dry run") {
        Some(action) => (action, true),
        None => (comment, false),
    };
    let policy = found.role.as_ref().and_then(|role| role.policy.as_ref());
    let action = Action::parse(action)?;
    Some(EcsResponse {
        name: name.to_owned(),
        action,
        r#match: wanted(action, machine, &found.rule.as_ref()?.rule.pattern)?,
        clusters: clusters(&definition["States"]["IsClusterAllowed"]["Choices"][0]),
        dry_run,
        notify_topic_arn: text(&definition["States"]["Notify"]["Parameters"]["TopicArn"]),
        notify_topic_key_arn: policy.and_then(key_arn),
        timeouts: None,
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
        owner: Computed::none(),
    })
}

/// Returns the match that compiles to this pattern, or `None` if there is none, because any other match would select
/// other findings. What `stop_task` adds by itself is left out.
fn wanted(action: Action, machine: &FoundStateMachine, pattern: &str) -> Option<Match> {
    let mut wanted = FindingMatch::read(pattern)?;
    if action == Action::StopTask {
        let account = machine.role_arn.split(':').nth(4).unwrap_or_default();
        // Either is added only if it is not set, so one that is missing would be added.
        if wanted.resource_types.is_empty() || wanted.accounts.is_empty() {
            return None;
        }
        if wanted.resource_types == [ECS_CLUSTER] {
            wanted.resource_types.clear();
        }
        if wanted.accounts == [account] {
            wanted.accounts.clear();
        }
    }
    Some(Match::from_findings(wanted))
}

/// Returns the clusters by name: they are in the response's own account and region.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::eventbridge::{FoundRule, Rule};
    use crate::findings::permissions::Site;
    use crate::findings::playbook::{self, Playbook};
    use crate::findings::severity::Severity;
    use crate::resources::finding_match::Level;

    /// Returns the settings that are recognized in a state machine generated from these settings.
    fn recognised(action: playbook::Action, dry_run: bool, clusters: &[&str], topic: Option<&str>) -> EcsResponse {
        let site = Site { partition: "aws".into(), region: "us-east-1".into(), account: "111122223333".into() };
        let playbook = Playbook {
            action,
            dry_run,
            cluster_arns: clusters.iter().map(|name| site.arn("ecs", &format!("cluster/{name}"))).collect(),
            notify_topic_arn: topic.map(str::to_owned),
            notify_topic_key_arn: None,
            site,
        };
        let wanted = FindingMatch {
            severities: vec![Severity::High],
            accounts: vec!["111122223333".to_owned()],
            resource_types: vec!["ECSCluster".to_owned()],
            ..FindingMatch::default()
        };
        let pattern = wanted.pattern().unwrap().to_string();
        response("stop", "us-east-1", &machine(playbook.definition().to_string()), &with_rule(pattern)).unwrap()
    }

    fn machine(definition: String) -> FoundStateMachine {
        FoundStateMachine { definition, role_arn: "arn:aws:iam::111122223333:role/stop".to_owned() }
    }

    fn with_rule(pattern: String) -> Found {
        let rule = Rule { description: String::new(), pattern, enabled: true };
        let rule = Some(FoundRule { arn: String::new(), rule, managed_by: None });
        Found { role: None, rule_role: None, queue: None, machine: None, rule, target: None, alarm: None }
    }

    #[test]
    fn settings_are_read_from_the_definition() {
        let one = recognised(playbook::Action::StopTask, false, &["prod"], Some("TOPIC"));
        assert_eq!((one.action, one.dry_run), (Action::StopTask, false));
        assert_eq!(one.r#match.severity, Some(vec![Level::High]));
        assert_eq!((one.r#match.accounts, one.r#match.resource_types), (None, None), "stop_task adds them itself");
        assert_eq!(one.clusters, Some(Set(vec!["prod".to_owned()])));
        assert_eq!(one.notify_topic_arn.as_deref(), Some("TOPIC"));
        let two = recognised(playbook::Action::StopTask, true, &["a", "b"], None);
        assert_eq!((two.dry_run, two.clusters), (true, Some(Set(vec!["a".to_owned(), "b".to_owned()]))));
        assert_eq!(two.notify_topic_arn, None);
        let all = recognised(playbook::Action::StopTask, false, &[], None);
        assert_eq!(all.clusters, Some(Set(vec!["*".to_owned()])));
        let notify = recognised(playbook::Action::Notify, true, &[], Some("TOPIC"));
        assert_eq!((notify.action, notify.dry_run, notify.clusters), (Action::Notify, true, None));
        assert!(notify.r#match.accounts.is_some(), "notify adds nothing");
    }

    #[test]
    fn what_a_response_answers_is_never_widened() {
        let of = |pattern: &str| wanted(Action::StopTask, &machine(String::new()), pattern);
        let finding = r#""source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]"#;
        assert!(of(&format!("{{{finding}}}")).is_none(), "stop_task would narrow it");
        let narrow = r#""accountId": ["111122223333"], "resource": {"resourceType": ["ECSCluster"]}"#;
        assert!(of(&format!(r#"{{{finding}, "detail": {{{narrow}}}}}"#)).is_some());
        assert!(of(&format!(r#"{{{finding}, "detail": {{{narrow}, "title": ["x"]}}}}"#)).is_none());
    }

    #[test]
    fn what_others_made_is_not_recognised() {
        for definition in ["{}", "no JSON", r#"{"Comment": "mine"}"#] {
            let found = with_rule("{}".to_owned());
            assert!(response("stop", "us-east-1", &machine(definition.to_owned()), &found).is_none(), "{definition}");
        }
    }
}
