//! For tests of providers: a client that speaks to a provider through gRPC in the same process, and the rules that
//! the CLIs hold every provider to.

pub mod client;
pub mod conformance;
mod proposed;

pub use client::Client;
pub use conformance::{Report, check_data_source, check_plans, check_resource, check_schemas};
