//! Resource types, one file each, named as the type without its prefix.

use tfplugin::resource::{ErasedResource, resource};

use crate::aws::Aws;

mod common;
pub mod detector;
pub mod detector_feature;
mod features;
pub mod filter;

/// Every resource type, in alphabetical order. A new one is an entry here, a `mod` line above, and its file.
pub const RESOURCES: &[&dyn ErasedResource<Aws>] =
    &[resource::<detector::Detector>(), resource::<detector_feature::DetectorFeature>(), resource::<filter::Filter>()];
