//! How long an operation may wait, as the configuration says it.
//!
//! How long it waits where the configuration says nothing, each type says itself: in the text of its `timeouts`, and
//! where it asks for one.

use std::time::Duration;

use tfplugin::Model;

/// How long to wait at most, as in `"30s"`, `"45m"` or `"1h30m"`.
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
