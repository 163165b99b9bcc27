//! Blocks: exactly one, one at most, a list, a set, a map and an object, and each of them within another block.

use serde_json::json;
use tfplugin::Value;
use tfplugin::protocol::messages::schema::NestedBlock;
use tfplugin::protocol::messages::schema::nested_block::NestingMode;

use super::{CABINET, World, full};

/// The kinds of blocks in `blocks`, each with its nesting, the least number and the most.
fn kinds(blocks: &[NestedBlock]) -> Vec<(&str, NestingMode, i64, i64)> {
    blocks.iter().map(|one| (one.type_name.as_str(), one.nesting(), one.min_items, one.max_items)).collect()
}

#[tokio::test]
async fn the_schema_says_how_many_and_how_they_are_held() {
    let mut world = World::new().await;
    let schemas = world.client.schemas().await.unwrap().resource_schemas;
    let blocks = &schemas[CABINET].block.as_ref().unwrap().block_types;
    let expected = [
        ("door", NestingMode::List, 1, 1),
        ("lock", NestingMode::List, 0, 1),
        ("board", NestingMode::List, 0, 3),
        ("hook", NestingMode::Set, 0, 0),
        ("lamp", NestingMode::List, 0, 1),
    ];
    assert_eq!(kinds(blocks), expected);
    let inside = |name: &str| {
        let block = blocks.iter().find(|block| block.type_name == name).unwrap();
        kinds(&block.block.as_ref().unwrap().block_types)
    };
    assert_eq!(inside("door"), [("hinge", NestingMode::List, 1, 2)]);
    let in_a_board =
        [("label", NestingMode::Map, 0, 0), ("edge", NestingMode::Single, 0, 0), ("hook", NestingMode::Set, 0, 0)];
    assert_eq!(inside("board"), in_a_board);
    assert_eq!(inside("hook"), [("screw", NestingMode::List, 0, 0)]);
}

#[tokio::test]
async fn they_are_made_and_read_at_any_depth() {
    let mut world = World::new().await;
    let made = world.create(&full()).await;
    let hinges = made.get("door").as_items().unwrap()[0].get("hinge").as_items().unwrap();
    assert_eq!((hinges[0].get("side"), hinges[1].get("side")), (&"right".into(), &"left".into()));
    let lock = &made.get("lock").as_items().unwrap()[0];
    assert_eq!((lock.get("code"), lock.get("turns")), (&Value::Null, &6.into()), "the code was seen and not stored");
    let boards = made.get("board").as_items().unwrap();
    let labels = boards[0].get("label");
    assert_eq!((labels.get("left").get("text"), labels.get("right").get("text")), (&"cups".into(), &"empty".into()));
    assert_eq!(boards[0].get("edge").get("material"), &"steel".into());
    assert_eq!(boards[1].get("edge"), &Value::Null, "an object that is left out is none");
    assert_eq!(boards[1].get("hook").as_items().unwrap().len(), 2);
    let screws = made.get("hook").as_items().unwrap()[0].get("screw").as_items().unwrap();
    assert_eq!(screws[1].get("length"), &6.into());
    let read = world.client.read(CABINET, &world.ty, &made).await.unwrap();
    assert_eq!(read.state, made);
    let imported = world.client.import(CABINET, &world.ty, "id-oak").await.unwrap();
    assert_eq!(imported.state, made);
}

#[tokio::test]
async fn what_is_left_out_is_empty_and_never_null() {
    let mut world = World::new().await;
    let made = world.create(&json!({"board": [{"height": 1}]})).await;
    assert_eq!(made.get("lock"), &Value::List(vec![]));
    assert_eq!(made.get("hook"), &Value::Set(vec![]));
    let board = &made.get("board").as_items().unwrap()[0];
    assert_eq!((board.get("label"), board.get("hook")), (&Value::Map([].into()), &Value::Set(vec![])));
}

#[tokio::test]
async fn a_block_inside_can_need_a_new_resource() {
    let mut world = World::new().await;
    let made = world.create(&json!({})).await;
    let config = world.config(&json!({"door": [{"material": "glass", "hinge": [{}]}]}));
    let mut proposed = made.clone();
    proposed.put("door", config.get("door").clone());
    let planned = world.plan(&made, &config, &proposed).await;
    assert_eq!(planned.requires_replace.len(), 1);
    assert!(planned.requires_replace[0].contains("door") && planned.requires_replace[0].contains("material"));
}

#[tokio::test]
async fn a_block_that_goes_can_need_a_new_resource() {
    let mut world = World::new().await;
    let made = world.create(&json!({"lock": [{"kind": "padlock"}]})).await;
    let config = world.config(&json!({}));
    let mut proposed = made.clone();
    proposed.put("lock", config.get("lock").clone());
    let planned = world.plan(&made, &config, &proposed).await;
    assert_eq!(planned.requires_replace.len(), 1);
    assert!(planned.requires_replace[0].contains("lock") && planned.requires_replace[0].contains("kind"));
}

#[tokio::test]
async fn what_is_wrong_in_a_block_is_told_at_its_attribute() {
    let mut world = World::new().await;
    let mut config = world.config(&json!({"board": [{"height": 1}, {"height": 2}]}));
    let mut boards = config.get("board").as_items().unwrap().to_vec();
    boards[1].put("height", Value::Number("1.5".parse().unwrap()));
    config.put("board", Value::List(boards));
    let told = world.validate(&config).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].summary, "invalid value for board[1].height");
    assert_eq!(told[0].attribute.as_ref().unwrap().steps.len(), 3);
}
