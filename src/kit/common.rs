//! The attributes that every resource with tags has.

use tfplugin::{Computed, Model, OptionalComputed};

use crate::aws::tags::of_guardduty;
use crate::aws::{Hold, Tags};

/// Tags, ARN, region and owner.
#[derive(Model, Clone, Debug, Default)]
pub struct Common {
    /// Tags of the resource.
    #[attr(absent = empty, validate = of_guardduty)]
    pub tags: Option<Tags>,
    /// All tags of the resource, including those from the provider's `default_tags`.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ARN of the resource.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// Region of the resource. Defaults to the provider's region.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Ownership mark of this resource instance. The resource carries it as the tag `guardduty:owner/MARK`. ` shared`
    /// is appended while other instances manage the resource too. ` adopted` is appended after an import, until the
    /// first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

impl Common {
    /// Returns the attributes of a resource in `region` of which nothing else is known.
    pub fn of(region: String) -> Self {
        Common { region: region.into(), ..Common::default() }
    }

    /// Returns the region.
    pub fn region(&self) -> &str {
        self.region.as_str()
    }
}
