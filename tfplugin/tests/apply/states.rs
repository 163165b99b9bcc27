//! What is wrong with a saved state is said of the state, and of no line of the configuration.

use serde_json::json;
use tfplugin::Value;
use tfplugin::protocol::messages as proto;
use tfplugin::protocol::msgpack;
use tfplugin::testing::client::errors;

use super::{CARTON, World, nothing, whole};

const UNREADABLE: &str = "the saved state of shop_carton cannot be read: ";

#[tokio::test]
async fn a_state_that_is_none_is_named() {
    let mut world = World::new().await;
    for (json, part) in [
        (json!({"name": "box", "words": {"a": "b"}}), "At words: "),
        (json!({"name": "box", "layers": [{"material": []}]}), "At layers[0].material: "),
        (json!([]), "it doesn't fit the resource type"),
    ] {
        let upgraded = world.client.upgrade(CARTON, &world.ty, 0, &json).await.unwrap();
        let told = errors(&upgraded.diagnostics);
        assert!(told.len() == 1 && told[0].starts_with(UNREADABLE) && told[0].contains(part), "{told:?}");
        assert_eq!(upgraded.diagnostics[0].attribute.clone().unwrap_or_default().steps, []);
    }
}

#[tokio::test]
async fn a_state_without_what_is_required_is_named() {
    let mut world = World::new().await;
    let sound = world.created(&whole("box")).await;
    let mut broken = sound.clone();
    broken.put("name", Value::Null);
    let config = world.config(&whole("box"));
    let read = world.read(&broken).await.diagnostics;
    let planned = world.client.plan(CARTON, &world.ty, (&broken, &config, &config)).await.unwrap().diagnostics;
    let ended = world.client.plan(CARTON, &world.ty, (&broken, &Value::Null, &Value::Null)).await.unwrap().diagnostics;
    let applied = world.client.apply(CARTON, &world.ty, (&broken, &config, &sound)).await.unwrap().diagnostics;
    for told in [read, planned, ended, applied] {
        let texts = errors(&told);
        assert!(texts.len() == 1 && texts[0].starts_with(UNREADABLE), "{texts:?}");
        assert!(texts[0].contains("At name: name is missing."), "{texts:?}");
        assert_eq!(told[0].attribute.clone().unwrap_or_default().steps, [], "no line of the configuration is at fault");
    }
    assert_eq!(errors(&world.read(&sound).await.diagnostics), nothing());
}

#[tokio::test]
async fn a_state_of_another_shape_is_named() {
    let mut world = World::new().await;
    let other = tfplugin::Type::Object([("words".to_owned(), tfplugin::Type::Bool)].into());
    let bytes = msgpack::write(&Value::Map([("words".to_owned(), true.into())].into()), &other);
    let request = proto::read_resource::Request {
        type_name: CARTON.to_owned(),
        current_state: Some(proto::DynamicValue { msgpack: bytes, json: Vec::new() }),
        ..Default::default()
    };
    let read = world.client.rpc().read_resource(request).await.unwrap().into_inner();
    let told = errors(&read.diagnostics);
    assert!(told.len() == 1 && told[0].starts_with(UNREADABLE), "{told:?}");
}
