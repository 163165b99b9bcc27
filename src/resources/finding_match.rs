//! `match`: the findings that a rule or a response acts on, as a nested attribute.
//!
//! `findings::finding_match` decides whether a match is valid and which pattern it compiles to.

use tfplugin::schema::invalid;
use tfplugin::{Choice, Data, Diagnostic, Failure, Key, Known, Model, Path, Result, Step, View};

use crate::findings::event_pattern;
use crate::findings::finding_match::{FindingMatch, LaunchType, Problem};
use crate::findings::severity::Severity;

/// Selection of findings. A finding matches if it passes every attribute that is set. For a list, one matching element
/// is enough.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Match {
    /// Finding types, such as `CryptoCurrency:Runtime/BitcoinTool.B!DNS`. `*` matches any characters, as in
    /// `*:Runtime/*`. Types that this version of the provider does not know only cause a warning, because GuardDuty
    /// adds types over time.
    pub finding_types: Option<Vec<String>>,
    /// Severity levels.
    pub severity: Option<Vec<Level>>,
    /// Minimum severity, from 1.0 to 10.0 (inclusive).
    pub severity_minimum: Option<f64>,
    /// Maximum severity, from 1.0 to 10.0 (inclusive).
    pub severity_maximum: Option<f64>,
    /// Types of the affected resource, such as `ECSCluster`, `Container` or `Instance`.
    pub resource_types: Option<Vec<String>>,
    /// ECS clusters, by name or ARN. Sample findings use cluster names of their own, so they never match.
    pub ecs_clusters: Option<Vec<String>>,
    /// Launch type of the ECS task.
    pub launch_type: Option<Launch>,
    /// IDs of the accounts that the findings belong to, 12 digits each. In an organization, the administrator account
    /// also receives the findings of its member accounts.
    pub accounts: Option<Vec<String>>,
    /// Detector features that generate the finding types, such as `RUNTIME_MONITORING`.
    pub features: Option<Vec<String>>,
    /// Set to `true` to match only sample findings, or to `false` to exclude them. If not set, both match.
    pub sample: Option<bool>,
}

/// Severity level.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 1.0 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

/// Launch type of an ECS task.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launch {
    /// On AWS Fargate.
    Fargate,
    /// On an EC2 instance.
    Ec2,
}

impl Match {
    /// Checks the match, as far as it is known, and returns errors and warnings.
    pub fn check(view: &View<Self>) -> Vec<Diagnostic> {
        let known = FindingMatch {
            finding_types: known(view, Self::FINDING_TYPES),
            severities: known(view, Self::SEVERITY).iter().filter_map(severity).collect(),
            severity_minimum: view.get(Self::SEVERITY_MINIMUM).known(),
            severity_maximum: view.get(Self::SEVERITY_MAXIMUM).known(),
            resource_types: known(view, Self::RESOURCE_TYPES),
            ecs_clusters: known(view, Self::ECS_CLUSTERS),
            launch_type: view.get(Self::LAUNCH_TYPE).known().and_then(launch_type),
            accounts: known(view, Self::ACCOUNTS),
            features: known(view, Self::FEATURES),
            sample: view.get(Self::SAMPLE).known(),
        };
        let empty = [Self::FINDING_TYPES, Self::RESOURCE_TYPES, Self::ECS_CLUSTERS, Self::ACCOUNTS, Self::FEATURES];
        let mut diagnostics: Vec<_> = empty.into_iter().filter_map(|key| empty_list(view, key)).collect();
        diagnostics.extend(empty_list(view, Self::SEVERITY));
        diagnostics.extend(known.problems().iter().map(|problem| diagnostic(view.location(), problem)));
        diagnostics
    }

    /// Converts a match from the pure `findings` layer. Attributes that select nothing are left out.
    pub fn from_findings(wanted: FindingMatch) -> Self {
        let texts = |texts: Vec<String>| (!texts.is_empty()).then_some(texts);
        let levels: Vec<_> = wanted.severities.iter().filter_map(|level| Level::parse(level.name())).collect();
        Match {
            finding_types: texts(wanted.finding_types),
            severity: (!levels.is_empty()).then_some(levels),
            severity_minimum: wanted.severity_minimum,
            severity_maximum: wanted.severity_maximum,
            resource_types: texts(wanted.resource_types),
            ecs_clusters: texts(wanted.ecs_clusters),
            launch_type: wanted.launch_type.and_then(|launch| Launch::parse(launch.name())),
            accounts: texts(wanted.accounts),
            features: texts(wanted.features),
            sample: wanted.sample,
        }
    }

    /// Converts the match for the pure `findings` layer, which compiles it.
    pub fn to_findings(&self) -> FindingMatch {
        FindingMatch {
            finding_types: self.finding_types.clone().unwrap_or_default(),
            severities: self.severity.iter().flatten().filter_map(severity).collect(),
            severity_minimum: self.severity_minimum,
            severity_maximum: self.severity_maximum,
            resource_types: self.resource_types.clone().unwrap_or_default(),
            ecs_clusters: self.ecs_clusters.clone().unwrap_or_default(),
            launch_type: self.launch_type.and_then(launch_type),
            accounts: self.accounts.clone().unwrap_or_default(),
            features: self.features.clone().unwrap_or_default(),
            sample: self.sample,
        }
    }
}

/// Compiles `wanted`, which is configured at `path`, to an event pattern.
///
/// # Errors
/// The reason why no event pattern can be compiled.
pub fn compiled(wanted: &FindingMatch, path: impl Into<Path>) -> Result<String> {
    let refused = |why: String| Failure::at(path, "no event pattern can be made of this").detail(why);
    let pattern = match wanted.pattern() {
        Ok(pattern) => pattern.to_string(),
        Err(problems) => {
            let problems: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
            return Err(refused(problems.join("\n")));
        }
    };
    match event_pattern::check(&pattern) {
        Ok(_) => Ok(pattern),
        Err(problem) => Err(refused(problem.to_string())),
    }
}

/// Returns the elements of a list, or none of them if any is unknown.
fn known<T: Data>(view: &View<Match>, key: Key<Match, Vec<T>>) -> Vec<T> {
    view.get(key).known().unwrap_or_default()
}

/// Refuses an empty list: it selects nothing, so every finding would match, which is never intended.
fn empty_list<T: Data>(view: &View<Match>, key: Key<Match, Vec<T>>) -> Option<Diagnostic> {
    let is_empty = matches!(view.get(key), Known::Known(items) if items.is_empty());
    let problem = "An empty list asks for nothing, so every finding would pass. Leave it out to mean that.";
    is_empty.then(|| invalid(&view.path(key), problem))
}

fn diagnostic(at: &Path, problem: &Problem) -> Diagnostic {
    let name = if problem.attribute == "severities" { "severity" } else { problem.attribute };
    let list = at.attribute(name);
    let path = problem.index.map_or(list.clone(), |index| list.then(Step::Index(index)));
    if problem.is_error {
        return invalid(&path, &problem.message);
    }
    Diagnostic::warning(format!("unknown value for {path}")).at(path).detail(&problem.message)
}

/// Converts a severity level. Both enums use the same names.
fn severity(level: &Level) -> Option<Severity> {
    level.as_str().parse().ok()
}

fn launch_type(launch: Launch) -> Option<LaunchType> {
    LaunchType::find(launch.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_findings() {
        let levels = [Level::Low, Level::Medium, Level::High, Level::Critical];
        assert_eq!(levels.iter().filter_map(severity).collect::<Vec<_>>(), Severity::ALL);
        assert_eq!([Launch::Fargate, Launch::Ec2].map(launch_type), LaunchType::ALL.map(Some));
    }
}
