//! Resource types, one file or folder each, named after the type without its prefix.

use tfplugin::resource::{ErasedResource, resource};

use crate::aws::Aws;
use crate::delivery::delivered;
use crate::kit::managed;

pub mod detector;
pub mod detector_feature;
pub mod ecs_response;
pub mod ecs_runtime_monitoring;
mod features;
pub mod filter;
pub mod finding_criteria;
pub mod finding_match;
pub mod finding_rule;
pub mod ipset;
mod lists;
mod ranks;
pub mod sample_findings;
mod silences;
pub mod threatintelset;
mod time;

/// All resource types, in alphabetical order. A new type needs an entry here, a `mod` line above, and its file.
pub const RESOURCES: &[&dyn ErasedResource<Aws>] = &[
    resource::<detector::Detector>(),
    resource::<detector_feature::DetectorFeature>(),
    resource::<ecs_response::EcsResponse>(),
    resource::<ecs_runtime_monitoring::EcsRuntimeMonitoring>(),
    managed::<filter::Filter>(),
    delivered::<finding_rule::FindingRule>(),
    managed::<ipset::Ipset>(),
    resource::<sample_findings::SampleFindings>(),
    managed::<threatintelset::Threatintelset>(),
];
