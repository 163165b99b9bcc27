//! Reads the current state of a finding rule, in the words of its state where they mean the same.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types as api;
use tfplugin::{Failure, Result};

use super::document::EventPattern;
use super::grantee::Grantee;
use super::grants::Grants;
use super::split::{Rules, rule_name};
use super::target::Target;
use super::{Cx, Delivery};
use crate::aws::Owners;
use crate::aws::concurrent;
use crate::aws::eventbridge::{FoundRule, Rule};
use crate::aws::owners::Standing;

/// Rules with their targets, by name.
pub(super) type Found = BTreeMap<String, (FoundRule, BTreeMap<String, api::Target>)>;

impl Delivery {
    /// Returns the rules that exist: those of the state, or for an import the first rule and those created together
    /// with it. A rule that is named after the first but may belong to something else by now is left out.
    pub(super) async fn find(&self, cx: Cx<'_>) -> Result<Found> {
        let mut found = Found::new();
        let names = self.rules.get().map(|_| self.possible_names());
        for place in 0.. {
            let name = match &names {
                Some(names) => names.get(place).cloned(),
                None => Some(rule_name(&self.name, place)),
            };
            let Some(name) = name else { break };
            let rule = self.rule(&name);
            let (described, targets) = tokio::join!(cx.aws.describe_rule(&rule), cx.aws.list_targets(&rule));
            match described? {
                Some(_) if names.is_none() && place > 0 && !self.belongs(cx, &name).await? => break,
                Some(_) if names.is_some() && self.has_lost(cx, &name).await? => None,
                Some(described) => found.insert(name.clone(), (described, targets?)),
                None if names.is_none() => break,
                None => None,
            };
        }
        Ok(found)
    }

    pub(super) async fn refreshed(self, cx: Cx<'_>, found: Found) -> Result<Self> {
        let site = self.site(cx).await?;
        let grantee = self.grantee(cx, &site, self.owner.get());
        // If permissions are not managed, no role belongs to this resource, whatever its name.
        let role = if self.manage_permissions { grantee.role_arn() } else { String::new() };
        let targets = found.values().flat_map(|(_, targets)| targets);
        let targets: BTreeMap<_, _> =
            targets.map(|(id, target)| (id.clone(), Target::from_api(target, &role, self.targets.get(id)))).collect();
        let rules: Rules =
            found.iter().map(|(name, (_, targets))| (name.clone(), targets.keys().cloned().collect())).collect();
        let permissions = self.read_grants(cx, &grantee, &targets, &rules).await?;
        let arn = site.arn("events", &format!("rule/{}", self.name));
        let hold = self.owner.clone().into_option().unwrap_or_default();
        let (hold, (tags, tags_all)) = match found.keys().next() {
            Some(name) => {
                let tags = cx.aws.rule_tags(&self.rule(name), &site.arn("events", &format!("rule/{name}"))).await?;
                let hold = hold.seen(&Owners::of(&tags, ""), &self.subject(cx.label), self.arn.get().is_none());
                (hold, cx.aws.tag_rules().split(Some(&tags), self.tags.as_ref()))
            }
            None => (hold, (self.tags.clone(), self.tags_all.clone())),
        };
        let odd = found.values().map(|(found, _)| &found.rule).find(|rule| !self.is_like(rule));
        let odd =
            odd.or(found.values().next().map(|(found, _)| &found.rule)).cloned().unwrap_or_else(|| self.to_rule());
        let pattern = EventPattern(odd.pattern);
        let is_same = self.pattern.get().is_some_and(|own| own.means(&pattern));
        Ok(Delivery {
            id: self.name.clone().into(),
            description: Some(odd.description).filter(|text| !text.is_empty()),
            enabled: odd.enabled,
            pattern: if is_same { self.pattern.clone() } else { pattern.into() },
            targets,
            permissions: permissions.into(),
            rules: rules.into(),
            arn: arn.into(),
            owner: hold.kept(),
            tags,
            tags_all,
            ..self
        })
    }

    /// Returns whether rule `name`, which is named after the first, was created together with it.
    async fn belongs(&self, cx: Cx<'_>, name: &str) -> Result<bool> {
        let (first, other) = tokio::join!(self.owners_of(cx, &self.name), self.owners_of(cx, name));
        Ok(first?.zip(other?).is_some_and(|(first, other)| first.meets(&other)))
    }

    /// Returns whether the existing rule `name` is not in the state, or may belong to something else by now. The first
    /// rule of the state stays in it in any case.
    async fn has_lost(&self, cx: Cx<'_>, name: &str) -> Result<bool> {
        let (hold, is_known) = (self.hold(), self.rule_names().iter().any(|known| known == name));
        if is_known && (name == self.name || hold.mark().is_none()) {
            return Ok(false);
        }
        let standing = self.settled_owners_of(cx, name).await?.map(|owners| owners.standing_of(&hold));
        Ok(!matches!(standing, Some(Standing::Sole | Standing::Shared)))
    }

    fn is_like(&self, rule: &Rule) -> bool {
        let own = self.to_rule();
        own.enabled == rule.enabled
            && own.description == rule.description
            && EventPattern(own.pattern).means(&EventPattern(rule.pattern.clone()))
    }

    /// Returns the grants of the state and those that the targets need, as far as they exist. If no rule is left, only
    /// grants for this resource count, because they are to be removed.
    async fn read_grants(
        &self,
        cx: Cx<'_>,
        grantee: &Grantee<'_>,
        targets: &BTreeMap<String, Target>,
        rules: &Rules,
    ) -> Result<Grants> {
        let mut looked_for = if self.manage_permissions { grantee.wanted(targets, rules) } else { Grants::new() };
        looked_for.extend(self.permissions.get().cloned().unwrap_or_default());
        let read = concurrent::each(looked_for, async |(arn, own)| {
            let text = grantee.read(cx.aws, &arn, &own, rules.is_empty()).await?;
            Ok::<_, Failure>(text.map(|text| (arn, text)))
        });
        read.await.into_iter().filter_map(Result::transpose).collect()
    }
}
