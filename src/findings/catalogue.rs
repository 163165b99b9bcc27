//! The finding types of GuardDuty.
//!
//! The rows of `finding-types.csv` are taken from the GuardDuty user guide ("GuardDuty finding types", "Retired finding
//! types", "Custom detection rules") as of 2026. GuardDuty adds types at any time. A name that is not in the list may
//! exist, so it causes a warning and never an error. This file does not know how types are matched in an event.

use std::sync::LazyLock;

use super::severity::Severity;
use tfplugin::suggest;

use super::glob;

/// A finding type, as described in the GuardDuty user guide.
#[derive(Debug, PartialEq, Eq)]
pub struct FindingType {
    /// Name, in the form `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`. The last
    /// two parts are optional.
    pub name: &'static str,
    /// Severity level of findings of this type, or `None` if the guide states none, or that it varies.
    pub severity: Option<Severity>,
    /// Whether individual findings can have a different level than `severity`.
    pub severity_varies: bool,
    /// Detector features, or other sources, any of which generates findings of this type.
    pub features: Vec<&'static str>,
    /// Possible values of `resource.resourceType` in a finding of this type. Empty if unknown.
    pub resource_types: Vec<&'static str>,
    /// Relevance of the type for Amazon ECS.
    pub ecs: EcsRelevance,
    /// Whether GuardDuty no longer generates findings of this type.
    pub is_retired: bool,
}

/// Relevance of a finding type for Amazon ECS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EcsRelevance {
    /// A finding can name a cluster and a task.
    Task,
    /// A finding can be about the EC2 instance that tasks run on.
    ContainerInstance,
    /// A finding can be about the credentials of a task's role.
    TaskRole,
    /// Not relevant.
    Unrelated,
}

/// The parts of a finding type's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Purpose of the threat, such as `CryptoCurrency`.
    pub threat_purpose: &'a str,
    /// Type of the affected resource, such as `Runtime` or `EC2`.
    pub resource_type_affected: &'a str,
    /// Family of the threat, such as `BitcoinTool`.
    pub threat_family_name: &'a str,
    /// Detection mechanism, such as `B`.
    pub detection_mechanism: Option<&'a str>,
    /// Artifact that was used, such as `DNS`.
    pub artifact: Option<&'a str>,
}

impl FindingType {
    /// Returns the part of the name between `:` and `/`, such as `Runtime`.
    pub fn resource_type_affected(&self) -> &'static str {
        parts(self.name).map_or("", |parts| parts.resource_type_affected)
    }
}

/// Splits the name of a finding type into its parts. Returns `None` if it does not have the form of one.
pub fn parts(name: &str) -> Option<Parts<'_>> {
    let (threat_purpose, rest) = name.split_once(':')?;
    let (resource_type_affected, threat) = rest.split_once('/')?;
    let (threat, artifact) = split_last_part(threat, '!');
    let (threat_family_name, detection_mechanism) = split_last_part(threat, '.');
    let is_complete = [threat_purpose, resource_type_affected, threat_family_name].iter().all(|part| !part.is_empty());
    is_complete.then_some(Parts {
        threat_purpose,
        resource_type_affected,
        threat_family_name,
        detection_mechanism,
        artifact,
    })
}

fn split_last_part(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Returns all finding types, sorted by name. They are parsed on first use.
pub fn all() -> &'static [FindingType] {
    static ALL: LazyLock<Vec<FindingType>> = LazyLock::new(|| rows().filter_map(read).collect());
    &ALL
}

/// Returns the finding type with this name.
pub fn find(name: &str) -> Option<&'static FindingType> {
    all().iter().find(|known| known.name == name)
}

/// Returns the finding type with the most similar name, if there is one.
pub fn nearest(name: &str) -> Option<&'static str> {
    suggest::nearest(name, all().iter().map(|known| known.name))
}

/// Returns the finding types that match `glob`, including retired types. `*` matches any characters.
pub fn expand(glob: &str) -> Vec<&'static FindingType> {
    all().iter().filter(|known| glob::matches(glob, known.name)).collect()
}

fn rows() -> impl Iterator<Item = &'static str> {
    include_str!("finding-types.csv").lines().skip(1)
}

/// Parses `name,severity,features,resource_types,ecs,retired`. Multiple values are separated by `|`. A `+` after the
/// severity means that it varies.
fn read(row: &'static str) -> Option<FindingType> {
    let columns: Vec<&'static str> = row.split(',').collect();
    let [name, severity, features, resource_types, ecs, is_retired] = columns.try_into().ok()?;
    let level = severity.trim_end_matches('+');
    Some(FindingType {
        name: parts(name).map(|_| name)?,
        severity: if level.is_empty() { None } else { Some(level.parse().ok()?) },
        severity_varies: level.len() != severity.len() || level.is_empty(),
        features: several(features),
        resource_types: several(resource_types),
        ecs: match ecs {
            "yes" => EcsRelevance::Task,
            "container-instance" => EcsRelevance::ContainerInstance,
            "task-role" => EcsRelevance::TaskRole,
            "no" => EcsRelevance::Unrelated,
            _ => return None,
        },
        is_retired: is_retired.parse().ok()?,
    })
}

fn several(column: &'static str) -> Vec<&'static str> {
    column.split('|').filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{EcsRelevance, Parts, all, expand, find, nearest, parts, read, rows};
    use crate::findings::severity::Severity;

    #[test]
    fn every_row_can_be_read() {
        let malformed: Vec<&str> = rows().filter(|row| read(row).is_none()).collect();
        assert!(malformed.is_empty(), "{malformed:#?}");
        assert_eq!(all().len(), 249);
    }

    #[test]
    fn names_are_in_order_and_differ() {
        let names: Vec<&str> = all().iter().map(|known| known.name).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(all().iter().all(|known| !known.features.is_empty() && known.name.len() <= 100));
    }

    #[test]
    fn a_type_has_the_facts_of_the_guide() {
        let bitcoin = find("CryptoCurrency:Runtime/BitcoinTool.B!DNS").unwrap();
        assert_eq!(bitcoin.severity, Some(Severity::High));
        assert!(!bitcoin.severity_varies && !bitcoin.is_retired);
        assert_eq!(bitcoin.features, ["RUNTIME_MONITORING"]);
        assert!(bitcoin.resource_types.contains(&"ECSCluster"));
        assert_eq!(bitcoin.ecs, EcsRelevance::Task);
        assert_eq!(bitcoin.resource_type_affected(), "Runtime");
        assert!(find("Execution:ECS/MaliciousFile").unwrap().severity_varies);
        assert!(find("Recon:EC2/PortProbeUnprotectedPort").unwrap().severity_varies);
        assert!(find("CryptoCurrency:EC2/BitcoinTool.A").unwrap().is_retired);
    }

    #[test]
    fn a_star_names_many() {
        assert_eq!(expand("*:Runtime/*").len(), 46);
        assert_eq!(expand("CryptoCurrency:Runtime/*").len(), 2);
        assert_eq!(expand("*").len(), all().len());
        assert!(expand("*:Nothing/*").is_empty());
    }

    #[test]
    fn a_misspelt_name_has_a_nearest() {
        assert_eq!(
            nearest("Cryptocurrency:Runtime/BitcoinTool.B!dns"),
            Some("CryptoCurrency:Runtime/BitcoinTool.B!DNS")
        );
        assert_eq!(nearest("x"), None);
    }

    #[test]
    fn a_name_has_parts() {
        let expected = Parts {
            threat_purpose: "CryptoCurrency",
            resource_type_affected: "Runtime",
            threat_family_name: "BitcoinTool",
            detection_mechanism: Some("B"),
            artifact: Some("DNS"),
        };
        assert_eq!(parts("CryptoCurrency:Runtime/BitcoinTool.B!DNS"), Some(expected));
        assert_eq!(parts("Backdoor:Runtime/C&CActivity").map(|parts| parts.artifact), Some(None));
        assert!(["", "a", "a:b", "a/b", ":b/c", "a:/c", "a:b/"].iter().all(|name| parts(name).is_none()));
    }
}
