//! Policies of topics, queues and CloudWatch Logs that allow rules. `function` has the policies of Lambda, which adds
//! and removes statements itself.
//!
//! All rules of an account and region share one statement in a policy (a queue accepts 20) and one policy of CloudWatch
//! Logs (a region accepts 10). The condition of the statement lists them, and each rule only adds and removes itself.
//! Nothing else in a policy is changed, and nothing is written if other statements already allow a rule.
//!
//! Services accept a policy only as a whole and have no precondition, so of two processes that read, change and write
//! it, one may undo the change of the other. A write is therefore read back after every process that had read the
//! policy before must have written it, and is repeated if it is lost. For this to work, a policy is written right after
//! it was read: a write that failed is never retried by itself. It does not know what a statement allows.

mod admission;
mod function;
mod logs;

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_config::retry::RetryConfig;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value as Json, json};
use tfplugin::wait::{Limit, Next, Pauses};
use tfplugin::{Failure, Result};

use self::admission::Ask;
use super::arn::Arn;
use super::clients::Locks;
use super::flights::Flights;
use super::iam::same_policy;
use super::meaning::Meaning;
use super::{Aws, Explain, Subject, error};

/// How long SQS may return an older policy, in seconds, as documented.
const SETTLING_SECONDS: u64 = 60;
/// Maximum time from the read of a policy to the write that follows it, in milliseconds.
const LANDING_MILLIS: u64 = 1000;
/// Maximum random delay, in milliseconds, so that two processes that undo each other's writes do not stay in step.
const JITTER_MILLIS: u64 = 700;
/// How long a change is retried.
const CHANGE_WAIT: Duration = Duration::from_secs(3 * 60);

/// The owner of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// An SNS topic, by its ARN.
    Topic(&'a str),
    /// An SQS queue, by its ARN.
    Queue(&'a str),
    /// CloudWatch Logs in a region, by the ARN of all its log groups. One of its policies, as a whole, is ours.
    Logs(&'a str),
}

impl<'a> Holder<'a> {
    fn arn(self) -> &'a str {
        match self {
            Holder::Topic(arn) | Holder::Queue(arn) | Holder::Logs(arn) => arn,
        }
    }

    fn parts(self) -> Result<Arn<'a>> {
        Arn::parse(self.arn()).ok_or_else(|| Failure::new(format!("{:?} is not an ARN", self.arn())))
    }

    fn subject(self) -> Subject {
        let region = self.parts().map_or("", |arn| arn.region);
        match self {
            Holder::Topic(arn) | Holder::Queue(arn) => Subject::new(format!("the policy of {arn}"), region),
            Holder::Logs(_) => logs::subject(region),
        }
    }

    /// Returns our part of the policy: the statement with this `Sid`, or all of it.
    fn own(self, policy: Option<&Json>, sid: &Json) -> Option<Json> {
        match self {
            Holder::Topic(_) | Holder::Queue(_) => {
                policy.map(statements)?.into_iter().find(|statement| statement["Sid"] == *sid)
            }
            Holder::Logs(_) => policy.cloned(),
        }
    }

    /// Returns the policy with `own` as our part.
    fn with_own(self, policy: Option<Json>, sid: &Json, own: Option<Json>) -> Option<Json> {
        match self {
            Holder::Topic(_) | Holder::Queue(_) => {
                let mut policy = policy.or_else(|| own.as_ref().map(|_| json!({"Version": "2012-10-17"})))?;
                let kept = statements(&policy).into_iter().filter(|statement| statement["Sid"] != *sid);
                policy["Statement"] = kept.chain(own).collect();
                Some(policy)
            }
            Holder::Logs(_) => own,
        }
    }
}

/// Attributes of a holder. Empty if it does not exist.
#[derive(Debug, Clone, Default)]
struct Attributes {
    policy: Option<Json>,
    /// Its other policies.
    others: Vec<Json>,
    key: Option<String>,
}

/// A change of our part of a policy: rules to add, and rules to remove.
struct Change<'a> {
    /// Our part for the rules that are added.
    document: &'a Json,
    added: Vec<String>,
    removed: Vec<String>,
}

impl Change<'_> {
    fn sid(&self) -> &Json {
        &self.document["Sid"]
    }

    /// Returns our part after the change, or `None` if nothing is left.
    fn after(&self, own: Option<&Json>) -> Option<Json> {
        let mut rules = own.map(sources).unwrap_or_default();
        rules.retain(|rule| !self.removed.contains(rule));
        let new: Vec<_> = self.added.iter().filter(|rule| !rules.contains(rule)).cloned().collect();
        rules.extend(new);
        match own {
            _ if rules.is_empty() => None,
            Some(own) if self.added.is_empty() => Some(with_sources(own, &rules)),
            _ => Some(with_sources(self.document, &rules)),
        }
    }

    /// Returns whether there is nothing to change.
    fn is_done(&self, own: Option<&Json>) -> bool {
        match (own, self.after(own)) {
            (None, None) => true,
            (Some(own), Some(after)) => same_policy(own, &after),
            _ => false,
        }
    }
}

/// Rules that our part of a policy contains, with that part, or no longer contains, and when that was written.
type Written = BTreeMap<String, (Instant, Option<Json>)>;

/// The turns of writers, and by ARN the reads in progress, recent writes, and the URLs of queues, which never change.
#[derive(Default)]
struct Policies {
    turns: Locks,
    reads: Flights<Attributes>,
    written: Mutex<HashMap<String, Written>>,
    queue_urls: Mutex<HashMap<String, String>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock still holds complete entries: they are only ever replaced.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Policies {
    fn note_written(&self, arn: &str, change: &Change<'_>) {
        let mut written = held(&self.written);
        let written = written.entry(arn.to_owned()).or_default();
        let now = Instant::now();
        written.extend(change.removed.iter().map(|rule| (rule.clone(), (now, None))));
        written.extend(change.added.iter().map(|rule| (rule.clone(), (now, Some(change.document.clone())))));
    }

    /// Returns our part of a policy with the recent writes of this process, because SQS may return an older policy.
    fn settled(&self, arn: &str, own: Option<Json>) -> Option<Json> {
        let written = held(&self.written);
        let lately = |(at, _): &(Instant, _)| at.elapsed() < Duration::from_secs(SETTLING_SECONDS);
        let changes = written.get(arn).into_iter().flatten().filter(|(_, change)| lately(change));
        changes.fold(own, |own, (rule, (_, document))| {
            let change = match document {
                Some(document) => Change { document, added: vec![rule.clone()], removed: Vec::new() },
                None => Change { document: &Json::Null, added: Vec::new(), removed: vec![rule.clone()] },
            };
            change.after(own.as_ref())
        })
    }
}

/// Result of an attempt to write a policy.
enum Attempt {
    /// There was nothing to change.
    NothingToDo,
    /// The policy was written.
    Written,
    /// The policy was not written, for a temporary reason.
    Later(String),
}

impl Aws {
    /// Returns what currently allows the rules of `document`: our part of the policy for these rules, `document` itself
    /// if other statements allow them, or `None`.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn grant(&self, holder: Holder<'_>, document: &Json) -> Result<Option<Json>> {
        let found = self.attributes(holder).await?;
        let own = own_part(holder, &found, document);
        let is_whole = own.as_ref().is_some_and(|own| same_policy(own, document));
        Ok(if !is_whole && admitted_by_others(holder, &found, document) { Some(document.clone()) } else { own })
    }

    /// Returns our part of the policy for the rules of `document`.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn own_grant(&self, holder: Holder<'_>, document: &Json) -> Result<Option<Json>> {
        Ok(own_part(holder, &self.attributes(holder).await?, document))
    }

    /// Allows the rules of `document`, and no longer those of `before` that it does not contain. Nothing is written if
    /// other statements already allow them.
    ///
    /// # Errors
    /// The error of a call, or another process undoes the change.
    pub async fn put_grant(&self, holder: Holder<'_>, document: &Json, before: Option<&Json>) -> Result<()> {
        let added = sources(document);
        let removed = before.map(sources).unwrap_or_default();
        let removed = removed.into_iter().filter(|rule| !added.contains(rule)).collect();
        self.change_policy(holder, &Change { document, added, removed }).await
    }

    /// Removes the rules of `document` from our part of the policy. Rules or a holder that do not exist are not an
    /// error.
    ///
    /// # Errors
    /// The error of a call, or another process undoes the change.
    pub async fn remove_grant(&self, holder: Holder<'_>, document: &Json) -> Result<()> {
        self.change_policy(holder, &Change { document, added: Vec::new(), removed: sources(document) }).await
    }

    async fn change_policy(&self, holder: Holder<'_>, change: &Change<'_>) -> Result<()> {
        let mut pauses = Pauses::new(Limit::new(CHANGE_WAIT));
        loop {
            let seen = match self.attempt(holder, change).await? {
                Attempt::NothingToDo => return Ok(()),
                Attempt::Later(reason) => reason,
                Attempt::Written => {
                    rest().await;
                    let found = self.attributes(holder).await?;
                    if change.is_done(holder.own(found.policy.as_ref(), change.sid()).as_ref()) {
                        return Ok(());
                    }
                    "another writer of the policy, or an old answer, undid the change".to_owned()
                }
            };
            if pauses.next(self.stop(), &seen).await != Next::Look {
                return Err(holder.subject().failure("set", seen));
            }
        }
    }

    async fn attempt(&self, holder: Holder<'_>, change: &Change<'_>) -> Result<Attempt> {
        let policies = self.shared::<Policies>();
        let _turn = policies.turns.turn(holder.arn()).await;
        let found = self.attributes(holder).await?;
        let own = holder.own(found.policy.as_ref(), change.sid());
        let is_new = !change.added.is_empty() && own.is_none();
        if change.is_done(own.as_ref()) || is_new && admitted_by_others(holder, &found, change.document) {
            return Ok(Attempt::NothingToDo);
        }
        let own = change.after(policies.settled(holder.arn(), own).as_ref());
        let attempt = self.write(holder, holder.with_own(found.policy, change.sid(), own)).await?;
        if matches!(attempt, Attempt::Written) {
            policies.note_written(holder.arn(), change);
        }
        Ok(attempt)
    }

    /// Returns the key that encrypts the topic or queue, or `None` if it has no KMS key or does not exist.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn encryption_key(&self, holder: Holder<'_>) -> Result<Option<String>> {
        Ok(self.attributes(holder).await?.key)
    }

    /// Reads the attributes once for all concurrent requests.
    async fn attributes(&self, holder: Holder<'_>) -> Result<Attributes> {
        let policies = self.shared::<Policies>();
        let read = || async {
            let (policy, key) = match holder {
                Holder::Topic(arn) => self.topic_attributes(holder, arn).await?,
                Holder::Queue(_) => self.queue_attributes(holder).await?,
                Holder::Logs(_) => return self.logs_attributes(holder.parts()?.region).await,
            };
            let told = |error: serde_json::Error| holder.subject().failure("read", format!("not JSON: {error}"));
            let policy = policy.filter(|text| !text.is_empty()).map(|text| serde_json::from_str(&text).map_err(told));
            let key = key.filter(|key| !key.is_empty());
            Ok(Attributes { policy: policy.transpose()?, others: Vec::new(), key })
        };
        policies.reads.share(holder.arn(), read).await
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

    /// Writes the policy once. If no statement is left, writes the replacement of an empty policy.
    async fn write(&self, holder: Holder<'_>, policy: Option<Json>) -> Result<Attempt> {
        let region = holder.parts()?.region;
        let policy = policy.filter(|policy| !statements(policy).is_empty());
        let policy = if policy.is_none() { bare_policy(holder)? } else { policy };
        let text = policy.as_ref().map(Json::to_string).unwrap_or_default();
        match holder {
            Holder::Topic(arn) => {
                let set = self.sns(region).set_topic_attributes().topic_arn(arn).attribute_name("Policy");
                let set = set.attribute_value(text).customize();
                let once = aws_sdk_sns::config::Builder::new().retry_config(once());
                attempted(set.config_override(once).send().await, holder)
            }
            Holder::Queue(_) => {
                let Some(url) = self.holding_queue_url(holder).await? else {
                    return Err(holder.subject().failure("set", "there is no such queue"));
                };
                let set = self.sqs(region).set_queue_attributes().queue_url(url);
                let set = set.attributes(QueueAttributeName::Policy, text).customize();
                let once = aws_sdk_sqs::config::Builder::new().retry_config(once());
                attempted(set.config_override(once).send().await, holder)
            }
            Holder::Logs(_) => self.write_logs_policy(holder, policy).await,
        }
    }
}

/// Returns our part of a policy for the rules of `document`.
fn own_part(holder: Holder<'_>, found: &Attributes, document: &Json) -> Option<Json> {
    let (rules, own) = (sources(document), holder.own(found.policy.as_ref(), &document["Sid"])?);
    let named: Vec<_> = sources(&own).into_iter().filter(|rule| rules.contains(rule)).collect();
    (!named.is_empty()).then(|| with_sources(&own, &named))
}

/// Returns the configuration of a write that is not retried by itself, because it would write what was read too long
/// ago.
fn once() -> RetryConfig {
    RetryConfig::disabled()
}

fn attempted<T, E>(answer: Result<T, SdkError<E, HttpResponse>>, holder: Holder<'_>) -> Result<Attempt>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(_) => Ok(Attempt::Written),
        Err(error) => {
            let passes = matches!(error::meaning(&error), Some(Meaning::Throttled | Meaning::Busy));
            if passes || error::is_unanswered(&error) {
                return Ok(Attempt::Later(error::reason(&error)));
            }
            Err(error::explain(&error, "set", &holder.subject()))
        }
    }
}

/// Waits until every process that read a policy before it was written must have written it.
async fn rest() {
    let jitter = RandomState::new().build_hasher().finish() % JITTER_MILLIS;
    tokio::time::sleep(Duration::from_millis(LANDING_MILLIS + jitter)).await;
}

/// Returns whether statements other than ours allow all rules of `document`.
fn admitted_by_others(holder: Holder<'_>, found: &Attributes, document: &Json) -> bool {
    let others = match holder {
        Holder::Topic(_) | Holder::Queue(_) => {
            holder.with_own(found.policy.clone(), &document["Sid"], None).into_iter().collect()
        }
        Holder::Logs(_) => found.others.clone(),
    };
    let wanted = match holder {
        Holder::Topic(_) | Holder::Queue(_) => vec![document.clone()],
        Holder::Logs(_) => statements(document),
    };
    let rules = sources(document);
    let is_admitted = |rule: &String, statement: &Json| {
        let text = |name: &str| statement[name].as_str().unwrap_or_default();
        let account = Arn::parse(rule).map_or("", |arn| arn.account);
        let ask = Ask { action: text("Action"), resource: text("Resource"), rule, account };
        others.iter().any(|policy| admission::admits(policy, &ask))
    };
    !rules.is_empty() && rules.iter().all(|rule| wanted.iter().all(|statement| is_admitted(rule, statement)))
}

/// Returns the replacement of a policy without statements: nothing for a queue, and the default policy for a topic,
/// which must have one.
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

/// Returns the rules that a statement, or the statements of a policy, allow.
fn sources(document: &Json) -> Vec<String> {
    let of_statement = |statement: &Json| {
        let operators = statement["Condition"].as_object().cloned().unwrap_or_default();
        let keys = operators.into_values().filter_map(|keys| keys.as_object().cloned()).flatten();
        let values = keys.filter(|(key, _)| key.eq_ignore_ascii_case(SOURCE)).map(|(_, values)| values);
        values.flat_map(|values| match values {
            Json::Array(values) => values,
            only => vec![only],
        })
    };
    let all = if document["Statement"].is_null() { vec![document.clone()] } else { statements(document) };
    let mut sources: Vec<String> = Vec::new();
    for source in all.iter().flat_map(of_statement).filter_map(|value| value.as_str().map(str::to_owned)) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

/// The condition key that identifies a rule.
const SOURCE: &str = "aws:SourceArn";

/// Returns the statement or policy for these rules.
fn with_sources(document: &Json, rules: &[String]) -> Json {
    match document {
        Json::Object(entries) => entries
            .iter()
            .map(|(key, value)| {
                let is_source = key.eq_ignore_ascii_case(SOURCE);
                (key.clone(), if is_source { one_or_many(rules) } else { with_sources(value, rules) })
            })
            .collect(),
        Json::Array(items) => items.iter().map(|item| with_sources(item, rules)).collect(),
        other => other.clone(),
    }
}

fn one_or_many(rules: &[String]) -> Json {
    match rules {
        [only] => json!(only),
        rules => json!(rules),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: Holder<'_> = Holder::Queue("arn:aws:sqs:us-east-1:111122223333:q");

    fn rule(name: &str) -> String {
        format!("arn:aws:events:us-east-1:111122223333:rule/{name}")
    }

    /// Returns our statement for these rules.
    fn ours(names: &[&str]) -> Json {
        let rules: Vec<_> = names.iter().map(|name| rule(name)).collect();
        let empty = json!({
            "Sid": "Ours", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:111122223333:q",
            "Condition": {"ArnEquals": {"aws:SourceArn": []}},
        });
        with_sources(&empty, &rules)
    }

    fn adding<'a>(document: &'a Json) -> Change<'a> {
        Change { document, added: sources(document), removed: Vec::new() }
    }

    fn removing<'a>(document: &'a Json) -> Change<'a> {
        Change { document, added: Vec::new(), removed: sources(document) }
    }

    #[test]
    fn rules_come_and_go_in_one_statement() {
        let (a, b) = (ours(&["a"]), ours(&["b"]));
        let both = adding(&b).after(Some(&a)).unwrap();
        assert_eq!(both, ours(&["a", "b"]));
        assert!(adding(&a).is_done(Some(&both)) && adding(&b).is_done(Some(&both)) && !adding(&b).is_done(Some(&a)));
        assert_eq!(removing(&a).after(Some(&both)), Some(b.clone()));
        assert_eq!(removing(&b).after(Some(&b)), None, "nobody needs it any more");
        assert!(removing(&b).is_done(None) && removing(&b).is_done(Some(&a)));
        let mut spoilt = both;
        spoilt["Action"] = json!("sqs:*");
        assert_eq!(adding(&a).after(Some(&spoilt)), Some(ours(&["a", "b"])), "what was changed in it is put right");
    }

    #[test]
    fn statements_of_others_stay() {
        let theirs = json!({"Id": "theirs", "Statement": [{"Sid": "a"}, {"Effect": "Allow"}]});
        let (sid, own) = (json!("Ours"), ours(&["a"]));
        let both = QUEUE.with_own(Some(theirs.clone()), &sid, Some(own.clone())).unwrap();
        assert_eq!(both, json!({"Id": "theirs", "Statement": [{"Sid": "a"}, {"Effect": "Allow"}, own]}));
        assert_eq!(QUEUE.own(Some(&both), &sid), Some(own));
        assert_eq!(QUEUE.with_own(Some(both), &sid, None), Some(theirs));
        let only = json!({"Statement": {"Sid": "only"}});
        assert_eq!(QUEUE.with_own(Some(only), &sid, None), Some(json!({"Statement": [{"Sid": "only"}]})));
        assert_eq!(QUEUE.with_own(None, &sid, None), None);
    }

    #[test]
    fn an_old_answer_takes_back_nothing_of_ours() {
        let policies = Policies::default();
        let (one, two) = (ours(&["one"]), ours(&["two"]));
        policies.note_written("queue", &adding(&one));
        policies.note_written("queue", &removing(&two));
        assert_eq!(
            policies.settled("queue", Some(ours(&["two", "of-another-process"]))),
            Some(ours(&["of-another-process", "one"]))
        );
        assert_eq!(policies.settled("queue", None), Some(one));
        assert_eq!(policies.settled("other", Some(two.clone())), Some(two));
    }

    #[test]
    fn a_rule_that_others_let_in_needs_no_statement() {
        let document = ours(&["a"]);
        let found =
            |statement: Json| Attributes { policy: Some(json!({"Statement": [statement]})), ..Attributes::default() };
        assert!(!admitted_by_others(QUEUE, &found(document.clone()), &document), "ours is not that of others");
        let mut theirs = document.clone();
        theirs["Sid"] = json!("Theirs");
        assert!(admitted_by_others(QUEUE, &found(theirs.clone()), &document));
        assert!(!admitted_by_others(QUEUE, &found(theirs), &ours(&["a", "b"])), "each of the rules");
    }
}
