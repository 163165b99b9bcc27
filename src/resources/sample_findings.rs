//! `guardduty_sample_findings`: sample findings on demand, to test alerts and responses.
//!
//! It does not know which finding types exist: `findings::catalogue` does.

use std::collections::BTreeMap;

use tfplugin::{
    Computed, Diagnostic, Failure, Model, Named, OptionalComputed, Plan, Resource, Result, Set, View, validate,
};

use super::time::now;
use crate::aws::{Aws, Explain, Subject};
use crate::findings::{catalogue, glob};

/// Maximum number of finding types in one CreateSampleFindings call.
const TYPES_A_CALL: usize = 50;

/// Generates sample findings when it is created and whenever one of its arguments changes. Use it to test the path from
/// a finding to its receivers. Sample findings take the same path as any other finding: rules match them, filters
/// archive them, and GuardDuty publishes them to EventBridge within minutes.
///
/// A sample finding has `service.additionalInfo.sample = true` and a title that begins with `[SAMPLE]`. It is about
/// resources that do not exist, such as the cluster `GeneratedFindingECSClusterName`. A `guardduty_ecs_response` treats
/// it as a dry run.
///
/// GuardDuty cannot delete findings. Destroying this resource only removes it from the state. The sample findings
/// remain for 90 days, like all findings. A detector has one sample finding of each type. Generating it again updates
/// it.
#[derive(Model, Clone)]
pub struct SampleFindings {
    /// ID of the detector to generate sample findings in. The detector must be enabled.
    #[attr(replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Finding types to generate, such as `CryptoCurrency:Runtime/BitcoinTool.B!DNS`. If not set, GuardDuty generates
    /// one sample finding of each type it knows (several hundred).
    #[attr(validate = some_types)]
    pub finding_types: Option<Set<String>>,
    /// Arbitrary values. A change of any value generates the sample findings again. They have no other effect.
    #[attr(absent = empty)]
    pub triggers: Option<BTreeMap<String, String>>,
    /// Date and time, in UTC, at which the sample findings were last generated.
    pub created_at: Computed<String>,
    /// ID of the detector.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the detector. Defaults to the provider's region.
    #[attr(absent = empty, keep, replace)]
    pub region: OptionalComputed<String>,
}

impl Resource for SampleFindings {
    const TYPE_NAME: &'static str = "sample_findings";
    type Model = Self;
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let types = config.get(Self::FINDING_TYPES).known().unwrap_or_default();
        let problems = types.iter().filter_map(|name| problem(name));
        problems.map(|problem| problem.at(config.path(Self::FINDING_TYPES))).collect()
    }

    async fn plan(_: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        if let Some(detector) = plan.get(Self::DETECTOR_ID).known() {
            plan.set(Self::ID, &detector);
        }
        Ok(())
    }

    async fn create(aws: &Aws, samples: Self) -> Result<Self> {
        samples.make(aws).await
    }

    /// The sample findings belong to the detector and are deleted with it.
    async fn read(aws: &Aws, samples: Self) -> Result<Option<Self>> {
        let detector = aws.detector(samples.region.as_str(), &samples.detector_id).await?;
        Ok(detector.map(|_| samples))
    }

    async fn update(aws: &Aws, _: Self, samples: Self) -> Result<Self> {
        samples.make(aws).await
    }

    async fn delete(_: &Aws, _: Self) -> Result<()> {
        Ok(())
    }

    async fn named(_: &Aws, _: &str) -> Result<Named<Self>> {
        Err(Failure::new("guardduty_sample_findings can't be imported")
            .detail("It is something done, not something that exists. Write the block and apply: samples that are there already are brought up to date."))
    }
}

impl SampleFindings {
    async fn make(self, aws: &Aws) -> Result<Self> {
        let client = aws.guardduty(self.region.as_str());
        let place = format!("detector {}, {}", self.detector_id, self.region.as_str());
        for types in self.calls() {
            let what = types.as_ref().map_or("all types".to_owned(), |types| types.join(", "));
            client
                .create_sample_findings()
                .detector_id(&self.detector_id)
                .set_finding_types(types)
                .send()
                .await
                .or_fail("make", &Subject::new(format!("sample findings of {what}"), place.as_str()))?;
        }
        Ok(SampleFindings { created_at: now().into(), id: self.detector_id.clone().into(), ..self })
    }

    /// Returns the finding types of each call, or `None` for all types.
    fn calls(&self) -> Vec<Option<Vec<String>>> {
        match &self.finding_types {
            None => vec![None],
            Some(types) => types.chunks(TYPES_A_CALL).map(|chunk| Some(chunk.to_vec())).collect(),
        }
    }
}

fn some_types(types: &Set<String>) -> Result<(), String> {
    let fault = || "It is empty. Name a finding type, or leave it out for all of them.".to_owned();
    (!types.is_empty()).then_some(()).ok_or_else(fault)
}

/// Returns the error or warning for a finding type. A type that this version does not know may exist, so it only causes
/// a warning.
fn problem(name: &str) -> Option<Diagnostic> {
    if glob::is_glob(name) {
        let count = catalogue::expand(name).len();
        let fault = Diagnostic::error(format!("{name:?} is not a finding type"));
        return Some(fault.detail(format!("Samples are made by exact names; this pattern fits {count} of them.")));
    }
    match catalogue::find(name) {
        Some(known) if known.is_retired => {
            let warning = Diagnostic::warning(format!("GuardDuty has retired the finding type {name:?}"));
            Some(warning.detail("It may refuse to make a sample of it."))
        }
        Some(_) => None,
        None => {
            let warning = Diagnostic::warning(format!("this version of the provider knows no finding type {name:?}"));
            let hint = catalogue::nearest(name).map(|nearest| format!("Did you mean {nearest:?}?"));
            Some(warning.detail(hint.unwrap_or_else(|| "If there is none, GuardDuty will refuse it.".to_owned())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(count: Option<usize>) -> SampleFindings {
        SampleFindings {
            detector_id: "12abc".to_owned(),
            finding_types: count.map(|count| (0..count).map(|at| format!("type {at}")).collect()),
            triggers: None,
            created_at: Computed::none(),
            id: Computed::none(),
            region: OptionalComputed::none(),
        }
    }

    #[test]
    fn no_call_names_more_than_fifty_types() {
        let sizes = |count| samples(count).calls().iter().map(|types| types.as_ref().map(Vec::len)).collect::<Vec<_>>();
        assert_eq!(sizes(None), [None]);
        assert_eq!(sizes(Some(50)), [Some(50)]);
        assert_eq!(sizes(Some(101)), [Some(50), Some(50), Some(1)]);
    }

    #[test]
    fn only_what_is_surely_wrong_is_refused() {
        use tfplugin::diagnostic::Severity;
        let severity = |name| problem(name).map(|problem| problem.severity);
        assert_eq!(severity("CryptoCurrency:Runtime/BitcoinTool.B!DNS"), None);
        assert_eq!(severity("CryptoCurrency:Runtime/BitcoinTool.B!DN"), Some(Severity::Warning));
        assert_eq!(severity("CryptoCurrency:EC2/BitcoinTool.A"), Some(Severity::Warning));
        assert_eq!(severity("CryptoCurrency:Runtime/*"), Some(Severity::Error));
    }
}
