//! Data sources, one file each, named after the type without its prefix.

use tfplugin::data_source::{ErasedDataSource, data_source};

use crate::aws::Aws;

pub mod coverage;
pub mod detector;

/// All data sources, in alphabetical order.
pub const DATA_SOURCES: &[&dyn ErasedDataSource<Aws>] =
    &[data_source::<coverage::Coverage>(), data_source::<detector::Detector>()];
