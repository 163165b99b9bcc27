//! S3 objects: put, head, get and delete.
//!
//! The metadata of an object that is put here contains its owner, so that an object that something else put in its
//! place is never deleted. It does not know the content of objects.

use std::fmt;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::{Failure, Result};

use super::error::{code, explain, is_gone, is_unanswered};
use super::owners::Mark;
use super::{Aws, Subject};

/// Metadata key of the owner.
const OWNER: &str = "guardduty-owner";
/// HTTP status of a precondition that does not hold.
const PRECONDITION_FAILED: u16 = 412;
/// Error code of a write that conflicts with a concurrent one.
const CONFLICT: &str = "ConditionalRequestConflict";

/// Location of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Name of the bucket.
    pub bucket: String,
    /// Key of the object in the bucket.
    pub key: String,
}

/// What is known about an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// ETag, which changes with the content.
    pub etag: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Mark of the instance that put the object, or `None` if another tool did.
    pub owner: Option<Mark>,
}

/// Precondition of a put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The object does not exist.
    IsNew,
    /// The object still has this ETag.
    Is(String),
}

/// `s3://BUCKET/KEY`.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl Object {
    /// Returns the object as the subject of messages.
    pub fn subject(&self, region: &str) -> Subject {
        Subject::new(format!("the object {self}"), region)
    }
}

impl Aws {
    /// Calls PutObject with a text, for the instance with this mark. Returns the ETag, or `None` if the condition does
    /// not hold.
    ///
    /// # Errors
    /// The error of the call.
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
        match request.body(ByteStream::from(text.clone().into_bytes())).send().await {
            Ok(put) => Ok(Some(put.e_tag().unwrap_or_default().to_owned())),
            Err(error) if is_other(&error) => Ok(None),
            // An object that is deleted meanwhile is not the one that was to be replaced.
            Err(error) if *condition != Condition::IsNew && code(&error) == "NoSuchKey" => Ok(None),
            Err(error) => {
                let failure = told(&error, "write", object, region);
                if !is_unanswered(&error) {
                    return Err(failure);
                }
                // Whose it is now, and what it holds, tells whether it was carried out.
                let head = self.head_object(region, object).await?;
                let own = head.filter(|head| head.owner.as_ref() == Some(owner));
                match (own, self.get_object(region, object).await?) {
                    (Some(head), Some(found)) if found == text => Ok(Some(head.etag)),
                    _ => Err(failure),
                }
            }
        }
    }

    /// Calls HeadObject. Returns `None` if the object or bucket does not exist.
    ///
    /// # Errors
    /// The error of the call.
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

    /// Calls GetObject and returns the content as text, in which invalid bytes are replaced. Returns `None` if the
    /// object or bucket does not exist.
    ///
    /// # Errors
    /// The error of the call.
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

    /// Calls DeleteObject if the instance with the mark `owner` put the object, and returns whether it is gone. Objects
    /// of others are kept.
    ///
    /// # Errors
    /// The error of HeadObject or DeleteObject.
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

/// Returns whether S3 reports that the object does not meet the precondition.
fn is_other<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let status = error.raw_response().map(|response| response.status().as_u16());
    status == Some(PRECONDITION_FAILED) || code(error) == CONFLICT
}

/// S3 answers HEAD requests without a body, so only the status shows the error.
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
