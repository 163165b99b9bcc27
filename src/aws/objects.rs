//! Objects in S3: put, looked at, read, deleted.
//!
//! An object that was put here has in its metadata whose it is, so that none is deleted that somebody else put there in
//! the meantime. It does not know what is in them.

use std::fmt;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::{Failure, Result};

use super::error::{code, explain, is_gone, is_unanswered};
use super::owners::Mark;
use super::{Aws, Subject};

/// Key of the metadata that says whose an object is.
const OWNER: &str = "guardduty-owner";
/// HTTP status of a precondition that does not hold.
const PRECONDITION_FAILED: u16 = 412;
/// Code of a write that came together with another.
const CONFLICT: &str = "ConditionalRequestConflict";

/// Where an object lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Name of its bucket.
    pub bucket: String,
    /// Its key in the bucket.
    pub key: String,
}

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// It changes with the content.
    pub etag: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Mark of the instance that put it there; `None` if another tool did.
    pub owner: Option<Mark>,
}

/// What must hold so that an object is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// There is none.
    IsNew,
    /// It still has this ETag.
    Is(String),
}

/// `s3://BUCKET/KEY`.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl Object {
    /// What it is called in messages.
    pub fn subject(&self, region: &str) -> Subject {
        Subject::new(format!("the object {self}"), region)
    }
}

impl Aws {
    /// PutObject of a text by the instance with this mark; returns its ETag, or `None` if the condition does not hold.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn put_object(
        &self,
        region: &str,
        object: &Object,
        text: String,
        owner: &Mark,
        condition: &Condition,
    ) -> Result<Option<String>> {
        let request = self.s3(region).put_object().bucket(&object.bucket).key(&object.key);
        let request = match condition {
            Condition::IsNew => request.if_none_match("*"),
            Condition::Is(etag) => request.if_match(etag),
        };
        let request = request.content_type("text/plain").metadata(OWNER, owner.as_str());
        match request.body(ByteStream::from(text.into_bytes())).send().await {
            Ok(put) => Ok(Some(put.e_tag().unwrap_or_default().to_owned())),
            Err(error) if is_other(&error) => Ok(None),
            // An object that goes meanwhile is no longer the one that was to be replaced.
            Err(error) if *condition != Condition::IsNew && code(&error) == "NoSuchKey" => Ok(None),
            Err(error) => {
                let failure = told(&error, "write", object, region);
                let is_changed = |head: &Head| *condition != Condition::Is(head.etag.clone());
                match is_unanswered(&error) {
                    // Whose it is now tells whether it was carried out.
                    true => match self.head_object(region, object).await? {
                        Some(head) if head.owner.as_ref() == Some(owner) && is_changed(&head) => Ok(Some(head.etag)),
                        _ => Err(failure),
                    },
                    false => Err(failure),
                }
            }
        }
    }

    /// HeadObject; `None` if there is no such object or bucket.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn head_object(&self, region: &str, object: &Object) -> Result<Option<Head>> {
        let head = self.s3(region).head_object().bucket(&object.bucket).key(&object.key).send().await;
        match head {
            Ok(head) => Ok(Some(Head {
                etag: head.e_tag().unwrap_or_default().to_owned(),
                bytes: head.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
                owner: head.metadata().and_then(|metadata| metadata.get(OWNER)).map(|mark| Mark::read(mark)),
            })),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(told(&error, "look at", object, region)),
        }
    }

    /// GetObject as text, bytes that are none replaced; `None` if there is no such object or bucket.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn get_object(&self, region: &str, object: &Object) -> Result<Option<String>> {
        let found = match self.s3(region).get_object().bucket(&object.bucket).key(&object.key).send().await {
            Ok(found) => found,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(told(&error, "read", object, region)),
        };
        let body = found.body.collect().await;
        let body = body.map_err(|error| object.subject(region).failure("read", error.to_string()))?;
        Ok(Some(String::from_utf8_lossy(&body.into_bytes()).into_owned()))
    }

    /// DeleteObject of what the instance with the mark `owner` put there; returns whether it is gone. What somebody else
    /// put there stays.
    ///
    /// # Errors
    /// What HeadObject or DeleteObject failed with.
    pub async fn delete_object(&self, region: &str, object: &Object, owner: Option<&Mark>) -> Result<bool> {
        let Some(head) = self.head_object(region, object).await? else { return Ok(true) };
        if owner.is_none() || head.owner.as_ref() != owner {
            return Ok(false);
        }
        let request = self.s3(region).delete_object().bucket(&object.bucket).key(&object.key);
        match request.if_match(head.etag).send().await {
            Ok(_) => Ok(true),
            Err(error) if is_gone(&error) => Ok(true),
            Err(error) if is_other(&error) => Ok(false),
            Err(error) => Err(explain(&error, "delete", &object.subject(region))),
        }
    }
}

/// Whether S3 says that the object is not the one that was meant.
fn is_other<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let status = error.raw_response().map(|response| response.status().as_u16());
    status == Some(PRECONDITION_FAILED) || code(error) == CONFLICT
}

/// S3 answers a HEAD without a body, so that only the status says what is wrong.
fn told<E>(error: &SdkError<E, HttpResponse>, verb: &str, object: &Object, region: &str) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let subject = object.subject(region);
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(301 | 307) => subject
            .failure(verb, "PermanentRedirect: the bucket lies in another region")
            .detail("The bucket must be in the region of the detector."),
        Some(403) if error.as_service_error().is_some_and(|service| service.code().is_none()) => subject
            .failure(verb, "403 Forbidden")
            .detail("The credentials need s3:GetObject on the object, and s3:ListBucket on the bucket to tell that it is missing."),
        _ => explain(error, verb, &subject),
    }
}
