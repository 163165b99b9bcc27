//! A provider for OpenTofu and Terraform that makes Amazon GuardDuty protect containers on Amazon ECS and Fargate.
//!
//! Layers, each knowing only those to its right:
//! `resources`, `data_sources` -> `findings`, `aws` -> `tfplugin`. Only [`provider`](GuardDuty) sees all of them.
//!
//! - `findings` is pure: finding types, event patterns, criteria, playbooks. No network, no SDK.
//! - `aws` knows no resource: clients, errors, waits, tags.
//! - A resource type is one file in `resources`, named as the type is.

mod aws;
mod data_sources;
pub mod findings;
mod kit;
mod provider;
mod resources;

pub use provider::{Config, GuardDuty};
