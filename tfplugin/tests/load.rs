//! Much at once: states and schemas of a size that nobody has yet, and hundreds of applies with a stop in their midst.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tfplugin::protocol::{messages as proto, msgpack};
use tfplugin::resource::{ErasedResource, resource};
use tfplugin::schema::{Attribute, Object};
use tfplugin::testing::Client;
use tfplugin::testing::client::errors;
use tfplugin::{Computed, Failure, Model, Named, Provider, Resource, Result, Session, Stop, Type, Value, View};

const MEGABYTE: usize = 1 << 20;

/// An office that issues permits, each after a wait, and takes its time with each.
struct Office;

/// Nothing is configured.
#[derive(Model)]
struct Config {
    /// Its town.
    town: Option<String>,
}

struct Desk {
    stop: Stop,
}

/// The numbers of what was issued.
static ISSUED: Mutex<BTreeSet<i64>> = Mutex::new(BTreeSet::new());

/// What the office issues.
#[derive(Model, Clone)]
struct Permit {
    /// Its number; for every tenth, the stamp fails.
    number: i64,
    /// What it says.
    text: Option<String>,
    /// The stamp on it.
    stamp: Computed<String>,
}

impl Provider for Office {
    const NAME: &'static str = "office";
    const ADDRESS: &'static str = "example/office";
    const VERSION: &'static str = "1.0.0";
    const ISSUES: &'static str = "the office's counter";
    type Config = Config;
    type Client = Desk;
    const RESOURCES: &'static [&'static dyn ErasedResource<Desk>] = &[resource::<Permit>()];

    /// Five megabytes of schema.
    fn meta() -> Option<Object> {
        let add = |object: Object, name| {
            object.attribute(Attribute::of::<Option<String>>(name).describe(&"words ".repeat(MEGABYTE / 6)))
        };
        Some(["a", "b", "c", "d", "e"].into_iter().fold(Object::new("What modules tell."), add))
    }

    async fn configure(_: &View<'_, Config>, session: Session) -> Result<Desk> {
        Ok(Desk { stop: session.stop })
    }
}

impl Resource for Permit {
    const TYPE_NAME: &'static str = "permit";
    type Model = Self;
    type Client = Desk;

    async fn create(desk: &Desk, planned: Self) -> Result<Self> {
        let turn = Duration::from_millis(planned.number as u64 % 100);
        tokio::select! {
            () = tokio::time::sleep(turn) => (),
            () = desk.stop.requested() => return Err(Failure::new("the office has closed")),
        }
        // From here on it is issued, whatever happens.
        ISSUED.lock().unwrap().insert(planned.number);
        tokio::time::sleep(Duration::from_millis(30)).await;
        let made = Permit { stamp: "issued".to_owned().into(), ..planned };
        if made.number % 10 == 0 {
            return Err(Failure::new("the stamp failed").reached(&made));
        }
        Ok(made)
    }

    async fn read(_: &Desk, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(_: &Desk, _: Self, planned: Self) -> Result<Self> {
        Ok(planned)
    }

    async fn delete(_: &Desk, _: Self) -> Result<()> {
        Ok(())
    }

    async fn named(_: &Desk, _: &str) -> Result<Named<Self>> {
        Ok(Named::new(Self::NUMBER, &0))
    }

    async fn import(_: &Desk, _: &str) -> Result<Option<Self>> {
        Ok(None)
    }
}

const PERMIT: &str = "office_permit";

async fn office() -> Client<Office> {
    let mut client = Client::<Office>::default();
    assert_eq!(client.configure(&Config::object().empty()).await.unwrap(), []);
    client
}

fn permit(number: i64, text: Value, stamp: Value) -> Value {
    let attributes = [("number", Value::from(number)), ("text", text), ("stamp", stamp)];
    Value::Map(attributes.map(|(name, value)| (name.to_owned(), value)).into())
}

#[tokio::test]
async fn a_state_of_20_megabytes_and_a_schema_of_5_pass() {
    let started = Instant::now();
    let mut client = office().await;
    let schemas = client.schemas().await.unwrap();
    assert_eq!(errors(&schemas.diagnostics), Vec::<String>::new());
    let meta = schemas.provider_meta.unwrap().block.unwrap();
    assert!(meta.attributes.iter().map(|attribute| attribute.description.len()).sum::<usize>() > 5 * MEGABYTE - 100);

    let ty = Permit::object().value_type();
    let text = Value::from("größe 値 ".repeat(20 * MEGABYTE / 12));
    let config = permit(1001, text.clone(), Value::Null);
    let planned = client.plan(PERMIT, &ty, (&Value::Null, &config, &config)).await.unwrap();
    assert_eq!(errors(&planned.diagnostics), Vec::<String>::new());
    let made = client.apply(PERMIT, &ty, (&Value::Null, &config, &planned.state)).await.unwrap();
    let expected = permit(1001, text, "issued".into());
    assert_eq!(errors(&made.diagnostics), Vec::<String>::new());
    assert!(made.state == expected, "another state came of it");
    let read = client.read(PERMIT, &ty, &made.state).await.unwrap();
    assert!(read.state == expected, "another state was read");
    let saved = tfplugin::protocol::json::write(&expected, &ty);
    let upgraded = client.upgrade(PERMIT, &ty, 0, &saved).await.unwrap();
    assert!(upgraded.state == expected, "another state came of the upgrade");
    assert!(started.elapsed() < Duration::from_secs(30), "it took {:?}", started.elapsed());
}

/// What one apply of a permit answers: whether it has a state, and its errors.
async fn apply(client: Client<Office>, ty: &Type, number: i64) -> (bool, Vec<String>) {
    let mut client = client;
    let wire = |value: Value| Some(proto::DynamicValue { msgpack: msgpack::write(&value, ty), json: Vec::new() });
    let request = proto::apply_resource_change::Request {
        type_name: PERMIT.to_owned(),
        prior_state: wire(Value::Null),
        planned_state: wire(permit(number, Value::Null, Value::Unknown)),
        config: wire(permit(number, Value::Null, Value::Null)),
        ..Default::default()
    };
    let answer = client.rpc().apply_resource_change(request).await.unwrap().into_inner();
    let state = msgpack::read(&answer.new_state.unwrap().msgpack, ty).unwrap();
    let stamped = state == permit(number, Value::Null, "issued".into());
    assert!(stamped || state.is_null(), "permit {number} has half a state: {state:?}");
    (stamped, errors(&answer.diagnostics))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_500_applies_with_a_stop_in_their_midst_each_answers_and_nothing_is_lost() {
    const COUNT: i64 = 500;
    let mut client = office().await;
    let applies: Vec<_> = (0..COUNT)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move { apply(client, &Permit::object().value_type(), number).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.stop().await.unwrap();
    let (mut answered, mut refused) = (BTreeSet::new(), 0);
    for (number, apply) in applies.into_iter().enumerate() {
        let answer = tokio::time::timeout(Duration::from_secs(20), apply).await;
        let (stamped, errors) = answer.unwrap_or_else(|_| panic!("permit {number} got no answer")).unwrap();
        let told = errors.concat();
        match (stamped, number % 10 == 0) {
            (true, false) => assert_eq!(told, ""),
            (true, true) => assert!(told.contains("the stamp failed"), "permit {number}: {told}"),
            (false, _) => assert!(told.contains("the office has closed"), "permit {number}: {told}"),
        }
        if stamped {
            answered.insert(number as i64);
        } else {
            refused += 1;
        }
    }
    assert!(!answered.is_empty() && refused > 0, "{refused} of {COUNT} refused: the stop was not in their midst");
    let issued: BTreeSet<_> = ISSUED.lock().unwrap().iter().copied().filter(|number| *number < COUNT).collect();
    assert_eq!(issued, answered, "something was issued that is in no state, or the reverse");
}
