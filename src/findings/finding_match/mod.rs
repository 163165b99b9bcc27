//! The findings that a rule or a response acts on, and the EventBridge pattern that selects them.
//!
//! - This file has the model and its problems.
//! - `types` determines which finding types are wanted.
//! - `numbers` determines which severities are wanted.
//! - `pattern` generates the pattern, and `reading` parses one.
//!
//! Findings that an archiving filter suppresses never reach EventBridge, so no pattern has a condition on `archived`.
//! Findings that a person archives arrive again when the activity continues (GuardDuty user guide, "Processing findings
//! with EventBridge"). They are wanted, because the activity has not been dealt with.
//!
//! It knows nothing about targets, and only what `criteria::silence` needs about filters.

mod numbers;
mod pattern;
mod reading;
#[cfg(test)]
mod tests;
mod types;

use tfplugin::suggest;

use super::severity::Severity;
use super::{catalogue, glob};

pub(super) use numbers::Interval;

/// Selection of findings. A finding matches if it passes every attribute that is set. For a list, one value must match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindingMatch {
    /// Finding types, in which `*` matches any characters.
    pub finding_types: Vec<String>,
    /// Severity levels.
    pub severities: Vec<Severity>,
    /// Minimum severity, from 1.0 to 10.0 (inclusive).
    pub severity_minimum: Option<f64>,
    /// Maximum severity, from 1.0 to 10.0 (inclusive).
    pub severity_maximum: Option<f64>,
    /// Values of `resource.resourceType`, such as `ECSCluster`.
    pub resource_types: Vec<String>,
    /// ECS clusters, by name or ARN. Sample findings use cluster names of their own, so they never match.
    pub ecs_clusters: Vec<String>,
    /// Launch type of the task.
    pub launch_type: Option<LaunchType>,
    /// Accounts that the findings belong to. In an organization, the administrator account also receives the findings
    /// of its member accounts.
    pub accounts: Vec<String>,
    /// Detector features that generate the finding types, such as `RUNTIME_MONITORING`.
    pub features: Vec<String>,
    /// Only sample findings (`true`), no sample findings (`false`), or both (`None`).
    pub sample: Option<bool>,
}

/// Launch type of an ECS task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchType {
    /// On AWS Fargate.
    Fargate,
    /// On an EC2 instance.
    Ec2,
}

impl LaunchType {
    /// Both launch types.
    pub const ALL: [Self; 2] = [Self::Fargate, Self::Ec2];

    /// Returns the name in findings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fargate => "FARGATE",
            Self::Ec2 => "EC2",
        }
    }

    /// Returns the launch type with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|launch_type| launch_type.name() == name)
    }
}

/// The known values of `resource.resourceType`, from events and from the user guide.
pub const RESOURCE_TYPES: [&str; 15] = [
    "AccessKey",
    "AttackSequence",
    "Container",
    "EBSSnapshot",
    "EC2Image",
    "EC2RecoveryPoint",
    "ECSCluster",
    "EKSCluster",
    "Instance",
    "Lambda",
    "RDSDBInstance",
    "RDSLimitlessDB",
    "S3Bucket",
    "S3Object",
    "S3RecoveryPoint",
];

/// A problem, or a possible problem, with a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The attribute of [`FindingMatch`].
    pub attribute: &'static str,
    /// Index of the value in a list.
    pub index: Option<usize>,
    /// Whether no pattern can be generated. Otherwise, it is only a warning.
    pub is_error: bool,
    /// The problem, and how to fix it.
    pub message: String,
}

impl Problem {
    fn error(attribute: &'static str, index: impl Into<Option<usize>>, message: impl Into<String>) -> Self {
        Self { attribute, index: index.into(), is_error: true, message: message.into() }
    }

    fn warning(attribute: &'static str, index: impl Into<Option<usize>>, message: impl Into<String>) -> Self {
        Self { is_error: false, ..Self::error(attribute, index, message) }
    }
}

impl FindingMatch {
    /// Returns all problems and possible problems.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(each("finding_types", &self.finding_types, finding_type_problem));
        problems.extend(each("resource_types", &self.resource_types, resource_type_problem));
        problems.extend(each("ecs_clusters", &self.ecs_clusters, cluster_problem));
        problems.extend(each("accounts", &self.accounts, account_problem));
        problems.extend(each("features", &self.features, feature_problem));
        problems.extend(self.severity_problems());
        if problems.iter().all(|problem| !problem.is_error) && self.wanted_types().is_some_and(|types| types.is_empty())
        {
            problems.push(Problem::error(
                "features",
                None,
                "no finding type of finding_types comes from these features",
            ));
        }
        problems
    }

    fn severity_problems(&self) -> Vec<Problem> {
        let bounds = [("severity_minimum", self.severity_minimum), ("severity_maximum", self.severity_maximum)];
        let mut problems: Vec<Problem> = bounds
            .into_iter()
            .filter_map(|(attribute, bound)| Some((attribute, bound?)))
            .filter(|(_, bound)| Severity::of(*bound).is_none())
            .map(|(attribute, bound)| Problem::error(attribute, None, format!("{bound} is not between 1.0 and 10.0")))
            .collect();
        if problems.is_empty() && self.wanted_severities().is_empty() {
            problems.push(Problem::error(
                "severity_minimum",
                None,
                "no severity is within all of the bounds and levels",
            ));
        }
        problems
    }
}

/// Returns the problem with the value at this index of the list with this name.
type Check = fn(&'static str, usize, &str) -> Option<Problem>;

fn each(attribute: &'static str, values: &[String], check: Check) -> Vec<Problem> {
    values.iter().enumerate().filter_map(|(index, value)| check(attribute, index, value)).collect()
}

fn finding_type_problem(attribute: &'static str, index: usize, name: &str) -> Option<Problem> {
    let message = unknown_type(name)?;
    Some(match name {
        "" => Problem::error(attribute, index, "an empty string names no finding type: leave it out, or write \"*\""),
        _ => Problem::warning(attribute, index, message),
    })
}

/// Returns the problem if `name`, in which `*` matches any characters, is not a known finding type, with the most
/// similar one.
pub(super) fn unknown_type(name: &str) -> Option<String> {
    if !catalogue::expand(name).is_empty() {
        return None;
    }
    let hint = catalogue::nearest(name).map_or(String::new(), |nearest| format!(": did you mean \"{nearest}\"?"));
    let what = if glob::is_glob(name) { "matches no finding type" } else { "is not a finding type" };
    Some(format!("\"{name}\" {what} that this version of the provider knows{hint}"))
}

fn resource_type_problem(attribute: &'static str, index: usize, name: &str) -> Option<Problem> {
    if RESOURCE_TYPES.contains(&name) {
        return None;
    }
    let hint = match suggest::nearest(name, RESOURCE_TYPES) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("it knows {}", RESOURCE_TYPES.join(", ")),
    };
    let message = format!("\"{name}\" is no resource type of which this version of the provider knows: {hint}");
    Some(Problem::warning(attribute, index, message))
}

fn cluster_problem(attribute: &'static str, index: usize, cluster: &str) -> Option<Problem> {
    let name = if cluster.starts_with("arn:") { cluster_of_arn(cluster).unwrap_or_default() } else { cluster };
    let is_name_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let is_name = (1..=255).contains(&name.len()) && name.chars().all(is_name_letter);
    let message = format!(
        "\"{cluster}\" is neither a cluster's name (letters, digits, \"-\" and \"_\") nor its ARN \
         (arn:aws:ecs:REGION:ACCOUNT:cluster/NAME)"
    );
    (!is_name).then(|| Problem::error(attribute, index, message))
}

/// Returns the name of the cluster in `arn:PARTITION:ecs:REGION:ACCOUNT:cluster/NAME`.
fn cluster_of_arn(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "ecs", _, _, resource] => resource.strip_prefix("cluster/"),
        _ => None,
    }
}

fn account_problem(attribute: &'static str, index: usize, account: &str) -> Option<Problem> {
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let message = format!("\"{account}\" is not an account: an account has 12 digits");
    (!is_account).then(|| Problem::error(attribute, index, message))
}

fn feature_problem(attribute: &'static str, index: usize, name: &str) -> Option<Problem> {
    let mut known: Vec<&str> = catalogue::all().iter().flat_map(|known| known.features.iter().copied()).collect();
    if known.contains(&name) {
        return None;
    }
    known.sort_unstable();
    known.dedup();
    let hint = match suggest::nearest(name, known.iter().copied()) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("choose from {}", known.join(", ")),
    };
    Some(Problem::error(attribute, index, format!("no finding type comes from a feature \"{name}\": {hint}")))
}
