//! The owners of the rules of a finding rule, and what another instance may do with the rules.

use tfplugin::{Computed, Failure, Result, differences};

use super::grantee::Grantee;
use super::refreshing::Found;
use super::{Cx, Delivery, Label};
use crate::aws::iam::role_key;
use crate::aws::owners::{Admission, KnownBy, Marking, Standing, Thing, mark_of};
use crate::aws::parts::{may_change_part, may_delete_part, rival, strange_part};
use crate::aws::tags::TagChange;
use crate::aws::{Aws, Hold, Mark, Owners, Subject, concurrent, tidying};
use crate::kit::import::take_over;

impl Delivery {
    /// Returns the hold of the instance with the new mark `mark` on rules that exist and are as planned, or `None` if
    /// none exist.
    pub(super) async fn join(&self, cx: Cx<'_>, mark: &Mark) -> Result<Option<Hold>> {
        let found = self.find(cx).await?;
        let Some(first) = found.keys().next() else { return Ok(None) };
        let advice = || take_over(cx.aws, cx.label.type_name, &self.name, self.region.as_str());
        let Some(owners) = self.owners_of(cx, first).await? else { return Ok(None) };
        if cx.aws.is_leaving(&Held(cx.label, self).key(), &owners) {
            return Ok(None);
        }
        for name in found.keys().skip(1) {
            if !self.owners_of(cx, name).await?.is_some_and(|others| others.meets(&owners)) {
                return Err(self.is_there_already(cx, name));
            }
        }
        let subject = self.subject(cx.label);
        let is_settled = |(_, differences): &(Self, Vec<&str>)| differences.is_empty() || !owners.may_change(mark);
        let (mut found, mut differences) = self.compared(cx, found).await?;
        if !is_settled(&(found.clone(), differences.clone())) {
            // A read may not reflect yet what another instance has just created or changed.
            let look = || async { self.compared(cx, self.find(cx).await?).await };
            (found, differences) = cx.aws.reread(look, is_settled).await?;
        }
        let admission = cx.aws.admit(&subject, &owners, mark, &differences, advice)?;
        if admission == Admission::Created {
            return Ok(Some(Hold::by(mark.clone())));
        }
        // Existing parts get the mark. If a create failed partway, the others are created.
        let (rules, permissions) = (found.rules, found.permissions);
        let existing = Delivery { rules, permissions, ..self.clone() };
        if let Err(failure) = existing.mark(cx, mark).await {
            // Without a state nothing would ever remove the marks that were put on some of them.
            let left = tidying(existing.retag_all(cx, &TagChange::unmarking(mark))).await.err();
            return Err(left.into_iter().fold(failure, Failure::and));
        }
        Ok((admission == Admission::Joined).then(|| Hold::with_others(mark.clone())))
    }

    /// Returns the existing delivery and the attributes in which it differs from the plan.
    async fn compared(&self, cx: Cx<'_>, found: Found) -> Result<(Self, Vec<&'static str>)> {
        let unheld = Delivery { arn: Computed::none(), ..self.clone() };
        let found = unheld.refreshed(cx, found).await?;
        let mut differences = differences(self, &found);
        let patterns = self.pattern.get().zip(found.pattern.get());
        let checks = [
            ("pattern", patterns.is_some_and(|(planned, found)| planned.means(found))),
            ("rules", self.rules == found.rules),
            ("permissions", self.permissions == found.permissions),
        ];
        differences.extend(checks.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name));
        Ok((found, differences))
    }

    /// Notes on the rules that their create failed partway.
    pub(super) async fn note_unfinished(&self, cx: Cx<'_>) {
        let Some(mark) = mark_of(&self.owner) else { return };
        let (site, change) = (self.site(cx).await, TagChange::unfinished(mark, cx.label.type_name));
        let Ok(site) = site else { return };
        let arn = site.arn("events", &format!("rule/{}", self.name));
        // The failure that caused this is more important.
        let _ = tidying(cx.aws.retag_rule(&self.rule(&self.name), &arn, &change)).await;
    }

    /// Checks that this instance may become `planned`: each of its rules, and the role if it changes, has its mark, and
    /// what it creates does not exist.
    pub(super) async fn may_become(&self, cx: Cx<'_>, planned: &Self) -> Result<()> {
        let (hold, ours) = (self.hold(), self.rule_names());
        let checked = concurrent::each(&ours, async |name: &String| match self.settled_owners_of(cx, name).await? {
            Some(owners) => may_change_part(&self.rule(name).subject(), &owners, &hold),
            None => Ok(()),
        });
        Failure::all(checked.await.into_iter().filter_map(Result::err))?;
        for name in planned.rule_names().iter().filter(|name| !ours.contains(name)) {
            self.may_put(cx, name).await?;
        }
        let site = self.site(cx).await?;
        let grantee = self.grantee(cx, &site, Some(&hold));
        let role = grantee.role_arn();
        let text = |rule: &Self| rule.permissions.get().and_then(|grants| grants.get(&role)).cloned();
        match text(self) {
            Some(before) if !hold.is_own() || text(planned) != Some(before.clone()) => {
                grantee.may_change_role(cx.aws).await
            }
            _ => Ok(()),
        }
    }

    /// Checks that rule `name` does not exist or was created by this instance.
    pub(super) async fn may_put(&self, cx: Cx<'_>, name: &str) -> Result<()> {
        let Some(owners) = self.settled_owners_of(cx, name).await? else { return Ok(()) };
        match owners.standing_of(&self.hold()) {
            Standing::Sole | Standing::Shared => Ok(()),
            Standing::Unmarked => Err(self.is_there_already(cx, name)),
            Standing::Stripped | Standing::Theirs => Err(strange_part(&self.rule(name).subject(), &self.hold())),
        }
    }

    /// Returns the hold of an instance before it changes its rules. If its `marking` is due, it puts its mark on them.
    pub(super) async fn marked(&self, cx: Cx<'_>, marking: Marking) -> Result<Hold> {
        let hold = self.hold();
        if marking == Marking::Stands {
            return Ok(hold);
        }
        let mark = hold.mark().filter(|_| hold.is_own()).cloned().unwrap_or_default();
        self.mark(cx, &mark).await?;
        for former in hold.marks().iter().filter(|former| **former != mark) {
            self.retag_all(cx, &TagChange::unmarking(former)).await?;
        }
        Ok(Hold::by(mark))
    }

    /// Puts `mark` on each rule and on the role.
    async fn mark(&self, cx: Cx<'_>, mark: &Mark) -> Result<()> {
        self.retag_all(cx, &TagChange::marking(mark, cx.label.type_name)).await?;
        cx.aws.note_marked(&Held(cx.label, self).key(), mark);
        self.rule_names().iter().for_each(|name| cx.aws.note_part(&self.rule(name).key(), mark));
        let site = self.site(cx).await?;
        let grantee = self.grantee(cx, &site, None);
        if self.has_role(&grantee) {
            cx.aws.note_part(&role_key(&grantee.role_name()), mark);
        }
        Ok(())
    }

    /// Records that rule `name` was created with the mark of this instance.
    pub(super) fn note_rule(&self, cx: Cx<'_>, name: &str) {
        let Some(mark) = mark_of(&self.owner) else { return };
        cx.aws.note_part(&self.rule(name).key(), mark);
        if name == self.name {
            cx.aws.note_marked(&Held(cx.label, self).key(), mark);
        }
    }

    /// Returns a failure if rule `name`, which was just created, does not belong to this instance, because another
    /// process may have been faster.
    pub(super) async fn refuse_rival(&self, cx: Cx<'_>, name: &str) -> Result<Option<Failure>> {
        let Some(mark) = mark_of(&self.owner) else { return Ok(None) };
        let key = Held(cx.label, self).key();
        let has_rival = cx.aws.has_rival(&key, mark, || self.owners_of(cx, name)).await?;
        Ok(has_rival.then(|| rival(&self.rule(name).subject())))
    }

    pub(super) fn hold(&self) -> Hold {
        self.owner.get().cloned().unwrap_or_default()
    }

    fn has_role(&self, grantee: &Grantee<'_>) -> bool {
        self.permissions.get().is_some_and(|grants| grants.contains_key(&grantee.role_arn()))
    }

    /// Returns the marks on rule `name`, including those that were put on it in this run, or `None` if it does not
    /// exist.
    pub(super) async fn settled_owners_of(&self, cx: Cx<'_>, name: &str) -> Result<Option<Owners>> {
        cx.aws.part_owners(&self.rule(name).key(), &self.hold(), || self.owners_of(cx, name)).await
    }

    /// Returns the marks on rule `name`, or `None` if it does not exist.
    pub(super) async fn owners_of(&self, cx: Cx<'_>, name: &str) -> Result<Option<Owners>> {
        let (rule, site) = (self.rule(name), self.site(cx).await?);
        let tags = cx.aws.find_rule_tags(&rule, &site.arn("events", &format!("rule/{name}"))).await?;
        Ok(tags.map(|tags| Owners::of(&tags, "")))
    }

    /// Changes a tag of each rule and of the role.
    async fn retag_all(&self, cx: Cx<'_>, change: &TagChange) -> Result<()> {
        let site = self.site(cx).await?;
        let retagged = concurrent::each(self.rule_names(), async |name| {
            let arn = site.arn("events", &format!("rule/{name}"));
            cx.aws.retag_rule(&self.rule(&name), &arn, change).await
        });
        let mut failures: Vec<_> = retagged.await.into_iter().filter_map(Result::err).collect();
        let grantee = self.grantee(cx, &site, None);
        if self.has_role(&grantee) {
            failures.extend(cx.aws.retag_role(self.region.as_str(), &grantee.role_name(), change).await.err());
        }
        Failure::all(failures)
    }
}

/// A delivery as an object that instances hold.
pub(super) struct Held<'a>(pub Label, pub &'a Delivery);

impl Held<'_> {
    fn cx<'a>(&self, aws: &'a Aws) -> Cx<'a> {
        Cx { aws, label: self.0, note: &|_| {} }
    }
}

impl Thing for Held<'_> {
    const KNOWN_BY: KnownBy = KnownBy::Name;

    fn subject(&self) -> Subject {
        self.1.subject(self.0)
    }

    fn key(&self) -> String {
        self.1.rule(&self.1.name).key()
    }

    /// Returns the marks on the first rule with the mark of this instance, or otherwise on the first rule that exists.
    /// If none exists, there may still be permissions to remove, but another instance that created the rule again has
    /// the same permissions.
    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let cx = self.cx(aws);
        let (hold, known, mut first) = (self.1.hold(), self.1.rule_names(), None);
        for name in self.1.possible_names() {
            let Some(owners) = self.1.settled_owners_of(cx, &name).await? else { continue };
            match owners.standing_of(&hold) {
                Standing::Sole | Standing::Shared => return Ok(Some(owners)),
                Standing::Stripped | Standing::Unmarked if !known.contains(&name) => {}
                _ => _ = first.get_or_insert(owners),
            }
        }
        let own = || hold.marks().iter().fold(Owners::default(), Owners::with);
        Ok(Some(first.unwrap_or_else(own)))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        self.1.retag_all(self.cx(aws), &TagChange::unmarking(mark)).await
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let cx = self.cx(aws);
        let (state, hold, known) = (self.1, self.1.hold(), self.1.rule_names());
        let mut failures = Vec::new();
        for name in state.possible_names() {
            // A rule that something else created again under this name does not belong to this instance.
            let rule = state.rule(&name);
            let owners = state.settled_owners_of(cx, &name).await?;
            let standing = owners.as_ref().map(|owners| owners.standing_of(&hold));
            if !known.contains(&name) && !matches!(standing, Some(Standing::Sole | Standing::Shared)) {
                continue;
            }
            if owners.is_none_or(|owners| may_delete_part(&rule.subject(), &owners, &hold)) {
                failures.extend(cx.aws.delete_rule(&rule).await.err());
            }
        }
        // Its permissions stay as long as a rule may still use them.
        Failure::all(failures)?;
        let site = state.site(cx).await?;
        let grantee = state.grantee(cx, &site, Some(&hold));
        state.before_all().remove_grants(cx, &grantee, state).await
    }
}
