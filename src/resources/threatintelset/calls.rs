//! What GuardDuty is told of a threat list, and what it tells.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use aws_sdk_guardduty::error::SdkError;
use aws_sdk_guardduty::operation::create_threat_intel_set::{CreateThreatIntelSetError, CreateThreatIntelSetOutput};
use aws_sdk_guardduty::operation::get_threat_intel_set::GetThreatIntelSetOutput;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::wait::{Limit, Look};
use tfplugin::{Failure, Resource, Result, differences};

use super::super::lists::{self, Addresses, Format, Location, Seen, Source, Upload};
use super::{KEYS, Threatintelset};
use crate::aws::concurrent::each;
use crate::aws::error::{explain, is_already_there, is_unanswered};
use crate::aws::objects::Head;
use crate::aws::owners::{Admission, KnownBy, Thing};
use crate::aws::{Aws, Explain, Hold, LATE_READ, Mark, Owners, SETTLING, Subject};
use crate::kit::import::take_over;

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

    /// The mark of the instance that uploaded the object.
    pub(super) fn object_mark(&self) -> Option<Mark> {
        self.object_owner.get().map(|mark| Mark::read(mark))
    }

    /// The whole id of the list with this id in its detector.
    pub(super) fn id_of(&self, set_id: &str) -> String {
        format!("{}:{set_id}", self.detector_id)
    }

    /// CreateThreatIntelSet.
    pub(super) async fn send_create(
        &self,
        aws: &Aws,
        mark: &Mark,
    ) -> Result<CreateThreatIntelSetOutput, SdkError<CreateThreatIntelSetError, HttpResponse>> {
        let tags = aws.tag_rules().of_new(self.tags.as_ref(), mark, Self::TYPE_NAME);
        aws.guardduty(self.region.as_str())
            .create_threat_intel_set()
            .detector_id(&self.detector_id)
            .name(&self.name)
            .format(self.format.as_str().into())
            .location(&self.source().location.0)
            .activate(self.activate)
            .set_expected_bucket_owner(self.expected_bucket_owner.clone())
            .set_tags(Some(tags.into_iter().collect()))
            .send()
            .await
    }

    /// The list after its create was not answered, or refused since it exists: it may have been created by this very
    /// call, or be one that this instance may hold too.
    pub(super) async fn settle<E>(&self, aws: &Aws, mark: Mark, error: &SdkError<E, HttpResponse>) -> Result<Self>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failure = explain(error, "create", &self.subject());
        if !is_already_there(error) && !is_unanswered(error) {
            return Err(failure);
        }
        // A read may not know yet what was written just before it.
        let look = || async {
            Ok(self
                .find_by_name(aws)
                .await?
                .map_or_else(|| Look::Pending("it can't be read yet".to_owned()), Look::Ready))
        };
        let Ok((id, seen)) = aws.wait(Limit::new(SETTLING), &self.subject(), look).await else { return Err(failure) };
        let (entries, etag) = (self.entries.clone(), self.object_etag.get().cloned());
        self.clone().admitted(aws, mark, (id, seen), entries, etag).await
    }

    /// The list that another instance holds and whose object is the one that was to be uploaded.
    pub(super) async fn join_by_object(self, aws: &Aws, mark: Mark, head: &Head) -> Result<Self> {
        let source = self.source();
        let (Some((object, _)), Some(owner)) = (&source.upload, &head.owner) else { return Err(taken(&source, head)) };
        let existing = self.find_by_name(aws).await?;
        let Some(existing) =
            existing.filter(|(_, seen)| Location(seen.location.clone()).object().as_ref() == Some(object))
        else {
            return Err(taken(&source, head));
        };
        let entries = aws.get_object(self.region.as_str(), object).await?.map(|text| Addresses::parse(&text));
        let entries = match (entries, &self.entries) {
            (Some(found), Some(own)) if found.renders_like(own) => Some(own.clone()),
            (found, _) => found,
        };
        let object_owner = owner.as_str().to_owned().into();
        let list = Threatintelset { object_owner, location: source.location.clone().into(), ..self };
        list.admitted(aws, mark, existing, entries, Some(head.etag.clone())).await
    }

    /// The list as one that this instance holds, too, if it may.
    async fn admitted(
        self,
        aws: &Aws,
        mark: Mark,
        (id, seen): (String, Seen),
        entries: Option<Addresses>,
        etag: Option<String>,
    ) -> Result<Self> {
        let owners = Owners::of(seen.tags.iter().flatten(), "");
        let planned = Threatintelset { id: id.clone().into(), object_etag: etag.clone().into(), ..self };
        let found = planned.clone().filled(aws, seen, entries, etag).await?;
        let advice = || take_over(aws, Self::TYPE_NAME, &id, planned.region.as_str());
        let differences = differences(&planned, &found);
        let hold = match aws.admit(&planned.subject(), &owners, &mark, &differences, advice)? {
            Admission::Created => Hold::by(mark),
            Admission::Joined | Admission::Resumed => {
                let place = (planned.region.as_str(), found.arn.as_str());
                aws.put_mark(&Held(&planned), place, mark, Self::TYPE_NAME).await?
            }
        };
        Ok(Threatintelset { owner: hold.kept(), ..planned })
    }

    /// Whether a list of this name was being deleted; if so, waits until it is gone.
    pub(super) async fn namesake_goes(&self, aws: &Aws, limit: Limit) -> Result<bool> {
        let going = self.all(aws).await?.into_iter().find(|(_, seen)| seen.name == self.name && seen.is_going());
        let Some((id, _)) = going else { return Ok(false) };
        let namesake = Threatintelset { id: id.into(), ..self.clone() };
        lists::settled(aws, limit, &self.subject(), || namesake.look(aws)).await.map(|_| true)
    }

    /// The list of this name, with its whole id; `None` if there is none.
    async fn find_by_name(&self, aws: &Aws) -> Result<Option<(String, Seen)>> {
        let all = self.all(aws).await?;
        Ok(all.into_iter().find(|(_, seen)| seen.name == self.name && !seen.is_gone()))
    }

    /// All lists of the detector, with their whole ids.
    async fn all(&self, aws: &Aws) -> Result<Vec<(String, Seen)>> {
        let client = aws.guardduty(self.region.as_str());
        let pages = client.list_threat_intel_sets().detector_id(&self.detector_id).into_paginator().items().send();
        let ids = pages.collect::<Result<Vec<_>, _>>().await.or_fail("look for", &self.subject())?;
        let found = each(ids, async |set_id| {
            let id = self.id_of(&set_id);
            let list = Threatintelset { id: id.clone().into(), ..self.clone() };
            Ok(list.look(aws).await?.map(|seen| (id, seen)))
        });
        let found = found.await.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// GetThreatIntelSet; `None` if there is no such list.
    pub(super) async fn look(&self, aws: &Aws) -> Result<Option<Seen>> {
        let request = aws.guardduty(self.region.as_str()).get_threat_intel_set();
        let request = request.detector_id(&self.detector_id).threat_intel_set_id(self.set_id());
        let found = request.send().await.if_found("read", &self.subject())?;
        Ok(found.map(Seen::from))
    }

    /// Uploads the entries of `planned` if its object is not as it shall be, as the instance with the mark `own`. An
    /// object of this list that another tool has changed is put back.
    pub(super) async fn upload(&self, aws: &Aws, planned: &Self, own: Option<&Mark>) -> Result<Upload> {
        let (before, source) = (self.source(), planned.source());
        let (Some(own), true) = (own, before.must_upload(&source)) else { return Ok(Upload::Nothing) };
        let object = |source: &Source| source.upload.as_ref().map(|(object, _)| object.clone());
        let is_same = object(&before) == object(&source);
        let former = self.object_mark();
        // An import takes over what it finds, the file too.
        let held = self.owner.get().map(|hold| hold.marks().to_vec()).unwrap_or_default();
        let is_held = |head: &Head| head.owner.as_ref().is_some_and(|owner| held.contains(owner));
        let is_former = |head: &Head| is_same && (head.owner.is_none() || head.owner == former);
        let may_replace = |head: &Head| planned.overwrite || is_former(head) || is_held(head);
        match source.put(aws, self.region.as_str(), own, may_replace).await? {
            Upload::Refused(head) => Err(taken(&source, &head)),
            upload => Ok(upload),
        }
    }

    /// Changes the list to what is planned. After a refusal it still has its former file, and nobody needs one that was
    /// newly `uploaded` by the instance with that mark.
    pub(super) async fn change(&self, aws: &Aws, planned: &Self, uploaded: Option<&Mark>) -> Result<()> {
        let Err(failure) = self.send_changes(aws, planned).await else { return Ok(()) };
        let source = planned.source();
        let former = self.source();
        let (Some(object), Some(_)) = (source.abandoned_by(&former), uploaded) else { return Err(failure) };
        match self.look(aws).await {
            Ok(Some(seen)) if seen.location != source.location.0 => {
                let left = lists::remove(aws, self.region.as_str(), object, uploaded).await.err();
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

    /// The list, which was just created, once its status lasts. Whatever happens here, the state keeps it.
    pub(super) async fn appeared(self, aws: &Aws, limit: Limit) -> Result<Self> {
        match lists::appeared(aws, limit, &self.subject(), || self.look(aws)).await {
            Ok(seen) => self.with(aws, seen).await,
            Err(failure) => Err(failure.reached(&self)),
        }
    }

    /// The list, which was changed, once its status lasts.
    pub(super) async fn settled(self, aws: &Aws, limit: Limit, is_reloaded: bool) -> Result<Self> {
        // A read may not know the change yet: the name, whether it is in use, and of a file that is loaded again nothing.
        let (started, looks) = (Instant::now(), AtomicUsize::new(0));
        let is_seen = |seen: &Seen| {
            let is_first = looks.fetch_add(1, Ordering::Relaxed) == 0;
            let is_told = seen.name == self.name && (seen.is_on() == self.activate || seen.is_broken());
            is_told && !(is_first && is_reloaded) || started.elapsed() > LATE_READ
        };
        let look = || async {
            Ok(match self.look(aws).await? {
                Some(seen) if !seen.is_gone() && !seen.is_passing() && !is_seen(&seen) => {
                    Look::Pending("its change can't be read yet".to_owned())
                }
                Some(seen) if seen.is_passing() => Look::Pending(format!("its status is {}", seen.status)),
                other => Look::Ready(other.filter(|seen| !seen.is_gone())),
            })
        };
        match aws.wait(limit, &self.subject(), look).await {
            Ok(Some(seen)) => self.with(aws, seen).await,
            Ok(None) => Err(self.subject().failure("read", "it was there a moment ago, and is gone")),
            Err(failure) => Err(failure.reached(&self)),
        }
    }

    /// As `seen`. It exists: the state keeps it even if GuardDuty could not load it.
    async fn with(self, aws: &Aws, seen: Seen) -> Result<Self> {
        let subject = self.subject();
        let (broken, kept) = (seen.is_broken(), self.clone());
        let (entries, etag) = (self.entries.clone(), self.object_etag.get().cloned());
        let filled = self.filled(aws, seen, entries, etag).await.map_err(|failure| failure.reached(&kept))?;
        // Tags and marks were just put on it, and may be read late.
        let Threatintelset { tags, tags_all, owner, .. } = kept;
        let filled = Threatintelset { tags, tags_all, owner, ..filled };
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
        let arn = aws.shown_arn(region, self.arn.get(), &resource).await?;
        let (tags, tags_all) = aws.tag_rules().split(seen.tags.as_ref(), self.tags.as_ref());
        let hold = self.owner.clone().into_option().unwrap_or_default();
        let owners = Owners::of(seen.tags.iter().flatten(), "");
        let hold = hold.seen(&owners, &self.subject(), self.arn.get().is_none());
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
            owner: hold.kept(),
            object_owner: self.object_owner.clone().into_option().into(),
            tags,
            tags_all,
            ..self
        })
    }
}

/// The refusal of the object that was to be uploaded.
fn taken(source: &Source, head: &Head) -> Failure {
    match &source.upload {
        Some((object, _)) => lists::taken(&KEYS, object, head),
        None => Failure::new("there is nothing to upload"),
    }
}

/// The list as a thing that instances hold.
pub(super) struct Held<'a>(pub &'a Threatintelset);

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Id;

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    fn key(&self) -> String {
        format!("{}/{}/list/{}", self.0.region.as_str(), self.0.detector_id, self.0.name)
    }

    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let seen = self.0.look(aws).await?.filter(|seen| !seen.is_gone());
        let owners = seen.map(|seen| Owners::of(seen.tags.iter().flatten(), ""));
        // Without the list there may still be its file.
        Ok(owners.or_else(|| self.0.object_mark().map(|_| Owners::default())))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        aws.remove_mark(self.0.region.as_str(), self.0.arn.as_str(), mark).await
    }

    /// The file first: as long as the list exists, a failure here is not forgotten.
    async fn delete(&self, aws: &Aws) -> Result<()> {
        let list = self.0;
        let limit = Limit::new(list.timeouts.as_ref().and_then(|limits| limits.delete).unwrap_or(lists::LIST_WAIT));
        let gone = lists::settled(aws, limit, &list.subject(), || list.look(aws)).await?.is_none();
        list.source().remove(aws, list.region.as_str(), list.object_mark().as_ref()).await?;
        if gone {
            return Ok(());
        }
        aws.guardduty(list.region.as_str())
            .delete_threat_intel_set()
            .detector_id(&list.detector_id)
            .threat_intel_set_id(list.set_id())
            .send()
            .await
            .if_found("delete", &list.subject())?;
        lists::settled(aws, limit, &list.subject(), || list.look(aws)).await.map(|_| ())
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
