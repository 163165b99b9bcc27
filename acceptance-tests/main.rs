//! Acceptance tests: the real CLIs, the built provider, a real LocalStack with our GuardDuty plugin.
//!
//! One file a resource type. `harness` knows how to run a CLI in a folder of its own against an account of its own;
//! it knows no resource.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod harness;

mod calls;
mod cases;
mod conformance;
mod detector;
mod detector_feature;
mod ecs_response;
mod ecs_runtime_monitoring;
mod english;
mod filter;
mod finding_rule;
mod identity;
mod interrupts;
mod ipset;
mod layers;
mod lives;
mod moves;
mod ownership;
mod provider_block;
mod sample_findings;
mod threatintelset;
