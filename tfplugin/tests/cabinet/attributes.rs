//! Nested attributes as a list and as a set: each through validate, plan, apply and read.

use serde_json::json;
use tfplugin::Value;
use tfplugin::protocol::messages::attribute_path::step::Selector::{AttributeName, ElementKeyInt};
use tfplugin::protocol::messages::schema::object::NestingMode;

use super::{CABINET, World, errors};

#[tokio::test]
async fn the_schema_says_how_they_are_nested() {
    let mut world = World::new().await;
    let schemas = world.client.schemas().await.unwrap().resource_schemas;
    let attributes = &schemas[CABINET].block.as_ref().unwrap().attributes;
    let nested = |name: &str| {
        let attribute = attributes.iter().find(|attribute| attribute.name == name).unwrap();
        assert!(attribute.r#type.is_empty(), "{name} has a type of its own and one that is nested");
        attribute.nested_type.clone().unwrap()
    };
    let (drawers, handles) = (nested("drawers"), nested("handles"));
    assert_eq!((drawers.nesting(), handles.nesting()), (NestingMode::List, NestingMode::Set));
    let compartments = drawers.attributes.iter().find(|attribute| attribute.name == "compartments").unwrap();
    assert_eq!(compartments.nested_type.as_ref().unwrap().nesting(), NestingMode::List);
    let height = drawers.attributes.iter().find(|attribute| attribute.name == "height").unwrap();
    assert!(height.optional && height.computed, "one with a default may be left out");
}

#[tokio::test]
async fn they_are_made_and_read_with_the_defaults_inside() {
    let mut world = World::new().await;
    let given = json!({
        "drawers": [{"material": "oak", "compartments": [{"content": "forks"}, {"width": 7}]}, {"material": "ash"}],
        "handles": [{"material": "iron"}, {"material": "brass", "count": 2}, {"material": "iron"}],
    });
    let config = world.config(&given);
    let planned = world.plan(&Value::Null, &config, &config).await.state;
    let drawer = |at: usize| planned.get("drawers").as_items().unwrap()[at].clone();
    assert_eq!(drawer(0).get("height"), &10.into());
    assert_eq!(drawer(0).get("serial"), &Value::Unknown);
    assert_eq!(
        drawer(0).get("compartments").as_items().unwrap()[0].get("width"),
        &5.into(),
        "a list in a list has its defaults"
    );
    assert_eq!(
        drawer(0).get("compartments").as_items().unwrap()[1].get("width"),
        &7.into(),
        "what is configured stays"
    );
    assert_eq!(drawer(1).get("compartments"), &Value::Null, "a list that is left out is not an empty one");

    let made = world.apply(&Value::Null, &config, &planned).await.state;
    let serial = |at: usize| made.get("drawers").as_items().unwrap()[at].get("serial").clone();
    assert_eq!((serial(0), serial(1)), ("d-0".into(), "d-1".into()), "a list keeps its order");
    assert_eq!(made.get("handles").as_items().unwrap().len(), 2, "a set has each element once");
    let read = world.client.read(CABINET, &world.ty, &made).await.unwrap();
    assert_eq!(read.state, made);
}

#[tokio::test]
async fn an_element_more_leaves_the_others_as_they_are() {
    let mut world = World::new().await;
    let made = world.create(&json!({"drawers": [{"material": "oak"}], "handles": [{"material": "iron"}]})).await;
    let config = world.config(&json!({
        "drawers": [{"material": "oak"}, {"material": "ash"}],
        "handles": [{"material": "iron"}, {"material": "brass"}],
    }));
    // A CLI proposes what is configured, and for what is computed what was there.
    let mut proposed = made.clone();
    let mut drawers = made.get("drawers").as_items().unwrap().to_vec();
    drawers.push(config.get("drawers").as_items().unwrap()[1].clone());
    proposed.put("drawers", Value::List(drawers));
    proposed.put("handles", config.get("handles").clone());
    let planned = world.plan(&made, &config, &proposed).await;
    assert_eq!(planned.requires_replace, Vec::<String>::new());
    let drawers = planned.state.get("drawers").as_items().unwrap();
    assert_eq!(drawers[0].get("serial"), &"d-0".into(), "what is kept stays known");
    assert_eq!((drawers[1].get("serial"), drawers[1].get("height")), (&Value::Unknown, &10.into()));
    let changed = world.apply(&made, &config, &planned.state).await.state;
    assert_eq!(changed.get("drawers").as_items().unwrap()[1].get("serial"), &"d-1".into());
    assert_eq!(changed.get("handles").as_items().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_not_known_yet_is_planned_as_unknown() {
    let mut world = World::new().await;
    let known = world.config(&json!({"drawers": [{"material": "oak"}], "handles": [{"material": "iron"}]}));
    let (drawer, handle) =
        (known.get("drawers").as_items().unwrap()[0].clone(), known.get("handles").as_items().unwrap()[0].clone());
    let with = |whole: &Value, name: &str, value: Value| {
        let mut config = whole.clone();
        config.put(name, value);
        config
    };
    let unknown = |whole: &Value, name: &str| with(whole, name, Value::Unknown);
    for config in [
        unknown(&known, "drawers"),
        unknown(&known, "handles"),
        with(&known, "drawers", Value::List(vec![drawer.clone(), Value::Unknown])),
        with(&known, "handles", Value::set([handle.clone(), Value::Unknown])),
        with(&known, "drawers", Value::List(vec![unknown(&drawer, "material")])),
        with(&known, "drawers", Value::List(vec![unknown(&drawer, "height")])),
        with(&known, "drawers", Value::List(vec![unknown(&drawer, "compartments")])),
        with(&known, "handles", Value::set([unknown(&handle, "material"), unknown(&handle, "material")])),
    ] {
        assert_eq!(world.validate(&config).await, [], "{config:?}");
        let planned = world.plan(&Value::Null, &config, &config).await.state;
        assert_eq!(planned.get("handles"), config.get("handles"), "nothing in a set is computed");
        let (planned, wanted) = (planned.get("drawers"), config.get("drawers"));
        assert_eq!(planned.is_unknown(), wanted.is_unknown());
        let [planned, wanted] = [planned, wanted].map(|value| value.as_items().unwrap_or_default());
        for (planned, wanted) in planned.iter().zip(wanted) {
            assert_eq!(planned.is_unknown(), wanted.is_unknown(), "an element is as unknown as it is configured");
            assert_eq!(planned.get("material"), wanted.get("material"));
            let height = if wanted.get("height").is_null() { Value::from(10) } else { Value::Unknown };
            assert_eq!(planned.get("height"), &height);
        }
    }
}

#[tokio::test]
async fn what_is_unknown_in_a_plan_is_made_once_it_is_known() {
    let mut world = World::new().await;
    let known = world.config(&json!({"drawers": [{"material": "oak"}], "handles": [{"material": "iron"}]}));
    let mut config = known.clone();
    config.put("drawers", Value::Unknown);
    config.put("handles", Value::set([Value::Unknown]));
    let planned = world.plan(&Value::Null, &config, &config).await.state;
    assert_eq!(planned.get("drawers"), &Value::Unknown);
    // At apply a CLI sends the configuration with everything known, planned anew.
    let planned = world.plan(&Value::Null, &known, &known).await.state;
    let made = world.apply(&Value::Null, &known, &planned).await.state;
    assert_eq!(made.get("drawers").as_items().unwrap()[0].get("height"), &10.into());
    assert!(made.is_wholly_known());
}

#[tokio::test]
async fn null_is_no_element() {
    let mut world = World::new().await;
    let at = |name: &str| vec![AttributeName(name.to_owned())];
    let first = |name: &str| vec![AttributeName(name.to_owned()), ElementKeyInt(0)];
    for (json, path, text) in [
        (json!({"drawers": [null]}), first("drawers"), "It must not be null"),
        (json!({"handles": [null]}), at("handles"), "It must not be null"),
        (json!({"drawers": [{"material": "oak", "compartments": [null]}]}), first("drawers"), "compartments[0]"),
    ] {
        let config = world.config(&json);
        let told = world.validate(&config).await;
        let texts: Vec<_> = told.iter().map(|one| format!("{}: {}", one.summary, one.detail)).collect();
        assert_eq!(told.len(), 1, "{json}: {texts:?}");
        assert!(texts[0].contains(text), "{texts:?}");
        let steps = told[0].attribute.clone().unwrap().steps;
        assert_eq!(steps.into_iter().filter_map(|step| step.selector).collect::<Vec<_>>(), path);
        let planned = world.client.plan(CABINET, &world.ty, (&Value::Null, &config, &config)).await.unwrap();
        assert_eq!(errors(&planned.diagnostics).len(), 1, "the plan refuses it too");
    }
    // Nothing at all is well, and so is an empty collection; the two are not the same.
    let made = world.create(&json!({"drawers": [], "handles": []})).await;
    assert_eq!((made.get("drawers"), made.get("handles")), (&Value::List(vec![]), &Value::Set(vec![])));
}
