//! `guardduty_finding_rule`: findings, as they come, to where they are read or acted on.
//!
//! This file has the model and its life; `planning` what is known before apply, `target` and `template` what a target
//! is sent, `split` which rule has which targets, `grants` what lets the rules in, `encryption` whether keys do.

mod document;
mod encryption;
mod grants;
mod planning;
mod split;
mod target;
mod template;

use std::collections::BTreeMap;

use tfplugin::{Computed, Diagnostic, Failure, Model, OptionalComputed, Plan, Resource, Result, Step, View, validate};

use self::document::EventPattern;
use self::grants::{Grantee, Grants};
use self::split::{Rules, rule_name};
use self::target::Target;
use super::common::import_parts;
use super::finding_match::Match;
use crate::aws::eventbridge::{FoundRule, Rule, RuleName};
use crate::aws::{Aws, Subject, Tags};
use crate::findings::permissions::Site;

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
    #[attr(replace, validate = validate::length(1..=64), validate = validate::characters(".-_"))]
    pub name: String,
    /// What the rule is for, in at most 512 characters.
    #[attr(validate = validate::length(1..=512))]
    pub description: Option<String>,
    /// Whether findings are sent.
    #[attr(default = true)]
    pub enabled: bool,
    /// The findings that are sent. `match = {}` means all. Either this or `event_pattern`.
    pub r#match: Option<Match>,
    /// The same as an EventBridge event pattern in JSON. Patterns are compared by what they mean.
    pub event_pattern: Option<EventPattern>,
    /// The event pattern that the rule has.
    #[attr(keep)]
    pub pattern: Computed<EventPattern>,
    /// Where findings go, by an id of 1 to 64 letters, digits, `.`, `-` and `_`.
    pub targets: BTreeMap<String, Target>,
    /// Whether to let the rule reach its targets: by a statement in the policy of a topic, queue (also a dead-letter
    /// queue), function or log group, and by a role for state machines, event buses and targets of other accounts.
    /// Statements of others are kept. Don't manage the same policy as a whole elsewhere, as `aws_sns_topic_policy` does:
    /// set this to `false` then.
    #[attr(default = true)]
    pub manage_permissions: bool,
    /// What lets the rule reach its targets, as JSON, by the ARN of what the policy is on. A role's has `trust` and
    /// `policy`.
    #[attr(keep)]
    pub permissions: Computed<Grants>,
    /// Ids of targets by the name of the EventBridge rule that has them.
    #[attr(keep)]
    pub rules: Computed<Rules>,
    /// Tags of the rule.
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
    #[attr(keep, replace)]
    pub region: OptionalComputed<String>,
}

impl Resource for FindingRule {
    const TYPE_NAME: &'static str = "finding_rule";
    type Client = Aws;

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        planning::check(config)
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> Result<()> {
        planning::plan(aws, plan).await
    }

    async fn create(aws: &Aws, planned: Self) -> Result<Self> {
        for name in planned.rule_names() {
            if aws.describe_rule(&planned.rule(&name)).await?.is_some() {
                return Err(planned.is_there_already(&name));
            }
        }
        let nothing = FindingRule { rules: Computed::none(), permissions: Computed::none(), ..planned.clone() };
        let nothing = FindingRule { targets: BTreeMap::new(), ..nothing };
        planned.bring_about(aws, &nothing).await.map_err(|failure| failure.reached(&planned))?;
        planned.warn_of_encryption(aws, &BTreeMap::new()).await?;
        Ok(planned)
    }

    async fn read(aws: &Aws, state: Self) -> Result<Option<Self>> {
        let mut found = BTreeMap::new();
        let names = state.rules.get().map(|rules| rules.keys().cloned().collect::<Vec<_>>());
        for place in 0.. {
            let name = match &names {
                Some(names) => names.get(place).cloned(),
                None => Some(rule_name(&state.name, place)),
            };
            let Some(name) = name else { break };
            let rule = state.rule(&name);
            let (described, targets) = tokio::join!(aws.describe_rule(&rule), aws.list_targets(&rule));
            match described? {
                Some(described) => found.insert(name.clone(), (described, targets?)),
                None if names.is_none() => break,
                None => None,
            };
        }
        if found.is_empty() {
            return Ok(None);
        }
        state.refreshed(aws, found).await.map(Some)
    }

    async fn update(aws: &Aws, prior: Self, planned: Self) -> Result<Self> {
        if let Err(failure) = planned.bring_about(aws, &prior).await {
            let both = planned.with_all_of(&prior);
            let state = Self::read(aws, both.clone()).await.ok().flatten().unwrap_or(both);
            return Err(failure.reached(&state));
        }
        planned.warn_of_encryption(aws, &prior.targets).await?;
        Ok(planned)
    }

    async fn delete(aws: &Aws, state: Self) -> Result<()> {
        let mut failures = Vec::new();
        for name in state.rule_names() {
            failures.extend(aws.delete_rule(&state.rule(&name)).await.err());
        }
        // While a rule may still use them, its permissions stay.
        Failure::all(failures)?;
        let site = state.site(aws).await?;
        let grantee = Grantee { site: &site, name: &state.name };
        let mut failures = Vec::new();
        for (arn, text) in state.permissions.get().into_iter().flatten() {
            failures.extend(grantee.remove(aws, arn, text).await.err());
        }
        Failure::all(failures)
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<Self>> {
        let ([name], region) = import_parts(aws, id, "NAME")?;
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
            tags: None,
            tags_all: Computed::none(),
            arn: Computed::none(),
            id: Computed::none(),
            region: region.into(),
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

    async fn site(&self, aws: &Aws) -> Result<Site> {
        let account = aws.account(self.region.as_str()).await?;
        let region = self.region.as_str().to_owned();
        Ok(Site { partition: account.partition.clone(), region, account: account.id.clone() })
    }

    fn is_there_already(&self, name: &str) -> Failure {
        let block = format!("import {{\n  to = guardduty_finding_rule.NAME\n  id = {:?}\n}}", self.name);
        let reason = format!("an EventBridge rule {name:?} is there already, and may be somebody else's");
        self.subject().failure("create", reason).detail(format!("To take over the one that is there:\n{block}"))
    }

    /// With everything that either is said to have, for the case that nobody knows.
    fn with_all_of(&self, prior: &Self) -> Self {
        let union = |one: Option<&Rules>, other: Option<&Rules>| {
            one.into_iter().chain(other).flatten().map(|(name, ids)| (name.clone(), ids.clone())).collect::<Rules>()
        };
        let mut permissions = prior.permissions.get().cloned().unwrap_or_default();
        permissions.extend(self.permissions.get().cloned().unwrap_or_default());
        FindingRule {
            rules: union(prior.rules.get(), self.rules.get()).into(),
            permissions: permissions.into(),
            arn: prior.arn.clone(),
            ..self.clone()
        }
    }

    /// Makes what is there, which is `prior`, as this.
    async fn bring_about(&self, aws: &Aws, prior: &Self) -> Result<()> {
        let site = self.site(aws).await?;
        let grantee = Grantee { site: &site, name: &self.name };
        self.put_rules(aws, prior).await?;
        self.put_grants(aws, &grantee, prior).await?;
        self.put_targets(aws, &grantee, prior).await?;
        for name in prior.rule_names().iter().filter(|name| !self.rule_names().contains(name)) {
            aws.delete_rule(&self.rule(name)).await?;
        }
        let wanted = self.permissions.get();
        for (arn, text) in prior.permissions.get().into_iter().flatten() {
            if wanted.is_none_or(|wanted| !wanted.contains_key(arn)) {
                grantee.remove(aws, arn, text).await?;
            }
        }
        Ok(())
    }

    fn to_rule(&self) -> Rule {
        Rule {
            description: self.description.clone().unwrap_or_default(),
            pattern: self.pattern.get().map(|pattern| pattern.0.clone()).unwrap_or_default(),
            enabled: self.enabled,
        }
    }

    async fn put_rules(&self, aws: &Aws, prior: &Self) -> Result<()> {
        let (wanted, before) = (self.to_rule(), prior.to_rule());
        let there = prior.rules.get();
        for name in self.rule_names() {
            let (rule, is_new) = (self.rule(&name), there.is_none_or(|rules| !rules.contains_key(&name)));
            if is_new || wanted != before {
                aws.put_rule(&rule, &wanted, self.tags_all.get()).await?;
            }
            if !is_new && prior.tags_all != self.tags_all {
                let arn = aws.account(self.region.as_str()).await?.arn(
                    "events",
                    self.region.as_str(),
                    &format!("rule/{name}"),
                );
                aws.retag_rule(&rule, &arn, &prior.tags_all, &self.tags_all).await?;
            }
        }
        Ok(())
    }

    async fn put_grants(&self, aws: &Aws, grantee: &Grantee<'_>, prior: &Self) -> Result<()> {
        for (arn, text) in self.permissions.get().into_iter().flatten() {
            let before = prior.permissions.get().and_then(|before| before.get(arn)).map(String::as_str);
            if before != Some(text) {
                grantee.put(aws, arn, text, before).await?;
            }
        }
        Ok(())
    }

    /// Targets that go make room before others come.
    async fn put_targets(&self, aws: &Aws, grantee: &Grantee<'_>, prior: &Self) -> Result<()> {
        let role = grantee.role_arn();
        let role = self.permissions.get().is_some_and(|grants| grants.contains_key(&role)).then_some(role);
        let nothing = Vec::new();
        let mut failures = Vec::new();
        for (name, ids) in self.rules.get().into_iter().flatten() {
            let rule = self.rule(name);
            let before = prior.rules.get().and_then(|rules| rules.get(name)).unwrap_or(&nothing);
            let gone: Vec<_> = before.iter().filter(|id| !ids.contains(id)).cloned().collect();
            let refused = aws.remove_targets(&rule, &gone).await?;
            failures.extend(refused.iter().map(|refused| refused.failure("remove", &rule)));
            let is_due = |id: &&String| !before.contains(id) || prior.targets.get(*id) != self.targets.get(*id);
            let due = ids.iter().filter(is_due).filter_map(|id| Some((id, self.targets.get(id)?)));
            let due: Result<Vec<_>> =
                due.map(|(id, target)| target_to_api(id, target, &grantee.site.account, role.as_deref())).collect();
            let refused = aws.put_targets(&rule, due?).await?;
            failures.extend(refused.iter().map(|refused| refused.failure("set", &rule)));
        }
        Failure::all(failures)
    }

    async fn refreshed(
        self,
        aws: &Aws,
        found: BTreeMap<String, (FoundRule, BTreeMap<String, api::Target>)>,
    ) -> Result<Self> {
        let site = self.site(aws).await?;
        let grantee = Grantee { site: &site, name: &self.name };
        let role = grantee.role_arn();
        let targets = found.values().flat_map(|(_, targets)| targets);
        let targets: BTreeMap<_, _> =
            targets.map(|(id, target)| (id.clone(), Target::from_api(target, &role, self.targets.get(id)))).collect();
        let rules: Rules =
            found.iter().map(|(name, (_, targets))| (name.clone(), targets.keys().cloned().collect())).collect();
        let permissions = self.read_grants(aws, &grantee, &targets, &rules).await?;
        let arn = site.arn("events", &format!("rule/{}", self.name));
        let tags = match found.keys().next() {
            Some(name) => aws.rule_tags(&self.rule(name), &site.arn("events", &format!("rule/{name}"))).await?,
            None => Default::default(),
        };
        let (tags, tags_all) = aws.tag_rules().split(Some(&tags), self.tags.as_ref());
        let odd = found.values().map(|(found, _)| &found.rule).find(|rule| !self.is_like(rule));
        let odd =
            odd.or(found.values().next().map(|(found, _)| &found.rule)).cloned().unwrap_or_else(|| self.to_rule());
        let pattern = EventPattern(odd.pattern);
        let is_same = self.pattern.get().is_some_and(|own| own.means(&pattern));
        Ok(FindingRule {
            id: self.name.clone().into(),
            description: Some(odd.description).filter(|text| !text.is_empty()),
            enabled: odd.enabled,
            event_pattern: self.event_pattern.as_ref().map(|own| if is_same { own.clone() } else { pattern.clone() }),
            pattern: if is_same { self.pattern.clone() } else { pattern.into() },
            targets,
            permissions: permissions.into(),
            rules: rules.into(),
            arn: arn.into(),
            tags,
            tags_all,
            ..self
        })
    }

    fn is_like(&self, rule: &Rule) -> bool {
        let own = self.to_rule();
        own.enabled == rule.enabled
            && own.description == rule.description
            && EventPattern(own.pattern).means(&EventPattern(rule.pattern.clone()))
    }

    /// The grants that the state has and those that the targets need, as far as they are there.
    async fn read_grants(
        &self,
        aws: &Aws,
        grantee: &Grantee<'_>,
        targets: &BTreeMap<String, Target>,
        rules: &Rules,
    ) -> Result<Grants> {
        let mut looked_for = if self.manage_permissions { grantee.wanted(targets, rules) } else { Grants::new() };
        looked_for.extend(self.permissions.get().cloned().unwrap_or_default());
        let mut found = Grants::new();
        for (arn, own) in looked_for {
            if let Some(text) = grantee.read(aws, &arn, &own).await? {
                found.insert(arn, text);
            }
        }
        Ok(found)
    }

    /// Warns of keys that keep EventBridge out, for each target that is not as before.
    async fn warn_of_encryption(&self, aws: &Aws, before: &BTreeMap<String, Target>) -> Result<()> {
        let account = aws.account(self.region.as_str()).await?;
        for (id, target) in self.targets.iter().filter(|(id, target)| before.get(*id) != Some(target)) {
            let path = tfplugin::Path::from(Self::TARGETS).then(Step::Key(id.clone()));
            encryption::check(aws, &account.id, target, &path).await.into_iter().for_each(tfplugin::warn);
        }
        Ok(())
    }
}

use aws_sdk_eventbridge::types as api;

fn target_to_api(id: &str, target: &Target, account: &str, role: Option<&str>) -> Result<api::Target> {
    let path = tfplugin::Path::from(FindingRule::TARGETS).then(Step::Key(id.to_owned()));
    target
        .to_api(id, account, role)
        .map_err(|problem| Failure::at(path, format!("target {id:?} can't be set")).detail(problem))
}
