//! A provider for OpenTofu and Terraform that makes Amazon GuardDuty protect containers on Amazon ECS and Fargate.
//!
//! Layers, each knowing only those to its right:
//! `resources`, `data_sources` -> `delivery` -> `kit` -> `aws` -> `tfplugin`, and beside `kit` `findings`. Only
//! [`provider`](GuardDuty) sees all of them.
//!
//! - `findings` is pure: finding types, event patterns, criteria, playbooks. No network, no SDK.
//! - `aws` knows no resource: clients, errors, waits, tags.
//! - `kit` makes a resource type of a thing with a key, `delivery` of an EventBridge rule with its targets.
//! - A resource type is one file in `resources`, named as the type is.

mod aws;
mod data_sources;
mod delivery;
pub mod findings;
mod kit;
mod provider;
mod resources;

pub use provider::{Config, GuardDuty};
