//! Generates the EventBridge pattern of a match.
//!
//! An attack sequence has its clusters and tasks in a different place than other findings: in
//! `service.detection.sequence.resources` instead of `resource`. If a cluster or a launch type is selected and attack
//! sequences are wanted too, the pattern is a choice (`$or`) of both places. The names there are those of the API's
//! `Sequence` shape. They were not verified on events of a live account.

use serde_json::{Map, Value, json};

use super::{FindingMatch, Interval, Problem, cluster_of_arn};
use crate::findings::glob;

const ATTACK_SEQUENCE: &str = "AttackSequence";

impl FindingMatch {
    /// Returns the pattern that selects these findings. EventBridge accepts it, unless it is too long (see
    /// [`event_pattern::check`](crate::findings::event_pattern::check)).
    ///
    /// # Errors
    /// The problems that are errors.
    pub fn pattern(&self) -> Result<Value, Vec<Problem>> {
        let errors: Vec<Problem> = self.problems().into_iter().filter(|problem| problem.is_error).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut pattern = json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]});
        let detail = self.detail();
        if !detail.is_empty() {
            pattern["detail"] = Value::Object(detail);
        }
        Ok(pattern)
    }

    fn detail(&self) -> Map<String, Value> {
        let mut detail = json!({});
        set(
            &mut detail,
            &["type"],
            self.wanted_types().unwrap_or_default().iter().map(|name| type_test(name)).collect(),
        );
        set(&mut detail, &["severity"], self.wanted_severities().into_iter().filter_map(severity_test).collect());
        set(&mut detail, &["accountId"], strings(&self.accounts));
        set(&mut detail, &["resource", "resourceType"], strings(&self.resource_types));
        set(&mut detail, &["service", "additionalInfo", "sample"], sample_tests(self.sample));
        self.set_clusters(&mut detail);
        match detail {
            Value::Object(detail) => detail,
            _ => Map::new(),
        }
    }

    fn set_clusters(&self, detail: &mut Value) {
        if self.ecs_clusters.is_empty() && self.launch_type.is_none() {
            return;
        }
        match (self.wants_other_findings(), self.wants_attack_sequences()) {
            (true, true) => {
                let (mut finding, mut sequence) = (json!({}), json!({}));
                self.set_cluster_of_finding(&mut finding);
                self.set_cluster_of_sequence(&mut sequence);
                detail["$or"] = json!([finding, sequence]);
            }
            (false, true) => self.set_cluster_of_sequence(detail),
            (_, false) => self.set_cluster_of_finding(detail),
        }
    }

    /// Returns whether the wanted types include attack sequences.
    pub(in crate::findings) fn wants_attack_sequences(&self) -> bool {
        let is_wanted_type = self.wanted_types().is_none_or(|wanted| wanted.iter().any(|name| can_be_sequence(name)));
        let is_wanted_resource =
            self.resource_types.is_empty() || self.resource_types.iter().any(|name| name == ATTACK_SEQUENCE);
        is_wanted_type && is_wanted_resource
    }

    fn wants_other_findings(&self) -> bool {
        let is_sequence = |name: &String| name.starts_with("AttackSequence:");
        let is_wanted_type = self.wanted_types().is_none_or(|wanted| !wanted.iter().all(is_sequence));
        let is_wanted_resource =
            self.resource_types.is_empty() || self.resource_types.iter().any(|name| name != ATTACK_SEQUENCE);
        is_wanted_type && is_wanted_resource
    }

    fn set_cluster_of_finding(&self, detail: &mut Value) {
        let (member, tests) = self.cluster_tests("name", "arn");
        set(detail, &["resource", "ecsClusterDetails", member], tests);
        set(detail, &["resource", "ecsClusterDetails", "taskDetails", "launchType"], self.launch_type_tests());
    }

    /// Sets the conditions on the resources of an attack sequence. A sequence has a resource for each cluster and for
    /// each task. Fields of one resource are matched together, so the launch type is tested on the task, whose ARN
    /// contains its cluster.
    fn set_cluster_of_sequence(&self, detail: &mut Value) {
        let resources = ["service", "detection", "sequence", "resources"];
        let mut set_member = |path: &[&str], tests| set(detail, &[&resources[..], path].concat(), tests);
        if self.launch_type.is_none() {
            let (member, tests) = self.cluster_tests("name", "uid");
            set_member(&["resourceType"], vec![json!("ECS_CLUSTER")]);
            set_member(&[member], tests);
        } else {
            set_member(&["resourceType"], vec![json!("ECS_TASK")]);
            set_member(&["uid"], self.ecs_clusters.iter().map(|cluster| task_test(cluster)).collect());
            set_member(&["data", "ecsTask", "launchType"], self.launch_type_tests());
        }
    }

    /// Returns tests of names if there are only names, and otherwise tests of ARNs, which end in the name.
    fn cluster_tests(&self, name: &'static str, arn: &'static str) -> (&'static str, Vec<Value>) {
        let is_arn = |cluster: &String| cluster_of_arn(cluster).is_some();
        if !self.ecs_clusters.iter().any(is_arn) {
            return (name, strings(&self.ecs_clusters));
        }
        let test = |cluster: &String| match is_arn(cluster) {
            true => json!(cluster),
            false => json!({"suffix": format!(":cluster/{cluster}")}),
        };
        (arn, self.ecs_clusters.iter().map(test).collect())
    }

    fn launch_type_tests(&self) -> Vec<Value> {
        self.launch_type.iter().map(|launch_type| json!(launch_type.name())).collect()
    }
}

fn can_be_sequence(name: &str) -> bool {
    name.starts_with("AttackSequence:") || glob::matches(name, "AttackSequence:ECS/CompromisedCluster")
}

fn task_test(cluster: &str) -> Value {
    match cluster_of_arn(cluster) {
        Some(_) => json!({"prefix": format!("{}/", cluster.replacen(":cluster/", ":task/", 1))}),
        None => json!({"wildcard": format!("*:task/{cluster}/*")}),
    }
}

/// Sets the tests of the field at `path`, and creates the objects on the way. Without tests, no field is set. Duplicate
/// tests are removed.
fn set(object: &mut Value, path: &[&str], mut tests: Vec<Value>) {
    if tests.is_empty() {
        return;
    }
    let mut asked = Vec::new();
    tests.retain(|test| {
        !asked.contains(test) && {
            asked.push(test.clone());
            true
        }
    });
    let place = path.iter().fold(object, |object, key| {
        if !object.is_object() {
            *object = json!({});
        }
        &mut object[key]
    });
    *place = Value::Array(tests);
}

fn strings(texts: &[String]) -> Vec<Value> {
    texts.iter().map(|text| json!(text)).collect()
}

fn type_test(name: &str) -> Value {
    let pieces: Vec<&str> = name.split('*').collect();
    match pieces.as_slice() {
        [whole] => json!(whole),
        [prefix, ""] => json!({"prefix": prefix}),
        ["", suffix] => json!({"suffix": suffix}),
        _ => json!({"wildcard": wildcard(&pieces)}),
    }
}

fn wildcard(pieces: &[&str]) -> String {
    let mut text = pieces.join("*").replace('\\', "\\\\");
    while text.contains("**") {
        text = text.replace("**", "*");
    }
    text
}

fn severity_test(interval: Interval) -> Option<Value> {
    let top = if interval.is_high_included { "<=" } else { "<" };
    match (interval.low, interval.high) {
        (None, None) => None,
        (Some(low), Some(high)) if low == high => Some(json!({"numeric": ["=", number(low)]})),
        (Some(low), Some(high)) => Some(json!({"numeric": [">=", number(low), top, number(high)]})),
        (Some(low), None) => Some(json!({"numeric": [">=", number(low)]})),
        (None, Some(high)) => Some(json!({"numeric": [top, number(high)]})),
    }
}

/// Returns a whole number without `.0`, as a person writes it.
fn number(number: f64) -> Value {
    let text = number.to_string();
    text.parse::<i64>().map_or_else(|_| json!(number), |whole| json!(whole))
}

/// Returns the tests of `sample`. A real finding has no `sample`, or one that is null or false.
fn sample_tests(sample: Option<bool>) -> Vec<Value> {
    match sample {
        None => Vec::new(),
        Some(true) => vec![json!(true)],
        Some(false) => vec![json!({"exists": false}), json!(false), Value::Null],
    }
}
