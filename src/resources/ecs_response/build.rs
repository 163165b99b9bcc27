//! Creates the missing parts of a response, repairs those that differ, and deletes all of them.
//!
//! Independent parts are created concurrently. The rule is created last and deleted first, because it starts the state
//! machine for findings.

use aws_sdk_eventbridge::types::{DeadLetterConfig, Target};
use tfplugin::wait::Limit;
use tfplugin::{Failure, Result};

use super::blueprint::{Blueprint, Names, TARGET_ID};
use super::survey::{Found, Part, machine_differences, queue_url, rule_differences, target_differences};
use crate::aws::eventbridge::{RuleName, TARGETS_WAIT};
use crate::aws::iam::{FoundRole, Role, RoleFailure};
use crate::aws::parts::rival;
use crate::aws::sfn::ROLE_WAIT;
use crate::aws::sqs::NAME_WAIT;
use crate::aws::tags::TagChange;
use crate::aws::{Aws, Owners};

/// Creates the role of the state machine first. If two processes create a response with this name at the same time, IAM
/// allows only one of them to create the role. Queues and state machines do not have this protection.
pub async fn begin(aws: &Aws, wanted: &Blueprint, found: &Found) -> Result<(), RoleFailure> {
    put_role(aws, wanted, &wanted.role, found.role.as_ref()).await
}

/// Changes `found` to the desired state after [`begin`], and returns the URL of the queue. Parts that are as desired
/// are left unchanged. Temporary failures are retried until `limit` has passed, or for their usual duration.
pub async fn build(aws: &Aws, wanted: &Blueprint, found: &Found, limit: Option<Limit>) -> Result<String> {
    let (rule_role, queue) = tokio::join!(
        put_role(aws, wanted, &wanted.rule_role, found.rule_role.as_ref()),
        put_queue(aws, wanted, found, limit.unwrap_or_else(|| Limit::new(NAME_WAIT))),
    );
    all([rule_role.err().map(Into::into), queue.as_ref().err().cloned()])?;
    put_machine(aws, wanted, found, limit.unwrap_or_else(|| Limit::new(ROLE_WAIT))).await?;
    let (alarm, rule) = tokio::join!(
        put_alarm(aws, wanted, found),
        put_rule(aws, wanted, found, limit.unwrap_or_else(|| Limit::new(TARGETS_WAIT)))
    );
    all([alarm.err(), rule.err()])?;
    queue
}

fn all<const COUNT: usize>(failures: [Option<Failure>; COUNT]) -> Result<()> {
    Failure::all(failures.into_iter().flatten())
}

async fn put_role(aws: &Aws, wanted: &Blueprint, role: &Role, found: Option<&FoundRole>) -> Result<(), RoleFailure> {
    if found.is_some_and(|found| role.differences(found).is_empty()) {
        return Ok(());
    }
    aws.put_role(wanted.names.region(), &wanted.tagged(role, found)).await.map(|_| ())
}

async fn put_queue(aws: &Aws, wanted: &Blueprint, found: &Found, limit: Limit) -> Result<String> {
    let region = wanted.names.region();
    let Some(found) = &found.queue else {
        return aws.create_queue(region, &wanted.queue, &wanted.tags, limit).await;
    };
    if !wanted.queue.differences(found).is_empty() {
        aws.update_queue(region, &found.url, &wanted.queue).await?;
    }
    Ok(found.url.clone())
}

async fn put_machine(aws: &Aws, wanted: &Blueprint, found: &Found, limit: Limit) -> Result<()> {
    let region = wanted.names.region();
    match &found.machine {
        None => aws.create_state_machine(region, &wanted.machine, &wanted.tags, limit).await,
        Some(found) if machine_differences(wanted, found).is_empty() => Ok(()),
        Some(_) => aws.update_state_machine(region, &wanted.machine, limit).await,
    }
}

async fn put_alarm(aws: &Aws, wanted: &Blueprint, found: &Found) -> Result<()> {
    if found.alarm.as_ref().is_some_and(|found| wanted.alarm.differences(found).is_empty()) {
        return Ok(());
    }
    aws.put_alarm(wanted.names.region(), &wanted.alarm, &wanted.tags).await
}

async fn put_rule(aws: &Aws, wanted: &Blueprint, found: &Found, limit: Limit) -> Result<()> {
    let names = &wanted.names;
    let rule = RuleName::new(names.region(), &names.response);
    if !found.rule.as_ref().is_some_and(|found| rule_differences(wanted, found).is_empty()) {
        // EventBridge accepts tags only with a new rule.
        aws.put_rule(&rule, &wanted.rule, found.rule.is_none().then_some(&wanted.tags)).await?;
    }
    if let (None, Some(mark)) = (&found.rule, &wanted.role.owner) {
        let arn = names.rule_arn();
        let read = || async {
            let tags = aws.find_rule_tags(&rule, &arn).await?;
            Ok(tags.map(|tags| Owners::of(&tags, "")))
        };
        if aws.has_rival(&names.key(), mark, read).await? {
            return Err(rival(&rule.subject()));
        }
    }
    if found.target.as_ref().is_some_and(|found| target_differences(names, found).is_empty()) {
        return Ok(());
    }
    let refused = aws.put_targets(&rule, vec![target(names)?], limit).await?;
    Failure::all(refused.iter().map(|refused| refused.failure("set", &rule)))
}

fn target(names: &Names) -> Result<Target> {
    Target::builder()
        .id(TARGET_ID)
        .arn(names.state_machine_arn())
        .role_arn(names.role_arn(&names.rule_role()))
        .dead_letter_config(DeadLetterConfig::builder().arn(names.queue_arn()).build())
        .build()
        .map_err(|error| Failure::new(format!("the rule's target is incomplete: {error}")))
}

/// Changes the tags of all existing parts, also in `found`.
pub async fn retag(aws: &Aws, names: &Names, found: &mut Found, change: &TagChange) -> Result<()> {
    if *change == TagChange::default() {
        return Ok(());
    }
    let region = names.region();
    let (role, rule_role, machine_arn) = (names.role(), names.rule_role(), names.state_machine_arn());
    let rule = RuleName::new(region, &names.response);
    let (alarm_arn, rule_arn) = (names.alarm_arn(), names.rule_arn());
    let queue_url = found.queue.as_ref().map(|queue| queue.url.as_str()).unwrap_or_default();
    let (role, rule_role, machine, queue, rule, alarm) = tokio::join!(
        where_there(found.role.is_some(), aws.retag_role(region, &role, change)),
        where_there(found.rule_role.is_some(), aws.retag_role(region, &rule_role, change)),
        where_there(found.machine.is_some(), aws.retag_state_machine(region, &machine_arn, change)),
        where_there(found.queue.is_some(), aws.retag_queue(region, queue_url, change)),
        where_there(found.rule.is_some(), aws.retag_rule(&rule, &rule_arn, change)),
        where_there(found.alarm.is_some(), aws.retag_alarm(region, &alarm_arn, change)),
    );
    for role in [&mut found.role, &mut found.rule_role].into_iter().flatten() {
        role.tags.extend(change.set.clone());
    }
    all([role.err(), rule_role.err(), machine.err(), queue.err(), rule.err(), alarm.err()])
}

/// Parts that are created now get their tags when they are created.
async fn where_there(is_there: bool, work: impl Future<Output = Result<()>>) -> Result<()> {
    if is_there { work.await } else { Ok(()) }
}

/// Deletes the `parts`. A failure does not prevent the deletion of the others.
pub async fn demolish(aws: &Aws, names: &Names, parts: &[Part], queue_url: &str) -> Result<()> {
    let region = names.region();
    let (role, rule_role, machine_arn, alarm) =
        (names.role(), names.rule_role(), names.state_machine_arn(), names.alarm());
    let rule_name = RuleName::new(region, &names.response);
    let has = |part| parts.contains(&part);
    let rule = where_there(has(Part::Rule), aws.delete_rule(&rule_name)).await;
    let machine = where_there(has(Part::Machine), aws.delete_state_machine(region, &machine_arn)).await;
    let (alarm, queue, role, rule_role) = tokio::join!(
        where_there(has(Part::Alarm), aws.delete_alarm(region, &alarm)),
        where_there(has(Part::Queue), delete_queue(aws, names, queue_url)),
        where_there(has(Part::Role), aws.delete_role(region, &role)),
        where_there(has(Part::RuleRole), aws.delete_role(region, &rule_role)),
    );
    all([rule.err(), machine.err(), alarm.err(), queue.err(), role.err(), rule_role.err()])
}

async fn delete_queue(aws: &Aws, names: &Names, known_url: &str) -> Result<()> {
    match queue_url(aws, names, known_url).await? {
        Some(url) => aws.delete_queue(names.region(), &url).await,
        None => Ok(()),
    }
}
