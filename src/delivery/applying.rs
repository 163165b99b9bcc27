//! Applies a plan step by step: rules, permissions, targets, and then removes what is no longer needed.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types as api;
use tfplugin::wait::Limit;
use tfplugin::{Computed, Failure, Path, Result, Step, discarded};

use super::grantee::Grantee;
use super::input::Input;
use super::split::Rules;
use super::target::Target;
use super::{Cx, Delivery};
use crate::aws::concurrent;
use crate::aws::tags::TagChange;
use crate::findings::permissions::Site;

impl Delivery {
    /// Returns this delivery before any part of it was created.
    pub(super) fn before_all(&self) -> Self {
        let (rules, permissions) = (Computed::none(), Computed::none());
        Delivery { rules, permissions, targets: BTreeMap::new(), ..self.clone() }
    }

    /// Returns this delivery with everything that either of the two may have, for when the result is unknown.
    pub(super) fn with_all_of(&self, prior: &Self) -> Self {
        let mut rules = Rules::new();
        for (name, ids) in [prior, self].into_iter().filter_map(|state| state.rules.get()).flatten() {
            let all = rules.entry(name.clone()).or_default();
            all.extend(ids.iter().filter(|id| !all.contains(id)).cloned().collect::<Vec<_>>());
        }
        let mut permissions = prior.permissions.get().cloned().unwrap_or_default();
        permissions.extend(self.permissions.get().cloned().unwrap_or_default());
        Delivery { rules: rules.into(), permissions: permissions.into(), arn: prior.arn.clone(), ..self.clone() }
    }

    /// Changes `prior` to this delivery. Temporary failures are retried until `limit` has passed.
    pub(super) async fn bring_about(&self, cx: Cx<'_>, prior: &Self, limit: Limit) -> Result<()> {
        let site = self.site(cx).await?;
        let grantee = self.grantee(cx, &site, self.owner.get());
        self.put_rules(cx, &site, prior).await?;
        self.put_grants(cx, &grantee, prior).await?;
        self.put_targets(cx, &grantee, prior, limit).await?;
        for name in prior.rule_names().iter().filter(|name| !self.rule_names().contains(name)) {
            cx.aws.delete_rule(&self.rule(name)).await?;
        }
        self.remove_grants(cx, &grantee, prior).await
    }

    async fn put_rules(&self, cx: Cx<'_>, site: &Site, prior: &Self) -> Result<()> {
        let (wanted, before) = (self.to_rule(), prior.to_rule());
        let there = prior.rules.get();
        for name in self.rule_names() {
            let rule = self.rule(&name);
            if there.is_none_or(|rules| !rules.contains_key(&name)) {
                self.put_new_rule(cx, &name, there.is_none()).await?;
                continue;
            }
            if wanted != before {
                cx.aws.put_rule(&rule, &wanted, None).await?;
            }
            if prior.tags_all != self.tags_all {
                let arn = site.arn("events", &format!("rule/{name}"));
                cx.aws.retag_rule(&rule, &arn, &TagChange::between(&prior.tags_all, &self.tags_all)).await?;
            }
        }
        Ok(())
    }

    /// Creates rule `name`. PutRule would overwrite a rule that something else created, so the rule is looked up just
    /// before (for the first rule, by the caller), and its ownership is checked just after.
    async fn put_new_rule(&self, cx: Cx<'_>, name: &str, is_create: bool) -> Result<()> {
        let (rule, is_first) = (self.rule(name), name == self.name);
        // The turn of the first rule is that of the whole delivery.
        let _turn = if is_first { None } else { Some(cx.aws.owners_turn(&rule.key()).await) };
        if !is_first {
            self.may_put(cx, name).await?;
        }
        cx.aws.put_rule(&rule, &self.to_rule(), Some(&self.new_tags(cx))).await?;
        self.note_rule(cx, name);
        let is_begin = is_create && is_first;
        if is_begin {
            // Permissions and targets follow the rule, so any of them may exist from now on.
            (cx.note)(self);
        }
        let refused = self.refuse_rival(cx, name).await;
        if is_begin && matches!(refused, Ok(Some(_))) {
            discarded();
        }
        refused?.map_or(Ok(()), Err)
    }

    /// Applies grants concurrently, because each is read again after a while.
    async fn put_grants(&self, cx: Cx<'_>, grantee: &Grantee<'_>, prior: &Self) -> Result<()> {
        let before = |arn: &String| prior.permissions.get().and_then(|before| before.get(arn)).map(String::as_str);
        let wanted = self.permissions.get().into_iter().flatten();
        let due = wanted.filter(|(arn, text)| before(arn) != Some(text.as_str()));
        let put = concurrent::each(due, |(arn, text)| grantee.put(cx.aws, arn, text, before(arn))).await;
        Failure::all(put.into_iter().filter_map(Result::err))
    }

    /// Removes the permissions of `prior` that this delivery does not need.
    pub(super) async fn remove_grants(&self, cx: Cx<'_>, grantee: &Grantee<'_>, prior: &Self) -> Result<()> {
        let wanted = self.permissions.get();
        let gone = prior.permissions.get().into_iter().flatten();
        let gone = gone.filter(|(arn, _)| wanted.is_none_or(|wanted| !wanted.contains_key(*arn)));
        let removed = concurrent::each(gone, |(arn, text)| grantee.remove(cx.aws, arn, text)).await;
        Failure::all(removed.into_iter().filter_map(Result::err))
    }

    /// Returns the ARN of the role that this resource created, if any.
    fn managed_role(&self, grantee: &Grantee<'_>) -> Option<String> {
        let role = grantee.role_arn();
        self.permissions.get().is_some_and(|grants| grants.contains_key(&role)).then_some(role)
    }

    /// Removes targets before it adds others, to make room. Targets whose request differs from the one before, for
    /// example by another role, are set again.
    async fn put_targets(&self, cx: Cx<'_>, grantee: &Grantee<'_>, prior: &Self, limit: Limit) -> Result<()> {
        let (role, role_before) = (self.managed_role(grantee), prior.managed_role(grantee));
        let account = &grantee.site.account;
        let nothing = Vec::new();
        let mut failures = Vec::new();
        for (name, ids) in self.rules.get().into_iter().flatten() {
            let rule = self.rule(name);
            let before = prior.rules.get().and_then(|rules| rules.get(name)).unwrap_or(&nothing);
            let gone: Vec<_> = before.iter().filter(|id| !ids.contains(id)).cloned().collect();
            let refused = cx.aws.remove_targets(&rule, &gone).await?;
            failures.extend(refused.iter().map(|refused| refused.failure("remove", &rule)));
            let mut due = Vec::new();
            let mut is_transformed = false;
            for (id, target) in ids.iter().filter_map(|id| Some((id, self.targets.get(id)?))) {
                let wanted = target_to_api(id, target, account, role.as_deref())?;
                let former = prior.targets.get(id).filter(|_| before.contains(id));
                let former = former.and_then(|former| former.to_api(id, account, role_before.as_deref()).ok());
                if former.as_ref() != Some(&wanted) {
                    is_transformed |= former.is_some() && target.has_template();
                    due.push(wanted);
                }
            }
            // Templates with the same meaning stay as they are.
            let there = if is_transformed { cx.aws.list_targets(&rule).await? } else { BTreeMap::new() };
            let due = due.into_iter().map(|wanted| {
                let former = there.get(wanted.id());
                Input::keep_transformer(wanted, former)
            });
            let refused = cx.aws.put_targets(&rule, due.collect(), limit).await?;
            failures.extend(refused.iter().map(|refused| refused.failure("set", &rule)));
        }
        Failure::all(failures)
    }
}

fn target_to_api(id: &str, target: &Target, account: &str, role: Option<&str>) -> Result<api::Target> {
    let path = Path::from(Delivery::TARGETS).then(Step::Key(id.to_owned()));
    target
        .to_api(id, account, role)
        .map_err(|problem| Failure::at(path, format!("target {id:?} can't be set")).detail(problem))
}
