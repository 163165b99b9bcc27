//! What an ephemeral resource implements: something that lives as long as one run of a CLI and is never stored, such
//! as a password or a session.

use std::marker::PhantomData;
use std::time::SystemTime;

use serde_json::Value as Json;

use crate::model::Kind;
use crate::resource::Pending;
use crate::schema::Object;
use crate::{Diagnostic, Failure, Model, Path, Result, Value, View};

/// A kind of thing that a configuration can open for the length of a run. The implementing struct is its model.
pub trait EphemeralResource: Model {
    /// Its name without the provider's prefix.
    const TYPE_NAME: &'static str;
    /// What calls are made with.
    type Client: Send + Sync + 'static;

    /// Checks a configuration beyond its single attributes. It makes no calls.
    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Opens what `config` asks for and returns it whole, with what is needed to renew and close it.
    ///
    /// # Errors
    /// Why it can't be opened.
    fn open(client: &Self::Client, config: Self) -> impl Future<Output = Result<(Self, Lease)>> + Send;

    /// Makes it last longer. It is called when a lease names a time for it.
    ///
    /// # Errors
    /// Why it will end.
    fn renew(client: &Self::Client, lease: Lease) -> impl Future<Output = Result<Lease>> + Send {
        let _ = (client, lease);
        async { Err(Failure::new(format!("{} can't be renewed", Self::TYPE_NAME))) }
    }

    /// Ends it. That it has ended already is no error. Its lease may be the one that `open` gave, though it was renewed
    /// since: Terraform 1.11.4 keeps no other.
    ///
    /// # Errors
    /// Why it goes on.
    fn close(client: &Self::Client, lease: Lease) -> impl Future<Output = Result<()>> + Send {
        let _ = (client, lease);
        async { Ok(()) }
    }
}

/// How long something that was opened lasts, and what its renewal and its end need to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lease {
    /// When to renew it; never, if there is none.
    pub renew_at: Option<SystemTime>,
    /// Whatever the provider wants to be told again. The CLIs hold it in memory and store it nowhere.
    pub private: Json,
}

/// An [`EphemeralResource`] of any model.
pub trait ErasedEphemeralResource<C>: Send + Sync {
    /// [`EphemeralResource::TYPE_NAME`].
    fn name(&self) -> &'static str;
    /// Its schema.
    fn object(&self) -> Object;
    /// [`EphemeralResource::validate`].
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;
    /// [`EphemeralResource::open`].
    fn open<'a>(&'a self, client: &'a C, config: &'a Value) -> Pending<'a, Result<(Value, Lease)>>;
    /// [`EphemeralResource::renew`].
    fn renew<'a>(&'a self, client: &'a C, lease: Lease) -> Pending<'a, Result<Lease>>;
    /// [`EphemeralResource::close`].
    fn close<'a>(&'a self, client: &'a C, lease: Lease) -> Pending<'a, Result<()>>;
}

/// The entry of an ephemeral resource in a registry.
///
/// A registry is a constant: what can't be in it, the compiler refuses at the line of the entry.
#[track_caller]
pub const fn ephemeral_resource<E: EphemeralResource>() -> &'static dyn ErasedEphemeralResource<E::Client> {
    E::WORDS.must_be(Kind::EphemeralResource);
    const { &Registered::<E>(PhantomData) }
}

struct Registered<E>(PhantomData<fn() -> E>);

impl<E: EphemeralResource> ErasedEphemeralResource<E::Client> for Registered<E> {
    fn name(&self) -> &'static str {
        E::TYPE_NAME
    }

    fn object(&self) -> Object {
        E::object()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        E::validate(&View::new(config, Path::root()))
    }

    fn open<'a>(&'a self, client: &'a E::Client, config: &'a Value) -> Pending<'a, Result<(Value, Lease)>> {
        Box::pin(async move {
            let (opened, lease) = E::open(client, E::from_object(config, &Path::root())?).await?;
            Ok((opened.to_object(), lease))
        })
    }

    fn renew<'a>(&'a self, client: &'a E::Client, lease: Lease) -> Pending<'a, Result<Lease>> {
        Box::pin(E::renew(client, lease))
    }

    fn close<'a>(&'a self, client: &'a E::Client, lease: Lease) -> Pending<'a, Result<()>> {
        Box::pin(E::close(client, lease))
    }
}
