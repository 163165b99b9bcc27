//! `guardduty_detector_feature`: one feature of a detector, switched on its own.
//!
//! Its attributes are in `model`. Which features there are it does not know: `findings::features` does.

mod model;

use std::collections::BTreeMap;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::{Computed, Diagnostic, Known, MoveSource, Plan, Resource, Result, View};

pub use self::model::DetectorFeature;
use self::model::{AdditionalConfiguration, OnDestroy};
use super::features::{Status, check_additional, check_managed, check_name, check_rival, to_bools};
use super::import::{import_id, import_parts};
use super::moved::moved_from_aws;
use crate::aws::features::{Change, Setting, features_of};
use crate::aws::{Aws, Subject};

impl Resource for DetectorFeature {
    const TYPE_NAME: &'static str = "detector_feature";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let Some(name) = config.get(Self::NAME).known() else { return Vec::new() };
        let mut diagnostics: Vec<_> = check_name(&name, Self::NAME.into()).into_iter().collect();
        let mut seen = Vec::new();
        for additional in config.children(Self::ADDITIONAL_CONFIGURATION) {
            let Some(own) = additional.get(AdditionalConfiguration::NAME).known() else { continue };
            let path = additional.path(AdditionalConfiguration::NAME);
            if seen.contains(&own) {
                diagnostics.push(Diagnostic::error(format!("{own} is named twice")).at(path).detail("Keep one."));
            } else {
                diagnostics.extend(check_additional(&name, &own, path));
            }
            seen.push(own);
        }
        diagnostics
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        let id = plan.get(Self::DETECTOR_ID).known().zip(plan.get(Self::NAME).known());
        if let Some((detector, name)) = &id {
            plan.set(Self::ID, &format!("{detector}/{name}"));
        }
        keep_order(plan);
        expect_more_previous(plan);
        let (Some((detector, name)), Some(region)) = (id, plan.get(Self::REGION).known()) else { return Ok(()) };
        let on = plan.get(Self::STATUS) == Known::Known(Status::Enabled);
        if let Some(fault) = on.then(|| check_rival(aws, &region, &detector, &name, Self::NAME.into())).flatten() {
            return Err(fault.into());
        }
        let Some(planned) = plan.planned().to_model().filter(|_| plan.is_change()) else { return Ok(()) };
        let Some(found) = aws.detector(&region, &detector).await? else {
            // No error: a destroy plans the configuration, too, before it deletes what is left.
            let warning = Diagnostic::warning(format!("there is no detector {detector} in {region}"));
            plan.warn(
                Self::DETECTOR_ID,
                warning.detail("The apply will fail. Name the id of a guardduty_detector and its region."),
            );
            return Ok(());
        };
        let fault = check_managed(&name, &planned.setting(), features_of(&found).get(&name), Self::NAME.into());
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }

    async fn create(aws: &Aws, feature: Self) -> Result<Self> {
        let _turn = aws.detector_turn(feature.region.as_str(), &feature.detector_id).await;
        let found = feature.detector(aws, "set").await?;
        let previous = feature.previous_in(&found);
        let setting = feature.setting();
        if !setting.is_met(features_of(&found).get(&feature.name)) {
            feature.switch(aws, setting).await?;
        }
        let id = format!("{}/{}", feature.detector_id, feature.name);
        Ok(DetectorFeature { previous: previous.into(), id: id.into(), ..feature })
    }

    async fn read(aws: &Aws, feature: Self) -> Result<Option<Self>> {
        let found = aws.detector(feature.region.as_str(), &feature.detector_id).await?;
        Ok(found.map(|found| feature.filled(&found)))
    }

    async fn update(aws: &Aws, prior: Self, feature: Self) -> Result<Self> {
        let _turn = aws.detector_turn(feature.region.as_str(), &feature.detector_id).await;
        let mut previous = prior.previous.clone().into_option().unwrap_or_default();
        if feature.names().any(|name| !previous.contains_key(name)) {
            let found = feature.detector(aws, "update").await?;
            for (name, status) in feature.previous_in(&found) {
                previous.entry(name).or_insert(status);
            }
        }
        if feature.setting() != prior.setting() {
            feature.switch(aws, feature.setting()).await?;
        }
        Ok(DetectorFeature { previous: previous.into(), ..feature })
    }

    async fn delete(aws: &Aws, feature: Self) -> Result<()> {
        let setting = match feature.on_destroy {
            OnDestroy::Keep => return Ok(()),
            OnDestroy::Disable => feature.switched_off(),
            OnDestroy::Restore => feature.restored(),
        };
        let _turn = aws.detector_turn(feature.region.as_str(), &feature.detector_id).await;
        // A detector that is gone has no feature either; one that is managed elsewhere may be as wanted already.
        let Some(found) = aws.detector(feature.region.as_str(), &feature.detector_id).await? else { return Ok(()) };
        if setting.is_met(features_of(&found).get(&feature.name)) {
            return Ok(());
        }
        let keep = "To leave the feature as it is, set `on_destroy = \"keep\"`, apply, and destroy then.";
        feature.switch(aws, setting).await.map_err(|failure| failure.detail(keep))
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::DETECTOR_ID), identity.get(Self::NAME)], identity.get(Self::REGION))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([detector_id, name], region) = import_parts(aws, id, "DETECTOR/NAME").await?;
        if let Some(fault) = check_name(&name, Self::NAME.into()) {
            return Err(fault.into());
        }
        let Some(found) = aws.detector(&region, &detector_id).await? else { return Ok(None) };
        let features = features_of(&found);
        let Some(feature) = features.get(&name) else { return Ok(None) };
        let on = feature.setting.additional.iter().filter(|(_, on)| **on);
        let additional =
            |(name, on): (&String, &bool)| AdditionalConfiguration { name: name.clone(), status: (*on).into() };
        let imported = DetectorFeature {
            detector_id,
            name,
            status: feature.setting.enabled.into(),
            additional_configuration: on.map(additional).collect(),
            on_destroy: OnDestroy::Disable,
            previous: Computed::none(),
            id: Computed::none(),
            region: region.into(),
        };
        Ok(Some(imported.filled(&found)))
    }

    fn move_from(source: MoveSource) -> Option<serde_json::Value> {
        moved_from_aws(Self::TYPE_NAME, source)
    }
}

/// Blocks in another order mean the same: then the order that the state has stays.
fn keep_order(plan: &mut Plan<'_, DetectorFeature>) {
    let key = DetectorFeature::ADDITIONAL_CONFIGURATION;
    let before = plan.prior().and_then(|prior| prior.get(key).known());
    if let Some((before, after)) = before.zip(plan.get(key).known())
        && before.len() == after.len()
        && after.iter().all(|additional| before.contains(additional))
    {
        plan.keep(key);
    }
}

/// `previous` grows by what is named for the first time.
fn expect_more_previous(plan: &mut Plan<'_, DetectorFeature>) {
    let key = DetectorFeature::ADDITIONAL_CONFIGURATION;
    let previous = plan.prior().and_then(|prior| prior.get(DetectorFeature::PREVIOUS).known());
    let has = |name: &String| previous.as_ref().is_some_and(|previous| previous.contains_key(name));
    let mut names = plan.planned().children(key).into_iter().map(|own| own.get(AdditionalConfiguration::NAME).known());
    if plan.changes(key) && !names.all(|name| name.is_some_and(|name| has(&name))) {
        plan.set_unknown(DetectorFeature::PREVIOUS);
    }
}

impl DetectorFeature {
    fn subject(&self) -> Subject {
        let place = format!("detector {}, {}", self.detector_id, self.region.as_str());
        Subject::new(format!("GuardDuty feature {}", self.name), place)
    }

    fn setting(&self) -> Setting {
        let additional = self.additional_configuration.iter().map(|own| (&own.name, &own.status));
        Setting { enabled: self.status.is_enabled(), additional: to_bools(additional) }
    }

    fn switched_off(&self) -> Setting {
        let additional = self.additional_configuration.iter();
        Setting { enabled: false, additional: additional.map(|own| (own.name.clone(), false)).collect() }
    }

    fn restored(&self) -> Setting {
        let mut additional = to_bools(self.previous.get().into_iter().flatten());
        Setting { enabled: additional.remove(&self.name).unwrap_or(false), additional }
    }

    /// The name of the feature and those of its additional configurations.
    fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(self.additional_configuration.iter().map(|own| &own.name))
    }

    /// What the detector has of everything that is named here.
    fn previous_in(&self, found: &GetDetectorOutput) -> BTreeMap<String, Status> {
        let features = features_of(found);
        let has = features.get(&self.name).map(|found| found.setting.clone()).unwrap_or_default();
        let on = |name: &String| has.additional.get(name).copied().unwrap_or(*name == self.name && has.enabled);
        self.names().map(|name| (name.clone(), on(name).into())).collect()
    }

    async fn detector(&self, aws: &Aws, verb: &str) -> Result<std::sync::Arc<GetDetectorOutput>> {
        let found = aws.detector(self.region.as_str(), &self.detector_id).await?;
        found.ok_or_else(|| self.subject().failure(verb, "there is no such detector"))
    }

    async fn switch(&self, aws: &Aws, setting: Setting) -> Result<()> {
        let features = [(self.name.clone(), setting)].into();
        let change = Change { features, ..Change::default() };
        aws.update_detector(self.region.as_str(), &self.detector_id, change).await
    }

    /// The feature as the service has it now, as far as it is named here.
    fn filled(self, found: &GetDetectorOutput) -> Self {
        let now = self.previous_in(found);
        let status = |name: &String| now.get(name).copied().unwrap_or(Status::Disabled);
        let additional = self
            .additional_configuration
            .iter()
            .map(|own| AdditionalConfiguration { name: own.name.clone(), status: status(&own.name) });
        DetectorFeature {
            status: status(&self.name),
            additional_configuration: additional.collect(),
            // An import, or a move from hashicorp/aws, finds what was before it came.
            previous: self.previous.clone().into_option().unwrap_or_else(|| now.clone()).into(),
            id: format!("{}/{}", self.detector_id, self.name).into(),
            ..self
        }
    }
}
