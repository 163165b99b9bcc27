//! Statements in the policies of topics and queues, told apart by their `Sid`; `function` and `logs` have those that
//! Lambda and CloudWatch Logs keep in ways of their own.
//!
//! A policy is shared with others: each statement that isn't ours is kept as it is. Writers of one policy take turns,
//! and a policy that was just written is not read again, since SQS may answer with the old one for a minute. It doesn't
//! know what a statement allows.

mod function;
mod logs;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value as Json, json};
use tfplugin::{Failure, Result};

use super::arn::Arn;
use super::clients::Locks;
use super::{Aws, Explain, Subject};

/// How long a policy that was read answers for others, in seconds: as long as a refresh of many resources takes.
const READ_FRESH_SECONDS: u64 = 5;
/// The same for one that we wrote: SQS documents up to a minute until a change is seen everywhere.
const WRITTEN_FRESH_SECONDS: u64 = 60;

/// What has a policy of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// An SNS topic, by its ARN.
    Topic(&'a str),
    /// An SQS queue, by its ARN.
    Queue(&'a str),
}

impl<'a> Holder<'a> {
    fn arn(self) -> &'a str {
        match self {
            Holder::Topic(arn) | Holder::Queue(arn) => arn,
        }
    }

    fn parts(self) -> Result<Arn<'a>> {
        Arn::parse(self.arn()).ok_or_else(|| Failure::new(format!("{:?} is not an ARN", self.arn())))
    }

    fn subject(self) -> Subject {
        Subject::new(format!("the policy of {}", self.arn()), self.parts().map_or("", |arn| arn.region))
    }
}

struct Known {
    until: Instant,
    policy: Option<Json>,
}

/// The turns of writers, and the policies that are fresh, by ARN.
#[derive(Default)]
struct Policies {
    turns: Locks,
    fresh: Mutex<HashMap<String, Known>>,
}

impl Policies {
    /// The policy if it is fresh; a fresh answer may be that there is none.
    fn known(&self, arn: &str) -> Option<Option<Json>> {
        let fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.get(arn).filter(|known| known.until > Instant::now()).map(|known| known.policy.clone())
    }

    fn remember(&self, arn: &str, policy: Option<Json>, seconds: u64) {
        let until = Instant::now() + Duration::from_secs(seconds);
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned(), Known { until, policy });
    }

    fn forget(&self, arn: &str) {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).remove(arn);
    }
}

impl Aws {
    /// The statement with this `Sid` in the policy; `None` if there is none, or nothing that has a policy.
    ///
    /// # Errors
    /// What the calls failed with.
    pub async fn statement(&self, holder: Holder<'_>, sid: &str) -> Result<Option<Json>> {
        let policies = self.shared::<Policies>();
        let _turn = policies.turns.turn(holder.arn()).await;
        let policy = self.policy(holder).await?;
        Ok(policy.and_then(|policy| statements(&policy).into_iter().find(|one| one["Sid"] == sid)))
    }

    /// Puts the statement, with its `Sid`, into the policy; one of the same `Sid` goes.
    ///
    /// # Errors
    /// What the calls failed with.
    pub async fn put_statement(&self, holder: Holder<'_>, statement: &Json) -> Result<()> {
        let policies = self.shared::<Policies>();
        let _turn = policies.turns.turn(holder.arn()).await;
        let policy = self.policy(holder).await?;
        if policy.as_ref().is_some_and(|policy| statements(policy).contains(statement)) {
            return Ok(());
        }
        let mut policy = policy.unwrap_or_else(|| json!({"Version": "2012-10-17"}));
        let mut kept = without(&policy, statement["Sid"].as_str().unwrap_or_default());
        kept.push(statement.clone());
        policy["Statement"] = Json::Array(kept);
        self.write_policy(holder, Some(policy)).await
    }

    /// Takes the statement with this `Sid` out of the policy. That it, or what has the policy, is gone is no error.
    ///
    /// # Errors
    /// What the calls failed with.
    pub async fn remove_statement(&self, holder: Holder<'_>, sid: &str) -> Result<()> {
        let policies = self.shared::<Policies>();
        let _turn = policies.turns.turn(holder.arn()).await;
        let Some(mut policy) = self.policy(holder).await? else { return Ok(()) };
        let kept = without(&policy, sid);
        if kept.len() == statements(&policy).len() {
            return Ok(());
        }
        let is_empty = kept.is_empty();
        policy["Statement"] = Json::Array(kept);
        let left = if is_empty { self.bare_policy(holder)? } else { Some(policy) };
        self.write_policy(holder, left).await
    }

    /// What stands in place of a policy without statements: nothing for a queue; a topic must have one, so its default.
    fn bare_policy(&self, holder: Holder<'_>) -> Result<Option<Json>> {
        let Holder::Topic(arn) = holder else { return Ok(None) };
        let actions = [
            "GetTopicAttributes",
            "SetTopicAttributes",
            "AddPermission",
            "RemovePermission",
            "DeleteTopic",
            "Subscribe",
            "ListSubscriptionsByTopic",
            "Publish",
        ];
        Ok(Some(json!({
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [{
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": actions.map(|action| format!("SNS:{action}")),
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": holder.parts()?.account}},
            }],
        })))
    }

    /// The whole policy. Whoever asks has the turn.
    async fn policy(&self, holder: Holder<'_>) -> Result<Option<Json>> {
        let policies = self.shared::<Policies>();
        if let Some(known) = policies.known(holder.arn()) {
            return Ok(known);
        }
        let text = match holder {
            Holder::Topic(arn) => self.topic_policy(holder, arn).await?,
            Holder::Queue(_) => self.queue_policy(holder).await?,
        };
        let policy = text.filter(|text| !text.is_empty()).map(|text| {
            serde_json::from_str(&text).map_err(|error| holder.subject().failure("read", format!("not JSON: {error}")))
        });
        let policy = policy.transpose()?;
        policies.remember(holder.arn(), policy.clone(), READ_FRESH_SECONDS);
        Ok(policy)
    }

    async fn topic_policy(&self, holder: Holder<'_>, arn: &str) -> Result<Option<String>> {
        let found = self.sns(holder.parts()?.region).get_topic_attributes().topic_arn(arn).send().await;
        let found = found.if_found("read", &holder.subject())?;
        Ok(found.and_then(|found| found.attributes?.remove("Policy")))
    }

    async fn queue_policy(&self, holder: Holder<'_>) -> Result<Option<String>> {
        let Some(url) = self.queue_url(holder).await? else { return Ok(None) };
        let found = self
            .sqs(holder.parts()?.region)
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::Policy)
            .send()
            .await;
        let found = found.if_found("read", &holder.subject())?;
        Ok(found.and_then(|found| found.attributes?.remove(&QueueAttributeName::Policy)))
    }

    async fn queue_url(&self, holder: Holder<'_>) -> Result<Option<String>> {
        let arn = holder.parts()?;
        let found = self.sqs(arn.region).get_queue_url().queue_name(arn.resource);
        let found = found.queue_owner_aws_account_id(arn.account).send().await;
        Ok(found.if_found("find the queue for", &holder.subject())?.and_then(|found| found.queue_url))
    }

    async fn write_policy(&self, holder: Holder<'_>, policy: Option<Json>) -> Result<()> {
        let policies = self.shared::<Policies>();
        // Until the answer is there, nobody knows what the policy is.
        policies.forget(holder.arn());
        let text = policy.as_ref().map(Json::to_string).unwrap_or_default();
        let region = holder.parts()?.region;
        match holder {
            Holder::Topic(arn) => {
                let set = self.sns(region).set_topic_attributes().topic_arn(arn).attribute_name("Policy");
                set.attribute_value(text).send().await.or_fail("set", &holder.subject())?;
            }
            Holder::Queue(_) => {
                let Some(url) = self.queue_url(holder).await? else {
                    return Err(holder.subject().failure("set", "there is no such queue"));
                };
                let set = self.sqs(region).set_queue_attributes().queue_url(url);
                let set = set.attributes(QueueAttributeName::Policy, text).send().await;
                set.or_fail("set", &holder.subject())?;
            }
        }
        policies.remember(holder.arn(), policy, WRITTEN_FRESH_SECONDS);
        Ok(())
    }
}

fn statements(policy: &Json) -> Vec<Json> {
    match &policy["Statement"] {
        Json::Array(statements) => statements.clone(),
        Json::Null => Vec::new(),
        only => vec![only.clone()],
    }
}

fn without(policy: &Json, sid: &str) -> Vec<Json> {
    statements(policy).into_iter().filter(|statement| statement["Sid"] != sid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_others_stay() {
        let policy = json!({"Statement": [{"Sid": "a"}, {"Effect": "Allow"}, {"Sid": "ours"}]});
        assert_eq!(without(&policy, "ours"), [json!({"Sid": "a"}), json!({"Effect": "Allow"})]);
        assert_eq!(without(&json!({"Statement": {"Sid": "only"}}), "ours"), [json!({"Sid": "only"})]);
        assert!(without(&json!({}), "ours").is_empty());
    }
}
