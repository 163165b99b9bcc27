//! `guardduty_filter`: a saved search over findings that can archive what it matches.
//!
//! It does not know what can be asked of a finding: `finding_criteria` does.

use std::collections::HashMap;

use aws_sdk_guardduty::operation::get_filter::GetFilterOutput;
use tfplugin::{Choice, Computed, Diagnostic, Known, Model, OptionalComputed, Plan, Result, Set, View, validate};

use super::finding_criteria::Criteria;
use super::ranks;
use super::silences::{Archiver, note_archiver};
use crate::aws::Aws;
use crate::kit::{Call, Common, Cx, Entity, Remote, sent};

/// Saves a search over findings. With `action = "ARCHIVE"` a finding that matches is archived on arrival: it stays in
/// GuardDuty for 90 days, but reaches neither EventBridge, and so no rule or response, nor Security Hub.
///
/// An account has at most 100 filters in a region.
#[derive(Model, Clone)]
#[model(key(detector_id, name))]
pub struct Filter {
    /// Detector that the filter belongs to.
    #[attr(replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name: 3 to 64 letters, digits, `.`, `_` and `-`.
    #[attr(replace, validate = validate::length(3..=64), validate = validate::characters("._-"))]
    pub name: String,
    /// What the filter is for, in at most 512 characters.
    #[attr(absent = empty, validate = validate::length(0..=512))]
    pub description: Option<String>,
    /// What happens to a finding that matches.
    pub action: Action,
    /// Place in the order of filters, 1 to 100; the first that matches acts. Left out, GuardDuty appends the filter.
    #[attr(keep, validate = validate::range(1..=100))]
    pub rank: OptionalComputed<i64>,
    #[attr(block)]
    pub finding_criteria: Criteria,
    /// `DETECTOR:NAME`.
    #[attr(keep)]
    pub id: Computed<String>,
    #[attr(flatten)]
    pub common: Common,
}

/// What happens to a finding that matches.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: the filter is a saved search.
    Noop,
    /// It is archived on arrival.
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
        // A description is taken away by an empty one.
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

/// A filter that archives is noted for the rules that wait for what it archives.
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
