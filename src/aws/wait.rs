//! Waiting for what takes the service a while.

use std::time::{Duration, Instant};

use tfplugin::{Failure, Result};

use super::{Aws, Subject};

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

impl Aws {
    /// Looks until what is waited for is there. The pauses grow; a wish to stop ends the wait.
    ///
    /// # Errors
    /// What a look failed with; that `limit` passed, with the last thing seen; that the person asked to stop.
    pub async fn wait<T, F>(&self, limit: Duration, subject: &Subject, mut look: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<Look<T>>>,
    {
        let start = Instant::now();
        let mut pause = Duration::from_millis(FIRST_PAUSE_MILLIS);
        loop {
            let seen = match look().await? {
                Look::Ready(found) => return Ok(found),
                Look::Pending(seen) => seen,
            };
            let waited = start.elapsed();
            if waited >= limit {
                return Err(timed_out(subject, limit, &seen));
            }
            tracing::info!(seen, seconds = waited.as_secs(), "still waiting");
            let pausing = tokio::time::sleep(pause.min(limit - waited));
            tokio::select! {
                () = pausing => {}
                () = self.stop().requested() => return Err(stopped(subject, &seen)),
            }
            pause = (pause * 3 / 2).min(Duration::from_secs(LONGEST_PAUSE_SECONDS));
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
