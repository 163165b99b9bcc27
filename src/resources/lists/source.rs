//! The source of a list's entries: a file that is managed elsewhere, or entries that the provider uploads.
//!
//! Each refresh compares the ETag of the object with that of the upload. Only an object that differs is read.

use tfplugin::{Diagnostic, Failure, OptionalComputed, Result};

use super::entries::Addresses;
use super::{List, Location, MAX_BYTES};
use crate::aws::objects::{Condition, Head, Object};
use crate::aws::{Aws, Mark};

/// Maximum number of upload attempts while the object is changed concurrently.
const UPLOADS_MAX: usize = 3;

/// The source that the attributes describe, once everything is known.
#[derive(Debug, Clone)]
pub struct Source {
    /// URL of the file.
    pub location: Location,
    /// Hash of a file that is managed elsewhere.
    pub content_hash: Option<String>,
    /// Entries and the object to upload them to.
    pub upload: Option<(Object, Addresses)>,
    /// ETag of that object, or `None` if it is not what the provider uploaded.
    pub etag: Option<String>,
}

impl Source {
    /// Returns the source that the attributes of a resource describe.
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

    /// Returns whether `planned` has another file, or other content.
    pub fn differs_from(&self, planned: &Source) -> bool {
        self.location != planned.location || self.content_hash != planned.content_hash || self.must_upload(planned)
    }

    /// Returns whether the object of `planned` must be uploaded.
    pub fn must_upload(&self, planned: &Source) -> bool {
        match (&self.upload, &planned.upload) {
            (_, None) => false,
            (Some((object, entries)), Some((wanted, planned))) => {
                self.etag.is_none() || object != wanted || !entries.renders_like(planned)
            }
            (None, Some(_)) => true,
        }
    }

    /// Returns the uploaded object that `planned` no longer uses, as an upload or as a location.
    pub fn abandoned_by(&self, planned: &Source) -> Option<&Object> {
        let object = self.upload.as_ref().map(|(object, _)| object);
        object.filter(|object| planned.location.object().as_ref() != Some(*object))
    }

    /// Uploads the entries for the instance with the mark `owner`. An existing object is replaced if that instance
    /// wrote it, or if `may_replace` allows it.
    ///
    /// # Errors
    /// The error of a call.
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
                // The instance's own object: from an earlier upload, or from this one, if it was retried after a late
                // answer.
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

    /// Deletes the object that the instance with the mark `owner` uploaded. An object that something else wrote is
    /// kept, with a warning.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn remove(&self, aws: &Aws, region: &str, owner: Option<&Mark>) -> Result<()> {
        match &self.upload {
            Some((object, _)) => remove(aws, region, object, owner).await,
            None => Ok(()),
        }
    }

    /// Returns the current entries of the object, and its ETag, or no ETag if the object is not the one that was
    /// uploaded.
    ///
    /// # Errors
    /// The object cannot be read.
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

/// Result of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upload {
    /// There is nothing to upload.
    Nothing,
    /// The object was written.
    Written {
        /// ETag of the object.
        etag: String,
        /// Whether the object did not exist before, or was uploaded by this instance.
        is_new: bool,
    },
    /// The object already exists and must not be replaced.
    Refused(Head),
}

/// Deletes an object that the instance with the mark `owner` uploaded, and warns if it was written by something else.
///
/// # Errors
/// The error of a call.
pub async fn remove(aws: &Aws, region: &str, object: &Object, owner: Option<&Mark>) -> Result<()> {
    if !aws.delete_object(region, object, owner).await? {
        let kept = Diagnostic::warning(format!("the object {object} was not deleted"));
        tfplugin::warn(
            kept.detail("It is not the one that was uploaded here. If it is not needed, delete it yourself."),
        );
    }
    Ok(())
}

/// Returns the failure for an object that already exists and must not be replaced.
pub fn taken(object: &Object, head: &Head) -> Failure {
    let whose = match head.owner {
        Some(_) => "Another instance of such a resource uploaded it.",
        None => "It was not uploaded by this provider.",
    };
    Failure::at(List::KEY, format!("the object {object} already exists"))
        .detail(whose)
        .detail("Choose another `key`, or set `overwrite = true` to replace it.")
}
