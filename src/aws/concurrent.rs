//! Several calls at the same time, but never too many.

use futures_util::StreamExt;
use futures_util::stream;

/// How many calls are under way at the same time.
const LIMIT: usize = 8;

/// Does `work` on each of `items`, a few at a time, and returns what came of them in their order.
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
