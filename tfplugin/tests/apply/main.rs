//! What becomes of a create and an update: the plan, and the state that no failure loses; null and empty as one value;
//! what a schema forbids; states that can't be read; and handlers that block.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod absent;
mod blocking;
mod forbidden;
mod lost;
mod outcome;
mod report;
#[allow(dead_code, reason = "not all of the shop is looked at here")]
#[path = "../shop/mod.rs"]
mod shop;
mod states;

use serde_json::{Value as Json, json};
use shop::Shop;
use tfplugin::protocol::messages as proto;
use tfplugin::schema::Object;
use tfplugin::testing::client::{Planned, Reached, errors};
use tfplugin::testing::{Client, configuration};
use tfplugin::{Model, Type, Value};

const CARTON: &str = "shop_carton";

struct World {
    client: Client<Shop>,
    object: Object,
    ty: Type,
}

impl World {
    async fn new() -> Self {
        let mut client = Client::<Shop>::default();
        assert_eq!(client.configure(&shop::Config::object().empty()).await.unwrap(), []);
        let object = Client::<Shop>::object(CARTON).unwrap();
        let ty = object.value_type();
        World { client, object, ty }
    }

    fn config(&self, json: &Json) -> Value {
        configuration(&self.object, json).unwrap()
    }

    async fn validate(&mut self, config: &Value) -> Vec<proto::Diagnostic> {
        self.client.validate(CARTON, &self.ty, config).await.unwrap()
    }

    async fn plan(&mut self, prior: &Value, config: &Value, proposed: &Value) -> Planned {
        let planned = self.client.plan(CARTON, &self.ty, (prior, config, proposed)).await.unwrap();
        assert_eq!(errors(&planned.diagnostics), Vec::<String>::new());
        planned
    }

    /// Creates it. Of what isn't there yet, a CLI proposes the configuration.
    async fn create(&mut self, json: &Json) -> Reached {
        let config = self.config(json);
        let planned = self.plan(&Value::Null, &config, &config).await.state;
        self.client.apply(CARTON, &self.ty, (&Value::Null, &config, &planned)).await.unwrap()
    }

    /// The same, which succeeds.
    async fn created(&mut self, json: &Json) -> Value {
        let made = self.create(json).await;
        assert_eq!(errors(&made.diagnostics), Vec::<String>::new());
        made.state
    }

    /// `prior` with what `json` sets, planned as a CLI proposes it: the configuration, and what was computed.
    async fn change(&mut self, prior: &Value, json: &Json) -> (Value, Planned) {
        let config = self.config(json);
        let mut proposed = config.clone();
        for name in ["place", "weight", "id"] {
            proposed.put(name, prior.get(name).clone());
        }
        let planned = self.plan(prior, &config, &proposed).await;
        (config, planned)
    }

    async fn read(&mut self, state: &Value) -> Reached {
        self.client.read(CARTON, &self.ty, state).await.unwrap()
    }
}

/// Where a diagnostic points to, as text.
fn place(diagnostic: &proto::Diagnostic) -> String {
    use proto::attribute_path::step::Selector;
    let steps = diagnostic.attribute.iter().flat_map(|path| &path.steps);
    let steps = steps.filter_map(|step| step.selector.as_ref()).map(|step| match step {
        Selector::AttributeName(name) => format!(".{name}"),
        Selector::ElementKeyString(key) => format!("[{key:?}]"),
        Selector::ElementKeyInt(at) => format!("[{at}]"),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

fn nothing() -> Vec<String> {
    Vec::new()
}

fn whole(name: &str) -> Json {
    json!({
        "name": name, "text": "fragile", "words": ["up", "down"], "colours": ["red"], "notes": {"a": "b"},
        "lid": {"colour": "blue"}, "slot": [{"name": "left", "fits": ["cups"]}, {"name": "right"}],
        "layers": [{"material": "foam"}, {"material": "card"}], "place": "attic",
    })
}
