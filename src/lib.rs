//! A provider for OpenTofu and Terraform that manages Amazon GuardDuty for containers on Amazon ECS and AWS Fargate.
//!
//! Each layer only knows the layers to its right: `resources`, `data_sources` -> `delivery` -> `kit` -> `aws` ->
//! `tfplugin`, with `findings` next to `kit`. Only [`provider`](GuardDuty) knows all of them.
//!
//! - `findings` is pure: finding types, event patterns, criteria, playbooks. It uses no network and no SDK.
//! - `aws` has clients, errors, waits and tags. It knows no resource.
//! - `kit` turns an object with a key into a resource type. `delivery` does so for an EventBridge rule with its
//!   targets.
//! - `resources` has one file or folder for each resource type, named after the type.

mod aws;
mod data_sources;
mod delivery;
pub mod findings;
mod kit;
mod provider;
mod resources;

pub use provider::{Config, GuardDuty};
