//! The features of a detector, their additional configurations, and the likely meaning of wrong names.
//!
//! It only knows names. The service knows what is enabled in a detector.

use tfplugin::suggest::nearest;

/// Runtime Monitoring of ECS, EKS and EC2.
pub const RUNTIME_MONITORING: &str = "RUNTIME_MONITORING";
/// The older Runtime Monitoring of EKS only. GuardDuty refuses requests that name both.
pub const EKS_RUNTIME_MONITORING: &str = "EKS_RUNTIME_MONITORING";

/// A feature that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Name of the feature.
    pub name: &'static str,
    /// Names of its additional configurations.
    pub additional: &'static [&'static str],
    /// Whether CreateDetector enables it if the request does not name it.
    pub on_by_default: bool,
}

const fn feature(name: &'static str, on_by_default: bool, additional: &'static [&'static str]) -> Feature {
    Feature { name, additional, on_by_default }
}

/// All features that can be set: `DetectorFeature` of the GuardDuty API. The API documents only for RUNTIME_MONITORING
/// that a new detector has it off. New detectors show the same for AI_ANALYST and EKS_RUNTIME_MONITORING.
pub const FEATURES: [Feature; 9] = [
    feature("S3_DATA_EVENTS", true, &[]),
    feature("EKS_AUDIT_LOGS", true, &[]),
    feature("EBS_MALWARE_PROTECTION", true, &[]),
    feature("RDS_LOGIN_EVENTS", true, &["RDS_DATA_RISK"]),
    feature("LAMBDA_NETWORK_LOGS", true, &[]),
    feature(EKS_RUNTIME_MONITORING, false, &["EKS_ADDON_MANAGEMENT"]),
    feature(
        RUNTIME_MONITORING,
        false,
        &["ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT"],
    ),
    feature("AI_PROTECTION", true, &[]),
    feature("AI_ANALYST", false, &[]),
];

/// Features that are enabled in every detector and cannot be set.
pub const ALWAYS_ON: [&str; 3] = ["FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS"];

/// Names that are used elsewhere (older APIs, usage statistics) or are likely mistakes, and their meaning: a feature,
/// and possibly one of its additional configurations.
const OTHER_NAMES: [(&str, &str, Option<&str>); 10] = [
    ("ECS_RUNTIME_MONITORING", RUNTIME_MONITORING, Some("ECS_FARGATE_AGENT_MANAGEMENT")),
    ("ECS_FARGATE_RUNTIME_MONITORING", RUNTIME_MONITORING, Some("ECS_FARGATE_AGENT_MANAGEMENT")),
    ("FARGATE_RUNTIME_MONITORING", RUNTIME_MONITORING, Some("ECS_FARGATE_AGENT_MANAGEMENT")),
    ("EC2_RUNTIME_MONITORING", RUNTIME_MONITORING, Some("EC2_AGENT_MANAGEMENT")),
    ("S3_LOGS", "S3_DATA_EVENTS", None),
    ("S3_PROTECTION", "S3_DATA_EVENTS", None),
    ("KUBERNETES_AUDIT_LOGS", "EKS_AUDIT_LOGS", None),
    ("EC2_MALWARE_SCAN", "EBS_MALWARE_PROTECTION", None),
    ("MALWARE_PROTECTION", "EBS_MALWARE_PROTECTION", None),
    ("LAMBDA_PROTECTION", "LAMBDA_NETWORK_LOGS", None),
];

/// Returns the feature with this name, if it can be set.
pub fn find(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|feature| feature.name == name)
}

/// Checks that `name` is a feature that can be set.
///
/// # Errors
/// The problem and the likely meaning, in one or two sentences.
pub fn check_name(name: &str) -> Result<(), String> {
    if find(name).is_some() {
        return Ok(());
    }
    if ALWAYS_ON.contains(&name) {
        return Err(format!("{name:?} is always on and can't be switched: leave it out."));
    }
    let plain = name.to_uppercase().replace(['-', ' '], "_");
    if let Some((_, meant, additional)) = OTHER_NAMES.iter().find(|(other, ..)| *other == plain) {
        let with = additional.map(|additional| format!(" with the additional configuration {additional:?}"));
        return Err(format!("There is no feature {name:?}. Did you mean {meant:?}{}?", with.unwrap_or_default()));
    }
    let owners = owners(&plain);
    if !owners.is_empty() {
        return Err(format!(
            "{name:?} is no feature but an additional configuration of {}: write it there.",
            quoted(owners, " or ")
        ));
    }
    let names = FEATURES.iter().map(|feature| feature.name);
    Err(format!("There is no feature {name:?}. {}Allowed: {}.", hint(&plain, names.clone()), quoted(names, ", ")))
}

/// Checks that feature `feature` has the additional configuration `name`. Accepts any name for an unknown feature.
///
/// # Errors
/// The problem and the valid names.
pub fn check_additional(feature: &str, name: &str) -> Result<(), String> {
    let Some(known) = find(feature) else { return Ok(()) };
    if known.additional.contains(&name) {
        return Ok(());
    }
    let owners = owners(name);
    let all = FEATURES.iter().flat_map(|feature| feature.additional.iter().copied());
    let problem = match owners.is_empty() {
        false => format!("{name:?} belongs to {}, not to {feature:?}.", quoted(owners, " or ")),
        true => format!("There is no additional configuration {name:?}. {}", hint(name, all)),
    };
    let allowed = match known.additional {
        [] => format!("{feature:?} takes none."),
        names => format!("{feature:?} takes {}.", quoted(names.iter().copied(), ", ")),
    };
    Err(format!("{} {allowed}", problem.trim_end()))
}

/// Returns the Runtime Monitoring feature that cannot be enabled together with `name`.
pub fn rival(name: &str) -> Option<&'static str> {
    match name {
        RUNTIME_MONITORING => Some(EKS_RUNTIME_MONITORING),
        EKS_RUNTIME_MONITORING => Some(RUNTIME_MONITORING),
        _ => None,
    }
}

/// Message for a request of both Runtime Monitoring features.
pub const RIVALS: &str = "EKS_RUNTIME_MONITORING is the older form of RUNTIME_MONITORING, and GuardDuty takes only one \
    of them. Keep RUNTIME_MONITORING; its additional configuration EKS_ADDON_MANAGEMENT does what the other did.";

/// Returns the features that have an additional configuration `name`.
fn owners(name: &str) -> Vec<&'static str> {
    FEATURES.iter().filter(|feature| feature.additional.contains(&name)).map(|feature| feature.name).collect()
}

fn hint<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    nearest(name, candidates).map(|near| format!("Did you mean {near:?}? ")).unwrap_or_default()
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("{name:?}")).collect();
    names.join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> String {
        check_name(name).expect_err("it is no feature")
    }

    #[test]
    fn every_feature_and_each_of_its_additional_configurations_is_allowed() {
        for feature in FEATURES {
            assert_eq!(check_name(feature.name), Ok(()));
            for additional in feature.additional {
                assert_eq!(check_additional(feature.name, additional), Ok(()));
            }
        }
        for (_, meant, additional) in OTHER_NAMES {
            assert!(additional.is_none_or(|name| check_additional(meant, name).is_ok()), "{meant} {additional:?}");
            assert_eq!(check_name(meant), Ok(()));
        }
    }

    #[test]
    fn what_was_meant_is_said() {
        let meant =
            r#"Did you mean "RUNTIME_MONITORING" with the additional configuration "ECS_FARGATE_AGENT_MANAGEMENT"?"#;
        assert!(refused("ECS_RUNTIME_MONITORING").contains(meant));
        assert!(refused("FLOW_LOGS").contains("is always on"));
        assert!(refused("RUNTIME_MONITORIN").contains(r#"Did you mean "RUNTIME_MONITORING"?"#));
        assert!(refused("EC2_AGENT_MANAGEMENT").contains(r#"additional configuration of "RUNTIME_MONITORING""#));
        assert!(refused("quite different").contains("Allowed:"));
    }

    #[test]
    fn a_wrong_pair_is_refused_with_the_right_ones() {
        let wrong = check_additional("EKS_AUDIT_LOGS", "ECS_FARGATE_AGENT_MANAGEMENT").expect_err("a wrong pair");
        assert_eq!(
            wrong,
            "\"ECS_FARGATE_AGENT_MANAGEMENT\" belongs to \"RUNTIME_MONITORING\", not to \"EKS_AUDIT_LOGS\". \
             \"EKS_AUDIT_LOGS\" takes none."
        );
        let unknown = check_additional("RUNTIME_MONITORING", "ECS_FARGATE_AGENT").expect_err("an unknown one");
        assert!(unknown.contains("Did you mean \"ECS_FARGATE_AGENT_MANAGEMENT\"?"), "{unknown}");
        assert_eq!(check_additional("SOMETHING", "ELSE"), Ok(()));
    }
}
