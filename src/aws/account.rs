//! Whose account it is, and the ARNs in it.

use aws_sdk_sts as sts;
use tfplugin::Result;

use super::{Explain, Subject};

/// An AWS account and the partition that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id: 12 digits.
    pub id: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
}

impl Account {
    pub(super) async fn of_caller(client: sts::Client) -> Result<Self> {
        let subject = Subject::new("the AWS account of these credentials", "sts");
        let caller = client.get_caller_identity().send().await.or_fail("find out", &subject)?;
        let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        Ok(Account { id: caller.account().unwrap_or_default().to_owned(), partition })
    }

    /// A check of an attribute: it is an account's id.
    ///
    /// # Errors
    /// That it is none.
    pub fn check_id(text: &str) -> std::result::Result<(), String> {
        let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        valid.then_some(()).ok_or_else(|| format!("{text:?} is not an AWS account id: 12 digits."))
    }

    /// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", self.partition, self.id)
    }
}
