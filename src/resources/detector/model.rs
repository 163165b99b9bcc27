//! The attributes of `guardduty_detector`, which are also its documentation.

use std::collections::BTreeMap;

use tfplugin::{Choice, Computed, Model, OptionalComputed, Private};

use super::datasources::Datasources;
use crate::aws::tags::of_guardduty;
use crate::aws::{Hold, Tags};
use crate::resources::features::Status;

/// Manages the GuardDuty detector of an account and region. There is one detector in each account and region.
///
/// An enabled detector analyzes CloudTrail events, VPC flow logs and DNS logs. These data sources cannot be switched
/// off. Everything else is a feature, configured in `features`.
///
/// **Cost:** CreateDetector enables every feature that the request does not name, except Runtime Monitoring and
/// `AI_ANALYST`. Each of them costs money after its 30-day trial. Set `unlisted_features = "disable"` to enable only
/// the features you list. Without it, a plan that creates a detector shows a warning with the names of these features.
/// A `guardduty_detector_feature` is planned after the detector, so the warning also names features that such a
/// resource disables.
///
/// Declare each feature in one place only: in `features`, in a `guardduty_detector_feature`, or (for Runtime Monitoring
/// of ECS) in a `guardduty_ecs_runtime_monitoring`.
///
/// In a member account, the GuardDuty administrator account controls most features. An error about a setting that the
/// member account may not change names the ID of the administrator account.
#[derive(Model, Clone)]
pub struct Detector {
    /// Whether the detector is enabled. A disabled detector is suspended: it generates no new findings and costs
    /// nothing, and its findings and settings are kept. Default: `true`.
    #[attr(default = true)]
    pub enable: bool,
    /// How often updates of existing findings are published to EventBridge. New findings are published within minutes.
    /// In a member account, the administrator account decides. The default of GuardDuty is `SIX_HOURS`.
    #[attr(keep)]
    pub finding_publishing_frequency: OptionalComputed<Frequency>,
    /// Features by name: `S3_DATA_EVENTS`, `EKS_AUDIT_LOGS`, `EBS_MALWARE_PROTECTION`, `RDS_LOGIN_EVENTS`,
    /// `LAMBDA_NETWORK_LOGS`, `RUNTIME_MONITORING`, `EKS_RUNTIME_MONITORING` (conflicts with `RUNTIME_MONITORING`),
    /// `AI_PROTECTION` and `AI_ANALYST`. Features that are not listed are left unchanged, including features removed
    /// from the list, and their drift is not detected. An import lists no features. The first apply after it records
    /// those in the configuration.
    #[attr(absent = empty)]
    pub features: Option<BTreeMap<String, Feature>>,
    /// What to do with features that are not listed when the detector is created or adopted. Later applies leave them
    /// unchanged, so that other resources can manage them. Default: `ignore`.
    #[attr(default = UnlistedFeatures::Ignore)]
    pub unlisted_features: UnlistedFeatures,
    /// Whether to adopt the detector that already exists in the account and region instead of failing. The detector is
    /// then changed to match this configuration, including its tags. Review `on_destroy` before you adopt a detector.
    /// Another instance of this resource that managed the detector, for example in another state, no longer manages it,
    /// unless both declare the same settings. Default: `false`.
    #[attr(default = false)]
    pub adopt_existing: bool,
    /// What to do with the detector when this resource is destroyed. Default: `delete`.
    #[attr(default = OnDestroy::Delete)]
    pub on_destroy: OnDestroy,
    /// Set to `true` to prevent the detector from being destroyed or replaced. To destroy or replace it, first apply
    /// with `false`. Default: `false`.
    #[attr(default = false)]
    pub deletion_protection: bool,
    /// Deprecated: use `features`. Data sources, as in `aws_guardduty_detector`. Each setting is the older form of a
    /// feature: `s3_logs` of `S3_DATA_EVENTS`, `kubernetes.audit_logs` of `EKS_AUDIT_LOGS`, and
    /// `malware_protection.scan_ec2_instance_with_findings.ebs_volumes` of `EBS_MALWARE_PROTECTION`. The deprecation
    /// warning shows the equivalent `features`. A feature must not be set in both. An import does not set this block.
    /// The first apply after it does.
    #[attr(block)]
    pub datasources: Option<Datasources>,
    /// Tags of the detector.
    #[attr(absent = empty, validate = of_guardduty)]
    pub tags: Option<Tags>,
    /// All tags of the detector, including those from the provider's `default_tags`.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ID of the account that the detector belongs to.
    #[attr(keep)]
    pub account_id: Computed<String>,
    /// ARN of the detector.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// ID of the detector.
    #[attr(identity, keep)]
    pub id: Computed<String>,
    /// Region of the detector. Defaults to the provider's region.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Whether the detector is protected from replacement. The plan of a replacement reads it.
    pub protected: Private<bool>,
    /// Ownership mark of this resource instance. The detector carries it as the tag `guardduty:owner/MARK`. ` shared`
    /// is appended while other instances manage the detector too. ` adopted` is appended after an import, until the
    /// first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// How often updates of existing findings are published.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every 15 minutes.
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every six hours.
    SixHours,
}

/// What to do with features that are not listed.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedFeatures {
    /// Leaves them to GuardDuty: CreateDetector enables nearly all of them.
    #[choice("ignore")]
    Ignore,
    /// Disables them.
    #[choice("disable")]
    Disable,
}

/// What to do with the detector when the resource is destroyed.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDestroy {
    /// Deletes the detector with its findings, filters and lists.
    #[choice("delete")]
    Delete,
    /// Keeps the detector and suspends it.
    #[choice("suspend")]
    Suspend,
    /// Keeps the detector unchanged.
    #[choice("keep")]
    Keep,
}

/// Settings of a feature.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Feature {
    /// Status of the feature.
    pub status: Status,
    /// Additional configurations by name, each `"ENABLED"` or `"DISABLED"`. `RUNTIME_MONITORING` has
    /// `ECS_FARGATE_AGENT_MANAGEMENT`, `EC2_AGENT_MANAGEMENT` and `EKS_ADDON_MANAGEMENT`. `EKS_RUNTIME_MONITORING` has
    /// `EKS_ADDON_MANAGEMENT`. `RDS_LOGIN_EVENTS` has `RDS_DATA_RISK`. Additional configurations that are not listed
    /// are left unchanged.
    #[attr(absent = empty)]
    pub additional_configuration: Option<BTreeMap<String, Status>>,
}
