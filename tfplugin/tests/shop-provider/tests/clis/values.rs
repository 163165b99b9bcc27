//! Values that come back as they were written: numbers of any size, anything at all, lengths of time, empty blocks.

use serde_json::json;

use super::{cabinet, for_each_cli, project, thing};

const ADDRESS: &str = "shop_thing.one";

#[test]
fn numbers_are_as_exact_as_those_of_the_clis() {
    for_each_cli(|cli| {
        let project = project(cli);
        for weight in ["123456789012345678901234567890123456789012345.5", "1e-300", "9007199254740993"] {
            let output = format!("output \"is_same\" {{\n  value = {ADDRESS}.weight == {weight}\n}}\n");
            project.apply(&format!("{}{output}", thing(&format!("weight = {weight}"))));
            let told = project.run(&["output", "-json", "is_same"]).expect_success();
            assert_eq!(told.json(), json!(true), "{weight}");
        }
        project.destroy();
    });
}

#[test]
fn anything_may_become_anything_else() {
    for_each_cli(|cli| {
        let project = project(cli);
        let extras = [
            ("\"a\"", json!("a")),
            ("{ a = [1, null] }", json!({"a": [1, null]})),
            ("null", json!(null)),
            ("tostring(null)", json!(null)),
            ("7", json!(7)),
        ];
        for (extra, seen) in extras {
            project.apply(&thing(&format!("extra = {extra}")));
            project.expect_attribute(ADDRESS, "extra", seen);
        }
        let later = "resource \"terraform_data\" \"later\" {\n  input = { b = true }\n}\n";
        let unknown = format!("{}{later}", thing("extra = terraform_data.later.output"));
        assert!(project.plan(&unknown).output().text.contains("(known after apply)"));
        project.apply(&unknown);
        project.expect_attribute(ADDRESS, "extra", json!({"b": true}));
        project.destroy();
    });
}

#[test]
fn lengths_of_time_are_exact_and_keep_their_spelling() {
    for_each_cli(|cli| {
        let project = project(cli);
        for length in ["1500us", "90m", "2.5h", "1ns"] {
            project.apply(&thing(&format!("shelf_life = \"{length}\"\n  breaks = [\"{length}\", \"7m\"]")));
            project.expect_attribute(ADDRESS, "shelf_life", json!(length));
        }
        // Two spellings of the same, and what is in an object of a set.
        project.apply(&thing("breaks = [\"90m\", \"1h30m\"]"));
        project.expect_attribute(ADDRESS, "breaks", json!(["1h30m", "90m"]));
        project.apply(&cabinet("handles = [{ material = \"tin\", lasts = \"90m\" }]"));
        project.expect_attribute(
            "shop_cabinet.one",
            "handles",
            json!([{"material": "tin", "count": null, "lasts": "90m"}]),
        );
        project.destroy();
    });
}

#[test]
fn an_empty_block_is_another_thing_than_none() {
    for_each_cli(|cli| {
        let project = project(cli);
        let empty = json!({"create": null, "update": null, "delete": null});
        project.apply(&thing("timeouts {}"));
        project.expect_attribute(ADDRESS, "timeouts", empty.clone());
        project.apply(&thing("timeouts {\n    create = \"5m\"\n  }"));
        project.apply(&format!(
            "variable \"t\" {{\n  default = null\n}}\n{}",
            thing("timeouts {\n    create = var.t\n  }")
        ));
        project.expect_attribute(ADDRESS, "timeouts", empty);
        project.apply(&thing(""));
        project.expect_attribute(ADDRESS, "timeouts", json!(null));
        project.destroy();
    });
}

#[test]
fn what_was_waited_for_in_vain_is_kept_and_said_to_be_tainted() {
    for_each_cli(|cli| {
        let project = project(cli);
        let slow = thing("timeouts {\n    create = \"1ms\"\n  }").replace("\"lamp\"", "\"slow\"");
        project.expect_apply_failure(
            &slow,
            &[
                "cannot wait any longer for the paint",
                "After 1ms: it is wet",
                "Where there are `timeouts`, they set the limit.",
                "saved as tainted and will be replaced by the next apply. To keep it, run `untaint`",
            ],
        );
        project.expect_attribute(ADDRESS, "id", "id-slow");
        project.run(&["untaint", ADDRESS]).expect_success();
        project.expect_no_changes();
        project.destroy();
    });
}
