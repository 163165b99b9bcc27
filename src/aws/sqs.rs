//! Amazon SQS queues.
//!
//! It knows neither who sends to them nor who reads from them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value as Json;
use tfplugin::Result;
use tfplugin::wait::Limit;

use super::iam::same_policy;
use super::tags::TagChange;
use super::{Aws, Explain, Subject};

/// Default time to keep retrying while the name of a queue is reserved, which lasts for a minute after its deletion.
pub const NAME_WAIT: Duration = Duration::from_secs(2 * 60);

/// The desired state of a standard queue, encrypted with an SQS-managed key.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Name of the queue.
    pub name: String,
    /// Policy of the queue.
    pub policy: Json,
    /// Message retention period, in seconds.
    pub retention_seconds: u32,
}

/// An existing queue.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundQueue {
    /// URL of the queue.
    pub url: String,
    /// Policy of the queue. Null if only its account can send to it.
    pub policy: Json,
    /// Message retention period, in seconds.
    pub retention_seconds: u32,
}

impl Queue {
    /// Returns the differences between `found` and the queue.
    pub fn differences(&self, found: &FoundQueue) -> Vec<&'static str> {
        let checks = [
            ("policy", same_policy(&self.policy, &found.policy)),
            ("retention period", self.retention_seconds == found.retention_seconds),
        ];
        checks.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
    }

    fn attributes(&self) -> HashMap<QueueAttributeName, String> {
        HashMap::from([
            (QueueAttributeName::Policy, self.policy.to_string()),
            (QueueAttributeName::MessageRetentionPeriod, self.retention_seconds.to_string()),
            (QueueAttributeName::SqsManagedSseEnabled, "true".to_owned()),
        ])
    }
}

fn subject(region: &str, name: &str) -> Subject {
    let name = name.rsplit('/').next().unwrap_or_default();
    Subject::new(format!("queue {name:?}"), region)
}

impl Aws {
    /// Creates the queue and returns its URL. Retries until `limit` has passed while its name is reserved by a deleted
    /// queue.
    ///
    /// # Errors
    /// The error of CreateQueue.
    pub async fn create_queue(
        &self,
        region: &str,
        wanted: &Queue,
        tags: &BTreeMap<String, String>,
        limit: Limit,
    ) -> Result<String> {
        let (client, subject) = (self.sqs(region), subject(region, &wanted.name));
        let create = || async {
            let created = client
                .create_queue()
                .queue_name(&wanted.name)
                .set_attributes(Some(wanted.attributes()))
                .set_tags(Some(tags.clone().into_iter().collect()))
                .send()
                .await;
            let created = created.map(|created| created.queue_url.unwrap_or_default());
            self.look(created, "make", &subject, || self.sees_queue(region, wanted)).await
        };
        self.wait(limit, &subject, create).await
    }

    /// Returns the URL of the queue, if it is as wanted.
    async fn sees_queue(&self, region: &str, wanted: &Queue) -> Result<Option<String>> {
        let Some(url) = self.queue_url(region, &wanted.name).await? else { return Ok(None) };
        let found = self.read_queue(region, &url).await?;
        Ok(found.filter(|found| wanted.differences(found).is_empty()).map(|found| found.url))
    }

    /// Returns the URL of the queue with this name, or `None` if it does not exist.
    ///
    /// # Errors
    /// The error of GetQueueUrl.
    pub async fn queue_url(&self, region: &str, name: &str) -> Result<Option<String>> {
        let found = self.sqs(region).get_queue_url().queue_name(name).send().await;
        Ok(found.if_found("find", &subject(region, name))?.and_then(|found| found.queue_url))
    }

    /// Returns the queue at this URL, or `None` if it does not exist.
    ///
    /// # Errors
    /// The error of GetQueueAttributes.
    pub async fn read_queue(&self, region: &str, url: &str) -> Result<Option<FoundQueue>> {
        let names = [QueueAttributeName::Policy, QueueAttributeName::MessageRetentionPeriod];
        let found = self.sqs(region).get_queue_attributes().queue_url(url).set_attribute_names(Some(names.into()));
        let Some(found) = found.send().await.if_found("read", &subject(region, url))? else { return Ok(None) };
        let attributes = found.attributes.unwrap_or_default();
        let text = |name| attributes.get(&name).map(String::as_str).unwrap_or_default();
        Ok(Some(FoundQueue {
            url: url.to_owned(),
            policy: serde_json::from_str(text(QueueAttributeName::Policy)).unwrap_or(Json::Null),
            retention_seconds: text(QueueAttributeName::MessageRetentionPeriod).parse().unwrap_or_default(),
        }))
    }

    /// Sets the attributes of the queue at this URL.
    ///
    /// # Errors
    /// The error of SetQueueAttributes.
    pub async fn update_queue(&self, region: &str, url: &str, wanted: &Queue) -> Result<()> {
        let set = self.sqs(region).set_queue_attributes().queue_url(url).set_attributes(Some(wanted.attributes()));
        let set = set.send().await.map(|_| ());
        let seen = || async {
            let found = self.read_queue(region, url).await?;
            Ok(found.filter(|found| wanted.differences(found).is_empty()).map(|_| ()))
        };
        self.settle(set, "update", &subject(region, url), seen).await
    }

    /// Deletes the queue at this URL with its messages. A queue that does not exist is not an error.
    ///
    /// # Errors
    /// The error of DeleteQueue.
    pub async fn delete_queue(&self, region: &str, url: &str) -> Result<()> {
        let deleted = self.sqs(region).delete_queue().queue_url(url).send().await;
        let is_gone =
            || async { Ok(self.queue_url(region, url.rsplit('/').next().unwrap_or_default()).await?.is_none()) };
        self.settle_gone(deleted, "delete", &subject(region, url), is_gone).await
    }

    /// Returns the tags of the queue.
    ///
    /// # Errors
    /// The error of ListQueueTags.
    pub async fn queue_tags(&self, region: &str, url: &str) -> Result<HashMap<String, String>> {
        let listed = self.sqs(region).list_queue_tags().queue_url(url).send().await;
        let listed = listed.if_found("read the tags of", &subject(region, url))?;
        Ok(listed.and_then(|listed| listed.tags).unwrap_or_default())
    }

    /// Changes the tags of the queue.
    ///
    /// # Errors
    /// The error of TagQueue or UntagQueue.
    pub async fn retag_queue(&self, region: &str, url: &str, change: &TagChange) -> Result<()> {
        let (client, subject) = (self.sqs(region), subject(region, url));
        let remove = |keys| client.untag_queue().queue_url(url).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_queue().queue_url(url).set_tags(Some(tags)).send();
        change.carry_out(self, &subject, remove, set).await
    }
}
