//! The resource policies of CloudWatch Logs: whole documents with names, at most 10 in a region.

use serde_json::Value as Json;
use tfplugin::Result;

use crate::aws::{Aws, Explain, Subject};

impl Aws {
    /// The resource policy of CloudWatch Logs with this name; `None` if there is none.
    ///
    /// # Errors
    /// What DescribeResourcePolicies failed with.
    pub async fn logs_policy(&self, region: &str, name: &str) -> Result<Option<Json>> {
        let mut pages = self.cloudwatchlogs(region).describe_resource_policies();
        loop {
            let page = pages.clone().send().await.or_fail("read", &logs_subject(region, name))?;
            let found = page.resource_policies().iter().find(|policy| policy.policy_name() == Some(name));
            if let Some(found) = found {
                return Ok(found.policy_document().and_then(|text| serde_json::from_str(text).ok()));
            }
            match page.next_token {
                Some(token) => pages = pages.next_token(token),
                None => return Ok(None),
            }
        }
    }

    /// Makes or changes the resource policy of CloudWatch Logs with this name.
    ///
    /// # Errors
    /// What PutResourcePolicy failed with: a region has at most 10 such policies.
    pub async fn put_logs_policy(&self, region: &str, name: &str, policy: &Json) -> Result<()> {
        let put = self.cloudwatchlogs(region).put_resource_policy().policy_name(name);
        let put = put.policy_document(policy.to_string()).send().await;
        put.or_fail("set", &logs_subject(region, name)).map(|_| ())
    }

    /// Deletes the resource policy of CloudWatch Logs with this name. That it is gone already is no error.
    ///
    /// # Errors
    /// What DeleteResourcePolicy failed with.
    pub async fn delete_logs_policy(&self, region: &str, name: &str) -> Result<()> {
        let deleted = self.cloudwatchlogs(region).delete_resource_policy().policy_name(name).send().await;
        deleted.if_found("delete", &logs_subject(region, name)).map(|_| ())
    }
}

fn logs_subject(region: &str, name: &str) -> Subject {
    Subject::new(format!("CloudWatch Logs resource policy {name:?}"), region)
}
