//! What a call of AWS came to: its answer, or an error that is told once somebody knows what it was about.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use tfplugin::Failure;

use crate::aws::Subject;
use crate::aws::error::{code, explain, is_already_there, is_gone, is_unanswered};
use crate::aws::features::is_refusal;

/// A call's answer. `?` makes its error of any that an SDK client returns.
pub type Call<T> = Result<T, CallError>;

/// What became of a call whose answer says nothing more.
///
/// # Errors
/// What it failed with.
pub async fn sent<T, E: Into<CallError>>(sending: impl Future<Output = Result<T, E>>) -> Call<()> {
    sending.await.map(drop).map_err(E::into)
}

/// What an error means for whoever made the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There is no such thing.
    Gone,
    /// There is such a thing already.
    Exists,
    /// The request is at fault.
    Refused,
    /// Nobody knows whether it was carried out.
    Unanswered,
    /// Anything else.
    Failed,
}

/// Tells an error: what could not be done, to what.
type Tell = dyn Fn(&str, &Subject) -> Failure + Send + Sync;

/// An error of a call.
pub struct CallError {
    outcome: Outcome,
    tell: Box<Tell>,
}

impl CallError {
    /// That there is no such thing.
    pub fn gone() -> Self {
        CallError { outcome: Outcome::Gone, tell: Box::new(|verb, subject| subject.failure(verb, "there is none")) }
    }

    /// That there is such a thing already, as `failure` tells.
    pub fn exists(failure: Failure) -> Self {
        CallError { outcome: Outcome::Exists, ..failure.into() }
    }

    /// What it means.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The failure that says what could not be done.
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

/// A failure that was told already stays as it is.
impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        CallError { outcome: Outcome::Failed, tell: Box::new(move |_, _| failure.clone()) }
    }
}
