//! What the types that switch features of a detector have in common: the word for on and off, and what is refused
//! while it is only planned.
//!
//! Which features there are and which go together, `findings::features` knows; how they are switched,
//! `aws::features`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::{Choice, Diagnostic, Path, Result, Step};

use crate::aws::features::{Found, Setting, Settings, features_of};
use crate::aws::{Aws, Owners, Subject};
use crate::findings::features::{self, RIVALS, RUNTIME_MONITORING};

/// Whether a feature, or an additional configuration of one, is on.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

impl Status {
    /// Whether it is on.
    pub fn is_enabled(self) -> bool {
        self == Status::Enabled
    }
}

impl From<bool> for Status {
    fn from(on: bool) -> Self {
        if on { Status::Enabled } else { Status::Disabled }
    }
}

/// The error of feature `name`, written at `path`, if it is none.
pub fn check_name(name: &str, path: Path) -> Option<Diagnostic> {
    let problem = features::check_name(name).err()?;
    Some(Diagnostic::error(format!("{name} is no feature that can be set")).at(path).detail(problem))
}

/// The error of additional configuration `name` of `feature`, written at `path`, if they don't go together.
pub fn check_additional(feature: &str, name: &str, path: Path) -> Option<Diagnostic> {
    let problem = features::check_additional(feature, name).err()?;
    let summary = format!("{name} is no additional configuration of {feature}");
    Some(Diagnostic::error(summary).at(path).detail(problem))
}

/// The error of a feature that a policy of AWS Organizations decides over, if it isn't already as `wanted`.
pub fn check_managed(name: &str, wanted: &Setting, found: Option<&Found>, path: Path) -> Option<Diagnostic> {
    let managed = found.is_some_and(|found| found.is_managed) && !wanted.is_met(found);
    managed.then(|| {
        Diagnostic::error(format!("feature {name} can't be changed from this account"))
            .at(path)
            .detail("A GUARDDUTY_POLICY of AWS Organizations manages it (managedBy in GetDetector).")
            .detail("Change that policy in the organization's management account, or leave the feature out here.")
    })
}

/// The error of a feature that a detector is to switch at `path`, if a resource of its own holds it and it isn't already
/// as `wanted`.
pub fn check_held(name: &str, wanted: &Setting, found: &GetDetectorOutput, path: Path) -> Option<Diagnostic> {
    let is_held = |aspect: &str| !Owners::of(found.tags().into_iter().flatten(), aspect).is_empty();
    let holder = match name {
        _ if wanted.is_met(features_of(found).get(name)) => return None,
        _ if is_held(name) => "detector_feature",
        RUNTIME_MONITORING if is_held(ECS_RUNTIME_MONITORING) => "ecs_runtime_monitoring",
        _ => return None,
    };
    let summary = format!("a guardduty_{holder} switches feature {name} of this detector, otherwise than here");
    Some(
        Diagnostic::error(summary).at(path).detail("Each of the two would undo what the other does. Keep one of them."),
    )
}

/// The aspect of a detector that instances of `guardduty_ecs_runtime_monitoring` hold; those of
/// `guardduty_detector_feature` hold the feature's name.
pub const ECS_RUNTIME_MONITORING: &str = "ecs-runtime-monitoring";

/// The refusal of a create where instances of another type hold `aspect` of the detector and switch the same feature.
///
/// # Errors
/// That they do.
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
    Err(failure.detail("Each of the two would undo what the other does. Keep one of them."))
}

/// What only one instance of both types may have.
pub fn claim_of(feature: &str, detector: &str, region: &str) -> String {
    format!("feature {feature} of detector {detector} in {region}")
}

/// Which of the two runtime monitorings the resources of this run want on, by region and detector.
#[derive(Default)]
struct RuntimeClaims(Mutex<HashMap<String, String>>);

/// The error of a runtime monitoring that is to be on where another resource of this run wants its rival on.
pub fn check_rival(aws: &Aws, region: &str, detector: &str, name: &str, path: Path) -> Option<Diagnostic> {
    let rival = features::rival(name)?;
    let claims = aws.shared::<RuntimeClaims>();
    let mut claims = claims.0.lock().unwrap_or_else(PoisonError::into_inner);
    let first = claims.entry(format!("{region}/{detector}")).or_insert_with(|| name.to_owned());
    (first == rival).then(|| rivals_error(path))
}

/// Features that detectors list in this run, by region and ID: a resource of a feature depends on its detector, which is
/// planned and applied before it.
#[derive(Default)]
struct Listed(Mutex<HashMap<String, Settings>>);

/// Notes which features a detector lists.
pub fn note_listed(aws: &Aws, region: &str, detector: &str, settings: Settings) {
    let listed = aws.shared::<Listed>();
    // A poisoned lock still holds whole entries.
    listed.0.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{region}/{detector}"), settings);
}

/// The error of a feature that its detector lists otherwise.
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
    let summary = format!("`features` of the detector sets feature {name} otherwise than here");
    let error = || {
        Diagnostic::error(summary).at(path).detail("Each of the two would undo what the other does. Keep one of them.")
    };
    (!is_alike).then(error)
}

/// What of the service an apply will fail for, as a warning of the plan: a destroy begins with such a plan, too, and
/// must not be stopped.
pub fn will_fail(fault: Diagnostic) -> Diagnostic {
    let warning = Diagnostic::warning(format!("the apply will fail: {}", fault.summary)).detail(&fault.detail);
    warning.at(fault.path)
}

/// The error of both runtime monitorings together.
pub fn rivals_error(path: Path) -> Diagnostic {
    Diagnostic::error("RUNTIME_MONITORING and EKS_RUNTIME_MONITORING exclude each other").at(path).detail(RIVALS)
}

/// The key of the map element that `path` leads to; empty where it leads to none.
pub fn last_key(path: &Path) -> &str {
    match path.steps().last() {
        Some(Step::Key(key)) => key,
        _ => "",
    }
}

/// Statuses by name as the service's side has them.
pub fn to_bools<'a>(statuses: impl IntoIterator<Item = (&'a String, &'a Status)>) -> BTreeMap<String, bool> {
    statuses.into_iter().map(|(name, status)| (name.clone(), status.is_enabled())).collect()
}

/// What was before, as the value of a tag has it: `RUNTIME_MONITORING=DISABLED EC2_AGENT_MANAGEMENT=DISABLED`.
pub fn note(previous: &BTreeMap<String, Status>) -> String {
    let each = previous.iter().map(|(name, status)| format!("{name}={status}"));
    each.collect::<Vec<_>>().join(" ")
}

/// What a note says.
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
