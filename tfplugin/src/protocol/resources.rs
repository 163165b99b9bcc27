//! Resources: upgrade, read, plan, apply, import, move.

use super::lifecycle::{Change, change, completed, identified, plan, read_again, read_imported};
use super::messages::{
    apply_resource_change, import_resource_state, move_resource_state, plan_resource_change, read_resource,
    upgrade_resource_state,
};
use super::run::Outcome;
use super::saved::{adopt, raw_state, unreadable, upgraded};
use super::server::{Server, told};
use super::{encode, identity, private};
use crate::plan::without_empty;
use crate::{Failure, MoveSource, Provider, Result, Value, meta};

impl<P: Provider> Server<P> {
    pub(super) async fn upgrade(&self, request: upgrade_resource_state::Request) -> upgrade_resource_state::Response {
        let entry = self.resource(&request.type_name);
        let outcome = self.run("UpgradeResourceState", request.type_name.clone(), async move {
            let entry = entry?;
            let upgraded = raw_state(request.raw_state)
                .and_then(|raw| upgraded(raw, request.version, entry.item.upgrades()))
                .and_then(|raw| adopt(entry.schema(), &raw));
            let of_state = |failure| unreadable(&format!("the saved state of {}", entry.name), &failure);
            Ok(entry.schema().encode(&upgraded.map_err(of_state)?))
        });
        let (upgraded_state, _, diagnostics) = outcome.await.split();
        upgrade_resource_state::Response { upgraded_state, diagnostics: encode::diagnostics(&diagnostics) }
    }

    pub(super) async fn read(&self, request: read_resource::Request) -> read_resource::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let given = self.meta(request.provider_meta.as_ref());
        let (private, current) = (request.private.clone(), request.current_state);
        let (kept, kept_identity, described) = (current.clone(), request.current_identity, entry.clone());
        let outcome = self.run("ReadResource", request.type_name, async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let (found, passed) = match private::imported(&request.private) {
                Some(id) => (meta::with(given?, read_imported::<P>(&entry, &client, &id)).await?, Vec::new()),
                None => {
                    let state = completed::<P>(&entry, &client, current.as_ref(), &request.private).await?;
                    let found = meta::with(given?, read_again::<P>(&entry, &client, &state)).await?;
                    (found.unwrap_or(Value::Null), request.private)
                }
            };
            Ok((schema.encode(&found), private::split(schema, &found, passed), identity::of(schema, &found)))
        });
        let (found, _, diagnostics) = outcome.await.split();
        let (new_state, private, new_identity) = match found {
            Some((state, private, identity)) => (Some(state), private, identity),
            None => (kept, private, kept_identity),
        };
        read_resource::Response {
            new_state,
            diagnostics: told(&described, &diagnostics),
            private,
            deferred: None,
            new_identity,
        }
    }

    pub(super) async fn plan(&self, request: plan_resource_change::Request) -> plan_resource_change::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let (given, kept) = (self.meta(request.provider_meta.as_ref()), request.prior_private.clone());
        let (described, server) = (entry.clone(), self.clone());
        let outcome = self.run("PlanResourceChange", request.type_name.clone(), async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let is_create = schema.decode(request.prior_state.as_ref())?.is_null();
            let config = schema.decode(request.config.as_ref())?;
            if !config.is_null() {
                server.refuse_claimed(&entry, &config, is_create)?;
            }
            let planned = plan::<P>(&entry, &client, &request);
            let (planned, replace) = meta::with(given?, planned).await?;
            // What there is keeps its identity; another one is another resource, and then the CLI plans a create.
            let identity = match &request.prior_identity {
                Some(prior) if !planned.is_null() => Some(prior.clone()),
                _ => identified::<P>(schema, &client, &planned).await,
            };
            Ok(plan_resource_change::Response {
                planned_state: Some(schema.encode(&planned)),
                requires_replace: replace.iter().map(encode::path).collect(),
                // What is to be replaced is deleted with the private values of the plan of its replacement: they are
                // still those of what is deleted. The replacement is planned again before it is created.
                planned_private: match is_create && !request.prior_private.is_empty() {
                    true => request.prior_private,
                    false => private::split(schema, &planned, request.prior_private),
                },
                planned_identity: identity,
                ..Default::default()
            })
        });
        let (planned, _, diagnostics) = outcome.await.split();
        let failed = || plan_resource_change::Response { planned_private: kept, ..Default::default() };
        plan_resource_change::Response { diagnostics: told(&described, &diagnostics), ..planned.unwrap_or_else(failed) }
    }

    pub(super) async fn apply(&self, request: apply_resource_change::Request) -> apply_resource_change::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let given = self.meta(request.provider_meta.as_ref());
        let (kept, kept_private, kept_identity) =
            (request.prior_state.clone(), request.planned_private.clone(), request.planned_identity);
        let (described, known_client) = (entry.clone(), client.as_ref().ok().cloned());
        let outcome = self.run("ApplyResourceChange", request.type_name, async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let prior = completed::<P>(&entry, &client, request.prior_state.as_ref(), &request.planned_private).await?;
            let mut planned = schema.decode(request.planned_state.as_ref())?;
            private::join(schema, &mut planned, &request.planned_private);
            let config = schema.decode(request.config.as_ref())?;
            meta::with(given?, change::<P>(&entry, &client, Change { prior, planned, config })).await
        });
        let (state, reached, diagnostics) = outcome.await.split();
        let (new_state, private, new_identity) = match (state.or(reached), &described) {
            (Some(state), Ok(entry)) => {
                let schema = entry.schema();
                let identity = match &known_client {
                    Some(client) => identified::<P>(schema, client, &state).await,
                    None => identity::of(schema, &state),
                };
                (Some(schema.encode(&state)), private::split(schema, &state, kept_private), identity)
            }
            // Nothing is known to have changed.
            _ => (kept, kept_private, kept_identity),
        };
        apply_resource_change::Response {
            new_state,
            private,
            diagnostics: told(&described, &diagnostics),
            new_identity,
            ..Default::default()
        }
    }

    pub(super) async fn import(&self, request: import_resource_state::Request) -> import_resource_state::Response {
        let (entry, client) = (self.resource(&request.type_name), self.client());
        let type_name = request.type_name.clone();
        let outcome: Outcome<_> = self
            .run("ImportResourceState", request.type_name, async move {
                let (entry, client) = (entry?, client?);
                let schema = entry.schema();
                let id = match &request.identity {
                    Some(given) if request.id.is_empty() => identity::import_id(entry.item, schema, given)?,
                    _ => request.id,
                };
                let named = entry.item.named(&client, &id).await?;
                Ok(import_resource_state::ImportedResource {
                    type_name,
                    state: Some(schema.encode(&named)),
                    private: private::of_import(&id),
                    identity: identity::of(schema, &named),
                })
            })
            .await;
        let (imported, _, diagnostics) = outcome.split();
        import_resource_state::Response {
            imported_resources: imported.into_iter().collect(),
            diagnostics: encode::diagnostics(&diagnostics),
            deferred: None,
        }
    }

    pub(super) async fn move_state(&self, request: move_resource_state::Request) -> move_resource_state::Response {
        let entry = self.resource(&request.target_type_name);
        let target = request.target_type_name.clone();
        let outcome = self.run("MoveResourceState", target.clone(), async move {
            let entry = entry?;
            let schema = entry.schema();
            let source = move_source(request)?;
            let from = source.type_name.clone();
            let refused = Failure::new(format!("{} can't become {target}", source.type_name))
                .detail(format!("No state of {} is one that it knows how to take over.", source.provider))
                .detail("Import what is there, and let go of the other resource by a `removed` block.");
            let raw = entry.item.move_from(source).ok_or(refused)?;
            let of_state = |failure| unreadable(&format!("the state of {from}"), &failure);
            // What other providers write as empty, a configuration mostly leaves out.
            let mut moved = without_empty(&schema.object, &adopt(schema, &raw).map_err(of_state)?);
            private::join(schema, &mut moved, raw.to_string().as_bytes());
            Ok(move_resource_state::Response {
                target_state: Some(schema.encode(&moved)),
                target_private: private::split(schema, &moved, Vec::new()),
                target_identity: identity::of(schema, &moved),
                ..Default::default()
            })
        });
        let (moved, _, diagnostics) = outcome.await.split();
        move_resource_state::Response { diagnostics: encode::diagnostics(&diagnostics), ..moved.unwrap_or_default() }
    }
}

fn move_source(request: move_resource_state::Request) -> Result<MoveSource> {
    Ok(MoveSource {
        provider: request.source_provider_address,
        type_name: request.source_type_name,
        state: raw_state(request.source_state)?,
        schema_version: request.source_schema_version,
        identity: request.source_identity.map(|identity| raw_state(Some(identity))).transpose()?,
        identity_schema_version: request.source_identity_schema_version,
        private: request.source_private,
    })
}
