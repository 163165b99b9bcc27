//! Where a resource is made, as IAM documents and ARNs name it.
//!
//! It knows no document: `findings::permissions` does.

use tfplugin::Result;

use crate::aws::Aws;
use crate::findings::permissions::Site;

/// The account of the credentials, in `region`.
///
/// # Errors
/// That the credentials don't serve.
pub async fn site(aws: &Aws, region: &str) -> Result<Site> {
    let account = aws.account(region).await?;
    Ok(Site { partition: account.partition.clone(), region: region.to_owned(), account: account.id.clone() })
}
