//! Amazon EventBridge rules on the default bus, and their targets.
//!
//! It knows neither findings nor the permissions that a target requires.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::operation::put_targets::PutTargetsOutput;
use aws_sdk_eventbridge::operation::remove_targets::RemoveTargetsOutput;
use aws_sdk_eventbridge::types::{PutTargetsResultEntry, RemoveTargetsResultEntry, RuleState, Tag, Target};
use tfplugin::wait::{Limit, Next, Pauses};
use tfplugin::{Failure, Result};

use super::endpoints::Service;
use super::meaning::{Meaning, Operation};
use super::tags::TagChange;
use super::{Aws, Explain, Subject, error};

/// Maximum number of targets of a rule, unless AWS raised the account's quota.
pub const TARGETS_MAX: usize = 5;
/// Operations that report a result for each target.
const PUT: &str = "PutTargets";
const REMOVE: &str = "RemoveTargets";
/// Maximum number of targets in one call.
const TARGETS_PER_CALL: usize = 10;
/// Default time to keep retrying temporary errors: concurrent changes of the same rule, throttling, or a new role that
/// is not yet recognized everywhere.
pub const TARGETS_WAIT: Duration = Duration::from_secs(2 * 60);

/// Name and region of a rule.
#[derive(Debug, Clone)]
pub struct RuleName<'a> {
    region: &'a str,
    name: &'a str,
}

/// Settings of a rule, without its targets and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Description of the rule. Empty if it has none.
    pub description: String,
    /// Event pattern in JSON.
    pub pattern: String,
    /// Whether the rule is enabled.
    pub enabled: bool,
}

/// An existing rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRule {
    /// ARN of the rule.
    pub arn: String,
    /// Settings of the rule.
    pub rule: Rule,
    /// AWS service that created the rule and is the only one that can change it.
    pub managed_by: Option<String>,
}

/// A target that was not added or not removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    operation: &'static str,
    /// ID of the target.
    pub id: String,
    /// Error code of EventBridge.
    pub code: String,
    /// Error message of EventBridge.
    pub message: String,
}

impl Refused {
    fn new(operation: &'static str, id: Option<&str>, code: Option<&str>, message: Option<&str>) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Refused { operation, id: text(id), code: text(code), message: text(message) }
    }

    fn meaning(&self) -> Meaning {
        let operation = Operation::new(Service::EVENTBRIDGE.name, self.operation);
        operation.map_or(Meaning::Refused, |operation| operation.meaning(&self.code, &self.message, 0))
    }

    fn may_pass(&self) -> bool {
        matches!(self.meaning(), Meaning::Passes(_) | Meaning::Busy | Meaning::Throttled)
    }

    /// Returns the failure for the target.
    pub fn failure(&self, verb: &str, rule: &RuleName<'_>) -> Failure {
        let subject = Subject::new(format!("target {:?} of rule {:?}", self.id, rule.name), rule.region);
        subject.failure(verb, format!("{}: {} (events:{})", self.code, self.message, self.operation))
    }
}

impl<'a> RuleName<'a> {
    /// Returns rule `name` of the default bus in `region`.
    pub fn new(region: &'a str, name: &'a str) -> Self {
        RuleName { region, name }
    }

    /// Returns the rule as the subject of messages.
    pub fn subject(&self) -> Subject {
        Subject::new(format!("EventBridge rule {:?}", self.name), self.region)
    }

    /// Returns the key of the rule in a run.
    pub fn key(&self) -> String {
        format!("{}/rule/{}", self.region, self.name)
    }

    fn targets_subject(&self) -> Subject {
        Subject::new(format!("the targets of EventBridge rule {:?}", self.name), self.region)
    }
}

/// Returns the claim of a resource that manages rule `name` of the default bus in `region`, for any resource type.
pub fn rule_claim(name: &str, region: &str) -> String {
    format!("the EventBridge rule {name:?} in {region}")
}

impl Aws {
    fn rules(&self, rule: &RuleName<'_>) -> Client {
        self.eventbridge(rule.region)
    }

    /// Creates or updates the rule, and returns its ARN. The tags of an existing rule are left unchanged.
    ///
    /// PutRule has no precondition: it overwrites a rule that was created concurrently. After creating a rule, check by
    /// its tags who owns it.
    ///
    /// # Errors
    /// The error of PutRule.
    pub async fn put_rule(
        &self,
        rule: &RuleName<'_>,
        wanted: &Rule,
        tags: Option<&BTreeMap<String, String>>,
    ) -> Result<String> {
        let tags = tags.into_iter().flatten().filter_map(|(key, value)| to_tag(key, value));
        let tags: Vec<_> = tags.collect();
        let put = self
            .rules(rule)
            .put_rule()
            .name(rule.name)
            .description(&wanted.description)
            .event_pattern(&wanted.pattern)
            .state(if wanted.enabled { RuleState::Enabled } else { RuleState::Disabled })
            .set_tags((!tags.is_empty()).then_some(tags))
            .send()
            .await
            .map(|put| put.rule_arn.unwrap_or_default());
        let seen = || async {
            let found = self.describe_rule(rule).await?;
            Ok(found.filter(|found| found.rule == *wanted).map(|found| found.arn))
        };
        self.settle(put, "make", &rule.subject(), seen).await
    }

    /// Returns the rule, or `None` if it does not exist.
    ///
    /// # Errors
    /// The error of DescribeRule.
    pub async fn describe_rule(&self, rule: &RuleName<'_>) -> Result<Option<FoundRule>> {
        let found = self.rules(rule).describe_rule().name(rule.name).send().await;
        Ok(found.if_found("read", &rule.subject())?.map(found_rule))
    }

    /// Returns the targets of the rule by ID, or none if the rule does not exist.
    ///
    /// # Errors
    /// The error of ListTargetsByRule.
    pub async fn list_targets(&self, rule: &RuleName<'_>) -> Result<BTreeMap<String, Target>> {
        let mut pages = self.rules(rule).list_targets_by_rule().rule(rule.name);
        let mut targets = BTreeMap::new();
        loop {
            let page = pages.clone().send().await.if_found("list", &rule.targets_subject())?;
            let Some(page) = page else { return Ok(targets) };
            let next = page.next_token().map(str::to_owned);
            targets.extend(page.targets.into_iter().flatten().map(|target| (target.id.clone(), target)));
            match next {
                Some(token) => pages = pages.next_token(token),
                None => return Ok(targets),
            }
        }
    }

    /// Adds or updates these targets of the rule, and returns those that were refused. Temporary errors are retried
    /// until `limit` has passed, including a role of a target that EventBridge does not yet recognize.
    ///
    /// # Errors
    /// The error of PutTargets as a whole.
    pub async fn put_targets(&self, rule: &RuleName<'_>, targets: Vec<Target>, limit: Limit) -> Result<Vec<Refused>> {
        let mut refused = Vec::new();
        for batch in targets.chunks(TARGETS_PER_CALL) {
            refused.extend(self.put_batch(rule, batch.to_vec(), limit).await?);
        }
        Ok(refused)
    }

    async fn put_batch(&self, rule: &RuleName<'_>, mut batch: Vec<Target>, limit: Limit) -> Result<Vec<Refused>> {
        let (mut refused, mut pauses) = (Vec::new(), Pauses::new(limit));
        loop {
            let put = self.rules(rule).put_targets().rule(rule.name).set_targets(Some(batch.clone())).send().await;
            let answer = match put {
                Ok(answer) => answer,
                Err(error) if error::is_unanswered(&error) => {
                    let seen = || async {
                        let found = self.list_targets(rule).await?;
                        let is_set = batch.iter().all(|target| found.get(target.id()) == Some(target));
                        Ok(is_set.then(|| PutTargetsOutput::builder().build()))
                    };
                    self.settle(Err(error), "set", &rule.targets_subject(), seen).await?
                }
                Err(error) => {
                    let failure = error::explain(&error, "set", &rule.targets_subject());
                    let meaning = error::meaning(&error);
                    let may_pass = matches!(meaning, Some(Meaning::Passes(_) | Meaning::Busy | Meaning::Throttled));
                    if may_pass && pauses.next(self.stop(), error::code(&error)).await != Next::LimitPassed {
                        continue;
                    }
                    return Err(failure);
                }
            };
            let failed = answer.failed_entries().iter().map(refused_target);
            let (again, lost) = failed.partition::<Vec<_>, _>(Refused::may_pass);
            refused.extend(lost);
            let Some(first) = again.first() else { return Ok(refused) };
            // After a request to stop, the next call is not started and reports that.
            if pauses.next(self.stop(), &first.message).await == Next::LimitPassed {
                refused.extend(again);
                return Ok(refused);
            }
            batch.retain(|target| again.iter().any(|failed| failed.id == target.id()));
        }
    }

    /// Removes the targets with these IDs, and returns those that were refused. A rule or a target that does not exist
    /// is not an error. Temporary errors are retried.
    ///
    /// # Errors
    /// The error of RemoveTargets as a whole.
    pub async fn remove_targets(&self, rule: &RuleName<'_>, ids: &[String]) -> Result<Vec<Refused>> {
        let (mut refused, mut pauses) = (Vec::new(), Pauses::new(Limit::new(TARGETS_WAIT)));
        for batch in ids.chunks(TARGETS_PER_CALL) {
            let mut batch = batch.to_vec();
            while !batch.is_empty() {
                let remove = self.rules(rule).remove_targets().rule(rule.name).set_ids(Some(batch.clone()));
                let removed = remove.send().await;
                if removed.as_ref().is_err_and(error::is_gone) {
                    return Ok(refused);
                }
                let seen = || async {
                    let found = self.list_targets(rule).await?;
                    let is_removed = !batch.iter().any(|id| found.contains_key(id));
                    Ok(is_removed.then(|| RemoveTargetsOutput::builder().build()))
                };
                let answer = self.settle(removed, "remove", &rule.targets_subject(), seen).await?;
                let failed = answer.failed_entries().iter().map(refused_removal);
                let failed = failed.filter(|failed| failed.meaning() != Meaning::Gone);
                let (again, lost) = failed.partition::<Vec<_>, _>(Refused::may_pass);
                refused.extend(lost);
                batch = again.iter().map(|failed| failed.id.clone()).collect();
                let Some(first) = again.first() else { break };
                if pauses.next(self.stop(), &first.message).await == Next::LimitPassed {
                    refused.extend(again);
                    break;
                }
            }
        }
        Ok(refused)
    }

    /// Deletes the rule after its targets. A rule that does not exist is not an error. It waits for targets that were
    /// just removed or are added concurrently.
    ///
    /// # Errors
    /// The error of a call, or the targets that could not be removed.
    pub async fn delete_rule(&self, rule: &RuleName<'_>) -> Result<()> {
        let mut pauses = Pauses::new(Limit::new(TARGETS_WAIT));
        let deleted = loop {
            let targets: Vec<_> = self.list_targets(rule).await?.into_keys().collect();
            let refused = self.remove_targets(rule, &targets).await?;
            Failure::all(refused.iter().map(|refused| refused.failure("remove", rule)))?;
            let deleted = self.rules(rule).delete_rule().name(rule.name).send().await;
            match &deleted {
                Err(error) if matches!(error::meaning(error), Some(Meaning::Passes(_))) => {
                    if pauses.next(self.stop(), &error::reason(error)).await != Next::Look {
                        break deleted;
                    }
                }
                _ => break deleted,
            }
        };
        let is_gone = || async { Ok(self.describe_rule(rule).await?.is_none()) };
        self.settle_gone(deleted, "delete", &rule.subject(), is_gone).await
    }

    /// Returns the tags of the rule with this ARN, for `Aws::tag_rules`.
    ///
    /// # Errors
    /// The error of ListTagsForResource.
    pub async fn rule_tags(&self, rule: &RuleName<'_>, arn: &str) -> Result<HashMap<String, String>> {
        self.find_rule_tags(rule, arn).await.map(Option::unwrap_or_default)
    }

    /// Returns the tags of the rule, or `None` if it does not exist.
    ///
    /// # Errors
    /// The error of ListTagsForResource.
    pub async fn find_rule_tags(&self, rule: &RuleName<'_>, arn: &str) -> Result<Option<HashMap<String, String>>> {
        let listed = self.rules(rule).list_tags_for_resource().resource_arn(arn).send().await;
        let listed = listed.if_found("read the tags of", &rule.subject())?;
        Ok(listed.map(|listed| listed.tags.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect()))
    }

    /// Changes the tags of the rule with this ARN.
    ///
    /// # Errors
    /// The error of UntagResource or TagResource.
    pub async fn retag_rule(&self, rule: &RuleName<'_>, arn: &str, change: &TagChange) -> Result<()> {
        let client = self.rules(rule);
        let to_api =
            |tags: HashMap<String, String>| tags.iter().filter_map(|(key, value)| to_tag(key, value)).collect();
        let remove = |keys| client.untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_resource().resource_arn(arn).set_tags(Some(to_api(tags))).send();
        change.carry_out(self, &rule.subject(), remove, set).await
    }
}

/// Never returns `None`, because both parts of the tag are set.
fn to_tag(key: &str, value: &str) -> Option<Tag> {
    Tag::builder().key(key).value(value).build().ok()
}

fn found_rule(found: DescribeRuleOutput) -> FoundRule {
    FoundRule {
        arn: found.arn.unwrap_or_default(),
        rule: Rule {
            description: found.description.unwrap_or_default(),
            pattern: found.event_pattern.unwrap_or_default(),
            enabled: found.state != Some(RuleState::Disabled),
        },
        managed_by: found.managed_by,
    }
}

fn refused_target(entry: &PutTargetsResultEntry) -> Refused {
    Refused::new(PUT, entry.target_id(), entry.error_code(), entry.error_message())
}

fn refused_removal(entry: &RemoveTargetsResultEntry) -> Refused {
    Refused::new(REMOVE, entry.target_id(), entry.error_code(), entry.error_message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_may_not() {
        let refused = |code: &str, message: &str| Refused::new(PUT, Some("people"), Some(code), Some(message));
        assert!(refused("ConcurrentModificationException", "").may_pass());
        assert!(refused("InternalFailure", "").may_pass());
        let role =
            "Provided role 'arn:aws:iam::111122223333:role/r' cannot be assumed by principal 'events.amazonaws.com'";
        assert!(refused("ValidationException", role).may_pass());
        assert!(!refused("ValidationException", "RoleArn is required for target people.").may_pass());
        assert!(!refused("ResourceNotFoundException", "").may_pass());
        let gone = Refused::new(REMOVE, Some("people"), Some("ResourceNotFoundException"), None);
        assert_eq!(gone.meaning(), Meaning::Gone, "a target that is gone already");
    }

    #[test]
    fn a_refused_target_is_named() {
        let refused = Refused::new(PUT, Some("people"), Some("AccessDeniedException"), Some("no"));
        let told = refused.failure("set", &RuleName::new("us-east-1", "alert")).to_string();
        assert!(told.contains("cannot set target \"people\" of rule \"alert\""), "{told}");
        assert!(told.contains("us-east-1: AccessDeniedException: no (events:PutTargets)"), "{told}");
    }
}
