//! What is not to be used any more: the schema says so, and so does a warning where it is used.

use serde_json::json;
use tfplugin::Value;
use tfplugin::protocol::messages::diagnostic::Severity;
use tfplugin::protocol::schema_json;

use super::{CABINET, Shop, World};

#[tokio::test]
async fn the_schema_says_so_and_what_to_use_instead() {
    let mut world = World::new().await;
    let schemas = world.client.schemas().await.unwrap();
    let cabinet = schemas.resource_schemas[CABINET].block.clone().unwrap();
    assert_eq!((cabinet.deprecated, cabinet.deprecation_message.as_str()), (false, ""));
    let boxes = cabinet.attributes.iter().find(|attribute| attribute.name == "boxes").unwrap();
    assert_eq!((boxes.deprecated, boxes.deprecation_message.as_str()), (true, "Use `drawers`."));
    let name = cabinet.attributes.iter().find(|attribute| attribute.name == "name").unwrap();
    assert_eq!((name.deprecated, name.deprecation_message.as_str()), (false, ""));
    let lamp = cabinet.block_types.iter().find(|block| block.type_name == "lamp").unwrap().block.clone().unwrap();
    assert_eq!((lamp.deprecated, lamp.deprecation_message.as_str()), (true, "Open the door."));
    let lock = cabinet.block_types.iter().find(|block| block.type_name == "lock").unwrap().block.clone().unwrap();
    assert!(!lock.deprecated);
    let bench = schemas.resource_schemas["shop_bench"].block.clone().unwrap();
    assert_eq!((bench.deprecated, bench.deprecation_message.as_str()), (true, "Stand, or use `shop_cabinet`."));
    assert_eq!(schemas.functions["glue"].deprecation_message, "Use `join`.");
    assert_eq!(schemas.functions["join"].deprecation_message, "");
}

/// The form from which documentation is made: that of `tofu providers schema -json`.
#[test]
fn the_json_of_the_schema_says_so_too() {
    let schema: serde_json::Value = serde_json::from_str(&schema_json::<Shop>()).unwrap();
    let provider = &schema["provider_schemas"]["registry.opentofu.org/example/shop"];
    let cabinet = &provider["resource_schemas"][CABINET]["block"];
    let boxes = &cabinet["attributes"]["boxes"];
    assert_eq!((&boxes["deprecated"], &boxes["deprecation_message"]), (&json!(true), &json!("Use `drawers`.")));
    assert_eq!(cabinet["attributes"]["name"]["deprecated"], json!(null));
    let lamp = &cabinet["block_types"]["lamp"]["block"];
    assert_eq!((&lamp["deprecated"], &lamp["deprecation_message"]), (&json!(true), &json!("Open the door.")));
    assert_eq!(cabinet["block_types"]["lock"]["block"]["deprecated"], json!(null));
    assert_eq!(cabinet["deprecated"], json!(null));
    assert_eq!(provider["resource_schemas"]["shop_bench"]["block"]["deprecated"], true);
    assert_eq!(provider["functions"]["glue"]["deprecation_message"], "Use `join`.");
    assert_eq!(provider["functions"]["join"]["deprecation_message"], json!(null));
}

#[tokio::test]
async fn a_warning_tells_whoever_uses_it() {
    let mut world = World::new().await;
    let mut unknown = world.config(&json!({}));
    unknown.put("boxes", Value::Unknown);
    for (config, path, summary, detail) in [
        (world.config(&json!({"boxes": 1})), 1, "boxes is deprecated", "Use `drawers`."),
        (unknown, 1, "boxes is deprecated", "Use `drawers`."),
        (world.config(&json!({"lamp": [{"lumens": 1}]})), 2, "lamp is deprecated", "Open the door."),
    ] {
        let told = world.validate(&config).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].severity(), told[0].summary.as_str()), (Severity::Warning, summary));
        assert_eq!((told[0].detail.as_str(), told[0].attribute.as_ref().unwrap().steps.len()), (detail, path));
        let planned = world.plan(&Value::Null, &config, &config).await;
        assert_eq!(planned.diagnostics, [], "once is enough");
    }
    let config = world.config(&json!({}));
    assert_eq!(world.validate(&config).await, [], "nobody is told of what isn't used");
}

#[tokio::test]
async fn a_whole_type_warns_at_its_head() {
    let mut world = World::new().await;
    let bench = super::Client::<Shop>::object("shop_bench").unwrap();
    let mut config = bench.empty();
    config.put("name", "park".into());
    let told = world.client.validate("shop_bench", &bench.value_type(), &config).await.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].severity(), told[0].summary.as_str()), (Severity::Warning, "shop_bench is deprecated"));
    assert_eq!((told[0].detail.as_str(), &told[0].attribute), ("Stand, or use `shop_cabinet`.", &None));
}
