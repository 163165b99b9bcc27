//! Whose the rules of a finding rule are, and what another instance may do with them.

use tfplugin::{Computed, Failure, Resource, Result, differences, discarded};

use super::FindingRule;
use super::grantee::Grantee;
use crate::aws::owners::{Admission, KnownBy, Standing, Thing, mark_of};
use crate::aws::tags::TagChange;
use crate::aws::{Aws, Hold, Mark, Owners, Subject, concurrent};
use crate::kit::import::take_over;

impl FindingRule {
    /// The hold of the instance with the new mark `mark` on rules that exist and are as planned; `None` if there are none.
    pub(super) async fn join(&self, aws: &Aws, mark: &Mark) -> Result<Option<Hold>> {
        let found = self.find(aws).await?;
        let Some(first) = found.keys().next() else { return Ok(None) };
        let advice = || take_over(aws, Self::TYPE_NAME, &self.name, self.region.as_str());
        let Some(owners) = self.owners_of(aws, first).await? else { return Ok(None) };
        for name in found.keys().skip(1) {
            if !self.owners_of(aws, name).await?.is_some_and(|others| others.meets(&owners)) {
                return Err(self.is_there_already(aws, name));
            }
        }
        let subject = self.subject();
        let unheld = FindingRule { arn: Computed::none(), ..self.clone() };
        let found = unheld.refreshed(aws, found).await?;
        let mut differences = differences(self, &found);
        let patterns = self.pattern.get().zip(found.pattern.get());
        if !patterns.is_some_and(|(planned, found)| planned.means(found)) {
            differences.push("pattern");
        }
        if self.rules != found.rules {
            differences.push("rules");
        }
        if self.permissions != found.permissions {
            differences.push("permissions");
        }
        match aws.admit(&subject, &owners, mark, &differences, advice)? {
            Admission::Created => Ok(Some(Hold::by(mark.clone()))),
            Admission::Joined => {
                self.retag_all(aws, &TagChange::marking(mark, Self::TYPE_NAME)).await?;
                aws.note_marked(&Held(self).key(), mark);
                Ok(Some(Hold::with_others(mark.clone())))
            }
        }
    }

    /// The hold of an instance that is about to change its rules: one that had no mark puts one on them.
    pub(super) async fn marked(&self, aws: &Aws) -> Result<Hold> {
        if let Some(hold) = self.owner.get().filter(|hold| hold.mark().is_some()) {
            return Ok(hold.clone());
        }
        let mark = Mark::new();
        self.retag_all(aws, &TagChange::marking(&mark, Self::TYPE_NAME)).await?;
        Ok(Hold::by(mark))
    }

    /// Whether the first rule, which was just created, is that of this instance: another process may have come first.
    pub(super) async fn refuse_rival(&self, aws: &Aws) -> Result<()> {
        let owners = self.owners_of(aws, &self.name).await?.unwrap_or_default();
        match owners.standing(mark_of(&self.owner)) {
            Standing::Theirs => {
                discarded();
                Err(self
                    .subject()
                    .failure("create", "another instance created it at the same time")
                    .detail("Declare it in one place only. Where the other one is declared, apply again."))
            }
            _ => Ok(()),
        }
    }

    /// The marks on rule `name`; `None` if there is no such rule.
    pub(super) async fn owners_of(&self, aws: &Aws, name: &str) -> Result<Option<Owners>> {
        let (rule, site) = (self.rule(name), self.site(aws).await?);
        let tags = aws.find_rule_tags(&rule, &site.arn("events", &format!("rule/{name}"))).await?;
        Ok(tags.map(|tags| Owners::of(&tags, "")))
    }

    /// Changes a tag of each rule, and of the role.
    async fn retag_all(&self, aws: &Aws, change: &TagChange) -> Result<()> {
        let site = self.site(aws).await?;
        let retagged = concurrent::each(self.rule_names(), async |name| {
            let arn = site.arn("events", &format!("rule/{name}"));
            aws.retag_rule(&self.rule(&name), &arn, change).await
        });
        let mut failures: Vec<_> = retagged.await.into_iter().filter_map(Result::err).collect();
        let grantee = Grantee { site: &site, name: &self.name, owner: None };
        if self.permissions.get().is_some_and(|grants| grants.contains_key(&grantee.role_arn())) {
            failures.extend(aws.retag_role(self.region.as_str(), &grantee.role_name(), change).await.err());
        }
        Failure::all(failures)
    }
}

/// A finding rule as a thing that instances hold.
pub(super) struct Held<'a>(pub &'a FindingRule);

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Name;

    fn subject(&self) -> Subject {
        self.0.subject()
    }

    fn key(&self) -> String {
        format!("{}/rule/{}", self.0.region.as_str(), self.0.name)
    }

    /// Those of the first rule that exists. Where none does, there may still be permissions to remove.
    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        for name in self.0.rule_names() {
            if let Some(owners) = self.0.owners_of(aws, &name).await? {
                return Ok(Some(owners));
            }
        }
        Ok(Some(mark_of(&self.0.owner).map(|own| Owners::default().with(own)).unwrap_or_default()))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        self.0.retag_all(aws, &TagChange::unmarking(mark)).await
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let state = self.0;
        let own = mark_of(&state.owner);
        let mut failures = Vec::new();
        for name in state.rule_names() {
            // A rule that others created again under this name is theirs.
            let owners = state.owners_of(aws, &name).await?;
            if owners.is_some_and(|owners| owners.standing(own) == Standing::Theirs) {
                continue;
            }
            failures.extend(aws.delete_rule(&state.rule(&name)).await.err());
        }
        // While a rule may still use them, its permissions stay.
        Failure::all(failures)?;
        let site = state.site(aws).await?;
        let grantee = Grantee { site: &site, name: &state.name, owner: own };
        state.before_all().remove_grants(aws, &grantee, state).await
    }
}
