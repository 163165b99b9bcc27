//! Import IDs: how to parse one, and how to tell users about one.
//!
//! Each resource type defines the parts of its ID.

use tfplugin::{Failure, Known, Result};

use crate::aws::Aws;

/// Splits an import ID into its parts and its region, which follows a final `@` or is the provider's.
///
/// # Errors
/// `id` does not have the `form`, such as `DETECTOR:NAME`.
pub async fn import_parts<const PARTS: usize>(aws: &Aws, id: &str, form: &str) -> Result<([String; PARTS], String)> {
    let parse = |id: &str| {
        let parts: Vec<String> = id.splitn(PARTS, [':', '/']).map(str::to_owned).collect();
        let is_whole = parts.iter().all(|part| !part.is_empty());
        is_whole.then(|| parts.try_into().ok()).flatten()
    };
    import_key(aws, id, form, parse).await
}

/// Returns what `parse` reads from an import ID, and its region, which follows a final `@` or is the provider's.
///
/// # Errors
/// `id` does not have the `form`, such as `DETECTOR:NAME`.
pub async fn import_key<T>(
    aws: &Aws,
    id: &str,
    form: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<(T, String)> {
    let (id, region) = match id.rsplit_once('@') {
        Some((id, region)) => (id, Some(region)),
        None => (id, None),
    };
    let key = parse(id).ok_or_else(|| {
        Failure::new(format!("{id:?} is not an id to import"))
            .detail(format!("It must be {form}; for a region other than the provider's {form}@REGION."))
    })?;
    let found = aws.region_or_default(region).await;
    let in_id = format!("For one import, the region can also be in its ID: \"{id}@REGION\".");
    let region = found.map_err(|failure| if region.is_none() { failure.detail(in_id) } else { failure })?;
    Ok((key, region))
}

/// Returns a note on the region in which an import of `id` searched, and how to choose another.
pub fn looked(aws: &Aws, id: &str) -> Option<String> {
    let (bare, region) = match id.rsplit_once('@') {
        Some((bare, region)) => (bare, region),
        None => (id, aws.known_default_region()?),
    };
    Some(format!("Looked in {region}. For another region, add it to the ID: \"{bare}@REGION\"."))
}

/// Returns the import ID of a resource with these parts, as in its identity. An identity without a region refers to the
/// provider's region.
pub fn import_id<const PARTS: usize>(parts: [Known<String>; PARTS], region: Known<String>) -> Option<String> {
    let parts: Option<Vec<_>> = parts.into_iter().map(Known::known).collect();
    let id = parts?.join(":");
    Some(region.known().map_or(id.clone(), |region| format!("{id}@{region}")))
}

/// Returns the region of a claim, or `None` while it is unknown.
pub fn claimed_region(aws: &Aws, configured: Known<String>) -> Option<String> {
    match configured {
        Known::Known(region) => Some(region),
        Known::Null => aws.known_default_region().map(str::to_owned),
        Known::Unknown => None,
    }
}

/// Returns the advice to import the object that already exists under `id` in `region`, with the block to paste.
pub fn take_over(aws: &Aws, type_name: &str, id: &str, region: &str) -> String {
    let id = if aws.known_default_region() == Some(region) { id.to_owned() } else { format!("{id}@{region}") };
    let to = format!("guardduty_{type_name}.NAME");
    format!("To take over the one that is there:\nimport {{\n  to = {to}\n  id = {id:?}\n}}")
}
