//! Resources: validate, upgrade, read, plan, apply, import, move.

use serde_json::Value as Json;

use super::encode;
use super::json;
use super::messages::{
    DynamicValue, RawState, apply_resource_change, import_resource_state, move_resource_state, plan_resource_change,
    read_resource, upgrade_resource_state, validate_resource_config,
};
use super::run::{Outcome, run};
use super::server::{Described, Server, has_errors};
use crate::plan::{add_write_only, check, clear_write_only, fill_defaults, inconsistencies, keep_spelling};
use crate::resource::ErasedResource;
use crate::{Draft, Failure, Path, Provider, Result, Value};

impl<P: Provider> Server<P> {
    pub(super) async fn validate_resource(
        &self,
        request: validate_resource_config::Request,
    ) -> validate_resource_config::Response {
        let entry = self.resource(&request.type_name);
        let outcome = run::<P, _>(request.type_name.clone(), async move {
            let entry = entry?;
            let config = entry.schema().decode(request.config.as_ref())?;
            let mut diagnostics = check(&entry.schema().object, &config);
            diagnostics.extend(entry.resource.validate(&config));
            Ok(diagnostics)
        });
        let (found, _, mut diagnostics) = outcome.await.split();
        diagnostics.extend(found.unwrap_or_default());
        validate_resource_config::Response { diagnostics: encode::diagnostics(&diagnostics) }
    }

    pub(super) async fn upgrade(&self, request: upgrade_resource_state::Request) -> upgrade_resource_state::Response {
        let entry = self.resource(&request.type_name);
        let outcome = run::<P, _>(request.type_name.clone(), async move {
            let entry = entry?;
            let raw = raw_state(request.raw_state)?;
            let raw = if request.version == entry.resource.version() {
                raw
            } else {
                entry.resource.upgrade(request.version, raw)?
            };
            Ok(entry.schema().encode(&adopt(entry.schema(), &raw)?))
        });
        let (upgraded_state, _, diagnostics) = outcome.await.split();
        upgrade_resource_state::Response { upgraded_state, diagnostics: encode::diagnostics(&diagnostics) }
    }

    pub(super) async fn read(&self, request: read_resource::Request) -> read_resource::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let (private, current) = (request.private, request.current_state);
        let kept = current.clone();
        let outcome = run::<P, _>(request.type_name, async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let state = completed::<P>(schema, &client, current.as_ref())?;
            let found = read_again::<P>(entry.resource, schema, &client, &state).await?;
            Ok(schema.encode(&found.unwrap_or(Value::Null)))
        });
        let (new_state, _, diagnostics) = outcome.await.split();
        read_resource::Response {
            new_state: new_state.or(kept),
            diagnostics: encode::diagnostics(&diagnostics),
            private,
            ..Default::default()
        }
    }

    pub(super) async fn plan(&self, request: plan_resource_change::Request) -> plan_resource_change::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let planned_private = request.prior_private.clone();
        let outcome = run::<P, _>(request.type_name.clone(), async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let (planned, replace) = plan::<P>(entry.resource, schema, &client, &request).await?;
            Ok((schema.encode(&planned), replace))
        });
        let (planned, _, diagnostics) = outcome.await.split();
        let (planned_state, replace) = planned.unzip();
        plan_resource_change::Response {
            planned_state,
            requires_replace: replace.unwrap_or_default().iter().map(encode::path).collect(),
            planned_private,
            diagnostics: encode::diagnostics(&diagnostics),
            ..Default::default()
        }
    }

    pub(super) async fn apply(&self, request: apply_resource_change::Request) -> apply_resource_change::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let (private, kept) = (request.planned_private, request.prior_state.clone());
        let schema_entry = entry.clone();
        let outcome = run::<P, _>(request.type_name, async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let prior = completed::<P>(schema, &client, request.prior_state.as_ref())?;
            let planned = schema.decode(request.planned_state.as_ref())?;
            let config = schema.decode(request.config.as_ref())?;
            change::<P>(entry.resource, schema, &client, Change { prior, planned, config }).await
        });
        let (state, reached, diagnostics) = outcome.await.split();
        let new_state = match (state.or(reached), schema_entry) {
            (Some(state), Ok(entry)) => Some(entry.schema().encode(&state)),
            // Nothing is known to have changed.
            _ => kept,
        };
        apply_resource_change::Response {
            new_state,
            private,
            diagnostics: encode::diagnostics(&diagnostics),
            ..Default::default()
        }
    }

    pub(super) async fn import(&self, request: import_resource_state::Request) -> import_resource_state::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let type_name = request.type_name.clone();
        let outcome: Outcome<_> = run::<P, _>(request.type_name, async move {
            let (entry, client) = (entry?, client?);
            let found = entry.resource.import(&client, &request.id).await?;
            let missing = || Failure::new(format!("there is nothing to import with the id {:?}", request.id));
            Ok(entry.schema().encode(&found.ok_or_else(missing)?))
        })
        .await;
        let (state, _, diagnostics) = outcome.split();
        let imported = state.map(|state| import_resource_state::ImportedResource {
            type_name,
            state: Some(state),
            ..Default::default()
        });
        import_resource_state::Response {
            imported_resources: imported.into_iter().collect(),
            diagnostics: encode::diagnostics(&diagnostics),
            deferred: None,
        }
    }

    pub(super) async fn move_state(&self, request: move_resource_state::Request) -> move_resource_state::Response {
        let entry = self.resource(&request.target_type_name);
        let target = request.target_type_name.clone();
        let outcome = run::<P, _>(request.target_type_name, async move {
            let entry = entry?;
            let raw = raw_state(request.source_state)?;
            let moved = entry.resource.move_from(&request.source_provider_address, &request.source_type_name, raw);
            let refused = || {
                Failure::new(format!("{} can't become {target}", request.source_type_name))
                    .detail("Only the same resource type of hashicorp/aws can be moved to it.")
            };
            Ok(entry.schema().encode(&adopt(entry.schema(), &moved.ok_or_else(refused)?)?))
        });
        let (target_state, _, diagnostics) = outcome.await.split();
        move_resource_state::Response {
            target_state,
            diagnostics: encode::diagnostics(&diagnostics),
            ..Default::default()
        }
    }
}

fn raw_state(raw: Option<RawState>) -> Result<Json> {
    let unreadable = |reason: String| Failure::new("the saved state can't be read").detail(reason);
    let raw = raw.unwrap_or_default();
    serde_json::from_slice(&raw.json).map_err(|error| unreadable(error.to_string()))
}

/// A state that an older version, or another provider, has written: its blocks are never null, and attributes that
/// it lacks have their default.
fn adopt(schema: &Described, raw: &Json) -> Result<Value> {
    let unreadable = |error: super::msgpack::Malformed| {
        Failure::new("the saved state doesn't fit the resource type").detail(error.to_string())
    };
    let mut state = json::read(raw, &schema.value_type).map_err(unreadable)?;
    let empty = schema.object.empty();
    for block in schema.object.blocks.iter().filter(|block| state.get(block.name).is_null()).collect::<Vec<_>>() {
        state.put(block.name, empty.get(block.name).clone());
    }
    fill_defaults(&schema.object, &Value::Null, &mut state);
    Ok(state)
}

/// The state of a resource, with what all resources of the provider have.
fn completed<P: Provider>(schema: &Described, client: &P::Client, state: Option<&DynamicValue>) -> Result<Value> {
    let mut state = schema.decode(state)?;
    if !state.is_null() {
        P::complete(client, &schema.object, &mut state);
    }
    Ok(state)
}

async fn read_again<P: Provider>(
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

async fn plan<P: Provider>(
    resource: &dyn ErasedResource<P::Client>,
    schema: &Described,
    client: &P::Client,
    request: &plan_resource_change::Request,
) -> Result<(Value, Vec<Path>)> {
    let prior = completed::<P>(schema, client, request.prior_state.as_ref())?;
    let mut proposed = schema.decode(request.proposed_new_state.as_ref())?;
    if proposed.is_null() {
        resource.plan_delete(client, &prior).await?;
        return Ok((Value::Null, Vec::new()));
    }
    let config = schema.decode(request.config.as_ref())?;
    // More may be known by now than when the configuration was validated.
    let faults = check(&schema.object, &config);
    if has_errors(&faults) {
        return Err(faults
            .into_iter()
            .filter(|fault| has_errors(std::slice::from_ref(fault)))
            .collect::<Vec<_>>()
            .into());
    }
    if !prior.is_null() {
        P::complete(client, &schema.object, &mut proposed);
    }
    let mut draft = Draft::new(schema.object.clone(), prior, config, proposed);
    draft.prepare();
    P::plan(client, &mut draft)?;
    draft.settle();
    resource.plan(client, &mut draft).await?;
    draft.settle();
    Ok(draft.finish())
}

struct Change {
    prior: Value,
    planned: Value,
    config: Value,
}

async fn change<P: Provider>(
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
    match result {
        Ok(mut state) => {
            keep_spelling(&schema.object, &planned, &mut state);
            clear_write_only(&schema.object, &mut state);
            match inconsistencies(&schema.object, &planned, &state) {
                Some(failure) => Err(failure.with_value(state)),
                None => Ok(state),
            }
        }
        Err(failure) => Err(settle_failure::<P>(resource, schema, client, (&prior, &planned), failure).await),
    }
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
