//! The result of an apply is the plan; computed values come from the answer, and each of them is set.

use serde_json::json;
use tfplugin::Value;
use tfplugin::testing::client::errors;
use tracing::instrument::WithSubscriber;

use super::{World, nothing, place, whole};
use crate::report::Heard;

#[tokio::test]
async fn an_answer_in_other_words_gives_what_was_planned() {
    let mut world = World::new().await;
    let heard = Heard::default();
    let made = world.create(&whole("loud")).with_subscriber(heard.subscriber()).await;
    assert_eq!(errors(&made.diagnostics), nothing());
    let state = made.state;
    assert_eq!((state.get("text"), state.get("place")), (&"fragile".into(), &"attic".into()));
    // Layers that come back in another order are known by what was planned of them.
    let layers: Vec<_> = state
        .get("layers")
        .as_items()
        .unwrap()
        .iter()
        .map(|one| (one.get("material").clone(), one.get("serial").clone()))
        .collect();
    assert_eq!(layers, [("foam".into(), "l-0".into()), ("card".into(), "l-1".into())]);
    assert_eq!(state.get("weight"), &100.into());
    assert_eq!(heard.differences(), ["text", "place"]);
    assert!(!heard.all().contains("FRAGILE") && !heard.all().contains("cellar"), "{}", heard.all());

    let quiet = Heard::default();
    let made = world.create(&whole("quiet")).with_subscriber(quiet.subscriber()).await;
    assert_eq!((errors(&made.diagnostics), quiet.differences()), (nothing(), nothing()));
}

#[tokio::test]
async fn a_computed_value_that_is_never_set_is_named() {
    let mut world = World::new().await;
    for (name, path) in [("unweighed", "weight"), ("unnumbered", "layers[0].serial, layers[1].serial")] {
        let made = world.create(&whole(name)).await;
        let told = errors(&made.diagnostics);
        assert!(told[0].starts_with(&format!("the provider did not set {path}: ")), "{told:?}");
        for part in ["This is a fault of the provider.", "the shop's counter", "tainted"] {
            assert!(told[0].contains(part), "{part} is not in {told:?}");
        }
        assert!(path.starts_with(place(&made.diagnostics[0]).split('[').next().unwrap()));
        // What was created is not lost.
        assert_eq!((made.state.get("name"), made.state.get("text")), (&name.into(), &"fragile".into()));
        assert!(made.state.is_wholly_known());
    }
    assert_eq!(world.create(&whole("unweighed")).await.state.get("weight"), &Value::Null);
    // A refresh keeps what was there.
    let state = world.created(&whole("unread")).await;
    let read = world.read(&state).await;
    assert!(errors(&read.diagnostics)[0].starts_with("the provider did not set weight"), "{:?}", read.diagnostics);
    assert_eq!(read.state, state);
}

#[tokio::test]
async fn an_explicit_null_is_a_value() {
    let mut world = World::new().await;
    let state = world.created(&json!({"name": "light"})).await;
    assert_eq!(state.get("weight"), &Value::Null);
    let read = world.read(&state).await;
    assert_eq!((errors(&read.diagnostics), read.state), (nothing(), state));
}

#[tokio::test]
async fn a_data_source_and_an_ephemeral_resource_set_all_that_they_compute() {
    let mut world = World::new().await;
    let named = |name: &str| Value::Map([("name".to_owned(), name.into()), ("pieces".to_owned(), Value::Null)].into());
    let ty = tfplugin::testing::Client::<super::Shop>::data_object("shop_stock").unwrap().value_type();
    let found = world.client.read_data("shop_stock", &ty, &named("nobody counts")).await.unwrap();
    assert!(errors(&found.diagnostics)[0].starts_with("the provider did not set pieces"), "{:?}", found.diagnostics);
}
