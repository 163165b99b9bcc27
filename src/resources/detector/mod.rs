//! `guardduty_detector`: GuardDuty in one account and region, with its features.
//!
//! How a new detector comes about is in `create`, what is refused beforehand in `checks`. Which features there are it
//! does not know: `findings::features` does.

mod checks;
mod create;
mod datasources;

use std::collections::BTreeMap;

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use tfplugin::{Choice, Computed, Diagnostic, Failure, Model, OptionalComputed, Plan, Resource, Result, View};

use self::datasources::Datasources;
use super::common::{import_parts, moved_from_aws};
use super::features::{Status, to_bools};
use crate::aws::error::{code, explain, is_gone};
use crate::aws::features::{Change, Setting, Settings, detector_subject, features_of, is_refusal};
use crate::aws::{Aws, Explain, Subject, Tags};

/// GuardDuty in this account and region: there is one detector in each. GuardDuty then analyses CloudTrail, flow logs
/// and DNS logs, which can't be switched off; everything else are `features`.
///
/// Beware of cost: CreateDetector switches on every feature that the request doesn't name, but for runtime monitoring,
/// and each costs money once its trial of 30 days is over. With `unlisted_features = "disable"` only what you list is
/// on. A plan that creates a detector without that warns and names them.
///
/// A feature is declared in one place only: in `features` here, by a `guardduty_detector_feature`, or (runtime
/// monitoring of ECS) by a `guardduty_ecs_runtime_monitoring`.
///
/// The detector of a member account belongs to its GuardDuty administrator, who decides over most of its features; what
/// this account may not change is told with the administrator's id.
#[derive(Model, Clone)]
pub struct Detector {
    /// Whether GuardDuty watches. Switched off, it is suspended: it finds nothing new and costs nothing, and its
    /// findings and settings stay.
    #[attr(default = true)]
    pub enable: bool,
    /// How often findings that occurred again are published to EventBridge; new ones are published within minutes. In
    /// a member account the administrator decides. GuardDuty's default is `SIX_HOURS`.
    #[attr(keep)]
    pub finding_publishing_frequency: OptionalComputed<Frequency>,
    /// Features by name: `S3_DATA_EVENTS`, `EKS_AUDIT_LOGS`, `EBS_MALWARE_PROTECTION`, `RDS_LOGIN_EVENTS`,
    /// `LAMBDA_NETWORK_LOGS`, `RUNTIME_MONITORING`, `EKS_RUNTIME_MONITORING` (not beside the former), `AI_PROTECTION`,
    /// `AI_ANALYST`. Those that aren't listed are left alone, as is one that leaves the list, and their drift isn't
    /// shown. An import lists none; the first apply after it then states what is listed.
    pub features: Option<BTreeMap<String, Feature>>,
    /// What becomes of features that aren't listed when the detector is created or adopted. Afterwards nothing does,
    /// so that other resources can switch them.
    #[attr(default = UnlistedFeatures::Ignore)]
    pub unlisted_features: UnlistedFeatures,
    /// Whether to take over the detector that this account and region have already, instead of failing: it is then
    /// changed to what is declared here, tags included. Mind `on_destroy`.
    #[attr(default = false)]
    pub adopt_existing: bool,
    /// What becomes of the detector when it is destroyed here.
    #[attr(default = OnDestroy::Delete)]
    pub on_destroy: OnDestroy,
    /// Whether to refuse to destroy or to replace the detector. To do so nevertheless, first apply with `false`.
    #[attr(default = false)]
    pub deletion_protection: bool,
    /// Not taken: GuardDuty replaced data sources by `features`. The error says which feature each one is.
    #[attr(block)]
    pub datasources: Option<Datasources>,
    /// Tags of the detector.
    pub tags: Option<Tags>,
    /// All tags of the detector, those of the provider's `default_tags` among them.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// Account that the detector belongs to.
    #[attr(keep)]
    pub account_id: Computed<String>,
    /// ARN of the detector.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// Id of the detector.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the detector. By default the provider's.
    #[attr(keep, replace)]
    pub region: OptionalComputed<String>,
}

/// How often findings that occurred again are published.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every 15 minutes.
    FifteenMinutes,
    /// Every hour.
    OneHour,
    /// Every six hours.
    SixHours,
}

/// What becomes of features that are not listed.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedFeatures {
    /// What GuardDuty does with them: CreateDetector switches nearly all on.
    #[choice("ignore")]
    Ignore,
    /// They are switched off.
    #[choice("disable")]
    Disable,
}

/// What becomes of the detector when it is destroyed.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDestroy {
    /// It is deleted, with its findings, filters and lists.
    #[choice("delete")]
    Delete,
    /// It stays, suspended.
    #[choice("suspend")]
    Suspend,
    /// It stays as it is.
    #[choice("keep")]
    Keep,
}

/// A feature.
#[derive(Model, Debug, Clone, PartialEq)]
pub struct Feature {
    /// Whether it is on.
    pub status: Status,
    /// Additional configurations by name, each `"ENABLED"` or `"DISABLED"`: `ECS_FARGATE_AGENT_MANAGEMENT`,
    /// `EC2_AGENT_MANAGEMENT` and `EKS_ADDON_MANAGEMENT` of `RUNTIME_MONITORING`, the last also of
    /// `EKS_RUNTIME_MONITORING`, and `RDS_DATA_RISK` of `RDS_LOGIN_EVENTS`. Those that aren't listed are left alone.
    pub additional_configuration: Option<BTreeMap<String, Status>>,
}

impl Resource for Detector {
    const TYPE_NAME: &'static str = "detector";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        checks::validate(config)
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        checks::plan(aws, plan).await
    }

    async fn plan_delete(_: &Aws, state: Self) -> Result<()> {
        checks::deletion(&state)
    }

    async fn create(aws: &Aws, detector: Self) -> Result<Self> {
        create::create(aws, detector).await
    }

    async fn read(aws: &Aws, detector: Self) -> Result<Option<Self>> {
        match aws.detector(detector.region.as_str(), detector.id.as_str()).await? {
            Some(found) => Ok(Some(detector.filled(aws, &found).await?)),
            None => Ok(None),
        }
    }

    async fn update(aws: &Aws, prior: Self, detector: Self) -> Result<Self> {
        let (region, id) = (detector.region.as_str(), detector.id.as_str());
        let _turn = aws.detector_turn(region, id).await;
        let features = detector.changed_settings(aws, &prior.settings()).await?;
        let frequency = &detector.finding_publishing_frequency;
        let change = Change {
            enable: (detector.enable != prior.enable).then_some(detector.enable),
            frequency: frequency.get().filter(|_| *frequency != prior.finding_publishing_frequency).map(name),
            features,
        };
        aws.update_detector(region, id, change).await?;
        aws.retag(region, prior.arn.as_str(), &prior.tags_all, &detector.tags_all).await?;
        Ok(detector)
    }

    async fn delete(aws: &Aws, detector: Self) -> Result<()> {
        checks::deletion(&detector)?;
        let (region, id) = (detector.region.as_str(), detector.id.as_str());
        let _turn = aws.detector_turn(region, id).await;
        match detector.on_destroy {
            OnDestroy::Keep => Ok(()),
            OnDestroy::Suspend => detector.suspend(aws).await,
            OnDestroy::Delete => match aws.guardduty(region).delete_detector().detector_id(id).send().await {
                Ok(_) => Ok(()),
                Err(error) if is_gone(&error) => Ok(()),
                Err(error) => {
                    let failure = explain(&error, "delete", &detector.subject());
                    let refused = is_refusal(code(&error));
                    Err(if refused { aws.name_administrator(region, id, failure).await } else { failure })
                }
            },
        }
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([id], region) = import_parts(aws, id, "DETECTOR")?;
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
        };
        Self::read(aws, detector).await
    }

    /// Data sources are what hashicorp/aws computes where nobody sets them; here they are never set.
    fn move_from(provider: &str, type_name: &str, state: serde_json::Value) -> Option<serde_json::Value> {
        let mut state = moved_from_aws(Self::TYPE_NAME, provider, type_name, state)?;
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

    /// The features that are listed.
    fn settings(&self) -> Settings {
        let features = self.features.iter().flatten();
        features.map(|(name, feature)| (name.clone(), feature.setting())).collect()
    }

    /// The features that are to be other than they were. What is listed for the first time, as after an import, may
    /// be so already: then there is nothing to ask for, and a member account may say so, too.
    async fn changed_settings(&self, aws: &Aws, before: &Settings) -> Result<Settings> {
        let mut changed = self.settings();
        changed.retain(|name, setting| before.get(name) != Some(setting));
        if changed.keys().any(|name| !before.contains_key(name))
            && let Some(found) = aws.detector(self.region.as_str(), self.id.as_str()).await?
        {
            let found = features_of(&found);
            changed.retain(|name, setting| !setting.is_met(found.get(name)));
        }
        Ok(changed)
    }

    /// A detector that is gone needs no suspension.
    async fn suspend(&self, aws: &Aws) -> Result<()> {
        let (region, id) = (self.region.as_str(), self.id.as_str());
        let request = aws.guardduty(region).update_detector().detector_id(id).enable(false);
        request.send().await.if_found("suspend", &self.subject()).map(|_| ())
    }

    /// The detector as the service has it now, as far as it is declared here.
    async fn filled(self, aws: &Aws, found: &GetDetectorOutput) -> Result<Self> {
        let region = self.region.as_str();
        let account = aws.account(region).await?;
        let arn = account.arn("guardduty", region, &format!("detector/{}", self.id.as_str()));
        let (tags, tags_all) = aws.tag_rules().split(found.tags(), self.tags.as_ref());
        let frequency = found.finding_publishing_frequency().and_then(|frequency| Frequency::parse(frequency.as_str()));
        let features = self.features.as_ref().map(|features| refreshed(features, found));
        Ok(Detector {
            enable: found.status().is_some_and(|status| status.as_str() == "ENABLED"),
            finding_publishing_frequency: frequency.into(),
            features,
            account_id: account.id.clone().into(),
            arn: arn.into(),
            datasources: None,
            tags,
            tags_all,
            ..self
        })
    }

    /// The failure of two detectors in one place, with how to go on.
    fn taken(&self, failure: Failure, id: Option<&str>) -> Failure {
        let Some(id) = id else { return failure };
        failure
            .detail(format!("{} has the detector {id} already. Set `adopt_existing = true`, or", self.region.as_str()))
            .detail(format!("take it over with:\nimport {{\n  to = guardduty_detector.NAME\n  id = {id:?}\n}}"))
    }
}

/// The features that are listed, as the service has them. One that it doesn't name is off.
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

impl Feature {
    fn setting(&self) -> Setting {
        let additional = to_bools(self.additional_configuration.iter().flatten());
        Setting { enabled: self.status.is_enabled(), additional }
    }
}
