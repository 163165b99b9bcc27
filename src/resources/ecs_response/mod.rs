//! `guardduty_ecs_response`: an automated response to findings about ECS tasks, without code to deploy.
//!
//! - `model` has the attributes, and `checks` refuses invalid configurations.
//! - `settings` generates the documents.
//! - `blueprint` has the desired state of the seven parts of a response.
//! - `survey` finds out which parts exist. `build` creates, repairs and deletes them.
//! - `recognise` reads the settings from an existing state machine.
//!
//! It does not know what a state machine does or may do: `findings::playbook` does.

mod blueprint;
mod build;
mod checks;
mod model;
mod recognise;
mod settings;
mod survey;

use tfplugin::wait::Limit;
use tfplugin::{Claim, Diagnostic, Failure, Named, Plan, Resource, Result, View, created, discarded};

use crate::aws::eventbridge::{RuleName, rule_claim};
use crate::aws::owners::{Admission, KnownBy, Marking, Standing, Thing, mark_of};
use crate::aws::parts::{may_change_part, may_delete_part};
use crate::aws::tags::TagChange;
use crate::aws::{Aws, Hold, Mark, Owners, Subject, tidying};
use crate::delivery::site::site;
use crate::findings::event_pattern;
use crate::findings::permissions::Site;
use crate::kit::import::{claimed_region, import_id, import_parts, take_over};
use blueprint::{Blueprint, Documents, Names};
use build::{begin, build, demolish, retag};
use model::Action;
pub use model::EcsResponse;
use survey::{Expected, Found, Part, common_owners, same_json};

impl Resource for EcsResponse {
    const TYPE_NAME: &'static str = "ecs_response";
    type Model = Self;
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        checks::check(config)
    }

    fn claims(aws: &Aws, config: &View<Self>) -> Vec<Claim> {
        let claim = || {
            let (name, region) = (config.get(Self::NAME).known()?, claimed_region(aws, config.get(Self::REGION))?);
            Some(Claim::new(rule_claim(&name, &region), Self::NAME))
        };
        claim().into_iter().collect()
    }

    /// Nearly everything can be planned: names and ARNs derive from `name`, and documents from the settings.
    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        plan.set(Self::DRIFT, &Vec::new());
        let name = plan.get(Self::NAME).known();
        let region = plan.get(Self::REGION).known();
        let (Some(name), Some(region)) = (name, region) else {
            plan.set_unknown(Self::DEFINITION);
            plan.set_unknown(Self::POLICY);
            plan.set_unknown(Self::EVENT_PATTERN);
            return Ok(());
        };
        let known = plan.prior().and_then(|prior| prior.get(Self::STATE_MACHINE_ARN).known());
        let site = site(aws, &region, known.as_deref()).await?;
        settings::plan_names(plan, &Names::new(&name, &site));
        settings::plan_documents(plan, &site)?;
        settings::note_silences(aws, plan, &name, &site);
        Ok(())
    }

    async fn create(aws: &Aws, planned: Self) -> Result<Self> {
        let mark = Mark::new();
        let _turns = (aws.owners_turn(&Held(&planned).key()).await, aws.owners_turn(&planned.rule_key()).await);
        let planned = EcsResponse { owner: Hold::by(mark.clone()).into(), ..planned };
        let site = planned.site(aws).await?;
        let wanted = Blueprint::new(&planned, &site, &planned.wanted_documents(&site)?, aws.tag_rules())?;
        let mut found = Box::pin(Found::survey(aws, &wanted.names, "")).await?;
        if !found.is_nothing()
            && let Some(joined) = Box::pin(planned.clone().join(aws, &wanted, &mut found, &mark)).await?
        {
            return Ok(joined);
        }
        // From here on, a role may exist, unless it turns out to belong to something else.
        created(&planned.clone().made(&wanted, String::new()));
        if let Err(failed) = Box::pin(begin(aws, &wanted, &found)).await {
            if failed.is_untouched {
                discarded();
            } else {
                Box::pin(planned.note_unfinished(aws, &wanted)).await;
            }
            return Err(failed.failure);
        }
        let limit = planned.timeouts.as_ref().and_then(|timeouts| timeouts.create).map(Limit::new);
        match Box::pin(build(aws, &wanted, &found, limit)).await {
            Ok(queue_url) => {
                planned.note_marked(aws, &wanted.names, &mark);
                Ok(planned.made(&wanted, queue_url))
            }
            Err(failure) => Err(Box::pin(planned.partly_made(aws, &wanted, failure)).await),
        }
    }

    async fn read(aws: &Aws, state: Self) -> Result<Option<Self>> {
        let site = state.site(aws).await?;
        let expected = Blueprint::new(&state, &site, &state.saved_documents(&site)?, aws.tag_rules())?;
        let url = state.dead_letter_queue_url.as_str();
        // All of it is gone only if it stays so: a read may not know yet what was created just before it.
        let look =
            || async { Ok(Some(Found::survey(aws, &expected.names, url).await?).filter(|found| !found.is_nothing())) };
        let Some(found) = Box::pin(aws.expected(look)).await? else { return Ok(None) };
        let owners = found.role.as_ref().or(found.rule_role.as_ref()).map(|role| Owners::of(&role.tags, ""));
        let hold = state.owner.clone().into_option().unwrap_or_default();
        let hold = owners.map_or(hold.clone(), |owners| hold.seen(&owners, &state.subject(), false));
        Ok(Some(EcsResponse { owner: hold.kept(), ..state.refreshed(aws, &expected, found) }))
    }

    async fn update(aws: &Aws, prior: Self, planned: Self) -> Result<Self> {
        let _turns = (aws.owners_turn(&Held(&prior).key()).await, aws.owners_turn(&prior.rule_key()).await);
        let marking = Box::pin(aws.may_change(&Held(&prior), &prior.owner)).await?;
        let hold = prior.hold();
        let mark = hold.mark().filter(|_| hold.is_own()).cloned().unwrap_or_default();
        let planned = EcsResponse { owner: Hold::by(mark.clone()).into(), ..planned };
        let site = planned.site(aws).await?;
        let wanted = Blueprint::new(&planned, &site, &planned.wanted_documents(&site)?, aws.tag_rules())?;
        let names = &wanted.names;
        let url = prior.dead_letter_queue_url.as_str();
        let surveyed = Box::pin(Found::survey_marked(aws, names, url, &hold, Expected::Any)).await?;
        let (mut found, parts) = surveyed;
        let refused = parts.iter().map(|(part, owners)| may_change_part(&part.subject(names), owners, &hold));
        Failure::all(refused.filter_map(Result::err))?;
        let mut change = TagChange::between(&prior.tags_all, &planned.tags_all);
        if marking == Marking::Due {
            change.set.extend(TagChange::marking(&mark, Self::TYPE_NAME).set);
        }
        Box::pin(retag(aws, names, &mut found, &change)).await?;
        planned.note_marked(aws, names, &mark);
        for former in hold.marks().iter().filter(|former| **former != mark) {
            Box::pin(retag(aws, names, &mut found, &TagChange::unmarking(former))).await?;
        }
        let limit = planned.timeouts.as_ref().and_then(|timeouts| timeouts.update).map(Limit::new);
        Box::pin(begin(aws, &wanted, &found)).await?;
        let queue_url = Box::pin(build(aws, &wanted, &found, limit)).await?;
        Ok(planned.made(&wanted, queue_url))
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

    /// The settings must generate exactly what exists: an import never widens the findings that a response acts on.
    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([name], region) = import_parts(aws, id, "NAME").await?;
        let site = site(aws, &region, None).await?;
        let names = Names::new(&name, &site);
        let found = Found::survey(aws, &names, "").await?;
        let Some(machine) = &found.machine else { return Ok(None) };
        let owners = common_owners(&found.owners(aws, &names).await?, &names)?;
        let Some(response) = recognise::response(&name, &region, machine, &found) else {
            return Err(Failure::new(format!("the state machine {name:?} can't be imported"))
                .detail("Its definition, or the event pattern of its rule, is not one that this version of the provider creates.")
                .detail("It would answer other findings than now. Put both back, or delete it and create the response anew."));
        };
        let subject = Subject::new(format!("response {name:?}"), &region);
        let hold = Hold::default().seen(&owners, &subject, true);
        let expected = Blueprint::new(&response, &site, &response.saved_documents(&site)?, aws.tag_rules())?;
        Ok(Some(EcsResponse { owner: hold.kept(), ..response.refreshed(aws, &expected, found) }))
    }
}

/// A response as an object that instances hold.
struct Held<'a>(&'a EcsResponse);

impl Held<'_> {
    async fn survey(&self, aws: &Aws, expected: Expected) -> Result<(Names, Found, Vec<(Part, Owners)>)> {
        let (names, url) = (Names::new(&self.0.name, &self.0.site(aws).await?), self.0.dead_letter_queue_url.as_str());
        let (found, parts) = Box::pin(Found::survey_marked(aws, &names, url, &self.0.hold(), expected)).await?;
        Ok((names, found, parts))
    }
}

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Name;

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    fn key(&self) -> String {
        // As `Names::key`.
        format!("{}/response/{}", self.0.region.as_str(), self.0.name)
    }

    /// Returns all marks on the parts with this instance's mark, or otherwise on all parts.
    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let (hold, (_, found, mut parts)) = (self.0.hold(), self.survey(aws, Expected::Any).await?);
        let is_ours = |owners: &Owners| matches!(owners.standing_of(&hold), Standing::Sole | Standing::Shared);
        if parts.iter().any(|(_, owners)| is_ours(owners)) {
            parts.retain(|(_, owners)| is_ours(owners));
        }
        let all = parts.into_iter().map(|(_, owners)| owners).reduce(Owners::or);
        Ok((!found.is_nothing()).then(|| all.unwrap_or_default()))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        let (names, mut found, _) = self.survey(aws, Expected::Any).await?;
        Box::pin(retag(aws, &names, &mut found, &TagChange::unmarking(mark))).await
    }

    /// Only parts with this instance's mark are deleted, because any of them may have been created again outside this
    /// resource.
    async fn delete(&self, aws: &Aws) -> Result<()> {
        let _turn = aws.owners_turn(&self.0.rule_key()).await;
        // What the state has is there, though a read may not know it yet.
        let (names, found, parts) = self.survey(aws, Expected::All).await?;
        let hold = self.0.hold();
        let is_ours = |(part, owners): &&(Part, Owners)| may_delete_part(&part.subject(&names), owners, &hold);
        let parts: Vec<_> = parts.iter().filter(is_ours).map(|(part, _)| *part).collect();
        let queue_url = found.queue.as_ref().map_or("", |queue| queue.url.as_str());
        Box::pin(demolish(aws, &names, &parts, queue_url)).await
    }
}

impl EcsResponse {
    fn subject(&self) -> Subject {
        Subject::new(format!("response {:?}", self.name), self.region.as_str())
    }

    /// Returns the response as one that this instance holds too, if it may. Returns `None` if it must be completed.
    async fn join(self, aws: &Aws, wanted: &Blueprint, found: &mut Found, mark: &Mark) -> Result<Option<Self>> {
        let names = &wanted.names;
        let owners = common_owners(&found.owners(aws, names).await?, names)?;
        if aws.is_leaving(&Held(&self).key(), &owners) {
            *found = Found::default();
            return Ok(None);
        }
        if !found.is_whole() && owners.may_change(mark) {
            *found = Box::pin(Found::survey_whole(aws, names, "")).await?;
        }
        let mut differences = found.drift(&wanted.unmarked());
        let tags = found.role.as_ref().map(|role| role.tags.clone().into_iter().collect());
        let (_, tags_all) = aws.tag_rules().split(tags.as_ref(), self.tags.as_ref());
        if tags_all != self.tags_all {
            differences.push("tags".to_owned());
        }
        let differences: Vec<_> = differences.iter().map(String::as_str).collect();
        let advice = || take_over(aws, Self::TYPE_NAME, &self.name, self.region.as_str());
        let hold = match aws.admit(&self.subject(), &owners, mark, &differences, advice)? {
            Admission::Created => Hold::by(mark.clone()),
            admission => {
                let marked = Box::pin(retag(aws, names, found, &TagChange::marking(mark, Self::TYPE_NAME))).await;
                if let Err(failure) = marked {
                    // Without a state nothing would ever remove the marks that were put on some of them.
                    let left = tidying(Box::pin(retag(aws, names, found, &TagChange::unmarking(mark)))).await.err();
                    return Err(left.into_iter().fold(failure, Failure::and));
                }
                self.note_marked(aws, names, mark);
                if admission == Admission::Resumed {
                    return Ok(None);
                }
                Hold::with_others(mark.clone())
            }
        };
        let queue_url = found.queue.as_ref().map(|queue| queue.url.clone()).unwrap_or_default();
        Ok(Some(EcsResponse { owner: hold.kept(), ..self }.made(wanted, queue_url)))
    }

    fn hold(&self) -> Hold {
        self.owner.get().cloned().unwrap_or_default()
    }

    /// Returns the key of the rule in a run. A finding rule with this name would have the same.
    fn rule_key(&self) -> String {
        RuleName::new(self.region.as_str(), &self.name).key()
    }

    /// Records that all parts have `mark`.
    fn note_marked(&self, aws: &Aws, names: &Names, mark: &Mark) {
        aws.note_marked(&Held(self).key(), mark);
        survey::note_marked(aws, names, mark);
    }

    async fn site(&self, aws: &Aws) -> Result<Site> {
        site(aws, self.region.as_str(), self.state_machine_arn.get().map(String::as_str)).await
    }

    /// Returns the topics that the alarm notifies. CloudWatch does not publish to FIFO topics.
    fn alarm_actions(&self) -> Vec<String> {
        self.notify_topic_arn.iter().filter(|topic| !topic.ends_with(".fifo")).cloned().collect()
    }

    /// Returns the response after all of its parts were created.
    fn made(self, wanted: &Blueprint, queue_url: String) -> Self {
        EcsResponse {
            definition: wanted.machine.definition.clone().into(),
            policy: wanted.role.policy.to_string().into(),
            event_pattern: wanted.rule.pattern.clone().into(),
            drift: Vec::new().into(),
            ..self.named(&wanted.names, queue_url)
        }
    }

    /// Notes on the existing parts of the response that its create failed partway.
    async fn note_unfinished(&self, aws: &Aws, wanted: &Blueprint) {
        let Some(mark) = mark_of(&self.owner) else { return };
        let change = TagChange::unfinished(mark, Self::TYPE_NAME);
        // The failure that caused this is more important.
        let _ = tidying(async {
            let mut found = Found::survey(aws, &wanted.names, "").await?;
            retag(aws, &wanted.names, &mut found, &change).await
        })
        .await;
    }

    /// Returns the failure together with the parts of the response that exist nevertheless.
    async fn partly_made(self, aws: &Aws, wanted: &Blueprint, failure: Failure) -> Failure {
        Box::pin(self.note_unfinished(aws, wanted)).await;
        let planned = self.made(wanted, String::new());
        match Self::read(aws, planned.clone()).await {
            Ok(Some(state)) => failure.reached(&state),
            // A read may not yet reflect what was written.
            Ok(None) | Err(_) => failure.reached(&planned),
        }
    }

    /// Returns the response as found. Unchanged values keep their spelling.
    fn refreshed(self, aws: &Aws, expected: &Blueprint, found: Found) -> Self {
        let drift = found.drift(expected);
        let spelled = |own: &str, found: Option<String>, same: fn(&str, &str) -> bool| match found {
            Some(found) if !same(own, &found) => found,
            _ => own.to_owned(),
        };
        let definition = found.machine.map(|machine| machine.definition);
        let pattern = found.rule.map(|rule| rule.rule.pattern);
        let policy = found.role.as_ref().filter(|role| expected.role.differences(role).contains(&"policy"));
        let policy = policy.and_then(|role| role.policy.as_ref()).map(ToString::to_string);
        let (tags, tags_all) = match &found.role {
            Some(role) => {
                let tags = role.tags.clone().into_iter().collect();
                aws.tag_rules().split(Some(&tags), self.tags.as_ref())
            }
            None => (self.tags.clone(), self.tags_all.clone()),
        };
        let queue_url = found.queue.map_or_else(|| self.dead_letter_queue_url.as_str().to_owned(), |queue| queue.url);
        EcsResponse {
            definition: spelled(&expected.machine.definition, definition, same_json).into(),
            policy: spelled(&expected.role.policy.to_string(), policy, same_json).into(),
            event_pattern: spelled(&expected.rule.pattern, pattern, event_pattern::equivalent).into(),
            drift: drift.into(),
            tags,
            tags_all,
            ..self.named(&expected.names, queue_url)
        }
    }

    fn named(self, names: &Names, queue_url: String) -> Self {
        EcsResponse {
            state_machine_arn: names.state_machine_arn().into(),
            role_arn: names.role_arn(&names.role()).into(),
            rule_arn: names.rule_arn().into(),
            dead_letter_queue_arn: names.queue_arn().into(),
            dead_letter_queue_url: queue_url.into(),
            alarm_arn: names.alarm_arn().into(),
            id: names.response.clone().into(),
            ..self
        }
    }

    /// Returns the documents of the state, or the desired ones if the state has none.
    fn saved_documents(&self, site: &Site) -> Result<Documents> {
        let saved = (self.definition.get(), self.policy.get(), self.event_pattern.get());
        match saved {
            (Some(definition), Some(policy), Some(pattern)) => {
                Ok(Documents { definition: definition.clone(), policy: policy.clone(), pattern: pattern.clone() })
            }
            _ => self.wanted_documents(site),
        }
    }
}
