//! Waiting for what takes the service a while, for refusals that pass, and for what became of a call whose answer was
//! lost.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::Result;
use tfplugin::wait::{self, Limit, Look, Next, Pauses};

use super::meaning::Meaning;
use super::{Aws, Explain, Subject, error};

/// How long a read may not know yet what was written just before it.
pub const SETTLING: Duration = Duration::from_secs(5);
/// How long what this run has written counts before what is read.
pub const LATE_READ: Duration = Duration::from_secs(60);

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

    /// What `read` finds; `None` if it finds nothing for some seconds: a read may not know yet what was created just before
    /// it.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn expected<T, F>(&self, mut read: impl FnMut() -> F) -> Result<Option<T>>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let mut pauses = Pauses::new(Limit::new(SETTLING));
        loop {
            let found = read().await?;
            if found.is_some() || pauses.next(self.stop(), "it can't be read yet").await != Next::Look {
                return Ok(found);
            }
        }
    }

    /// Calls until the answer is another one than a refusal that passes by itself, but not longer than such a refusal
    /// usually lasts.
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

    /// What a write answered, for [`Aws::wait`]: a refusal that passes by itself is to be waited out, and a lost answer is
    /// settled by `seen`.
    ///
    /// # Errors
    /// Any other that the call failed with.
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

    /// The outcome of a delete. That there is nothing is no error, and where the answer was lost at every try, `is_gone`
    /// looks.
    ///
    /// # Errors
    /// What the call failed with, unless the thing is gone.
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

    /// The outcome of a write. Where its answer was lost at every try, nobody knows whether it was carried out: `seen`
    /// looks, and returns what the call would have answered if it was.
    ///
    /// # Errors
    /// What the call failed with, unless it is seen to have been carried out.
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
