//! The block `datasources`, as hashicorp/aws has it: it is known so that its use can be answered with the features that
//! took its place.

use tfplugin::{Diagnostic, Model, Path};

/// Data sources, which GuardDuty replaced by features.
#[derive(Model, Clone)]
pub struct Datasources {
    /// Now the feature `EKS_AUDIT_LOGS`.
    #[attr(block)]
    pub kubernetes: Option<Kubernetes>,
    /// Now the feature `EBS_MALWARE_PROTECTION`.
    #[attr(block)]
    pub malware_protection: Option<MalwareProtection>,
    /// Now the feature `S3_DATA_EVENTS`.
    #[attr(block)]
    pub s3_logs: Option<Switch>,
}

/// Kubernetes.
#[derive(Model, Clone)]
pub struct Kubernetes {
    /// Audit logs.
    #[attr(block)]
    pub audit_logs: Switch,
}

/// Malware protection.
#[derive(Model, Clone)]
pub struct MalwareProtection {
    /// Scans after findings.
    #[attr(block)]
    pub scan_ec2_instance_with_findings: Scan,
}

/// Scans after findings.
#[derive(Model, Clone)]
pub struct Scan {
    /// Volumes.
    #[attr(block)]
    pub ebs_volumes: Switch,
}

/// On or off.
#[derive(Model, Clone)]
pub struct Switch {
    /// Whether it is on.
    pub enable: bool,
}

/// The error of the block.
pub fn refusal(path: Path) -> Diagnostic {
    Diagnostic::error("`datasources` is not taken: GuardDuty replaced it by `features`")
        .at(path)
        .detail("Write the feature instead: S3_DATA_EVENTS for s3_logs, EKS_AUDIT_LOGS for kubernetes.audit_logs,")
        .detail("EBS_MALWARE_PROTECTION for malware_protection.scan_ec2_instance_with_findings.ebs_volumes:")
        .detail("features = { S3_DATA_EVENTS = { status = \"ENABLED\" } }")
        .detail("or as a resource of its own, guardduty_detector_feature.")
}
