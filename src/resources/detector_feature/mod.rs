//! `guardduty_detector_feature`: one feature of a detector, managed separately.
//!
//! `model` has the attributes. It does not know which features exist: `findings::features` does.

mod model;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::{Claim, Computed, Diagnostic, Failure, Known, MoveSource, Named, Plan, Resource, Result, View, created};

pub use self::model::DetectorFeature;
use self::model::{AdditionalConfiguration, OnDestroy};
use super::features::{
    ECS_RUNTIME_MONITORING, Status, check_additional, check_listed, check_managed, check_name, check_rival, claim_of,
    note, noted, refuse_held, to_bools, warn_of_kept, will_fail,
};
use crate::aws::features::{Change, Setting, Unchanged, features_of};
use crate::aws::owners::{KnownBy, Marking, Thing, UNFINISHED, mark_of};
use crate::aws::{Aws, Hold, Mark, Owners, Subject, tidying};
use crate::findings::features::RUNTIME_MONITORING;
use crate::kit::import::{claimed_region, import_id, import_parts, take_over};
use crate::kit::moved::moved_from_aws;

impl Resource for DetectorFeature {
    const TYPE_NAME: &'static str = "detector_feature";
    type Model = Self;
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let Some(name) = config.get(Self::NAME).known() else { return Vec::new() };
        let mut diagnostics: Vec<_> = check_name(&name, Self::NAME.into()).into_iter().collect();
        let mut seen = Vec::new();
        for additional in config.children(Self::ADDITIONAL_CONFIGURATION).known().unwrap_or_default() {
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

    fn claims(aws: &Aws, config: &View<Self>) -> Vec<Claim> {
        let claim = || {
            let (detector, name) = (config.get(Self::DETECTOR_ID).known()?, config.get(Self::NAME).known()?);
            let region = claimed_region(aws, config.get(Self::REGION))?;
            Some(Claim::new(claim_of(&name, &detector, &region), Self::NAME))
        };
        claim().into_iter().collect()
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
            tfplugin::warn(will_fail(fault));
        }
        let Some(planned) = plan.planned().to_model() else { return Ok(()) };
        // An error bars a destroy, too, which begins with such a plan: of what is there already it is a warning.
        match planned.listed_otherwise(aws) {
            Some(fault) if plan.is_create() || plan.changes(Self::STATUS) => return Err(fault.into()),
            fault => fault.map(will_fail).into_iter().for_each(tfplugin::warn),
        }
        if !plan.is_change() {
            return Ok(());
        }
        let Some(found) = aws.detector(&region, &detector).await? else {
            // Not an error: a destroy also plans the configuration before it deletes what is left.
            let warning = Diagnostic::warning(format!("there is no detector {detector} in {region}"));
            plan.warn(
                Self::DETECTOR_ID,
                warning.detail("The apply will fail. Name the id of a guardduty_detector and its region."),
            );
            return Ok(());
        };
        let fault = check_managed(&name, &planned.setting(), features_of(&found).get(&name), Self::NAME.into());
        fault.map(will_fail).into_iter().for_each(tfplugin::warn);
        Ok(())
    }

    async fn create(aws: &Aws, feature: Self) -> Result<Self> {
        let mark = Mark::new();
        let held = Held(&feature);
        let _hold = aws.owners_turn(&held.key()).await;
        let _turn = aws.detector_turn(feature.region.as_str(), &feature.detector_id).await;
        let found = feature.detector(aws, "set").await?;
        let owners = aws.settled_owners(&held.key(), owners_of(&found, &feature.name));
        feature.listed_otherwise(aws).map_or(Ok(()), |fault| Err(Failure::from(fault)))?;
        feature.refuse_managed(&found)?;
        feature.refuse_runtime_monitoring(aws, &found)?;
        let is_met = feature.setting().is_met(features_of(&found).get(&feature.name));
        let mut hold = Hold::by(mark.clone());
        if !owners.is_empty() {
            // No instance would restore what only the other instance set.
            let names: BTreeSet<_> = feature.names().collect();
            let noted: Vec<_> = owners.notes_of_others(Some(&mark)).map(noted).collect();
            let is_alike =
                noted.iter().all(|noted| noted.iter().map(|(name, _)| name).collect::<BTreeSet<_>>() == names);
            let checks = [("its status", is_met), ("its additional configurations", is_alike)];
            let differences: Vec<_> = checks.into_iter().filter(|(_, is_met)| !is_met).map(|(what, _)| what).collect();
            aws.admit(&feature.subject(), &owners, &mark, &differences, || feature.import_advice(aws))?;
            hold = Hold::with_others(mark.clone());
        }
        let previous = feature.previous_before(&owners, &mark, &found);
        // The mark comes first: a feature that cannot be marked must not be switched.
        let arn = feature.detector_arn(aws).await?;
        let region = feature.region.as_str();
        let (key, note) = (mark.key(&feature.name), note(&previous));
        let id = format!("{}/{}", feature.detector_id, feature.name);
        let made = DetectorFeature { previous: previous.into(), id: id.into(), owner: hold.kept(), ..feature.clone() };
        let switched = async {
            aws.tag_guardduty(region, &arn, &key, &note).await.map_err(|failure| (failure, false))?;
            aws.note_marked(&held.key(), &mark);
            if is_met {
                return Ok(());
            }
            let switched = feature.switch(aws, feature.setting()).await;
            switched.map_err(|unchanged| (unchanged.failure, unchanged.is_unanswered))
        };
        let Err((failure, is_unanswered)) = switched.await else { return Ok(made) };
        if is_unanswered {
            let unfinished = format!("{note} {UNFINISHED}");
            let noted = tidying(aws.tag_guardduty(region, &arn, &key, &unfinished)).await;
            return Err(noted.err().into_iter().fold(failure, Failure::and).reached(&made));
        }
        // Nothing was switched, so only the mark is left.
        match tidying(aws.untag_guardduty(region, &arn, &key)).await {
            Ok(()) => Err(failure),
            Err(left) => Err(failure.and(left)),
        }
    }

    async fn read(aws: &Aws, feature: Self) -> Result<Option<Self>> {
        let found = aws.detector(feature.region.as_str(), &feature.detector_id).await?;
        Ok(found.map(|found| feature.filled(&found)))
    }

    async fn update(aws: &Aws, prior: Self, feature: Self) -> Result<Self> {
        let marking = aws.may_change(&Held(&prior), &prior.owner).await?;
        let _turn = aws.detector_turn(feature.region.as_str(), &feature.detector_id).await;
        let mut previous = prior.previous.clone().into_option().unwrap_or_default();
        if feature.names().any(|name| !previous.contains_key(name)) {
            let found = feature.detector(aws, "update").await?;
            for (name, status) in feature.previous_in(&found) {
                previous.entry(name).or_insert(status);
            }
        }
        let mut hold = prior.owner.get().cloned().unwrap_or_default();
        if marking == Marking::Due || prior.previous.get() != Some(&previous) {
            let mark = hold.mark().filter(|_| hold.is_own()).cloned().unwrap_or_default();
            let arn = feature.detector_arn(aws).await?;
            aws.tag_guardduty(feature.region.as_str(), &arn, &mark.key(&feature.name), &note(&previous)).await?;
            aws.note_marked(&Held(&feature).key(), &mark);
            for former in hold.marks().iter().filter(|former| **former != mark) {
                aws.untag_guardduty(feature.region.as_str(), &arn, &former.key(&feature.name)).await?;
            }
            hold = Hold::by(mark);
            // From here on, the state has the new mark even if a later step fails.
            created(&DetectorFeature { owner: hold.clone().kept(), ..prior.clone() });
        }
        if feature.setting() != prior.setting() {
            feature.listed_otherwise(aws).map_or(Ok(()), |fault| Err(Failure::from(fault)))?;
            feature.refuse_managed(&*feature.detector(aws, "update").await?)?;
            feature.switch(aws, feature.setting()).await?;
        }
        Ok(DetectorFeature { previous: previous.into(), owner: hold.kept(), ..feature })
    }

    async fn delete(aws: &Aws, feature: Self) -> Result<()> {
        aws.let_go(&Held(&feature), &feature.owner).await
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::DETECTOR_ID), identity.get(Self::NAME)], identity.get(Self::REGION))
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<Self>> {
        let ([detector, name], region) = import_parts(aws, id, "DETECTOR/NAME").await?;
        if let Some(fault) = check_name(&name, Self::NAME.into()) {
            return Err(fault.into());
        }
        Ok(Named::new(Self::DETECTOR_ID, &detector).and(Self::NAME, &name).and(Self::REGION, &region))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([detector_id, name], region) = import_parts(aws, id, "DETECTOR/NAME").await?;
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
            owner: Computed::none(),
        };
        Ok(Some(imported.filled(&found)))
    }

    fn move_from(source: MoveSource) -> Option<serde_json::Value> {
        moved_from_aws(Self::TYPE_NAME, source)
    }
}

/// Keeps the order of the state if the blocks differ only in their order.
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

/// Expects `previous` to grow by what is listed for the first time.
fn expect_more_previous(plan: &mut Plan<'_, DetectorFeature>) {
    let key = DetectorFeature::ADDITIONAL_CONFIGURATION;
    let previous = plan.prior().and_then(|prior| prior.get(DetectorFeature::PREVIOUS).known());
    let has = |name: &String| previous.as_ref().is_some_and(|previous| previous.contains_key(name));
    let name = |own: &View<AdditionalConfiguration>| own.get(AdditionalConfiguration::NAME).known();
    let may_grow = match plan.planned().children(key) {
        Known::Known(named) => !named.iter().all(|own| name(own).is_some_and(|name| has(&name))),
        Known::Unknown => true,
        Known::Null => false,
    };
    if plan.changes(key) && may_grow {
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

    /// Returns the names of the feature and of its additional configurations.
    fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(self.additional_configuration.iter().map(|own| &own.name))
    }

    /// Returns the detector's current statuses of everything listed here.
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

    /// Returns the statuses before any instance of this resource was created: those noted by other instances that hold
    /// the feature, or otherwise the current ones.
    fn previous_before(&self, owners: &Owners, own: &Mark, found: &GetDetectorOutput) -> BTreeMap<String, Status> {
        let mut previous = self.previous_in(found);
        for (name, status) in owners.notes_of_others(Some(own)).flat_map(noted) {
            if let Some(known) = previous.get_mut(&name) {
                *known = status;
            }
        }
        previous
    }

    /// The error of a feature that the detector of the configuration lists otherwise.
    fn listed_otherwise(&self, aws: &Aws) -> Option<Diagnostic> {
        let (place, setting) = ((self.region.as_str(), self.detector_id.as_str()), self.setting());
        check_listed(aws, place, (&self.name, &setting), Self::STATUS.into())
    }

    fn refuse_managed(&self, found: &GetDetectorOutput) -> Result<()> {
        let found = features_of(found);
        let fault = check_managed(&self.name, &self.setting(), found.get(&self.name), Self::NAME.into());
        fault.map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// Refuses a feature that a `guardduty_ecs_runtime_monitoring` manages too.
    fn refuse_runtime_monitoring(&self, aws: &Aws, found: &GetDetectorOutput) -> Result<()> {
        if self.name != RUNTIME_MONITORING {
            return Ok(());
        }
        let other = (self.detector_id.as_str(), ECS_RUNTIME_MONITORING, "ecs_runtime_monitoring");
        refuse_held(aws, (&self.subject(), self.region.as_str()), found, other)
    }

    async fn detector_arn(&self, aws: &Aws) -> Result<String> {
        let region = self.region.as_str();
        aws.shown_arn(region, None, &format!("detector/{}", self.detector_id)).await
    }

    fn import_advice(&self, aws: &Aws) -> String {
        take_over(aws, Self::TYPE_NAME, &format!("{}/{}", self.detector_id, self.name), self.region.as_str())
    }

    async fn switch(&self, aws: &Aws, setting: Setting) -> Result<(), Unchanged> {
        let features = [(self.name.clone(), setting)].into();
        let change = Change { features, ..Change::default() };
        aws.update_detector(self.region.as_str(), &self.detector_id, change).await
    }

    /// Returns the feature with the current values of the service, as far as it is listed here.
    fn filled(self, found: &GetDetectorOutput) -> Self {
        let now = self.previous_in(found);
        let status = |name: &String| now.get(name).copied().unwrap_or(Status::Disabled);
        let additional = self
            .additional_configuration
            .iter()
            .map(|own| AdditionalConfiguration { name: own.name.clone(), status: status(&own.name) });
        let owners = owners_of(found, &self.name);
        let hold = self.owner.clone().into_option().unwrap_or_default();
        let hold = hold.seen(&owners, &self.subject(), self.id.get().is_none());
        // An import, or a move from hashicorp/aws, records the current statuses, unless its predecessor noted earlier
        // ones.
        let before = || {
            let mut before = now.clone();
            let noted: BTreeMap<_, _> = owners.notes_of_others(None).flat_map(noted).collect();
            before.extend(noted.into_iter().filter(|(name, _)| now.contains_key(name)));
            before
        };
        DetectorFeature {
            status: status(&self.name),
            additional_configuration: additional.collect(),
            previous: self.previous.clone().into_option().unwrap_or_else(before).into(),
            id: format!("{}/{}", self.detector_id, self.name).into(),
            owner: hold.kept(),
            ..self
        }
    }
}

/// Returns the marks of the instances that hold feature `name` of the detector.
fn owners_of(found: &GetDetectorOutput, name: &str) -> Owners {
    Owners::of(found.tags().into_iter().flatten(), name)
}

/// The feature as an object that instances hold.
struct Held<'a>(&'a DetectorFeature);

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Id;

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    fn key(&self) -> String {
        format!("{}/{}/{}", self.0.region.as_str(), self.0.detector_id, self.0.name)
    }

    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let found = aws.detector(self.0.region.as_str(), &self.0.detector_id).await?;
        Ok(found.map(|found| owners_of(&found, &self.0.name)))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        let region = self.0.region.as_str();
        let _turn = aws.detector_turn(region, &self.0.detector_id).await;
        aws.untag_guardduty(region, &self.0.detector_arn(aws).await?, &mark.key(&self.0.name)).await
    }

    /// Applies `on_destroy`.
    async fn delete(&self, aws: &Aws) -> Result<()> {
        let feature = self.0;
        let setting = match feature.on_destroy {
            OnDestroy::Keep => None,
            OnDestroy::Disable => Some(feature.switched_off()),
            OnDestroy::Restore => Some(feature.restored()),
        };
        let turn = aws.detector_turn(feature.region.as_str(), &feature.detector_id).await;
        // A detector that does not exist has no features. A feature that is managed elsewhere may already be as wanted.
        let Some(found) = aws.detector(feature.region.as_str(), &feature.detector_id).await? else { return Ok(()) };
        let has = features_of(&found).remove(&feature.name);
        let setting = setting.filter(|setting| !setting.is_met(has.as_ref()));
        if setting.is_some() && has.as_ref().is_some_and(|has| has.is_managed) {
            warn_of_kept(&feature.subject());
        } else if let Some(setting) = setting {
            let keep = "To leave the feature as it is, set `on_destroy = \"keep\"`, apply, and then destroy.";
            feature.switch(aws, setting).await.map_err(|unchanged| unchanged.failure.detail(keep))?;
        }
        drop(turn);
        match mark_of(&feature.owner) {
            Some(mark) => self.unmark(aws, mark).await,
            None => Ok(()),
        }
    }
}
