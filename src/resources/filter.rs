//! `guardduty_filter`: a saved search over findings that can archive what it matches.
//!
//! It does not know what can be asked of a finding: `finding_criteria` does.

use std::time::Duration;

use aws_sdk_guardduty::error::SdkError;
use aws_sdk_guardduty::operation::create_filter::{CreateFilterError, CreateFilterOutput};
use aws_sdk_guardduty::operation::get_filter::GetFilterOutput;
use aws_sdk_guardduty::operation::update_filter::{UpdateFilterError, UpdateFilterOutput};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::wait::{Limit, Look};
use tfplugin::{
    Choice, Claim, Computed, Diagnostic, Failure, Known, Model, MoveSource, Named, OptionalComputed, Plan, Resource,
    Result, Set, View, created, differences, validate,
};

use super::finding_criteria::Criteria;
use super::import::{claimed_region, import_id, import_parts, take_over};
use super::moved::moved_from_aws;
use super::ranks;
use super::silences::{Archiver, note_archiver};
use crate::aws::error::{code, explain, is_already_there, is_unanswered};
use crate::aws::features::is_refusal;
use crate::aws::owners::{Admission, KnownBy, Thing};
use crate::aws::{Aws, Explain, Hold, Mark, Owners, Subject, Tags};

/// How long a filter that was created may take to be read.
const READ_WAIT: Duration = Duration::from_secs(60);

/// What a call answered.
type Sent<T, E> = Result<T, SdkError<E, HttpResponse>>;

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
    /// Mark of this instance: the filter has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances hold it too.
    #[attr(keep)]
    pub owner: Computed<Hold>,
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

    fn claim(aws: &Aws, config: &View<Self>) -> Option<Claim> {
        let (detector, name) = (config.get(Self::DETECTOR_ID).known()?, config.get(Self::NAME).known()?);
        let region = claimed_region(aws, config.get(Self::REGION))?;
        Some(Claim::new(format!("filter {name:?} of detector {detector} in {region}"), Self::NAME))
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
        let (mark, _turn) = (Mark::new(), aws.owners_turn(&Held(&filter).key()).await);
        let hold = match filter.rank.get() {
            Some(rank) => filter.create_at(aws, mark, i32::try_from(*rank).unwrap_or(i32::MAX)).await?,
            None => {
                let sent = filter.send_create(aws, &mark, None).await;
                ranks::appended(aws, filter.region.as_str(), &filter.detector_id);
                filter.created_or_joined(aws, mark, sent).await?
            }
        };
        created(&Filter { id: filter.own_id().into(), owner: hold.clone().into(), ..filter.clone() });
        filter.made(aws, hold).await
    }

    async fn read(aws: &Aws, filter: Self) -> Result<Option<Self>> {
        match filter.get(aws).await? {
            Some(found) => Ok(Some(filter.filled(aws, found).await?)),
            None => Ok(None),
        }
    }

    async fn update(aws: &Aws, prior: Self, filter: Self) -> Result<Self> {
        let region = filter.region.as_str();
        aws.may_change(&Held(&prior), &prior.owner).await?;
        match filter.rank.get() {
            Some(rank) if filter.rank != prior.rank => {
                filter.update_at(aws, &prior, i32::try_from(*rank).unwrap_or(i32::MAX)).await?;
            }
            _ => filter.send_update(aws, &prior, None).await.or_fail("update", &filter.subject()).map(drop)?,
        }
        let hold = aws.remark(region, prior.arn.as_str(), &prior.owner, Self::TYPE_NAME).await?;
        aws.retag(region, prior.arn.as_str(), &prior.tags_all, &filter.tags_all).await?;
        filter.made(aws, hold).await
    }

    async fn delete(aws: &Aws, filter: Self) -> Result<()> {
        aws.let_go(&Held(&filter), &filter.owner).await
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::DETECTOR_ID), identity.get(Self::NAME)], identity.get(Self::REGION))
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<Self>> {
        let ([detector, name], region) = import_parts(aws, id, "DETECTOR:NAME").await?;
        Ok(Named::new(Self::DETECTOR_ID, &detector).and(Self::NAME, &name).and(Self::REGION, &region))
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
            owner: Computed::none(),
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

    /// Creates the filter at `rank`, or as near to it as the filters that exist allow.
    async fn create_at(&self, aws: &Aws, mark: Mark, rank: i32) -> Result<Hold> {
        let mut turn = ranks::turn(aws, self.region.as_str(), &self.detector_id).await;
        let mut asked = turn.rank(&self.name, rank).await?;
        let mut sent = self.send_create(aws, &mark, Some(asked)).await;
        if let Err(error) = &sent
            && is_refusal(code(error))
            && !is_already_there(error)
            && let Some(lower) = turn.lower_rank(&self.name, asked).await?
        {
            asked = lower;
            sent = self.send_create(aws, &mark, Some(asked)).await;
        }
        match &sent {
            Ok(_) => turn.placed(&self.name, Some(asked)),
            Err(_) => turn.failed(&self.name),
        }
        let hold = self.created_or_joined(aws, mark, sent).await?;
        turn.set_right().await;
        Ok(hold)
    }

    async fn created_or_joined(
        &self,
        aws: &Aws,
        mark: Mark,
        sent: Sent<CreateFilterOutput, CreateFilterError>,
    ) -> Result<Hold> {
        match sent {
            Ok(_) => Ok(Hold::by(mark)),
            Err(error) => self.settle(aws, mark, &error).await,
        }
    }

    /// Changes the filter and moves it to `rank`, or as near to it as the filters that exist allow.
    async fn update_at(&self, aws: &Aws, prior: &Self, rank: i32) -> Result<()> {
        let mut turn = ranks::turn(aws, self.region.as_str(), &self.detector_id).await;
        let mut asked = turn.rank(&self.name, rank).await?;
        let mut sent = self.send_update(aws, prior, Some(asked)).await;
        if let Err(error) = &sent
            && is_refusal(code(error))
            && let Some(lower) = turn.lower_rank(&self.name, asked).await?
        {
            asked = lower;
            sent = self.send_update(aws, prior, Some(asked)).await;
        }
        sent.or_fail("update", &self.subject()).inspect_err(|_| turn.failed(&self.name))?;
        turn.placed(&self.name, Some(asked));
        turn.set_right().await;
        Ok(())
    }

    async fn send_create(
        &self,
        aws: &Aws,
        mark: &Mark,
        rank: Option<i32>,
    ) -> Sent<CreateFilterOutput, CreateFilterError> {
        let tags = aws.tag_rules().of_new(self.tags.as_ref(), mark, Self::TYPE_NAME);
        let criteria = self.finding_criteria.to_api(Self::FINDING_CRITERIA).map_err(SdkError::construction_failure)?;
        aws.guardduty(self.region.as_str())
            .create_filter()
            .detector_id(&self.detector_id)
            .name(&self.name)
            .set_description(self.description.clone())
            .action(self.action.as_str().into())
            .set_rank(rank)
            .finding_criteria(criteria)
            .set_tags(Some(tags.into_iter().collect()))
            .send()
            .await
    }

    async fn send_update(
        &self,
        aws: &Aws,
        prior: &Self,
        rank: Option<i32>,
    ) -> Sent<UpdateFilterOutput, UpdateFilterError> {
        // A description is taken away by an empty one.
        let description = self.description.clone().or(prior.description.as_ref().map(|_| String::new()));
        let criteria = self.finding_criteria.to_api(Self::FINDING_CRITERIA).map_err(SdkError::construction_failure)?;
        aws.guardduty(self.region.as_str())
            .update_filter()
            .detector_id(&self.detector_id)
            .filter_name(&self.name)
            .set_description(description)
            .action(self.action.as_str().into())
            .set_rank(rank)
            .finding_criteria(criteria)
            .send()
            .await
    }

    /// The hold on a filter that was not answered to be created: it exists, or it was created and the answer was lost.
    async fn settle<E>(&self, aws: &Aws, mark: Mark, error: &SdkError<E, HttpResponse>) -> Result<Hold>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failure = explain(error, "create", &self.subject());
        if !is_already_there(error) && !is_unanswered(error) {
            return Err(failure);
        }
        let Ok(Some(found)) = self.get(aws).await else { return Err(failure) };
        let owners = Owners::of(found.tags().into_iter().flatten(), "");
        let found = self.clone().filled(aws, found).await?;
        let advice = || take_over::<Self>(aws, &self.own_id(), self.region.as_str());
        let differences = differences(self, &found);
        match aws.admit(&self.subject(), &owners, &mark, &differences, advice)? {
            Admission::Created => Ok(Hold::by(mark)),
            Admission::Joined => {
                aws.put_mark(&Held(self), (self.region.as_str(), found.arn.as_str()), mark, Self::TYPE_NAME).await
            }
        }
    }

    async fn get(&self, aws: &Aws) -> Result<Option<GetFilterOutput>> {
        let request = aws.guardduty(self.region.as_str()).get_filter();
        let found = request.detector_id(&self.detector_id).filter_name(&self.name).send().await;
        found.if_found("read", &self.subject())
    }

    /// The filter after it was created or changed. Only the rank that GuardDuty gave it has to be read.
    async fn made(self, aws: &Aws, hold: Hold) -> Result<Self> {
        let made = Filter { id: self.own_id().into(), owner: hold.kept(), ..self };
        let finish = async {
            let arn = made.find_arn(aws).await?;
            let rank = match made.rank.get() {
                Some(rank) => *rank,
                None => made.read_rank(aws).await?,
            };
            Ok((arn, rank))
        };
        let (arn, rank) = finish.await.map_err(|failure: Failure| failure.reached(&made))?;
        Ok(Filter { arn: arn.into(), rank: rank.into(), ..made })
    }

    async fn find_arn(&self, aws: &Aws) -> Result<String> {
        let region = self.region.as_str();
        let resource = format!("detector/{}/filter/{}", self.detector_id, self.name);
        Ok(aws.account(region).await?.arn("guardduty", region, &resource))
    }

    /// The filter's rank, once it can be read.
    async fn read_rank(&self, aws: &Aws) -> Result<i64> {
        let look = || async {
            let rank = self.get(aws).await?.and_then(|found| found.rank());
            Ok(rank.map_or_else(|| Look::Pending("it can't be read yet".to_owned()), |rank| Look::Ready(rank.into())))
        };
        aws.wait(Limit::new(READ_WAIT), &self.subject(), look).await
    }

    async fn filled(self, aws: &Aws, found: GetFilterOutput) -> Result<Self> {
        let is_import = self.arn.get().is_none();
        let owners = Owners::of(found.tags().into_iter().flatten(), "");
        let hold = self.owner.clone().into_option().unwrap_or_default().seen(&owners, &self.subject(), is_import);
        let (tags, tags_all) = aws.tag_rules().split(found.tags(), self.tags.as_ref());
        Ok(Filter {
            id: self.own_id().into(),
            description: found.description().filter(|text| !text.is_empty()).map(str::to_owned),
            action: Action::parse(found.action().map_or("", |action| action.as_str())).unwrap_or(self.action),
            rank: found.rank().map(i64::from).into(),
            arn: self.find_arn(aws).await?.into(),
            finding_criteria: self.finding_criteria.refreshed(found.finding_criteria()),
            owner: hold.kept(),
            tags,
            tags_all,
            ..self
        })
    }
}

/// The filter as a thing that instances hold.
struct Held<'a>(&'a Filter);

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Name;

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    fn key(&self) -> String {
        format!("{}/{}", self.0.region.as_str(), self.0.own_id())
    }

    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        Ok(self.0.get(aws).await?.map(|found| Owners::of(found.tags().into_iter().flatten(), "")))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        aws.remove_mark(self.0.region.as_str(), self.0.arn.as_str(), mark).await
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let (region, detector, name) = (self.0.region.as_str(), &self.0.detector_id, &self.0.name);
        let mut turn = ranks::turn(aws, region, detector).await;
        let request = aws.guardduty(region).delete_filter().detector_id(detector).filter_name(name);
        request.send().await.if_found("delete", &self.0.subject())?;
        turn.deleted(name);
        turn.set_right().await;
        Ok(())
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
