//! States and identities that older versions of the provider have written, as they lie in a file.

use std::fs;

use serde_json::{Value as Json, json};
use tfplugin::testing::{Cli, Project};

use super::{cabinet, for_each_cli, project};

/// Makes the state of the one resource another one, as an older version of the provider would have written it.
pub fn rewrite(project: &Project, change: impl FnOnce(&mut Json)) {
    let path = project.folder().join("terraform.tfstate");
    let mut state: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut state["resources"][0]["instances"][0]);
    fs::write(path, state.to_string()).unwrap();
}

/// The same, read.
fn instance(project: &Project) -> Json {
    let text = fs::read_to_string(project.folder().join("terraform.tfstate")).unwrap();
    serde_json::from_str::<Json>(&text).unwrap()["resources"][0]["instances"][0].take()
}

const DRAWERS: &str = "drawers = [{ material = \"oak\", height = 20 }]\n handles = [{ material = \"iron\" }]";

/// `instance` as `version` of the provider would have written it.
fn aged(instance: &mut Json, version: i64) {
    instance["schema_version"] = version.into();
    let attributes = instance["attributes"].as_object_mut().unwrap();
    attributes["drawers"][0]["height"] = 200.into();
    if version < 2 {
        attributes.remove("handles");
        attributes.insert("handle".to_owned(), "iron".into());
    }
    if version < 1 {
        let name = attributes.remove("name").unwrap();
        attributes.insert("title".to_owned(), name);
    }
}

#[test]
fn a_state_is_brought_up_to_date_over_several_versions() {
    for_each_cli(|cli| {
        for version in [0, 1, 2] {
            let project = project(cli);
            project.apply(&cabinet(DRAWERS));
            assert_eq!(instance(&project)["schema_version"], 3);
            rewrite(&project, |instance| aged(instance, version));
            // Not even what is there is asked: the state says it all.
            let told = project.run(&["plan", "-detailed-exitcode", "-refresh=false"]);
            assert_eq!(told.code, 0, "from version {version}:\n{}", told.text);
            project.expect_no_changes();
            project.apply(&cabinet(&DRAWERS.replace("20", "30")));
            let instance = instance(&project);
            assert_eq!((&instance["schema_version"], &instance["attributes"]["name"]), (&json!(3), &json!("oak")));
            assert_eq!(instance["attributes"]["drawers"][0]["height"], 30);
            assert_eq!(instance["attributes"]["handles"], json!([{"material": "iron", "count": null, "lasts": null}]));
            assert_eq!(
                (&instance["attributes"]["title"], &instance["attributes"]["handle"]),
                (&json!(null), &json!(null))
            );
            project.destroy();
        }
    });
}

#[test]
fn what_an_older_version_left_behind_is_taken_away() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.apply(&cabinet(DRAWERS));
        rewrite(&project, |instance| aged(instance, 0));
        project.destroy();
        assert_eq!(fs::read_to_string(project.folder().join("ledger.json")).unwrap(), "{}");
    });
}

#[test]
fn a_state_that_cannot_be_brought_up_to_date_is_refused() {
    for_each_cli(|cli| {
        let project = project(cli);
        project.apply(&cabinet(DRAWERS));
        rewrite(&project, |instance| {
            aged(instance, 2);
            instance["attributes"]["drawers"][0]["height"] = json!("high");
        });
        project.expect_refused(&cabinet(DRAWERS), &["a drawer has no height"]);
    });
}

/// OpenTofu and Terraform keep identities from version 1.12 on.
fn identity_is_brought_up_to_date(name: &str) {
    let Some(cli) = Cli::all().into_iter().find(|cli| cli.name == name) else {
        return println!("skipped: {name} is not here");
    };
    if cli.version() < (1, 12, 0) {
        return println!("skipped: {name} keeps identities from version 1.12 on, here is {:?}", cli.version());
    }
    for (version, identity) in [(0, json!({"title": "cabinet oak"})), (1, json!({"name": "cabinet oak"}))] {
        let project = project(&cli);
        project.apply(&cabinet(""));
        let saved = |instance: &Json| (instance["identity_schema_version"].clone(), instance["identity"].clone());
        let current = (json!(2), json!({"name": "oak"}));
        assert_eq!(saved(&instance(&project)), current);
        rewrite(&project, |instance| {
            instance["identity_schema_version"] = version.into();
            instance["identity"] = identity;
        });
        project.expect_no_changes();
        project.apply(&cabinet("drawers = []"));
        assert_eq!(saved(&instance(&project)), current);
        project.destroy();
    }
}

#[test]
fn an_identity_is_brought_up_to_date_with_opentofu() {
    identity_is_brought_up_to_date("tofu");
}

#[test]
fn an_identity_is_brought_up_to_date_with_terraform() {
    identity_is_brought_up_to_date("terraform");
}
