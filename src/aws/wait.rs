//! Waiting for slow operations of a service and for temporary errors, and finding out the result of a call whose answer
//! was lost.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::Result;
use tfplugin::wait::{self, Limit, Look, Next, Pauses};

use super::meaning::Meaning;
use super::{Aws, Explain, Subject, error};

/// How long a read may not reflect a write just before it.
pub const SETTLING: Duration = Duration::from_secs(5);
/// How long this run's writes take precedence over what is read.
pub const LATE_READ: Duration = Duration::from_secs(60);

impl Aws {
    /// Looks until the awaited state is found; see [`wait::until`].
    ///
    /// # Errors
    /// A look failed, `limit` passed (with the last state), or the user requested to stop.
    pub async fn wait<T, F>(&self, limit: Limit, subject: &Subject, look: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<Look<T>>>,
    {
        wait::until(self.stop(), limit, &subject.to_string(), look).await
    }

    /// Returns what `read` finds, read again for a few seconds until it `is_settled`, because a read may not yet reflect a
    /// write just before it.
    ///
    /// # Errors
    /// The error of `read`.
    pub async fn reread<T, F>(&self, mut read: impl FnMut() -> F, is_settled: impl Fn(&T) -> bool) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut pauses = Pauses::new(Limit::new(SETTLING));
        loop {
            let found = read().await?;
            if is_settled(&found) || pauses.next(self.stop(), "it may not be readable yet").await != Next::Look {
                return Ok(found);
            }
        }
    }

    /// Returns what `read` finds, or `None` if it finds nothing for a few seconds.
    ///
    /// # Errors
    /// The error of `read`.
    pub async fn expected<T, F>(&self, read: impl FnMut() -> F) -> Result<Option<T>>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        self.reread(read, Option::is_some).await
    }

    /// Repeats a call while it is refused temporarily, but not longer than such a refusal usually lasts.
    pub(super) async fn patiently<T, E, F>(&self, mut call: impl FnMut() -> F) -> Result<T, SdkError<E, HttpResponse>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut pauses = None;
        loop {
            let error = match call().await {
                Err(error) => error,
                answer => return answer,
            };
            let Some(Meaning::Passes(usual)) = error::meaning(&error) else { return Err(error) };
            let pauses = pauses.get_or_insert_with(|| Pauses::new(Limit::new(usual)));
            if pauses.next(self.stop(), &error::reason(&error)).await != Next::Look {
                return Err(error);
            }
        }
    }

    /// Returns the result of a write for [`Aws::wait`]: a temporary refusal is waited for, and a lost answer is
    /// resolved by `seen`.
    ///
    /// # Errors
    /// Any other error of the call.
    pub(super) async fn look<T, E, F>(
        &self,
        answer: Result<T, SdkError<E, HttpResponse>>,
        verb: &str,
        subject: &Subject,
        seen: impl FnMut() -> F,
    ) -> Result<Look<T>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<Option<T>>>,
    {
        match answer {
            Err(error) if matches!(error::meaning(&error), Some(Meaning::Passes(_))) => {
                Ok(Look::Pending(error::reason(&error)))
            }
            answer => self.settle(answer, verb, subject, seen).await.map(Look::Ready),
        }
    }

    /// Returns the result of a delete. An object that does not exist is not an error. If the answer was lost at every
    /// attempt, `is_gone` finds out.
    ///
    /// # Errors
    /// The error of the call, unless the object is gone.
    pub async fn settle_gone<T, E, F>(
        &self,
        answer: Result<T, SdkError<E, HttpResponse>>,
        verb: &str,
        subject: &Subject,
        mut is_gone: impl FnMut() -> F,
    ) -> Result<()>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<bool>>,
    {
        let answer = match answer {
            Err(error) if error::is_gone(&error) => return Ok(()),
            answer => answer.map(|_| ()),
        };
        let seen = || {
            let looking = is_gone();
            async { Ok(looking.await?.then_some(())) }
        };
        self.settle(answer, verb, subject, seen).await
    }

    /// Returns the result of a write. If its answer was lost at every attempt, it is unknown whether it was carried
    /// out: `seen` finds out, and returns what the call would have returned.
    ///
    /// # Errors
    /// The error of the call, unless it is found to have been carried out.
    pub async fn settle<T, E, F>(
        &self,
        answer: Result<T, SdkError<E, HttpResponse>>,
        verb: &str,
        subject: &Subject,
        mut seen: impl FnMut() -> F,
    ) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<Option<T>>>,
    {
        let error = match answer {
            Err(error) if error::is_unanswered(&error) => error,
            answer => return answer.or_fail(verb, subject),
        };
        let reason = error::reason(&error);
        let mut pauses = Pauses::new(Limit::new(SETTLING));
        loop {
            match seen().await {
                Ok(Some(found)) => {
                    tracing::info!(%subject, reason, "the answer was lost, but what was asked for was done");
                    return Ok(found);
                }
                Ok(None) if pauses.next(self.stop(), &reason).await == Next::Look => {}
                Ok(None) => return Err(error::explain(&error, verb, subject)),
                Err(failure) => {
                    tracing::info!(%subject, %failure, "whether it was done can't be told");
                    return Err(error::explain(&error, verb, subject));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;
    use crate::aws::testing::{Fake, settings};

    type Answer = Result<&'static str, SdkError<ErrorMetadata, HttpResponse>>;

    #[allow(clippy::result_large_err)]
    fn lost() -> Answer {
        Err(SdkError::timeout_error("no answer"))
    }

    #[tokio::test]
    async fn a_lost_answer_is_settled_by_a_look() {
        let aws = Fake::with_sts().aws(settings()).await.unwrap();
        let subject = Subject::new("the lamp", "at home");
        let mut looks = [Ok(None), Ok(Some("lit"))].into_iter();
        let settled = aws.settle(lost(), "light", &subject, || std::future::ready(looks.next().unwrap()));
        assert_eq!(settled.await, Ok("lit"), "a read may come too early");
        let blind = || std::future::ready(Err(tfplugin::Failure::new("it is dark")));
        let failure = aws.settle(lost(), "light", &subject, blind).await.unwrap_err().to_string();
        assert!(failure.starts_with("cannot light the lamp"), "{failure}");
        let never = || -> std::future::Ready<_> { panic!("an answer needs no look") };
        assert_eq!(aws.settle(Answer::Ok("lit"), "light", &subject, never).await, Ok("lit"));
    }
}
