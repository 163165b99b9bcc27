//! What a provider implements: its configuration, and the lists of all that it offers.

use crate::data_source::ErasedDataSource;
use crate::ephemeral::ErasedEphemeralResource;
use crate::function::ErasedFunction;
use crate::resource::ErasedResource;
use crate::schema::Object;
use crate::{Diagnostic, Draft, Model, Result, Stop, Value, View};

/// A provider.
pub trait Provider: Send + Sync + 'static {
    /// The prefix of its resource types: `guardduty` for `guardduty_filter`.
    const NAME: &'static str;
    /// Its address without the registry's host: `guardduty-rs/guardduty`.
    const ADDRESS: &'static str;
    /// Its version.
    const VERSION: &'static str;
    /// Where to report a fault in it.
    const ISSUES: &'static str;
    /// Its `provider` block.
    type Config: Model;
    /// What calls are made with.
    type Client: Send + Sync + 'static;
    /// Its resource types.
    const RESOURCES: &'static [&'static dyn ErasedResource<Self::Client>];
    /// Its data sources.
    const DATA_SOURCES: &'static [&'static dyn ErasedDataSource<Self::Client>] = &[];
    /// Its ephemeral resources.
    const EPHEMERAL_RESOURCES: &'static [&'static dyn ErasedEphemeralResource<Self::Client>] = &[];
    /// Its functions.
    const FUNCTIONS: &'static [&'static dyn ErasedFunction] = &[];

    /// What the author of a module may tell it in `terraform { provider_meta "NAME" { ... } }`, read with
    /// [`meta`](crate::meta()). Nothing, unless a model's `object()` is returned.
    fn meta() -> Option<Object> {
        None
    }

    /// Checks the `provider` block beyond its single attributes. It makes no calls.
    fn validate(config: &View<Self::Config>) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Makes the client. Anything in `config` may still be unknown while a plan is made.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    fn configure(config: &View<Self::Config>, session: Session) -> impl Future<Output = Result<Self::Client>> + Send;

    /// Where an import with `id` looked that found nothing, and how to look elsewhere: a line for the error.
    fn looked(client: &Self::Client, id: &str) -> Option<String> {
        let _ = (client, id);
        None
    }

    /// Refines the plan of each create and update, before the resource type does: what all of them have in common.
    ///
    /// # Errors
    /// What would go wrong at apply.
    fn plan(client: &Self::Client, draft: &mut Draft) -> impl Future<Output = Result<()>> + Send {
        let _ = (client, draft);
        async { Ok(()) }
    }

    /// Completes the plan of each create and update, after the resource type has refined it: what follows from all of it.
    fn planned(client: &Self::Client, draft: &mut Draft) {
        let _ = (client, draft);
    }

    /// Completes the state of a resource with attributes `object` before anything is done with it: one that another
    /// provider has written, and that was moved here, may lack what all resources of this one have, and what has an empty
    /// value that means left out is not read yet.
    fn complete(client: &Self::Client, object: &Object, state: &mut Value) -> impl Future<Output = ()> + Send {
        let _ = (client, object, state);
        async {}
    }
}

/// What a provider learns of the run that it serves.
#[derive(Debug, Clone)]
pub struct Session {
    /// Version of the CLI.
    pub cli_version: String,
    /// The person's wish to stop.
    pub stop: Stop,
}
