//! Running one request: in a task of its own, with its warnings, and with a panic turned into a diagnostic.

use std::any::Any;
use std::time::Instant;

use tracing::Instrument;

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
    /// Serves a request of `rpc` about `subject`. The task is its own, so that a call that the CLI gives up does not cut
    /// a write short, and so that a panic ends nothing but this request. What is logged meanwhile says which request it
    /// is of. What is to be told once a run is told in full by the first request that fails for it.
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
    let outcome = match tokio::spawn(collect_warnings(work).instrument(span.clone())).await {
        Ok((result, warnings)) => Outcome { result, warnings },
        Err(error) => {
            let reason = if error.is_panic() { panic_message(error.into_panic().as_ref()) } else { error.to_string() };
            let failure = Failure::new(format!("the provider panicked at {subject}"))
                .detail(reason)
                .detail(format!("This is a fault of the provider. Please report it: {}", P::ISSUES));
            Outcome { result: Err(failure), warnings: Vec::new() }
        }
    };
    let milliseconds = started.elapsed().as_millis() as u64;
    span.in_scope(|| tracing::debug!(milliseconds, failed = outcome.result.is_err(), "answered"));
    outcome
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
