//! The attributes that every thing with tags has.

use tfplugin::{Computed, Model, OptionalComputed};

use crate::aws::tags::of_guardduty;
use crate::aws::{Hold, Tags};

/// Tags, ARN, region and owner.
#[derive(Model, Clone, Debug, Default)]
pub struct Common {
    /// Tags.
    #[attr(absent = empty, validate = of_guardduty)]
    pub tags: Option<Tags>,
    /// All tags, including those of the provider's `default_tags`.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ARN.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// Region. Defaults to the provider's.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Mark of this instance, which the resource has as the tag `guardduty:owner/MARK`. ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

impl Common {
    /// That of a thing in `region` of which nothing else is known.
    pub fn of(region: String) -> Self {
        Common { region: region.into(), ..Common::default() }
    }

    /// Region.
    pub fn region(&self) -> &str {
        self.region.as_str()
    }
}
