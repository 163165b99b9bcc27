//! What the signals of the operating system mean to a plugin.
//!
//! A Ctrl-C reaches the CLI and all its plugins at once; the CLI then tells each plugin by
//! StopProvider what to do, so the signal itself is ignored. It does not end the process: it
//! throws the switch.

use std::io;

use super::stop::{Reason, Stop};

/// What SIGINT, a person's Ctrl-C, does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interrupt {
    /// Nothing: the CLI has got it too.
    Ignored,
    /// Ends the plugin, which a person has started by hand.
    Ends,
}

/// The signals from now on. While this lives they no longer end the process by themselves.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Throws the switch at the first signal that means the end.
    pub(super) async fn obey(mut self, stop: Stop, interrupt: Interrupt) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => stop.begin(Reason::Terminated),
                // A closed terminal ends the CLI as well.
                _ = self.hangup.recv() => stop.begin(Reason::Terminated),
                _ = self.interrupt.recv() => if interrupt == Interrupt::Ends {
                    stop.begin(Reason::Interrupted);
                },
            }
        }
    }
}

/// The signals from now on. Windows has one that concerns a plugin, Ctrl-C.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// Throws the switch at Ctrl-C, where that means the end.
    pub(super) async fn obey(self, stop: Stop, interrupt: Interrupt) {
        while tokio::signal::ctrl_c().await.is_ok() {
            if interrupt == Interrupt::Ends {
                stop.begin(Reason::Interrupted);
            }
        }
    }
}
