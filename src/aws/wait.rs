//! Waiting for what takes the service a while.

use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::{Failure, Result, Stop};

use super::{Aws, Explain, Subject, error};

/// The first pause between two looks, in milliseconds; each is half as long again as the one before.
const FIRST_PAUSE_MILLIS: u64 = 200;
/// The longest pause, in seconds.
const LONGEST_PAUSE_SECONDS: u64 = 10;

/// What a look found.
pub enum Look<T> {
    /// What was waited for.
    Ready(T),
    /// Not yet: what there is instead, for the log and the failure.
    Pending(String),
}

impl<T> Look<T> {
    /// What a call answered. A refusal with one of the signs `passing` in its code or message is to be waited out.
    ///
    /// # Errors
    /// Any other that the call failed with.
    pub fn at<E>(
        answer: Result<T, SdkError<E, HttpResponse>>,
        passing: &[&str],
        verb: &str,
        subject: &Subject,
    ) -> Result<Self>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match answer {
            Err(error) if error::says(&error, passing) => Ok(Look::Pending(error::reason(&error))),
            answer => answer.or_fail(verb, subject).map(Look::Ready),
        }
    }
}

/// The pauses between looks: they grow, and all together they don't last longer than a limit.
pub struct Pauses {
    start: Instant,
    limit: Duration,
    pause: Duration,
}

/// What comes after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The next look.
    Look,
    /// Nothing: the person asked to stop.
    Stopped,
    /// Nothing: there was no pause any more, since the limit had passed.
    LimitPassed,
}

impl Pauses {
    /// None was made yet.
    pub fn new(limit: Duration) -> Self {
        Pauses { start: Instant::now(), limit, pause: Duration::from_millis(FIRST_PAUSE_MILLIS) }
    }

    /// Pauses after a look that has `seen` something else than was hoped for, which is logged. A wish to stop ends it.
    pub async fn next(&mut self, stop: &Stop, seen: &str) -> Next {
        let waited = self.start.elapsed();
        if waited >= self.limit {
            return Next::LimitPassed;
        }
        tracing::info!(seen, seconds = waited.as_secs(), "still waiting");
        let pausing = tokio::time::sleep(self.pause.min(self.limit - waited));
        self.pause = (self.pause * 3 / 2).min(Duration::from_secs(LONGEST_PAUSE_SECONDS));
        tokio::select! {
            () = pausing => Next::Look,
            () = stop.requested() => Next::Stopped,
        }
    }
}

impl Aws {
    /// Looks until what is waited for is there. The pauses grow; a wish to stop ends the wait.
    ///
    /// # Errors
    /// What a look failed with; that `limit` passed, with the last thing seen; that the person asked to stop.
    pub async fn wait<T, F>(&self, limit: Duration, subject: &Subject, mut look: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<Look<T>>>,
    {
        let mut pauses = Pauses::new(limit);
        loop {
            let seen = match look().await? {
                Look::Ready(found) => return Ok(found),
                Look::Pending(seen) => seen,
            };
            match pauses.next(self.stop(), &seen).await {
                Next::Look => {}
                Next::Stopped => return Err(stopped(subject, &seen)),
                Next::LimitPassed => return Err(timed_out(subject, limit, &seen)),
            }
        }
    }
}

fn timed_out(subject: &Subject, limit: Duration, seen: &str) -> Failure {
    let limit = tfplugin::duration::format(limit);
    subject
        .failure("wait any longer for", format!("after {limit}: {seen}"))
        .detail("What was made is in the state. Apply again to go on; where there are `timeouts`, they set the limit.")
}

fn stopped(subject: &Subject, seen: &str) -> Failure {
    subject
        .failure("wait for", format!("stopped on request: {seen}"))
        .detail("What was made is in the state. Apply again to go on.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pauses_end_with_the_limit_or_a_wish_to_stop() {
        let stop = Stop::default();
        assert_eq!(Pauses::new(Duration::ZERO).next(&stop, "").await, Next::LimitPassed);
        let mut pauses = Pauses::new(Duration::from_millis(5));
        assert_eq!(pauses.next(&stop, "").await, Next::Look, "the pause is cut to what the limit leaves");
        assert_eq!(pauses.next(&stop, "").await, Next::LimitPassed);
        stop.request();
        assert_eq!(Pauses::new(Duration::from_secs(3600)).next(&stop, "").await, Next::Stopped);
    }
}
