//! Where the entries of a list come from: a file that somebody else keeps, or entries that the provider uploads.
//!
//! Uploaded entries are held against the object at each refresh by its ETag; only one that differs is read.

use tfplugin::{Diagnostic, Failure, Key, Known, Model, OptionalComputed, Plan, Result, View, validate};

use super::entries::{Addresses, is_private};
use super::{Format, Location, MAX_BYTES};
use crate::aws::objects::{Condition, Head, Object};
use crate::aws::{Aws, Mark};

/// How often an upload is tried where others change the object at the same time.
const UPLOADS_MAX: usize = 3;

/// The keys of a list resource that say where its entries come from.
pub struct Keys<M> {
    /// URL of the file.
    pub location: Key<M, Location>,
    /// What changes with a file that somebody else keeps.
    pub content_hash: Key<M, String>,
    /// Entries that the provider uploads.
    pub entries: Key<M, Addresses>,
    /// Bucket for the entries.
    pub bucket: Key<M, String>,
    /// Key of their object.
    pub key: Key<M, String>,
    /// Whether an object that exists is replaced.
    pub overwrite: Key<M, bool>,
    /// ETag of their object.
    pub object_etag: Key<M, String>,
    /// Format of the file.
    pub format: Key<M, Format>,
    /// Region of the list.
    pub region: Key<M, String>,
    /// How many entries are allowed.
    pub max_entries: usize,
}

/// What these attributes say, once everything is known.
#[derive(Debug, Clone)]
pub struct Source {
    /// URL of the file.
    pub location: Location,
    /// What changes with a file that somebody else keeps.
    pub content_hash: Option<String>,
    /// Entries and the object that they are uploaded to.
    pub upload: Option<(Object, Addresses)>,
    /// ETag of that object; `None` if it isn't what the provider uploaded.
    pub etag: Option<String>,
}

impl Source {
    /// The source that a resource's attributes describe.
    pub fn new(
        location: &OptionalComputed<Location>,
        content_hash: Option<&String>,
        (entries, bucket, key): (Option<&Addresses>, Option<&String>, Option<&String>),
        etag: Option<&String>,
    ) -> Self {
        let object = bucket.zip(key).map(|(bucket, key)| Object { bucket: bucket.clone(), key: key.clone() });
        let upload = object.zip(entries.cloned());
        let location = match &upload {
            Some((object, _)) => Location::of(object),
            None => location.get().cloned().unwrap_or(Location(String::new())),
        };
        Source { location, content_hash: content_hash.cloned(), upload, etag: etag.cloned() }
    }

    /// Whether `planned` has another file, or another content of it.
    pub fn differs_from(&self, planned: &Source) -> bool {
        self.location != planned.location || self.content_hash != planned.content_hash || self.must_upload(planned)
    }

    /// Whether the object of `planned` isn't as it shall be.
    pub fn must_upload(&self, planned: &Source) -> bool {
        match (&self.upload, &planned.upload) {
            (_, None) => false,
            (Some((object, entries)), Some((wanted, planned))) => {
                self.etag.is_none() || object != wanted || !entries.renders_like(planned)
            }
            (None, Some(_)) => true,
        }
    }

    /// The object that was uploaded and that `planned` no longer uses, be it as an upload or as a location.
    pub fn abandoned_by(&self, planned: &Source) -> Option<&Object> {
        let object = self.upload.as_ref().map(|(object, _)| object);
        object.filter(|object| planned.location.object().as_ref() != Some(*object))
    }

    /// Uploads the entries as the instance with the mark `owner`. An object that exists is replaced if that instance
    /// wrote it, or if `may_replace` says so of what is known of it.
    ///
    /// # Errors
    /// What a call failed with.
    pub async fn put(
        &self,
        aws: &Aws,
        region: &str,
        owner: &Mark,
        may_replace: impl Fn(&Head) -> bool,
    ) -> Result<Upload> {
        let Some((object, entries)) = &self.upload else { return Ok(Upload::Nothing) };
        let (mut condition, mut is_new) = (Condition::IsNew, true);
        for _ in 0..UPLOADS_MAX {
            let written = aws.put_object(region, object, entries.render(), owner, &condition).await?;
            if let Some(etag) = written {
                return Ok(Upload::Written { etag, is_new });
            }
            condition = match aws.head_object(region, object).await? {
                // Its own: of an upload before, or of this very one, if that was answered too late and tried again.
                Some(head) if head.owner.as_ref() == Some(owner) => Condition::Is(head.etag),
                Some(head) if may_replace(&head) => {
                    is_new = false;
                    Condition::Is(head.etag)
                }
                Some(head) => return Ok(Upload::Refused(head)),
                None => Condition::IsNew,
            };
        }
        Err(object.subject(region).failure("write", "others change it at the same time").detail("Apply again."))
    }

    /// Deletes the object that the instance with the mark `owner` uploaded. One that somebody else put there stays, with
    /// a warning.
    ///
    /// # Errors
    /// What a call failed with.
    pub async fn remove(&self, aws: &Aws, region: &str, owner: Option<&Mark>) -> Result<()> {
        match &self.upload {
            Some((object, _)) => remove(aws, region, object, owner).await,
            None => Ok(()),
        }
    }

    /// The entries as the object has them now, and its ETag, which is gone if it isn't the one that was uploaded.
    ///
    /// # Errors
    /// That the object can't be looked at.
    pub async fn refreshed(&self, aws: &Aws, region: &str) -> Result<(Option<Addresses>, Option<String>)> {
        let Some((object, entries)) = &self.upload else { return Ok((None, None)) };
        let found = match aws.head_object(region, object).await? {
            Some(head) if Some(&head.etag) == self.etag.as_ref() => {
                return Ok((Some(entries.clone()), self.etag.clone()));
            }
            Some(head) if head.bytes <= MAX_BYTES => aws.get_object(region, object).await?,
            _ => None,
        };
        let found = Addresses::parse(&found.unwrap_or_default());
        Ok((Some(if found.renders_like(entries) { entries.clone() } else { found }), None))
    }
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upload {
    /// There is nothing to upload.
    Nothing,
    /// The object was written.
    Written {
        /// Its ETag.
        etag: String,
        /// Whether there was none before, or one of its own.
        is_new: bool,
    },
    /// The object exists and is not to be replaced.
    Refused(Head),
}

/// Deletes an object that the instance with the mark `owner` uploaded, and warns if it was another that put it there.
///
/// # Errors
/// What a call failed with.
pub async fn remove(aws: &Aws, region: &str, object: &Object, owner: Option<&Mark>) -> Result<()> {
    if !aws.delete_object(region, object, owner).await? {
        let kept = Diagnostic::warning(format!("the object {object} was left as it is"));
        tfplugin::warn(
            kept.detail("It is not the one that was uploaded here. If it is not needed, delete it yourself."),
        );
    }
    Ok(())
}

/// The refusal of an object that exists and is not to be replaced.
pub fn taken<M: Model>(keys: &Keys<M>, object: &Object, head: &Head) -> Failure {
    let whose = match head.owner {
        Some(_) => "Another instance of such a resource uploaded it.",
        None => "It was not uploaded by this provider.",
    };
    Failure::at(keys.key, format!("the object {object} already exists"))
        .detail(whose)
        .detail("Choose another `key`, or set `overwrite = true` to replace it.")
}

/// What is wrong with a configured source.
pub fn check<M: Model>(config: &View<M>, keys: &Keys<M>) -> Vec<Diagnostic> {
    if let Some(fault) = nothing(config, keys) {
        return vec![fault];
    }
    let source = validate::exactly_one_of(config, &[keys.location.any(), keys.entries.any()]);
    let says = "A `location` is the URL of a file in S3; `entries` are uploaded to `bucket` and `key`, which make it.";
    let mut faults: Vec<_> = source.map(|fault| fault.detail(says)).into_iter().collect();
    let upload = "Only an upload of `entries` can replace an object.";
    let overwrites = config.get(keys.overwrite) == Known::Known(true);
    let needs_entries = || validate::requires(config, keys.overwrite, keys.entries);
    faults.extend(overwrites.then(needs_entries).flatten().map(|fault| fault.detail(upload)));
    for key in [keys.bucket, keys.key] {
        let object = "`bucket` and `key` say which object the entries are uploaded to.";
        faults.extend(validate::requires(config, keys.entries, key).map(|fault| fault.detail(object)));
        let location = "A list with a `location` has its file there.";
        faults.extend(validate::requires(config, key, keys.entries).map(|fault| fault.detail(location)));
    }
    if config.is_given(keys.entries) {
        faults.extend(check_entries(config, keys));
    }
    faults
}

/// A list that has neither a location nor entries, but says that there are none.
fn nothing<M: Model>(config: &View<M>, keys: &Keys<M>) -> Option<Diagnostic> {
    let is_empty = config.value(keys.entries).is_null() && !config.written(keys.entries).is_null();
    let fault = || {
        let fault = Diagnostic::error("a list has at least one entry").at(config.path(keys.entries));
        fault.detail("GuardDuty loads no empty file. To switch the list off, set `activate = false`.")
    };
    (is_empty && config.value(keys.location).is_null()).then(fault)
}

fn check_entries<M: Model>(config: &View<M>, keys: &Keys<M>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let count = config.value(keys.entries).items().len();
    let at = config.path(keys.entries);
    if count > keys.max_entries {
        let fault = Diagnostic::error(format!("the list has {count} entries")).at(at.clone());
        faults.push(fault.detail(format!("GuardDuty allows {} in a list.", keys.max_entries)));
    }
    match config.get(keys.format) {
        Known::Known(Format::Txt) | Known::Null | Known::Unknown => {}
        Known::Known(other) => {
            let fault =
                Diagnostic::error(format!("`entries` can't be written as {other}")).at(config.path(keys.format));
            faults.push(fault.detail("Entries are uploaded as plain text: set `format = \"TXT\"`."));
        }
    }
    if config.is_given(keys.content_hash) {
        let fault = Diagnostic::error("`content_hash` goes with `location`").at(config.path(keys.content_hash));
        faults.push(fault.detail("A change of `entries` is noticed without it."));
    }
    faults.extend(private_entries(config, keys));
    faults
}

/// GuardDuty makes findings only of traffic that crosses the internet.
fn private_entries<M: Model>(config: &View<M>, keys: &Keys<M>) -> Option<Diagnostic> {
    let entries = config.value(keys.entries).items();
    let private: Vec<_> =
        entries.iter().filter_map(tfplugin::Value::as_str).filter(|entry| is_private(entry)).collect();
    let first = private.first()?;
    let warning = Diagnostic::warning(format!("{} entries are not publicly routable, such as {first}", private.len()));
    Some(warning.at(config.path(keys.entries)).detail("GuardDuty makes no findings of such addresses."))
}

/// Plans what follows from the source: the location and the object's ETag.
///
/// # Errors
/// That the file at the location is too large.
pub async fn plan<M: Model>(aws: &Aws, plan: &mut Plan<'_, M>, keys: &Keys<M>) -> Result<()> {
    if plan.config().value(keys.entries).is_null() {
        if !plan.is_create() {
            plan.set_null(keys.object_etag);
        }
        return check_size(aws, plan, keys).await;
    }
    let is_moving = plan.changes(keys.entries) || plan.changes(keys.bucket) || plan.changes(keys.key);
    // A location that is written empty is known from the next read on.
    let is_unread = plan
        .prior()
        .is_some_and(|prior| prior.value(keys.location).is_null() && !prior.written(keys.location).is_null());
    match plan.get(keys.bucket).known().zip(plan.get(keys.key).known()) {
        Some(_) if is_unread && !is_moving => plan.keep(keys.location),
        Some((bucket, key)) => plan.set(keys.location, &Location::of(&Object { bucket, key })),
        None => plan.set_unknown(keys.location),
    }
    let prior_etag = plan.prior().is_some_and(|prior| !prior.value(keys.object_etag).is_null());
    if !prior_etag || is_moving {
        plan.set_unknown(keys.object_etag);
    }
    Ok(())
}

/// The file may not be there yet, or not be ours to see: that is for the apply to say.
async fn check_size<M: Model>(aws: &Aws, plan: &Plan<'_, M>, keys: &Keys<M>) -> Result<()> {
    let region = plan.get(keys.region).known();
    let object = plan.get(keys.location).known().and_then(|location| location.object());
    let changes = plan.changes(keys.location) || plan.changes(keys.content_hash);
    let Some((region, object)) = region.zip(object).filter(|_| changes) else { return Ok(()) };
    match aws.head_object(&region, &object).await {
        Ok(Some(head)) if head.bytes > MAX_BYTES => {
            let fault = Failure::at(keys.location, format!("the file has {} bytes", head.bytes));
            Err(fault.detail(format!("GuardDuty allows {MAX_BYTES} bytes (35 MB).")))
        }
        _ => Ok(()),
    }
}
