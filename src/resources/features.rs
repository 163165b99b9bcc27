//! What the resource types that switch features of a detector share: the status of a feature, and the rules that a plan
//! enforces.
//!
//! `findings::features` knows which features exist and which go together. `aws::features` switches them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::{Choice, Diagnostic, Path, Result, Step};

use crate::aws::features::{Found, Setting, Settings, features_of};
use crate::aws::{Aws, Owners, Subject};
use crate::findings::features::{self, RIVALS, RUNTIME_MONITORING};

/// Status of a feature or of an additional configuration.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

impl Status {
    /// Returns whether the status is `ENABLED`.
    pub fn is_enabled(self) -> bool {
        self == Status::Enabled
    }
}

impl From<bool> for Status {
    fn from(on: bool) -> Self {
        if on { Status::Enabled } else { Status::Disabled }
    }
}

/// Returns the error for `name`, written at `path`, if it is not a feature that can be set.
pub fn check_name(name: &str, path: Path) -> Option<Diagnostic> {
    let problem = features::check_name(name).err()?;
    Some(Diagnostic::error(format!("{name} is no feature that can be set")).at(path).detail(problem))
}

/// Returns the error for additional configuration `name`, written at `path`, if `feature` does not have it.
pub fn check_additional(feature: &str, name: &str, path: Path) -> Option<Diagnostic> {
    let problem = features::check_additional(feature, name).err()?;
    let summary = format!("{name} is no additional configuration of {feature}");
    Some(Diagnostic::error(summary).at(path).detail(problem))
}

/// Returns the error for a feature that a policy of AWS Organizations controls, unless it is already as `wanted`.
pub fn check_managed(name: &str, wanted: &Setting, found: Option<&Found>, path: Path) -> Option<Diagnostic> {
    let managed = found.is_some_and(|found| found.is_managed) && !wanted.is_met(found);
    managed.then(|| {
        Diagnostic::error(format!("feature {name} can't be changed from this account"))
            .at(path)
            .detail(MANAGED)
            .detail("Change that policy in the organization's management account, or leave the feature out here.")
    })
}

/// Returns the error for a feature, set by a detector at `path`, that a resource of its own holds, unless it is already
/// as `wanted`.
pub fn check_held(name: &str, wanted: &Setting, found: &GetDetectorOutput, path: Path) -> Option<Diagnostic> {
    let is_held = |aspect: &str| !Owners::of(found.tags().into_iter().flatten(), aspect).is_empty();
    let holder = match name {
        _ if wanted.is_met(features_of(found).get(name)) => return None,
        _ if is_held(name) => "detector_feature",
        RUNTIME_MONITORING if is_held(ECS_RUNTIME_MONITORING) => "ecs_runtime_monitoring",
        _ => return None,
    };
    let summary = format!("feature {name} is also managed by a guardduty_{holder}, with different settings");
    Some(Diagnostic::error(summary).at(path).detail(TWICE))
}

/// The aspect of a detector that instances of `guardduty_ecs_runtime_monitoring` hold. Instances of
/// `guardduty_detector_feature` hold the name of the feature instead.
pub const ECS_RUNTIME_MONITORING: &str = "ecs-runtime-monitoring";

/// Refuses a create while instances of another type hold `aspect` of the detector and switch the same feature.
///
/// # Errors
/// Another instance holds the aspect.
pub fn refuse_held(
    aws: &Aws,
    (subject, region): (&Subject, &str),
    found: &GetDetectorOutput,
    (detector, aspect, type_name): (&str, &str, &str),
) -> Result<()> {
    let owners = Owners::of(found.tags().into_iter().flatten(), aspect);
    if aws.settled_owners(&format!("{region}/{detector}/{aspect}"), owners).is_empty() {
        return Ok(());
    }
    let failure = subject.failure("create", format!("a guardduty_{type_name} already switches {RUNTIME_MONITORING}"));
    Err(failure.detail(TWICE))
}

/// Returns the claim that only one instance of either type can have.
pub fn claim_of(feature: &str, detector: &str, region: &str) -> String {
    format!("feature {feature} of detector {detector} in {region}")
}

/// Which of the two Runtime Monitoring features the resources of this run enable, by region and detector.
#[derive(Default)]
struct RuntimeClaims(Mutex<HashMap<String, String>>);

/// Returns the error for enabling a Runtime Monitoring feature while another resource of this run enables its rival.
pub fn check_rival(aws: &Aws, region: &str, detector: &str, name: &str, path: Path) -> Option<Diagnostic> {
    let rival = features::rival(name)?;
    let claims = aws.shared::<RuntimeClaims>();
    let mut claims = claims.0.lock().unwrap_or_else(PoisonError::into_inner);
    let first = claims.entry(format!("{region}/{detector}")).or_insert_with(|| name.to_owned());
    (first == rival).then(|| rivals_error(path))
}

/// Features that detectors list in this run, by region and ID. A feature's resource depends on its detector, which is
/// planned and applied first.
#[derive(Default)]
struct Listed(Mutex<HashMap<String, Settings>>);

/// Records which features a detector lists.
pub fn note_listed(aws: &Aws, region: &str, detector: &str, settings: Settings) {
    let listed = aws.shared::<Listed>();
    // A poisoned lock still holds whole entries.
    listed.0.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{region}/{detector}"), settings);
}

/// Returns an error if the detector lists the feature with other settings.
pub fn check_listed(
    aws: &Aws,
    (region, detector): (&str, &str),
    (name, wanted): (&str, &Setting),
    path: Path,
) -> Option<Diagnostic> {
    let listed = aws.shared::<Listed>();
    let listed = listed.0.lock().unwrap_or_else(PoisonError::into_inner);
    let own = listed.get(&format!("{region}/{detector}"))?.get(name)?;
    let is_alike = own.enabled == wanted.enabled
        && own.additional.iter().all(|(name, on)| wanted.additional.get(name).is_none_or(|wanted| wanted == on));
    let summary = format!("feature {name} is also set in `features` of its detector, with different settings");
    (!is_alike).then(|| Diagnostic::error(summary).at(path).detail(TWICE))
}

/// Advice if two resources manage one feature.
const TWICE: &str = "Each of them would undo the changes of the other. Remove one of them.";
/// The reason why this account cannot change a feature.
const MANAGED: &str = "A GUARDDUTY_POLICY of AWS Organizations manages it (managedBy in GetDetector).";

/// Warns that a destroy does not change a feature that a policy of AWS Organizations manages.
pub fn warn_of_kept(feature: &Subject) {
    tfplugin::warn(Diagnostic::warning(format!("{feature} was not changed")).detail(MANAGED));
}

/// Turns an error that the apply will cause into a warning of the plan. A destroy begins with such a plan too and must
/// not be blocked.
pub fn will_fail(fault: Diagnostic) -> Diagnostic {
    let warning = Diagnostic::warning(format!("the apply will fail: {}", fault.summary)).detail(&fault.detail);
    warning.at(fault.path)
}

/// Returns the error for enabling both Runtime Monitoring features.
pub fn rivals_error(path: Path) -> Diagnostic {
    Diagnostic::error("RUNTIME_MONITORING and EKS_RUNTIME_MONITORING exclude each other").at(path).detail(RIVALS)
}

/// Returns the key of the map element that `path` ends in, or an empty string.
pub fn last_key(path: &Path) -> &str {
    match path.steps().last() {
        Some(Step::Key(key)) => key,
        _ => "",
    }
}

/// Converts statuses by name to booleans, as the AWS layer uses them.
pub fn to_bools<'a>(statuses: impl IntoIterator<Item = (&'a String, &'a Status)>) -> BTreeMap<String, bool> {
    statuses.into_iter().map(|(name, status)| (name.clone(), status.is_enabled())).collect()
}

/// Formats previous statuses as the value of a tag: `RUNTIME_MONITORING=DISABLED EC2_AGENT_MANAGEMENT=DISABLED`.
pub fn note(previous: &BTreeMap<String, Status>) -> String {
    let each = previous.iter().map(|(name, status)| format!("{name}={status}"));
    each.collect::<Vec<_>>().join(" ")
}

/// Parses the statuses in the value of a tag.
pub fn noted(note: &str) -> Vec<(String, Status)> {
    let each = note.split(' ').filter_map(|each| each.split_once('='));
    each.filter_map(|(name, status)| Some((name.to_owned(), Status::parse(status)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_before_is_noted_and_read() {
        let previous = BTreeMap::from([
            ("EC2_AGENT_MANAGEMENT".to_owned(), Status::Enabled),
            ("RUNTIME_MONITORING".to_owned(), Status::Disabled),
        ]);
        assert_eq!(note(&previous), "EC2_AGENT_MANAGEMENT=ENABLED RUNTIME_MONITORING=DISABLED");
        assert_eq!(noted(&note(&previous)).into_iter().collect::<BTreeMap<_, _>>(), previous);
        assert!(noted("guardduty_detector_feature").is_empty());
    }
}
