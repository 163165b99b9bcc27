//! What the CLIs show of a provider's log: its level, its module, and which request a line is of.

use super::{for_each_cli, project, thing};

#[test]
fn the_clis_show_each_line_with_its_level_and_its_request() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.write(&thing("secret = \"letmein\""));
        let log = |level: &str, command: &[&str]| {
            let output = project.run_with(command, &[("TF_LOG_PROVIDER", Some(level))]).expect_success();
            let of_provider = |line: &&str| line.contains("provider.terraform-provider-shop");
            output.text.lines().filter(of_provider).map(str::to_owned).collect::<Vec<_>>()
        };
        let warned = log("WARN", &["apply", "-auto-approve"]);
        let [line] = warned.as_slice() else { panic!("one warning is logged: {warned:?}") };
        for part in ["[WARN]", "the secret is weak", "rpc=ApplyResourceChange", "subject=shop_thing"] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        let told = log("DEBUG", &["plan"]);
        for rpc in ["GetProviderSchema", "ConfigureProvider", "ReadResource", "PlanResourceChange"] {
            let is_answer = |line: &&String| line.contains("answered") && line.contains(&format!("rpc={rpc}"));
            let line = told.iter().find(is_answer).unwrap_or_else(|| panic!("no line of {rpc}: {told:#?}"));
            let is_whole = ["[DEBUG]", "milliseconds=", "@module=tfplugin"].iter().all(|part| line.contains(part));
            assert!(is_whole, "{line}");
        }
    });
}
