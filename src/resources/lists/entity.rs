//! A kind of list as an object with a key. The file is uploaded before the list is created, and the list is loaded
//! after that.

use std::collections::HashMap;
use std::time::Duration;

use tfplugin::wait::{Limit, Look};
use tfplugin::{Claim, Diagnostic, Failure, Flattens, Plan, Result, View};

use super::source::{Upload, remove, taken};
use super::{
    Addresses, Change, DELETED, Format, LIST_WAIT, List, ListId, ListKind, Location, Seen, Source, broken, planning,
};
use crate::aws::concurrent::each;
use crate::aws::objects::Head;
use crate::aws::owners::KnownBy;
use crate::aws::{Aws, LATE_READ, Mark, Tags, tidying};
use crate::kit::{
    Call, CallError, Common, Cx, Entity, Outcome, Progress, Remote, Settled, if_found, is_leaving, settled,
};

/// A list with its file.
pub struct Found {
    seen: Seen,
    error_details: Option<String>,
    /// Entries and ETag of the uploaded file, or `None` if it was not read.
    file: Option<(Option<Addresses>, Option<String>)>,
}

impl Found {
    /// Creates the result of a read that did not include the file.
    fn of(seen: Seen) -> Self {
        Found { seen, error_details: None, file: None }
    }
}

impl Remote for Found {
    fn tags(&self) -> Option<&HashMap<String, String>> {
        self.seen.tags.as_ref()
    }
}

impl<L: ListKind> Entity for L {
    const TYPE_NAME: &'static str = L::TYPE_NAME;
    const NOUN: &'static str = L::NOUN;
    const KNOWN_BY: KnownBy = KnownBy::Id;
    const MOVES_FROM_AWS: bool = L::MOVES_FROM_AWS;
    type Remote = Found;

    fn named(key: L::Key, common: Common) -> Self {
        let mut named = L::default();
        named.list_mut().detector_id = key.to_string().split(':').next().unwrap_or_default().to_owned();
        *Flattens::<Common>::part_mut(&mut named) = common;
        named
    }

    fn resource(&self) -> String {
        let id = self.key().to_string();
        format!("detector/{}/{}/{}", self.list().detector_id, L::RESOURCE, list_id(&id).id)
    }

    fn known_as(&self) -> String {
        format!("{}/{}", self.list().detector_id, self.list().name)
    }

    /// Claims the file, the name, and the detector if it can have only one such list.
    fn claims(config: &View<Self>, region: String) -> Vec<Claim> {
        let config = config.part::<List>();
        let object = config.get(List::BUCKET).known().zip(config.get(List::KEY).known());
        let object = object.map(|(bucket, key)| (format!("a list in the object s3://{bucket}/{key}"), List::KEY));
        let name = config.get(List::DETECTOR_ID).known().zip(config.get(List::NAME).known());
        let name = name
            .map(|(detector, name)| (format!("{} {name:?} of detector {detector} in {region}", L::NOUN), List::NAME));
        let only = config.get(List::DETECTOR_ID).known().filter(|_| L::IS_SINGLE);
        let only = only.map(|detector| (format!("the {} of detector {detector} in {region}", L::NOUN), List::NAME));
        object.into_iter().chain(only).chain(name).map(|(what, at)| Claim::new(what, at)).collect()
    }

    fn parse(id: &str) -> Option<L::Key> {
        let (detector, id) = id.split_once([':', '/'])?;
        (!detector.is_empty() && !id.is_empty()).then(|| whole_id(detector, id))
    }

    fn form() -> String {
        "DETECTOR:ID".to_owned()
    }

    fn limit(&self, prior: Option<&Self>) -> Duration {
        let limits = self.list().timeouts.as_ref();
        let own = limits.and_then(|limits| if prior.is_none() { limits.create } else { limits.update });
        own.unwrap_or(LIST_WAIT)
    }

    fn settled(&self, cx: &Cx<'_>, remote: &Found, progress: &Progress<'_, Self>) -> Settled {
        let (list, seen) = (self.list(), &remote.seen);
        // A read may not yet reflect the change: the name, whether the list is active, and nothing of a file that is
        // reloaded.
        let is_told = |prior: &Self| {
            let is_reloaded = prior.list().source().differs_from(&list.source());
            let is_as_wanted = seen.name == list.name && (seen.is_on() == list.activate || seen.is_broken());
            is_as_wanted && !(is_reloaded && progress.looks == 0) || progress.started.elapsed() > LATE_READ
        };
        match progress.prior {
            None if seen.is_gone() => Settled::Pending("it can't be read yet".to_owned()),
            Some(_) if seen.is_gone() => Settled::Broken(
                cx.subject.failure("read", "it was updated, but could not be found immediately afterwards"),
            ),
            _ if seen.is_passing() => Settled::Pending(format!("its status is {}", seen.status)),
            Some(prior) if !is_told(prior) => Settled::Pending("its change can't be read yet".to_owned()),
            _ if seen.is_broken() => Settled::Broken(broken(cx.subject, remote.error_details.as_deref())),
            _ => Settled::Yes,
        }
    }

    fn name(&self) -> String {
        self.list().name.clone()
    }

    fn detector(&self) -> Option<String> {
        Some(self.list().detector_id.clone())
    }

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        planning::check(&config.part(), L::MAX_ENTRIES)
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        let region = plan.get(Common::REGION.within()).known();
        planning::plan(aws, &mut plan.part(), region).await
    }

    async fn create(mut self, cx: &Cx<'_>, tags: HashMap<String, String>) -> Call<Self> {
        let (source, own) = (self.list().source(), own_mark(cx));
        if self.list().overwrite
            && source.upload.is_some()
            && by_name(&self, cx).await?.is_some_and(|(_, found)| !is_leaving(cx, &self, &found))
        {
            // The file of another list is not replaced for a list that cannot be created.
            let reason = "GuardDuty already has a list with this name";
            return Err(CallError::exists(cx.subject.failure("create", reason)));
        }
        let upload = source.put(cx.aws, cx.region, &own, |_| self.list().overwrite).await?;
        let (etag, is_new) = match upload {
            Upload::Nothing => (None, false),
            Upload::Written { etag, is_new } => (Some(etag), is_new),
            Upload::Refused(head) => return Err(refused(&self, cx, &source, &head).await),
        };
        let send = || L::create(cx, self.list(), &source.location.0, tags.clone());
        let mut sent = send().await;
        let is_taken = |error: &CallError| matches!(error.outcome(), Outcome::Exists | Outcome::Quota);
        if sent.as_ref().is_err_and(is_taken) && namesake_goes(&self, cx).await? {
            sent = send().await;
        }
        // If GuardDuty allows only one list, it may report the quota although a list with this name exists.
        if let Err(error) = &sent
            && error.outcome() == Outcome::Quota
            && by_name(&self, cx).await?.is_some()
        {
            sent = Err(CallError::exists(error.failure("create", cx.subject)));
        }
        match sent {
            Ok(id) => {
                let key = whole_id(&self.list().detector_id, &id);
                self.set_key(&key);
                let list = self.list_mut();
                list.object_owner = etag.as_ref().map(|_| own.as_str().to_owned()).into();
                (list.object_etag, list.location) = (etag.into(), source.location.into());
                Ok(self)
            }
            Err(error) if is_new => {
                // If the list exists, or was created without an answer, the file is needed.
                let may_exist = matches!(error.outcome(), Outcome::Exists | Outcome::Unanswered);
                if may_exist
                    && settled(cx, || async { has_file(&self, cx, &source).await.then_some(()) }).await.is_some()
                {
                    return Err(error);
                }
                match tidying(source.remove(cx.aws, cx.region, Some(&own))).await {
                    Ok(()) => Err(error),
                    Err(left) => Err(error.failure("create", cx.subject).and(left).into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn get(&self, cx: &Cx<'_>) -> Call<Found> {
        let list = self.list();
        let source = list.source();
        let (found, file) = tokio::join!(look(self, cx), source.refreshed(cx.aws, cx.region));
        let (entries, etag) = file?;
        match found {
            // The list was deleted outside this resource. The file that was uploaded for it is deleted with the state.
            Err(error) if error.outcome() == Outcome::Gone && etag.is_some() && list.object_mark().is_some() => {
                Ok(only_the_file(self))
            }
            found => Ok(Found { file: Some((entries, etag)), ..found? }),
        }
    }

    async fn look(&self, cx: &Cx<'_>) -> Call<Found> {
        match look(self, cx).await {
            Err(error) if error.outcome() == Outcome::Gone && self.list().object_mark().is_some() => {
                Ok(only_the_file(self))
            }
            found => found,
        }
    }

    /// Returns the list with this name, and the file in place of this list's file.
    async fn find(&self, cx: &Cx<'_>) -> Call<(Self, Found)> {
        let Some((key, mut remote)) = by_name(self, cx).await? else { return Err(CallError::gone()) };
        let (mut found, source) = (self.clone(), self.list().source());
        found.set_key(&key);
        let list = found.list_mut();
        list.location = source.location.into();
        let Some((object, own)) = source.upload else { return Ok((found, remote)) };
        let head = cx.aws.head_object(cx.region, &object).await?;
        let is_own = head.as_ref().is_some_and(|head| head.owner.as_ref() == cx.mark);
        let entries = match is_own {
            true => Some(own),
            false => {
                let text = cx.aws.get_object(cx.region, &object).await?;
                text.map(|text| Addresses::parse(&text)).map(|found| if found.renders_like(&own) { own } else { found })
            }
        };
        let (etag, owner) = head.map(|head| (head.etag, head.owner)).unzip();
        list.object_etag = etag.clone().into();
        list.object_owner = owner.flatten().map(|mark| mark.as_str().to_owned()).into();
        remote.file = Some((entries, etag));
        Ok((found, remote))
    }

    fn found(mut self, remote: &Found) -> Self {
        let (list, seen) = (self.list_mut(), &remote.seen);
        list.status = seen.status.clone().into();
        if seen.status == DELETED {
            return self;
        }
        list.name.clone_from(&seen.name);
        list.format = Format::parse(&seen.format).unwrap_or(list.format);
        list.activate = seen.is_on();
        list.location = Location(seen.location.clone()).into();
        list.expected_bucket_owner.clone_from(&seen.expected_bucket_owner);
        list.error_details = remote.error_details.clone().into();
        let file = remote.file.clone();
        let (entries, etag) = file.unwrap_or_else(|| (list.entries.clone(), list.object_etag.get().cloned()));
        (list.entries, list.object_etag) = (entries, etag.into());
        list.object_owner = list.object_owner.clone().into_option().into();
        self
    }

    async fn update(mut self, cx: &Cx<'_>, prior: &Self) -> Call<Self> {
        let (before, source) = (prior.list().source(), self.list().source());
        // GuardDuty accepts no changes of a list while it loads it.
        lasts(prior, cx, Limit::new(self.limit(Some(prior)))).await?;
        let uploaded = upload(prior, &self, cx).await?;
        let is_new = matches!(uploaded, Upload::Written { is_new: true, .. });
        change(prior, &self, cx, is_new).await?;
        let own = own_mark(cx);
        let (etag, owner) = match uploaded {
            Upload::Written { etag, .. } => (Some(etag), Some(own.as_str().to_owned())),
            _ if source.upload.is_some() => (before.etag.clone(), prior.list().object_owner.get().cloned()),
            _ => (None, None),
        };
        self.set_key(&prior.key());
        let list = self.list_mut();
        (list.object_etag, list.object_owner) = (etag.into(), owner.into());
        list.location = source.location.into();
        Ok(self)
    }

    /// Keeps a file that cannot be deleted in the state, so that the next apply deletes it.
    async fn tidy(&mut self, cx: &Cx<'_>, prior: &Self) -> Result<()> {
        let (before, former) = (prior.list().source(), prior.list().clone());
        let Some(object) = before.abandoned_by(&self.list().source()) else { return Ok(()) };
        let removed = tidying(remove(cx.aws, cx.region, object, former.object_mark().as_ref())).await;
        if removed.is_err() {
            let List { entries, bucket, key, object_etag, object_owner, content_hash, .. } = former;
            *self.list_mut() =
                List { entries, bucket, key, object_etag, object_owner, content_hash, ..self.list().clone() };
        }
        removed
    }

    /// Deletes the file first: as long as the list exists, a failure here is not forgotten.
    async fn delete(&self, cx: &Cx<'_>) -> Call<()> {
        let list = self.list();
        let limit = Limit::new(list.timeouts.as_ref().and_then(|limits| limits.delete).unwrap_or(LIST_WAIT));
        let is_there = lasts(self, cx, limit).await?;
        list.source().remove(cx.aws, cx.region, list.object_mark().as_ref()).await?;
        if !is_there {
            return Ok(());
        }
        L::delete(cx, list_id(&self.key().to_string())).await?;
        goes(self, cx, limit).await?;
        Ok(())
    }
}

/// Returns the attributes of the list.
trait HasList: Flattens<List> {
    fn list(&self) -> &List {
        self.part()
    }

    fn list_mut(&mut self) -> &mut List {
        self.part_mut()
    }
}

impl<L: ListKind> HasList for L {}

/// Splits a full ID into its two parts.
fn list_id(id: &str) -> ListId<'_> {
    let (detector, id) = id.split_once(':').unwrap_or_default();
    ListId { detector, id }
}

/// Returns the full ID of the list with this ID in its detector.
fn whole_id<K: From<String>>(detector: &str, id: &str) -> K {
    format!("{detector}:{id}").into()
}

/// Returns the mark of the instance that creates or changes the list.
fn own_mark(cx: &Cx<'_>) -> Mark {
    cx.mark.cloned().unwrap_or_default()
}

/// Reads the list without its file.
async fn look<L: ListKind>(list: &L, cx: &Cx<'_>) -> Call<Found> {
    let seen = L::get(cx, list_id(&list.key().to_string())).await?;
    if seen.is_gone() {
        return Err(CallError::gone());
    }
    // The reason is only determined once.
    let known = list.list().error_details.get().filter(|_| list.list().status.as_str() == seen.status).cloned();
    let error_details = match known {
        Some(details) => Some(details),
        None => seen.error_details(cx.aws, cx.region).await,
    };
    Ok(Found { seen, error_details, file: None })
}

/// Returns a list of which only the uploaded file is left.
fn only_the_file<L: ListKind>(list: &L) -> Found {
    let common: &Common = list.part();
    let tags = common.tags_all.get().into_iter().flat_map(Tags::given);
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Found::of(Seen { status: DELETED.to_owned(), tags: Some(tags), ..Seen::default() })
}

/// Waits until the status of the list is final, and returns whether the list exists.
async fn lasts<L: ListKind>(list: &L, cx: &Cx<'_>, limit: Limit) -> Result<bool> {
    let look = || async {
        let seen = L::get(cx, list_id(&list.key().to_string())).await;
        Ok(match if_found(seen, "read", cx.subject)? {
            Some(seen) if seen.is_passing() => Look::Pending(format!("its status is {}", seen.status)),
            seen => Look::Ready(seen.is_some_and(|seen| !seen.is_gone())),
        })
    };
    cx.aws.wait(limit, cx.subject, look).await
}

/// Waits until a deleted list is gone. A read may not reflect the deletion yet.
async fn goes<L: ListKind>(list: &L, cx: &Cx<'_>, limit: Limit) -> Result<()> {
    let look = || async {
        let seen = L::get(cx, list_id(&list.key().to_string())).await;
        Ok(match if_found(seen, "read", cx.subject)? {
            Some(seen) if seen.status != DELETED => Look::Pending(format!("its status is {}", seen.status)),
            _ => Look::Ready(()),
        })
    };
    cx.aws.wait(limit, cx.subject, look).await
}

/// Returns all lists of the detector, including lists that are being deleted.
async fn all<L: ListKind>(list: &L, cx: &Cx<'_>) -> Call<Vec<(L::Key, Seen)>> {
    let detector = &list.list().detector_id;
    let found = each(L::ids(cx, detector).await?, async |id: String| {
        let seen = L::get(cx, ListId { detector, id: &id }).await;
        Ok(if_found(seen, "read", cx.subject)?.map(|seen| (whole_id(detector, &id), seen)))
    });
    let found = found.await.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Returns the list with this name.
async fn by_name<L: ListKind>(list: &L, cx: &Cx<'_>) -> Call<Option<(L::Key, Found)>> {
    let name = &list.list().name;
    let found = all(list, cx).await?.into_iter().find(|(_, seen)| seen.name == *name && !seen.is_gone());
    Ok(found.map(|(key, seen)| (key, Found::of(seen))))
}

/// Returns whether a list with this name was being deleted, after waiting until it is gone.
async fn namesake_goes<L: ListKind>(list: &L, cx: &Cx<'_>) -> Call<bool> {
    let name = &list.list().name;
    let goes_away = |seen: &Seen| seen.is_going() || is_leaving(cx, list, &Found::of(seen.clone()));
    let going = all(list, cx).await?.into_iter().find(|(_, seen)| seen.name == *name && goes_away(seen));
    let Some((key, _)) = going else { return Ok(false) };
    let mut namesake = list.clone();
    namesake.set_key(&key);
    goes(&namesake, cx, Limit::new(list.limit(None))).await?;
    Ok(true)
}

/// Returns whether the list with this name has the file of `source`.
async fn has_file<L: ListKind>(list: &L, cx: &Cx<'_>, source: &Source) -> bool {
    let object = source.upload.as_ref().map(|(object, _)| object);
    let found = by_name(list, cx).await.ok().flatten();
    found.is_some_and(|(_, found)| Location(found.seen.location).object().as_ref() == object)
}

/// Returns the error for a file that already exists. Another instance may have uploaded it for the same list.
async fn refused<L: ListKind>(list: &L, cx: &Cx<'_>, source: &Source, head: &Head) -> CallError {
    let failure = match &source.upload {
        Some((object, _)) => taken(object, head),
        None => Failure::new("there is nothing to upload"),
    };
    let is_listed = || async { has_file(list, cx, source).await.then_some(()) };
    match head.owner.is_some() && settled(cx, is_listed).await.is_some() {
        true => CallError::exists(failure),
        false => failure.into(),
    }
}

/// Uploads the entries of `planned` if its file differs. A file of this list that was changed by another tool is
/// restored.
async fn upload<L: ListKind>(prior: &L, planned: &L, cx: &Cx<'_>) -> Result<Upload> {
    let (before, source) = (prior.list().source(), planned.list().source());
    let (Some(own), true) = (cx.mark, before.must_upload(&source)) else { return Ok(Upload::Nothing) };
    let object = |source: &Source| source.upload.as_ref().map(|(object, _)| object.clone());
    let is_same = object(&before) == object(&source);
    let former = prior.list().object_mark();
    // An import takes over what it finds, including the file.
    let common: &Common = prior.part();
    let held = common.owner.get().map(|hold| hold.marks().to_vec()).unwrap_or_default();
    let is_held = |head: &Head| head.owner.as_ref().is_some_and(|owner| held.contains(owner));
    let is_former = |head: &Head| is_same && (head.owner.is_none() || head.owner == former);
    let may_replace = |head: &Head| planned.list().overwrite || is_former(head) || is_held(head);
    match (source.put(cx.aws, cx.region, own, may_replace).await?, object(&source)) {
        (Upload::Refused(head), Some(object)) => Err(taken(&object, &head)),
        (upload, _) => Ok(upload),
    }
}

/// Changes the list as planned. After a refusal, the list still has its former file, so a newly uploaded one is
/// deleted.
async fn change<L: ListKind>(prior: &L, planned: &L, cx: &Cx<'_>, is_new: bool) -> Result<()> {
    let (before, source) = (prior.list().source(), planned.list().source());
    let Some(changes) = changes(prior.list(), planned.list()) else { return Ok(()) };
    let key = prior.key().to_string();
    let Err(error) = L::update(cx, list_id(&key), changes).await else { return Ok(()) };
    let failure = error.failure("update", cx.subject);
    let Some(object) = source.abandoned_by(&before).filter(|_| is_new) else { return Err(failure) };
    match L::get(cx, list_id(&key)).await {
        Ok(seen) if seen.location != source.location.0 => {
            let left = remove(cx.aws, cx.region, object, cx.mark).await.err();
            Err(left.into_iter().fold(failure, Failure::and))
        }
        _ => Err(failure),
    }
}

/// Returns the differences, or `None` if there are none. A file that differs is reloaded.
fn changes(prior: &List, planned: &List) -> Option<Change> {
    let (before, source) = (prior.source(), planned.source());
    let reload = planned.activate && before.differs_from(&source);
    let owner = planned.expected_bucket_owner.clone();
    let change = Change {
        name: (prior.name != planned.name).then(|| planned.name.clone()),
        location: (before.location != source.location).then_some(source.location.0),
        expected_bucket_owner: owner.filter(|_| prior.expected_bucket_owner != planned.expected_bucket_owner),
        activate: (reload || prior.activate != planned.activate).then_some(planned.activate),
    };
    (change != Change::default()).then_some(change)
}
