//! The shop's cabinet through gRPC: nested attributes as a list and as a set, blocks of each kind and within one another,
//! what is not to be used any more, and states and identities of older versions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod attributes;
mod blocks;
mod deprecated;
mod older;
#[allow(dead_code, reason = "not all of the shop is looked at here")]
#[path = "../shop/mod.rs"]
mod shop;

use serde_json::{Value as Json, json};
use shop::Shop;
use tfplugin::protocol::messages as proto;
use tfplugin::schema::Object;
use tfplugin::testing::client::{Planned, Reached, errors};
use tfplugin::testing::{Client, check_resource, check_schemas, configuration};
use tfplugin::{Model, Type, Value};

const CABINET: &str = "shop_cabinet";

struct World {
    client: Client<Shop>,
    object: Object,
    ty: Type,
}

impl World {
    async fn new() -> Self {
        let mut client = Client::<Shop>::default();
        assert_eq!(client.configure(&shop::Config::object().empty()).await.unwrap(), []);
        let object = Client::<Shop>::object(CABINET).unwrap();
        let ty = object.value_type();
        World { client, object, ty }
    }

    /// A configuration: a door, what `json` sets, and the rest left out.
    fn config(&self, json: &Json) -> Value {
        let mut whole = json!({"name": "oak", "door": [{"material": "oak", "hinge": [{}]}]});
        whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        configuration(&self.object, &whole).unwrap()
    }

    async fn validate(&mut self, config: &Value) -> Vec<proto::Diagnostic> {
        self.client.validate(CABINET, &self.ty, config).await.unwrap()
    }

    /// The plan from `prior`, where `proposed` is what a CLI proposes.
    async fn plan(&mut self, prior: &Value, config: &Value, proposed: &Value) -> Planned {
        let planned = self.client.plan(CABINET, &self.ty, (prior, config, proposed)).await.unwrap();
        assert_eq!(errors(&planned.diagnostics), Vec::<String>::new());
        planned
    }

    async fn apply(&mut self, prior: &Value, config: &Value, planned: &Value) -> Reached {
        let reached = self.client.apply(CABINET, &self.ty, (prior, config, planned)).await.unwrap();
        assert_eq!(errors(&reached.diagnostics), Vec::<String>::new());
        reached
    }

    /// Makes it. Of what isn't there yet, a CLI proposes the configuration.
    async fn create(&mut self, json: &Json) -> Value {
        let config = self.config(json);
        let planned = self.plan(&Value::Null, &config, &config).await;
        self.apply(&Value::Null, &config, &planned.state).await.state
    }
}

fn full() -> Json {
    json!({
        "name": "oak",
        "drawers": [
            {"material": "oak", "height": 20, "compartments": [{"content": "forks"}, {"width": 7}]},
            {"material": "ash"},
        ],
        "handles": [{"material": "brass", "count": 2, "lasts": "1h30m"}, {"material": "iron"}],
        "boxes": 2,
        "door": [{"material": "oak", "hinge": [{"side": "right"}, {}]}],
        "lock": [{"code": "sesame", "kind": "padlock"}],
        "board": [
            {"height": 30, "label": {"left": {"text": "cups"}, "right": {}}, "edge": {"material": "steel"}},
            {"height": 60, "hook": [{"content": "cup", "screw": [{"length": 3}]}, {"content": "can"}]},
        ],
        "hook": [{"content": "coat", "screw": [{"length": 5}, {"length": 6}]}],
        "lamp": [{"lumens": 400}],
    })
}

#[tokio::test]
async fn the_rules_of_the_clis_hold() {
    let mut world = World::new().await;
    assert_eq!(check_schemas::<Shop>(), Vec::<String>::new());
    let small = json!({"name": "oak", "lock": [{"turns": 2}], "door": [{"material": "oak", "hinge": [{}]}]});
    let report = check_resource(&mut world.client, CABINET, &[full(), small]).await.unwrap();
    assert_eq!(report, Vec::<String>::new());
}
