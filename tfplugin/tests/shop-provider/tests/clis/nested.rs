//! Nested attributes as a list and as a set, and blocks of each kind, from create to destroy.

use serde_json::json;

use super::{cabinet, for_each_cli, project};

const ADDRESS: &str = "shop_cabinet.one";

#[test]
fn nested_attributes_live_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = project(cli);
        let both = |drawers: &str, handles: &str| cabinet(&format!("drawers = [{drawers}]\n handles = [{handles}]"));
        let oak = "{ material = \"oak\", compartments = [{ content = \"forks\" }, { width = 7 }] }";
        let first = both(oak, "{ material = \"iron\" }, { material = \"brass\", count = 2 }");
        project.apply(&first);
        let compartments = json!([{"content": "forks", "width": 5}, {"content": null, "width": 7}]);
        let drawers = json!([{"material": "oak", "height": 10, "serial": "d-0", "compartments": compartments}]);
        project.expect_attribute(ADDRESS, "drawers", drawers);
        project.reimport(ADDRESS, "id-oak");

        // A set has no order, a list has.
        project
            .plan(&both(oak, "{ material = \"brass\", count = 2 }, { material = \"iron\" }"))
            .expect_actions(ADDRESS, &["no-op"]);
        let second = both(&format!("{{ material = \"ash\", height = 20 }}, {oak}"), "{ material = \"iron\" }");
        project.plan(&second).expect_actions(ADDRESS, &["update"]);
        project.apply(&second);
        assert_eq!(project.attribute(ADDRESS, "drawers")[0]["height"], 20);
        assert_eq!(project.attribute(ADDRESS, "drawers")[1]["compartments"], compartments);
        project.expect_attribute(ADDRESS, "handles", json!([{"material": "iron", "count": null, "lasts": null}]));

        let later = "{ material = terraform_data.material.output, height = 5 }";
        let later = both(later, "{ material = terraform_data.material.output }");
        project.apply(&format!("{later}resource \"terraform_data\" \"material\" {{\n  input = \"elm\"\n}}\n"));
        assert_eq!(project.attribute(ADDRESS, "drawers")[0]["material"], "elm");
        project.expect_attribute(ADDRESS, "handles", json!([{"material": "elm", "count": null, "lasts": null}]));
        project.apply(&cabinet("drawers = []"));
        project.expect_attribute(ADDRESS, "drawers", json!([]));
        project.apply(&cabinet(""));
        project.expect_attribute(ADDRESS, "drawers", json!(null));
        project.destroy();
    });
}

#[test]
fn what_is_wrong_inside_is_refused() {
    for_each_cli(|cli| {
        let project = project(cli);
        for (arguments, texts) in [
            ("drawers = [{ height = 3 }]", vec!["attribute \"material\" is required"]),
            ("drawers = [null]", vec!["invalid value for drawers[0]", "It must not be null"]),
            ("handles = [null]", vec!["invalid value for handles[*]", "It must not be null"]),
            (
                "drawers = [{ material = \"oak\", height = 1.5 }]",
                vec!["drawers[0].height", "It must be a whole number"],
            ),
            ("board {\n height = 1.5\n }", vec!["invalid value for board[0].height", "height = 1.5"]),
        ] {
            project.expect_refused(&cabinet(arguments), &texts);
        }
        let boards = "board {\n height = 1\n }\n".repeat(4);
        project.expect_refused(&cabinet(&boards), &["Too many board blocks"]);
    });
}

#[test]
fn blocks_live_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = project(cli);
        let first = cabinet(
            r#"
            lock { code = "sesame" }
            board {
              height = 30
              label "left" { text = "cups" }
              label "right" {}
              edge { material = "steel" }
            }
            board {
              height = 60
              hook {
                content = "cup"
                screw { length = 3 }
              }
              hook { content = "can" }
            }
            hook { content = "coat" }"#,
        );
        project.apply(&first);
        project.expect_attribute(ADDRESS, "lock", json!([{"code": null, "kind": null, "turns": 6}]));
        let boards = project.attribute(ADDRESS, "board");
        assert_eq!(boards[0]["label"], json!({"left": {"text": "cups"}, "right": {"text": "empty"}}));
        assert_eq!(boards[0]["edge"], json!({"material": "steel"}));
        assert_eq!(boards[1]["edge"], json!(null));
        assert_eq!(boards[1]["hook"].as_array().unwrap().len(), 2);
        project.reimport(ADDRESS, "id-oak");
        // Without the `lock` block, and one board less.
        let second = cabinet("board {\n height = 60\n hook {\n content = \"can\"\n }\n }");
        project.plan(&second).expect_actions(ADDRESS, &["update"]);
        project.apply(&second);
        project.expect_attribute(ADDRESS, "lock", json!([]));
        let glass = second.replace("material = \"oak\"\n    hinge", "material = \"glass\"\n    hinge");
        project.plan(&glass).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&glass);
        project.destroy();
    });
}

#[test]
fn a_block_that_goes_can_need_a_new_resource() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.apply(&cabinet("lock {\n  kind = \"padlock\"\n }"));
        project.plan(&cabinet("")).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&cabinet("lock {\n }"));
        project.plan(&cabinet("")).expect_actions(ADDRESS, &["update"]);
        project.destroy();
    });
}
