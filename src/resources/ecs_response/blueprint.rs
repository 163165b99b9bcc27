//! The desired state of the seven parts of a response.
//!
//! It makes no calls and does not know which parts exist.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tfplugin::{Resource, Result};

use super::EcsResponse;
use crate::aws::Tags;
use crate::aws::cloudwatch::Alarm;
use crate::aws::eventbridge::Rule;
use crate::aws::iam::{FoundRole, Role};
use crate::aws::owners::{PREFIX, mark_of};
use crate::aws::sfn::StateMachine;
use crate::aws::sqs::Queue;
use crate::aws::tags::TagRules;
use crate::findings::permissions::{self, Site};

/// ID of the only target of the rule.
pub const TARGET_ID: &str = "state-machine";
const POLICY_NAME: &str = "response";
/// Maximum retention of SQS, so that people have time to examine what was not delivered.
const RETENTION_SECONDS: u32 = 14 * 24 * 60 * 60;

/// Names of the seven parts.
#[derive(Debug, Clone)]
pub struct Names {
    /// Name of the response, of the state machine and of the rule.
    pub response: String,
    site: Site,
}

impl Names {
    pub fn new(response: &str, site: &Site) -> Self {
        Names { response: response.to_owned(), site: site.clone() }
    }

    /// What tells the response from everything else in a run.
    pub fn key(&self) -> String {
        format!("{}/response/{}", self.site.region, self.response)
    }

    pub fn region(&self) -> &str {
        &self.site.region
    }

    pub fn state_machine_arn(&self) -> String {
        self.site.arn("states", &format!("stateMachine:{}", self.response))
    }

    pub fn rule_arn(&self) -> String {
        self.site.arn("events", &format!("rule/{}", self.response))
    }

    /// IAM is global, so the name contains the region.
    pub fn role(&self) -> String {
        format!("{}-{}", self.response, self.site.region)
    }

    pub fn rule_role(&self) -> String {
        format!("{}-rule", self.role())
    }

    pub fn role_arn(&self, role: &str) -> String {
        format!("arn:{}:iam::{}:role/{role}", self.site.partition, self.site.account)
    }

    pub fn policy(&self) -> &'static str {
        POLICY_NAME
    }

    pub fn queue(&self) -> String {
        format!("{}-undelivered", self.response)
    }

    pub fn queue_arn(&self) -> String {
        self.site.arn("sqs", &self.queue())
    }

    pub fn alarm(&self) -> String {
        format!("{}-failed", self.response)
    }

    pub fn alarm_arn(&self) -> String {
        self.site.arn("cloudwatch", &format!("alarm:{}", self.alarm()))
    }
}

/// JSON documents of a response.
#[derive(Debug, Clone, PartialEq)]
pub struct Documents {
    /// Definition of the state machine.
    pub definition: String,
    /// Permissions of the state machine.
    pub policy: String,
    /// Event pattern of the rule.
    pub pattern: String,
}

/// The seven parts, of which the rule's target is one.
#[derive(Debug, Clone)]
pub struct Blueprint {
    pub names: Names,
    /// Tags of a part that is created: all tags, including those that are ignored afterwards, and the mark.
    pub tags: BTreeMap<String, String>,
    pub role: Role,
    pub rule_role: Role,
    pub queue: Queue,
    pub machine: StateMachine,
    pub rule: Rule,
    pub alarm: Alarm,
}

impl Blueprint {
    /// Returns the blueprint for `documents` and the other settings of the response.
    ///
    /// # Errors
    /// A document is not valid JSON.
    pub fn new(response: &EcsResponse, site: &Site, documents: &Documents, rules: &TagRules) -> Result<Self> {
        let names = Names::new(&response.name, site);
        let owner = mark_of(&response.owner);
        let marked = owner.map(|mark| (mark.key(""), EcsResponse::TYPE_NAME.to_owned()));
        let mut managed: BTreeMap<_, _> = response.tags_all.get().map(given).unwrap_or_default();
        managed.extend(marked.clone());
        let mut tags = rules.with_defaults(response.tags.as_ref());
        tags.extend(marked);
        let role = |name: String, description: String, trust: Json, policy: Json| Role {
            name,
            description,
            trust,
            policy_name: POLICY_NAME.to_owned(),
            policy,
            owner: owner.cloned(),
            tags: managed.clone(),
        };
        let (machine_arn, rule_arn, queue_arn) = (names.state_machine_arn(), names.rule_arn(), names.queue_arn());
        Ok(Blueprint {
            role: role(
                names.role(),
                format!("GuardDuty response {}: what its state machine may do", response.name),
                permissions::state_machine_trust(site, &response.name),
                json(&documents.policy)?,
            ),
            rule_role: role(
                names.rule_role(),
                format!("GuardDuty response {}: lets its rule start it", response.name),
                permissions::rule_trust(site, &[&rule_arn]),
                permissions::start_execution_policy(&machine_arn),
            ),
            queue: Queue {
                name: names.queue(),
                policy: permissions::policy(&[permissions::queue_statement("Undelivered", &queue_arn, &[&rule_arn])]),
                retention_seconds: RETENTION_SECONDS,
            },
            machine: StateMachine {
                name: response.name.clone(),
                role_arn: names.role_arn(&names.role()),
                arn: machine_arn.clone(),
                definition: documents.definition.clone(),
            },
            rule: Rule {
                description: format!("GuardDuty response {}: {}", response.name, response.action),
                pattern: documents.pattern.clone(),
                enabled: true,
            },
            alarm: Alarm {
                name: names.alarm(),
                description: format!("GuardDuty response {}: an execution failed", response.name),
                namespace: "AWS/States".to_owned(),
                metric: "ExecutionsFailed".to_owned(),
                dimension: ("StateMachineArn".to_owned(), machine_arn),
                actions: response.alarm_actions(),
            },
            tags,
            names,
        })
    }
}

impl Blueprint {
    /// Returns `role` as it is put in place of `found`. A new role gets all tags.
    #[must_use]
    pub fn tagged(&self, role: &Role, found: Option<&FoundRole>) -> Role {
        let tags = if found.is_none() { &self.tags } else { &role.tags };
        Role { tags: tags.clone(), ..role.clone() }
    }

    /// Returns the blueprint without the instance's own mark, to compare it with existing parts.
    #[must_use]
    pub fn unmarked(&self) -> Self {
        let mut plain = self.clone();
        plain.tags.retain(|key, _| !key.starts_with(PREFIX));
        for role in [&mut plain.role, &mut plain.rule_role] {
            role.tags.retain(|key, _| !key.starts_with(PREFIX));
        }
        plain
    }
}

fn given(tags: &Tags) -> BTreeMap<String, String> {
    tags.given().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn json(text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|error| tfplugin::Failure::new(format!("a policy is no JSON: {error}")))
}
