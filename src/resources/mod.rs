//! Resource types, one file each, named as the type without its prefix.

use tfplugin::resource::{ErasedResource, resource};

use crate::aws::Aws;

mod common;
pub mod filter;
pub mod finding_match;
pub mod finding_rule;
mod silences;

/// Every resource type, in alphabetical order. A new one is an entry here, a `mod` line above, and its file.
pub const RESOURCES: &[&dyn ErasedResource<Aws>] =
    &[resource::<filter::Filter>(), resource::<finding_rule::FindingRule>()];
