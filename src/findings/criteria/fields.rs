//! The fields of a finding that a filter can use.
//!
//! `fields.txt` lists them as documented for `CreateFilter` (GuardDuty API reference, 2026). This file does not know
//! the values of a field.

use tfplugin::suggest;

/// Fields whose bounds are milliseconds since 1970.
const TIMESTAMPS: [&str; 27] = [
    "createdAt",
    "resource.ecsClusterDetails.taskDetails.createdAt",
    "resource.ecsClusterDetails.taskDetails.startedAt",
    "resource.eksClusterDetails.createdAt",
    "resource.instanceDetails.launchTime",
    "resource.lambdaDetails.lastModifiedAt",
    "resource.s3BucketDetails.createdAt",
    "service.detection.sequence.actors.session.createdTime",
    "service.detection.sequence.resources.data.ecsTask.createdAt",
    "service.detection.sequence.resources.data.eksCluster.createdAt",
    "service.detection.sequence.resources.data.s3Bucket.createdAt",
    "service.detection.sequence.signals.createdAt",
    "service.detection.sequence.signals.firstSeenAt",
    "service.detection.sequence.signals.lastSeenAt",
    "service.detection.sequence.signals.updatedAt",
    "service.ebsVolumeScanDetails.scanCompletedAt",
    "service.ebsVolumeScanDetails.scanStartedAt",
    "service.eventFirstSeen",
    "service.eventLastSeen",
    "service.runtimeDetails.context.modifiedAt",
    "service.runtimeDetails.context.modifyingProcess.lineage.startTime",
    "service.runtimeDetails.context.modifyingProcess.startTime",
    "service.runtimeDetails.context.targetProcess.lineage.startTime",
    "service.runtimeDetails.context.targetProcess.startTime",
    "service.runtimeDetails.process.lineage.startTime",
    "service.runtimeDetails.process.startTime",
    "updatedAt",
];

/// Returns all fields, in order.
pub fn all_fields() -> impl Iterator<Item = &'static str> {
    include_str!("fields.txt").lines()
}

/// Returns the field with the most similar name, if there is one.
pub fn nearest_field(name: &str) -> Option<&'static str> {
    suggest::nearest(name, all_fields())
}

/// Returns whether the bounds of `field` are dates: milliseconds since 1970, for which a user can write RFC 3339.
pub fn is_timestamp(field: &str) -> bool {
    TIMESTAMPS.contains(&field)
}

/// Checks that `name` is a known field. GuardDuty accepts any field of a finding and adds fields over time, so a field
/// that is not known may exist.
///
/// # Errors
/// The reason why it is not known, with the most similar field.
pub fn check_field(name: &str) -> Result<(), String> {
    if all_fields().any(|field| field == name) {
        return Ok(());
    }
    let hint = match nearest_field(name) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => "the GuardDuty API reference lists them under CreateFilter".to_owned(),
    };
    Err(format!("\"{name}\" is not a field of findings that this version of the provider knows: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::{TIMESTAMPS, all_fields, check_field, is_timestamp};

    #[test]
    fn fields_are_in_order_and_differ() {
        let fields: Vec<&str> = all_fields().collect();
        assert_eq!(fields.len(), 622);
        assert!(fields.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn every_date_is_a_field() {
        assert!(TIMESTAMPS.iter().all(|field| check_field(field).is_ok()));
        assert!(is_timestamp("updatedAt") && !is_timestamp("severity") && !is_timestamp("service.count"));
    }

    #[test]
    fn an_unknown_field_is_told_with_the_nearest() {
        let refused = |name: &str| check_field(name).unwrap_err();
        assert!(
            refused("resource.ecsClusterDetail.name").ends_with("did you mean \"resource.ecsClusterDetails.name\"?")
        );
        assert!(refused("Severity").ends_with("did you mean \"severity\"?"));
        assert!(refused("x").ends_with("lists them under CreateFilter"));
    }
}
