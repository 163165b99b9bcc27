//! The types that a field marked `#[attr(block)]` may have: how many blocks there are, and how they are held.

use super::{BlockField, Model, Set};
use crate::schema::{Nesting, Object};
use crate::{Failure, Path, Result, Step, Value};

/// One block that must be there: in the configuration a list of exactly one.
impl<M: Model> BlockField for M {
    type Data = M;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 1;
    const MAX: usize = 1;

    fn object() -> Object {
        <M as Model>::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value.items() {
            [only] => M::from_object(only, &path.then(Step::Index(0))),
            _ => Err(Failure::at(path.clone(), format!("{path} must be there once"))),
        }
    }

    fn write(&self) -> Value {
        Value::List(vec![self.to_object()])
    }
}

/// One block that may be there.
impl<M: Model> BlockField for Option<M> {
    type Data = M;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 0;
    const MAX: usize = 1;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let first = value.items().first();
        first.map(|first| M::from_object(first, &path.then(Step::Index(0)))).transpose()
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(Model::to_object).collect())
    }
}

/// Any number of blocks, in order.
impl<M: Model> BlockField for Vec<M> {
    type Data = Vec<M>;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let items = value.items().iter().enumerate();
        items.map(|(at, item)| M::from_object(item, &path.then(Step::Index(at)))).collect()
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(Model::to_object).collect())
    }
}

/// Any number of blocks, in no order.
impl<M: Model> BlockField for Set<M> {
    type Data = Set<M>;
    const NESTING: Nesting = Nesting::Set;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        value.items().iter().map(|item| M::from_object(item, &path.then(Step::Element))).collect::<Result<_>>().map(Set)
    }

    fn write(&self) -> Value {
        Value::set(self.0.iter().map(Model::to_object))
    }
}

/// One block in the form `name { ... }` that is an object, not a list: `timeouts` is the usual one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Single<M>(pub M);

impl<M: Model + Default> BlockField for Single<M> {
    type Data = M;
    const NESTING: Nesting = Nesting::Single;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Null => Ok(Single(M::default())),
            object => M::from_object(object, path).map(Single),
        }
    }

    /// Null where nothing is set, as if the block weren't there.
    fn write(&self) -> Value {
        let object = self.0.to_object();
        let Value::Map(entries) = &object else { return object };
        if entries.values().all(Value::is_null) { Value::Null } else { object }
    }
}
