//! Data source `guardduty_detector`: the detector of a region, with all its features.

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{
    DetectorFeatureConfigurationResult, DetectorFeatureResult, FeatureAdditionalConfiguration,
};
use tfplugin::{Computed, DataSource, Diagnostic, Failure, Model, OptionalComputed, Result, View, validate};

use crate::aws::{Aws, Tags};

/// Reads the GuardDuty detector of an account and region, with all its features, including features that no resource
/// lists and features that are always enabled.
#[derive(Model, Clone)]
pub struct Detector {
    /// ID of the detector. Default: the detector of the region.
    #[attr(validate = validate::length(1..=300))]
    pub id: OptionalComputed<String>,
    /// ARN of the detector.
    pub arn: Computed<String>,
    /// Status of the detector: `ENABLED`, or `DISABLED` if it is suspended.
    pub status: Computed<String>,
    /// ARN of the service-linked role that GuardDuty uses.
    pub service_role_arn: Computed<String>,
    /// How often updates of existing findings are published: `FIFTEEN_MINUTES`, `ONE_HOUR` or `SIX_HOURS`.
    pub finding_publishing_frequency: Computed<String>,
    /// Features of the detector, sorted by name.
    pub features: Computed<Vec<Feature>>,
    /// Tags of the detector. Values set in the configuration, which hashicorp/aws allows, are ignored.
    pub tags: OptionalComputed<Tags>,
    /// Region of the detector. Defaults to the provider's region.
    #[attr(absent = empty)]
    pub region: OptionalComputed<String>,
}

/// Settings of a feature.
#[derive(Model, Clone)]
pub struct Feature {
    /// Name of the feature.
    pub name: Computed<String>,
    /// Status of the feature: `ENABLED` or `DISABLED`.
    pub status: Computed<String>,
    /// Additional configurations of the feature, sorted by name.
    pub additional_configuration: Computed<Vec<AdditionalConfiguration>>,
}

/// Additional configuration of a feature.
#[derive(Model, Clone)]
pub struct AdditionalConfiguration {
    /// Name of the additional configuration.
    pub name: Computed<String>,
    /// Status of the additional configuration: `ENABLED` or `DISABLED`.
    pub status: Computed<String>,
}

impl DataSource for Detector {
    const TYPE_NAME: &'static str = "detector";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let warning = || {
            Diagnostic::warning("tags of a data source are not looked at")
                .at(Self::TAGS)
                .detail("Here `tags` is what the detector has. Take it out of the block.")
        };
        config.get(Self::TAGS).known().map(|_| warning()).into_iter().collect()
    }

    async fn read(aws: &Aws, config: Self) -> Result<Self> {
        let region = aws.region_or_default(config.region.get().map(String::as_str)).await?;
        let id = match config.id.into_option().filter(|id| !id.is_empty()) {
            Some(id) => id,
            None => aws.detector_id(&region).await?.ok_or_else(|| {
                Failure::new(format!("there is no GuardDuty detector in {region}"))
                    .detail("Declare a guardduty_detector, or name the `region` that has one.")
            })?,
        };
        let missing = || {
            Failure::at(Self::ID, format!("there is no GuardDuty detector {id} in {region}"))
                .detail("Leave `id` out to take the one that is there, or name another `region`.")
        };
        let found = aws.detector(&region, &id).await?.ok_or_else(missing)?;
        let arn = aws.shown_arn(&region, None, &format!("detector/{id}")).await?;
        let (_, tags) = aws.tag_rules().split(found.tags(), None);
        Ok(Detector {
            arn: arn.into(),
            status: found.status().map(|status| status.as_str().to_owned()).into(),
            service_role_arn: found.service_role().map(str::to_owned).into(),
            finding_publishing_frequency: found
                .finding_publishing_frequency()
                .map(|frequency| frequency.as_str().to_owned())
                .into(),
            features: features(&found).into(),
            tags: tags.into_option().into(),
            id: id.into(),
            region: region.into(),
        })
    }
}

fn features(found: &GetDetectorOutput) -> Vec<Feature> {
    let mut features: Vec<_> = found.features().iter().collect();
    features.sort_by_key(|feature| feature.name().map(DetectorFeatureResult::as_str));
    let feature = |feature: &DetectorFeatureConfigurationResult| {
        let mut additional: Vec<_> = feature.additional_configuration().iter().collect();
        additional.sort_by_key(|one| one.name().map(FeatureAdditionalConfiguration::as_str));
        let additional = additional.into_iter().map(|one| AdditionalConfiguration {
            name: one.name().map(|name| name.as_str().to_owned()).into(),
            status: one.status().map(|status| status.as_str().to_owned()).into(),
        });
        Feature {
            name: feature.name().map(|name| name.as_str().to_owned()).into(),
            status: feature.status().map(|status| status.as_str().to_owned()).into(),
            additional_configuration: additional.collect::<Vec<_>>().into(),
        }
    };
    features.into_iter().map(feature).collect()
}
