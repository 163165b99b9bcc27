//! What the author of a module tells a provider about the module: `provider_meta` in its `terraform` block.

use crate::model::Kind;
use crate::{Model, Path, Result, Value};

tokio::task_local! {
    static META: Value;
}

/// The `provider_meta` of the module whose resource is being served; `None` where it has none, and outside a request.
/// Its model is the one that [`Provider::meta`](crate::Provider::meta) announces.
///
/// # Errors
/// That it isn't an `M`.
pub fn meta<M: Model>() -> Result<Option<M>> {
    const { M::WORDS.must_be(Kind::ProviderMeta) }
    let given = META.try_with(Clone::clone).unwrap_or(Value::Null);
    (!given.is_null()).then(|| M::from_object(&given, &Path::root())).transpose()
}

/// Runs `operation` for a module with `meta`.
pub(crate) async fn with<T>(meta: Value, operation: impl Future<Output = T>) -> T {
    META.scope(meta, operation).await
}
