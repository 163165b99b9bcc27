//! What becomes of one resource: read again, planned, changed, and what is true after a failure.

use super::messages::{DynamicValue, ResourceIdentityData, plan_resource_change};
use super::run::caught;
use super::saved::unreadable;
use super::server::{Described, Entry};
use super::{identity, private};
use crate::created::noting;
use crate::plan::{
    Blank, add_write_only, applied, clear_write_only, found, keep_spelling, never_set, refuse_faults, without_empty,
};
use crate::resource::ErasedResource;
use crate::{Draft, Failure, Path, Provider, Result, Value};

/// What the CLIs do with a resource whose create failed after something was made, and don't say.
const TAINTED: &str = "The partially created resource was saved as tainted and will be replaced by the next apply. To keep it, \
                       run `untaint` on it first.";

/// The state of a resource, with what all resources of the provider have.
pub async fn completed<P: Provider>(
    entry: &Entry<dyn ErasedResource<P::Client>>,
    client: &P::Client,
    state: Option<&DynamicValue>,
    private: &[u8],
) -> Result<Value> {
    let schema = entry.schema();
    let of_state = |failure| unreadable(&format!("the saved state of {}", entry.name), &failure);
    let mut state = schema.decode(state).map_err(of_state)?;
    private::join(schema, &mut state, private);
    if !state.is_null() {
        P::complete(client, &schema.object, &mut state).await;
        entry.item.fits(&state).map_err(of_state)?;
    }
    Ok(state)
}

/// What `state` is now; `None` if it is gone.
pub async fn read_again<P: Provider>(
    entry: &Entry<dyn ErasedResource<P::Client>>,
    client: &P::Client,
    state: &Value,
) -> Result<Option<Value>> {
    let Some(mut answer) = entry.item.read(client, state).await? else { return Ok(None) };
    keep_spelling(&entry.schema().object, state, &mut answer);
    known::<P>(entry.schema(), answer).map(Some)
}

/// What exists under the import ID `id`.
pub async fn read_imported<P: Provider>(
    entry: &Entry<dyn ErasedResource<P::Client>>,
    client: &P::Client,
    id: &str,
) -> Result<Value> {
    let missing = || {
        let failure = Failure::new(format!("there is nothing to import with the id {id:?}"));
        P::looked(client, id).map_or(failure.clone(), |looked| failure.detail(looked))
    };
    let found = entry.item.import(client, id).await?.ok_or_else(missing)?;
    known::<P>(entry.schema(), found)
}

/// What was found, as a state.
pub fn known<P: Provider>(schema: &Described, mut answer: Value) -> Result<Value> {
    clear_write_only(&schema.object, &mut answer);
    let outcome = found(&schema.object, &answer);
    never_set(&outcome.unset, P::ISSUES).map_or(Ok(outcome.state), Err)
}

/// What is planned, and the paths whose change needs a new resource.
pub async fn plan<P: Provider>(
    entry: &Entry<dyn ErasedResource<P::Client>>,
    client: &P::Client,
    request: &plan_resource_change::Request,
) -> Result<(Value, Vec<Path>)> {
    let (resource, schema) = (entry.item, entry.schema());
    let prior = completed::<P>(entry, client, request.prior_state.as_ref(), &request.prior_private).await?;
    let mut proposed = schema.decode(request.proposed_new_state.as_ref())?;
    if proposed.is_null() {
        resource.plan_delete(client, &prior).await?;
        return Ok((Value::Null, Vec::new()));
    }
    let mut config = schema.decode(request.config.as_ref())?;
    refuse_faults(&schema.object, &config)?;
    let saved = schema.decode(request.prior_state.as_ref())?;
    let blanks = Blank::leave_out(&schema.object, (&saved, &prior), &mut config, &mut proposed);
    if !prior.is_null() {
        private::join(schema, &mut proposed, &request.prior_private);
        P::complete(client, &schema.object, &mut proposed).await;
    }
    let is_replacement = prior.is_null() && !request.prior_private.is_empty();
    let replaced = is_replacement.then(|| private::of(schema, &request.prior_private));
    let mut draft = Draft::new(schema.object.clone(), prior, config, proposed).replacing(replaced);
    draft.prepare();
    P::plan(client, &mut draft).await?;
    draft.settle();
    resource.plan(client, &mut draft).await?;
    draft.settle();
    P::planned(client, &mut draft);
    let (mut planned, replace) = draft.finish();
    blanks.into_iter().for_each(|blank| blank.put_back(&mut planned));
    Ok((planned, replace))
}

/// The identity of what has `state`, with what all resources have.
pub async fn identified<P: Provider>(
    schema: &Described,
    client: &P::Client,
    state: &Value,
) -> Option<ResourceIdentityData> {
    let parts = schema.object.identity();
    let mut parts = Value::Map(parts.map(|one| (one.name.to_owned(), state.get(one.name).clone())).collect());
    if !state.is_null() {
        P::complete(client, &schema.object, &mut parts).await;
    }
    // What is empty and means left out will be computed.
    let is_open = schema.object.identity().any(|one| {
        let value = parts.get(one.name);
        one.is_computed() && !value.is_null() && one.is_absent(value)
    });
    if is_open { None } else { identity::of(schema, &parts) }
}

/// A planned change.
pub struct Change {
    pub prior: Value,
    pub planned: Value,
    pub config: Value,
}

/// Brings a change about, and returns what there is then: the plan, with what it left unknown.
pub async fn change<P: Provider>(
    entry: &Entry<dyn ErasedResource<P::Client>>,
    client: &P::Client,
    change: Change,
) -> Result<Value> {
    let Change { prior, planned, config } = change;
    let (resource, object) = (entry.item, &entry.schema().object);
    if planned.is_null() {
        resource.delete(client, &prior).await?;
        return Ok(Value::Null);
    }
    // More of it may be known than when it was planned.
    refuse_faults(object, &config)?;
    if planned != prior && without_empty(object, &planned) == without_empty(object, &prior) {
        // Only the spelling of nothing changes: there is nothing to do.
        return Ok(planned);
    }
    let mut wanted = planned.clone();
    add_write_only(object, &config, &mut wanted);
    P::complete(client, object, &mut wanted).await;
    let operation = async {
        if prior.is_null() {
            resource.create(client, &wanted).await
        } else {
            resource.update(client, &prior, &wanted).await
        }
    };
    // A panic is caught here already, since something may exist by then.
    let (result, noted) = noting(caught(&entry.name, P::ISSUES, operation)).await;
    let failure = match result {
        Ok(mut answer) => {
            keep_spelling(object, &planned, &mut answer);
            clear_write_only(object, &mut answer);
            let outcome = applied(object, &planned, &answer);
            for path in &outcome.differences {
                tracing::warn!(differs = %path, "what was applied is another value than planned; the state has the plan's");
            }
            match never_set(&outcome.unset, P::ISSUES) {
                Some(failure) => failure.with_value(outcome.state),
                None => return Ok(outcome.state),
            }
        }
        Err(failure) => {
            let failure = match noted {
                Some(state) if !failure.has_reached() => failure.with_value(state),
                _ => failure,
            };
            settle_failure::<P>(entry, client, (&prior, &planned), failure).await
        }
    };
    Err(if prior.is_null() && failure.has_reached() { failure.detail(TAINTED) } else { failure })
}

/// The failure with the state that is true now: what it says itself, or what a read of the prior finds.
async fn settle_failure<P: Provider>(
    entry: &Entry<dyn ErasedResource<P::Client>>,
    client: &P::Client,
    (prior, planned): (&Value, &Value),
    failure: Failure,
) -> Failure {
    let object = &entry.schema().object;
    let (failure, reached) = failure.without_reached();
    if let Some(mut state) = reached {
        keep_spelling(object, planned, &mut state);
        clear_write_only(object, &mut state);
        return failure.with_value(state);
    }
    if prior.is_null() {
        return failure;
    }
    // Whatever keeps it from being read is told by the next refresh.
    match caught(&entry.name, P::ISSUES, read_again::<P>(entry, client, prior)).await {
        Ok(found) => failure.with_value(found.unwrap_or(Value::Null)),
        Err(_) => failure.with_value(prior.clone()),
    }
}
