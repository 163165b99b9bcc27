//! Data sources, one file each, named as the type without its prefix.

use tfplugin::data_source::ErasedDataSource;

use crate::aws::Aws;

/// Every data source, in alphabetical order.
pub const DATA_SOURCES: &[&dyn ErasedDataSource<Aws>] = &[];
