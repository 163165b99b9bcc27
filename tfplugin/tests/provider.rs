//! A whole provider through gRPC in one process: the rules of the CLIs, and what happens when things go wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod shop;

use serde_json::json;
use shop::Shop;
use tfplugin::schema::Object;
use tfplugin::testing::client::errors;
use tfplugin::testing::{Client, check_resource, check_schemas};
use tfplugin::{Type, Value};

const THING: &str = "shop_thing";

struct World {
    client: Client<Shop>,
    object: Object,
    ty: Type,
}

impl World {
    async fn new() -> Self {
        let mut client = Client::<Shop>::default();
        let config = Value::Map([("name".to_owned(), Value::Null), ("password".to_owned(), Value::Null)].into());
        assert_eq!(client.configure(&config).await.unwrap(), []);
        let object = Client::<Shop>::object(THING).unwrap();
        let ty = object.value_type();
        World { client, object, ty }
    }

    /// A configuration: what `json` sets, and the rest left out.
    fn config(&self, json: &serde_json::Value) -> Value {
        let mut config = self.object.empty();
        let given = tfplugin::protocol::json::read(json, &self.ty).unwrap();
        for name in json.as_object().unwrap().keys() {
            config.put(name, given.get(name).clone());
        }
        config
    }

    /// A create's plan. A configuration of plain attributes is its own proposal.
    async fn plan(&mut self, config: &Value) -> tfplugin::testing::client::Planned {
        self.client.plan(THING, &self.ty, (&Value::Null, config, config)).await.unwrap()
    }

    async fn create(&mut self, json: &serde_json::Value) -> tfplugin::testing::client::Reached {
        let config = self.config(json);
        let planned = self.plan(&config).await;
        assert_eq!(errors(&planned.diagnostics), Vec::<String>::new());
        self.client.apply(THING, &self.ty, (&Value::Null, &config, &planned.state)).await.unwrap()
    }
}

fn full() -> serde_json::Value {
    json!({
        "name": "lamp", "colour": "DEEP_BLUE", "count": 3, "shelf": "B2", "shelf_life": "90m",
        "labels": {"a": "b"}, "parts": {"foot": {"material": "brass"}}, "package": {"material": "card"},
        "secret": "s3cret", "price": [{"currency": "EUR", "amount": 9.5}], "timeouts": {"create": "5m"},
    })
}

#[tokio::test]
async fn the_rules_of_the_clis_hold() {
    let mut world = World::new().await;
    assert_eq!(check_schemas::<Shop>(), Vec::<String>::new());
    for config in [full(), json!({"name": "lamp"})] {
        assert_eq!(check_resource(&mut world.client, THING, &config).await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_create_gives_what_was_planned() {
    let mut world = World::new().await;
    let made = world.create(&full()).await;
    assert_eq!(errors(&made.diagnostics), Vec::<String>::new());
    assert_eq!(made.state.get("shelf_life"), &"90m".into(), "the person's spelling stays");
    assert_eq!(made.state.get("secret"), &Value::Null, "a write-only value is not kept");
    assert_eq!(made.state.get("parts").get("foot").get("weight_grams"), &10.into());
    let read = world.client.read(THING, &world.ty, &made.state).await.unwrap();
    assert_eq!(read.state, made.state);
    let imported = world.client.import(THING, &world.ty, "id-lamp").await.unwrap();
    assert_eq!(imported.state.get("name"), &"lamp".into());
    let missing = world.client.import(THING, &world.ty, "id-none").await.unwrap();
    assert!(errors(&missing.diagnostics)[0].contains("nothing to import"));
}

#[tokio::test]
async fn computed_values_become_unknown_only_with_a_change() {
    let mut world = World::new().await;
    let state = world.create(&json!({"name": "lamp", "count": 1})).await.state;
    let config = world.config(&json!({"name": "lamp", "count": 2}));
    let mut proposed = state.clone();
    proposed.put("count", 2.into());
    let planned = world.client.plan(THING, &world.ty, (&state, &config, &proposed)).await.unwrap();
    assert_eq!(planned.state.get("revision"), &Value::Unknown);
    assert_eq!(planned.state.get("id"), state.get("id"), "what is kept stays known");
    assert_eq!(planned.requires_replace, Vec::<String>::new());

    let config = world.config(&json!({"name": "bulb", "count": 1}));
    let mut proposed = state.clone();
    proposed.put("name", "bulb".into());
    let planned = world.client.plan(THING, &world.ty, (&state, &config, &proposed)).await.unwrap();
    assert_eq!(planned.requires_replace.len(), 1);
    assert!(planned.requires_replace[0].contains("name"));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_attribute() {
    let mut world = World::new().await;
    for (json, path, text) in [
        (json!({"name": ""}), "name", "allowed are 1 to 20"),
        (json!({"name": "x", "count": 101}), "count", "not from 0 to 100"),
        (json!({"name": "x", "count": 1.5}), "count", "whole number"),
        (json!({"name": "x", "colour": "BLUE"}), "colour", "Did you mean \"DEEP_BLUE\"?"),
        (json!({"name": "x", "shelf_life": "soon"}), "shelf_life", "must be a duration"),
        (json!({"name": "x", "count": 51, "colour": "DEEP_BLUE"}), "count", ""),
    ] {
        let config = world.config(&json);
        let told = world.client.validate(THING, &world.ty, &config).await.unwrap();
        assert_eq!(told.len(), 1, "{json}: {told:?}");
        assert!(told[0].detail.contains(text), "{told:?}");
        assert!(format!("{:?}", told[0].attribute).contains(path), "{told:?}");
        assert!(
            !errors(&world.plan(&config).await.diagnostics).is_empty() || text.is_empty(),
            "the plan refuses it too"
        );
    }
}

#[tokio::test]
async fn warnings_come_with_success() {
    let mut world = World::new().await;
    let config = world.config(&json!({"name": "lamp", "count": 0}));
    let planned = world.plan(&config).await;
    assert_eq!(planned.diagnostics[0].summary, "none are ordered");
    assert_eq!(errors(&planned.diagnostics), Vec::<String>::new());
    let made = world.create(&json!({"name": "safe", "secret": "letmein"})).await;
    assert_eq!(made.diagnostics[0].summary, "the secret is weak");
}

#[tokio::test]
async fn what_is_half_made_is_saved() {
    let mut world = World::new().await;
    let half = world.create(&json!({"name": "half"})).await;
    assert_eq!(errors(&half.diagnostics), ["only half of it was made: "]);
    assert_eq!(half.state.get("id"), &"id-half".into());
    let refused = world.create(&json!({"name": "refused"})).await;
    assert!(refused.state.is_null());
}

#[tokio::test]
async fn after_a_failed_update_the_state_is_read_anew() {
    let mut world = World::new().await;
    let state = world.create(&json!({"name": "lamp", "count": 1})).await.state;
    let config = world.config(&json!({"name": "lamp", "count": 13}));
    let mut proposed = state.clone();
    proposed.put("count", 13.into());
    let planned = world.client.plan(THING, &world.ty, (&state, &config, &proposed)).await.unwrap();
    let failed = world.client.apply(THING, &world.ty, (&state, &config, &planned.state)).await.unwrap();
    assert_eq!(errors(&failed.diagnostics), ["nobody counts to 13: "]);
    assert_eq!(failed.state.get("count"), &13.into(), "the shop has it all the same");
    assert_eq!(failed.state.get("revision"), &2.into());
}

#[tokio::test]
async fn a_refused_delete_keeps_the_state() {
    let mut world = World::new().await;
    let state = world.create(&json!({"name": "glued"})).await.state;
    let failed = world.client.apply(THING, &world.ty, (&state, &Value::Null, &Value::Null)).await.unwrap();
    assert_eq!(failed.state, state);
    assert_eq!(errors(&failed.diagnostics), ["cannot take it away: "]);
}

#[tokio::test]
async fn a_panic_is_one_diagnostic_and_the_server_lives_on() {
    let mut world = World::new().await;
    let told = errors(&world.create(&json!({"name": "panic"})).await.diagnostics);
    assert_eq!(told.len(), 1);
    for part in ["shop_thing", "the shelf fell down", "the shop's counter"] {
        assert!(told[0].contains(part), "{told:?}");
    }
    assert_eq!(errors(&world.create(&json!({"name": "next"})).await.diagnostics), Vec::<String>::new());
}

#[tokio::test]
async fn an_older_state_is_brought_up_to_date() {
    let mut world = World::new().await;
    let old = json!({"title": "lamp", "count": 2, "forgotten": true});
    let state = world.client.upgrade(THING, &world.ty, 0, &old).await.unwrap().state;
    assert_eq!(state.get("name"), &"lamp".into());
    assert_eq!(state.get("colour"), &"RED".into(), "an attribute that is new has its default");
    assert_eq!(state.get("price"), &Value::Set(Vec::new()), "blocks are never null");
}

#[tokio::test]
async fn a_state_is_completed_before_it_is_used() {
    let mut world = World::new().await;
    let config = world.config(&json!({"name": "lamp"}));
    let state = world.create(&json!({"name": "lamp"})).await.state;
    let mut lacking = state.clone();
    lacking.put("shelf", Value::Null);
    let planned = world.client.plan(THING, &world.ty, (&lacking, &config, &lacking)).await.unwrap();
    assert_eq!(planned.state, state, "nothing is to be done");
}
