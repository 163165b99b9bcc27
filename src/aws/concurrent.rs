//! Concurrent calls with a limit.

use futures_util::StreamExt;
use futures_util::stream;

/// Maximum number of concurrent calls.
const LIMIT: usize = 8;

/// Runs `work` on each of `items`, several at a time, and returns the results in order.
pub async fn each<I, T, F>(items: impl IntoIterator<Item = I>, work: impl FnMut(I) -> F) -> Vec<T>
where
    F: Future<Output = T>,
{
    let calls: Vec<F> = items.into_iter().map(work).collect();
    stream::iter(calls).buffered(LIMIT).collect().await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_few_are_under_way_and_their_order_is_kept() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let done = each(0..30, |number| {
            let (running, most) = (&running, &most);
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                number
            }
        });
        assert_eq!(done.await, (0..30).collect::<Vec<_>>());
        assert_eq!(most.into_inner(), LIMIT);
    }
}
