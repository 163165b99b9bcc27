//! Running one request: on a thread of its own, with its warnings, and with a panic turned into a diagnostic.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use tokio::runtime::Handle;
use tracing::Instrument;
use tracing::instrument::WithSubscriber;

use super::server::Server;
use crate::diagnostic::collect_warnings;
use crate::{Diagnostic, Failure, Provider, Result};

/// What became of a request: its result, or the diagnostics of its failure, and its warnings beside either.
pub struct Outcome<T> {
    /// The result.
    pub result: Result<T>,
    /// What is told all the same.
    pub warnings: Vec<Diagnostic>,
}

impl<T> Outcome<T> {
    /// The result, or the state that the failure reached, with everything that is told.
    pub fn split(self) -> (Option<T>, Option<crate::Value>, Vec<Diagnostic>) {
        match self.result {
            Ok(result) => (Some(result), None, self.warnings),
            Err(failure) => {
                let (diagnostics, reached) = failure.into_parts();
                (None, reached, [diagnostics, self.warnings].concat())
            }
        }
    }
}

impl<P: Provider> Server<P> {
    /// Serves a request of `rpc` about `subject`. It has a thread of its own, so that a call that the CLI gives up does not
    /// cut a write short, and so that one that blocks its thread holds up no other; threads are kept for the next ones. A
    /// panic ends nothing but this request. What is logged meanwhile says which request it is of. What is to be told once
    /// a run is told in full by the first request that fails for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        rpc: &'static str,
        subject: impl Into<String>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Outcome<T> {
        let Outcome { result, warnings } = guarded::<P, T>(rpc, subject.into(), work).await;
        let result = result.map_err(|failure| failure.map(|diagnostic| self.once(diagnostic)));
        Outcome { result, warnings: warnings.into_iter().map(|warning| self.once(warning)).collect() }
    }
}

async fn guarded<P: Provider, T: Send + 'static>(
    rpc: &'static str,
    subject: String,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Outcome<T> {
    // Of the highest level, so that it is there for a warning when nothing below one is logged.
    let span = tracing::error_span!("rpc", rpc, subject);
    let started = Instant::now();
    let work = async move { collect_warnings(caught(&subject, P::ISSUES, work)).await };
    let work = work.instrument(span.clone()).with_current_subscriber();
    let runtime = Handle::current();
    let outcome = match tokio::task::spawn_blocking(move || runtime.block_on(work)).await {
        Ok((result, warnings)) => Outcome { result, warnings },
        // The runtime ends: nobody waits for the answer.
        Err(error) => Outcome { result: Err(Failure::new(error.to_string())), warnings: Vec::new() },
    };
    let milliseconds = started.elapsed().as_millis() as u64;
    span.in_scope(|| tracing::debug!(milliseconds, failed = outcome.result.is_err(), "answered"));
    outcome
}

/// What comes of `work` at `subject`. A panic in it is a failure.
pub async fn caught<T>(subject: &str, issues: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    // After a panic it is not polled again, and what it held is not looked at.
    let polled = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(payload) => Poll::Ready(Err(payload)),
    });
    polled.await.unwrap_or_else(|payload| {
        let failure =
            Failure::new(format!("the provider panicked at {subject}")).detail(panic_message(payload.as_ref()));
        Err(failure.detail(format!("This is a fault of the provider. Please report it: {issues}")))
    })
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
