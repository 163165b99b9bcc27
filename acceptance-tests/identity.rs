//! Import by identity: a block that names what a resource is known by, instead of an id with parts to put together.
//!
//! OpenTofu and Terraform take one from version 1.12 on.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::cases::case;
use crate::harness::{Cli, Project, REGION, block_on, one_cli, terraform};

const CLUSTER: &str = "prod";

/// One of each type that can be imported, with nothing that an import can't find out.
const CONFIGURATION: &str = r#"
resource "guardduty_detector" "one" {}

resource "guardduty_detector_feature" "one" {
  detector_id = guardduty_detector.one.id
  name        = "LAMBDA_NETWORK_LOGS"
  status      = "ENABLED"
}

resource "guardduty_filter" "one" {
  detector_id = guardduty_detector.one.id
  name        = "low"
  action      = "ARCHIVE"
  rank        = 1
  finding_criteria {
    criterion {
      field     = "severity"
      less_than = "4"
    }
  }
}

resource "guardduty_threatintelset" "one" {
  detector_id = guardduty_detector.one.id
  name        = "hostile"
  activate    = true
  format      = "TXT"
  location    = "https://s3.amazonaws.com/lists-ACCOUNT/hostile.txt"
}

resource "guardduty_ecs_runtime_monitoring" "one" {
  detector_id = guardduty_detector.one.id
  fargate     = { include = ["prod"] }
}

resource "guardduty_finding_rule" "one" {
  name               = "alert"
  manage_permissions = false
  event_pattern = jsonencode({ source = ["aws.guardduty"], detail-type = ["GuardDuty Finding"] })
  targets = {
    people = { arn = "arn:aws:sns:us-east-1:ACCOUNT:alerts" }
  }
}

resource "guardduty_ecs_response" "one" {
  name     = "stop"
  action   = "stop_task"
  clusters = ["prod"]
  match    = { severity = ["HIGH"] }
}
"#;

const TYPES: [&str; 7] = [
    "guardduty_detector",
    "guardduty_detector_feature",
    "guardduty_filter",
    "guardduty_threatintelset",
    "guardduty_ecs_runtime_monitoring",
    "guardduty_finding_rule",
    "guardduty_ecs_response",
];

fn what_is_there(project: &Project) {
    let sdk = project.sdk(REGION);
    let bucket = format!("lists-{}", project.account);
    let (s3, ecs) = (aws_sdk_s3::Client::new(&sdk), aws_sdk_ecs::Client::new(&sdk));
    block_on(async {
        ecs.create_cluster().cluster_name(CLUSTER).send().await.unwrap();
        s3.create_bucket().bucket(&bucket).send().await.unwrap();
        let body = aws_sdk_s3::primitives::ByteStream::from_static(b"198.51.100.7\n");
        s3.put_object().bucket(&bucket).key("hostile.txt").body(body).send().await.unwrap();
    });
}

fn import_block(type_name: &str, keys: &[&str], state: &Json) -> String {
    let attributes: String = keys.iter().map(|key| format!("    {key} = {}\n", state[key])).collect();
    format!("import {{\n  to = {type_name}.one\n  identity = {{\n{attributes}  }}\n}}\n")
}

#[test]
fn opentofu_imports_each_type_by_its_identity() {
    each_type_is_imported_by_its_identity(&one_cli());
}

#[test]
fn terraform_imports_each_type_by_its_identity() {
    match terraform() {
        None => eprintln!("skipped: TFGD_TERRAFORM doesn't say where terraform is"),
        Some(cli) if cli.version() < (1, 12, 0) => {
            eprintln!("skipped: terraform takes identities from version 1.12 on, here is {:?}", cli.version());
        }
        Some(cli) => each_type_is_imported_by_its_identity(&cli),
    }
}

fn each_type_is_imported_by_its_identity(cli: &Cli) {
    let project = Project::new(cli);
    what_is_there(&project);
    let configuration = CONFIGURATION.replace("ACCOUNT", &project.account);
    project.apply(&configuration);
    let mut blocks = String::new();
    let mut states = TYPES.map(|name| project.state(&format!("{name}.one")).unwrap());
    for (name, state) in TYPES.iter().zip(&states) {
        let keys = case(name.trim_start_matches("guardduty_")).identity;
        // With the region for one half, the provider's for the other.
        let keys = if name.len() % 2 == 0 { [keys, &["region"]].concat() } else { keys.to_vec() };
        blocks += &import_block(name, &keys, state);
        project.run(&["state", "rm", &format!("{name}.one")]).expect_success();
    }
    project.clear_calls();
    project.write(&format!("{configuration}{blocks}"));
    project.run(&["plan"]).expect_success();
    // What is imported is read once, whoever asks for the same at the same time.
    let mut counts = BTreeMap::<String, usize>::new();
    for call in project.calls() {
        *counts.entry(call).or_default() += 1;
    }
    let reads = ["guardduty:GetFilter", "guardduty:GetThreatIntelSet", "stepfunctions:DescribeStateMachine"];
    assert_eq!(reads.map(|call| counts[call]), [1, 1, 1], "{counts:#?}");
    assert!(counts.values().all(|count| *count <= 3), "{counts:#?}");
    project.run(&["apply", "-auto-approve"]).expect_success().expect_texts(&["7 imported, 0 added", "0 destroyed"]);
    project.expect_no_changes();
    // When a cluster was tagged is what no import can find out.
    states[4]["clusters"][CLUSTER]["tagged_at"].take();
    let mut again = TYPES.map(|name| project.state(&format!("{name}.one")).unwrap());
    // The first change gives each a mark of its own.
    states.iter_mut().chain(&mut again).for_each(|state| drop(state["owner"].take()));
    for (again, state) in again.iter().zip(&states) {
        assert_eq!(again, state);
    }

    let elsewhere = blocks.replace("name = \"low\"", "name = \"high\"");
    project.run(&["state", "rm", "guardduty_filter.one"]).expect_success();
    project.expect_refused(&format!("{configuration}{elsewhere}"), &["there is nothing to import"]);
    project.expect_refused(
        &format!("{configuration}{}", import_block("guardduty_filter", &["name"], &states[2])),
        &["detector_id"],
    );
    project.write(&configuration);
    project.run(&["import", "guardduty_filter.one", states[2]["id"].as_str().unwrap()]).expect_success();
    project.destroy();
}
