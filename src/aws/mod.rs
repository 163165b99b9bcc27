//! Amazon's side: one client a service and region, made when first needed, over one HTTP pool and one credential
//! cache.
//!
//! It knows no resource. What an error means is decided in `meaning`, what is retried in `retries`, how it is reported
//! in `error`, and how long something takes in `wait`.

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
