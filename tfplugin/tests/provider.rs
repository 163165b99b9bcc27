//! A whole provider through gRPC in one process: the rules of the CLIs, and what happens when things go wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod shop;

use serde_json::json;
use shop::Shop;
use tfplugin::protocol::{messages as proto, msgpack};
use tfplugin::schema::Object;
use tfplugin::testing::client::errors;
use tfplugin::testing::{
    Client, check_data_source, check_ephemeral_resource, check_failing_create, check_function, check_provider_block,
    check_resource, check_schemas, configuration,
};
use tfplugin::{Data, Dynamic, Model, Type, Value};

const THING: &str = "shop_thing";

struct World {
    client: Client<Shop>,
    object: Object,
    ty: Type,
}

impl World {
    async fn new() -> Self {
        let mut client = Client::<Shop>::default();
        assert_eq!(client.configure(&shop::Config::object().empty()).await.unwrap(), []);
        let object = Client::<Shop>::object(THING).unwrap();
        let ty = object.value_type();
        World { client, object, ty }
    }

    /// A configuration: what `json` sets, and the rest left out.
    fn config(&self, json: &serde_json::Value) -> Value {
        configuration(&self.object, json).unwrap()
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
        "name": "lamp", "colour": "DEEP_BLUE", "pieces": 3, "shelf": "B2", "shelf_life": "90m",
        "weight": 1e-30, "labels": {"a": "b"}, "parts": {"foot": {"material": "brass"}},
        "timeouts": {"create": "5m", "update": "4m", "delete": "3m"}, "extra": {"type": "number", "value": 7}, "breaks": ["90m", "7m"],
        "package": {"material": "card", "weight_grams": 3}, "secret": "s3cret",
        "price": [{"currency": "EUR", "amount": 9.5}], "sticker": {"lid": {"text": "mind", "hidden": "glue"}},
    })
}

#[tokio::test]
async fn the_rules_of_the_clis_hold() {
    let mut world = World::new().await;
    world.create(&json!({"name": "bulb", "pieces": 3})).await;
    let client = &mut world.client;
    let mut report = check_schemas::<Shop>();
    report.extend(
        check_provider_block::<Shop>(&[json!({
            "name": "corner", "password": "s3cret", "ledger": "/nowhere", "branch": [{"town": "Ulm"}],
        })])
        .await
        .unwrap(),
    );
    let small = json!({"name": "lamp", "parts": {"foot": {"material": "brass", "weight_grams": 7}}});
    report.extend(check_resource(client, THING, &[full(), small, json!({"name": "lamp"})]).await.unwrap());
    report.extend(check_data_source(client, "shop_stock", &[json!({"name": "bulb"})]).await.unwrap());
    report.extend(check_ephemeral_resource(client, "shop_key", &[json!({"door": "front"})]).await.unwrap());
    report.extend(check_function(client, "join", &[vec![json!("-"), json!("a"), json!("b")]]).await.unwrap());
    let any = json!({"type": "string", "value": "lamp"});
    report.extend(check_function(client, "describe", &[vec![any, json!("nothing")]]).await.unwrap());
    assert_eq!(report, Vec::<String>::new());
}

#[tokio::test]
async fn a_create_that_fails_keeps_the_rules() {
    let mut world = World::new().await;
    for (name, told) in [("half", "only half of it was made"), ("refused", "cannot make this thing")] {
        let config = json!({"name": name});
        let (errors, report) = check_failing_create(&mut world.client, THING, &config, || ()).await.unwrap();
        assert!(errors.iter().any(|error| error.contains(told)), "{errors:?}");
        assert_eq!(report, Vec::<String>::new());
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
    let state = world.create(&json!({"name": "lamp", "pieces": 1})).await.state;
    let config = world.config(&json!({"name": "lamp", "pieces": 2}));
    let mut proposed = state.clone();
    proposed.put("pieces", 2.into());
    let planned = world.client.plan(THING, &world.ty, (&state, &config, &proposed)).await.unwrap();
    assert_eq!(planned.state.get("revision"), &Value::Unknown);
    assert_eq!(planned.state.get("id"), state.get("id"), "what is kept stays known");
    assert_eq!(planned.requires_replace, Vec::<String>::new());

    let config = world.config(&json!({"name": "bulb", "pieces": 1}));
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
        (json!({"name": "x", "pieces": 101}), "pieces", "not from 0 to 100"),
        (json!({"name": "x", "pieces": 1.5}), "pieces", "whole number"),
        (json!({"name": "x", "colour": "BLUE"}), "colour", "Did you mean \"DEEP_BLUE\"?"),
        (json!({"name": "x", "shelf_life": "soon"}), "shelf_life", "must be a duration"),
        (json!({"name": "x", "pieces": 51, "colour": "DEEP_BLUE"}), "pieces", ""),
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

/// The CLIs show the line of an attribute, or of an element of one, if it is in a block; told of anything inside of a
/// nested attribute, they would show that of the resource.
#[tokio::test]
async fn what_is_wrong_inside_of_an_attribute_is_told_at_what_the_clis_can_show() {
    use proto::attribute_path::step::Selector::{AttributeName, ElementKeyString};
    let mut world = World::new().await;
    let name = |name: &str| AttributeName(name.to_owned());
    let heavy = "x".repeat(30);
    for (json, path, text) in [
        (json!({"package": {"material": "glass"}}), vec![name("package")], "At package.material."),
        (
            json!({"parts": {"lid": {"material": "glass"}}}),
            vec![name("parts"), ElementKeyString("lid".to_owned())],
            "At parts[\"lid\"].material.",
        ),
        (json!({"timeouts": {"create": "soon"}}), vec![name("timeouts"), name("create")], "must be a duration"),
        (json!({"name": heavy}), vec![name("name")], "allowed are 1 to 20"),
    ] {
        let mut whole = json!({"name": "x"});
        whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        let config = world.config(&whole);
        let told = world.client.validate(THING, &world.ty, &config).await.unwrap();
        assert_eq!(told.len(), 1, "{json}: {told:?}");
        let steps = told[0].attribute.clone().unwrap().steps;
        let steps: Vec<_> = steps.into_iter().filter_map(|step| step.selector).collect();
        assert_eq!(steps, path, "{told:?}");
        assert!(told[0].detail.contains(text), "{told:?}");
    }
}

#[tokio::test]
async fn warnings_come_with_success() {
    let mut world = World::new().await;
    let config = world.config(&json!({"name": "lamp", "pieces": 0}));
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
    let told = errors(&half.diagnostics);
    assert!(
        told.len() == 1
            && told[0].starts_with("only half of it was made: The partially created resource was saved as tainted")
    );
    assert_eq!(half.state.get("id"), &"id-half".into());
    let refused = world.create(&json!({"name": "refused"})).await;
    assert!(refused.state.is_null());
}

#[tokio::test]
async fn after_a_failed_update_the_state_is_read_anew() {
    let mut world = World::new().await;
    let state = world.create(&json!({"name": "lamp", "pieces": 1})).await.state;
    let config = world.config(&json!({"name": "lamp", "pieces": 13}));
    let mut proposed = state.clone();
    proposed.put("pieces", 13.into());
    let planned = world.client.plan(THING, &world.ty, (&state, &config, &proposed)).await.unwrap();
    let failed = world.client.apply(THING, &world.ty, (&state, &config, &planned.state)).await.unwrap();
    assert_eq!(errors(&failed.diagnostics), ["nobody counts to 13: "]);
    assert_eq!(failed.state.get("pieces"), &13.into(), "the shop has it all the same");
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
async fn a_run_that_was_stopped_stops_no_other() {
    let mut world = World::new().await;
    world.client.stop().await.unwrap();
    let late = json!({"name": "late"});
    assert_eq!(errors(&world.create(&late).await.diagnostics), ["the shop is about to close: "]);
    world.client.configure(&shop::Config::object().empty()).await.unwrap();
    assert_eq!(errors(&world.create(&late).await.diagnostics), Vec::<String>::new());
}

#[tokio::test]
async fn what_can_t_be_read_is_told_where_it_is() {
    let mut world = World::new().await;
    let other = Type::Object([("parts".to_owned(), Type::Map(Box::new(Type::String)))].into());
    let parts = Value::Map([("foot".to_owned(), "brass".into())].into());
    let bytes = msgpack::write(&Value::Map([("parts".to_owned(), parts)].into()), &other);
    let config = proto::DynamicValue { msgpack: bytes, json: Vec::new() };
    let request = proto::validate_resource_config::Request {
        type_name: THING.to_owned(),
        config: Some(config),
        ..Default::default()
    };
    let answer = world.client.rpc().validate_resource_config(request).await.unwrap().into_inner();
    let [told] = answer.diagnostics.as_slice() else { panic!("{:?}", answer.diagnostics) };
    assert_eq!(told.summary, "the CLI sent a value that can't be read");
    assert_eq!(told.attribute.as_ref().unwrap().steps.len(), 2, "{told:?}");
}

#[tokio::test]
async fn a_resource_of_another_provider_is_taken_over() {
    let mut world = World::new().await;
    let raw = |json: serde_json::Value| proto::RawState { json: json.to_string().into_bytes(), ..Default::default() };
    let request = proto::move_resource_state::Request {
        source_provider_address: "registry.opentofu.org/example/attic".to_owned(),
        source_type_name: "attic_thing".to_owned(),
        source_schema_version: 3,
        source_state: Some(raw(json!({"pieces": 2, "dust": true, "secret": "s3cret"}))),
        target_type_name: THING.to_owned(),
        source_private: b"found in a chest".to_vec(),
        source_identity: Some(raw(json!({"key": "lamp"}))),
        source_identity_schema_version: 1,
    };
    let moved = world.client.rpc().move_resource_state(request.clone()).await.unwrap().into_inner();
    assert_eq!(errors(&moved.diagnostics), Vec::<String>::new());
    let state = msgpack::read(&moved.target_state.unwrap().msgpack, &world.ty).unwrap();
    assert_eq!((state.get("name"), state.get("pieces")), (&"lamp".into(), &2.into()));
    assert_eq!(state.get("secret"), &Value::Null, "what is write-only is not taken over");
    assert_eq!(state.get("price"), &Value::set([]), "a block is never null");
    assert_eq!(moved.target_private, br#"{"note":"found in a chest"}"#);
    let identity = Type::Object([("name".to_owned(), Type::String)].into());
    let known_by = moved.target_identity.unwrap().identity_data.unwrap();
    assert_eq!(msgpack::read(&known_by.msgpack, &identity).unwrap().get("name"), &"lamp".into());

    for other in [
        proto::move_resource_state::Request { source_type_name: "attic_chair".to_owned(), ..request.clone() },
        proto::move_resource_state::Request { source_schema_version: 4, ..request },
    ] {
        let refused = world.client.rpc().move_resource_state(other).await.unwrap().into_inner();
        assert!(errors(&refused.diagnostics)[0].contains("can't become shop_thing"), "{refused:?}");
    }
}

/// The CLI wants an error of each resource; a person reads the same advice once a run.
#[tokio::test]
async fn what_keeps_all_from_being_made_is_told_in_full_once_a_run() {
    let mut world = World::new().await;
    for _ in 0..2 {
        let mut told = Vec::new();
        for name in ["closed-a", "closed-b", "closed-c"] {
            let failed = world.create(&json!({"name": name})).await;
            told.extend(errors(&failed.diagnostics));
        }
        let expected = ["the shop is closed\nCome at nine.\nNothing was paid.", "closed.\nNothing was paid."];
        let expected = [expected[0], expected[1], expected[1]].map(|text| format!("cannot make this thing: {text}"));
        assert_eq!(told, expected);
        // Another run begins.
        assert_eq!(world.client.configure(&shop::Config::object().empty()).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_older_state_is_brought_up_to_date() {
    let mut world = World::new().await;
    let old = json!({"title": "lamp", "pieces": 1, "forgotten": true});
    let state = world.client.upgrade(THING, &world.ty, 0, &old).await.unwrap().state;
    assert_eq!(state.get("name"), &"lamp".into());
    assert_eq!(state.get("pieces"), &12.into(), "each version's upgrade is done, one after the other");
    let newer = world.client.upgrade(THING, &world.ty, 3, &old).await.unwrap();
    assert!(errors(&newer.diagnostics)[0].contains("version 3; this provider knows up to 2"));
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

/// A value as the wire has it.
fn wire(value: &Value, ty: &Type) -> Option<proto::DynamicValue> {
    Some(proto::DynamicValue { msgpack: msgpack::write(value, ty), json: Vec::new() })
}

fn unwire(value: Option<proto::DynamicValue>, ty: &Type) -> Value {
    msgpack::read(&value.unwrap().msgpack, ty).unwrap()
}

fn identity_type() -> Type {
    Type::Object([("name".to_owned(), Type::String)].into())
}

fn named(name: &str) -> Value {
    Value::Map([("name".to_owned(), name.into())].into())
}

#[tokio::test]
async fn a_resource_is_known_by_its_identity() {
    let mut world = World::new().await;
    let schemas = world.client.rpc().get_resource_identity_schemas(proto::get_resource_identity_schemas::Request {});
    let schemas = schemas.await.unwrap().into_inner().identity_schemas;
    let attributes = &schemas[THING].identity_attributes;
    assert_eq!(attributes.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["name"]);
    assert!(attributes[0].required_for_import);
    world.create(&json!({"name": "lamp"})).await;
    let import = |name| proto::import_resource_state::Request {
        type_name: THING.to_owned(),
        identity: Some(proto::ResourceIdentityData { identity_data: wire(&named(name), &identity_type()) }),
        ..Default::default()
    };
    let imported = world.client.rpc().import_resource_state(import("lamp")).await.unwrap().into_inner();
    let imported = imported.imported_resources.into_iter().next().unwrap();
    assert_eq!(unwire(imported.state, &world.ty).get("name"), &"lamp".into());
    assert_eq!(unwire(imported.identity.unwrap().identity_data, &identity_type()), named("lamp"));
    // Whether there is such a thing, the read says that follows.
    let imported = world.client.rpc().import_resource_state(import("door")).await.unwrap().into_inner();
    let imported = imported.imported_resources.into_iter().next().unwrap();
    let read = proto::read_resource::Request {
        type_name: THING.to_owned(),
        current_state: imported.state,
        private: imported.private,
        ..Default::default()
    };
    let missing = world.client.rpc().read_resource(read).await.unwrap().into_inner();
    assert!(errors(&missing.diagnostics)[0].contains("nothing to import with the id \"id-door\""));
}

#[tokio::test]
async fn private_values_travel_beside_the_state() {
    let mut world = World::new().await;
    let ty = world.ty.clone();
    let config = world.config(&json!({"name": "lamp", "pieces": 1}));
    let meta = Type::Object([("module".to_owned(), Type::String)].into());
    let module = wire(&Value::Map([("module".to_owned(), "lights".into())].into()), &meta);
    let planned = world.plan(&config).await;
    let request = proto::apply_resource_change::Request {
        type_name: THING.to_owned(),
        prior_state: wire(&Value::Null, &ty),
        planned_state: wire(&planned.state, &ty),
        config: wire(&config, &ty),
        provider_meta: module,
        ..Default::default()
    };
    let made = world.client.rpc().apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!(made.private, br#"{"note":"made for lights"}"#);
    assert_eq!(unwire(made.new_identity.unwrap().identity_data, &identity_type()), named("lamp"));
    let (state, mut wanted) = (unwire(made.new_state.clone(), &ty), config.clone());
    wanted.put("pieces", 2.into());
    let mut proposed = state.clone();
    proposed.put("pieces", 2.into());
    let request = proto::plan_resource_change::Request {
        type_name: THING.to_owned(),
        prior_state: made.new_state.clone(),
        proposed_new_state: wire(&proposed, &ty),
        config: wire(&wanted, &ty),
        prior_private: made.private,
        ..Default::default()
    };
    let planned = world.client.rpc().plan_resource_change(request).await.unwrap().into_inner();
    let request = proto::apply_resource_change::Request {
        type_name: THING.to_owned(),
        prior_state: made.new_state,
        planned_state: planned.planned_state,
        config: wire(&wanted, &ty),
        planned_private: planned.planned_private,
        ..Default::default()
    };
    let changed = world.client.rpc().apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!(String::from_utf8(changed.private).unwrap(), r#"{"note":"made for lights, changed"}"#);
}

#[tokio::test]
async fn write_only_values_reach_the_provider_and_no_state() {
    let mut world = World::new().await;
    let made = world.create(&json!({"name": "lamp", "sticker": {"top": {"text": "x", "hidden": "glue"}}})).await;
    let sticker = made.state.get("sticker").get("top").clone();
    assert_eq!(sticker.get("glued"), &true.into(), "the provider saw it");
    assert_eq!(sticker.get("hidden"), &Value::Null);
    let config = world.config(&json!({"name": "lamp", "secret": "x"}));
    let request = proto::validate_resource_config::Request {
        type_name: THING.to_owned(),
        config: wire(&config, &world.ty),
        client_capabilities: None,
    };
    let old_cli = world.client.rpc().validate_resource_config(request).await.unwrap().into_inner();
    assert!(errors(&old_cli.diagnostics)[0].contains("this CLI would store secret"));
}

#[tokio::test]
async fn something_ephemeral_is_opened_renewed_and_closed() {
    let mut world = World::new().await;
    let ty = Type::Object([("door".to_owned(), Type::String), ("code".to_owned(), Type::String)].into());
    let open = |door: &str| proto::open_ephemeral_resource::Request {
        type_name: "shop_key".to_owned(),
        config: wire(&Value::Map([("door".to_owned(), door.into()), ("code".to_owned(), Value::Null)].into()), &ty),
        client_capabilities: None,
    };
    let rpc = world.client.rpc();
    let opened = rpc.open_ephemeral_resource(open("front")).await.unwrap().into_inner();
    assert_eq!(unwire(opened.result, &ty).get("code"), &"code-front".into());
    assert_eq!(opened.renew_at.map(|at| at.seconds), Some(60));
    let type_name = "shop_key".to_owned();
    let foreign = proto::close_ephemeral_resource::Request { type_name: type_name.clone(), private: None };
    let foreign = rpc.close_ephemeral_resource(foreign).await.unwrap().into_inner();
    assert_eq!(errors(&foreign.diagnostics), ["the lock is stuck: "]);
    let renew = proto::renew_ephemeral_resource::Request { type_name: type_name.clone(), private: opened.private };
    let renewed = rpc.renew_ephemeral_resource(renew).await.unwrap().into_inner();
    assert_eq!((renewed.renew_at, errors(&renewed.diagnostics)), (None, Vec::new()));
    let close = proto::close_ephemeral_resource::Request { type_name, private: renewed.private };
    assert_eq!(
        errors(&rpc.close_ephemeral_resource(close).await.unwrap().into_inner().diagnostics),
        Vec::<String>::new()
    );
    let refused = rpc.open_ephemeral_resource(open("wall")).await.unwrap().into_inner();
    assert_eq!(errors(&refused.diagnostics), ["there is no door in the wall: "]);
    assert!(refused.diagnostics[0].attribute.is_some());
}

#[tokio::test]
async fn functions_take_what_their_struct_says() {
    let mut world = World::new().await;
    let signatures = world.client.schemas().await.unwrap().functions;
    let join = &signatures["join"];
    assert_eq!((join.summary.as_str(), join.parameters.len()), ("Joins words.", 1));
    assert_eq!(join.variadic_parameter.as_ref().unwrap().r#type, br#""string""#);
    let describe = &signatures["describe"].parameters;
    assert_eq!(
        describe.iter().map(|one| (one.allow_null_value, one.allow_unknown_values)).collect::<Vec<_>>(),
        [(true, true), (true, false)]
    );
    let mut call = async |name: &str, arguments: &[Value]| {
        let types = [if name == "describe" { Type::Dynamic } else { Type::String }].into_iter();
        let types = types.chain(std::iter::repeat(Type::String));
        let arguments = arguments.iter().zip(types).map(|(argument, ty)| wire(argument, &ty).unwrap()).collect();
        let request = proto::call_function::Request { name: name.to_owned(), arguments };
        let answer = world.client.rpc().call_function(request).await.unwrap().into_inner();
        match answer.error {
            Some(error) => Err((error.text, error.function_argument)),
            None => Ok(unwire(answer.result, &Type::String)),
        }
    };
    let word = |text: &str| Value::from(text);
    assert_eq!(call("join", &[word("-"), word("a"), word("b")]).await, Ok(word("a-b")));
    let fault = |text: &str, argument| Err((text.to_owned(), argument));
    assert_eq!(call("join", &[word("-")]).await, fault("there is nothing to join", Some(1)));
    assert_eq!(call("join", &[word("-"), word("a"), word("")]).await, fault("a word is empty", Some(2)));
    assert_eq!(call("join", &[]).await, fault("it takes at least 1 arguments, not 0", None));
    let (text, argument) = call("join", &[word("----"), word("a")]).await.unwrap_err();
    assert!(text.contains("allowed are 0 to 3"), "{text}");
    assert_eq!(argument, Some(0));
    assert_eq!(call("describe", &[Value::Unknown, Value::Null]).await, Ok(word("not known yet")));
    assert_eq!(call("describe", &[Value::Null, word("nothing")]).await, Ok(word("nothing")));
    assert_eq!(call("describe", &[Value::Null, Value::Null]).await, Ok(Value::Null));
    let any = |json| Dynamic::from_json(&json).to_value();
    assert_eq!(call("describe", &[any(json!([1, {"a": 0.1}])), Value::Null]).await, Ok(word(r#"[1,{"a":0.1}]"#)));
    assert_eq!(
        call("describe", &[any(json!("x")), Value::Null, word("y")]).await,
        fault("it takes 2 arguments, not 3", None)
    );
}
