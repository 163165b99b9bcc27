//! `match`: which findings a rule or a response wants, as a nested attribute.
//!
//! What is wrong with one, and the pattern that it becomes, `findings::finding_match` decides.

use tfplugin::schema::invalid;
use tfplugin::{Choice, Data, Diagnostic, Failure, Key, Known, Model, Path, Result, Step, View};

use crate::findings::event_pattern;
use crate::findings::finding_match::{FindingMatch, LaunchType, Problem};
use crate::findings::severity::Severity;

/// The findings that are wanted: those that pass each attribute that is set. Of a list, one value has to fit.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Match {
    /// Finding types, such as `CryptoCurrency:Runtime/BitcoinTool.B!DNS`; `*` stands for any characters, as in
    /// `*:Runtime/*`. A type that this version of the provider doesn't know only gives a warning, since GuardDuty gets
    /// new ones.
    pub finding_types: Option<Vec<String>>,
    /// Levels of severity.
    pub severity: Option<Vec<Level>>,
    /// The least severity, 1.0 to 10.0; this value is wanted too.
    pub severity_minimum: Option<f64>,
    /// The greatest severity, 1.0 to 10.0; this value is wanted too.
    pub severity_maximum: Option<f64>,
    /// Types of the resource that a finding is about, such as `ECSCluster`, `Container` or `Instance`.
    pub resource_types: Option<Vec<String>>,
    /// ECS clusters, by name or by ARN. Sample findings name clusters of their own, so none of them fits.
    pub ecs_clusters: Option<Vec<String>>,
    /// How the ECS task was launched.
    pub launch_type: Option<Launch>,
    /// Accounts that the findings belong to, 12 digits each. In an organization the administrator gets its members'
    /// findings as well.
    pub accounts: Option<Vec<String>>,
    /// Features of the detector that the finding types come from, such as `RUNTIME_MONITORING`.
    pub features: Option<Vec<String>>,
    /// Only sample findings (`true`) or none of them (`false`). By default both.
    pub sample: Option<bool>,
}

/// A level of severity.
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

/// How an ECS task was launched.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launch {
    /// On AWS Fargate.
    Fargate,
    /// On an EC2 instance.
    Ec2,
}

impl Match {
    /// What is wrong, or may be, as far as it is known.
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

    /// The same as the configuration has it. What asks for nothing is left out.
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

    /// The same for the code that compiles it.
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

/// The event pattern of what is wanted, which is configured at `path`.
///
/// # Errors
/// Why none can be made of it.
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

/// Of a list in which something is unknown nothing is looked at.
fn known<T: Data>(view: &View<Match>, key: Key<Match, Vec<T>>) -> Vec<T> {
    view.get(key).known().unwrap_or_default()
}

/// A list that is there and empty asks for nothing, which nobody means: it would let everything pass.
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

/// The two enums have the same names.
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
