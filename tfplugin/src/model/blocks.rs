//! The types that a field marked `#[attr(block)]` may have: how many blocks there are, and how they are held.

use std::collections::BTreeMap;

use super::{BlockField, Data, Model, Set, Words, unknown};
use crate::schema::{Nesting, Object};
use crate::{Failure, Path, Result, Step, Value};

/// The blocks in `value`. That there are none is not what is said by one that is not known yet.
fn items<'a>(value: &'a Value, path: &Path) -> Result<&'a [Value]> {
    if value.is_unknown() { Err(unknown(path)) } else { Ok(value.as_items().unwrap_or_default()) }
}

/// One block that must be there: in the configuration a list of exactly one.
#[diagnostic::do_not_recommend]
impl<M: Model + Data> BlockField for M {
    type Data = M;
    const MAY_BE_IN_SET: bool = M::MAY_BE_IN_SET;
    const WORDS: &'static Words = <M as Model>::WORDS;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 1;
    const MAX: usize = 1;

    fn object() -> Object {
        <M as Model>::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match items(value, path)? {
            [only] => M::from_object(only, &path.then(Step::Index(0))),
            _ => Err(Failure::at(path.clone(), format!("{path} must be there once"))),
        }
    }

    fn write(&self) -> Value {
        Value::List(vec![self.to_object()])
    }
}

/// One block that may be there.
#[diagnostic::do_not_recommend]
impl<M: Model + Data> BlockField for Option<M> {
    type Data = M;
    const MAY_BE_IN_SET: bool = M::MAY_BE_IN_SET;
    const WORDS: &'static Words = <M as Model>::WORDS;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 0;
    const MAX: usize = 1;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let first = items(value, path)?.first();
        first.map(|first| M::from_object(first, &path.then(Step::Index(0)))).transpose()
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(Model::to_object).collect())
    }
}

/// Any number of blocks, in order.
#[diagnostic::do_not_recommend]
impl<M: Model + Data> BlockField for Vec<M> {
    type Data = Vec<M>;
    const MAY_BE_IN_SET: bool = M::MAY_BE_IN_SET;
    const WORDS: &'static Words = <M as Model>::WORDS;
    const NESTING: Nesting = Nesting::List;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let items = items(value, path)?.iter().enumerate();
        items.map(|(at, item)| M::from_object(item, &path.then(Step::Index(at)))).collect()
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(Model::to_object).collect())
    }
}

/// Any number of blocks, in no order.
#[diagnostic::do_not_recommend]
impl<M: Model + Data> BlockField for Set<M> {
    type Data = Set<M>;
    const MAY_BE_IN_SET: bool = M::MAY_BE_IN_SET;
    const WORDS: &'static Words = <M as Model>::WORDS;
    const SETS_ARE_SOUND: bool = M::MAY_BE_IN_SET;
    const NESTING: Nesting = Nesting::Set;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let items = items(value, path)?.iter();
        items.map(|item| M::from_object(item, &path.then(Step::Element))).collect::<Result<_>>().map(Set)
    }

    fn write(&self) -> Value {
        Value::set(self.0.iter().map(Model::to_object))
    }
}

/// Any number of blocks with a label each: `name "label" { ... }`.
#[diagnostic::do_not_recommend]
impl<M: Model + Data> BlockField for BTreeMap<String, M> {
    type Data = BTreeMap<String, M>;
    const MAY_BE_IN_SET: bool = M::MAY_BE_IN_SET;
    const WORDS: &'static Words = <M as Model>::WORDS;
    const NESTING: Nesting = Nesting::Map;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        let entries = match value {
            Value::Map(entries) => entries,
            Value::Unknown => return Err(unknown(path)),
            _ => return Ok(BTreeMap::new()),
        };
        let read = |(label, item): (&String, _)| {
            M::from_object(item, &path.then(Step::Key(label.clone()))).map(|model| (label.clone(), model))
        };
        entries.iter().map(read).collect()
    }

    fn write(&self) -> Value {
        Value::Map(self.iter().map(|(label, model)| (label.clone(), model.to_object())).collect())
    }
}

/// One block that may be there and is an object, not a list: `timeouts` is the usual one. An empty block is another thing
/// than none: the CLIs want back what they sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single<M>(pub Option<M>);

impl<M> Single<M> {
    /// What is in the block, if it is there.
    pub fn as_ref(&self) -> Option<&M> {
        self.0.as_ref()
    }
}

impl<M> Default for Single<M> {
    fn default() -> Self {
        Single(None)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model + Data> BlockField for Single<M> {
    type Data = M;
    const MAY_BE_IN_SET: bool = M::MAY_BE_IN_SET;
    const WORDS: &'static Words = <M as Model>::WORDS;
    const NESTING: Nesting = Nesting::Single;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        M::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        match value {
            Value::Null => Ok(Single(None)),
            Value::Unknown => Err(unknown(path)),
            object => M::from_object(object, path).map(Some).map(Single),
        }
    }

    fn write(&self) -> Value {
        self.0.as_ref().map_or(Value::Null, Model::to_object)
    }
}
