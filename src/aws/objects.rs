//! Objects in S3: put, looked at, read, deleted.
//!
//! It does not know what is in them.

use std::fmt;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::{Failure, Result};

use super::error::{explain, is_gone};
use super::{Aws, Explain, Subject};

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
}

/// `s3://BUCKET/KEY`.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

impl Object {
    fn subject(&self, region: &str) -> Subject {
        Subject::new(format!("the object {self}"), region)
    }
}

impl Aws {
    /// PutObject of a text; returns its ETag.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn put_object(&self, region: &str, object: &Object, text: String) -> Result<String> {
        let request = self.s3(region).put_object().bucket(&object.bucket).key(&object.key);
        let put = request.content_type("text/plain").body(ByteStream::from(text.into_bytes())).send().await;
        let put = put.map_err(|error| told(&error, "write", object, region))?;
        Ok(put.e_tag().unwrap_or_default().to_owned())
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

    /// DeleteObject. That it is gone already is no error.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn delete_object(&self, region: &str, object: &Object) -> Result<()> {
        let deleted = self.s3(region).delete_object().bucket(&object.bucket).key(&object.key).send().await;
        deleted.if_found("delete", &object.subject(region)).map(|_| ())
    }
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
