//! What is not to be used any more: a warning says so, once, and what to use instead.

use super::{cabinet, for_each_cli, project, with_provider};

#[test]
fn a_warning_says_what_to_use_instead() {
    for_each_cli(|cli| {
        let project = project(cli);
        for (configuration, texts) in [
            (cabinet("boxes = 2"), ["boxes is deprecated", "Use `drawers`.", "boxes = 2"]),
            (cabinet("lamp {\n lumens = 400\n }"), ["lamp is deprecated", "Open the door.", "lamp {"]),
            (
                with_provider("resource \"shop_bench\" \"one\" {\n  name = \"park\"\n}\n"),
                ["shop_bench is deprecated", "Stand, or use `shop_cabinet`.", "resource \"shop_bench\" \"one\""],
            ),
        ] {
            let plan = project.plan(&configuration);
            let told = plan.output();
            told.clone().expect_texts(&texts);
            assert_eq!(told.text.matches("Warning: ").count(), 1, "it is not told once:\n{}", told.text);
        }
        let told = project.plan(&cabinet("drawers = []"));
        assert!(!told.output().text.contains("Warning: "), "{}", told.output().text);
    });
}

/// The CLIs warn of no function by themselves, and a provider has no way to; but who reads the schema is told.
#[test]
fn the_schema_of_a_cli_says_so() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.write(&cabinet(""));
        let schemas = project.run(&["providers", "schema", "-json"]).expect_success().json();
        let shop = &schemas["provider_schemas"][format!("{}/example/shop", cli.registry())];
        let cabinet = &shop["resource_schemas"]["shop_cabinet"]["block"];
        assert_eq!(cabinet["attributes"]["boxes"]["deprecated"], true);
        assert_eq!(cabinet["block_types"]["lamp"]["block"]["deprecated"], true);
        assert_eq!(shop["resource_schemas"]["shop_bench"]["block"]["deprecated"], true);
        // OpenTofu 1.12 leaves it out.
        if cli.name == "terraform" {
            assert_eq!(shop["functions"]["glue"]["deprecation_message"], "Use `join`.");
        }
    });
}
