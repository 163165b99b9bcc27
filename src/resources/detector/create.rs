//! Creates a detector, or adopts an existing one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_guardduty::error::SdkError;
use aws_sdk_guardduty::operation::create_detector::{CreateDetectorError, CreateDetectorOutput};
use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::FindingPublishingFrequency;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tfplugin::wait::{Limit, Look};
use tfplugin::{Computed, Diagnostic, Failure, Resource, Result, Step, created, differences, warn};

use super::{Detector, Held, UnlistedFeatures, name, take_over};
use crate::aws::error::{code, explain, is_already_there, is_unanswered};
use crate::aws::features::{Change, Found, Setting, Settings, features_of};
use crate::aws::owners::{Admission, Thing};
use crate::aws::{Aws, Hold, Mark, Owners, SETTLING};
use crate::findings::features::{FEATURES, find, rival};
use crate::resources::features::check_held;

/// Maximum time until a detector that was created can be read.
const READ_WAIT: Duration = Duration::from_secs(60);
type Answer = Result<CreateDetectorOutput, SdkError<CreateDetectorError, HttpResponse>>;

/// Creates the detector, or adopts the existing one if that is configured.
pub async fn create(aws: &Aws, detector: Detector) -> Result<Detector> {
    let (mark, _turn) = (Mark::new(), aws.owners_turn(&Held(&detector).key()).await);
    if detector.adopt_existing
        && let Some(id) = aws.detector_id(detector.region.as_str()).await?
        && let Some(adopted) = Box::pin(adopt(aws, id, &detector, &mark)).await?
    {
        return Ok(adopted);
    }
    let unlisted = detector.unlisted_off();
    let all = detector.settings().into_iter().chain(unlisted.clone()).collect();
    let mut answer = send(aws, &detector, &all, &mark).await;
    let some_may_be_unknown_here = !unlisted.is_empty() && answer.as_ref().is_err_and(may_be_about_features);
    if some_may_be_unknown_here {
        // A region may lack features and refuse requests that name them. Features that are on there are disabled
        // afterwards.
        answer = send(aws, &detector, &detector.settings(), &mark).await;
    }
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return settle(aws, detector, mark, &error).await,
    };
    let id = Computed::from(answer.detector_id().unwrap_or_default().to_owned());
    let made = Detector { id, owner: Hold::by(mark).into(), ..detector };
    created(&made);
    let finished = finish(aws, made.clone(), Some(&answer), some_may_be_unknown_here).await;
    finished.map_err(|failure| failure.reached(&made))
}

/// Returns the detector after CreateDetector was not answered, or refused because one exists. This call may have
/// created it, or this instance may be allowed to hold it too.
async fn settle(
    aws: &Aws,
    detector: Detector,
    mark: Mark,
    error: &SdkError<CreateDetectorError, HttpResponse>,
) -> Result<Detector> {
    let region = detector.region.as_str().to_owned();
    if !is_already_there(error) && !is_unanswered(error) {
        return Err(refused(aws, &detector, error).await);
    }
    // A read may not yet reflect a write just before it.
    let look = || async {
        let found = match aws.detector_id(&region).await? {
            Some(id) => aws.detector(&region, &id).await?.map(|found| (id, found)),
            None => None,
        };
        Ok(found.map_or_else(|| Look::Pending("it can't be read yet".to_owned()), Look::Ready))
    };
    let found = aws.wait(Limit::new(SETTLING), &detector.subject(), look).await;
    let Ok((id, found)) = found else { return Err(refused(aws, &detector, error).await) };
    let owners = Owners::of(found.tags().into_iter().flatten(), "");
    if owners.is_empty() {
        return Err(refused(aws, &detector, error).await);
    }
    let made = Detector { id: id.into(), ..detector };
    let mut hold = Hold::by(mark.clone());
    if admitted(aws, &made, &found, &owners, &mark).await? != Admission::Created {
        let arn = made.place(aws).await?.1;
        hold = aws.put_mark(&Held(&made), (&region, arn.as_str()), mark, Detector::TYPE_NAME).await?;
    }
    let made = Detector { owner: hold.kept(), ..made };
    let finished = finish(aws, made.clone(), None, false).await;
    finished.map_err(|failure| failure.reached(&made))
}

/// Returns the hold of `planned` on the detector `found`, which has the marks of `owners`, if it may hold it.
async fn admitted(
    aws: &Aws,
    planned: &Detector,
    found: &GetDetectorOutput,
    owners: &Owners,
    mark: &Mark,
) -> Result<Admission> {
    let as_found = planned.clone().filled(aws, found).await?;
    let differences = differences(planned, &as_found);
    let advice = || take_over(aws, Detector::TYPE_NAME, planned.id.as_str(), planned.region.as_str());
    aws.admit(&planned.subject(), owners, mark, &differences, advice)
}

async fn send(aws: &Aws, detector: &Detector, features: &Settings, mark: &Mark) -> Answer {
    let features: Vec<_> = features.iter().map(|(name, setting)| setting.to_api(name)).collect();
    aws.guardduty(detector.region.as_str())
        .create_detector()
        .enable(detector.enable)
        .set_finding_publishing_frequency(
            detector.finding_publishing_frequency.get().map(|frequency| frequency.as_str().into()),
        )
        .set_features((!features.is_empty()).then_some(features))
        .set_tags(Some(aws.tag_rules().of_new(detector.tags.as_ref(), mark, Detector::TYPE_NAME).into_iter().collect()))
        .send()
        .await
}

fn may_be_about_features(error: &SdkError<CreateDetectorError, HttpResponse>) -> bool {
    code(error) == "BadRequestException" && !is_already_there(error)
}

/// Returns why no detector was created, and how to fix that.
async fn refused(aws: &Aws, detector: &Detector, error: &SdkError<CreateDetectorError, HttpResponse>) -> Failure {
    let region = detector.region.as_str();
    let failure = explain(error, "create", &detector.subject());
    if is_already_there(error) {
        // The original failure is more important: an ID that cannot be read does not add another one.
        let id = aws.detector_id(region).await.ok().flatten();
        let failure = detector.taken(aws, failure, id.as_deref());
        return match id {
            Some(id) => aws.name_administrator(region, &id, failure).await,
            None => failure,
        };
    }
    let told = failure.to_string();
    match detector.settings().into_keys().find(|name| told.contains(name.as_str())) {
        Some(name) => {
            let path = tfplugin::Path::from(Detector::FEATURES).then(Step::Key(name.clone()));
            failure.pointing_to(path).detail(format!("{region} may not offer {name}: leave it out there."))
        }
        None => failure,
    }
}

/// Completes what CreateDetector left open, and fills in the values that are known now.
async fn finish(
    aws: &Aws,
    made: Detector,
    answer: Option<&CreateDetectorOutput>,
    switch_off_unlisted: bool,
) -> Result<Detector> {
    let (region, id) = (made.region.as_str(), made.id.as_str());
    let found = read_new(aws, &made).await?;
    if switch_off_unlisted {
        let features = features_of(&found);
        warn_of_absent(&made, &features);
        let _turn = aws.detector_turn(region, id).await;
        aws.update_detector(region, id, Change { features: made.unlisted_on(&features), ..Change::default() }).await?;
    }
    answer.map_or(Ok(()), |answer| tell_unprocessed(&made, answer))?;
    // A read right after a write may still return the previous values, so the requested values are kept.
    let (features, datasources) = (made.features.clone(), made.datasources.clone());
    Ok(Detector { features, datasources, ..made.filled(aws, &found).await? })
}

/// Returns the detector that was just created, as soon as it can be read.
async fn read_new(aws: &Aws, made: &Detector) -> Result<Arc<GetDetectorOutput>> {
    let look = || async {
        let found = aws.detector(made.region.as_str(), made.id.as_str()).await?;
        Ok(found.map_or_else(|| Look::Pending("it can't be read yet".to_owned()), Look::Ready))
    };
    aws.wait(Limit::new(READ_WAIT), &made.subject(), look).await
}

/// Reports that a successful answer did not set Malware Protection, which is an error if it is listed.
fn tell_unprocessed(made: &Detector, answer: &CreateDetectorOutput) -> Result<()> {
    let volumes = answer.unprocessed_data_sources().and_then(|all| {
        let scan = all.malware_protection()?.scan_ec2_instance_with_findings()?;
        scan.ebs_volumes()?.reason().map(str::to_owned)
    });
    let Some(reason) = volumes else { return Ok(()) };
    let summary = "GuardDuty did not set EBS_MALWARE_PROTECTION";
    if made.settings().contains_key("EBS_MALWARE_PROTECTION") {
        return Err(Failure::at(Detector::FEATURES, summary).detail(reason));
    }
    warn(Diagnostic::warning(summary).at(Detector::FEATURES).detail(reason));
    Ok(())
}

/// Changes the existing detector `id` to the planned one. If that fails, it is left in its current state and not
/// recorded as ours. The next apply adopts it again.
async fn adopt(aws: &Aws, id: String, planned: &Detector, mark: &Mark) -> Result<Option<Detector>> {
    let (planned, mark) = (Detector { id: id.clone().into(), ..planned.clone() }, mark.clone());
    let region = planned.region.as_str();
    let _turn = aws.detector_turn(region, &id).await;
    let Some(found) = aws.detector(region, &id).await? else { return Ok(None) };
    let owners = Owners::of(found.tags().into_iter().flatten(), "");
    if aws.is_leaving(&Held(&planned).key(), &owners) {
        return Ok(None);
    }
    let owners = aws.settled_owners(&Held(&planned).key(), owners);
    let as_found = planned.clone().filled(aws, &found).await?;
    if !owners.is_empty() && differences(&planned, &as_found).is_empty() {
        admitted(aws, &planned, &found, &owners, &mark).await?;
        let arn = planned.place(aws).await?.1;
        let hold = aws.put_mark(&Held(&planned), (region, arn.as_str()), mark, Detector::TYPE_NAME).await?;
        let adopted = planned.filled(aws, &found).await?;
        return Ok(Some(Detector { owner: hold.kept(), ..adopted }));
    }
    let has = features_of(&found);
    let off = match planned.unlisted_features {
        UnlistedFeatures::Disable => planned.unlisted_on(&has),
        UnlistedFeatures::Ignore => Settings::new(),
    };
    // One of the two Runtime Monitoring features must be off before the other is enabled.
    let (mut first, mut features): (Settings, Settings) = off.into_iter().partition(|(name, _)| rival(name).is_some());
    first.retain(|name, setting| check_held(name, setting, &found, Detector::FEATURES.into()).is_none());
    // Features that other resources manage are theirs: an unlisted one stays, a listed one must agree with them.
    features.retain(|name, setting| check_held(name, setting, &found, Detector::FEATURES.into()).is_none());
    features.extend(planned.settings());
    features.retain(|name, setting| !setting.is_met(has.get(name)));
    let held = features.iter().filter_map(|(name, own)| check_held(name, own, &found, Detector::FEATURES.into()));
    Failure::all(held.map(Failure::from))?;
    let is_enabled = found.status().is_some_and(|status| status.as_str() == "ENABLED");
    let frequency = planned.finding_publishing_frequency.get().map(name);
    let change = Change {
        enable: (planned.enable != is_enabled).then_some(planned.enable),
        frequency: frequency.filter(|wanted| {
            found.finding_publishing_frequency().map(FindingPublishingFrequency::as_str) != Some(wanted)
        }),
        features,
    };
    aws.update_detector(region, &id, Change { features: first, ..Change::default() }).await?;
    aws.update_detector(region, &id, change.clone()).await?;
    let (_, before) = aws.tag_rules().split(found.tags(), None);
    let (frequency, features, tags) = (change.frequency, planned.features.clone(), planned.tags.clone());
    let datasources = planned.datasources.clone();
    let (enable, tags_all) = (planned.enable, planned.tags_all.clone());
    let mut adopted = planned.filled(aws, &found).await?;
    let (region, arn) = (adopted.region.as_str(), adopted.arn.as_str());
    aws.retag(region, arn, &before, &tags_all).await?;
    aws.tag_guardduty(region, arn, &mark.key(""), Detector::TYPE_NAME).await?;
    aws.note_marked(&Held(&adopted).key(), &mark);
    // Former owners no longer hold it.
    for former in owners.marks() {
        aws.remove_mark(region, arn, former).await?;
    }
    adopted.owner = Hold::by(mark).into();
    if let Some(frequency) = frequency.as_deref().and_then(super::Frequency::parse) {
        adopted.finding_publishing_frequency = frequency.into();
    }
    Ok(Some(Detector { enable, features, datasources, tags, tags_all, ..adopted }))
}

/// Warns about unlisted features that this region does not support.
fn warn_of_absent(made: &Detector, found: &BTreeMap<String, Found>) {
    let unlisted = made.unlisted_off();
    let absent: Vec<_> = unlisted.into_keys().filter(|name| !found.contains_key(name)).collect();
    if !absent.is_empty() {
        let region = made.region.as_str();
        let warning = Diagnostic::warning(format!("{region} does not offer {}", absent.join(", ")));
        warn(warning.at(Detector::UNLISTED_FEATURES).detail("There was nothing to switch off. All others are off."));
    }
}

impl Detector {
    /// Returns the unlisted features that CreateDetector must name so that they are off: all of them, except a Runtime
    /// Monitoring feature whose rival is listed, and RUNTIME_MONITORING, which is off unless it is requested.
    fn unlisted_off(&self) -> Settings {
        if self.unlisted_features == UnlistedFeatures::Ignore {
            return Settings::new();
        }
        let listed = self.settings();
        let named = FEATURES.iter().filter(|feature| {
            let beside_rival = rival(feature.name).is_some_and(|rival| listed.contains_key(rival));
            !listed.contains_key(feature.name) && !beside_rival && feature.name != "RUNTIME_MONITORING"
        });
        named.map(|feature| (feature.name.to_owned(), Setting::default())).collect()
    }

    /// Returns the unlisted features that are on, as settings that disable them. Features that a policy of the
    /// organization controls are left out.
    fn unlisted_on(&self, found: &BTreeMap<String, Found>) -> Settings {
        let listed = self.settings();
        let on = found.iter().filter(|(name, found)| {
            found.setting.enabled && !found.is_managed && !listed.contains_key(*name) && find(name).is_some()
        });
        on.map(|(name, _)| (name.clone(), Setting::default())).collect()
    }
}
