//! The features of a detector in the service, and the only call that changes a detector.
//!
//! It does not know any feature by name.

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
    /// Whether each additional configuration is on. Additional configurations that are not listed are ignored.
    pub additional: BTreeMap<String, bool>,
}

/// A feature in the answer of GetDetector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Whether it is on, with all its additional configurations.
    pub setting: Setting,
    /// Whether a policy of AWS Organizations controls it, or one of its additional configurations.
    pub is_managed: bool,
}

/// Features by name.
pub type Settings = BTreeMap<String, Setting>;

/// A change of a detector. Values that are `None`, and features that are not listed, are left unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Whether the detector is enabled.
    pub enable: Option<bool>,
    /// Finding publishing frequency.
    pub frequency: Option<String>,
    /// Features.
    pub features: Settings,
}

impl Setting {
    /// Returns whether `found` is as requested.
    pub fn is_met(&self, found: Option<&Found>) -> bool {
        let absent = Found::default();
        let has = &found.unwrap_or(&absent).setting;
        let on = |name| has.additional.get(name).copied().unwrap_or(false);
        self.enabled == has.enabled && self.additional.iter().all(|(name, wanted)| *wanted == on(name))
    }

    /// Applies the setting to the answer of a read.
    pub(super) fn put(&self, feature: &mut DetectorFeatureConfigurationResult) {
        feature.status = Some(status(self.enabled));
        for additional in feature.additional_configuration.iter_mut().flatten() {
            let name = additional.name.as_ref().map(FeatureAdditionalConfiguration::as_str);
            if let Some(on) = name.and_then(|name| self.additional.get(name)) {
                additional.status = Some(status(*on));
            }
        }
    }

    /// Converts the setting for requests.
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

/// Returns the features of a detector, by name.
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
    /// Returns whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        *self == Change::default()
    }

    /// Returns whether `found` is as requested.
    fn is_met(&self, found: &GetDetectorOutput) -> bool {
        let is_enabled = found.status().is_some_and(|status| status.as_str() == "ENABLED");
        let frequency = found.finding_publishing_frequency().map(FindingPublishingFrequency::as_str);
        let features = features_of(found);
        self.enable.is_none_or(|wanted| wanted == is_enabled)
            && self.frequency.as_deref().is_none_or(|wanted| frequency == Some(wanted))
            && self.features.iter().all(|(name, setting)| setting.is_met(features.get(name)))
    }
}

/// The reason why a detector was not changed.
#[derive(Debug)]
pub struct Unchanged {
    /// The failure.
    pub failure: Failure,
    /// Whether it may have been changed nevertheless, because no answer denies it.
    pub is_unanswered: bool,
}

impl From<Unchanged> for Failure {
    fn from(unchanged: Unchanged) -> Self {
        unchanged.failure
    }
}

impl Aws {
    /// Changes detector `id` with one UpdateDetector call, or none if there is nothing to change. The caller must have
    /// the detector's turn.
    ///
    /// # Errors
    /// The error of the call. In a member account, it names the administrator account.
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

    /// Adds the administrator account that manages this account to `failure`, if there is one.
    pub async fn name_administrator(&self, region: &str, detector: &str, failure: Failure) -> Failure {
        let answer = self.guardduty(region).get_administrator_account().detector_id(detector).send().await;
        let subject = Subject::new("the administrator of this account", region);
        // The original failure is more important than an administrator account that cannot be found.
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

/// Returns whether an error means that GuardDuty refuses the request, and not that it is temporarily unable to process
/// it.
pub fn is_refusal(code: &str) -> bool {
    code == "BadRequestException" || code == "AccessDeniedException"
}

/// Returns detector `id` as the subject of a call's error.
pub fn detector_subject(region: &str, id: &str) -> Subject {
    Subject::new(format!("GuardDuty detector {id}"), region)
}
