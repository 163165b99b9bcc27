//! Null and empty as one value, in the spelling of the configuration.

use serde_json::{Value as Json, json};
use tfplugin::Value;
use tfplugin::testing::client::errors;

use super::{CARTON, World, nothing};

const EMPTY: [(&str, &str); 5] = [("text", "\"\""), ("words", "[]"), ("colours", "[]"), ("notes", "{}"), ("lid", "{}")];

fn with(name: &str, value: &str) -> Json {
    let mut json = json!({"name": "box"});
    json[name] = serde_json::from_str(value).unwrap();
    json
}

#[tokio::test]
async fn each_spelling_of_nothing_stays_as_it_is_configured() {
    for (name, empty) in EMPTY {
        for given in [empty, "null"] {
            let mut world = World::new().await;
            let config = world.config(&with(name, given));
            let state = world.created(&with(name, given)).await;
            assert_eq!(state.get(name), config.get(name), "{name} = {given}");
            let read = world.read(&state).await;
            assert_eq!((errors(&read.diagnostics), &read.state), (nothing(), &state), "{name} = {given}");
            let (_, planned) = world.change(&state, &with(name, given)).await;
            assert_eq!(planned.state, state, "{name} = {given}");
        }
    }
}

/// A CLI wants a configured value in the plan as it is configured, so that a plan shows the other spelling; but nothing
/// else follows from it: no call, no new resource, nothing that is not known.
#[tokio::test]
async fn from_one_spelling_to_the_other_nothing_is_done() {
    for (name, empty) in EMPTY.into_iter().filter(|(name, _)| *name != "colours") {
        for (from, to) in [("null", empty), (empty, "null")] {
            let mut world = World::new().await;
            let fast = |value: &str| {
                let mut json = with(name, value);
                json["colours"] = json!(["fast"]);
                json
            };
            let state = world.created(&fast(from)).await;
            let (config, planned) = world.change(&state, &fast(to)).await;
            assert_eq!(planned.requires_replace, nothing(), "{name} from {from} to {to}");
            let mut expected = state.clone();
            expected.put(name, config.get(name).clone());
            assert_eq!(planned.state, expected, "{name} from {from} to {to}");
            // An update of this carton would fail.
            let changed = world.client.apply(CARTON, &world.ty, (&state, &config, &planned.state)).await.unwrap();
            assert_eq!((errors(&changed.diagnostics), changed.state), (nothing(), expected));
        }
    }
}

#[tokio::test]
async fn a_change_beside_another_spelling_is_a_change() {
    let mut world = World::new().await;
    let state = world.created(&json!({"name": "box", "words": []})).await;
    let (config, planned) = world.change(&state, &json!({"name": "box", "text": "fragile"})).await;
    assert_eq!(planned.requires_replace, nothing());
    assert_eq!(planned.state.get("weight"), &Value::Unknown);
    let changed = world.client.apply(CARTON, &world.ty, (&state, &config, &planned.state)).await.unwrap();
    assert_eq!((changed.state.get("text"), changed.state.get("words")), (&"fragile".into(), &Value::Null));
    let (_, planned) = world.change(&state, &json!({"name": "box", "words": ["up"]})).await;
    assert_eq!(planned.requires_replace.len(), 1, "something is more than nothing");
}

#[tokio::test]
async fn in_the_elements_of_a_set_too() {
    let mut world = World::new().await;
    let slots = json!({"name": "box", "slot": [{"name": "left", "fits": []}, {"name": "right"}]});
    let state = world.created(&slots).await;
    assert_eq!(state.get("slot"), world.config(&slots).get("slot"));
    let read = world.read(&state).await;
    assert_eq!(read.state, state);
    let (_, planned) = world.change(&state, &slots).await;
    assert_eq!(planned.state, state);
    let other = json!({"name": "box", "slot": [{"name": "left"}, {"name": "right", "fits": []}]});
    let (_, planned) = world.change(&state, &other).await;
    assert_eq!(planned.state.get("weight"), state.get("weight"), "nothing is to be done");
}
