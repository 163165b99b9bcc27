//! `guardduty_threatintelset`: a list of addresses known to be hostile.
//!
//! It does not know how entries are checked, uploaded or waited for: `lists` does. What it says to GuardDuty beyond
//! create and delete is in `calls`.

mod calls;

use tfplugin::model::Single;
use tfplugin::wait::{Limit, Timeouts};
use tfplugin::{
    Computed, Diagnostic, Failure, Model, MoveSource, OptionalComputed, Plan, Resource, Result, View, validate,
};

use super::import::{import_id, import_parts};
use super::lists::{self, Addresses, Format, Keys, Location};
use super::moved::moved_from_aws;
use crate::aws::account::Account;
use crate::aws::error::explain;
use crate::aws::{Aws, Explain, Tags};

/// A list of IPv4 addresses and ranges that are known to be hostile: traffic and calls from or to them become findings.
///
/// The list is a file in S3. Either `location` names one that somebody else keeps, or the list is written here as
/// `entries`, and the provider uploads it to `bucket` and `key`, loads it again after each change, puts it back when
/// the object was changed or deleted by others, and deletes it with the list.
///
/// These lists act on findings from CloudTrail, VPC flow logs and DNS logs. They do not act on Runtime Monitoring: what
/// a Fargate task does is held against them only as far as flow logs and DNS logs show it. Only publicly routable
/// addresses count. An account has at most 6 such lists in a region, with at most 250,000 entries and 35 MB each; in
/// an organization only the administrator's account has them, and they act for all members.
///
/// GuardDuty loads a list in about 15, at most some 40 minutes, and the apply waits for it. Meanwhile it accepts no
/// change of the list. It reads the file with its service-linked role: a bucket policy or KMS key must not bar that.
///
/// An imported list has a `location`; where the configuration has `entries`, the next apply uploads them once.
#[derive(Model, Clone)]
pub struct Threatintelset {
    /// Detector that the list belongs to.
    #[attr(replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name, in at most 300 characters.
    #[attr(validate = validate::length(1..=300))]
    pub name: String,
    /// How the file is written. With `entries` it must be `TXT`.
    #[attr(replace)]
    pub format: Format,
    /// Whether the list is in use. One that is being loaded counts as in use, one that could not be loaded doesn't.
    pub activate: bool,
    /// URL of the file: `s3://BUCKET/KEY`, `https://s3.amazonaws.com/BUCKET/KEY` or
    /// `https://BUCKET.s3.REGION.amazonaws.com/KEY`, in at most 300 characters. The bucket must be in the detector's
    /// region. With `entries` it follows from `bucket` and `key`.
    #[attr(keep)]
    pub location: OptionalComputed<Location>,
    /// Any text that changes with the content of the file at `location`, such as `filemd5("list.txt")` or the ETag of
    /// the object: GuardDuty does not look at the file again by itself, and a change of this makes it do so.
    pub content_hash: Option<String>,
    /// Entries instead of a `location`: IPv4 addresses, and ranges such as `203.0.113.0/24`. At most 250,000; but the
    /// CLIs themselves take seconds for 20,000 and minutes for 100,000, so a list of that size is better kept as a file.
    pub entries: Option<Addresses>,
    /// Bucket that the entries are uploaded to, in the detector's region.
    #[attr(validate = validate::length(3..=63))]
    pub bucket: Option<String>,
    /// Key of the object that the entries are uploaded to. An object that is there already is overwritten.
    #[attr(validate = validate::length(1..=234))]
    pub key: Option<String>,
    /// Account that the bucket must belong to: GuardDuty refuses the file of another's. Once set it can be changed,
    /// but not taken away: that needs a new list.
    #[attr(validate = Account::check_id)]
    pub expected_bucket_owner: Option<String>,
    /// `INACTIVE`, `ACTIVATING`, `ACTIVE`, `DEACTIVATING` or `ERROR`.
    pub status: Computed<String>,
    /// What is wrong with a list whose status is `ERROR`. GuardDuty gives no reason for lists of this kind, so this is
    /// what the provider sees: the file is missing, too large or empty, or the first line of a `TXT` that is no entry.
    pub error_details: Computed<String>,
    /// ETag of the object that the provider uploaded; null after somebody else changed it.
    #[attr(keep)]
    pub object_etag: Computed<String>,
    /// Tags of the list.
    #[attr(absent = empty)]
    pub tags: Option<Tags>,
    /// All tags of the list, those of the provider's `default_tags` among them.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ARN of the list.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// `DETECTOR:ID`.
    #[attr(identity, keep)]
    pub id: Computed<String>,
    /// Region of the detector. By default the provider's.
    #[attr(identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// How long to wait for GuardDuty to load, unload or delete the list. By default 45 minutes each.
    #[attr(block)]
    pub timeouts: Single<Timeouts>,
}

const KEYS: Keys<Threatintelset> = Keys {
    location: Threatintelset::LOCATION,
    content_hash: Threatintelset::CONTENT_HASH,
    entries: Threatintelset::ENTRIES,
    bucket: Threatintelset::BUCKET,
    key: Threatintelset::KEY,
    object_etag: Threatintelset::OBJECT_ETAG,
    format: Threatintelset::FORMAT,
    region: Threatintelset::REGION,
    max_entries: 250_000,
};

impl Resource for Threatintelset {
    const TYPE_NAME: &'static str = "threatintelset";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        lists::check(config, &KEYS)
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        let had_owner = plan.prior().is_some_and(|prior| !prior.value(Self::EXPECTED_BUCKET_OWNER).is_null());
        if had_owner && plan.config().value(Self::EXPECTED_BUCKET_OWNER).is_null() {
            plan.replace(Self::EXPECTED_BUCKET_OWNER);
        }
        lists::plan(aws, plan, &KEYS).await
    }

    async fn create(aws: &Aws, list: Self) -> Result<Self> {
        let (region, source) = (list.region.as_str(), list.source());
        let etag = source.put(aws, region).await?;
        let created = aws
            .guardduty(region)
            .create_threat_intel_set()
            .detector_id(&list.detector_id)
            .name(&list.name)
            .format(list.format.as_str().into())
            .location(&source.location.0)
            .activate(list.activate)
            .set_expected_bucket_owner(list.expected_bucket_owner.clone())
            .set_tags(list.tags_all.get().and_then(Tags::to_api))
            .send()
            .await;
        let created = match created {
            Ok(created) => created,
            Err(error) => {
                // No answer does not mean that nothing was made: only after a refusal nobody needs the file.
                let refused = error.as_service_error().is_some();
                let failure = explain(&error, "create", &list.subject());
                return Err(match if refused { source.remove(aws, region).await } else { Ok(()) } {
                    Ok(()) => failure,
                    Err(left) => failure.and(left),
                });
            }
        };
        let id = format!("{}:{}", list.detector_id, created.threat_intel_set_id().unwrap_or_default());
        let limit = Limit::new(list.timeouts.as_ref().and_then(|limits| limits.create).unwrap_or(lists::LIST_WAIT));
        Threatintelset { id: id.into(), object_etag: etag.into(), location: source.location.into(), ..list }
            .settled(aws, limit)
            .await
    }

    async fn read(aws: &Aws, list: Self) -> Result<Option<Self>> {
        let (region, source) = (list.region.as_str().to_owned(), list.source());
        let (seen, object) = tokio::join!(list.look(aws), source.refreshed(aws, &region));
        let Some(seen) = seen?.filter(|seen| !seen.is_gone()) else { return Ok(None) };
        let (entries, etag) = object?;
        list.filled(aws, seen, entries, etag).await.map(Some)
    }

    async fn update(aws: &Aws, prior: Self, list: Self) -> Result<Self> {
        let region = prior.region.as_str();
        let limit = Limit::new(list.timeouts.as_ref().and_then(|limits| limits.update).unwrap_or(lists::LIST_WAIT));
        let (before, source) = (prior.source(), list.source());
        lists::settled(aws, limit, &list.subject(), || prior.look(aws)).await?;
        let uploaded = if before.must_upload(&source) { source.put(aws, region).await? } else { before.etag.clone() };
        prior.change(aws, &list).await?;
        let object_etag = uploaded.filter(|_| source.upload.is_some()).into();
        let list =
            Threatintelset { object_etag, location: source.location.clone().into(), id: prior.id.clone(), ..list };
        let retagged = aws.retag(region, prior.arn.as_str(), &prior.tags_all, &list.tags_all).await;
        let abandoned = match before.abandoned_by(&source) {
            Some(object) => aws.delete_object(region, object).await,
            None => Ok(()),
        };
        let failures = [retagged, abandoned].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        let list =
            list.settled(aws, limit).await.map_err(|failure| failures.iter().cloned().fold(failure, Failure::and))?;
        Failure::all(failures).map_err(|failure| failure.reached(&list))?;
        Ok(list)
    }

    async fn delete(aws: &Aws, list: Self) -> Result<()> {
        let limit = Limit::new(list.timeouts.as_ref().and_then(|limits| limits.delete).unwrap_or(lists::LIST_WAIT));
        let gone = lists::settled(aws, limit, &list.subject(), || list.look(aws)).await?.is_none();
        // The file first: as long as the list is there, a failure here is not forgotten.
        list.source().remove(aws, list.region.as_str()).await?;
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

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::ID)], identity.get(Self::REGION))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([detector_id, set_id], region) = import_parts(aws, id, "DETECTOR:ID").await?;
        let id = format!("{detector_id}:{set_id}").into();
        let list = Threatintelset {
            detector_id,
            name: String::new(),
            format: Format::Txt,
            activate: false,
            location: OptionalComputed::none(),
            content_hash: None,
            entries: None,
            bucket: None,
            key: None,
            expected_bucket_owner: None,
            status: Computed::none(),
            error_details: Computed::none(),
            object_etag: Computed::none(),
            tags: None,
            tags_all: Computed::none(),
            arn: Computed::none(),
            id,
            region: region.into(),
            timeouts: Single::default(),
        };
        Self::read(aws, list).await
    }

    fn move_from(source: MoveSource) -> Option<serde_json::Value> {
        moved_from_aws(Self::TYPE_NAME, source)
    }
}

#[cfg(test)]
mod tests {
    use tfplugin::{Path, Value};

    use super::*;

    #[test]
    fn more_entries_than_guardduty_takes_are_refused() {
        let faults = |count| {
            let entries = Value::List(vec!["192.0.2.1".into(); count]);
            let config = [("entries", entries), ("bucket", "lists".into()), ("key", "list.txt".into())];
            let config = Value::Map(config.map(|(name, value)| (name.to_owned(), value)).into());
            Threatintelset::validate(&View::new(&config, Path::root()))
        };
        assert_eq!(faults(250_000), []);
        let faults = faults(250_001);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].summary, "the list has 250001 entries");
        assert_eq!(faults[0].path.to_string(), "entries");
    }
}
