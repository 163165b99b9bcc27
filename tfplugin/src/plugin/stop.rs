//! The one thing that all parts of the plugin watch: whether it is to end, and why.
//!
//! It does not end anything itself.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

/// Why the plugin ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The CLI has called Shutdown.
    Shutdown,
    /// The operating system, or a person with `kill`, wants the process gone.
    Terminated,
    /// A person pressed Ctrl-C on a plugin that serves for debugging.
    Interrupted,
    /// The CLI is gone without a word.
    ParentGone,
    /// The server failed.
    Failed,
}

impl Reason {
    /// How long calls that are under way may still take.
    ///
    /// After Shutdown the CLI itself kills the process within 2 s. Otherwise a write that has been
    /// sent should get its answer, lest the object be made and not known.
    pub(super) fn grace(self) -> Duration {
        match self {
            Self::Failed => Duration::ZERO,
            Self::Shutdown => Duration::from_millis(1500),
            Self::Terminated | Self::Interrupted | Self::ParentGone => Duration::from_secs(5),
        }
    }
}

/// A switch that is thrown once, and that any number of tasks can wait for.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<watch::Sender<Option<Reason>>>);

impl Stop {
    /// Throws the switch. The first reason stays.
    pub(super) fn begin(&self, reason: Reason) {
        self.0.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert(reason);
            first
        });
    }

    /// Waits until the switch is thrown.
    pub(super) async fn begun(&self) -> Reason {
        let mut state = self.0.subscribe();
        loop {
            if let Some(reason) = *state.borrow_and_update() {
                return reason;
            }
            if state.changed().await.is_err() {
                // Cannot be: `self` holds the sender. Without one there is nothing to wait for.
                return Reason::Failed;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_stays_and_late_waiters_see_it() {
        let stop = Stop::default();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.begun().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        stop.begin(Reason::Terminated);
        stop.begin(Reason::Shutdown);
        assert_eq!(waiting.await.unwrap(), Reason::Terminated);
        assert_eq!(stop.begun().await, Reason::Terminated);
    }
}
