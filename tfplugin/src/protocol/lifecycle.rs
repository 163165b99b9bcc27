//! What becomes of one resource: read again, planned, changed, and what is true after a failure.

use super::messages::{DynamicValue, plan_resource_change};
use super::private;
use super::server::Described;
use crate::plan::{add_write_only, clear_write_only, inconsistencies, keep_spelling, refuse_faults};
use crate::resource::ErasedResource;
use crate::{Draft, Failure, Path, Provider, Result, Value};

/// What the CLIs do with a resource whose create failed after something was made, and don't say.
const TAINTED: &str = "What was made is in the state, marked as tainted: the next apply makes it anew, unless `untaint` takes \
                       the mark away before.";

/// The state of a resource, with what all resources of the provider have.
pub async fn completed<P: Provider>(
    schema: &Described,
    client: &P::Client,
    state: Option<&DynamicValue>,
    private: &[u8],
) -> Result<Value> {
    let mut state = schema.decode(state)?;
    private::join(schema, &mut state, private);
    if !state.is_null() {
        P::complete(client, &schema.object, &mut state).await;
    }
    Ok(state)
}

/// What `state` is now; `None` if it is gone.
pub async fn read_again<P: Provider>(
    resource: &dyn ErasedResource<P::Client>,
    schema: &Described,
    client: &P::Client,
    state: &Value,
) -> Result<Option<Value>> {
    let found = resource.read(client, state).await?;
    Ok(found.map(|mut found| {
        keep_spelling(&schema.object, state, &mut found);
        clear_write_only(&schema.object, &mut found);
        found
    }))
}

/// What is planned, and the paths whose change needs a new resource.
pub async fn plan<P: Provider>(
    resource: &dyn ErasedResource<P::Client>,
    schema: &Described,
    client: &P::Client,
    request: &plan_resource_change::Request,
) -> Result<(Value, Vec<Path>)> {
    let prior = completed::<P>(schema, client, request.prior_state.as_ref(), &request.prior_private).await?;
    let mut proposed = schema.decode(request.proposed_new_state.as_ref())?;
    if proposed.is_null() {
        resource.plan_delete(client, &prior).await?;
        return Ok((Value::Null, Vec::new()));
    }
    let config = schema.decode(request.config.as_ref())?;
    refuse_faults(&schema.object, &config)?;
    if !prior.is_null() {
        private::join(schema, &mut proposed, &request.prior_private);
        P::complete(client, &schema.object, &mut proposed).await;
    }
    let mut draft = Draft::new(schema.object.clone(), prior, config, proposed);
    draft.prepare();
    P::plan(client, &mut draft).await?;
    draft.settle();
    resource.plan(client, &mut draft).await?;
    draft.settle();
    Ok(draft.finish())
}

/// A planned change.
pub struct Change {
    pub prior: Value,
    pub planned: Value,
    pub config: Value,
}

/// Brings a change about, and returns what there is then.
pub async fn change<P: Provider>(
    resource: &dyn ErasedResource<P::Client>,
    schema: &Described,
    client: &P::Client,
    change: Change,
) -> Result<Value> {
    let Change { prior, planned, config } = change;
    if planned.is_null() {
        resource.delete(client, &prior).await?;
        return Ok(Value::Null);
    }
    let mut wanted = planned.clone();
    add_write_only(&schema.object, &config, &mut wanted);
    let result = if prior.is_null() {
        resource.create(client, &wanted).await
    } else {
        resource.update(client, &prior, &wanted).await
    };
    let failure = match result {
        Ok(mut state) => {
            keep_spelling(&schema.object, &planned, &mut state);
            clear_write_only(&schema.object, &mut state);
            match inconsistencies(&schema.object, &planned, &state) {
                Some(failure) => failure.with_value(state),
                None => return Ok(state),
            }
        }
        Err(failure) => settle_failure::<P>(resource, schema, client, (&prior, &planned), failure).await,
    };
    Err(if prior.is_null() && failure.has_reached() { failure.detail(TAINTED) } else { failure })
}

/// The failure with the state that is true now: what it says itself, or what a read of the prior finds.
async fn settle_failure<P: Provider>(
    resource: &dyn ErasedResource<P::Client>,
    schema: &Described,
    client: &P::Client,
    (prior, planned): (&Value, &Value),
    failure: Failure,
) -> Failure {
    let (diagnostics, reached) = failure.into_parts();
    let failure = Failure::from(diagnostics);
    if let Some(mut state) = reached {
        keep_spelling(&schema.object, planned, &mut state);
        clear_write_only(&schema.object, &mut state);
        return failure.with_value(state);
    }
    if prior.is_null() {
        return failure;
    }
    match read_again::<P>(resource, schema, client, prior).await {
        Ok(found) => failure.with_value(found.unwrap_or(Value::Null)),
        Err(_) => failure.with_value(prior.clone()),
    }
}
