//! Statements in the policies of topics and queues, told apart by their `Sid`; `function` and `logs` have those that
//! Lambda and CloudWatch Logs keep in ways of their own.
//!
//! A policy is shared with others: each statement that isn't ours is kept as it is. Our writers of one policy take turns
//! and read it anew, and what we just wrote is put into what they read, since SQS may answer with an old policy for a
//! minute. The key that encrypts a topic or queue comes with the same answer, so it is here too. It doesn't know what a
//! statement allows.

mod function;
mod logs;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value as Json, json};
use tfplugin::{Failure, Result};

use super::arn::Arn;
use super::clients::Locks;
use super::{Aws, Explain, Subject};

/// How long a policy that was read answers others who only read, in seconds: as long as a refresh of many resources takes.
const FRESH_SECONDS: u64 = 5;
/// How long SQS may answer with an older policy, in seconds, as documented.
const SETTLING_SECONDS: u64 = 60;

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

/// What is known of a topic or a queue; nothing of one that isn't there.
#[derive(Debug, Clone, Default)]
struct Attributes {
    policy: Option<Json>,
    key: Option<String>,
}

/// A statement of ours by its `Sid`, or that there is none, and when that was written.
type Written = BTreeMap<String, (Instant, Option<Json>)>;

/// The turns of writers, and by ARN what was read or written lately, and the addresses of queues, which stay.
#[derive(Default)]
struct Policies {
    turns: Locks,
    read: Mutex<HashMap<String, (Instant, Attributes)>>,
    written: Mutex<HashMap<String, Written>>,
    queue_urls: Mutex<HashMap<String, String>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock still holds whole entries: they are only ever replaced.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Policies {
    fn fresh(&self, arn: &str) -> Option<Attributes> {
        let read = held(&self.read);
        read.get(arn)
            .filter(|(at, _)| at.elapsed() < Duration::from_secs(FRESH_SECONDS))
            .map(|(_, known)| known.clone())
    }

    fn note_read(&self, arn: &str, attributes: Attributes) {
        held(&self.read).insert(arn.to_owned(), (Instant::now(), attributes));
    }

    fn note_written(&self, arn: &str, sid: &str, statement: Option<&Json>) {
        held(&self.read).remove(arn);
        let mut written = held(&self.written);
        written.entry(arn.to_owned()).or_default().insert(sid.to_owned(), (Instant::now(), statement.cloned()));
    }

    /// The policy with what we wrote lately in it.
    fn settled(&self, arn: &str, policy: Option<Json>) -> Option<Json> {
        let written = held(&self.written);
        let lately = |(at, _): &(Instant, _)| at.elapsed() < Duration::from_secs(SETTLING_SECONDS);
        let changes = written.get(arn).into_iter().flatten().filter(|(_, change)| lately(change));
        changes.fold(policy, |policy, (sid, (_, statement))| changed(policy, sid, statement.as_ref()))
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
        let policy = match policies.fresh(holder.arn()) {
            Some(fresh) => fresh.policy,
            None => self.attributes(holder).await?.policy,
        };
        Ok(policy.and_then(|policy| statements(&policy).into_iter().find(|one| one["Sid"] == sid)))
    }

    /// Puts the statement, with its `Sid`, into the policy; one of the same `Sid` goes.
    ///
    /// # Errors
    /// What the calls failed with.
    pub async fn put_statement(&self, holder: Holder<'_>, statement: &Json) -> Result<()> {
        let policies = self.shared::<Policies>();
        let _turn = policies.turns.turn(holder.arn()).await;
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let policy = self.attributes(holder).await?.policy;
        if policy.as_ref().is_some_and(|policy| statements(policy).contains(statement)) {
            return Ok(());
        }
        self.write(holder, changed(policy, sid, Some(statement))).await?;
        policies.note_written(holder.arn(), sid, Some(statement));
        Ok(())
    }

    /// Takes the statement with this `Sid` out of the policy. That it, or what has the policy, is gone is no error.
    ///
    /// # Errors
    /// What the calls failed with.
    pub async fn remove_statement(&self, holder: Holder<'_>, sid: &str) -> Result<()> {
        let policies = self.shared::<Policies>();
        let _turn = policies.turns.turn(holder.arn()).await;
        let policy = self.attributes(holder).await?.policy;
        if !policy.as_ref().is_some_and(|policy| statements(policy).iter().any(|statement| statement["Sid"] == sid)) {
            return Ok(());
        }
        self.write(holder, changed(policy, sid, None)).await?;
        policies.note_written(holder.arn(), sid, None);
        Ok(())
    }

    /// The key that encrypts the topic or queue; `None` if it has none of KMS, or isn't there.
    ///
    /// # Errors
    /// What the calls failed with.
    pub async fn encryption_key(&self, holder: Holder<'_>) -> Result<Option<String>> {
        let policies = self.shared::<Policies>();
        let _turn = policies.turns.turn(holder.arn()).await;
        match policies.fresh(holder.arn()) {
            Some(fresh) => Ok(fresh.key),
            None => Ok(self.attributes(holder).await?.key),
        }
    }

    /// Reads them. Whoever asks has the turn.
    async fn attributes(&self, holder: Holder<'_>) -> Result<Attributes> {
        let policies = self.shared::<Policies>();
        let (policy, key) = match holder {
            Holder::Topic(arn) => self.topic_attributes(holder, arn).await?,
            Holder::Queue(_) => self.queue_attributes(holder).await?,
        };
        let policy = policy.filter(|text| !text.is_empty()).map(|text| {
            serde_json::from_str(&text).map_err(|error| holder.subject().failure("read", format!("not JSON: {error}")))
        });
        let policy = policies.settled(holder.arn(), policy.transpose()?);
        let attributes = Attributes { policy, key: key.filter(|key| !key.is_empty()) };
        policies.note_read(holder.arn(), attributes.clone());
        Ok(attributes)
    }

    async fn topic_attributes(&self, holder: Holder<'_>, arn: &str) -> Result<(Option<String>, Option<String>)> {
        let found = self.sns(holder.parts()?.region).get_topic_attributes().topic_arn(arn).send().await;
        let found = found.if_found("read", &holder.subject())?;
        let mut attributes = found.and_then(|found| found.attributes).unwrap_or_default();
        Ok((attributes.remove("Policy"), attributes.remove("KmsMasterKeyId")))
    }

    async fn queue_attributes(&self, holder: Holder<'_>) -> Result<(Option<String>, Option<String>)> {
        let Some(url) = self.holding_queue_url(holder).await? else { return Ok((None, None)) };
        let (policy, key) = (QueueAttributeName::Policy, QueueAttributeName::KmsMasterKeyId);
        let found = self.sqs(holder.parts()?.region).get_queue_attributes().queue_url(url);
        let found = found.attribute_names(policy.clone()).attribute_names(key.clone()).send().await;
        let found = found.if_found("read", &holder.subject())?;
        let mut attributes = found.and_then(|found| found.attributes).unwrap_or_default();
        Ok((attributes.remove(&policy), attributes.remove(&key)))
    }

    async fn holding_queue_url(&self, holder: Holder<'_>) -> Result<Option<String>> {
        let policies = self.shared::<Policies>();
        let known = held(&policies.queue_urls).get(holder.arn()).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let arn = holder.parts()?;
        let found = self.sqs(arn.region).get_queue_url().queue_name(arn.resource);
        let found = found.queue_owner_aws_account_id(arn.account).send().await;
        let url = found.if_found("find the queue for", &holder.subject())?.and_then(|found| found.queue_url);
        held(&policies.queue_urls).extend(url.clone().map(|url| (holder.arn().to_owned(), url)));
        Ok(url)
    }

    /// Writes the policy; where no statement is left, what stands in place of one.
    async fn write(&self, holder: Holder<'_>, policy: Option<Json>) -> Result<()> {
        let policy = policy.filter(|policy| !statements(policy).is_empty());
        let policy = if policy.is_none() { bare_policy(holder)? } else { policy };
        let text = policy.as_ref().map(Json::to_string).unwrap_or_default();
        let region = holder.parts()?.region;
        match holder {
            Holder::Topic(arn) => {
                let set = self.sns(region).set_topic_attributes().topic_arn(arn).attribute_name("Policy");
                set.attribute_value(text).send().await.or_fail("set", &holder.subject())?;
            }
            Holder::Queue(_) => {
                let Some(url) = self.holding_queue_url(holder).await? else {
                    return Err(holder.subject().failure("set", "there is no such queue"));
                };
                let set = self.sqs(region).set_queue_attributes().queue_url(url);
                let set = set.attributes(QueueAttributeName::Policy, text).send().await;
                set.or_fail("set", &holder.subject())?;
            }
        }
        Ok(())
    }
}

/// What stands in place of a policy without statements: nothing for a queue; a topic must have one, so its default.
fn bare_policy(holder: Holder<'_>) -> Result<Option<Json>> {
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

fn statements(policy: &Json) -> Vec<Json> {
    match &policy["Statement"] {
        Json::Array(statements) => statements.clone(),
        Json::Null => Vec::new(),
        only => vec![only.clone()],
    }
}

/// The policy with `statement` as its only one with this `Sid`, or with none.
fn changed(policy: Option<Json>, sid: &str, statement: Option<&Json>) -> Option<Json> {
    let mut policy = policy.or_else(|| statement.map(|_| json!({"Version": "2012-10-17"})))?;
    let kept = without(&policy, sid).into_iter().chain(statement.cloned());
    policy["Statement"] = kept.collect();
    Some(policy)
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
        let theirs = json!({"Id": "theirs", "Statement": [{"Sid": "a"}]});
        let ours = json!({"Sid": "ours", "Effect": "Allow"});
        let both = changed(Some(theirs.clone()), "ours", Some(&ours)).unwrap();
        assert_eq!(both, json!({"Id": "theirs", "Statement": [{"Sid": "a"}, ours]}));
        assert_eq!(changed(Some(both), "ours", None), Some(theirs));
        assert_eq!(changed(None, "ours", None), None);
    }

    #[test]
    fn an_old_answer_takes_back_nothing_of_ours() {
        let policies = Policies::default();
        let statement = json!({"Sid": "one"});
        policies.note_written("queue", "one", Some(&statement));
        policies.note_written("queue", "two", None);
        let old = json!({"Statement": [{"Sid": "two"}, {"Sid": "theirs"}]});
        let settled = policies.settled("queue", Some(old.clone())).unwrap();
        assert_eq!(settled, json!({"Statement": [{"Sid": "theirs"}, {"Sid": "one"}]}));
        assert_eq!(policies.settled("other", Some(old.clone())), Some(old));
    }
}
