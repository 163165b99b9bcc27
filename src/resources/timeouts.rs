//! How long an operation may wait, as the configuration says it.

use std::time::Duration;

use tfplugin::Model;

/// How long to wait at most, as in `"30s"`, `"45m"` or `"1h30m"`.
#[derive(Model, Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Longest wait of a create. By default 45 minutes.
    pub create: Option<Duration>,
    /// Longest wait of an update. By default 45 minutes.
    pub update: Option<Duration>,
    /// Longest wait of a delete. By default 45 minutes.
    pub delete: Option<Duration>,
}

/// What AWS takes at most, by its documentation some 40 minutes, and a little more.
const DEFAULT: Duration = Duration::from_secs(45 * 60);

impl Timeouts {
    /// Longest wait of a create.
    pub fn create(&self) -> Duration {
        self.create.unwrap_or(DEFAULT)
    }

    /// Longest wait of an update.
    pub fn update(&self) -> Duration {
        self.update.unwrap_or(DEFAULT)
    }

    /// Longest wait of a delete.
    pub fn delete(&self) -> Duration {
        self.delete.unwrap_or(DEFAULT)
    }
}
