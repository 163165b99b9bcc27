//! Where a resource is made, as IAM documents and ARNs name it.
//!
//! It knows no document: `findings::permissions` does.

use tfplugin::Result;

use crate::aws::Aws;
use crate::findings::permissions::Site;

/// The account of the credentials, in `region`; where nothing tells that, the one that the ARN `known` of the resource names.
///
/// # Errors
/// That the credentials don't serve, or that nothing says which account they belong to.
pub async fn site(aws: &Aws, region: &str, known: Option<&str>) -> Result<Site> {
    let account = aws.account_with(region, known).await?;
    Ok(Site { partition: account.partition, region: region.to_owned(), account: account.id })
}
