//! Resource types, one file each, named as the type without its prefix.

use tfplugin::resource::{ErasedResource, resource};

use crate::aws::Aws;

mod common;
pub mod detector;
pub mod detector_feature;
mod features;
pub mod ecs_runtime_monitoring;
pub mod filter;
mod lists;
pub mod threatintelset;
mod timeouts;

/// Every resource type, in alphabetical order. A new one is an entry here, a `mod` line above, and its file.
pub const RESOURCES: &[&dyn ErasedResource<Aws>] =
    &[resource::<detector::Detector>(), resource::<detector_feature::DetectorFeature>(), resource::<filter::Filter>()];
pub const RESOURCES: &[&dyn ErasedResource<Aws>] = &[
    resource::<ecs_runtime_monitoring::EcsRuntimeMonitoring>(),
    resource::<filter::Filter>(),
    resource::<threatintelset::Threatintelset>(),
];
pub mod finding_match;
pub mod finding_rule;
mod silences;
pub const RESOURCES: &[&dyn ErasedResource<Aws>] = &[resource::<filter::Filter>(), resource::<finding_rule::FindingRule>()];
pub mod ecs_response;
mod finding_match;
pub mod sample_findings;
    resource::<ecs_response::EcsResponse>(),
    resource::<sample_findings::SampleFindings>(),
