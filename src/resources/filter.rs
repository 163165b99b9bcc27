//! `guardduty_filter`: a saved search over findings that can archive what it matches.
//!
//! It does not know which fields exist or how a bound is read: `findings::criteria` does.

use std::collections::HashMap;

use aws_sdk_guardduty::operation::get_filter::GetFilterOutput;
use aws_sdk_guardduty::types::{Condition, FindingCriteria};
use tfplugin::{
    Choice, Computed, Diagnostic, Failure, Known, Model, OptionalComputed, Plan, Resource, Result, Set, View, validate,
};

use super::common::{import_parts, moved_from_aws};
use super::silences::{Archiver, note_archiver};
use crate::aws::error::{explain, is_already_there};
use crate::aws::{Aws, Explain, Subject, Tags};
use crate::findings::criteria;

/// Saves a search over findings. With `action = "ARCHIVE"` a finding that matches is archived on arrival: it stays in
/// GuardDuty for 90 days, but reaches neither EventBridge, and so no rule or response, nor Security Hub.
///
/// An account has at most 100 filters in a region.
#[derive(Model, Clone)]
pub struct Filter {
    /// Detector that the filter belongs to.
    #[attr(replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name: 3 to 64 letters, digits, `.`, `_` and `-`.
    #[attr(replace, validate = validate::length(3..=64), validate = validate::characters("._-"))]
    pub name: String,
    /// What the filter is for, in at most 512 characters.
    #[attr(validate = validate::length(0..=512))]
    pub description: Option<String>,
    /// What happens to a finding that matches.
    pub action: Action,
    /// Place in the order of filters, 1 to 100; the first that matches acts. Left out, GuardDuty appends the filter.
    #[attr(keep, validate = validate::range(1..=100))]
    pub rank: OptionalComputed<i64>,
    #[attr(block)]
    pub finding_criteria: Criteria,
    /// Tags of the filter.
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
    #[attr(keep, replace)]
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

/// What a finding must be like: each `criterion` must hold.
#[derive(Model, Clone)]
pub struct Criteria {
    #[attr(block(min = 1))]
    pub criterion: Set<Criterion>,
}

/// A condition on one field of a finding. A bound is a whole number, or a date such as `2026-01-31T00:00:00Z` where
/// the field is one (`createdAt`, `updatedAt`).
#[derive(Model, Clone)]
pub struct Criterion {
    /// Field of the finding, such as `severity` or `resource.ecsClusterDetails.name`.
    pub field: String,
    /// The field is one of these, at most 50.
    pub equals: Option<Vec<String>>,
    /// The field is none of these, at most 50.
    pub not_equals: Option<Vec<String>>,
    /// The field is more than this.
    pub greater_than: Option<String>,
    /// The field is this or more.
    pub greater_than_or_equal: Option<String>,
    /// The field is less than this.
    pub less_than: Option<String>,
    /// The field is this or less.
    pub less_than_or_equal: Option<String>,
    /// The field fits one of these patterns, at most 5, in which `*` stands for any characters.
    pub matches: Option<Vec<String>>,
    /// The field fits none of these patterns, at most 5.
    pub not_matches: Option<Vec<String>>,
}

impl Resource for Filter {
    const TYPE_NAME: &'static str = "filter";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let Some(criteria) = config.child(Self::FINDING_CRITERIA) else { return Vec::new() };
        check_criteria(&criteria)
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
            .finding_criteria(filter.finding_criteria.to_api()?)
            .set_tags(filter.tags_all.get().and_then(Tags::to_api))
            .send()
            .await;
        if let Err(error) = created {
            let failure = explain(&error, "create", &filter.subject());
            return Err(if is_already_there(&error) { failure.detail(filter.import_block()) } else { failure });
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
            .finding_criteria(filter.finding_criteria.to_api()?)
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

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([detector, name], region) = import_parts(aws, id, "DETECTOR:NAME")?;
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

    fn move_from(provider: &str, type_name: &str, state: serde_json::Value) -> Option<serde_json::Value> {
        moved_from_aws(Self::TYPE_NAME, provider, type_name, state)
    }
}

impl Filter {
    fn subject(&self) -> Subject {
        let place = format!("detector {}, {}", self.detector_id, self.region.as_str());
        Subject::new(format!("GuardDuty filter {:?}", self.name), place)
    }

    fn import_block(&self) -> String {
        let id = format!("{}:{}", self.detector_id, self.name);
        format!("To take over the one that is there:\nimport {{\n  to = guardduty_filter.NAME\n  id = {id:?}\n}}")
    }

    /// The filter as the service has it now. If that can't be told, what was planned stands, so that it isn't lost.
    async fn read_back(self, aws: &Aws) -> Result<Self> {
        let planned = Filter { id: format!("{}:{}", self.detector_id, self.name).into(), ..self.clone() };
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
            id: format!("{}:{}", self.detector_id, self.name).into(),
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

impl Criteria {
    fn to_api(&self) -> Result<FindingCriteria> {
        let conditions = self.criterion.iter().map(|criterion| Ok((criterion.field.clone(), criterion.to_api()?)));
        let conditions = conditions.collect::<Result<HashMap<_, _>>>()?;
        Ok(FindingCriteria::builder().set_criterion(Some(conditions)).build())
    }

    /// What the service has, in the spelling of `self` where that means the same.
    fn refreshed(self, found: Option<&FindingCriteria>) -> Self {
        let Some(found) = found.and_then(FindingCriteria::criterion) else { return self };
        let refreshed = found.iter().map(|(field, condition)| {
            let own = self.criterion.iter().find(|own| own.field == *field);
            Criterion::from_api(field, condition, own)
        });
        Criteria { criterion: refreshed.collect() }
    }
}

impl Criterion {
    fn to_api(&self) -> Result<Condition> {
        let bound = |text: &Option<String>| {
            let read = text.as_ref().map(|text| criteria::parse_bound(&self.field, text));
            read.transpose().map_err(|problem| Failure::at(Filter::FINDING_CRITERIA, problem))
        };
        Ok(Condition::builder()
            .set_equals(self.equals.clone())
            .set_not_equals(self.not_equals.clone())
            .set_greater_than(bound(&self.greater_than)?)
            .set_greater_than_or_equal(bound(&self.greater_than_or_equal)?)
            .set_less_than(bound(&self.less_than)?)
            .set_less_than_or_equal(bound(&self.less_than_or_equal)?)
            .set_matches(self.matches.clone())
            .set_not_matches(self.not_matches.clone())
            .build())
    }

    /// GuardDuty may answer in the long names, in the short ones that they replaced, or in both.
    #[allow(deprecated)]
    fn from_api(field: &str, condition: &Condition, own: Option<&Criterion>) -> Self {
        let texts = |long: &Option<Vec<String>>, short: &Option<Vec<String>>| {
            long.clone().or_else(|| short.clone()).filter(|values| !values.is_empty())
        };
        let bound = |long: Option<i64>, short: Option<i32>, spelling: fn(&Criterion) -> &Option<String>| {
            let spelling = own.and_then(|own| spelling(own).as_deref());
            let bound = long.or(short.map(i64::from));
            bound.map(|bound| criteria::format_bound(field, bound, spelling))
        };
        Criterion {
            field: field.to_owned(),
            equals: texts(&condition.equals, &condition.eq),
            not_equals: texts(&condition.not_equals, &condition.neq),
            greater_than: bound(condition.greater_than, condition.gt, |own| &own.greater_than),
            greater_than_or_equal: bound(condition.greater_than_or_equal, condition.gte, |own| {
                &own.greater_than_or_equal
            }),
            less_than: bound(condition.less_than, condition.lt, |own| &own.less_than),
            less_than_or_equal: bound(condition.less_than_or_equal, condition.lte, |own| &own.less_than_or_equal),
            matches: texts(&condition.matches, &None),
            not_matches: texts(&condition.not_matches, &None),
        }
    }
}

/// A filter that archives is noted for the rules that wait for what it archives.
fn note_silences(aws: &Aws, plan: &Plan<'_, Filter>) {
    let planned = plan.planned();
    let known = (planned.get(Filter::ACTION), planned.get(Filter::NAME), planned.get(Filter::REGION));
    let (Known::Known(Action::Archive), Known::Known(name), Known::Known(region)) = known else { return };
    let Some(criteria) = planned.child(Filter::FINDING_CRITERIA) else { return };
    if !criteria.is_wholly_known() {
        return;
    }
    let archiver =
        Archiver { name, criteria: criteria.children(Criteria::CRITERION).iter().filter_map(asked).collect() };
    let is_change = plan.changes(Filter::FINDING_CRITERIA) || plan.changes(Filter::ACTION);
    note_archiver(aws, &region, &archiver, is_change, Filter::ACTION);
}

/// A field, and what is asked of it.
fn asked(criterion: &View<Criterion>) -> Option<(String, criteria::Condition)> {
    let field: String = criterion.get(Criterion::FIELD).known()?;
    let bound = |key| criteria::parse_bound(&field, &criterion.get::<String>(key).known()?).ok();
    let bounds = [
        bound(Criterion::GREATER_THAN),
        bound(Criterion::GREATER_THAN_OR_EQUAL),
        bound(Criterion::LESS_THAN),
        bound(Criterion::LESS_THAN_OR_EQUAL),
    ];
    Some((field.clone(), condition(criterion, bounds)))
}

fn condition(criterion: &View<Criterion>, bounds: [Option<i64>; 4]) -> criteria::Condition {
    let list = |key| criterion.get(key).known().unwrap_or_default();
    let [greater_than, greater_than_or_equal, less_than, less_than_or_equal] = bounds;
    criteria::Condition {
        equals: list(Criterion::EQUALS),
        not_equals: list(Criterion::NOT_EQUALS),
        greater_than,
        greater_than_or_equal,
        less_than,
        less_than_or_equal,
        matches: list(Criterion::MATCHES),
        not_matches: list(Criterion::NOT_MATCHES),
    }
}

fn check_criteria(criteria: &View<Criteria>) -> Vec<Diagnostic> {
    let mut seen = Vec::new();
    let mut diagnostics = Vec::new();
    for criterion in criteria.children(Criteria::CRITERION) {
        let Some(field) = criterion.get(Criterion::FIELD).known() else { continue };
        if seen.contains(&field) {
            let fault = Diagnostic::error(format!("two criteria are about the field {field}"));
            diagnostics.push(fault.at(criterion.path(Criterion::FIELD)).detail("Write both conditions in one."));
        }
        diagnostics.extend(check_criterion(&criterion, &field));
        seen.push(field);
    }
    diagnostics
}

fn check_criterion(criterion: &View<Criterion>, field: &str) -> Vec<Diagnostic> {
    if let Err(problem) = criteria::check_field(field) {
        let fault = Diagnostic::error(format!("findings have no field {field}"));
        return vec![fault.at(criterion.path(Criterion::FIELD)).detail(problem)];
    }
    let mut diagnostics = Vec::new();
    let mut bound = |key| {
        let text: String = criterion.get(key).known()?;
        match criteria::parse_bound(field, &text) {
            Ok(bound) => Some(bound),
            Err(problem) => {
                let fault = Diagnostic::error(format!("{} of {field} is no bound", key.name()));
                diagnostics.push(fault.at(criterion.path(key)).detail(problem));
                None
            }
        }
    };
    let bounds = [
        bound(Criterion::GREATER_THAN),
        bound(Criterion::GREATER_THAN_OR_EQUAL),
        bound(Criterion::LESS_THAN),
        bound(Criterion::LESS_THAN_OR_EQUAL),
    ];
    if !diagnostics.is_empty() || !criterion.is_wholly_known() {
        return diagnostics;
    }
    let condition = condition(criterion, bounds);
    let at = |fault: &criteria::Fault| match fault.operator {
        Some(operator) => criterion.location().attribute(operator.attribute()),
        None => criterion.path(Criterion::FIELD),
    };
    let faults = condition.faults(field).into_iter();
    faults
        .map(|fault| Diagnostic::error(format!("wrong criterion on {field}")).at(at(&fault)).detail(fault.message))
        .collect()
}
