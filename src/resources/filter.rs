//! `guardduty_filter`: a saved search over findings that can archive what it matches.
//!
//! It does not know what can be asked of a finding: `finding_criteria` does.

use aws_sdk_guardduty::operation::get_filter::GetFilterOutput;
use tfplugin::{
    Choice, Computed, Diagnostic, Known, Model, MoveSource, OptionalComputed, Plan, Resource, Result, Set, View,
    validate,
};

use super::finding_criteria::Criteria;
use super::import::{import_id, import_parts, take_over};
use super::moved::moved_from_aws;
use super::silences::{Archiver, note_archiver};
use crate::aws::error::{explain, is_already_there};
use crate::aws::{Aws, Explain, Subject, Tags};

/// Saves a search over findings. With `action = "ARCHIVE"` a finding that matches is archived on arrival: it stays in
/// GuardDuty for 90 days, but reaches neither EventBridge, and so no rule or response, nor Security Hub.
///
/// An account has at most 100 filters in a region.
#[derive(Model, Clone)]
pub struct Filter {
    /// Detector that the filter belongs to.
    #[attr(identity, replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name: 3 to 64 letters, digits, `.`, `_` and `-`.
    #[attr(identity, replace, validate = validate::length(3..=64), validate = validate::characters("._-"))]
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
    /// Tags of the filter.
    #[attr(absent = empty)]
    pub tags: Option<Tags>,
    /// All tags of the filter, those of the provider's `default_tags` among them.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ARN of the filter.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// `DETECTOR:NAME`.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the detector. By default the provider's.
    #[attr(identity, keep, replace)]
    pub region: OptionalComputed<String>,
}

/// What happens to a finding that matches.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing: the filter is a saved search.
    Noop,
    /// It is archived on arrival.
    Archive,
}

impl Resource for Filter {
    const TYPE_NAME: &'static str = "filter";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        config.child(Self::FINDING_CRITERIA).map(|criteria| Criteria::check(&criteria)).unwrap_or_default()
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        let id = plan.get(Self::DETECTOR_ID).known().zip(plan.get(Self::NAME).known());
        if let Some((detector, name)) = id {
            plan.set(Self::ID, &format!("{detector}:{name}"));
        }
        note_silences(aws, plan);
        Ok(())
    }

    async fn create(aws: &Aws, filter: Self) -> Result<Self> {
        let region = filter.region.as_str();
        let created = aws
            .guardduty(region)
            .create_filter()
            .detector_id(&filter.detector_id)
            .name(&filter.name)
            .set_description(filter.description.clone())
            .action(filter.action.as_str().into())
            .set_rank(filter.rank.get().map(|rank| *rank as i32))
            .finding_criteria(filter.finding_criteria.to_api(Self::FINDING_CRITERIA)?)
            .set_tags(filter.tags_all.get().and_then(Tags::to_api))
            .send()
            .await;
        if let Err(error) = created {
            let failure = explain(&error, "create", &filter.subject());
            let advice = || take_over::<Self>(aws, &filter.own_id(), region);
            return Err(if is_already_there(&error) { failure.detail(advice()) } else { failure });
        }
        filter.read_back(aws).await
    }

    async fn read(aws: &Aws, filter: Self) -> Result<Option<Self>> {
        let answer = aws
            .guardduty(filter.region.as_str())
            .get_filter()
            .detector_id(&filter.detector_id)
            .filter_name(&filter.name)
            .send()
            .await
            .if_found("read", &filter.subject())?;
        match answer {
            Some(found) => Ok(Some(filter.filled(aws, found).await?)),
            None => Ok(None),
        }
    }

    async fn update(aws: &Aws, prior: Self, filter: Self) -> Result<Self> {
        let region = filter.region.as_str();
        // A description is taken away by an empty one.
        let description = filter.description.clone().or(prior.description.as_ref().map(|_| String::new()));
        aws.guardduty(region)
            .update_filter()
            .detector_id(&filter.detector_id)
            .filter_name(&filter.name)
            .set_description(description)
            .action(filter.action.as_str().into())
            .set_rank(filter.rank.get().map(|rank| *rank as i32))
            .finding_criteria(filter.finding_criteria.to_api(Self::FINDING_CRITERIA)?)
            .send()
            .await
            .or_fail("update", &filter.subject())?;
        aws.retag(region, prior.arn.as_str(), &prior.tags_all, &filter.tags_all).await?;
        filter.read_back(aws).await
    }

    async fn delete(aws: &Aws, filter: Self) -> Result<()> {
        aws.guardduty(filter.region.as_str())
            .delete_filter()
            .detector_id(&filter.detector_id)
            .filter_name(&filter.name)
            .send()
            .await
            .if_found("delete", &filter.subject())
            .map(|_| ())
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::DETECTOR_ID), identity.get(Self::NAME)], identity.get(Self::REGION))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([detector, name], region) = import_parts(aws, id, "DETECTOR:NAME").await?;
        let filter = Filter {
            detector_id: detector,
            name,
            description: None,
            action: Action::Noop,
            rank: OptionalComputed::none(),
            finding_criteria: Criteria { criterion: Set::default() },
            tags: None,
            tags_all: Computed::none(),
            arn: Computed::none(),
            id: Computed::none(),
            region: region.into(),
        };
        Self::read(aws, filter).await
    }

    fn move_from(source: MoveSource) -> Option<serde_json::Value> {
        moved_from_aws(Self::TYPE_NAME, source)
    }
}

impl Filter {
    fn subject(&self) -> Subject {
        let place = format!("detector {}, {}", self.detector_id, self.region.as_str());
        Subject::new(format!("GuardDuty filter {:?}", self.name), place)
    }

    fn own_id(&self) -> String {
        format!("{}:{}", self.detector_id, self.name)
    }

    /// The filter as the service has it now. If that can't be told, what was planned stands, so that it isn't lost.
    async fn read_back(self, aws: &Aws) -> Result<Self> {
        let planned = Filter { id: self.own_id().into(), ..self.clone() };
        let vanished = planned.subject().failure("read", "it was made, and is gone again");
        match Self::read(aws, self).await {
            Ok(found) => found.ok_or(vanished),
            Err(failure) => Err(failure.reached(&planned)),
        }
    }

    async fn filled(self, aws: &Aws, found: GetFilterOutput) -> Result<Self> {
        let resource = format!("detector/{}/filter/{}", self.detector_id, self.name);
        let arn = aws.account(self.region.as_str()).await?.arn("guardduty", self.region.as_str(), &resource);
        let (tags, tags_all) = aws.tag_rules().split(found.tags(), self.tags.as_ref());
        Ok(Filter {
            id: self.own_id().into(),
            description: found.description().filter(|text| !text.is_empty()).map(str::to_owned),
            action: Action::parse(found.action().map_or("", |action| action.as_str())).unwrap_or(self.action),
            rank: found.rank().map(i64::from).into(),
            finding_criteria: self.finding_criteria.refreshed(found.finding_criteria()),
            arn: arn.into(),
            tags,
            tags_all,
            ..self
        })
    }
}

/// A filter that archives is noted for the rules that wait for what it archives.
fn note_silences(aws: &Aws, plan: &Plan<'_, Filter>) {
    let planned = plan.planned();
    let known = (planned.get(Filter::ACTION), planned.get(Filter::NAME), planned.get(Filter::REGION));
    let (Known::Known(Action::Archive), Known::Known(name), Known::Known(region)) = known else { return };
    let Some(criteria) = planned.child(Filter::FINDING_CRITERIA).and_then(|view| Criteria::asked(&view)) else {
        return;
    };
    let archiver = Archiver { name, criteria };
    let is_change = plan.changes(Filter::FINDING_CRITERIA) || plan.changes(Filter::ACTION);
    note_archiver(aws, &region, &archiver, is_change, Filter::ACTION);
}
