//! `guardduty_ecs_runtime_monitoring`: Runtime Monitoring of ECS as one resource.
//!
//! `model` has the attributes. `clusters` tags clusters, `settings` switches the features of the detector, and
//! `rollout` redeploys services and waits for coverage. This file has the order of these steps, and records what
//! destroy must revert.

mod clusters;
mod model;
mod names;
mod rollout;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::wait::Limit;
use tfplugin::{Claim, Computed, Diagnostic, Failure, Known, Named, Plan, Resource, Result, View};

use super::features::{ECS_RUNTIME_MONITORING as ASPECT, Status, claim_of, note, noted, will_fail};
use crate::aws::owners::{KnownBy, Marking, Standing, Thing, UNFINISHED, mark_of};
use crate::aws::{Aws, Hold, Mark, Owners, Subject, tidying};
use crate::kit::import::{claimed_region, import_id, import_parts, take_over};
pub use model::EcsRuntimeMonitoring;
use model::{All, Ec2, Fargate};
use rollout::Monitored;
use settings::{EC2_AGENT, FARGATE_AGENT, Settings};

/// Default time to wait for coverage. GuardDuty takes about 15 minutes, after the time that services take to be
/// redeployed.
const COVERAGE_WAIT: Duration = Duration::from_secs(45 * 60);

impl Resource for EcsRuntimeMonitoring {
    const TYPE_NAME: &'static str = "ecs_runtime_monitoring";
    type Model = Self;
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        config.child(Self::FARGATE).known().map(|fargate| clusters::check(&fargate)).unwrap_or_default()
    }

    fn claims(aws: &Aws, config: &View<Self>) -> Vec<Claim> {
        let claim = || {
            let detector = config.get(Self::DETECTOR_ID).known()?;
            let region = claimed_region(aws, config.get(Self::REGION))?;
            Some(Claim::new(claim_of(settings::RUNTIME, &detector, &region), Self::DETECTOR_ID))
        };
        claim().into_iter().collect()
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        derive(plan);
        if let (Known::Known(region), true) = (plan.get(Self::REGION), plan.changes(Self::FARGATE)) {
            clusters::refuse_elsewhere(aws, &region, plan).await?;
        }
        let place = plan.get(Self::DETECTOR_ID).known().zip(plan.get(Self::REGION).known());
        let Some((detector, region)) = place.filter(|_| plan.is_change()) else { return Ok(()) };
        // Missing objects only cause a warning: a destroy begins with this plan too, and must not be blocked by objects
        // that no longer exist. The apply refuses them before it changes anything.
        let Some(found) = aws.detector(&region, &detector).await? else {
            let missing = Diagnostic::warning(format!("there is no detector {detector} in {region}"));
            plan.warn(Self::DETECTOR_ID, missing.detail("The apply will fail unless one is made until then."));
            return Ok(());
        };
        if let Some(fault) = settings::fault(&Settings::of(&found), &settings::planned(plan)) {
            tfplugin::warn(will_fail(fault));
        }
        if plan.changes(Self::FARGATE) {
            clusters::check_existence(aws, &region, plan).await?;
        }
        Ok(())
    }

    async fn create(aws: &Aws, planned: Self) -> Result<Self> {
        let limit = Limit::new(planned.timeouts.as_ref().and_then(|timeouts| timeouts.create).unwrap_or(COVERAGE_WAIT));
        let id = planned.detector_id.clone().into();
        let nothing = EcsRuntimeMonitoring {
            previous: Computed::none(),
            clusters: Computed::none(),
            owner: Computed::none(),
            id,
            ..planned
        };
        let monitored = Monitored::default();
        let hold = aws.owners_turn(&Held(&nothing).key()).await;
        let made = nothing.applied(aws, &monitored, None).await?;
        drop(hold);
        if let Err(failure) = rollout::wait(aws, &made, &monitored, limit).await {
            // An error would taint the resource, and the next apply would disable and enable Runtime Monitoring again.
            let told = failure.diagnostics().iter().cloned();
            told.for_each(|diagnostic| tfplugin::warn(diagnostic.detail("All is made as planned, and stays.")));
        }
        Ok(made)
    }

    async fn read(aws: &Aws, state: Self) -> Result<Option<Self>> {
        let (region, names) = (state.region.as_str(), state.tagged_names());
        let (detector, found) =
            tokio::join!(aws.detector(region, &state.detector_id), aws.ecs_clusters(region, &names));
        let Some(detector) = detector? else {
            // The clusters still have their tags, and destroy reverts them.
            let has_tags = found?.iter().any(|cluster| names.contains(&cluster.name));
            return Ok(has_tags.then(|| EcsRuntimeMonitoring { status: Status::Disabled.into(), ..state }));
        };
        let hold = state.owner.clone().into_option().unwrap_or_default();
        let hold = hold.seen(&owners_of(&detector), &state.subject(), false);
        let mut state = settings::refreshed(state, &Settings::of(&detector));
        state.owner = hold.into();
        clusters::refresh(&mut state, &found?);
        Ok(Some(state))
    }

    async fn update(aws: &Aws, prior: Self, planned: Self) -> Result<Self> {
        let limit = Limit::new(planned.timeouts.as_ref().and_then(|timeouts| timeouts.update).unwrap_or(COVERAGE_WAIT));
        let marking = aws.may_change(&Held(&prior), &prior.owner).await?;
        // An instance without a mark of its own puts one on the detector.
        let hold = prior.owner.get().cloned().unwrap_or_default();
        let (former, owner) = match marking {
            Marking::Stands => (Vec::new(), prior.owner.clone()),
            Marking::Due => (hold.marks().to_vec(), Computed::none()),
        };
        let planned =
            EcsRuntimeMonitoring { previous: prior.previous, clusters: prior.clusters, id: prior.id, owner, ..planned };
        let monitored = Monitored::default();
        let made = planned.applied(aws, &monitored, Some(&former)).await?;
        rollout::wait(aws, &made, &monitored, limit).await.map_err(|failure| failure.reached(&made))?;
        Ok(made)
    }

    async fn delete(aws: &Aws, state: Self) -> Result<()> {
        aws.let_go(&Held(&state), &state.owner).await
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::DETECTOR_ID)], identity.get(Self::REGION))
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<Self>> {
        let ([detector], region) = import_parts(aws, id, "DETECTOR").await?;
        Ok(Named::new(Self::DETECTOR_ID, &detector).and(Self::REGION, &region))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([detector_id], region) = import_parts(aws, id, "DETECTOR").await?;
        let Some(found) = aws.detector(&region, &detector_id).await? else { return Ok(None) };
        let settings = Settings::of(&found);
        let owners = owners_of(&found);
        if !settings.is_on(settings::RUNTIME) {
            return Ok(None);
        }
        let (fargate, tagged) = clusters::discover(aws, &region, settings.is_on(FARGATE_AGENT)).await?;
        let ec2 = settings.is_on(EC2_AGENT).then_some(Ec2 { agent: Status::Enabled });
        let managed = [(settings::RUNTIME, true), (FARGATE_AGENT, fargate.is_some()), (EC2_AGENT, ec2.is_some())];
        let managed = managed.into_iter().filter(|(_, managed)| *managed);
        let mut previous: BTreeMap<_, _> = managed.map(|(name, _)| (name.to_owned(), Status::Disabled)).collect();
        settings::inherit(&mut previous, &owners, None);
        let subject = Subject::new("ECS runtime monitoring", format!("detector {detector_id}, {region}"));
        let hold = Hold::default().seen(&owners, &subject, true);
        Ok(Some(EcsRuntimeMonitoring {
            owner: hold.kept(),
            id: detector_id.clone().into(),
            detector_id,
            fargate,
            ec2,
            redeploy_services: false,
            wait_for_coverage: false,
            timeouts: None,
            status: Status::Enabled.into(),
            previous: previous.into(),
            clusters: tagged.into(),
            region: region.into(),
        }))
    }
}

impl EcsRuntimeMonitoring {
    fn subject(&self) -> Subject {
        let place = format!("detector {}, {}", self.detector_id, self.region.as_str());
        Subject::new("ECS runtime monitoring", place)
    }

    fn tagged_names(&self) -> Vec<String> {
        self.clusters.get().into_iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Applies `self`, whose `previous` and `clusters` record the changes so far. Whatever fails, the state has what
    /// was done until then.
    async fn applied(mut self, aws: &Aws, monitored: &Monitored, former: Option<&[Mark]>) -> Result<Self> {
        let (is_create, former) = (former.is_none(), former.unwrap_or_default());
        let region = self.region.as_str().to_owned();
        let detector = self.detector_id.clone();
        let turn = aws.detector_turn(&region, &detector).await;
        let (settings, owners) = settings::current(aws, &self).await?;
        let wanted = self.fargate.as_ref().map(clusters::wanted).unwrap_or_default();
        let found = clusters::find(aws, &region, self.fargate.as_ref(), &self.tagged_names()).await?;
        let mut owners = aws.settled_owners(&Held(&self).key(), owners);
        former.iter().for_each(|mark| owners.forget(mark));
        self.put_mark(aws, &settings, &owners, clusters::are_met(&found, &wanted)).await?;
        self.remove_marks(aws, former).await?;
        clusters::note_wanted(aws, &Held(&self).key(), &wanted);
        let is_joining = !owners.is_empty() && owners.standing(mark_of(&self.owner)) == Standing::Theirs;
        let before = self.clusters.into_option().unwrap_or_default();
        // Tags come before features: otherwise the agent would reach a cluster that is to be excluded.
        let (tagged, failed) = clusters::tag(aws, &region, &found, &wanted, before, is_joining).await;
        self.clusters = tagged.into();
        if let Err(failure) = failed {
            return Err(self.left(aws, failure, is_create).await);
        }
        if let Err(failure) = settings::apply(aws, &mut self, &settings).await {
            return Err(self.left(aws, failure, is_create).await);
        }
        drop(turn);
        let tagged = self.clusters.into_option().unwrap_or_default();
        let (kept, former) = tagged.into_iter().partition::<BTreeMap<_, _>, _>(|(name, _)| wanted.contains_key(name));
        let freed: Vec<String> = former.keys().cloned().collect();
        let (left, failed) = clusters::restore(aws, &region, &found, former).await;
        self.clusters = kept.into_iter().chain(left).collect::<BTreeMap<_, _>>().into();
        if let Err(failure) = failed {
            return Err(self.left(aws, failure, is_create).await);
        }
        self.status = Status::Enabled.into();
        match rollout::redeploy(aws, &self, monitored, &found, &freed).await {
            Ok(()) => Ok(self),
            Err(failure) => Err(failure.reached(&self)),
        }
    }

    /// Puts the mark of this instance on the detector, with the previous statuses, before anything is changed. If other
    /// instances hold Runtime Monitoring, it must already be as this one wants it.
    async fn put_mark(
        &mut self,
        aws: &Aws,
        settings: &Settings,
        owners: &Owners,
        are_clusters_met: bool,
    ) -> Result<()> {
        let mut previous = self.previous.get().cloned().unwrap_or_default();
        let is_known = settings::names(self).all(|name| previous.contains_key(name));
        settings::note_previous(self, &mut previous, settings);
        if is_known && mark_of(&self.owner).is_some() {
            return Ok(());
        }
        let mark = mark_of(&self.owner).cloned().unwrap_or_default();
        let mut hold = Hold::by(mark.clone());
        if owners.standing(Some(&mark)) == Standing::Theirs {
            settings::inherit(&mut previous, owners, Some(&mark));
            // No instance would restore what only the other instance set.
            let own: BTreeSet<_> = settings::names(self).collect();
            let noted: Vec<_> = owners.notes_of_others(Some(&mark)).map(noted).collect();
            let is_alike = noted.iter().all(|noted| noted.iter().all(|(name, _)| own.contains(name.as_str())));
            let are_features_met = is_alike && settings.are_met(self);
            let checks = [("its features", are_features_met), ("its clusters", are_clusters_met)];
            let differences: Vec<_> = checks.into_iter().filter(|(_, is_met)| !is_met).map(|(what, _)| what).collect();
            let advice = || take_over(aws, Self::TYPE_NAME, &self.detector_id, self.region.as_str());
            aws.admit(&self.subject(), owners, &mark, &differences, advice)?;
            hold = Hold::with_others(mark.clone());
        }
        let arn = self.detector_arn(aws).await?;
        aws.tag_guardduty(self.region.as_str(), &arn, &mark.key(ASPECT), &note(&previous)).await?;
        aws.note_marked(&Held(self).key(), &mark);
        self.previous = previous.into();
        self.owner = hold.into();
        Ok(())
    }

    /// Removes marks of other instances that this instance took over.
    async fn remove_marks(&self, aws: &Aws, marks: &[Mark]) -> Result<()> {
        for mark in marks.iter().filter(|mark| mark_of(&self.owner) != Some(*mark)) {
            aws.untag_guardduty(self.region.as_str(), &self.detector_arn(aws).await?, &mark.key(ASPECT)).await?;
        }
        Ok(())
    }

    /// Notes on the detector that this instance has only completed a part.
    async fn note_unfinished(&self, aws: &Aws) {
        let (Some(mark), Some(previous)) = (mark_of(&self.owner), self.previous.get()) else { return };
        let note = format!("{} {UNFINISHED}", note(previous));
        // The failure that caused this is more important.
        let _ = tidying(async {
            let arn = self.detector_arn(aws).await?;
            aws.tag_guardduty(self.region.as_str(), &arn, &mark.key(ASPECT), &note).await
        })
        .await;
    }

    async fn detector_arn(&self, aws: &Aws) -> Result<String> {
        let region = self.region.as_str();
        aws.shown_arn(region, None, &format!("detector/{}", self.detector_id)).await
    }

    /// Returns `failure` with the actual state.
    async fn left(self, aws: &Aws, failure: Failure, is_create: bool) -> Failure {
        if is_create {
            self.note_unfinished(aws).await;
        }
        match Self::read(aws, self.clone()).await {
            Ok(Some(found)) => failure.reached(&found),
            _ => failure.reached(&self),
        }
    }
}

/// Returns the marks of the instances that hold Runtime Monitoring of ECS on the detector.
fn owners_of(detector: &GetDetectorOutput) -> Owners {
    Owners::of(detector.tags().into_iter().flatten(), ASPECT)
}

/// Runtime Monitoring as an object that instances hold.
struct Held<'a>(&'a EcsRuntimeMonitoring);

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Id;

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    fn key(&self) -> String {
        format!("{}/{}/{ASPECT}", self.0.region.as_str(), self.0.detector_id)
    }

    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let found = aws.detector(self.0.region.as_str(), &self.0.detector_id).await?;
        // Without a detector, clusters may still have tags.
        Ok(Some(found.map(|found| owners_of(&found)).unwrap_or_default()))
    }

    /// Reverts what only this instance chose, as far as this run knows.
    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        let region = self.0.region.as_str();
        let mut tagged = self.0.clusters.get().cloned().unwrap_or_default();
        let wanted = clusters::wanted_by_others(aws, &self.key());
        tagged.retain(|name, _| wanted.as_ref().is_some_and(|wanted| !wanted.contains_key(name)));
        let names: Vec<_> = tagged.keys().cloned().collect();
        let found = if names.is_empty() { Vec::new() } else { aws.ecs_clusters(region, &names).await? };
        clusters::restore(aws, region, &found, tagged).await.1?;
        let _turn = aws.detector_turn(region, &self.0.detector_id).await;
        aws.untag_guardduty(region, &self.0.detector_arn(aws).await?, &mark.key(ASPECT)).await
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let region = self.0.region.as_str();
        // Features come first: the tag of an excluded cluster must stay while the agent is enabled.
        let is_there = settings::restore(aws, self.0).await?;
        let found = aws.ecs_clusters(region, &self.0.tagged_names()).await?;
        let tagged = self.0.clusters.get().cloned().unwrap_or_default();
        clusters::restore(aws, region, &found, tagged).await.1?;
        match mark_of(&self.0.owner).filter(|_| is_there) {
            Some(mark) => {
                let _turn = aws.detector_turn(region, &self.0.detector_id).await;
                aws.untag_guardduty(region, &self.0.detector_arn(aws).await?, &mark.key(ASPECT)).await
            }
            None => Ok(()),
        }
    }
}

/// Plans what follows from the configuration without a call.
fn derive(plan: &mut Plan<'_, EcsRuntimeMonitoring>) {
    type This = EcsRuntimeMonitoring;
    if let Known::Known(detector) = plan.get(This::DETECTOR_ID) {
        plan.set(This::ID, &detector);
    }
    plan.set(This::STATUS, &Status::Enabled);
    let derived = plan.config().child(This::FARGATE).known().filter(|fargate| fargate.value(Fargate::AGENT).is_null());
    if let Some(agent) = derived.as_ref().and_then(clusters::agent) {
        plan.set_in(This::FARGATE, Fargate::AGENT, &agent);
    }
    let Some(prior) = plan.prior() else { return };
    let appears = |key: tfplugin::Key<This, Fargate>| prior.value(key).is_null() != plan.config().value(key).is_null();
    let ec2_appears = prior.value(This::EC2).is_null() != plan.config().value(This::EC2).is_null();
    if appears(This::FARGATE) || ec2_appears {
        plan.set_unknown(This::PREVIOUS);
    }
    if plan.changes(This::FARGATE) {
        plan.set_unknown(This::CLUSTERS);
    }
}
