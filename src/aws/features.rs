//! The features of a detector as the service has them, and the one call that changes a detector.
//!
//! It knows no feature by name.

use std::collections::BTreeMap;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    DetectorAdditionalConfiguration, DetectorFeatureConfiguration, DetectorFeatureConfigurationResult,
    DetectorFeatureResult, FeatureAdditionalConfiguration, FeatureStatus, FindingPublishingFrequency,
};
use tfplugin::{Failure, Result};

use super::error::{code, explain, is_unanswered};
use super::{Aws, Explain, Subject};

/// Whether a feature is on, and its additional configurations by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// Whether the feature is on.
    pub enabled: bool,
    /// Whether each additional configuration is on. What isn't here is of no concern.
    pub additional: BTreeMap<String, bool>,
}

/// A feature as GetDetector tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Whether it is on, and all its additional configurations.
    pub setting: Setting,
    /// Whether a policy of AWS Organizations decides over it, or over one of its additional configurations.
    pub is_managed: bool,
}

/// Features by name.
pub type Settings = BTreeMap<String, Setting>;

/// What is to be another on a detector. What is `None`, or not among the features, stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Whether it watches.
    pub enable: Option<bool>,
    /// How often it publishes.
    pub frequency: Option<String>,
    /// Features.
    pub features: Settings,
}

impl Setting {
    /// Whether `found` is as this asks for.
    pub fn is_met(&self, found: Option<&Found>) -> bool {
        let absent = Found::default();
        let has = &found.unwrap_or(&absent).setting;
        let on = |name| has.additional.get(name).copied().unwrap_or(false);
        self.enabled == has.enabled && self.additional.iter().all(|(name, wanted)| *wanted == on(name))
    }

    /// Puts it into what a read answered.
    pub(super) fn put(&self, feature: &mut DetectorFeatureConfigurationResult) {
        feature.status = Some(status(self.enabled));
        for additional in feature.additional_configuration.iter_mut().flatten() {
            let name = additional.name.as_ref().map(FeatureAdditionalConfiguration::as_str);
            if let Some(on) = name.and_then(|name| self.additional.get(name)) {
                additional.status = Some(status(*on));
            }
        }
    }

    /// As requests take it.
    pub fn to_api(&self, name: &str) -> DetectorFeatureConfiguration {
        let additional = self.additional.iter().map(|(name, on)| {
            DetectorAdditionalConfiguration::builder().name(name.as_str().into()).status(status(*on)).build()
        });
        let additional: Vec<_> = additional.collect();
        DetectorFeatureConfiguration::builder()
            .name(name.into())
            .status(status(self.enabled))
            .set_additional_configuration((!additional.is_empty()).then_some(additional))
            .build()
    }
}

fn status(on: bool) -> FeatureStatus {
    if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled }
}

/// The features of a detector, by name.
pub fn features_of(detector: &GetDetectorOutput) -> BTreeMap<String, Found> {
    let is_on = |status: Option<&FeatureStatus>| status == Some(&FeatureStatus::Enabled);
    let features = detector.features().iter().map(|feature| {
        let additional = feature.additional_configuration().iter();
        let is_managed = feature.managed_by().is_some() || additional.clone().any(|one| one.managed_by().is_some());
        let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
        let additional = additional
            .map(|one| (name(one.name().map(FeatureAdditionalConfiguration::as_str)), is_on(one.status())))
            .collect();
        let setting = Setting { enabled: is_on(feature.status()), additional };
        (name(feature.name().map(DetectorFeatureResult::as_str)), Found { setting, is_managed })
    });
    features.collect()
}

impl Change {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        *self == Change::default()
    }

    /// Whether `found` is as this asks for.
    fn is_met(&self, found: &GetDetectorOutput) -> bool {
        let is_enabled = found.status().is_some_and(|status| status.as_str() == "ENABLED");
        let frequency = found.finding_publishing_frequency().map(FindingPublishingFrequency::as_str);
        let features = features_of(found);
        self.enable.is_none_or(|wanted| wanted == is_enabled)
            && self.frequency.as_deref().is_none_or(|wanted| frequency == Some(wanted))
            && self.features.iter().all(|(name, setting)| setting.is_met(features.get(name)))
    }
}

/// Why a detector was not changed.
#[derive(Debug)]
pub struct Unchanged {
    /// What is told of it.
    pub failure: Failure,
    /// Whether it may have been changed after all: no answer says so.
    pub is_unanswered: bool,
}

impl From<Unchanged> for Failure {
    fn from(unchanged: Unchanged) -> Self {
        unchanged.failure
    }
}

impl Aws {
    /// Changes detector `id` by one UpdateDetector, or by none where nothing is to change. The caller has the
    /// detector's turn.
    ///
    /// # Errors
    /// What the call failed with; in a member account, with the administrator that decides there.
    pub async fn update_detector(&self, region: &str, id: &str, change: Change) -> Result<(), Unchanged> {
        if change.is_empty() {
            return Ok(());
        }
        let features: Vec<_> = change.features.iter().map(|(name, setting)| setting.to_api(name)).collect();
        let updated = self
            .guardduty(region)
            .update_detector()
            .detector_id(id)
            .set_enable(change.enable)
            .set_finding_publishing_frequency(change.frequency.as_deref().map(FindingPublishingFrequency::from))
            .set_features((!features.is_empty()).then_some(features))
            .send()
            .await;
        match updated {
            Ok(_) => {
                self.note_switched(region, id, &change.features);
                Ok(())
            }
            Err(error) if is_refusal(code(&error)) => {
                let failure = explain(&error, "update", &detector_subject(region, id));
                let failure = self.name_administrator(region, id, failure).await;
                Err(Unchanged { failure, is_unanswered: false })
            }
            Err(error) => {
                let is_unanswered = is_unanswered(&error);
                let seen = || async {
                    let found = self.detector(region, id).await?;
                    Ok(found.filter(|found| change.is_met(found)).map(drop))
                };
                let settled = self.settle(Err::<(), _>(error), "update", &detector_subject(region, id), seen).await;
                settled.map_err(|failure| Unchanged { failure, is_unanswered })
            }
        }
    }

    /// Adds to `failure` which administrator manages this account, if one does.
    pub async fn name_administrator(&self, region: &str, detector: &str, failure: Failure) -> Failure {
        let answer = self.guardduty(region).get_administrator_account().detector_id(detector).send().await;
        let subject = Subject::new("the administrator of this account", region);
        // The failure at hand is what matters: that nobody can be named is no second one.
        let administrator = answer.if_found("find", &subject).ok().flatten();
        let administrator = administrator.as_ref().and_then(|answer| answer.administrator()?.account_id());
        match administrator {
            Some(account) => failure.detail(format!(
                "GuardDuty in this account is managed by administrator {account}, and a member account may not change \
                 everything itself: change it from there."
            )),
            None => failure,
        }
    }
}

/// Whether an error says that GuardDuty does not want to do it, rather than that it can't just now.
pub fn is_refusal(code: &str) -> bool {
    code == "BadRequestException" || code == "AccessDeniedException"
}

/// Detector `id`, for the error of a call about it.
pub fn detector_subject(region: &str, id: &str) -> Subject {
    Subject::new(format!("GuardDuty detector {id}"), region)
}
