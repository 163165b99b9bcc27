//! The AWS layer: one client per service and region, created on first use, with a shared HTTP pool and credential
//! cache.
//!
//! It knows no resource. `meaning` decides what an error means, `retries` what is retried, `error` how it is reported,
//! and `wait` how long to wait.

pub mod account;
pub mod arn;
mod cause;
mod clients;
pub mod cloudwatch;
pub mod concurrent;
pub mod coverage;
pub mod credentials;
mod default_region;
mod detectors;
pub mod ecs;
pub mod endpoints;
pub mod error;
pub mod eventbridge;
pub mod features;
mod flights;
pub mod iam;
mod meaning;
pub mod objects;
pub mod owners;
pub mod parts;
pub mod policies;
pub mod profiles;
pub mod regions;
mod retries;
pub mod settings;
pub mod sfn;
pub mod sqs;
pub mod tags;
#[cfg(test)]
mod testing;
pub mod transport;
mod wait;

pub use clients::{Aws, tidying};
pub use error::{Explain, Subject};
pub use owners::{Hold, Mark, Owners};
pub use settings::{About, Misfit, RegionSetting, Settings};
pub use tags::Tags;
pub use wait::{LATE_READ, SETTLING};
