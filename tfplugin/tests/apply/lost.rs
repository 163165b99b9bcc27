//! Nothing that exists is lost: whatever fails after a create has noted it.

use serde_json::json;
use tfplugin::Value;
use tfplugin::testing::client::errors;

use super::{World, whole};

#[tokio::test]
async fn what_a_create_has_noted_is_kept_whatever_fails() {
    let mut world = World::new().await;
    for (name, text) in [
        ("dropped", "the carton was dropped"),
        ("burst", "the provider panicked at shop_carton"),
        ("vanished", "the carton is not there"),
    ] {
        let made = world.create(&whole(name)).await;
        let told = errors(&made.diagnostics);
        assert!(told[0].starts_with(text) && told[0].contains("saved as tainted"), "{told:?}");
        let state = made.state;
        assert_eq!((state.get("name"), state.get("text")), (&name.into(), &"fragile".into()));
        assert_eq!((state.get("id"), state.get("weight")), (&Value::Null, &Value::Null), "nobody knows it");
        assert!(state.is_wholly_known());
    }
    // What was noted last counts.
    let late = world.create(&whole("late")).await;
    assert!(errors(&late.diagnostics)[0].starts_with("the carton is late"));
    assert_eq!(late.state.get("id"), &"id-late".into());
}

#[tokio::test]
async fn what_was_not_created_or_is_gone_again_is_not_kept() {
    let mut world = World::new().await;
    for name in ["unfolded", "torn"] {
        let made = world.create(&whole(name)).await;
        let told = errors(&made.diagnostics);
        assert!(told.len() == 1 && !told[0].contains("tainted"), "{told:?}");
        assert_eq!(made.state, Value::Null);
    }
}

#[tokio::test]
async fn after_a_panic_in_an_update_the_state_is_what_is_there() {
    let mut world = World::new().await;
    let state = world.created(&json!({"name": "box"})).await;
    let (config, planned) = world.change(&state, &json!({"name": "box", "text": "soaked"})).await;
    let changed = world.client.apply(super::CARTON, &world.ty, (&state, &config, &planned.state)).await.unwrap();
    assert!(errors(&changed.diagnostics)[0].starts_with("the provider panicked at shop_carton"));
    assert_eq!(changed.state.get("text"), &"wet".into());
}
