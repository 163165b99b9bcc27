//! States and identities that older versions of the provider have saved.

use serde_json::{Value as Json, json};
use tfplugin::protocol::messages::{self as proto, upgrade_resource_identity};
use tfplugin::protocol::msgpack;
use tfplugin::{Type, Value};

use super::{CABINET, World, errors};

async fn upgrade(world: &mut World, version: i64, identity: &Json) -> upgrade_resource_identity::Response {
    let raw = proto::RawState { json: identity.to_string().into_bytes(), ..Default::default() };
    let request =
        upgrade_resource_identity::Request { type_name: CABINET.to_owned(), version, raw_identity: Some(raw) };
    world.client.rpc().upgrade_resource_identity(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn an_identity_is_brought_up_to_date_step_by_step() {
    let mut world = World::new().await;
    let schemas = world.client.rpc().get_resource_identity_schemas(proto::get_resource_identity_schemas::Request {});
    assert_eq!(schemas.await.unwrap().into_inner().identity_schemas[CABINET].version, 2);
    let ty = Type::Object([("name".to_owned(), Type::String)].into());
    let oak = Value::Map([("name".to_owned(), "oak".into())].into());
    for (version, identity) in
        [(0, json!({"title": "cabinet oak"})), (1, json!({"name": "cabinet oak"})), (2, json!({"name": "oak"}))]
    {
        let answer = upgrade(&mut world, version, &identity).await;
        assert_eq!(errors(&answer.diagnostics), Vec::<String>::new());
        let upgraded = answer.upgraded_identity.unwrap().identity_data.unwrap();
        assert_eq!(msgpack::read(&upgraded.msgpack, &ty).unwrap(), oak, "from version {version}");
    }
}

#[tokio::test]
async fn an_identity_that_cannot_be_brought_up_to_date_is_refused() {
    let mut world = World::new().await;
    let newer = upgrade(&mut world, 3, &json!({"name": "oak"})).await;
    assert!(errors(&newer.diagnostics)[0].contains("has version 3; this provider knows up to 2"));
    let wrong = upgrade(&mut world, 2, &json!({"name": ["oak"]})).await;
    let told = errors(&wrong.diagnostics);
    assert!(told[0].starts_with("the saved identity of shop_cabinet cannot be read: At name: "), "{told:?}");
    assert!(told[0].contains("it doesn't fit the resource type"), "{told:?}");
    assert_eq!(wrong.upgraded_identity, None);
}

#[tokio::test]
async fn a_state_is_brought_up_to_date_step_by_step() {
    let mut world = World::new().await;
    let drawers = |height: i64| json!([{"material": "oak", "height": height, "serial": "d-0"}]);
    let handles = json!([{"material": "iron"}]);
    for (version, state) in [
        (0, json!({"title": "oak", "handle": "iron", "drawers": drawers(200)})),
        (1, json!({"name": "oak", "handle": "iron", "drawers": drawers(200)})),
        (2, json!({"name": "oak", "handles": handles, "drawers": drawers(200)})),
        (3, json!({"name": "oak", "handles": handles, "drawers": drawers(20)})),
    ] {
        let upgraded = world.client.upgrade(CABINET, &world.ty, version, &state).await.unwrap();
        assert_eq!(errors(&upgraded.diagnostics), Vec::<String>::new());
        let state = upgraded.state;
        assert_eq!(state.get("name"), &"oak".into(), "from version {version}");
        assert_eq!(state.get("drawers").as_items().unwrap()[0].get("height"), &20.into(), "from version {version}");
        let handle = [
            ("material".to_owned(), "iron".into()),
            ("count".to_owned(), Value::Null),
            ("lasts".to_owned(), Value::Null),
        ];
        assert_eq!(state.get("handles"), &Value::set([Value::Map(handle.into())]), "from version {version}");
        assert_eq!(state.get("hook"), &Value::Set(vec![]), "blocks are never null");
    }
}

#[tokio::test]
async fn what_is_write_only_now_is_left_out_of_an_older_state() {
    let mut world = World::new().await;
    let state = json!({"name": "oak", "lock": [{"code": "sesame", "turns": 6}]});
    let upgraded = world.client.upgrade(CABINET, &world.ty, 3, &state).await.unwrap();
    assert_eq!(errors(&upgraded.diagnostics), Vec::<String>::new());
    let lock = &upgraded.state.get("lock").as_items().unwrap()[0];
    assert_eq!((lock.get("code"), lock.get("turns")), (&Value::Null, &6.into()));
}
