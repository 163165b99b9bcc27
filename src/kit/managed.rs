//! An entity as a resource type.

use std::marker::PhantomData;
use std::time::Instant;

use tfplugin::resource::{ErasedResource, resource};
use tfplugin::wait::{Limit, Look};
use tfplugin::{
    Claim, Diagnostic, Failure, Key, ModelKey, MoveSource, Named, Plan, Resource, Result, View, created, differences,
};

use super::held::{Held, if_found, owners, settled};
use super::{CallError, Common, Cx, Entity, Outcome, Progress, Remote, Settled, subject};
use crate::aws::owners::{Admission, KnownBy, Thing};
use crate::aws::{Aws, Hold, Mark, Owners};
use crate::kit::import::{claimed_region, import_key, take_over};
use crate::kit::moved::moved_from_aws;

/// An [`Entity`] as a [`Resource`].
pub struct Managed<E>(PhantomData<fn() -> E>);

/// Returns the entry of an entity in the list of resource types.
#[track_caller]
pub const fn managed<E: Entity>() -> &'static dyn ErasedResource<Aws> {
    resource::<Managed<E>>()
}

impl<E: Entity> Resource for Managed<E> {
    const TYPE_NAME: &'static str = E::TYPE_NAME;
    type Model = E;
    type Client = Aws;

    fn validate(config: &View<E>) -> Vec<Diagnostic> {
        E::validate(config)
    }

    fn claims(aws: &Aws, config: &View<E>) -> Vec<Claim> {
        let region = claimed_region(aws, config.get(Common::REGION.within()));
        region.map(|region| E::claims(config, region)).unwrap_or_default()
    }

    async fn plan(aws: &Aws, plan: &mut Plan<'_, E>) -> Result<()> {
        if E::KNOWN_BY == KnownBy::Name
            && let Some(key) = E::Key::of(&plan.planned())
        {
            plan.set(Key::new("id"), &key.to_string());
        }
        E::plan(aws, plan).await
    }

    async fn create(aws: &Aws, planned: E) -> Result<E> {
        let (mark, subject, region) = (Mark::new(), subject(&planned), planned.part().region().to_owned());
        let cx = Cx { aws, region: &region, subject: &subject, mark: Some(&mark) };
        let _turn = aws.owners_turn(&Held(&planned).key()).await;
        let tags = aws.tag_rules().of_new(planned.part().tags.as_ref(), &mark, E::TYPE_NAME);
        let (mut made, hold) = match Box::pin(planned.clone().create(&cx, tags.into_iter().collect())).await {
            Ok(made) => {
                aws.note_marked(&Held(&made).key(), &mark);
                (made, Hold::by(mark.clone()))
            }
            Err(error) => Box::pin(joined(&cx, &planned, error, &mark)).await?,
        };
        made.part_mut().owner = hold.kept();
        let key = made.key();
        made.set_key(&key);
        created(&made);
        let (made, completed) = Box::pin(completed(&cx, made, None)).await;
        completed.map_err(|failure| failure.reached(&made)).map(|()| made)
    }

    async fn read(aws: &Aws, state: E) -> Result<Option<E>> {
        let subject = subject(&state);
        let answer = state.get(&Held(&state).with(aws, &subject)).await;
        match if_found(answer, "read", &subject)? {
            Some(remote) => refreshed(aws, state, &remote).await.map(Some),
            None => Ok(None),
        }
    }

    async fn update(aws: &Aws, prior: E, planned: E) -> Result<E> {
        let before = prior.part();
        let held = Held(&prior);
        let marking = aws.may_change(&held, &before.owner).await?;
        let (subject, region) = (subject(&planned), before.region());
        let place = (region, before.arn.as_str());
        let hold = aws.remark((&held, marking), place, &before.owner, E::TYPE_NAME).await?;
        let cx = Cx { aws, region, subject: &subject, mark: hold.mark() };
        let changed = async {
            let mut made = match planned.clone().update(&cx, &prior).await {
                Ok(made) => made,
                Err(error) if error.outcome() == Outcome::Unanswered => {
                    let is_done = || async {
                        let remote = planned.get(&cx).await.ok()?;
                        let found = planned.clone().found(&remote);
                        differences(&planned, &found).is_empty().then_some(found)
                    };
                    settled(&cx, is_done).await.ok_or_else(|| error.failure("update", &subject))?
                }
                Err(error) => return Err(error.failure("update", &subject)),
            };
            let after = made.part_mut();
            after.owner = hold.clone().kept();
            after.arn = before.arn.clone();
            aws.retag(region, before.arn.as_str(), &before.tags_all, &after.tags_all).await?;
            Ok::<_, Failure>(made)
        };
        match Box::pin(changed).await {
            Ok(made) => {
                let (mut made, completed) = Box::pin(completed(&cx, made, Some(&prior))).await;
                let tidied = made.tidy(&cx, &prior).await;
                let failures = [completed, tidied].into_iter().filter_map(Result::err);
                Failure::all(failures).map_err(|failure| failure.reached(&made)).map(|()| made)
            }
            Err(failure) if failure.has_reached() => Err(failure),
            Err(failure) => {
                let mut kept = prior.clone();
                kept.part_mut().owner = hold.kept();
                let now = Box::pin(Self::read(aws, kept.clone())).await.ok().flatten();
                Err(failure.reached(&now.unwrap_or(kept)))
            }
        }
    }

    async fn delete(aws: &Aws, state: E) -> Result<()> {
        aws.let_go(&Held(&state), &state.part().owner).await
    }

    async fn named(aws: &Aws, id: &str) -> Result<Named<E>> {
        let (key, region) = import_key(aws, id, &E::form(), E::parse).await?;
        Ok(Named::of(&key).and(Common::REGION.within(), &region))
    }

    async fn import(aws: &Aws, id: &str) -> Result<Option<E>> {
        let (key, region) = import_key(aws, id, &E::form(), E::parse).await?;
        let mut named = E::named(key.clone(), Common::of(region));
        named.set_key(&key);
        Self::read(aws, named).await
    }

    fn import_id(identity: &View<E>) -> Option<String> {
        let id = E::Key::of(identity)?.to_string();
        let region = identity.get(Common::REGION.within()).known();
        Some(region.map_or(id.clone(), |region| format!("{id}@{region}")))
    }

    fn move_from(source: MoveSource) -> Option<serde_json::Value> {
        E::MOVES_FROM_AWS.then(|| moved_from_aws(E::TYPE_NAME, source)).flatten()
    }
}

/// Returns the existing object in place of `planned`, and the hold on it. Either this create made it and the answer was
/// lost, or other instances hold it and it is exactly as planned.
async fn joined<E: Entity>(cx: &Cx<'_>, planned: &E, error: CallError, mark: &Mark) -> Result<(E, Hold)> {
    let failure = error.failure("create", cx.subject);
    if !matches!(error.outcome(), Outcome::Exists | Outcome::Unanswered) {
        return Err(failure);
    }
    // A read may not reflect yet what another instance has just created or changed.
    let look = || async {
        let Ok((found, remote)) = planned.find(cx).await else { return Ok(None) };
        let as_found = refreshed(cx.aws, found.clone(), &remote).await?;
        let differences = differences(&found, &as_found);
        Ok(Some((found, as_found, owners(&remote), differences)))
    };
    let is_settled = |seen: &Option<(E, E, Owners, Vec<&'static str>)>| {
        seen.as_ref().is_some_and(|(.., owners, differences)| differences.is_empty() || !owners.may_change(mark))
    };
    let Some((found, as_found, owners, differences)) = cx.aws.reread(look, is_settled).await? else {
        return Err(failure);
    };
    let key = found.key();
    let advice = || take_over(cx.aws, E::TYPE_NAME, &key.to_string(), cx.region);
    match cx.aws.admit(cx.subject, &owners, mark, &differences, advice)? {
        Admission::Created => Ok((found, Hold::by(mark.clone()))),
        Admission::Joined | Admission::Resumed => {
            let place = (cx.region, as_found.part().arn.as_str());
            let hold = cx.aws.put_mark(&Held(&found), place, mark.clone(), E::TYPE_NAME).await?;
            Ok((found, hold))
        }
    }
}

/// Returns `state`, updated from the answer of a read.
async fn refreshed<E: Entity>(aws: &Aws, state: E, remote: &E::Remote) -> Result<E> {
    let (before, key) = (state.part().clone(), state.key());
    let is_new = before.arn.get().is_none();
    let hold = before.owner.clone().into_option().unwrap_or_default().seen(&owners(remote), &subject(&state), is_new);
    let (tags, tags_all) = aws.tag_rules().split(remote.tags(), before.tags.as_ref());
    let arn = arn(aws, &state).await?.into();
    let mut now = state.found(remote);
    now.set_key(&key);
    *now.part_mut() = Common { tags, tags_all, arn, owner: hold.kept(), region: before.region };
    Ok(now)
}

/// Completes a created entity, or one updated from `prior`, with the values that only a read returns, and returns whether
/// the change has taken effect. The entity exists, so the state keeps it whatever happens.
async fn completed<E: Entity>(cx: &Cx<'_>, mut made: E, prior: Option<&E>) -> (E, Result<()>) {
    match arn(cx.aws, &made).await {
        Ok(arn) => made.part_mut().arn = arn.into(),
        Err(failure) => return (made, Err(failure)),
    }
    if made.to_object().is_wholly_known() {
        return (made, Ok(()));
    }
    let started = Instant::now();
    let mut looks = 0..;
    let look = || {
        let progress = Progress { prior, looks: looks.next().unwrap_or_default(), started };
        let made = &made;
        async move {
            let Some(remote) = if_found(made.look(cx).await, "read", cx.subject)? else {
                return Ok(Look::Pending("it can't be read yet".to_owned()));
            };
            Ok(match made.settled(cx, &remote, &progress) {
                Settled::Yes => Look::Ready((remote, Ok(()))),
                Settled::Pending(what) => Look::Pending(what),
                Settled::Broken(failure) => Look::Ready((remote, Err(failure))),
            })
        }
    };
    match cx.aws.wait(Limit::new(made.limit(prior)), cx.subject, look).await {
        Ok((remote, outcome)) => {
            let common = made.part().clone();
            let mut made = made.found(&remote);
            *made.part_mut() = common;
            (made, outcome)
        }
        Err(failure) => (made, Err(failure)),
    }
}

/// Returns the ARN of an entity.
async fn arn<E: Entity>(aws: &Aws, entity: &E) -> Result<String> {
    let region = entity.part().region();
    aws.shown_arn(region, entity.part().arn.get(), &entity.resource()).await
}
