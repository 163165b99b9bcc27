//! `guardduty_detector`: GuardDuty in one account and region, with its features.
//!
//! `model` has the attributes, `create` creates or adopts a detector, and `checks` refuses invalid configurations and
//! plans. It does not know which features exist: `findings::features` does.

mod checks;
mod create;
mod datasources;
mod model;

use std::collections::BTreeMap;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::{
    Claim, Computed, Diagnostic, Failure, MoveSource, Named, OptionalComputed, Plan, Private, Resource, Result, View,
    created,
};

use self::datasources::Datasources;
pub use self::model::Detector;
use self::model::{Feature, Frequency, OnDestroy, UnlistedFeatures};
use super::features::{check_held, note_listed, to_bools};
use crate::aws::account::account_of;
use crate::aws::error::{code, explain, is_gone};
use crate::aws::features::{Change, Setting, Settings, detector_subject, features_of, is_refusal};
use crate::aws::owners::{KnownBy, Thing, mark_of};
use crate::aws::{Aws, Explain, Mark, Owners, Subject};
use crate::findings::features::rival;
use crate::kit::import::{claimed_region, import_id, import_parts, take_over};
use crate::kit::moved::moved_from_aws;

impl Resource for Detector {
    const TYPE_NAME: &'static str = "detector";
    type Model = Self;
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        checks::validate(config)
    }

    fn claims(aws: &Aws, config: &View<Self>) -> Vec<Claim> {
        let claim = || {
            let region = claimed_region(aws, config.get(Self::REGION))?;
            Some(Claim::new(format!("the detector of this account in {region}"), Self::REGION))
        };
        claim().into_iter().collect()
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        checks::plan(aws, plan).await
    }

    async fn plan_delete(_: &Aws, state: Self) -> Result<()> {
        checks::deletion(&state)
    }

    async fn create(aws: &Aws, detector: Self) -> Result<Self> {
        let made = create::create(aws, detector).await?;
        note_listed(aws, made.region.as_str(), made.id.as_str(), made.settings());
        Ok(made)
    }

    async fn read(aws: &Aws, detector: Self) -> Result<Option<Self>> {
        match aws.detector(detector.region.as_str(), detector.id.as_str()).await? {
            Some(found) => Ok(Some(detector.filled(aws, &found).await?)),
            None => Ok(None),
        }
    }

    async fn update(aws: &Aws, prior: Self, detector: Self) -> Result<Self> {
        let (region, id) = (detector.region.as_str(), detector.id.as_str());
        let marking = aws.may_change(&Held(&prior), &prior.owner).await?;
        let _turn = aws.detector_turn(region, id).await;
        let features = detector.changed_settings(aws, &prior.settings()).await?;
        // One of the two Runtime Monitoring features must be off before the other is enabled.
        let rivals = detector.rivals_off(&prior);
        aws.update_detector(region, id, Change { features: rivals, ..Change::default() }).await?;
        let frequency = &detector.finding_publishing_frequency;
        let change = Change {
            enable: (detector.enable != prior.enable).then_some(detector.enable),
            frequency: frequency.get().filter(|_| *frequency != prior.finding_publishing_frequency).map(name),
            features,
        };
        if let Err(failure) = aws.update_detector(region, id, change).await {
            return Err(Box::pin(checks::name_managed(aws, &detector, failure.into())).await);
        }
        let place = (region, prior.arn.as_str());
        let hold = aws.remark((&Held(&prior), marking), place, &prior.owner, Self::TYPE_NAME).await?;
        if prior.owner.get() != Some(&hold) {
            // From here on, the state has the new mark even if a later step fails.
            created(&Detector { owner: hold.clone().kept(), tags_all: prior.tags_all.clone(), ..detector.clone() });
        }
        aws.retag(region, prior.arn.as_str(), &prior.tags_all, &detector.tags_all).await?;
        Ok(Detector { owner: hold.kept(), protected: detector.deletion_protection.into(), ..detector })
    }

    async fn delete(aws: &Aws, detector: Self) -> Result<()> {
        checks::deletion(&detector)?;
        aws.let_go(&Held(&detector), &detector.owner).await
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::ID)], identity.get(Self::REGION))
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<Self>> {
        let ([id], region) = import_parts(aws, id, "DETECTOR").await?;
        Ok(Named::new(Self::ID, &id).and(Self::REGION, &region))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([id], region) = import_parts(aws, id, "DETECTOR").await?;
        let detector = Detector {
            enable: true,
            finding_publishing_frequency: OptionalComputed::none(),
            features: None,
            unlisted_features: UnlistedFeatures::Ignore,
            adopt_existing: false,
            on_destroy: OnDestroy::Delete,
            deletion_protection: false,
            datasources: None,
            tags: None,
            tags_all: Computed::none(),
            account_id: Computed::none(),
            arn: Computed::none(),
            id: id.into(),
            region: region.into(),
            owner: Computed::none(),
            protected: Private::none(),
        };
        Self::read(aws, detector).await
    }

    /// hashicorp/aws computes `datasources`, so its state does not show whether the configuration sets them. Like
    /// `features`, they are in the state from the next apply on, which changes nothing else.
    fn move_from(source: MoveSource) -> Option<serde_json::Value> {
        let mut state = moved_from_aws(Self::TYPE_NAME, source)?;
        state.as_object_mut()?.remove(Self::DATASOURCES.name());
        Some(state)
    }
}

fn name(frequency: &Frequency) -> String {
    frequency.as_str().to_owned()
}

impl Detector {
    fn subject(&self) -> Subject {
        match self.id.get() {
            Some(id) => detector_subject(self.region.as_str(), id),
            None => Subject::new("GuardDuty detector", self.region.as_str()),
        }
    }

    /// Returns the listed features, in either form.
    fn settings(&self) -> Settings {
        let features = self.features.iter().flatten().map(|(name, feature)| (name.clone(), feature.setting()));
        let meant = self.datasources.iter().flat_map(Datasources::features);
        let meant = meant.map(|(name, enabled)| (name.to_owned(), Setting { enabled, ..Setting::default() }));
        features.chain(meant).collect()
    }

    /// Returns the features to change. Features that are listed for the first time, such as after an import, may
    /// already be as wanted. They are then not requested, also because a member account may not be allowed to.
    ///
    /// # Errors
    /// Another resource holds one of them.
    async fn changed_settings(&self, aws: &Aws, before: &Settings) -> Result<Settings> {
        let mut changed = self.settings();
        changed.retain(|name, setting| before.get(name) != Some(setting));
        if !changed.is_empty()
            && let Some(found) = aws.detector(self.region.as_str(), self.id.as_str()).await?
        {
            let has = features_of(&found);
            changed.retain(|name, setting| !setting.is_met(has.get(name)));
            let held =
                changed.iter().filter_map(|(name, setting)| check_held(name, setting, &found, Self::FEATURES.into()));
            Failure::all(held.map(Failure::from))?;
        }
        Ok(changed)
    }

    /// Returns the Runtime Monitoring feature that was listed as on and is no longer listed, as a setting that disables
    /// it, if its rival will be enabled.
    fn rivals_off(&self, prior: &Self) -> Settings {
        let (before, after) = (prior.settings(), self.settings());
        let is_on = |settings: &Settings, name: &str| settings.get(name).is_some_and(|setting| setting.enabled);
        let is_in_the_way =
            |name: &&String| is_on(&before, name) && rival(name).is_some_and(|rival| is_on(&after, rival));
        let off = before.keys().filter(is_in_the_way).filter(|name| !is_on(&after, name));
        off.map(|name| (name.clone(), Setting::default())).collect()
    }

    /// Calls DeleteDetector. A detector that does not exist is not an error.
    async fn send_delete(&self, aws: &Aws) -> Result<()> {
        let (region, id) = (self.region.as_str(), self.id.as_str());
        match aws.guardduty(region).delete_detector().detector_id(id).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => {
                let failure = explain(&error, "delete", &self.subject());
                let refused = is_refusal(code(&error));
                Err(if refused { aws.name_administrator(region, id, failure).await } else { failure })
            }
        }
    }

    /// A detector that does not exist need not be suspended.
    async fn suspend(&self, aws: &Aws) -> Result<()> {
        let (region, id) = (self.region.as_str(), self.id.as_str());
        let request = aws.guardduty(region).update_detector().detector_id(id).enable(false);
        request.send().await.if_found("suspend", &self.subject()).map(|_| ())
    }

    /// Returns the detector with the current values of the service, as far as it is declared here.
    async fn filled(self, aws: &Aws, found: &GetDetectorOutput) -> Result<Self> {
        let (is_import, owners) = (self.arn.get().is_none(), Owners::of(found.tags().into_iter().flatten(), ""));
        let hold = self.owner.clone().into_option().unwrap_or_default().seen(&owners, &self.subject(), is_import);
        let (account_id, arn) = self.place(aws).await?;
        let (tags, tags_all) = aws.tag_rules().split(found.tags(), self.tags.as_ref());
        let frequency = found.finding_publishing_frequency().and_then(|frequency| Frequency::parse(frequency.as_str()));
        let features = self.features.as_ref().map(|features| refreshed(features, found));
        Ok(Detector {
            enable: found.status().is_some_and(|status| status.as_str() == "ENABLED"),
            finding_publishing_frequency: frequency.into(),
            features,
            account_id: account_id.into(),
            arn: arn.into(),
            owner: hold.kept(),
            protected: self.deletion_protection.into(),
            datasources: self.datasources.as_ref().map(|own| refreshed_datasources(own, found)),
            tags,
            tags_all,
            ..self
        })
    }

    /// Returns the account ID and the ARN. They never change, so no call is needed once they are known. An ARN without
    /// an account ID counts as unknown.
    async fn place(&self, aws: &Aws) -> Result<(String, String)> {
        if let Some((account, arn)) = self.arn.get().and_then(|arn| Some((account_of(arn)?, arn))) {
            return Ok((account.id, arn.clone()));
        }
        let region = self.region.as_str();
        let account = aws.account(region).await?;
        let arn = account.arn("guardduty", region, &format!("detector/{}", self.id.as_str()));
        Ok((account.id.clone(), arn))
    }

    /// Returns the failure of a second detector in the same region, and how to proceed.
    fn taken(&self, aws: &Aws, failure: Failure, id: Option<&str>) -> Failure {
        let (Some(id), region) = (id, self.region.as_str()) else { return failure };
        failure
            .detail(format!("{region} has the detector {id} already. Set `adopt_existing = true`, or import it."))
            .detail(take_over(aws, Self::TYPE_NAME, id, region))
    }
}

/// Returns the listed features with the values of the service. A feature that the service does not return is off.
fn refreshed(listed: &BTreeMap<String, Feature>, found: &GetDetectorOutput) -> BTreeMap<String, Feature> {
    let found = features_of(found);
    let listed = listed.iter().map(|(name, feature)| {
        let has = found.get(name).map(|found| found.setting.clone()).unwrap_or_default();
        let on = |name: &String| has.additional.get(name).copied().unwrap_or(false).into();
        let names = feature.additional_configuration.as_ref();
        let additional = names.map(|names| names.keys().map(|name| (name.clone(), on(name))).collect());
        (name.clone(), Feature { status: has.enabled.into(), additional_configuration: additional })
    });
    listed.collect()
}

/// The detector as an object that instances hold.
struct Held<'a>(&'a Detector);

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Id;

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    /// There is one detector in a region.
    fn key(&self) -> String {
        format!("{}/detector", self.0.region.as_str())
    }

    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let found = aws.detector(self.0.region.as_str(), self.0.id.as_str()).await?;
        Ok(found.map(|found| Owners::of(found.tags().into_iter().flatten(), "")))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        let (region, id) = (self.0.region.as_str(), self.0.id.as_str());
        let _turn = aws.detector_turn(region, id).await;
        aws.remove_mark(region, self.0.arn.as_str(), mark).await
    }

    /// Applies `on_destroy`. A detector that is kept no longer has an owner.
    async fn delete(&self, aws: &Aws) -> Result<()> {
        let (region, id) = (self.0.region.as_str(), self.0.id.as_str());
        let turn = aws.detector_turn(region, id).await;
        match self.0.on_destroy {
            OnDestroy::Delete => return self.0.send_delete(aws).await,
            OnDestroy::Suspend => self.0.suspend(aws).await?,
            OnDestroy::Keep => {}
        }
        drop(turn);
        match mark_of(&self.0.owner) {
            Some(mark) => self.unmark(aws, mark).await,
            None => Ok(()),
        }
    }
}

/// Returns the listed data sources with the values of their features in the service.
fn refreshed_datasources(listed: &Datasources, found: &GetDetectorOutput) -> Datasources {
    let found = features_of(found);
    listed.refreshed(|feature| found.get(feature).is_some_and(|found| found.setting.enabled))
}

impl Feature {
    fn setting(&self) -> Setting {
        let additional = to_bools(self.additional_configuration.iter().flatten());
        Setting { enabled: self.status.is_enabled(), additional }
    }
}
