//! Where a resource is made, as IAM documents and ARNs name it.
//!
//! It knows no document: `findings::permissions` does.

use tfplugin::{Failure, Result};

use crate::aws::Aws;
use crate::findings::permissions::Site;

/// The account of the credentials, in `region`.
///
/// # Errors
/// That the credentials don't serve, or that nothing says which account they belong to.
pub async fn site(aws: &Aws, region: &str) -> Result<Site> {
    let account = aws.account(region).await?;
    if account.id.is_empty() {
        return Err(Failure::new("the AWS account is not known")
            .detail("`skip_requesting_account_id` of the provider block keeps the provider from asking AWS STS for it, and the credentials don't say it.")
            .detail("Remove that argument, or set it to `false`."));
    }
    Ok(Site { partition: account.partition.clone(), region: region.to_owned(), account: account.id.clone() })
}
