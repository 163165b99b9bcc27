//! `guardduty_finding_rule`.

mod account;
mod delivery;
mod life;
mod owning;
mod permissions;
mod refusals;
mod sharing;
mod templates;

use serde_json::Value as Json;

use crate::harness::{Project, block_on};
use aws_sdk_eventbridge as eventbridge;

const ADDRESS: &str = "guardduty_finding_rule.test";

/// Every finding, as a pattern: an import finds just this, where of a `match` it finds the pattern.
const EVERY: &str =
    r#"event_pattern = jsonencode({ source = ["aws.guardduty"], "detail-type" = ["GuardDuty Finding"] })"#;

/// A rule `alert` with this body and these targets.
fn configuration(body: &str, targets: &str) -> String {
    format!(
        "resource \"guardduty_finding_rule\" \"test\" {{\n  name = \"alert\"\n  {body}\n  targets = {{\n{targets}\n  }}\n}}\n"
    )
}

/// The rules of the account in `region`, by name with their targets' ids.
fn rules(project: &Project, region: &str) -> Vec<(String, Vec<String>)> {
    let client = eventbridge::Client::new(&project.sdk(region));
    let listed = block_on(client.list_rules().send()).unwrap().rules.unwrap_or_default();
    let targets = |name: &str| {
        let listed = block_on(client.list_targets_by_rule().rule(name).send()).unwrap().targets.unwrap_or_default();
        let mut ids: Vec<_> = listed.into_iter().map(|target| target.id).collect();
        ids.sort();
        ids
    };
    let mut rules: Vec<_> = listed
        .into_iter()
        .filter_map(|rule| rule.name)
        .map(|name| {
            let targets = targets(&name);
            (name, targets)
        })
        .collect();
    rules.sort();
    rules
}

/// The target of rule `alert` as EventBridge has it.
fn target(project: &Project, region: &str, id: &str) -> eventbridge::types::Target {
    let client = eventbridge::Client::new(&project.sdk(region));
    let listed = block_on(client.list_targets_by_rule().rule("alert").send()).unwrap().targets.unwrap_or_default();
    listed.into_iter().find(|target| target.id == id).unwrap()
}

fn parsed(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("no JSON ({error}): {text}"))
}
