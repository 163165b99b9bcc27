//! Reads a match back from the EventBridge pattern that was generated from it.
//!
//! It is the inverse of `pattern`, as far as one exists: the result generates the same pattern, or there is no result.
//! Features are read back as their finding types.

use serde_json::Value;

use super::{FindingMatch, LaunchType};
use crate::findings::event_pattern;
use crate::findings::severity::Severity;

impl FindingMatch {
    /// Returns the match whose pattern means the same as `pattern`, or `None` if there is none.
    pub fn read(pattern: &str) -> Option<Self> {
        let parsed: Value = serde_json::from_str(pattern).ok()?;
        let detail = &parsed["detail"];
        let mut read = FindingMatch {
            finding_types: each(&detail["type"], type_name)?,
            resource_types: each(&detail["resource"]["resourceType"], text)?,
            accounts: each(&detail["accountId"], text)?,
            sample: sample(&detail["service"]["additionalInfo"]["sample"]),
            ..FindingMatch::default()
        };
        (read.ecs_clusters, read.launch_type) = clusters(detail)?;
        let severities = &detail["severity"];
        let choices = if severities.is_null() { vec![FindingMatch::default()] } else { severity_choices(severities) };
        choices
            .into_iter()
            .map(|choice| read.clone().with_severity(choice))
            .find(|read| read.pattern().is_ok_and(|made| event_pattern::equivalent(&made.to_string(), pattern)))
    }

    fn with_severity(self, other: Self) -> Self {
        let Self { severities, severity_minimum, severity_maximum, .. } = other;
        Self { severities, severity_minimum, severity_maximum, ..self }
    }
}

/// Returns all tests of a field, each parsed with `read`, or an empty list if the field is not tested.
fn each<T>(tests: &Value, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match tests {
        Value::Null => Some(Vec::new()),
        Value::Array(tests) => tests.iter().map(read).collect(),
        _ => None,
    }
}

fn text(test: &Value) -> Option<String> {
    test.as_str().map(str::to_owned)
}

fn type_name(test: &Value) -> Option<String> {
    let part = |operator: &str| test[operator].as_str();
    text(test)
        .or_else(|| part("prefix").map(|prefix| format!("{prefix}*")))
        .or_else(|| part("suffix").map(|suffix| format!("*{suffix}")))
        .or_else(|| part("wildcard").map(|wildcard| wildcard.replace("\\\\", "\\")))
}

fn sample(tests: &Value) -> Option<bool> {
    tests.as_array().map(|tests| tests.contains(&Value::Bool(true)))
}

/// Returns the possible selections of severities: some of the levels, or one range.
fn severity_choices(tests: &Value) -> Vec<FindingMatch> {
    let subsets = (1..1_usize << Severity::ALL.len()).map(|subset| {
        let is_in = |(at, level): (usize, Severity)| (subset >> at & 1 == 1).then_some(level);
        FindingMatch {
            severities: Severity::ALL.into_iter().enumerate().filter_map(is_in).collect(),
            ..Default::default()
        }
    });
    let terms = tests[0]["numeric"].as_array().map(Vec::as_slice).unwrap_or_default();
    let bound = |operators: &[&str]| {
        terms.chunks(2).find(|term| term[0].as_str().is_some_and(|own| operators.contains(&own)))?.get(1)?.as_f64()
    };
    let range = FindingMatch {
        severity_minimum: bound(&[">=", "="]),
        severity_maximum: bound(&["<=", "="]),
        ..Default::default()
    };
    // A bound below the end of a level is that of the levels up to it.
    let within = |levels: FindingMatch| FindingMatch { severities: levels.severities, ..range.clone() };
    subsets.clone().chain([range.clone()]).chain(subsets.map(within)).collect()
}

/// Returns the clusters and the launch type, from the place where a finding has them, or otherwise from that of an
/// attack sequence.
fn clusters(detail: &Value) -> Option<(Vec<String>, Option<LaunchType>)> {
    let place = if detail["$or"].is_array() { &detail["$or"][0] } else { detail };
    let finding = &place["resource"]["ecsClusterDetails"];
    let sequence = &place["service"]["detection"]["sequence"]["resources"];
    let (names, launch_types) = match finding.is_null() {
        false => ([&finding["name"], &finding["arn"]], &finding["taskDetails"]["launchType"]),
        true => ([&sequence["name"], &sequence["uid"]], &sequence["data"]["ecsTask"]["launchType"]),
    };
    let [names, arns] = names.map(|tests| each(tests, cluster));
    let launch_type = launch_types[0].as_str().and_then(LaunchType::find);
    Some(([names?, arns?].concat(), launch_type))
}

fn cluster(test: &Value) -> Option<String> {
    let part = |operator: &str| test[operator].as_str();
    text(test)
        .or_else(|| part("suffix")?.strip_prefix(":cluster/").map(str::to_owned))
        .or_else(|| part("prefix")?.strip_suffix('/').map(|task| task.replacen(":task/", ":cluster/", 1)))
        .or_else(|| part("wildcard")?.strip_prefix("*:task/")?.strip_suffix("/*").map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that the match that is read back generates the same pattern.
    fn reads(wanted: &FindingMatch) -> FindingMatch {
        let pattern = wanted.pattern().unwrap().to_string();
        let read = FindingMatch::read(&pattern).unwrap_or_else(|| panic!("nothing is read from {pattern}"));
        assert!(event_pattern::equivalent(&read.pattern().unwrap().to_string(), &pattern), "{pattern}");
        read
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let arn = "arn:aws:ecs:us-east-1:111122223333:cluster/prod";
        for wanted in [
            FindingMatch::default(),
            FindingMatch {
                finding_types: texts(&["*:Runtime/*", "Backdoor:*", "*!DNS", "AttackSequence:ECS/CompromisedCluster"]),
                ..Default::default()
            },
            FindingMatch { severities: vec![Severity::High], ..Default::default() },
            FindingMatch { severities: vec![Severity::Low, Severity::Critical], ..Default::default() },
            FindingMatch { severity_minimum: Some(4.5), severity_maximum: Some(8.9), ..Default::default() },
            FindingMatch { severity_maximum: Some(3.0), ..Default::default() },
            FindingMatch { ecs_clusters: texts(&["prod", "test"]), ..Default::default() },
            FindingMatch {
                ecs_clusters: texts(&[arn, "test"]),
                resource_types: texts(&["ECSCluster"]),
                ..Default::default()
            },
            FindingMatch {
                launch_type: Some(LaunchType::Fargate),
                accounts: texts(&["111122223333"]),
                ..Default::default()
            },
            FindingMatch {
                finding_types: texts(&["AttackSequence:*"]),
                ecs_clusters: texts(&["prod"]),
                launch_type: Some(LaunchType::Ec2),
                ..Default::default()
            },
            FindingMatch { sample: Some(true), ..Default::default() },
            FindingMatch { sample: Some(false), ..Default::default() },
        ] {
            let read = reads(&wanted);
            let sorted = |mut own: FindingMatch| {
                own.finding_types.sort();
                own
            };
            assert_eq!(sorted(read), sorted(wanted));
        }
    }

    #[test]
    fn what_means_the_same_is_read() {
        let features = FindingMatch { features: texts(&["RUNTIME_MONITORING"]), ..Default::default() };
        assert!(!reads(&features).finding_types.is_empty());
        let both = FindingMatch { severities: vec![Severity::High], severity_maximum: Some(8.5), ..Default::default() };
        assert_eq!((reads(&both).severity_minimum, reads(&both).severity_maximum), (Some(7.0), Some(8.5)));
        let minimum = FindingMatch { severity_minimum: Some(7.0), ..Default::default() };
        assert_eq!(reads(&minimum).severities, [Severity::High, Severity::Critical]);
    }

    #[test]
    fn what_no_match_makes_is_not_read() {
        for pattern in [
            "{",
            r#"{"source": ["aws.guardduty"]}"#,
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"title": ["x"]}}"#,
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"type": [{"exists": true}]}}"#,
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [4, 5]}}"#,
        ] {
            assert_eq!(FindingMatch::read(pattern), None, "{pattern}");
        }
    }
}
