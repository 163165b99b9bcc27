//! `guardduty_filter`: a saved search over findings that can archive matching findings (suppression rule).
//!
//! It does not know which conditions a finding can be tested for: `finding_criteria` does.

use std::collections::HashMap;

use aws_sdk_guardduty::operation::get_filter::GetFilterOutput;
use tfplugin::{Choice, Computed, Diagnostic, Known, Model, OptionalComputed, Plan, Result, Set, View, validate};

use super::finding_criteria::Criteria;
use super::ranks;
use super::silences::{Archiver, note_archiver};
use crate::aws::Aws;
use crate::kit::{Call, Common, Cx, Entity, Remote, sent};

/// Manages a GuardDuty filter, which is a saved search over findings.
///
/// With `action = "ARCHIVE"` the filter is a suppression rule: it archives each matching finding on arrival. An
/// archived finding stays in GuardDuty for 90 days. It does not reach Security Hub or EventBridge, so it triggers no
/// finding rule and no response.
///
/// An account can have at most 100 filters in a region.
#[derive(Model, Clone)]
#[model(key(detector_id, name))]
pub struct Filter {
    /// ID of the detector that the filter belongs to.
    #[attr(replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name of the filter: 3 to 64 letters, digits, `.`, `_` and `-`.
    #[attr(replace, validate = validate::length(3..=64), validate = validate::characters("._-"))]
    pub name: String,
    /// Description of the filter, at most 512 characters.
    #[attr(absent = empty, validate = validate::length(0..=512))]
    pub description: Option<String>,
    /// Action to take on findings that match.
    pub action: Action,
    /// Position in the order of filters, from 1 to 100. The first filter that matches a finding acts on it. If not set,
    /// GuardDuty appends the filter.
    #[attr(keep, validate = validate::range(1..=100))]
    pub rank: OptionalComputed<i64>,
    #[attr(block)]
    pub finding_criteria: Criteria,
    /// ID of the resource, in the form `DETECTOR:NAME`.
    #[attr(keep)]
    pub id: Computed<String>,
    #[attr(flatten)]
    pub common: Common,
}

/// Action to take on findings that match.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// None: the filter is only a saved search.
    Noop,
    /// Archives the finding on arrival.
    Archive,
}

impl Entity for Filter {
    const TYPE_NAME: &'static str = "filter";
    const NOUN: &'static str = "GuardDuty filter";
    const MOVES_FROM_AWS: bool = true;
    type Remote = GetFilterOutput;

    fn named(key: FilterKey, common: Common) -> Self {
        Filter {
            detector_id: key.detector_id,
            name: key.name,
            description: None,
            action: Action::Noop,
            rank: OptionalComputed::none(),
            finding_criteria: Criteria { criterion: Set::default() },
            id: Computed::none(),
            common,
        }
    }

    fn resource(&self) -> String {
        format!("detector/{}/filter/{}", self.detector_id, self.name)
    }

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        config.child(Self::FINDING_CRITERIA).known().map(|criteria| Criteria::check(&criteria)).unwrap_or_default()
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        note_silences(aws, plan);
        Ok(())
    }

    async fn create(self, cx: &Cx<'_>, tags: HashMap<String, String>) -> Call<Self> {
        let request = cx.guardduty().create_filter().detector_id(&self.detector_id).name(&self.name);
        let request = request.set_description(self.description.clone()).action(self.action.as_str().into());
        let criteria = self.finding_criteria.to_api(Self::FINDING_CRITERIA)?;
        let request = request.finding_criteria(criteria).set_tags(Some(tags));
        let create = |rank| sent(request.clone().set_rank(rank).send());
        ranks::write(cx, (&self.detector_id, &self.name), self.rank.get().copied(), create).await?;
        Ok(self)
    }

    async fn get(&self, cx: &Cx<'_>) -> Call<GetFilterOutput> {
        let request = cx.guardduty().get_filter().detector_id(&self.detector_id).filter_name(&self.name);
        Ok(request.send().await?)
    }

    fn found(self, remote: &GetFilterOutput) -> Self {
        Filter {
            description: remote.description().filter(|text| !text.is_empty()).map(str::to_owned),
            action: Action::parse(remote.action().map_or("", |action| action.as_str())).unwrap_or(self.action),
            rank: remote.rank().map(i64::from).into(),
            finding_criteria: self.finding_criteria.refreshed(remote.finding_criteria()),
            ..self
        }
    }

    async fn update(self, cx: &Cx<'_>, prior: &Self) -> Call<Self> {
        let request = cx.guardduty().update_filter().detector_id(&self.detector_id).filter_name(&self.name);
        // An empty description removes it.
        let description = self.description.clone().or(prior.description.as_ref().map(|_| String::new()));
        let request = request.set_description(description).action(self.action.as_str().into());
        let request = request.finding_criteria(self.finding_criteria.to_api(Self::FINDING_CRITERIA)?);
        if self.rank == prior.rank {
            request.send().await?;
            return Ok(self);
        }
        let update = |rank| sent(request.clone().set_rank(rank).send());
        ranks::write(cx, (&self.detector_id, &self.name), self.rank.get().copied(), update).await?;
        Ok(self)
    }

    async fn delete(&self, cx: &Cx<'_>) -> Call<()> {
        let request = cx.guardduty().delete_filter().detector_id(&self.detector_id).filter_name(&self.name);
        ranks::delete(cx, (&self.detector_id, &self.name), sent(request.send())).await
    }
}

impl Remote for GetFilterOutput {
    fn tags(&self) -> Option<&HashMap<String, String>> {
        self.tags()
    }
}

/// Notes a filter that archives findings, for the finding rules that wait for these findings.
fn note_silences(aws: &Aws, plan: &Plan<'_, Filter>) {
    let planned = plan.planned();
    let known = (planned.get(Filter::ACTION), planned.get(Filter::NAME), planned.get(Common::REGION.within()));
    let (Known::Known(Action::Archive), Known::Known(name), Known::Known(region)) = known else { return };
    let Some(criteria) = planned.child(Filter::FINDING_CRITERIA).known().and_then(|view| Criteria::asked(&view)) else {
        return;
    };
    let archiver = Archiver { name, criteria };
    let is_change = plan.changes(Filter::FINDING_CRITERIA) || plan.changes(Filter::ACTION);
    note_archiver(aws, &region, &archiver, is_change, Filter::ACTION);
}
