//! Notices that the CLI which started the plugin is gone.
//!
//! A CLI that is killed says nothing: stdin was never connected and the socket merely falls
//! silent. What does change is the parent of this process. It does not end the process: it throws
//! the switch.

use std::{os::unix::process::parent_id, time::Duration};

use super::stop::{Reason, Stop};

/// Asking costs one system call.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// Throws the switch once the parent is no longer `first`, the one at the start.
pub(super) async fn watch(first: u32, stop: Stop) {
    while parent_id() == first {
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
    stop.begin(Reason::ParentGone);
}
