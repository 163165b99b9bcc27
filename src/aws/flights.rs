//! Combines concurrent reads of the same object into one call.
//!
//! A read never gets the answer of a call that began before it. A read that arrives during a call waits for the next
//! one, which serves all reads that arrived meanwhile. So nothing is cached, and no write is missed, neither this
//! provider's own nor one by another provider of the same run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tfplugin::Result;
use tokio::sync::OnceCell;

/// How long a call waits for other reads, which start shortly after each other even if they are concurrent.
const BOARDING: Duration = Duration::from_millis(20);

/// Calls by the name of what they read.
pub struct Flights<T>(Mutex<HashMap<String, Gate<T>>>);

/// The reads of one object that wait.
struct Gate<T> {
    /// The turn to call.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The answer of the next call, which has not begun.
    next: Arc<OnceCell<T>>,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Flights(Mutex::default())
    }
}

impl<T> Gate<T> {
    fn new() -> Self {
        Gate { turn: Arc::default(), next: Arc::new(OnceCell::new()) }
    }
}

impl<T: Clone> Flights<T> {
    /// Returns the answer of `call` about `name`, or that of the same call of a concurrent read.
    ///
    /// # Errors
    /// The error of the call. Each read that waits then makes its own call.
    pub async fn share<F>(&self, name: &str, call: impl FnOnce() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let (turn, next) = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let gate = gates.entry(name.to_owned()).or_insert_with(Gate::new);
            (gate.turn.clone(), gate.next.clone())
        };
        let _turn = turn.lock().await;
        if let Some(answer) = next.get() {
            return Ok(answer.clone());
        }
        tokio::time::sleep(BOARDING).await;
        self.close(name, &next);
        let answer = call().await?;
        // Only the holder of the turn fills it.
        let _ = next.set(answer.clone());
        Ok(answer)
    }

    /// Makes later reads wait for the next call.
    fn close(&self, name: &str, boarded: &Arc<OnceCell<T>>) {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get_mut(name).filter(|gate| Arc::ptr_eq(&gate.next, boarded)) {
            gate.next = Arc::new(OnceCell::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_who_ask_at_once_are_served_by_one_call() {
        let (flights, calls) = (Flights::default(), AtomicUsize::new(0));
        let ask = || {
            flights.share("lamp", || async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(calls.fetch_add(1, Ordering::SeqCst) + 1)
            })
        };
        let answers = futures_util::future::join_all((0..30).map(|_| ask())).await;
        assert!(answers.iter().all(|answer| *answer == Ok(1)), "{answers:?}");
        assert_eq!(ask().await, Ok(2), "nothing is kept");
    }

    #[tokio::test]
    async fn nobody_gets_an_answer_of_a_call_that_began_before_they_asked() {
        let (flights, lamp) = (Flights::default(), AtomicUsize::new(0));
        let look = || {
            flights.share("lamp", || async {
                let seen = lamp.load(Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok(seen)
            })
        };
        let write_and_look = async {
            tokio::time::sleep(BOARDING * 2).await;
            lamp.store(1, Ordering::SeqCst);
            look().await
        };
        let (before, after) = tokio::join!(look(), write_and_look);
        assert_eq!((before, after), (Ok(0), Ok(1)));
    }

    #[tokio::test]
    async fn a_failure_is_not_shared() {
        let (flights, calls) = (Flights::<usize>::default(), AtomicUsize::new(0));
        let ask = || {
            flights.share("lamp", || async {
                match calls.fetch_add(1, Ordering::SeqCst) {
                    0 => Err(tfplugin::Failure::new("dark")),
                    call => Ok(call),
                }
            })
        };
        let (first, second) = tokio::join!(ask(), ask());
        assert!(first.is_err() && second.is_ok(), "{first:?} {second:?}");
    }
}
