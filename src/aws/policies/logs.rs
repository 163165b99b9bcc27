//! The resource policies of CloudWatch Logs: named documents, at most 10 in a region. One of them is ours.

use serde_json::Value as Json;
use tfplugin::Result;

use super::{Attempt, Attributes, Holder, attempted, once};
use crate::aws::meaning::Meaning;
use crate::aws::{Aws, Explain, Subject, error};

/// Name of the policy that all finding rules of a region share.
pub const POLICY_NAME: &str = "guardduty-finding-rules";
/// Maximum number of policies in a region. AWS does not raise this quota.
const POLICIES_MAX: usize = 10;

pub(super) fn subject(region: &str) -> Subject {
    Subject::new(format!("CloudWatch Logs resource policy {POLICY_NAME:?}"), region)
}

impl Aws {
    /// Returns the policies of the region: ours, and all others.
    pub(super) async fn logs_attributes(&self, region: &str) -> Result<Attributes> {
        let mut found = Attributes::default();
        let mut pages = self.cloudwatchlogs(region).describe_resource_policies();
        loop {
            let page = pages.clone().send().await.or_fail("read", &subject(region))?;
            for policy in page.resource_policies() {
                let document: Option<Json> = policy.policy_document().and_then(|text| serde_json::from_str(text).ok());
                match policy.policy_name() {
                    Some(POLICY_NAME) => found.policy = document,
                    _ => found.others.extend(document),
                }
            }
            match page.next_token {
                Some(token) => pages = pages.next_token(token),
                None => return Ok(found),
            }
        }
    }

    /// Writes our policy once, or deletes it if it is `None`.
    pub(super) async fn write_logs_policy(&self, holder: Holder<'_>, policy: Option<Json>) -> Result<Attempt> {
        let region = holder.parts()?.region;
        let (client, config) = (self.cloudwatchlogs(region), aws_sdk_cloudwatchlogs::config::Builder::new());
        let config = config.retry_config(once());
        let Some(policy) = policy else {
            let deleted = client.delete_resource_policy().policy_name(POLICY_NAME).customize();
            return match deleted.config_override(config).send().await {
                Err(error) if error::is_gone(&error) => Ok(Attempt::Written),
                deleted => attempted(deleted, holder),
            };
        };
        let put = client.put_resource_policy().policy_name(POLICY_NAME).policy_document(policy.to_string());
        match put.customize().config_override(config).send().await {
            Err(error) if error::meaning(&error) == Some(Meaning::Quota) => {
                let failure = error::explain(&error, "set", &subject(region));
                let found = self.logs_attributes(region).await?;
                let count = found.others.len() + usize::from(found.policy.is_some());
                Err(failure.detail(format!(
                    "This region has {count} of {POLICIES_MAX} CloudWatch Logs resource policies. Delete one that is not \
                     needed, or let EventBridge in by one of them and set `manage_permissions = false`."
                )))
            }
            put => attempted(put, holder),
        }
    }
}
