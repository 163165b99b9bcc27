//! The attributes of `guardduty_detector`, which are its documentation, too.

use std::collections::BTreeMap;

use tfplugin::{Choice, Computed, Model, OptionalComputed, Private};

use super::datasources::Datasources;
use crate::aws::tags::of_guardduty;
use crate::aws::{Hold, Tags};
use crate::resources::features::Status;

/// GuardDuty in this account and region: there is one detector in each. GuardDuty then analyses CloudTrail, flow logs
/// and DNS logs, which can't be switched off; everything else are `features`.
///
/// Beware of cost: CreateDetector enables every feature that the request doesn't name, except runtime monitoring and
/// `AI_ANALYST`, and each costs money after its 30-day trial. With `unlisted_features = "disable"`, only what you list is
/// enabled. A plan that creates a detector without it warns and names these features. A `guardduty_detector_feature` is
/// planned after the detector, so the warning also names features that one of them disables.
///
/// A feature is declared in one place only: in `features` here, by a `guardduty_detector_feature`, or (runtime
/// monitoring of ECS) by a `guardduty_ecs_runtime_monitoring`.
///
/// The detector of a member account belongs to its GuardDuty administrator, who decides over most of its features; what
/// this account may not change is told with the administrator's id.
#[derive(Model, Clone)]
pub struct Detector {
    /// Whether GuardDuty watches. Switched off, it is suspended: it finds nothing new and costs nothing, and its
    /// findings and settings stay.
    #[attr(default = true)]
    pub enable: bool,
    /// How often findings that occurred again are published to EventBridge; new ones are published within minutes. In
    /// a member account the administrator decides. GuardDuty's default is `SIX_HOURS`.
    #[attr(keep)]
    pub finding_publishing_frequency: OptionalComputed<Frequency>,
    /// Features by name: `S3_DATA_EVENTS`, `EKS_AUDIT_LOGS`, `EBS_MALWARE_PROTECTION`, `RDS_LOGIN_EVENTS`,
    /// `LAMBDA_NETWORK_LOGS`, `RUNTIME_MONITORING`, `EKS_RUNTIME_MONITORING` (not beside the former), `AI_PROTECTION`,
    /// `AI_ANALYST`. Those that aren't listed are left alone, as is one that leaves the list, and their drift isn't
    /// shown. An import lists none; the first apply after it then states what is listed.
    #[attr(absent = empty)]
    pub features: Option<BTreeMap<String, Feature>>,
    /// What becomes of features that aren't listed when the detector is created or adopted. Afterwards nothing does,
    /// so that other resources can switch them.
    #[attr(default = UnlistedFeatures::Ignore)]
    pub unlisted_features: UnlistedFeatures,
    /// Whether to take over the detector that this account and region have already, instead of failing: it is then
    /// changed to what is declared here, tags included. Mind `on_destroy`. Another instance of this resource that
    /// managed it, in another state for example, manages it no longer, unless both declare the same.
    #[attr(default = false)]
    pub adopt_existing: bool,
    /// What becomes of the detector when it is destroyed here.
    #[attr(default = OnDestroy::Delete)]
    pub on_destroy: OnDestroy,
    /// Whether to refuse to destroy or to replace the detector. To do so nevertheless, first apply with `false`.
    #[attr(default = false)]
    pub deletion_protection: bool,
    /// Deprecated: use `features`. Data sources, as `aws_guardduty_detector` has them. Each switch is the older spelling
    /// of a feature: `s3_logs` of `S3_DATA_EVENTS`, `kubernetes.audit_logs` of `EKS_AUDIT_LOGS`, and
    /// `malware_protection.scan_ec2_instance_with_findings.ebs_volumes` of `EBS_MALWARE_PROTECTION`. The warning has
    /// the `features` to write instead. A feature must not be set in both. An import doesn't set this; the first apply
    /// after it does.
    #[attr(block)]
    pub datasources: Option<Datasources>,
    /// Tags of the detector.
    #[attr(absent = empty, validate = of_guardduty)]
    pub tags: Option<Tags>,
    /// All tags of the detector, those of the provider's `default_tags` among them.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// Account that the detector belongs to.
    #[attr(keep)]
    pub account_id: Computed<String>,
    /// ARN of the detector.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// Id of the detector.
    #[attr(identity, keep)]
    pub id: Computed<String>,
    /// Region of the detector. By default the provider's.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Whether it may not be replaced, for the plan of what would replace it.
    pub protected: Private<bool>,
    /// Mark of this instance: the detector has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// How often findings that occurred again are published.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every 15 minutes.
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every six hours.
    SixHours,
}

/// What becomes of features that are not listed.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedFeatures {
    /// What GuardDuty does with them: CreateDetector switches nearly all on.
    #[choice("ignore")]
    Ignore,
    /// They are switched off.
    #[choice("disable")]
    Disable,
}

/// What becomes of the detector when it is destroyed.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDestroy {
    /// It is deleted, with its findings, filters and lists.
    #[choice("delete")]
    Delete,
    /// It stays, suspended.
    #[choice("suspend")]
    Suspend,
    /// It stays as it is.
    #[choice("keep")]
    Keep,
}

/// A feature.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Feature {
    /// Whether it is on.
    pub status: Status,
    /// Additional configurations by name, each `"ENABLED"` or `"DISABLED"`: `ECS_FARGATE_AGENT_MANAGEMENT`,
    /// `EC2_AGENT_MANAGEMENT` and `EKS_ADDON_MANAGEMENT` of `RUNTIME_MONITORING`, the last also of
    /// `EKS_RUNTIME_MONITORING`, and `RDS_DATA_RISK` of `RDS_LOGIN_EVENTS`. Those that aren't listed are left alone.
    #[attr(absent = empty)]
    pub additional_configuration: Option<BTreeMap<String, Status>>,
}
