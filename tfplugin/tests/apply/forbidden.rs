//! What a schema forbids is refused at its attribute, when a configuration is validated and again when more is known.

use serde_json::json;
use tfplugin::testing::client::errors;
use tfplugin::testing::{Client, configuration};
use tfplugin::{Model, Value};

use super::{CARTON, Shop, World, nothing, place, shop, whole};

/// `whole` with `value` at `path`.
fn with(whole: &Value, path: &[&str], value: &Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return value.clone() };
    match whole {
        Value::List(items) | Value::Set(items) => {
            let items: Vec<_> = items.iter().map(|item| with(item, path, value)).collect();
            if matches!(whole, Value::Set(_)) { Value::set(items) } else { Value::List(items) }
        }
        object => {
            let mut object = object.clone();
            object.put(first, with(object.get(first), rest, value));
            object
        }
    }
}

#[tokio::test]
async fn a_read_only_attribute_is_not_configured() {
    let mut world = World::new().await;
    let sound = world.config(&whole("box"));
    for (path, at) in [(&["weight"][..], "weight"), (&["id"], "id"), (&["layers", "serial"], "layers[0]")] {
        let value = if path == ["weight"] { Value::from(1) } else { "x".into() };
        let config = with(&sound, path, &value);
        let told = world.validate(&config).await;
        assert_eq!(place(&told[0]), at, "{told:?}");
        assert!(told[0].summary.starts_with(&format!("cannot set {at}")), "{told:?}");
        assert!(told[0].detail.contains("read-only"), "{told:?}");
        // Until it is known, it may be null.
        let unknown = with(&sound, path, &Value::Unknown);
        assert_eq!(world.validate(&unknown).await, []);
        let planned = world.client.plan(CARTON, &world.ty, (&Value::Null, &config, &config)).await.unwrap();
        assert!(errors(&planned.diagnostics)[0].starts_with("cannot set "), "{:?}", planned.diagnostics);
        let plan = world.plan(&Value::Null, &sound, &sound).await.state;
        let applied = world.client.apply(CARTON, &world.ty, (&Value::Null, &config, &plan)).await.unwrap();
        assert!(errors(&applied.diagnostics)[0].starts_with("cannot set "), "{:?}", applied.diagnostics);
        assert_eq!(applied.state, Value::Null, "nothing was created");
    }
}

#[tokio::test]
async fn a_required_attribute_is_not_null() {
    let mut world = World::new().await;
    let sound = world.config(&whole("box"));
    for (path, at) in [(&["name"][..], "name"), (&["layers", "material"], "layers[0]"), (&["slot", "name"], "slot")] {
        let config = with(&sound, path, &Value::Null);
        let told = world.validate(&config).await;
        assert_eq!(place(&told[0]), at, "{told:?}");
        assert!(told[0].summary.starts_with("missing value for "), "{told:?}");
        assert!(told[0].detail.contains("required"), "{told:?}");
        assert_eq!(world.validate(&with(&sound, path, &Value::Unknown)).await, []);
        let planned = world.client.plan(CARTON, &world.ty, (&Value::Null, &config, &config)).await.unwrap();
        assert!(errors(&planned.diagnostics)[0].starts_with("missing value for "), "{:?}", planned.diagnostics);
        let plan = world.plan(&Value::Null, &sound, &sound).await.state;
        let applied = world.client.apply(CARTON, &world.ty, (&Value::Null, &config, &plan)).await.unwrap();
        assert!(errors(&applied.diagnostics)[0].starts_with("missing value for "), "{:?}", applied.diagnostics);
        assert_eq!(applied.state, Value::Null, "nothing was created");
    }
}

#[tokio::test]
async fn of_data_sources_too() {
    let mut world = World::new().await;
    let object = Client::<Shop>::data_object("shop_stock").unwrap();
    let ty = object.value_type();
    for (json, summary) in
        [(json!({"name": "bulb", "pieces": 3}), "cannot set pieces"), (json!({}), "missing value for name")]
    {
        let config = configuration(&object, &json).unwrap();
        let told = world.client.validate_data("shop_stock", &ty, &config).await.unwrap();
        assert_eq!(told[0].summary, summary);
        let read = world.client.read_data("shop_stock", &ty, &config).await.unwrap();
        assert!(errors(&read.diagnostics)[0].starts_with(summary), "{:?}", read.diagnostics);
    }
}

/// What a variable leaves null is known only when the provider is configured.
#[tokio::test]
async fn of_the_provider_block_too() {
    let mut client = Client::<Shop>::default();
    let mut config = shop::Config::object().empty();
    config.put("branch", Value::List(vec![Value::Map([("town".to_owned(), Value::Null)].into())]));
    let told = client.configure(&config).await.unwrap();
    assert_eq!(errors(&told).len(), 1, "{told:?}");
    assert_eq!(told[0].summary, "missing value for branch[0].town");
    config.put("branch", Value::List(vec![Value::Map([("town".to_owned(), Value::Unknown)].into())]));
    assert_eq!(errors(&client.configure(&config).await.unwrap()), nothing());
}
