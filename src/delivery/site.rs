//! The account and region of a resource, as IAM policies and ARNs name them.
//!
//! It does not know any policy: `findings::permissions` does.

use tfplugin::Result;

use crate::aws::Aws;
use crate::findings::permissions::Site;

/// Returns the account of the credentials, in `region`. If the account is unknown, it is taken from the ARN `known` of
/// the resource.
///
/// # Errors
/// The credentials are not valid, or their account is unknown.
pub async fn site(aws: &Aws, region: &str, known: Option<&str>) -> Result<Site> {
    let account = aws.account_with(region, known).await?;
    Ok(Site { partition: account.partition, region: region.to_owned(), account: account.id })
}
