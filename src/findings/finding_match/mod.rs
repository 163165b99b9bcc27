//! Which findings a rule or a response wants, and the EventBridge pattern that selects them.
//!
//! - this file has the model and what can be wrong with it;
//! - `types` decides which finding types are wanted;
//! - `numbers` decides which severities are;
//! - `pattern` writes the pattern, and `reading` reads one back.
//!
//! Findings that an archiving filter suppresses never reach EventBridge, so no pattern asks for `archived`. Those that a
//! person archives do come again when the activity goes on (GuardDuty user guide, "Processing findings with
//! EventBridge"), and are wanted: what goes on has not been dealt with.
//!
//! It knows nothing of targets, and of filters only what `criteria::silence` asks of it.

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

/// The findings that are wanted: those that pass each attribute that is set. Of a list, one value has to fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindingMatch {
    /// Finding types, with `*` for any run of characters.
    pub finding_types: Vec<String>,
    /// Levels of severity.
    pub severities: Vec<Severity>,
    /// The least severity, included, from 1.0 to 10.0.
    pub severity_minimum: Option<f64>,
    /// The greatest severity, included, from 1.0 to 10.0.
    pub severity_maximum: Option<f64>,
    /// Values of `resource.resourceType`, as `ECSCluster`.
    pub resource_types: Vec<String>,
    /// ECS clusters, by name or by ARN. Sample findings name clusters of their own, so none of them fits.
    pub ecs_clusters: Vec<String>,
    /// How the task was launched.
    pub launch_type: Option<LaunchType>,
    /// Accounts that the findings belong to. In an organization the administrator also gets its members' findings.
    pub accounts: Vec<String>,
    /// Detector features that the finding types come from, as `RUNTIME_MONITORING`.
    pub features: Vec<String>,
    /// Only sample findings (`true`), none of them (`false`), or both (`None`).
    pub sample: Option<bool>,
}

/// How an ECS task was launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchType {
    /// On AWS Fargate.
    Fargate,
    /// On an EC2 instance.
    Ec2,
}

impl LaunchType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Fargate, Self::Ec2];

    /// The name that findings have.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fargate => "FARGATE",
            Self::Ec2 => "EC2",
        }
    }

    /// The launch type of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|launch_type| launch_type.name() == name)
    }
}

/// The values of `resource.resourceType` that are known, from events and from the user guide.
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

/// Something that is, or may be, wrong with a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The attribute of [`FindingMatch`].
    pub attribute: &'static str,
    /// Which value of a list.
    pub index: Option<usize>,
    /// Whether no pattern can be made; otherwise it is only a warning.
    pub is_error: bool,
    /// What is wrong, and how to mend it.
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
    /// All that is, or may be, wrong.
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

/// What the value with this index, of the list of this name, has wrong.
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

/// That `name`, in which `*` stands for any characters, is no finding type that is known, with the nearest.
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

/// The cluster's name in `arn:PARTITION:ecs:REGION:ACCOUNT:cluster/NAME`.
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
