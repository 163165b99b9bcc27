//! A delivery as a resource type.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use tfplugin::resource::{ErasedResource, resource};
use tfplugin::wait::Limit;
use tfplugin::{Claim, Computed, Diagnostic, Named, Plan, Resource, Result, View, created};

use super::grants::Grants;
use super::holding::Held;
use super::{Cx, Delivers, Delivery, Label, planning};
use crate::aws::eventbridge::{TARGETS_WAIT, rule_claim};
use crate::aws::owners::Thing;
use crate::aws::{Aws, Hold, Mark};
use crate::kit::import::{claimed_region, import_id, import_parts};

/// A type that [`Delivers`] as a [`Resource`].
pub struct Delivered<D>(PhantomData<fn() -> D>);

/// Returns the entry of a type that delivers in the list of resource types.
#[track_caller]
pub const fn delivered<D: Delivers>() -> &'static dyn ErasedResource<Aws> {
    resource::<Delivered<D>>()
}

impl<D: Delivers> Delivered<D> {
    const LABEL: Label = Label { type_name: D::TYPE_NAME, noun: D::NOUN };

    fn cx(aws: &Aws) -> Cx<'_> {
        Cx { aws, label: Self::LABEL, note: &|_| {} }
    }
}

/// Returns `whole` with another state of its delivery.
fn with<D: Delivers>(whole: &D, delivery: Delivery) -> D {
    let mut whole = whole.clone();
    *whole.part_mut() = delivery;
    whole
}

impl<D: Delivers> Resource for Delivered<D> {
    const TYPE_NAME: &'static str = D::TYPE_NAME;
    type Model = D;
    type Client = Aws;

    fn validate(config: &View<D>) -> Vec<Diagnostic> {
        let mut diagnostics = D::validate(config);
        diagnostics.extend(planning::check(&config.part()));
        diagnostics
    }

    fn claims(aws: &Aws, config: &View<D>) -> Vec<Claim> {
        let claim = || {
            let config = config.part::<Delivery>();
            let (name, region) =
                (config.get(Delivery::NAME).known()?, claimed_region(aws, config.get(Delivery::REGION))?);
            Some(Claim::new(rule_claim(&name, &region), Delivery::NAME))
        };
        claim().into_iter().collect()
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, D>) -> Result<()> {
        let Some(name) = plan.get(Delivery::NAME.within()).known() else { return Ok(()) };
        let pattern = D::pattern(plan)?;
        planning::plan_pattern(&mut plan.part(), pattern);
        if let Some(region) = plan.get(Delivery::REGION.within()).known() {
            D::warn(aws, plan, &name, &region);
        }
        planning::plan(aws, Self::LABEL, &mut plan.part(), &name).await
    }

    async fn create(aws: &Aws, planned: D) -> Result<D> {
        let (mark, rule) = (Mark::new(), planned.part().clone());
        let _turn = aws.owners_turn(&Held(Self::LABEL, &rule).key()).await;
        if let Some(hold) = Box::pin(rule.join(Self::cx(aws), &mark)).await? {
            return Ok(with(&planned, Delivery { owner: hold.kept(), ..rule }));
        }
        let limit = Limit::new(rule.timeouts.as_ref().and_then(|timeouts| timeouts.create).unwrap_or(TARGETS_WAIT));
        let rule = Delivery { owner: Hold::by(mark).into(), ..rule };
        let note = |made: &Delivery| created(&with(&planned, made.clone()));
        let cx = Cx { note: &note, ..Self::cx(aws) };
        match Box::pin(rule.bring_about(cx, &rule.before_all(), limit)).await {
            Ok(()) => Ok(with(&planned, rule)),
            Err(failure) => {
                rule.note_unfinished(cx).await;
                Err(failure)
            }
        }
    }

    /// A delivery without rules still exists while permissions for them are left. An update or a destroy handles them.
    async fn read(aws: &Aws, state: D) -> Result<Option<D>> {
        let rule = state.part().clone();
        let found = rule.find(Self::cx(aws)).await?;
        let now = rule.refreshed(Self::cx(aws), found).await?;
        let is_gone = now.rule_names().is_empty() && now.permissions.get().is_none_or(Grants::is_empty);
        let state = match now.pattern.get() {
            Some(pattern) => state.found(pattern),
            None => state,
        };
        Ok((!is_gone).then(|| with(&state, now)))
    }

    async fn update(aws: &Aws, prior: D, planned: D) -> Result<D> {
        let (before, rule) = (prior.part(), planned.part().clone());
        let cx = Self::cx(aws);
        let _turn = aws.owners_turn(&Held(Self::LABEL, &rule).key()).await;
        Box::pin(before.may_become(cx, &rule)).await?;
        let marking = Box::pin(aws.may_change(&Held(Self::LABEL, before), &before.owner)).await?;
        let rule = Delivery { owner: before.marked(cx, marking).await?.into(), ..rule };
        let limit = Limit::new(rule.timeouts.as_ref().and_then(|timeouts| timeouts.update).unwrap_or(TARGETS_WAIT));
        let Err(failure) = Box::pin(rule.bring_about(cx, before, limit)).await else { return Ok(with(&planned, rule)) };
        let both = with(&planned, rule.with_all_of(before));
        let state = Self::read(aws, both.clone()).await.ok().flatten().unwrap_or(both);
        Err(failure.reached(&state))
    }

    async fn delete(aws: &Aws, state: D) -> Result<()> {
        let rule = state.part();
        aws.let_go(&Held(Self::LABEL, rule), &rule.owner).await
    }

    fn import_id(identity: &View<D>) -> Option<String> {
        let identity = identity.part::<Delivery>();
        import_id([identity.get(Delivery::NAME)], identity.get(Delivery::REGION))
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<D>> {
        let ([name], region) = import_parts(aws, id, "NAME").await?;
        Ok(Named::new(Delivery::NAME.within(), &name).and(Delivery::REGION.within(), &region))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<D>> {
        let ([name], region) = import_parts(aws, id, "NAME").await?;
        Self::read(aws, D::named(Delivery::of(name, region))).await
    }
}

impl Delivery {
    /// Returns the delivery in `region` of which only the name is known.
    fn of(name: String, region: String) -> Self {
        Delivery {
            name,
            description: None,
            enabled: true,
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
        }
    }
}
