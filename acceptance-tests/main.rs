//! Acceptance tests: the real CLIs, the built provider, a real LocalStack with our GuardDuty plugin.
//!
//! One file a resource type. `harness` knows how to run a CLI in a folder of its own against an account of its own;
//! it knows no resource.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod harness;

mod filter;
mod finding_rule;
