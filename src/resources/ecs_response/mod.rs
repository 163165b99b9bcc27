//! `guardduty_ecs_response`: an automatic response to findings about ECS tasks, without code to deploy.
//!
//! - `model` has the attributes, `checks` refuses what makes no sense;
//! - `settings` writes the documents;
//! - `blueprint` says what the seven things are that a response consists of;
//! - `survey` looks which are there, `build` makes and mends and takes away;
//! - `recognise` reads settings from a state machine that is there.
//!
//! It does not know what a state machine does or may: `findings::playbook` does.

mod blueprint;
mod build;
mod checks;
mod model;
mod recognise;
mod settings;
mod survey;

use tfplugin::wait::Limit;
use tfplugin::{Computed, Diagnostic, Failure, Plan, Resource, Result, View};

use super::import::{import_id, import_parts};
use super::site::site;
use crate::aws::Aws;
use crate::findings::event_pattern;
use crate::findings::permissions::Site;
use blueprint::{Blueprint, Documents, Names, OWNER};
use build::{build, demolish, retag};
use model::Action;
pub use model::EcsResponse;
use survey::{Found, same_json};

impl Resource for EcsResponse {
    const TYPE_NAME: &'static str = "ecs_response";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        checks::check(config)
    }

    /// Nearly all of it can be known: names and ARNs derive from `name`, documents from the settings.
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
        let site = site(aws, &region).await?;
        settings::plan_names(plan, &Names::new(&name, &site));
        settings::plan_documents(plan, &site)?;
        settings::note_silences(aws, plan, &name, &site);
        Ok(())
    }

    async fn create(aws: &Aws, planned: Self) -> Result<Self> {
        let site = planned.site(aws).await?;
        let wanted = Blueprint::new(&planned, &site, &planned.wanted_documents(&site)?)?;
        let mut found = Found::survey(aws, &wanted.names, "").await?;
        found.refuse_strangers(aws, &wanted.names).await?;
        let made = async {
            retag(aws, &wanted.names, &mut found, &Computed::none(), &planned.tags_all).await?;
            let limit = planned.timeouts.as_ref().and_then(|timeouts| timeouts.create).map(Limit::new);
            build(aws, &wanted, &found, limit).await
        };
        match made.await {
            Ok(queue_url) => Ok(planned.made(&wanted, queue_url)),
            Err(failure) => Err(planned.partly_made(aws, &wanted, failure).await),
        }
    }

    async fn read(aws: &Aws, state: Self) -> Result<Option<Self>> {
        let site = state.site(aws).await?;
        let expected = Blueprint::new(&state, &site, &state.saved_documents(&site)?)?;
        let found = Found::survey(aws, &expected.names, state.dead_letter_queue_url.as_str()).await?;
        if found.is_nothing() {
            return Ok(None);
        }
        Ok(Some(state.refreshed(aws, &expected, found)))
    }

    async fn update(aws: &Aws, prior: Self, planned: Self) -> Result<Self> {
        let site = planned.site(aws).await?;
        let wanted = Blueprint::new(&planned, &site, &planned.wanted_documents(&site)?)?;
        let mut found = Found::survey(aws, &wanted.names, prior.dead_letter_queue_url.as_str()).await?;
        retag(aws, &wanted.names, &mut found, &prior.tags_all, &planned.tags_all).await?;
        let limit = planned.timeouts.as_ref().and_then(|timeouts| timeouts.update).map(Limit::new);
        let queue_url = build(aws, &wanted, &found, limit).await?;
        Ok(planned.made(&wanted, queue_url))
    }

    async fn delete(aws: &Aws, state: Self) -> Result<()> {
        let names = Names::new(&state.name, &state.site(aws).await?);
        demolish(aws, &names, state.dead_letter_queue_url.as_str()).await
    }

    fn import_id(identity: &View<Self>) -> Option<String> {
        import_id([identity.get(Self::NAME)], identity.get(Self::REGION))
    }

    /// The settings make just what is there: an import never widens what a response answers.
    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([name], region) = import_parts(aws, id, "NAME").await?;
        let site = site(aws, &region).await?;
        let names = Names::new(&name, &site);
        let found = Found::survey(aws, &names, "").await?;
        let Some(machine) = &found.machine else { return Ok(None) };
        found.refuse_strangers(aws, &names).await?;
        let Some(response) = recognise::response(&name, &region, machine, &found) else {
            return Err(Failure::new(format!("the state machine {name:?} can't be imported"))
                .detail("Its definition, or the event pattern of its rule, is not one that this version of the provider creates.")
                .detail("It would answer other findings than now. Put both back, or delete it and create the response anew."));
        };
        Self::read(aws, response).await
    }
}

impl EcsResponse {
    async fn site(&self, aws: &Aws) -> Result<Site> {
        site(aws, self.region.as_str()).await
    }

    /// Whom the alarm tells: CloudWatch doesn't publish to FIFO topics.
    fn alarm_actions(&self) -> Vec<String> {
        self.notify_topic_arn.iter().filter(|topic| !topic.ends_with(".fifo")).cloned().collect()
    }

    /// The response after all of it was made.
    fn made(self, wanted: &Blueprint, queue_url: String) -> Self {
        EcsResponse {
            definition: wanted.machine.definition.clone().into(),
            policy: wanted.role.policy.to_string().into(),
            event_pattern: wanted.rule.pattern.clone().into(),
            drift: Vec::new().into(),
            ..self.named(&wanted.names, queue_url)
        }
    }

    /// The failure with what of the response is there all the same.
    async fn partly_made(self, aws: &Aws, wanted: &Blueprint, failure: Failure) -> Failure {
        let planned = self.made(wanted, String::new());
        match Self::read(aws, planned.clone()).await {
            Ok(Some(state)) => failure.reached(&state),
            Ok(None) => failure,
            Err(_) => failure.reached(&planned),
        }
    }

    /// The response as it was found. What nobody changed keeps its spelling.
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
                let tags = role.tags.clone().into_iter().filter(|(key, _)| key != OWNER).collect();
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

    /// The documents as the state has them; where it has none, as they shall be.
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
