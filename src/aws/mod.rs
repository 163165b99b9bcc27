//! Amazon's side: one client a service and region, made when first needed, over one HTTP pool and one credential
//! cache.
//!
//! It knows no resource. What an error means is decided in `error`, how long something takes in `wait`.

mod account;
pub mod arn;
mod clients;
pub mod concurrent;
pub mod coverage;
pub mod account;
pub mod cloudwatch;
mod detectors;
pub mod ecs;
pub mod error;
pub mod features;
pub mod objects;
pub mod eventbridge;
pub mod iam;
pub mod policies;
mod settings;
pub mod sfn;
pub mod sqs;
pub mod tags;
pub mod wait;

pub use clients::Aws;
pub use error::{Explain, Subject};
pub use settings::Settings;
pub use tags::Tags;
