//! A person's wish to stop (Ctrl-C), as running operations see it.
//!
//! It never cuts a write short: operations look at it before they begin something new, and while they wait.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells whether the CLI asked the provider to stop. Clones see the same wish.
#[derive(Debug, Clone)]
pub struct Stop {
    sender: Arc<watch::Sender<bool>>,
}

impl Default for Stop {
    fn default() -> Self {
        Stop { sender: Arc::new(watch::Sender::new(false)) }
    }
}

impl Stop {
    /// Asks everything that is running to come to an end.
    pub fn request(&self) {
        self.sender.send_replace(true);
    }

    /// Whether it was asked.
    pub fn is_requested(&self) -> bool {
        *self.sender.borrow()
    }

    /// Waits until it is asked.
    pub async fn requested(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives as long as `self`, so there is always an answer.
        let _ = receiver.wait_for(|asked| *asked).await;
    }
}
