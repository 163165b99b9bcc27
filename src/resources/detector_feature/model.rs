//! The attributes of `guardduty_detector_feature`, which are its documentation, too.

use std::collections::BTreeMap;

use tfplugin::{Choice, Computed, Model, OptionalComputed, validate};

use crate::aws::Hold;
use crate::resources::features::Status;

/// One feature of a detector. Several of one detector may be declared, and one may not be declared in the `features`
/// of its `guardduty_detector` as well.
///
/// The detector gets a tag (`guardduty:owner/...`) for each feature that is managed so, by which instances of this
/// resource know what each of them switched. A feature that several of them manage, as one that is being renamed or
/// replaced does for a while, stays as it is until the last of them is destroyed.
///
/// The id, also for an import, is `DETECTOR/NAME`. An import takes over the additional configurations that are
/// `ENABLED`.
#[derive(Model, Clone)]
pub struct DetectorFeature {
    /// Detector that the feature belongs to.
    #[attr(identity, replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Feature: `S3_DATA_EVENTS`, `EKS_AUDIT_LOGS`, `EBS_MALWARE_PROTECTION`, `RDS_LOGIN_EVENTS`,
    /// `LAMBDA_NETWORK_LOGS`, `RUNTIME_MONITORING`, `EKS_RUNTIME_MONITORING` (not beside the former), `AI_PROTECTION`
    /// or `AI_ANALYST`. `FLOW_LOGS`, `CLOUD_TRAIL` and `DNS_LOGS` are always on and can't be set.
    #[attr(identity, replace)]
    pub name: String,
    /// Whether it is on.
    pub status: Status,
    /// Additional configurations, in any order. One that is not named is left alone, as is one that leaves the list.
    #[attr(block)]
    pub additional_configuration: Vec<AdditionalConfiguration>,
    /// What becomes of the feature when this is destroyed.
    #[attr(default = OnDestroy::Disable)]
    pub on_destroy: OnDestroy,
    /// What was before this resource came: `"ENABLED"` or `"DISABLED"` by the name of the feature and of each additional
    /// configuration. With `on_destroy = "restore"` it becomes so again.
    #[attr(keep)]
    pub previous: Computed<BTreeMap<String, Status>>,
    /// `DETECTOR/NAME`.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the detector. By default the provider's.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Mark of this instance: the detector has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// An additional configuration of a feature.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct AdditionalConfiguration {
    /// Name: `ECS_FARGATE_AGENT_MANAGEMENT`, `EC2_AGENT_MANAGEMENT` or `EKS_ADDON_MANAGEMENT` of `RUNTIME_MONITORING`,
    /// the last also of `EKS_RUNTIME_MONITORING`, and `RDS_DATA_RISK` of `RDS_LOGIN_EVENTS`.
    pub name: String,
    /// Whether it is on.
    pub status: Status,
}

/// What becomes of the feature on destroy.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDestroy {
    /// It is switched off, and so are the additional configurations named here.
    #[choice("disable")]
    Disable,
    /// It becomes what `previous` says.
    #[choice("restore")]
    Restore,
    /// It stays as it is.
    #[choice("keep")]
    Keep,
}
