//! `guardduty_finding_rule`: findings, as they come, to where they are read or acted on.
//!
//! This file has the model and its life. Of the others
//!
//! - `planning`, `applying` and `refreshing` do the work of an operation;
//! - `holding` says whose the rules are;
//! - `kind` and `target` know where findings go, `split` which rule has which targets;
//! - `input`, `template` and `placeholder` know what a target is sent, `document` how that is written;
//! - `grants` knows what lets the rules in, `granting` brings it about, `grantee` names it; `encryption` sees whether
//!   keys let them in.

mod applying;
mod document;
mod encryption;
mod grantee;
mod granting;
mod grants;
mod holding;
mod input;
mod kind;
mod placeholder;
mod planning;
mod refreshing;
mod split;
mod target;
mod template;

use std::collections::BTreeMap;

use tfplugin::wait::{ApplyTimeouts, Limit};
use tfplugin::{
    Claim, Computed, Diagnostic, Failure, Model, Named, OptionalComputed, Plan, Resource, Result, View, validate,
};

use self::document::EventPattern;
use self::grants::Grants;
use self::holding::Held;
use self::split::Rules;
use self::target::Target;
use super::finding_match::Match;
use super::site::site;
use crate::aws::eventbridge::{Rule, RuleName, TARGETS_WAIT, rule_claim};
use crate::aws::owners::{Thing, mark_of};
use crate::aws::{Aws, Hold, Mark, Subject, Tags};
use crate::findings::permissions::Site;
use crate::kit::import::{claimed_region, import_id, import_parts, take_over};

/// Sends GuardDuty's findings to SNS topics, SQS queues, Lambda functions, Step Functions state machines, event buses and
/// log groups: an EventBridge rule on the default bus, its targets, and everything that lets it reach them.
///
/// A finding arrives within some five minutes, and again each time GuardDuty updates it (every 15 minutes to 6 hours, by
/// the detector's `finding_publishing_frequency`). One that a `guardduty_filter` archives never arrives; where a filter
/// of the same configuration does that to a rule, the plan warns.
///
/// An EventBridge rule has at most five targets. More are split over further rules, `NAME-2` and so on.
///
/// An import can't tell by which `match` a pattern was made: it gives `event_pattern`, and the next apply only notes
/// the `match`, if that is what the configuration has.
#[derive(Model, Clone)]
pub struct FindingRule {
    /// Name: 1 to 64 letters, digits, `.`, `-` and `_`.
    #[attr(identity, replace, validate = validate::length(1..=64), validate = validate::characters(".-_"))]
    pub name: String,
    /// What the rule is for, in at most 512 characters.
    #[attr(absent = empty, validate = validate::length(0..=512))]
    pub description: Option<String>,
    /// Whether findings are sent.
    #[attr(default = true)]
    pub enabled: bool,
    /// The findings that are sent. `match = {}` means all. Either this or `event_pattern`.
    pub r#match: Option<Match>,
    /// The same as an EventBridge event pattern in JSON. Patterns are compared by what they mean.
    #[attr(absent = empty)]
    pub event_pattern: Option<EventPattern>,
    /// The event pattern that the rule has.
    #[attr(keep)]
    pub pattern: Computed<EventPattern>,
    /// Where findings go, by an id of 1 to 64 letters, digits, `.`, `-` and `_`.
    pub targets: BTreeMap<String, Target>,
    /// Whether to let the rule reach its targets: by a statement in the policy of a topic, queue (also a dead-letter
    /// queue) or function, by a CloudWatch Logs resource policy, and by a role for state machines, event buses and targets
    /// of other accounts. All finding rules of an account and region share one statement per topic or queue, and one
    /// CloudWatch Logs resource policy. Other statements are kept, and nothing is added where a policy already lets the
    /// rule in. A policy that another resource manages as a whole, such as `aws_sns_topic_policy`, must let
    /// `events.amazonaws.com` in itself; otherwise the two resources overwrite each other. Default: `true`.
    #[attr(default = true)]
    pub manage_permissions: bool,
    /// Permissions that the rule needs to reach its targets, as JSON, by the ARN of the resource whose policy grants them.
    /// A role's has `trust` and `policy`; that of log groups is under the ARN of all log groups.
    #[attr(keep)]
    pub permissions: Computed<Grants>,
    /// Ids of targets by the name of the EventBridge rule that has them.
    #[attr(keep)]
    pub rules: Computed<Rules>,
    /// How long to bear that EventBridge doesn't know a new role yet, or is busy. By default 2 minutes.
    pub timeouts: Option<ApplyTimeouts>,
    /// Tags of the rule.
    #[attr(absent = empty)]
    pub tags: Option<Tags>,
    /// All tags of the rule, those of the provider's `default_tags` among them.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ARN of the rule.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// The name.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the rule, in which the findings are. By default the provider's.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Mark of this instance: the rule has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

impl Resource for FindingRule {
    const TYPE_NAME: &'static str = "finding_rule";
    type Model = Self;
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        planning::check(config)
    }

    fn claim(aws: &Aws, config: &View<Self>) -> Option<Claim> {
        let (name, region) = (config.get(Self::NAME).known()?, claimed_region(aws, config.get(Self::REGION))?);
        Some(Claim::new(rule_claim(&name, &region), Self::NAME))
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        planning::plan(aws, plan).await?;
        // What was imported gets a mark of its own.
        let is_adopted = |prior: View<'_, Self>| prior.get(Self::OWNER).known().is_none_or(|hold| !hold.is_own());
        if plan.is_change() && plan.prior().is_some_and(is_adopted) {
            plan.set_unknown(Self::OWNER);
        }
        Ok(())
    }

    async fn create(aws: &Aws, planned: Self) -> Result<Self> {
        let mark = Mark::new();
        let _turn = aws.owners_turn(&Held(&planned).key()).await;
        if let Some(hold) = Box::pin(planned.join(aws, &mark)).await? {
            return Ok(FindingRule { owner: hold.kept(), ..planned });
        }
        let limit = Limit::new(planned.timeouts.as_ref().and_then(|timeouts| timeouts.create).unwrap_or(TARGETS_WAIT));
        let planned = FindingRule { owner: Hold::by(mark).into(), ..planned };
        match Box::pin(planned.bring_about(aws, &planned.before_all(), limit)).await {
            Ok(()) => Ok(planned),
            Err(failure) => {
                planned.note_unfinished(aws).await;
                Err(failure)
            }
        }
    }

    /// Without its rules it still exists as long as anything lets them in: an update or a destroy deals with that.
    async fn read(aws: &Aws, state: Self) -> Result<Option<Self>> {
        let found = state.find(aws).await?;
        let refreshed = state.refreshed(aws, found).await?;
        let is_gone = refreshed.rule_names().is_empty() && refreshed.permissions.get().is_none_or(Grants::is_empty);
        Ok((!is_gone).then_some(refreshed))
    }

    async fn update(aws: &Aws, prior: Self, planned: Self) -> Result<Self> {
        let _turn = aws.owners_turn(&Held(&planned).key()).await;
        Box::pin(prior.may_become(aws, &planned)).await?;
        let marking = Box::pin(aws.may_change(&Held(&prior), &prior.owner)).await?;
        let planned = FindingRule { owner: prior.marked(aws, marking).await?.into(), ..planned };
        let limit = Limit::new(planned.timeouts.as_ref().and_then(|timeouts| timeouts.update).unwrap_or(TARGETS_WAIT));
        let Err(failure) = Box::pin(planned.bring_about(aws, &prior, limit)).await else { return Ok(planned) };
        let both = planned.with_all_of(&prior);
        let state = Self::read(aws, both.clone()).await.ok().flatten().unwrap_or(both);
        Err(failure.reached(&state))
    }

    async fn delete(aws: &Aws, state: Self) -> Result<()> {
        aws.let_go(&Held(&state), &state.owner).await
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::NAME)], identity.get(Self::REGION))
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<Self>> {
        let ([name], region) = import_parts(aws, id, "NAME").await?;
        Ok(Named::new(Self::NAME, &name).and(Self::REGION, &region))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([name], region) = import_parts(aws, id, "NAME").await?;
        let rule = FindingRule {
            name,
            description: None,
            enabled: true,
            r#match: None,
            event_pattern: None,
            pattern: Computed::none(),
            targets: BTreeMap::new(),
            manage_permissions: true,
            permissions: Computed::none(),
            rules: Computed::none(),
            timeouts: None,
            tags: None,
            tags_all: Computed::none(),
            arn: Computed::none(),
            id: Computed::none(),
            region: region.into(),
            owner: Computed::none(),
        };
        let found = Self::read(aws, rule).await?;
        Ok(found.map(|found| FindingRule { event_pattern: found.pattern.get().cloned(), ..found }))
    }
}

impl FindingRule {
    fn rule<'a>(&'a self, name: &'a str) -> RuleName<'a> {
        RuleName::new(self.region.as_str(), name)
    }

    fn subject(&self) -> Subject {
        Subject::new(format!("finding rule {:?}", self.name), self.region.as_str())
    }

    /// The rules that there are, or shall be.
    fn rule_names(&self) -> Vec<String> {
        self.rules.get().map_or_else(|| vec![self.name.clone()], |rules| rules.keys().cloned().collect())
    }

    /// The same and the first, which may be there again where the state has lost it.
    fn possible_names(&self) -> Vec<String> {
        let mut names = self.rule_names();
        if !names.contains(&self.name) {
            names.insert(0, self.name.clone());
        }
        names
    }

    async fn site(&self, aws: &Aws) -> Result<Site> {
        site(aws, self.region.as_str(), self.arn.get().map(String::as_str)).await
    }

    /// What a rule that is created is tagged with.
    fn new_tags(&self, aws: &Aws) -> BTreeMap<String, String> {
        let mark = mark_of(&self.owner).cloned().unwrap_or_default();
        aws.tag_rules().of_new(self.tags.as_ref(), &mark, Self::TYPE_NAME)
    }

    fn is_there_already(&self, aws: &Aws, name: &str) -> Failure {
        let reason = format!("an EventBridge rule {name:?} is there already, and may be somebody else's");
        self.subject().failure("create", reason).detail(take_over(
            aws,
            Self::TYPE_NAME,
            &self.name,
            self.region.as_str(),
        ))
    }

    fn to_rule(&self) -> Rule {
        Rule {
            description: self.description.clone().unwrap_or_default(),
            pattern: self.pattern.get().map(|pattern| pattern.0.clone()).unwrap_or_default(),
            enabled: self.enabled,
        }
    }
}
