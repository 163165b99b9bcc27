//! The `datasources` block, as in hashicorp/aws: the older form of three features.
//!
//! Each setting stands for a feature. After it is read as one, nothing distinguishes the two forms.

use tfplugin::{Diagnostic, Known, Model, Path, View};

/// Data sources, which GuardDuty replaced by features.
#[derive(Model, Clone)]
pub struct Datasources {
    /// EKS audit logs (feature `EKS_AUDIT_LOGS`).
    #[attr(block)]
    pub kubernetes: Option<Kubernetes>,
    /// Malware Protection (feature `EBS_MALWARE_PROTECTION`).
    #[attr(block)]
    pub malware_protection: Option<MalwareProtection>,
    /// S3 data events (feature `S3_DATA_EVENTS`).
    #[attr(block)]
    pub s3_logs: Option<Switch>,
}

/// Kubernetes data sources.
#[derive(Model, Clone)]
pub struct Kubernetes {
    /// Audit logs of Amazon EKS.
    #[attr(block)]
    pub audit_logs: Switch,
}

/// Malware Protection data sources.
#[derive(Model, Clone)]
pub struct MalwareProtection {
    /// Malware scans of EC2 instances with findings.
    #[attr(block)]
    pub scan_ec2_instance_with_findings: Scan,
}

/// Malware scans of EC2 instances with findings.
#[derive(Model, Clone)]
pub struct Scan {
    /// Malware scans of EBS volumes.
    #[attr(block)]
    pub ebs_volumes: Switch,
}

/// Setting of one data source.
#[derive(Model, Clone)]
pub struct Switch {
    /// Whether to enable the feature.
    pub enable: bool,
}

/// Feature of `s3_logs`.
const S3_LOGS: &str = "S3_DATA_EVENTS";
/// Feature of `kubernetes.audit_logs`.
const KUBERNETES: &str = "EKS_AUDIT_LOGS";
/// Feature of `malware_protection.scan_ec2_instance_with_findings.ebs_volumes`.
const MALWARE_PROTECTION: &str = "EBS_MALWARE_PROTECTION";

/// A setting in a configuration or a plan, with the feature that it stands for.
pub struct Meant {
    /// Name of the feature.
    pub feature: &'static str,
    /// Whether to enable it.
    pub enable: Known<bool>,
    /// Where the setting is written.
    pub path: Path,
}

impl Datasources {
    /// Returns the features that are set, each with whether it is enabled.
    pub fn features(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let s3_logs = self.s3_logs.as_ref().map(|own| (S3_LOGS, own.enable));
        let kubernetes = self.kubernetes.as_ref().map(|own| (KUBERNETES, own.audit_logs.enable));
        let malware_protection = self.malware_protection.as_ref();
        let malware_protection =
            malware_protection.map(|own| (MALWARE_PROTECTION, own.scan_ec2_instance_with_findings.ebs_volumes.enable));
        [s3_logs, kubernetes, malware_protection].into_iter().flatten()
    }

    /// Returns the same settings, with the values that `is_on` has for their features.
    pub fn refreshed(&self, is_on: impl Fn(&str) -> bool) -> Self {
        let switch = |feature| Switch { enable: is_on(feature) };
        Datasources {
            s3_logs: self.s3_logs.as_ref().map(|_| switch(S3_LOGS)),
            kubernetes: self.kubernetes.as_ref().map(|_| Kubernetes { audit_logs: switch(KUBERNETES) }),
            malware_protection: self.malware_protection.as_ref().map(|_| MalwareProtection {
                scan_ec2_instance_with_findings: Scan { ebs_volumes: switch(MALWARE_PROTECTION) },
            }),
        }
    }

    /// Returns the features that are set, as far as they are known.
    pub fn meant(view: &View<Self>) -> Vec<Meant> {
        let meant = |feature, switch: View<Switch>| Meant {
            feature,
            enable: switch.get(Switch::ENABLE),
            path: switch.path(Switch::ENABLE),
        };
        let s3_logs = view.child(Self::S3_LOGS).known().map(|own| meant(S3_LOGS, own));
        let kubernetes = view.child(Self::KUBERNETES).known().and_then(|own| own.child(Kubernetes::AUDIT_LOGS).known());
        let scan = view
            .child(Self::MALWARE_PROTECTION)
            .known()
            .and_then(|own| own.child(MalwareProtection::SCAN_EC2_INSTANCE_WITH_FINDINGS).known())
            .and_then(|own| own.child(Scan::EBS_VOLUMES).known());
        let kubernetes = kubernetes.map(|own| meant(KUBERNETES, own));
        let malware_protection = scan.map(|own| meant(MALWARE_PROTECTION, own));
        [s3_logs, kubernetes, malware_protection].into_iter().flatten().collect()
    }
}

/// Returns the deprecation warning for the block at `path`, with the equivalent `features`.
pub fn deprecation(meant: &[Meant], path: Path) -> Diagnostic {
    let warning =
        Diagnostic::warning("`datasources` is deprecated: GuardDuty replaced data sources by features").at(path);
    if meant.is_empty() {
        return warning.detail("This block sets nothing. Remove it.");
    }
    let is_any_unknown = meant.iter().any(|own| own.enable.is_unknown());
    let lines = meant.iter().map(|own| {
        let status = match own.enable {
            Known::Known(enable) => format!("{:?}", if enable { "ENABLED" } else { "DISABLED" }),
            Known::Null | Known::Unknown => "VALUE ? \"ENABLED\" : \"DISABLED\"".to_owned(),
        };
        format!("  {} = {{ status = {status} }}", own.feature)
    });
    let lines: Vec<_> = lines.collect();
    let warning = warning.detail("Write this instead:").detail(format!("features = {{\n{}\n}}", lines.join("\n")));
    match is_any_unknown {
        true => warning.detail("VALUE is the expression that `enable` has now."),
        false => warning,
    }
}

/// Returns the error for a feature that is also set in `features`.
pub fn conflict(own: &Meant) -> Diagnostic {
    Diagnostic::error(format!("feature {} is set in both `datasources` and `features`", own.feature))
        .at(own.path.clone())
        .detail("Keep the one in `features`, and remove this block.")
}

#[cfg(test)]
mod tests {
    use tfplugin::Value;

    use super::*;

    fn meant(enable: Known<bool>) -> Meant {
        Meant { feature: S3_LOGS, enable, path: Path::root() }
    }

    fn all(enable: bool) -> Datasources {
        Datasources {
            kubernetes: Some(Kubernetes { audit_logs: Switch { enable } }),
            malware_protection: Some(MalwareProtection {
                scan_ec2_instance_with_findings: Scan { ebs_volumes: Switch { enable: !enable } },
            }),
            s3_logs: Some(Switch { enable }),
        }
    }

    #[test]
    fn each_switch_means_its_feature() {
        let own = all(true);
        let features = [("S3_DATA_EVENTS", true), ("EKS_AUDIT_LOGS", true), ("EBS_MALWARE_PROTECTION", false)];
        assert_eq!(own.features().collect::<Vec<_>>(), features);
        let value = own.to_object();
        let view = View::new(&value, Path::root());
        let meant = Datasources::meant(&view);
        let read: Vec<_> = meant.iter().map(|own| (own.feature, own.enable == Known::Known(true))).collect();
        assert_eq!(read, features);
        assert_eq!(meant[1].path.to_string(), "kubernetes[0].audit_logs[0].enable");
        let refreshed = own.refreshed(|feature| feature == "EBS_MALWARE_PROTECTION");
        assert_eq!(refreshed.to_object(), all(false).to_object());
    }

    #[test]
    fn blocks_that_are_not_known_yet_mean_nothing() {
        let value = Value::Map([("s3_logs".to_owned(), Value::Unknown)].into());
        assert!(Datasources::meant(&View::new(&value, Path::root())).is_empty());
    }

    #[test]
    fn the_warning_says_what_to_write() {
        let told = deprecation(&[meant(Known::Known(false))], Path::root());
        assert!(told.detail.contains("features = {\n  S3_DATA_EVENTS = { status = \"DISABLED\" }\n}"), "{told:?}");
        let told = deprecation(&[meant(Known::Unknown)], Path::root());
        assert!(told.detail.contains("{ status = VALUE ? \"ENABLED\" : \"DISABLED\" }"), "{told:?}");
        assert!(deprecation(&[], Path::root()).detail.contains("Remove it."));
    }
}
