//! What a data source implements.

use std::marker::PhantomData;

use crate::model::Kind;
use crate::resource::Pending;
use crate::schema::Object;
use crate::{Diagnostic, Model, Path, Result, Value, View};

/// A kind of thing that a configuration can look up. The implementing struct is its model.
pub trait DataSource: Model {
    /// Its name without the provider's prefix.
    const TYPE_NAME: &'static str;
    /// What calls are made with.
    type Client: Send + Sync + 'static;

    /// Checks a configuration beyond its single attributes. It makes no calls.
    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Looks up what `config` asks for and returns it whole.
    ///
    /// # Errors
    /// Why it can't be looked up, or that there is none.
    fn read(client: &Self::Client, config: Self) -> impl Future<Output = Result<Self>> + Send;
}

/// A [`DataSource`] of any model.
pub trait ErasedDataSource<C>: Send + Sync {
    /// [`DataSource::TYPE_NAME`].
    fn name(&self) -> &'static str;
    /// Its schema.
    fn object(&self) -> Object;
    /// [`DataSource::validate`].
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;
    /// [`DataSource::read`].
    fn read<'a>(&'a self, client: &'a C, config: &'a Value) -> Pending<'a, Result<Value>>;
}

/// The entry of a data source in a registry.
///
/// A registry is a constant: what can't be in it, the compiler refuses at the line of the entry.
#[track_caller]
pub const fn data_source<D: DataSource>() -> &'static dyn ErasedDataSource<D::Client> {
    D::WORDS.must_be(Kind::DataSource);
    const { &Registered::<D>(PhantomData) }
}

struct Registered<D>(PhantomData<fn() -> D>);

impl<D: DataSource> ErasedDataSource<D::Client> for Registered<D> {
    fn name(&self) -> &'static str {
        D::TYPE_NAME
    }

    fn object(&self) -> Object {
        D::object()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        D::validate(&View::new(config, Path::root()))
    }

    fn read<'a>(&'a self, client: &'a D::Client, config: &'a Value) -> Pending<'a, Result<Value>> {
        Box::pin(async move {
            let config = D::from_object(config, &Path::root())?;
            Ok(D::read(client, config).await?.to_object())
        })
    }
}
