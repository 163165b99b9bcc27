//! Handlers that block their thread hold up no other.

use std::thread;
use std::time::{Duration, Instant};

use tfplugin::Diagnostic;
use tfplugin::protocol::messages as proto;
use tfplugin::protocol::msgpack;
use tfplugin::resource::{ErasedResource, resource};
use tfplugin::testing::Client;
use tfplugin::testing::client::errors;
use tfplugin::{Computed, Failure, Model, Provider, Resource, Result, Session, Stop, Type, Value, View, meta, warn};

const EACH: Duration = Duration::from_millis(200);

/// A quarry, in which each stone is heavy.
struct Quarry;

/// Nothing is configured.
#[derive(Model)]
struct Config {}

/// A stone.
#[derive(Model, Clone)]
struct Stone {
    /// Its number.
    number: i64,
    /// Its id.
    id: Computed<String>,
}

/// What a module says.
#[derive(Model)]
struct Meta {
    /// Its name.
    module: String,
}

impl Provider for Quarry {
    const NAME: &'static str = "quarry";
    const ADDRESS: &'static str = "example/quarry";
    const VERSION: &'static str = "1.0.0";
    const ISSUES: &'static str = "the quarry's gate";
    type Config = Config;
    type Client = Stop;
    const RESOURCES: &'static [&'static dyn ErasedResource<Stop>] = &[resource::<Stone>()];

    fn meta() -> Option<tfplugin::schema::Object> {
        Some(Meta::object())
    }

    async fn configure(_: &View<'_, Config>, session: Session) -> Result<Stop> {
        Ok(session.stop)
    }
}

impl Resource for Stone {
    const TYPE_NAME: &'static str = "stone";
    type Model = Self;
    type Client = Stop;

    async fn create(stop: &Stop, planned: Self) -> Result<Self> {
        if planned.number == 0 {
            stop.requested().await;
            return Err(Failure::new("the quarry has closed"));
        }
        thread::sleep(EACH);
        tokio::time::sleep(Duration::from_millis(1)).await;
        let module = meta::<Meta>()?.map(|meta| meta.module).unwrap_or_default();
        warn(Diagnostic::warning(format!("stone {} of {module}", planned.number)));
        if planned.number == 13 {
            panic!("nobody lifts stone 13");
        }
        Ok(Stone { id: planned.number.to_string().into(), ..planned })
    }

    async fn read(_: &Stop, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(_: &Stop, _: Self, planned: Self) -> Result<Self> {
        Ok(planned)
    }

    async fn delete(_: &Stop, _: Self) -> Result<()> {
        Ok(())
    }
}

async fn lift(client: Client<Quarry>, number: i64) -> proto::apply_resource_change::Response {
    let mut client = client;
    let ty = Stone::object().value_type();
    let stone = |id: Value| {
        let value = Value::Map([("number".to_owned(), number.into()), ("id".to_owned(), id)].into());
        Some(proto::DynamicValue { msgpack: msgpack::write(&value, &ty), json: Vec::new() })
    };
    let of_meta = Type::Object([("module".to_owned(), Type::String)].into());
    let module = Value::Map([("module".to_owned(), format!("module {number}").into())].into());
    let request = proto::apply_resource_change::Request {
        type_name: "quarry_stone".to_owned(),
        prior_state: Some(proto::DynamicValue { msgpack: msgpack::write(&Value::Null, &ty), json: Vec::new() }),
        planned_state: stone(Value::Unknown),
        config: stone(Value::Null),
        provider_meta: Some(proto::DynamicValue { msgpack: msgpack::write(&module, &of_meta), json: Vec::new() }),
        ..Default::default()
    };
    client.rpc().apply_resource_change(request).await.unwrap().into_inner()
}

async fn quarry() -> Client<Quarry> {
    let mut client = Client::<Quarry>::default();
    assert_eq!(client.configure(&Config::object().empty()).await.unwrap(), []);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_that_block_take_as_long_as_one() {
    let client = quarry().await;
    let started = Instant::now();
    let lifts: Vec<_> = (1..=10).map(|number| tokio::spawn(lift(client.clone(), number))).collect();
    // Meanwhile others are served.
    let schemas = client.clone().schemas().await.unwrap();
    assert!(!schemas.resource_schemas.is_empty() && started.elapsed() < EACH, "{:?}", started.elapsed());
    for (number, lift) in (1..=10).zip(lifts) {
        let answer = lift.await.unwrap();
        assert_eq!(errors(&answer.diagnostics), Vec::<String>::new());
        // What belongs to a request stays with it.
        assert_eq!(answer.diagnostics[0].summary, format!("stone {number} of module {number}"));
    }
    // On two threads it would be five times as long.
    assert!(started.elapsed() < EACH * 3, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_ends_nothing_but_its_request() {
    let client = quarry().await;
    let (one, other) = tokio::join!(lift(client.clone(), 13), lift(client, 14));
    assert!(errors(&one.diagnostics)[0].starts_with("the provider panicked at quarry_stone"));
    assert_eq!(one.diagnostics[1].summary, "stone 13 of module 13", "what it had warned of is told");
    assert_eq!(errors(&other.diagnostics), Vec::<String>::new());
}

/// A call that the CLI gives up is not cut short, and a wish to stop reaches it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_to_stop_reaches_those_that_wait() {
    let mut client = quarry().await;
    let waits = tokio::spawn(lift(client.clone(), 0));
    tokio::time::sleep(Duration::from_millis(50)).await;
    client.stop().await.unwrap();
    let answer = waits.await.unwrap();
    assert!(errors(&answer.diagnostics)[0].starts_with("the quarry has closed"));
}
