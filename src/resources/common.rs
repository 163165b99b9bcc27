//! What the files of this folder share: import ids and the move from hashicorp/aws.

use serde_json::Value as Json;
use tfplugin::{Failure, Result};

use crate::aws::Aws;

/// Splits an import id into its parts, and finds the region: that after a final `@`, or the provider's.
///
/// # Errors
/// That `id` has not the `form`, such as `DETECTOR:NAME`.
pub fn import_parts<const PARTS: usize>(aws: &Aws, id: &str, form: &str) -> Result<([String; PARTS], String)> {
    let (id, region) = match id.rsplit_once('@') {
        Some((id, region)) => (id, Some(region)),
        None => (id, None),
    };
    let parts: Vec<String> = id.splitn(PARTS, [':', '/']).map(str::to_owned).collect();
    let wrong = || {
        Failure::new(format!("{id:?} is not an id to import"))
            .detail(format!("It must be {form}; for a region other than the provider's {form}@REGION."))
    };
    if parts.iter().any(String::is_empty) {
        return Err(wrong());
    }
    let parts = parts.try_into().map_err(|_| wrong())?;
    Ok((parts, aws.region_or_default(region)?))
}

/// The state of hashicorp/aws' resource `aws_guardduty_NAME`, whose attributes have the same names.
pub fn moved_from_aws(name: &str, provider: &str, type_name: &str, state: Json) -> Option<Json> {
    let same = type_name == format!("aws_guardduty_{name}") && provider.ends_with("hashicorp/aws");
    same.then_some(state)
}
