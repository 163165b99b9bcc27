//! Data sources, one file each, named as the type without its prefix.

use tfplugin::data_source::{ErasedDataSource, data_source};

use crate::aws::Aws;

pub mod detector;

/// Every data source, in alphabetical order.
pub const DATA_SOURCES: &[&dyn ErasedDataSource<Aws>] = &[data_source::<detector::Detector>()];
pub mod coverage;
pub const DATA_SOURCES: &[&dyn ErasedDataSource<Aws>] = &[data_source::<coverage::Coverage>()];
