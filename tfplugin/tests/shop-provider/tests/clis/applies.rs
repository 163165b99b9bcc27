//! What a CLI shows of an apply: what a schema forbids, values that are never set, what is kept after a failure, null and
//! empty as one value, and states that can't be read.

use serde_json::json;
use tfplugin::testing::Project;

use super::older::rewrite;
use super::{for_each_cli, project, with_provider};

const ADDRESS: &str = "shop_carton.one";

fn carton(name: &str, arguments: &str) -> String {
    with_provider(&format!("resource \"shop_carton\" \"one\" {{\n  name = \"{name}\"\n{arguments}\n}}\n"))
}

#[test]
fn what_a_schema_forbids_is_refused_when_it_is_validated() {
    for_each_cli(|cli| {
        let project = project(cli);
        let nothing = "variable \"nothing\" {\n  type = string\n  default = null\n}\n";
        for (configuration, texts) in [
            (carton("box", "weight = 3"), ["cannot set weight", "read-only", "weight = 3"]),
            (
                carton("box", "layers = [{ material = \"foam\", serial = \"1\" }]"),
                ["cannot set layers[0].serial", "read-only", "layers = "],
            ),
            (
                carton("box", "layers = [{ material = var.nothing }]"),
                ["missing value for layers[0].material", "required", "layers = "],
            ),
            (carton("box", "slot {\n name = var.nothing\n }"), ["missing value for slot[*].name", "required", "slot"]),
            (
                with_provider("resource \"shop_bench\" \"one\" {\n  name = var.nothing\n}\n"),
                ["missing value for name", "required", "name = var.nothing"],
            ),
            (
                with_provider("data \"shop_stock\" \"one\" {\n  name = var.nothing\n}\n"),
                ["missing value for name", "required", "name = var.nothing"],
            ),
        ] {
            let configuration = format!("{configuration}{nothing}");
            project.write(&configuration);
            project.run(&["validate"]).expect_failure(&texts);
        }
        // What is known only at apply is refused then, and nothing is created.
        let later = "resource \"terraform_data\" \"later\" {\n  input = null\n}\n";
        project.write(&format!("{}{later}", carton("box", "layers = [{ material = terraform_data.later.output }]")));
        project.run(&["apply", "-auto-approve"]).expect_failure(&["layers[0].material", "required"]);
        project.write(&carton("box", ""));
        project.run(&["plan"]).expect_success().expect_texts(&["1 to add"]);
    });
}

#[test]
fn a_provider_block_is_held_to_its_schema() {
    for_each_cli(|cli| {
        let project = project(cli);
        let text = "variable \"nothing\" {\n  type = string\n  default = null\n}\nprovider \"shop\" {\n  branch {\n    \
                    town = var.nothing\n  }\n}\nresource \"shop_bench\" \"one\" {\n  name = \"park\"\n}\n";
        project.write(text);
        project.run(&["plan"]).expect_failure(&["missing value for branch[0].town", "required"]);
    });
}

/// Applies what fails, and is kept; destroys it.
fn expect_kept(project: &Project, name: &str, texts: &[&str]) {
    project.write(&carton(name, "text = \"fragile\""));
    project.run(&["apply", "-auto-approve"]).expect_failure(texts);
    let state = project.run(&["show", "-json"]).expect_success().json();
    let kept = &state["values"]["root_module"]["resources"][0];
    assert_eq!((&kept["tainted"], &kept["values"]["text"]), (&json!(true), &json!("fragile")), "{state}");
    project.destroy();
}

#[test]
fn nothing_that_was_created_is_lost() {
    for_each_cli(|cli| {
        let project = project(cli);
        for (name, text) in [
            ("dropped", "the carton was dropped"),
            ("burst", "the provider panicked at shop_carton"),
            ("vanished", "the carton is not there"),
            ("unweighed", "the provider did not set weight"),
        ] {
            expect_kept(&project, name, &[text, "was saved as tainted"]);
        }
    });
}

#[test]
fn the_result_of_an_apply_is_the_plan() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.write(&carton("loud", "text = \"fragile\"\n place = \"attic\""));
        let log = [("TF_LOG_PROVIDER", Some("WARN"))];
        let told = project.run_with(&["apply", "-auto-approve"], &log).expect_success();
        let told = told.expect_texts(&["differs=text", "differs=place"]);
        assert!(!told.text.contains("FRAGILE") && !told.text.contains("cellar"), "{}", told.text);
        project.expect_attribute(ADDRESS, "text", "fragile");
        project.expect_attribute(ADDRESS, "weight", 100);
        project.expect_no_changes();
        project.destroy();
    });
}

#[test]
fn null_and_empty_are_one_value() {
    for_each_cli(|cli| {
        let project = project(cli);
        let empty = "text = \"\"\n words = []\n notes = {}\n lid = {}\n slot {\n name = \"left\"\n fits = []\n }";
        let null = "slot {\n name = \"left\"\n }";
        let all = |arguments: &str| carton("box", &format!("colours = [\"fast\"]\n{arguments}"));
        project.apply(&all(empty));
        project.expect_attribute(ADDRESS, "text", "");
        project.expect_attribute(ADDRESS, "words", json!([]));
        project.expect_no_changes();
        // An update of this carton would fail, and another one is not needed.
        for (arguments, text) in [(null, json!(null)), (empty, json!(""))] {
            project.plan(&all(arguments)).expect_actions(ADDRESS, &["update"]);
            project.apply(&all(arguments));
            project.expect_attribute(ADDRESS, "text", text);
            project.expect_no_changes();
        }
        project.destroy();
    });
}

#[test]
fn what_is_wrong_with_a_state_is_said_of_the_state() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.apply(&carton("box", "words = [\"up\"]"));
        rewrite(&project, |instance| instance["attributes"]["words"] = json!({"up": true}));
        let texts = ["the saved state of shop_carton cannot be read", "At words: ", "configuration is not the cause"];
        let told = project.run(&["plan"]).expect_failure(&texts);
        assert!(!told.text.contains("words = ["), "no line of the configuration is at fault:\n{}", told.text);
        rewrite(&project, |instance| {
            instance["attributes"]["words"] = json!(["up"]);
            instance["attributes"]["name"] = json!(null);
        });
        let texts = ["the saved state of shop_carton cannot be read", "At name: name is missing."];
        let told = project.run(&["plan"]).expect_failure(&texts);
        assert!(!told.text.contains("name = "), "no line of the configuration is at fault:\n{}", told.text);
    });
}
