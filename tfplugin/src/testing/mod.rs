//! For tests of providers: a client that speaks to a provider through gRPC in the same process, the rules that the CLIs
//! hold every provider to, and the real CLIs, each run in a folder of its own.
//!
//! Here a test's step that isn't as expected panics, at the line of the test.
#![allow(clippy::panic, reason = "that is how a test fails")]

pub mod cli;
pub mod client;
pub mod conformance;
mod drift;
pub mod plan;
pub mod project;
mod proposed;

pub use cli::{Cli, Output, mirror};
pub use client::Client;
pub use conformance::{
    Report, check_data_source, check_ephemeral_resource, check_failing_create, check_function, check_provider_block,
    check_resource, check_resource_with, check_schemas, configuration,
};
pub use plan::Plan;
pub use project::Project;
