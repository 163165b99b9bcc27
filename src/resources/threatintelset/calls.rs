//! What GuardDuty is told of a threat list, and what it tells.

use aws_sdk_guardduty::operation::get_threat_intel_set::GetThreatIntelSetOutput;
use tfplugin::wait::Limit;
use tfplugin::{Failure, Result};

use super::super::lists::{self, Addresses, Format, Location, Seen, Source};
use super::Threatintelset;
use crate::aws::{Aws, Explain, Subject};

impl Threatintelset {
    /// What it is called in messages.
    pub(super) fn subject(&self) -> Subject {
        let place = format!("detector {}, {}", self.detector_id, self.region.as_str());
        Subject::new(format!("GuardDuty threat list {:?}", self.name), place)
    }

    /// The list's own id, without the detector.
    pub(super) fn set_id(&self) -> &str {
        self.id.as_str().rsplit(':').next().unwrap_or_default()
    }

    /// Where its entries come from.
    pub(super) fn source(&self) -> Source {
        let upload = (self.entries.as_ref(), self.bucket.as_ref(), self.key.as_ref());
        Source::new(&self.location, self.content_hash.as_ref(), upload, self.object_etag.get())
    }

    /// GetThreatIntelSet; `None` if there is no such list.
    pub(super) async fn look(&self, aws: &Aws) -> Result<Option<Seen>> {
        let request = aws.guardduty(self.region.as_str()).get_threat_intel_set();
        let request = request.detector_id(&self.detector_id).threat_intel_set_id(self.set_id());
        let found = request.send().await.if_found("read", &self.subject())?;
        Ok(found.map(Seen::from))
    }

    /// Changes the list to what is planned. After a refusal it still has its former file, and nobody needs a new one.
    pub(super) async fn change(&self, aws: &Aws, planned: &Self) -> Result<()> {
        let Err(failure) = self.send_changes(aws, planned).await else { return Ok(()) };
        let source = planned.source();
        let former = self.source();
        let Some(uploaded) = source.abandoned_by(&former) else { return Err(failure) };
        match self.look(aws).await {
            Ok(Some(seen)) if seen.location != source.location.0 => {
                let left = aws.delete_object(self.region.as_str(), uploaded).await.err();
                Err(left.into_iter().fold(failure, Failure::and))
            }
            _ => Err(failure),
        }
    }

    /// UpdateThreatIntelSet with what differs; a file that differs is loaded again.
    async fn send_changes(&self, aws: &Aws, planned: &Self) -> Result<()> {
        let (before, source) = (self.source(), planned.source());
        let reload = planned.activate && before.differs_from(&source);
        let name = (self.name != planned.name).then(|| planned.name.clone());
        let location = (before.location != source.location).then_some(source.location.0);
        let owner = planned
            .expected_bucket_owner
            .clone()
            .filter(|_| self.expected_bucket_owner != planned.expected_bucket_owner);
        let activate = (reload || self.activate != planned.activate).then_some(planned.activate);
        if name.is_none() && location.is_none() && owner.is_none() && activate.is_none() {
            return Ok(());
        }
        aws.guardduty(self.region.as_str())
            .update_threat_intel_set()
            .detector_id(&self.detector_id)
            .threat_intel_set_id(self.set_id())
            .set_name(name)
            .set_location(location)
            .set_expected_bucket_owner(owner)
            .set_activate(activate)
            .send()
            .await
            .or_fail("update", &planned.subject())
            .map(|_| ())
    }

    /// The list once its status lasts. It exists: whatever happens here, the state keeps it.
    pub(super) async fn settled(self, aws: &Aws, limit: Limit) -> Result<Self> {
        let subject = self.subject();
        let seen = match lists::settled(aws, limit, &subject, || self.look(aws)).await {
            Ok(Some(seen)) => seen,
            Ok(None) => return Err(subject.failure("read", "it was there a moment ago, and is gone")),
            Err(failure) => return Err(failure.reached(&self)),
        };
        let (broken, kept) = (seen.is_broken(), self.clone());
        let (entries, etag) = (self.entries.clone(), self.object_etag.get().cloned());
        let filled = self.filled(aws, seen, entries, etag).await.map_err(|failure| failure.reached(&kept))?;
        if broken {
            return Err(lists::broken(&subject, filled.error_details.get().map(String::as_str)).reached(&filled));
        }
        Ok(filled)
    }

    /// The list as the service has it, with `entries` and `etag` of the uploaded object.
    pub(super) async fn filled(
        self,
        aws: &Aws,
        seen: Seen,
        entries: Option<Addresses>,
        etag: Option<String>,
    ) -> Result<Self> {
        let region = self.region.as_str();
        let resource = format!("detector/{}/threatintelset/{}", self.detector_id, self.set_id());
        let arn = aws.account(region).await?.arn("guardduty", region, &resource);
        let (tags, tags_all) = aws.tag_rules().split(seen.tags.as_ref(), self.tags.as_ref());
        let known_details = self.error_details.get().filter(|_| self.status.as_str() == seen.status).cloned();
        let error_details = match known_details {
            Some(details) => Some(details),
            None => seen.error_details(aws, region).await,
        };
        Ok(Threatintelset {
            format: Format::parse(&seen.format).unwrap_or(self.format),
            activate: seen.is_on(),
            location: Location(seen.location).into(),
            entries,
            object_etag: etag.into(),
            expected_bucket_owner: seen.expected_bucket_owner,
            error_details: error_details.into(),
            status: seen.status.into(),
            name: seen.name,
            arn: arn.into(),
            tags,
            tags_all,
            ..self
        })
    }
}

impl From<GetThreatIntelSetOutput> for Seen {
    fn from(found: GetThreatIntelSetOutput) -> Self {
        Seen {
            name: found.name.unwrap_or_default(),
            format: found.format.map(|format| format.as_str().to_owned()).unwrap_or_default(),
            location: found.location.unwrap_or_default(),
            status: found.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            expected_bucket_owner: found.expected_bucket_owner,
            tags: found.tags,
            error: None,
        }
    }
}
