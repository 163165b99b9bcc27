//! The attributes of `guardduty_detector_feature`, which are also its documentation.

use std::collections::BTreeMap;

use tfplugin::{Choice, Computed, Model, OptionalComputed, validate};

use crate::aws::Hold;
use crate::resources::features::Status;

/// Manages one feature of a GuardDuty detector. A detector can have several of these resources. A feature must not also
/// be declared in the `features` of its `guardduty_detector`.
///
/// For each managed feature, the detector gets a tag (`guardduty:owner/...`). It records what each instance of this
/// resource changed. A feature that several instances manage, such as during a rename or a replacement, stays unchanged
/// until the last of them is destroyed.
///
/// The ID, also for an import, has the form `DETECTOR/NAME`. An import takes over the additional configurations that
/// are `ENABLED`.
#[derive(Model, Clone)]
pub struct DetectorFeature {
    /// ID of the detector that the feature belongs to.
    #[attr(identity, replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name of the feature: `S3_DATA_EVENTS`, `EKS_AUDIT_LOGS`, `EBS_MALWARE_PROTECTION`, `RDS_LOGIN_EVENTS`,
    /// `LAMBDA_NETWORK_LOGS`, `RUNTIME_MONITORING`, `EKS_RUNTIME_MONITORING` (conflicts with `RUNTIME_MONITORING`),
    /// `AI_PROTECTION` or `AI_ANALYST`. `FLOW_LOGS`, `CLOUD_TRAIL` and `DNS_LOGS` are always enabled and cannot be set.
    #[attr(identity, replace)]
    pub name: String,
    /// Status of the feature.
    pub status: Status,
    /// Additional configurations, in any order. Those that are not listed are left unchanged, including those removed
    /// from the list.
    #[attr(block)]
    pub additional_configuration: Vec<AdditionalConfiguration>,
    /// What to do with the feature when this resource is destroyed. Default: `disable`.
    #[attr(default = OnDestroy::Disable)]
    pub on_destroy: OnDestroy,
    /// Statuses before this resource was created, `"ENABLED"` or `"DISABLED"`, by the name of the feature and of each
    /// additional configuration. `on_destroy = "restore"` restores them.
    #[attr(keep)]
    pub previous: Computed<BTreeMap<String, Status>>,
    /// ID of the resource, in the form `DETECTOR/NAME`.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the detector. Defaults to the provider's region.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Ownership mark of this resource instance. The detector carries it as the tag `guardduty:owner/FEATURE/MARK`,
    /// where FEATURE is the name of the feature. ` shared` is appended while other instances manage the feature too. `
    /// adopted` is appended after an import, until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// Additional configuration of a feature.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct AdditionalConfiguration {
    /// Name of the additional configuration. `RUNTIME_MONITORING` has `ECS_FARGATE_AGENT_MANAGEMENT`,
    /// `EC2_AGENT_MANAGEMENT` and `EKS_ADDON_MANAGEMENT`. `EKS_RUNTIME_MONITORING` has `EKS_ADDON_MANAGEMENT`.
    /// `RDS_LOGIN_EVENTS` has `RDS_DATA_RISK`.
    pub name: String,
    /// Status of the additional configuration.
    pub status: Status,
}

/// What to do with the feature when the resource is destroyed.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDestroy {
    /// Disables the feature and the additional configurations listed here.
    #[choice("disable")]
    Disable,
    /// Restores the statuses in `previous`.
    #[choice("restore")]
    Restore,
    /// Keeps the feature unchanged.
    #[choice("keep")]
    Keep,
}
