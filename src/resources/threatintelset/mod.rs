//! `guardduty_threatintelset`: a list of addresses known to be hostile.
//!
//! It does not know how entries are checked, uploaded or waited for: `lists` does. What it says to GuardDuty beyond
//! create and delete is in `calls`.

mod calls;

use tfplugin::model::Single;
use tfplugin::wait::{Limit, Timeouts};
use tfplugin::{
    Claim, Computed, Diagnostic, Failure, Known, Model, MoveSource, Named, OptionalComputed, Plan, Resource, Result,
    View, created, validate,
};

use self::calls::Held;
use super::lists::{self, Addresses, Format, Keys, Location, Upload};
use crate::aws::account::Account;
use crate::aws::error::{is_already_there, is_unanswered};
use crate::aws::owners::Thing;
use crate::aws::tags::of_guardduty;
use crate::aws::{Aws, Hold, Mark, Tags};
use crate::kit::import::{claimed_region, import_id, import_parts};
use crate::kit::moved::moved_from_aws;

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
    /// URL of the file, in any form that AWS documents and at most 300 characters: `s3://BUCKET/KEY`, or with `https://`
    /// or `http://` `s3.amazonaws.com/BUCKET/KEY`, `s3.REGION.amazonaws.com/BUCKET/KEY`, `BUCKET.s3.amazonaws.com/KEY` or
    /// `BUCKET.s3.REGION.amazonaws.com/KEY` (also `s3-REGION`). Another spelling of the same object is no change. The
    /// bucket must be in the detector's region. With `entries` it follows from `bucket` and `key`.
    #[attr(absent = empty, keep)]
    pub location: OptionalComputed<Location>,
    /// Any text that changes with the content of the file at `location`, such as `filemd5("list.txt")` or the ETag of
    /// the object: GuardDuty does not look at the file again by itself, and a change of this makes it do so.
    #[attr(absent = empty)]
    pub content_hash: Option<String>,
    /// Entries instead of a `location`: IPv4 addresses, and ranges such as `203.0.113.0/24`. At most 250,000; but the
    /// CLIs themselves take seconds for 20,000 and minutes for 100,000, so a list of that size is better kept as a file.
    #[attr(absent = empty)]
    pub entries: Option<Addresses>,
    /// Bucket that the entries are uploaded to, in the detector's region.
    #[attr(absent = empty, validate = validate::length(3..=63))]
    pub bucket: Option<String>,
    /// Key of the object that the entries are uploaded to. An object that already exists there is not replaced, unless
    /// this list uploaded it or `overwrite` is `true`.
    #[attr(absent = empty, validate = validate::length(1..=234))]
    pub key: Option<String>,
    /// Whether to replace an object that already exists at `key`. An object that was not uploaded by this list is never
    /// deleted.
    #[attr(default = false)]
    pub overwrite: bool,
    /// Account that the bucket must belong to: GuardDuty refuses the file of another's. Once set it can be changed,
    /// but not taken away: that needs a new list.
    #[attr(absent = empty, validate = Account::check_id)]
    pub expected_bucket_owner: Option<String>,
    /// `INACTIVE`, `ACTIVATING`, `ACTIVE`, `DEACTIVATING` or `ERROR`; `DELETED` if only the uploaded object is left.
    pub status: Computed<String>,
    /// What is wrong with a list whose status is `ERROR`. GuardDuty gives no reason for lists of this kind, so this is
    /// what the provider sees: the file is missing, too large or empty, or the first line of a `TXT` that is no entry.
    pub error_details: Computed<String>,
    /// ETag of the object that the provider uploaded; null after somebody else changed it.
    #[attr(keep)]
    pub object_etag: Computed<String>,
    /// Tags of the list.
    #[attr(absent = empty, validate = of_guardduty)]
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
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// How long to wait for GuardDuty to load, unload or delete the list. By default 45 minutes each.
    #[attr(block)]
    pub timeouts: Single<Timeouts>,
    /// Mark of this instance: the list has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
    /// Mark of the instance that uploaded the object; null where none did.
    #[attr(keep)]
    pub object_owner: Computed<String>,
}

/// Status of a list of which only the uploaded file is left.
const DELETED: &str = "DELETED";

const KEYS: Keys<Threatintelset> = Keys {
    location: Threatintelset::LOCATION,
    content_hash: Threatintelset::CONTENT_HASH,
    entries: Threatintelset::ENTRIES,
    bucket: Threatintelset::BUCKET,
    key: Threatintelset::KEY,
    overwrite: Threatintelset::OVERWRITE,
    object_etag: Threatintelset::OBJECT_ETAG,
    format: Threatintelset::FORMAT,
    region: Threatintelset::REGION,
    max_entries: 250_000,
};

impl Resource for Threatintelset {
    const TYPE_NAME: &'static str = "threatintelset";
    type Model = Self;
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        lists::check(config, &KEYS)
    }

    fn claim(aws: &Aws, config: &View<Self>) -> Option<Claim> {
        let region = claimed_region(aws, config.get(Self::REGION))?;
        if let (Known::Known(bucket), Known::Known(key)) = (config.get(Self::BUCKET), config.get(Self::KEY)) {
            return Some(Claim::new(format!("a list in the object s3://{bucket}/{key}"), Self::KEY));
        }
        let (detector, name) = (config.get(Self::DETECTOR_ID).known()?, config.get(Self::NAME).known()?);
        Some(Claim::new(format!("list {name:?} of detector {detector} in {region}"), Self::NAME))
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        let had_owner = plan.prior().is_some_and(|prior| !prior.value(Self::EXPECTED_BUCKET_OWNER).is_null());
        if had_owner && plan.config().value(Self::EXPECTED_BUCKET_OWNER).is_null() {
            plan.replace(Self::EXPECTED_BUCKET_OWNER);
        }
        if plan.prior().is_some_and(|prior| prior.get(Self::STATUS).known().as_deref() == Some(DELETED)) {
            plan.set_unknown(Self::STATUS);
            plan.replace(Self::STATUS);
        }
        lists::plan(aws, plan, &KEYS).await?;
        // Whoever uploads the object is known once it is.
        match plan.get(Self::OBJECT_ETAG) {
            Known::Unknown => plan.set_unknown(Self::OBJECT_OWNER),
            Known::Null if !plan.is_create() && plan.config().value(Self::ENTRIES).is_null() => {
                plan.set_null(Self::OBJECT_OWNER);
            }
            _ => {}
        }
        Ok(())
    }

    async fn create(aws: &Aws, list: Self) -> Result<Self> {
        let (source, mark, _turn) = (list.source(), Mark::new(), aws.owners_turn(&Held(&list).key()).await);
        let region = list.region.as_str();
        let upload = source.put(aws, region, &mark, |_| list.overwrite).await?;
        let limit = Limit::new(list.timeouts.as_ref().and_then(|limits| limits.create).unwrap_or(lists::LIST_WAIT));
        let (etag, is_new) = match upload {
            Upload::Nothing => (None, false),
            Upload::Written { etag, is_new } => (Some(etag), is_new),
            Upload::Refused(head) => {
                let joined = list.join_by_object(aws, mark, &head).await?;
                created(&joined);
                return joined.appeared(aws, limit).await;
            }
        };
        let object_owner = etag.as_ref().map(|_| mark.as_str().to_owned()).into();
        let list =
            Threatintelset { object_etag: etag.into(), object_owner, location: source.location.clone().into(), ..list };
        let mut sent = list.send_create(aws, &mark).await;
        if matches!(&sent, Err(error) if is_already_there(error)) && list.namesake_goes(aws, limit).await? {
            sent = list.send_create(aws, &mark).await;
        }
        let made = match sent {
            Ok(created) => Threatintelset {
                id: list.id_of(created.threat_intel_set_id().unwrap_or_default()).into(),
                owner: Hold::by(mark).into(),
                ..list
            },
            Err(error) => match list.settle(aws, mark, &error).await {
                Ok(settled) => settled,
                // No answer does not mean that nothing was created: only after a refusal nobody needs the file.
                Err(failure) if is_new && !is_unanswered(&error) => {
                    let owner = list.object_mark();
                    let removed = source.remove(aws, list.region.as_str(), owner.as_ref()).await;
                    return Err(removed.err().into_iter().fold(failure, Failure::and));
                }
                Err(failure) => return Err(failure),
            },
        };
        created(&made);
        made.appeared(aws, limit).await
    }

    async fn read(aws: &Aws, list: Self) -> Result<Option<Self>> {
        let (region, source) = (list.region.as_str().to_owned(), list.source());
        let (seen, object) = tokio::join!(list.look(aws), source.refreshed(aws, &region));
        let (entries, etag) = object?;
        let Some(seen) = seen?.filter(|seen| !seen.is_gone()) else {
            // Somebody else deleted the list; the file that was uploaded for it is deleted with the state.
            let has_file = etag.is_some() && list.object_mark().is_some();
            return Ok(has_file.then(|| Threatintelset { status: DELETED.to_owned().into(), ..list }));
        };
        list.filled(aws, seen, entries, etag).await.map(Some)
    }

    async fn update(aws: &Aws, prior: Self, list: Self) -> Result<Self> {
        let marking = aws.may_change(&Held(&prior), &prior.owner).await?;
        let region = prior.region.as_str();
        let limit = Limit::new(list.timeouts.as_ref().and_then(|limits| limits.update).unwrap_or(lists::LIST_WAIT));
        let (before, source) = (prior.source(), list.source());
        lists::settled(aws, limit, &list.subject(), || prior.look(aws)).await?;
        let place = (region, prior.arn.as_str());
        let hold = aws.remark((&Held(&prior), marking), place, &prior.owner, Self::TYPE_NAME).await?;
        if prior.owner.get() != Some(&hold) {
            // Whatever fails from here on, the state knows the new mark.
            created(&Threatintelset { owner: hold.clone().kept(), ..prior.clone() });
        }
        let uploaded = prior.upload(aws, &list, hold.mark()).await?;
        let is_new = matches!(uploaded, Upload::Written { is_new: true, .. });
        prior.change(aws, &list, hold.mark().filter(|_| is_new)).await?;
        let (object_etag, object_owner) = match uploaded {
            Upload::Written { etag, .. } => (Some(etag), hold.mark().map(|mark| mark.as_str().to_owned())),
            _ if source.upload.is_some() => (before.etag.clone(), prior.object_owner.get().cloned()),
            _ => (None, None),
        };
        let list = Threatintelset {
            object_etag: object_etag.into(),
            object_owner: object_owner.into(),
            owner: hold.kept(),
            location: source.location.clone().into(),
            id: prior.id.clone(),
            ..list
        };
        let retagged = aws.retag(region, prior.arn.as_str(), &prior.tags_all, &list.tags_all).await;
        let abandoned = match before.abandoned_by(&source) {
            Some(object) => lists::remove(aws, region, object, prior.object_mark().as_ref()).await,
            None => Ok(()),
        };
        let failures = [retagged, abandoned].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        let list = list
            .settled(aws, limit, before.differs_from(&source))
            .await
            .map_err(|failure| failures.iter().cloned().fold(failure, Failure::and))?;
        Failure::all(failures).map_err(|failure| failure.reached(&list))?;
        Ok(list)
    }

    async fn delete(aws: &Aws, list: Self) -> Result<()> {
        aws.let_go(&Held(&list), &list.owner).await
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::ID)], identity.get(Self::REGION))
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<Self>> {
        let ([detector, set_id], region) = import_parts(aws, id, "DETECTOR:ID").await?;
        let id = format!("{detector}:{set_id}");
        Ok(Named::new(Self::DETECTOR_ID, &detector).and(Self::ID, &id).and(Self::REGION, &region))
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
            overwrite: false,
            owner: Computed::none(),
            object_owner: Computed::none(),
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

    fn faults(config: &[(&str, Value)]) -> Vec<String> {
        let config = Value::Map(config.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect());
        let faults = Threatintelset::validate(&View::new(&config, Path::root()));
        faults.into_iter().map(|fault| fault.summary).collect()
    }

    #[test]
    fn only_a_replacement_needs_entries() {
        let location = ("location", Value::from("s3://lists/list.txt"));
        assert_eq!(faults(&[location.clone(), ("overwrite", false.into())]), [""; 0]);
        assert_eq!(faults(&[location.clone(), ("overwrite", Value::Unknown)]), [""; 0]);
        assert_eq!(faults(&[location, ("overwrite", true.into())]), ["`overwrite` needs `entries`"]);
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let empty = [("bucket", "".into()), ("key", "".into()), ("content_hash", "".into())];
        let located = |entries: Value| [("location", Value::from("s3://lists/list.txt")), ("entries", entries)];
        assert_eq!(faults(&[&located(Value::List(Vec::new()))[..], &empty].concat()), [""; 0]);
        let both = faults(&located(Value::List(vec!["192.0.2.1".into()])));
        assert_eq!(both[0], "`location` and `entries` exclude each other");
        let entries = ("entries", Value::List(vec!["192.0.2.1".into()]));
        let upload = [entries, ("bucket", "lists".into()), ("key", "list.txt".into()), ("location", "".into())];
        assert_eq!(faults(&upload), [""; 0]);
        assert_eq!(faults(&[("entries", Value::List(Vec::new()))]), ["a list has at least one entry"]);
        assert_eq!(faults(&[("location", "".into())]), ["`location` or `entries` is missing"]);
    }

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
