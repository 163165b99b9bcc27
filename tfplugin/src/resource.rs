//! What a resource type implements, and how the framework holds many of them.
//!
//! [`Resource`] is typed: its models are plain Rust. [`ErasedResource`] is the same behind one object-safe trait, so
//! that a registry is a slice; nobody implements it by hand.

use std::marker::PhantomData;
use std::pin::Pin;

use serde_json::Value as Json;

use crate::model::{Data, Kind};
use crate::schema::Object;
use crate::{Diagnostic, Draft, Failure, Key, Model, ModelKey, Path, Plan, Result, Value, View};

/// A future that the registry can hold.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Brings a saved state, as JSON, to the next version.
///
/// # Errors
/// Why the state can't be used.
pub type Upgrade = fn(Json) -> Result<Json>;

/// A kind of thing that a configuration can declare.
pub trait Resource: Sized + Send + Sync + 'static {
    /// Its name without the provider's prefix: `filter` for `guardduty_filter`.
    const TYPE_NAME: &'static str;
    /// How states of older versions become those of the next: the first is from version 0 to 1, and so on. As many as
    /// there are, that is the version of its schema. Attributes that a state lacks become null or their default, and
    /// those that the type lacks are left out, without an upgrade.
    const UPGRADES: &'static [Upgrade] = &[];
    /// The same for its identity.
    const IDENTITY_UPGRADES: &'static [Upgrade] = &[];
    /// What a configuration says of it: mostly the implementing struct itself.
    type Model: Model;
    /// What calls are made with; the provider's configuration makes it.
    type Client: Send + Sync + 'static;

    /// Checks a configuration beyond its single attributes. It makes no calls.
    fn validate(config: &View<Self::Model>) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// What only one instance may have, such as a name within a region, as far as the configuration tells; nothing
    /// while it is not known. Where two instances of a configuration claim the same, the one that does not exist yet is
    /// refused. It makes no calls.
    fn claims(client: &Self::Client, config: &View<Self::Model>) -> Vec<Claim> {
        let _ = (client, config);
        Vec::new()
    }

    /// Refines the plan of a create or an update: sets what can be known, warns, refuses.
    ///
    /// # Errors
    /// What would go wrong at apply.
    fn plan(client: &Self::Client, plan: &mut Plan<'_, Self::Model>) -> impl Future<Output = Result<()>> + Send {
        let _ = (client, plan);
        async { Ok(()) }
    }

    /// Refuses, or warns of, the deletion of `state` while it is only planned.
    ///
    /// # Errors
    /// Why it can't be deleted.
    fn plan_delete(client: &Self::Client, state: Self::Model) -> impl Future<Output = Result<()>> + Send {
        let _ = (client, state);
        async { Ok(()) }
    }

    /// Creates the resource described by `planned` and returns its complete state: each computed value is set. As soon as
    /// the thing exists, [`created`](crate::created()) notes it, so that no failure after that loses it. Of the answer, only
    /// computed values that the plan left unknown go into the state; each argument is as it was planned.
    ///
    /// It may block its thread: each request has one of its own.
    ///
    /// # Errors
    /// Why it failed.
    fn create(client: &Self::Client, planned: Self::Model) -> impl Future<Output = Result<Self::Model>> + Send;

    /// What `state` is now, each computed value set; `None` if it is gone.
    ///
    /// # Errors
    /// Why that can't be told.
    fn read(client: &Self::Client, state: Self::Model) -> impl Future<Output = Result<Option<Self::Model>>> + Send;

    /// Changes `prior` to what is planned and returns its complete state, as [`create`](Resource::create) does.
    ///
    /// # Errors
    /// Why it failed; with [`Failure::reached`] if a part of it was done. Without, it is read again.
    fn update(
        client: &Self::Client,
        prior: Self::Model,
        planned: Self::Model,
    ) -> impl Future<Output = Result<Self::Model>> + Send;

    /// Deletes it. That it is gone already is no error.
    ///
    /// # Errors
    /// Why it is still there.
    fn delete(client: &Self::Client, state: Self::Model) -> impl Future<Output = Result<()>> + Send;

    /// The attributes that an import with `id` names, identity and all: what the state has until the CLI reads it, which is
    /// right afterwards and calls [`import`](Resource::import).
    ///
    /// # Errors
    /// What is wrong with `id`.
    fn named(client: &Self::Client, id: &str) -> impl Future<Output = Result<Named<Self::Model>>> + Send {
        let _ = (client, id);
        async { Err(Failure::new(format!("{} can't be imported", Self::TYPE_NAME))) }
    }

    /// Finds what exists under `id`; `None` if nothing does.
    ///
    /// # Errors
    /// What is wrong with `id`, or why it can't be looked up.
    fn import(client: &Self::Client, id: &str) -> impl Future<Output = Result<Option<Self::Model>>> + Send {
        let _ = (client, id);
        async { Err(Failure::new(format!("{} can't be imported", Self::TYPE_NAME))) }
    }

    /// The id to [`import`](Resource::import) what has this identity: the attributes marked `#[attr(identity)]`.
    /// `None` if that doesn't lead to it.
    fn import_id(identity: &View<Self::Model>) -> Option<String> {
        let _ = identity;
        None
    }

    /// Takes over a resource of another type, mostly another provider's: returns its state in this type's shape, or
    /// `None` if it isn't one that can be. A private value is given as one more attribute.
    fn move_from(source: MoveSource) -> Option<Json> {
        let _ = source;
        None
    }
}

/// What an import ID says: the attributes that tell one resource from the others of its type, such as a name and a region.
#[derive(Debug, Clone)]
pub struct Named<M>(Value, PhantomData<fn() -> M>);

impl<M: Model> Named<M> {
    /// That in which `attribute` is `value`.
    pub fn new<T: Data>(attribute: Key<M, T>, value: &T) -> Self {
        Named(M::object().empty(), PhantomData).and(attribute, value)
    }

    /// That with this key.
    pub fn of<K: ModelKey<Model = M>>(key: &K) -> Self {
        let mut named = M::object().empty();
        for (name, value) in K::PARTS.iter().zip(key.parts()) {
            named.put(name, value.into());
        }
        Named(named, PhantomData)
    }

    /// And in which `attribute` is `value`.
    #[must_use]
    pub fn and<T: Data>(mut self, attribute: Key<M, T>, value: &T) -> Self {
        self.0.put(attribute.name(), value.to_value());
        self
    }
}

/// What only one instance of a resource type may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it is, in words that complete "two resources are": `filter "ecs-high" of detector 12abc`. Two
    /// claims are the same if their words are.
    pub what: String,
    /// The attribute that decides it.
    pub at: Path,
}

impl Claim {
    /// A claim on `what`, as attribute `at` says.
    pub fn new(what: impl Into<String>, at: impl Into<Path>) -> Self {
        Claim { what: what.into(), at: at.into() }
    }

    /// The refusal of a second instance.
    pub(crate) fn refusal(&self) -> Diagnostic {
        Diagnostic::error(format!("two resources are {}", self.what))
            .at(self.at.clone())
            .detail("Each of them would undo what the other does. Keep one, or give them different values here.")
            .detail("To destroy what exists all the same, use `destroy -refresh=false`.")
    }
}

/// The resource that a `moved` block names as another type's, as its provider last saved it.
#[derive(Debug, Clone)]
pub struct MoveSource {
    /// The address of its provider: `registry.terraform.io/hashicorp/aws`.
    pub provider: String,
    /// The whole name of its type: `aws_guardduty_filter`.
    pub type_name: String,
    /// Its state.
    pub state: Json,
    /// The version of the schema that the state has the shape of.
    pub schema_version: i64,
    /// What it is known by, if its type says so.
    pub identity: Option<Json>,
    /// The version of the schema that the identity has the shape of.
    pub identity_schema_version: i64,
    /// What its provider keeps beside the state, in a form that only that one knows.
    pub private: Vec<u8>,
}

/// A [`Resource`] of any model.
pub trait ErasedResource<C>: Send + Sync {
    /// [`Resource::TYPE_NAME`].
    fn name(&self) -> &'static str;
    /// [`Resource::UPGRADES`].
    fn upgrades(&self) -> &'static [Upgrade];
    /// [`Resource::IDENTITY_UPGRADES`].
    fn identity_upgrades(&self) -> &'static [Upgrade];
    /// Its schema.
    fn object(&self) -> Object;
    /// [`Resource::validate`].
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;
    /// [`Resource::claims`].
    fn claims(&self, client: &C, config: &Value) -> Vec<Claim>;
    /// Refuses a state that isn't one of its model.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    fn fits(&self, state: &Value) -> Result<()>;
    /// [`Resource::plan`].
    fn plan<'a>(&'a self, client: &'a C, draft: &'a mut Draft) -> Pending<'a, Result<()>>;
    /// [`Resource::plan_delete`].
    fn plan_delete<'a>(&'a self, client: &'a C, state: &'a Value) -> Pending<'a, Result<()>>;
    /// [`Resource::create`].
    fn create<'a>(&'a self, client: &'a C, planned: &'a Value) -> Pending<'a, Result<Value>>;
    /// [`Resource::read`].
    fn read<'a>(&'a self, client: &'a C, state: &'a Value) -> Pending<'a, Result<Option<Value>>>;
    /// [`Resource::update`].
    fn update<'a>(&'a self, client: &'a C, prior: &'a Value, planned: &'a Value) -> Pending<'a, Result<Value>>;
    /// [`Resource::delete`].
    fn delete<'a>(&'a self, client: &'a C, state: &'a Value) -> Pending<'a, Result<()>>;
    /// [`Resource::named`].
    fn named<'a>(&'a self, client: &'a C, id: &'a str) -> Pending<'a, Result<Value>>;
    /// [`Resource::import`].
    fn import<'a>(&'a self, client: &'a C, id: &'a str) -> Pending<'a, Result<Option<Value>>>;
    /// [`Resource::import_id`].
    fn import_id(&self, identity: &Value) -> Option<String>;
    /// [`Resource::move_from`].
    fn move_from(&self, source: MoveSource) -> Option<Json>;
}

/// The entry of a resource type in a registry.
///
/// A registry is a constant: what can't be in it, the compiler refuses at the line of the entry.
#[track_caller]
pub const fn resource<R: Resource>() -> &'static dyn ErasedResource<R::Client> {
    R::Model::WORDS.must_be(Kind::Resource);
    const { &Registered::<R>(PhantomData) }
}

struct Registered<R>(PhantomData<fn() -> R>);

fn model<M: Model>(value: &Value) -> Result<M> {
    M::from_object(value, &Path::root())
}

impl<R: Resource> ErasedResource<R::Client> for Registered<R> {
    fn name(&self) -> &'static str {
        R::TYPE_NAME
    }

    fn upgrades(&self) -> &'static [Upgrade] {
        R::UPGRADES
    }

    fn identity_upgrades(&self) -> &'static [Upgrade] {
        R::IDENTITY_UPGRADES
    }

    fn object(&self) -> Object {
        R::Model::object()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        R::validate(&View::new(config, Path::root()))
    }

    fn claims(&self, client: &R::Client, config: &Value) -> Vec<Claim> {
        R::claims(client, &View::new(config, Path::root()))
    }

    fn fits(&self, state: &Value) -> Result<()> {
        model::<R::Model>(state).map(drop)
    }

    fn plan<'a>(&'a self, client: &'a R::Client, draft: &'a mut Draft) -> Pending<'a, Result<()>> {
        Box::pin(async move { R::plan(client, &mut Plan::new(draft)).await })
    }

    fn plan_delete<'a>(&'a self, client: &'a R::Client, state: &'a Value) -> Pending<'a, Result<()>> {
        Box::pin(async move { R::plan_delete(client, model(state)?).await })
    }

    fn create<'a>(&'a self, client: &'a R::Client, planned: &'a Value) -> Pending<'a, Result<Value>> {
        Box::pin(async move { Ok(R::create(client, model(planned)?).await?.to_object()) })
    }

    fn read<'a>(&'a self, client: &'a R::Client, state: &'a Value) -> Pending<'a, Result<Option<Value>>> {
        Box::pin(async move { Ok(R::read(client, model(state)?).await?.map(|found| found.to_object())) })
    }

    fn update<'a>(&'a self, client: &'a R::Client, prior: &'a Value, planned: &'a Value) -> Pending<'a, Result<Value>> {
        Box::pin(async move { Ok(R::update(client, model(prior)?, model(planned)?).await?.to_object()) })
    }

    fn delete<'a>(&'a self, client: &'a R::Client, state: &'a Value) -> Pending<'a, Result<()>> {
        Box::pin(async move { R::delete(client, model(state)?).await })
    }

    fn named<'a>(&'a self, client: &'a R::Client, id: &'a str) -> Pending<'a, Result<Value>> {
        Box::pin(async move { Ok(R::named(client, id).await?.0) })
    }

    fn import<'a>(&'a self, client: &'a R::Client, id: &'a str) -> Pending<'a, Result<Option<Value>>> {
        Box::pin(async move { Ok(R::import(client, id).await?.map(|found| found.to_object())) })
    }

    fn import_id(&self, identity: &Value) -> Option<String> {
        R::import_id(&View::new(identity, Path::root()))
    }

    fn move_from(&self, source: MoveSource) -> Option<Json> {
        R::move_from(source)
    }
}
