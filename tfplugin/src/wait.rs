//! Waiting for what takes a while: until it is there, the configuration's limit has passed, or the person asks to stop. A
//! look that is under way is never cut short.

use std::time::{Duration, Instant};

use crate::{Failure, Model, Result, Stop, duration};

/// The first pause between two looks, in milliseconds; each is half as long again as the one before.
const FIRST_PAUSE_MILLIS: u64 = 200;
/// The longest pause, in seconds.
const LONGEST_PAUSE_SECONDS: u64 = 10;

/// How long to wait at most, as in `"30s"`, `"45m"` or `"1h30m"`.
///
/// The older form of an attribute or block `timeouts`: how long a resource waits where the configuration says nothing, it
/// says itself, in the text of that attribute and where it waits. With [`crate::Timeouts`] it says so once.
#[derive(Model, Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Longest wait of a create.
    pub create: Option<Duration>,
    /// Longest wait of an update.
    pub update: Option<Duration>,
    /// Longest wait of a delete.
    pub delete: Option<Duration>,
}

/// How long to wait at most, as in `"30s"` or `"5m"`. A delete does not wait.
#[derive(Model, Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplyTimeouts {
    /// Longest wait of a create.
    pub create: Option<Duration>,
    /// Longest wait of an update.
    pub update: Option<Duration>,
}

/// How long an operation may wait in all, however often it does. It begins when it is made.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    start: Instant,
    length: Duration,
}

impl Limit {
    /// From now on, `length`.
    pub fn new(length: Duration) -> Self {
        Limit { start: Instant::now(), length }
    }

    fn left(self) -> Duration {
        self.length.saturating_sub(self.start.elapsed())
    }
}

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look<T> {
    /// What was waited for.
    Ready(T),
    /// Not yet: what there is instead, for the log and the failure.
    Pending(String),
}

/// Looks until `what` is there. A look may be a call that writes: it is never cut short, and has to end by itself. The
/// pauses between looks grow, from a fifth of a second to ten; there is a last look when `limit` has passed. A
/// create or an update has to add to a failure what was made, with [`Failure::reached`].
///
/// # Errors
/// What a look failed with; that `limit` passed, with the last thing seen; that the person asked to stop.
pub async fn until<T, F>(stop: &Stop, limit: Limit, what: &str, mut look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Look<T>>>,
{
    let mut pauses = Pauses::new(limit);
    loop {
        let seen = match look().await? {
            Look::Ready(found) => return Ok(found),
            Look::Pending(seen) => seen,
        };
        match pauses.next(stop, &seen).await {
            Next::Look => {}
            Next::Stopped => return Err(stopped(what, &seen)),
            Next::LimitPassed => return Err(timed_out(what, limit, &seen)),
        }
    }
}

/// The pauses between looks: they grow, and all together they don't last longer than a limit. For those who can't have
/// [`until`] look for them.
#[derive(Debug)]
pub struct Pauses {
    limit: Limit,
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
    pub fn new(limit: Limit) -> Self {
        Pauses { limit, pause: Duration::from_millis(FIRST_PAUSE_MILLIS) }
    }

    /// Pauses after a look that has `seen` something else than was hoped for, which is logged. A wish to stop ends it.
    pub async fn next(&mut self, stop: &Stop, seen: &str) -> Next {
        let left = self.limit.left();
        if left.is_zero() {
            return Next::LimitPassed;
        }
        tracing::info!(seen, seconds_left = left.as_secs(), "still waiting");
        let pausing = tokio::time::sleep(self.pause.min(left));
        self.pause = (self.pause * 3 / 2).min(Duration::from_secs(LONGEST_PAUSE_SECONDS));
        tokio::select! {
            () = pausing => Next::Look,
            () = stop.requested() => Next::Stopped,
        }
    }
}

fn timed_out(what: &str, limit: Limit, seen: &str) -> Failure {
    Failure::new(format!("cannot wait any longer for {what}"))
        .detail(format!("After {}: {seen}", duration::format(limit.length)))
        .detail("Where there are `timeouts`, they set the limit.")
}

fn stopped(what: &str, seen: &str) -> Failure {
    Failure::new(format!("cannot wait for {what}")).detail(format!("Stopped on request: {seen}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A look that finds `what` the third time.
    fn third() -> impl FnMut() -> std::future::Ready<Result<Look<u32>>> {
        let mut looks = 0;
        move || {
            looks += 1;
            std::future::ready(Ok(if looks == 3 { Look::Ready(looks) } else { Look::Pending(format!("look {looks}")) }))
        }
    }

    #[tokio::test]
    async fn it_looks_until_it_is_there() {
        let start = Instant::now();
        let found = until(&Stop::default(), Limit::new(Duration::from_secs(60)), "the lamp", third()).await;
        assert_eq!(found.unwrap(), 3);
        assert!(start.elapsed() >= Duration::from_millis(200 + 300), "two pauses, the second one longer");
    }

    #[tokio::test]
    async fn the_limit_tells_what_was_seen_last() {
        let failure =
            until(&Stop::default(), Limit::new(Duration::from_millis(50)), "the lamp", third()).await.unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("cannot wait any longer for the lamp\n  After 50ms: look "), "{text}");
        assert!(text.contains("`timeouts`"), "{text}");
    }

    #[tokio::test]
    async fn a_wish_to_stop_ends_it() {
        let stop = Stop::default();
        stop.request();
        let failure = until(&stop, Limit::new(Duration::from_secs(3600)), "the lamp", third()).await.unwrap_err();
        let text = failure.to_string();
        assert!(text.starts_with("cannot wait for the lamp\n  Stopped on request: look 1\n"), "{text}");
    }

    #[tokio::test]
    async fn a_look_that_fails_is_the_last() {
        let look = || std::future::ready(Err::<Look<()>, _>(Failure::new("the house is dark")));
        let failure =
            until(&Stop::default(), Limit::new(Duration::from_secs(3600)), "the lamp", look).await.unwrap_err();
        assert_eq!(failure.to_string(), "the house is dark\n");
    }

    #[tokio::test]
    async fn two_waits_have_one_limit() {
        let (stop, limit) = (Stop::default(), Limit::new(Duration::from_millis(250)));
        let start = Instant::now();
        for _ in 0..2 {
            let look = || std::future::ready(Ok(Look::<()>::Pending("it is dark".to_owned())));
            assert!(until(&stop, limit, "the lamp", look).await.is_err());
        }
        assert!(start.elapsed() < Duration::from_millis(450), "the second one looks once");
    }

    #[tokio::test]
    async fn pauses_end_with_the_limit_or_a_wish_to_stop() {
        let stop = Stop::default();
        assert_eq!(Pauses::new(Limit::new(Duration::ZERO)).next(&stop, "").await, Next::LimitPassed);
        let mut pauses = Pauses::new(Limit::new(Duration::from_millis(190)));
        assert_eq!(pauses.next(&stop, "").await, Next::Look, "the pause is cut to what the limit leaves");
        assert_eq!(pauses.next(&stop, "").await, Next::LimitPassed);
        stop.request();
        assert_eq!(Pauses::new(Limit::new(Duration::from_secs(3600))).next(&stop, "").await, Next::Stopped);
    }
}
