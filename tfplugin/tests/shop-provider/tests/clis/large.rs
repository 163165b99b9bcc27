//! A schema of 5 MB, which is more than gRPC lets through by itself.

use super::{for_each_cli, project, thing};

#[test]
fn a_schema_of_five_megabytes_passes() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.write(&thing(""));
        let large = [("SHOP_SCHEMA_MEGABYTES", Some("5"))];
        let schemas = project.run_with(&["providers", "schema", "-json"], &large).expect_success();
        let attributes = &schemas.json()["provider_schemas"][format!("{}/example/shop", cli.registry())];
        assert!(attributes["resource_schemas"]["shop_thing"].is_object());
        let plan = project.run_with(&["plan"], &large).expect_success();
        plan.expect_texts(&["shop_thing.one will be created"]);
    });
}
