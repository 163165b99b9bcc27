//! The finding types that GuardDuty has.
//!
//! The rows of `finding-types.csv` are facts of the GuardDuty user guide ("GuardDuty finding types", "Retired finding
//! types", "Custom detection rules") as of 2026. GuardDuty adds types at any time: a name that isn't here may exist, so
//! users get a warning for it and never an error. This file doesn't know how types are matched in an event.

use std::sync::LazyLock;

use super::severity::Severity;
use tfplugin::suggest;

use super::glob;

/// A type of finding, as the GuardDuty user guide describes it.
#[derive(Debug, PartialEq, Eq)]
pub struct FindingType {
    /// `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`, of which the last two may be
    /// missing.
    pub name: &'static str,
    /// The level that findings of this type have; `None` where the guide gives none, or says that it varies.
    pub severity: Option<Severity>,
    /// Whether single findings may have another level than `severity`.
    pub severity_varies: bool,
    /// The detector features, or other sources, any of which makes findings of this type.
    pub features: Vec<&'static str>,
    /// What `resource.resourceType` can be in a finding of this type; empty where it isn't known.
    pub resource_types: Vec<&'static str>,
    /// What the type has to do with Amazon ECS.
    pub ecs: EcsRelevance,
    /// Whether GuardDuty no longer makes such findings.
    pub is_retired: bool,
}

/// What a finding type has to do with Amazon ECS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EcsRelevance {
    /// A finding can name a cluster and a task.
    Task,
    /// A finding can be about the EC2 instance that tasks run on.
    ContainerInstance,
    /// A finding can be about the credentials of a task's role.
    TaskRole,
    /// Nothing.
    Unrelated,
}

/// The parts of a finding type's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// What the threat is after, as `CryptoCurrency`.
    pub threat_purpose: &'a str,
    /// What is affected, as `Runtime` or `EC2`.
    pub resource_type_affected: &'a str,
    /// The threat, as `BitcoinTool`.
    pub threat_family_name: &'a str,
    /// How it was seen, as `B`.
    pub detection_mechanism: Option<&'a str>,
    /// What was used, as `DNS`.
    pub artifact: Option<&'a str>,
}

impl FindingType {
    /// The part of the name between `:` and `/`, as `Runtime`.
    pub fn resource_type_affected(&self) -> &'static str {
        parts(self.name).map_or("", |parts| parts.resource_type_affected)
    }
}

/// Takes a finding type's name apart; `None` if it hasn't the form of one.
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

/// All finding types, by name. They are read when first asked for.
pub fn all() -> &'static [FindingType] {
    static ALL: LazyLock<Vec<FindingType>> = LazyLock::new(|| rows().filter_map(read).collect());
    &ALL
}

/// The finding type of this name.
pub fn find(name: &str) -> Option<&'static FindingType> {
    all().iter().find(|known| known.name == name)
}

/// The finding type whose name is most like `name`, if one is.
pub fn nearest(name: &str) -> Option<&'static str> {
    suggest::nearest(name, all().iter().map(|known| known.name))
}

/// The finding types, retired ones too, that `glob` names, in which `*` stands for any run of characters.
pub fn expand(glob: &str) -> Vec<&'static FindingType> {
    all().iter().filter(|known| glob::matches(glob, known.name)).collect()
}

fn rows() -> impl Iterator<Item = &'static str> {
    include_str!("finding-types.csv").lines().skip(1)
}

/// Reads `name,severity,features,resource_types,ecs,retired`. A `|` separates several; a `+` after the severity says
/// that it varies.
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
