//! The result of an AWS API call: its answer, or an error that becomes a message once its subject is known.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use tfplugin::Failure;

use crate::aws::Subject;
use crate::aws::error::{code, explain, is_already_there, is_gone, is_quota, is_unanswered};
use crate::aws::features::is_refusal;

/// The answer of a call. `?` converts any error of an SDK client.
pub type Call<T> = Result<T, CallError>;

/// Sends a call whose answer has no content.
///
/// # Errors
/// The error of the call.
pub async fn sent<T, E: Into<CallError>>(sending: impl Future<Output = Result<T, E>>) -> Call<()> {
    sending.await.map(drop).map_err(E::into)
}

/// The meaning of an error for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The object does not exist.
    Gone,
    /// The object already exists.
    Exists,
    /// A quota is exceeded.
    Quota,
    /// The request is invalid.
    Refused,
    /// It is unknown whether the request was carried out.
    Unanswered,
    /// Any other error.
    Failed,
}

/// Turns an error into a failure that states what could not be done, and to what.
type Tell = dyn Fn(&str, &Subject) -> Failure + Send + Sync;

/// The error of a call.
pub struct CallError {
    outcome: Outcome,
    tell: Box<Tell>,
}

impl CallError {
    /// Returns the error for an object that does not exist.
    pub fn gone() -> Self {
        CallError { outcome: Outcome::Gone, tell: Box::new(|verb, subject| subject.failure(verb, "there is none")) }
    }

    /// Returns the error for an object that already exists, as reported by `failure`.
    pub fn exists(failure: Failure) -> Self {
        CallError { outcome: Outcome::Exists, ..failure.into() }
    }

    /// Returns the meaning of the error.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the failure that states what could not be done.
    pub fn failure(&self, verb: &str, subject: &Subject) -> Failure {
        (self.tell)(verb, subject)
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallError").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl<E> From<SdkError<E, HttpResponse>> for CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let outcome = match &error {
            error if is_gone(error) => Outcome::Gone,
            error if is_already_there(error) => Outcome::Exists,
            error if is_quota(error) => Outcome::Quota,
            error if is_unanswered(error) => Outcome::Unanswered,
            error if is_refusal(code(error)) => Outcome::Refused,
            _ => Outcome::Failed,
        };
        CallError { outcome, tell: Box::new(move |verb, subject| explain(&error, verb, subject)) }
    }
}

impl From<BuildError> for CallError {
    fn from(error: BuildError) -> Self {
        let reason = error.to_string();
        CallError { outcome: Outcome::Failed, tell: Box::new(move |verb, subject| subject.failure(verb, &reason)) }
    }
}

/// Keeps a failure that already has its message.
impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        CallError { outcome: Outcome::Failed, tell: Box::new(move |_, _| failure.clone()) }
    }
}
