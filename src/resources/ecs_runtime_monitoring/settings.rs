//! The detector's features for Runtime Monitoring, and their previous statuses.

use std::collections::BTreeMap;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::DetectorFeatureConfigurationResult;
use aws_smithy_types::DateTime;
use tfplugin::{Diagnostic, Path, Plan, Result};

use super::super::features::{check_managed, noted, refuse_held, warn_of_kept};
use super::{Ec2, EcsRuntimeMonitoring, Fargate, Status, owners_of};
use crate::aws::features::{Change, Found, Setting, features_of};
use crate::aws::owners::mark_of;
use crate::aws::{Aws, Mark, Owners};
use crate::findings::features::{EKS_RUNTIME_MONITORING, RIVALS, RUNTIME_MONITORING};

/// The feature.
pub const RUNTIME: &str = RUNTIME_MONITORING;
/// Its agent in Fargate tasks.
pub const FARGATE_AGENT: &str = "ECS_FARGATE_AGENT_MANAGEMENT";
/// Its agent on EC2 instances.
pub const EC2_AGENT: &str = "EC2_AGENT_MANAGEMENT";

/// The settings of a detector.
pub struct Settings {
    runtime: Found,
    rival_on: bool,
    changed_at: Option<DateTime>,
}

impl Settings {
    /// Returns the settings of `detector`.
    pub fn of(detector: &GetDetectorOutput) -> Self {
        let mut features = features_of(detector);
        Settings {
            rival_on: features.get(EKS_RUNTIME_MONITORING).is_some_and(|rival| rival.setting.enabled),
            runtime: features.remove(RUNTIME).unwrap_or_default(),
            changed_at: changed_at(detector),
        }
    }

    /// Returns whether the feature or additional configuration `name` is on.
    pub fn is_on(&self, name: &str) -> bool {
        let setting = &self.runtime.setting;
        if name == RUNTIME { setting.enabled } else { setting.additional.get(name).copied().unwrap_or(false) }
    }

    /// Returns whether everything that `state` manages is as configured.
    pub fn are_met(&self, state: &EcsRuntimeMonitoring) -> bool {
        wanted(state).into_iter().all(|(name, on)| self.is_on(name) == on)
    }

    /// Returns when the feature, or its agent for Fargate, was last switched.
    pub fn changed_at(&self) -> Option<DateTime> {
        self.changed_at
    }

    fn status(&self, name: &str) -> Status {
        self.is_on(name).into()
    }
}

fn changed_at(detector: &GetDetectorOutput) -> Option<DateTime> {
    let is_runtime =
        |feature: &&DetectorFeatureConfigurationResult| feature.name().is_some_and(|name| name.as_str() == RUNTIME);
    let feature = detector.features().iter().find(is_runtime)?;
    let agent = feature.additional_configuration().iter();
    let agent = agent.filter(|one| one.name().is_some_and(|name| name.as_str() == FARGATE_AGENT));
    agent.map(|one| one.updated_at()).chain([feature.updated_at()]).flatten().max().copied()
}

/// Returns the planned setting, as far as it is known.
pub fn planned(plan: &Plan<'_, EcsRuntimeMonitoring>) -> Setting {
    let planned = plan.planned();
    let fargate =
        planned.child(EcsRuntimeMonitoring::FARGATE).known().and_then(|fargate| fargate.get(Fargate::AGENT).known());
    let ec2 = planned.child(EcsRuntimeMonitoring::EC2).known().and_then(|ec2| ec2.get(Ec2::AGENT).known());
    let agents = [(FARGATE_AGENT, fargate), (EC2_AGENT, ec2)].into_iter();
    let additional = agents.filter_map(|(name, status)| Some((name.to_owned(), status?.is_enabled())));
    Setting { enabled: true, additional: additional.collect() }
}

/// Returns the error that the service would report.
pub fn fault(settings: &Settings, wanted: &Setting) -> Option<Diagnostic> {
    let place: Path = EcsRuntimeMonitoring::DETECTOR_ID.into();
    if settings.rival_on {
        let summary = format!("{EKS_RUNTIME_MONITORING} is on, and excludes runtime monitoring of ECS");
        let switch = format!("Set {EKS_RUNTIME_MONITORING} to DISABLED on the detector first.");
        return Some(Diagnostic::error(summary).at(place).detail(RIVALS).detail(switch));
    }
    check_managed(RUNTIME, wanted, Some(&settings.runtime), place)
}

/// Returns the current settings, from which the service allows changes, and the marks on them.
pub async fn current(aws: &Aws, state: &EcsRuntimeMonitoring) -> Result<(Settings, Owners)> {
    let missing = || state.subject().failure("switch on", "the detector does not exist");
    let detector = aws.detector(state.region.as_str(), &state.detector_id).await?.ok_or_else(missing)?;
    if mark_of(&state.owner).is_none() {
        let other = (state.detector_id.as_str(), RUNTIME, "detector_feature");
        refuse_held(aws, (&state.subject(), state.region.as_str()), &detector, other)?;
    }
    let settings = Settings::of(&detector);
    let mut additional = wanted(state);
    additional.remove(RUNTIME);
    let additional = additional.into_iter().map(|(name, on)| (name.to_owned(), on)).collect();
    match fault(&settings, &Setting { enabled: true, additional }) {
        Some(fault) => Err(fault.into()),
        None => Ok((settings, owners_of(&detector))),
    }
}

/// Returns the names of the settings that `state` manages.
pub fn names(state: &EcsRuntimeMonitoring) -> impl Iterator<Item = &'static str> {
    wanted(state).into_keys()
}

/// Adds the current statuses of the settings that `state` manages for the first time to `previous`.
pub fn note_previous(state: &EcsRuntimeMonitoring, previous: &mut BTreeMap<String, Status>, settings: &Settings) {
    for name in names(state) {
        previous.entry(name.to_owned()).or_insert_with(|| settings.status(name));
    }
}

/// Takes over the previous statuses from other instances that hold the settings.
pub fn inherit(previous: &mut BTreeMap<String, Status>, owners: &Owners, own: Option<&Mark>) {
    for (name, status) in owners.notes_of_others(own).flat_map(noted) {
        if let Some(known) = previous.get_mut(&name) {
            *known = status;
        }
    }
}

/// Changes the features as configured in `state` and fills in its `previous`, with at most one UpdateDetector call. The
/// caller must have the detector's turn.
pub async fn apply(aws: &Aws, state: &mut EcsRuntimeMonitoring, settings: &Settings) -> Result<()> {
    let (region, id) = (state.region.as_str(), state.detector_id.as_str());
    let mut previous = state.previous.get().cloned().unwrap_or_default();
    let wanted = wanted(state);
    let given_up = previous.iter().filter(|(name, _)| !wanted.contains_key(name.as_str()));
    let targets: BTreeMap<_, _> = wanted
        .iter()
        .map(|(name, on)| ((*name).to_owned(), *on))
        .chain(given_up.map(|(name, status)| (name.clone(), status.is_enabled())))
        .collect();
    switch(aws, region, id, settings, &targets).await?;
    note_previous(state, &mut previous, settings);
    previous.retain(|name, _| wanted.contains_key(name.as_str()));
    state.previous = previous.into();
    Ok(())
}

/// Restores the previous statuses of the features, and returns whether the detector exists.
pub async fn restore(aws: &Aws, state: &EcsRuntimeMonitoring) -> Result<bool> {
    let (region, id) = (state.region.as_str(), state.detector_id.as_str());
    let _turn = aws.detector_turn(region, id).await;
    let Some(detector) = aws.detector(region, id).await? else { return Ok(false) };
    if features_of(&detector).get(RUNTIME).is_some_and(|feature| feature.is_managed) {
        warn_of_kept(&state.subject());
        return Ok(true);
    }
    let previous = state.previous.get().cloned().unwrap_or_default();
    let targets = previous.into_iter().map(|(name, status)| (name, status.is_enabled())).collect();
    switch(aws, region, id, &Settings::of(&detector), &targets).await?;
    Ok(true)
}

/// Returns `state` with the detector's settings.
pub fn refreshed(mut state: EcsRuntimeMonitoring, settings: &Settings) -> EcsRuntimeMonitoring {
    state.status = settings.status(RUNTIME).into();
    state.fargate = state.fargate.map(|fargate| Fargate { agent: settings.status(FARGATE_AGENT).into(), ..fargate });
    state.ec2 = state.ec2.map(|_| Ec2 { agent: settings.status(EC2_AGENT) });
    state
}

fn wanted(state: &EcsRuntimeMonitoring) -> BTreeMap<&'static str, bool> {
    let fargate = state.fargate.as_ref().map(|fargate| fargate.agent.get() == Some(&Status::Enabled));
    let ec2 = state.ec2.as_ref().map(|ec2| ec2.agent == Status::Enabled);
    [(RUNTIME, Some(true)), (FARGATE_AGENT, fargate), (EC2_AGENT, ec2)]
        .into_iter()
        .filter_map(|(name, on)| Some((name, on?)))
        .collect()
}

async fn switch(
    aws: &Aws,
    region: &str,
    id: &str,
    settings: &Settings,
    targets: &BTreeMap<String, bool>,
) -> Result<()> {
    let changed: BTreeMap<_, _> = targets
        .iter()
        .filter(|(name, on)| settings.is_on(name) != **on)
        .map(|(name, on)| (name.clone(), *on))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let enabled = targets.get(RUNTIME).copied().unwrap_or(settings.is_on(RUNTIME));
    let additional = changed.into_iter().filter(|(name, _)| name != RUNTIME).collect();
    let features = [(RUNTIME.to_owned(), Setting { enabled, additional })].into();
    Ok(aws.update_detector(region, id, Change { features, ..Change::default() }).await?)
}
