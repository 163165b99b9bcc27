//! Waiting for what takes the service a while, and for refusals that pass.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::Result;
use tfplugin::wait::{self, Limit, Look};

use super::{Aws, Explain, Subject, error};

/// What a call answered. A refusal with one of the signs `passing` in its code or message is to be waited out.
///
/// # Errors
/// Any other that the call failed with.
pub(super) fn look<T, E>(
    answer: Result<T, SdkError<E, HttpResponse>>,
    passing: &[&str],
    verb: &str,
    subject: &Subject,
) -> Result<Look<T>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Err(error) if error::says(&error, passing) => Ok(Look::Pending(error::reason(&error))),
        answer => answer.or_fail(verb, subject).map(Look::Ready),
    }
}

impl Aws {
    /// Looks until what is waited for is there; see [`wait::until`].
    ///
    /// # Errors
    /// What a look failed with; that `limit` passed, with the last thing seen; that the person asked to stop.
    pub async fn wait<T, F>(&self, limit: Limit, subject: &Subject, look: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<Look<T>>>,
    {
        wait::until(self.stop(), limit, &subject.to_string(), look).await
    }
}
