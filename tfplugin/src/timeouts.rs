//! `timeouts`: how long the operations of a resource wait at most, as a configuration says it and where it says nothing.
//!
//! ```
//! use std::time::Duration;
//! use tfplugin::{Model, Timeouts};
//!
//! /// A list.
//! #[derive(Model)]
//! struct List {
//!     /// Its name.
//!     name: String,
//!     /// How long to wait until the list is loaded or deleted.
//!     #[attr(timeouts(create = "45m", delete = "1h30m"))]
//!     timeouts: Timeouts<Self>,
//! }
//!
//! let list = List { name: "one".to_owned(), timeouts: Timeouts::default() };
//! assert_eq!(list.timeouts.create(), Duration::from_secs(45 * 60));
//! ```
//!
//! With `#[attr(block, timeouts(...))]` it is a block. Nothing here waits: that is [`wait`](crate::wait)'s.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::time::Duration;

use crate::model::{BlockField, Field, Words};
use crate::schema::{Attribute, Mode, Nesting, Object, Shape};
use crate::{Data, Model, Path, Result, Value, duration};

/// The field `timeouts` of the model `M`, which names its operations in `#[attr(timeouts(...))]`. Only those have a
/// function here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts<M>(Option<Given<M>>);

/// What a configuration says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<M> {
    lengths: BTreeMap<&'static str, Duration>,
    marker: PhantomData<fn() -> M>,
}

/// A model with `timeouts`. The derive implements it.
pub trait HasTimeouts: 'static {
    /// The operations, each with how long it waits where the configuration says nothing.
    const TIMEOUTS: &'static [(&'static str, Duration)];
}

/// A model whose `timeouts` name the operation `O`. The derive implements it.
#[diagnostic::on_unimplemented(
    message = "the `timeouts` of `{Self}` do not name the operation `{O}`",
    note = "name it where the field is, with its default: `#[attr(timeouts(create = \"45m\"))]`"
)]
pub trait Waits<O>: HasTimeouts {
    /// How long it waits where the configuration says nothing.
    const DEFAULT: Duration;
}

/// The operation that creates a resource.
pub enum Create {}
/// The operation that reads a resource or a data source.
pub enum Read {}
/// The operation that updates a resource.
pub enum Update {}
/// The operation that deletes a resource.
pub enum Delete {}

impl<M> Timeouts<M> {
    /// How long a create waits at most.
    pub fn create(&self) -> Duration
    where
        M: Waits<Create>,
    {
        self.of("create", M::DEFAULT)
    }

    /// How long a read waits at most.
    pub fn read(&self) -> Duration
    where
        M: Waits<Read>,
    {
        self.of("read", M::DEFAULT)
    }

    /// How long an update waits at most.
    pub fn update(&self) -> Duration
    where
        M: Waits<Update>,
    {
        self.of("update", M::DEFAULT)
    }

    /// How long a delete waits at most.
    pub fn delete(&self) -> Duration
    where
        M: Waits<Delete>,
    {
        self.of("delete", M::DEFAULT)
    }

    fn of(&self, operation: &str, default: Duration) -> Duration {
        let given = self.0.as_ref().and_then(|given| given.lengths.get(operation));
        given.copied().unwrap_or(default)
    }
}

/// Nothing is configured: each operation waits as long as it does by default.
impl<M> Default for Timeouts<M> {
    fn default() -> Self {
        Timeouts(None)
    }
}

#[diagnostic::do_not_recommend]
impl<M: HasTimeouts> Model for Given<M> {
    fn object() -> Object {
        M::TIMEOUTS.iter().fold(Object::new("How long operations wait at most."), |object, (operation, default)| {
            let text = format!(
                "Time limit of the {operation}, such as `\"30s\"`, `\"45m\"` or `\"1h30m\"`. Default: {}.",
                duration::words(*default)
            );
            object.attribute(Attribute::of::<Option<Duration>>(operation).describe(&text))
        })
    }

    fn from_object(value: &Value, path: &Path) -> Result<Self> {
        let mut lengths = BTreeMap::new();
        for (operation, _) in M::TIMEOUTS {
            let length = <Option<Duration> as Field>::read(value.get(operation), &path.attribute(operation))?;
            lengths.extend(length.map(|length| (*operation, length)));
        }
        Ok(Given { lengths, marker: PhantomData })
    }

    fn to_object(&self) -> Value {
        let length = |operation| self.lengths.get(operation).map_or(Value::Null, Data::to_value);
        Value::Map(M::TIMEOUTS.iter().map(|(operation, _)| ((*operation).to_owned(), length(operation))).collect())
    }
}

#[diagnostic::do_not_recommend]
impl<M: HasTimeouts> Data for Given<M> {
    fn shape() -> Shape {
        Shape::Object(Nesting::Single, <Self as Model>::object().attributes)
    }

    fn from_value(value: &Value, path: &Path) -> Result<Self> {
        Self::from_object(value, path)
    }

    fn to_value(&self) -> Value {
        self.to_object()
    }
}

#[diagnostic::do_not_recommend]
impl<M: HasTimeouts> Field for Timeouts<M> {
    type Data = Given<M>;
    const MODE: Mode = Mode::Optional;

    fn read(value: &Value, path: &Path) -> Result<Self> {
        <Option<Given<M>> as Field>::read(value, path).map(Timeouts)
    }

    fn write(&self) -> Value {
        self.0.as_ref().map_or(Value::Null, Model::to_object)
    }
}

#[diagnostic::do_not_recommend]
impl<M: HasTimeouts> BlockField for Timeouts<M> {
    type Data = Given<M>;
    const MAY_BE_IN_SET: bool = true;
    const WORDS: &'static Words = Words::NONE;
    const NESTING: Nesting = Nesting::Single;
    const MIN: usize = 0;
    const MAX: usize = 0;

    fn object() -> Object {
        <Given<M> as Model>::object()
    }

    fn read(value: &Value, path: &Path) -> Result<Self> {
        <Self as Field>::read(value, path)
    }

    fn write(&self) -> Value {
        <Self as Field>::write(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Block;
    use crate::wait;
    use crate::{Known, Single, View};

    /// A list.
    #[derive(Model, Debug, Clone, PartialEq)]
    struct List {
        /// How long to wait.
        #[attr(timeouts(delete = "1h30m", create = "45m"))]
        timeouts: Timeouts<Self>,
    }

    /// The same with a block.
    #[derive(Model, Debug, Clone, PartialEq)]
    struct Blocks {
        #[attr(block, timeouts(create = "90s", update = "0s", delete = "45m"))]
        timeouts: Timeouts<Self>,
    }

    /// The same as it is written by hand.
    #[derive(Model)]
    struct ByHand {
        #[attr(block)]
        timeouts: Single<wait::Timeouts>,
    }

    fn list(timeouts: Value) -> Value {
        Value::Map([("timeouts".to_owned(), timeouts)].into())
    }

    fn lengths(create: Value, delete: Value) -> Value {
        Value::Map([("create".to_owned(), create), ("delete".to_owned(), delete)].into())
    }

    #[test]
    fn what_is_not_configured_is_as_long_as_by_default() {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        for (configured, create, delete) in [
            (Value::Null, 45, 90),
            (lengths(Value::Null, Value::Null), 45, 90),
            (lengths("5m".into(), Value::Null), 5, 90),
            (lengths(Value::Null, "1h".into()), 45, 60),
        ] {
            let value = list(configured);
            let list = List::from_object(&value, &Path::root()).unwrap();
            assert_eq!(
                (list.timeouts.create(), list.timeouts.delete()),
                (minutes(create), minutes(delete)),
                "{value:?}"
            );
            assert_eq!(list.to_object(), value, "the CLIs want back what they sent");
        }
        assert_eq!(Timeouts::<List>::default().create(), minutes(45));
        assert_eq!(Timeouts::<Blocks>::default().update(), Duration::ZERO);
    }

    #[test]
    fn only_named_operations_are_in_the_schema_with_their_defaults() {
        let object = <List as Model>::object();
        let Shape::Object(Nesting::Single, inner) = &object.attributes[0].shape else { panic!("an object") };
        let texts: Vec<_> = inner.iter().map(|one| (one.name, one.mode, one.documentation())).collect();
        let text = |operation: &str, default: &str| {
            format!("Time limit of the {operation}, such as `\"30s\"`, `\"45m\"` or `\"1h30m\"`. Default: {default}.")
        };
        let expected = [("create", "45 minutes"), ("delete", "1 hour 30 minutes")];
        assert_eq!(texts, expected.map(|(name, default)| (name, Mode::Optional, text(name, default))));
        assert_eq!(object.attributes[0].mode, Mode::Optional);
    }

    #[test]
    fn as_a_block_it_is_what_is_written_by_hand() {
        let looks = |blocks: &[Block]| {
            format!("{:?}", blocks.iter().map(|one| (one.nesting, one.min, one.max)).collect::<Vec<_>>())
        };
        let (own, by_hand) = (<Blocks as Model>::object(), <ByHand as Model>::object());
        assert_eq!(own.value_type(), by_hand.value_type());
        assert_eq!(looks(&own.blocks), looks(&by_hand.blocks));
    }

    #[test]
    fn a_wrong_length_is_told_at_its_place_and_one_to_come_is_unknown() {
        let path = Path::root();
        let fault = List::from_object(&list(lengths("soon".into(), Value::Null)), &path).unwrap_err();
        assert_eq!(fault.diagnostics()[0].path.to_string(), "timeouts.create");
        let mut faults = Vec::new();
        let value = list(lengths(Value::Unknown, Value::Null));
        <List as Model>::object().attributes[0].check(value.get("timeouts"), &path, &mut faults);
        assert_eq!(faults, []);
        let view = View::<List>::new(&value, path.clone());
        assert_eq!(view.get(List::TIMEOUTS), Known::Unknown);
        assert!(matches!(view.child(List::TIMEOUTS), Known::Known(_)));
        let whole = list(Value::Unknown);
        assert!(Blocks::from_object(&whole, &path).is_err(), "one that is not known yet is not left out");
    }
}
