//! Resource types, one file each, named as the type without its prefix.

use tfplugin::resource::{ErasedResource, resource};

use crate::aws::Aws;

mod common;
pub mod ecs_response;
pub mod filter;
mod finding_match;
pub mod sample_findings;

/// Every resource type, in alphabetical order. A new one is an entry here, a `mod` line above, and its file.
pub const RESOURCES: &[&dyn ErasedResource<Aws>] = &[
    resource::<ecs_response::EcsResponse>(),
    resource::<filter::Filter>(),
    resource::<sample_findings::SampleFindings>(),
];
