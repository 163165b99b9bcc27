//! What a create notes as soon as the thing exists, so that no failure after that loses it.

use std::cell::RefCell;

use crate::{Model, Value};

tokio::task_local! {
    static CREATED: RefCell<Option<Value>>;
}

/// Notes that `resource` exists now: call it right after the call that created it has succeeded.
///
/// From then on a create or an update that fails keeps it in the state: by a `?`, by a read that does not find it yet, or
/// by a panic. What is not known of it is null there. Call it again with what is known later; a
/// [`Failure::reached`](crate::Failure::reached) counts more. It is called in the task of the request, not in one that was
/// spawned; elsewhere it does nothing.
///
/// ```
/// # use tfplugin::{Computed, Model, Resource, Result, created};
/// # /// A lamp.
/// # #[derive(Model, Clone)]
/// # pub struct Lamp {
/// #     /// Its id.
/// #     pub id: Computed<String>,
/// # }
/// # pub struct House;
/// # impl House {
/// #     async fn hang(&self) -> Result<String> { Ok("1".into()) }
/// #     async fn switch_on(&self, _: &str) -> Result<()> { Ok(()) }
/// # }
/// # impl Resource for Lamp {
/// #   const TYPE_NAME: &'static str = "lamp";
/// #   type Model = Self;
/// #   type Client = House;
/// async fn create(house: &House, planned: Self) -> Result<Self> {
///     let id = house.hang().await?;
///     let lamp = Lamp { id: id.clone().into(), ..planned };
///     created(&lamp);
///     // If this fails, the lamp is in the state all the same.
///     house.switch_on(&id).await?;
///     Ok(lamp)
/// }
/// #   async fn read(_: &House, state: Self) -> Result<Option<Self>> { Ok(Some(state)) }
/// #   async fn update(_: &House, _: Self, planned: Self) -> Result<Self> { Ok(planned) }
/// #   async fn delete(_: &House, _: Self) -> Result<()> { Ok(()) }
/// # }
/// ```
pub fn created<M: Model>(resource: &M) {
    note(Some(resource.to_object()));
}

/// Takes back what [`created`] noted: the thing was deleted again, and nothing is left of it.
pub fn discarded() {
    note(None);
}

fn note(state: Option<Value>) {
    // Outside of a create or an update, nobody keeps it.
    let _ = CREATED.try_with(|created| created.replace(state));
}

/// Runs `operation` and returns its result with what was noted meanwhile.
pub(crate) async fn noting<T>(operation: impl Future<Output = T>) -> (T, Option<Value>) {
    CREATED
        .scope(RefCell::default(), async {
            let result = operation.await;
            (result, CREATED.with(RefCell::take))
        })
        .await
}
