//! Functions in expressions: with null, with what is not known yet, and with arguments that are wrong.

use serde_json::json;

use super::{for_each_cli, project, with_provider};

/// Outputs of these names and expressions, and what is known only after apply.
fn outputs(outputs: &[(&str, &str)]) -> String {
    let outputs = outputs.iter().map(|(name, value)| format!("output \"{name}\" {{\n  value = {value}\n}}\n"));
    let required =
        "terraform {\n  required_providers {\n    shop = {\n      source = \"example/shop\"\n    }\n  }\n}\n";
    let later = "resource \"terraform_data\" \"later\" {\n  input = \"b\"\n}\n";
    format!("{}{}{later}{}", required, with_provider(""), outputs.collect::<String>())
}

#[test]
fn null_and_unknown_reach_those_that_want_them() {
    for_each_cli(|cli| {
        let project = project(cli);
        let text = outputs(&[
            // Of a null of no type the CLIs never know what a function makes of it.
            ("null", "provider::shop::describe(tostring(null), \"nothing\")"),
            ("both", "provider::shop::describe(tostring(null), null) == null"),
            ("any", "provider::shop::describe({ a = 1 }, null)"),
            ("unknown", "provider::shop::describe(terraform_data.later.output, null)"),
            ("later", "provider::shop::join(\"-\", \"a\", terraform_data.later.output)"),
        ]);
        let plan = project.plan(&text);
        plan.output().clone().expect_texts(&["= \"not known yet\"", "(known after apply)"]);
        project.run(&["apply", "-auto-approve"]).expect_success();
        let told = project.run(&["output", "-json"]).expect_success().json();
        let values = ["null", "both", "any", "later"].map(|name| told[name]["value"].clone());
        assert_eq!(values, ["nothing".into(), json!(true), "{\"a\":1}".into(), "a-b".into()]);
        project.destroy();
    });
}

#[test]
fn the_argument_at_fault_is_told() {
    for_each_cli(|cli| {
        let project = project(cli);
        for (call, texts) in [
            ("join(\"-\", \"a\", \"\")", ["a word is empty", "words"]),
            ("join(\"-\")", ["there is nothing to join", "words"]),
            ("join(\"long long\", \"a\")", ["separator", "3"]),
            ("join(\"-\", null)", ["null", "words"]),
        ] {
            project.expect_refused(&outputs(&[("wrong", &format!("provider::shop::{call}"))]), &texts);
        }
    });
}
