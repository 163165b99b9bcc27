//! `guardduty_sample_findings`.

use aws_sdk_guardduty::Client;
use serde_json::json;

use crate::harness::{Project, REGION, block_on, for_each_cli};

const ADDRESS: &str = "guardduty_sample_findings.test";
const BITCOIN: &str = "CryptoCurrency:Runtime/BitcoinTool.B!DNS";
const SHELL: &str = "Execution:Runtime/ReverseShell";
const CREATE: &str = "guardduty:CreateSampleFindings";

fn detector(project: &Project, region: &str) -> String {
    let client = Client::new(&project.sdk(region));
    let created = block_on(client.create_detector().enable(true).send()).unwrap();
    created.detector_id().unwrap().to_owned()
}

fn configuration(detector: &str, body: &str) -> String {
    format!("resource \"guardduty_sample_findings\" \"test\" {{\n  detector_id = {detector}\n  {body}\n}}\n")
}

/// The types of the sample findings that the detector has, and how often each was seen.
fn samples(project: &Project, detector: &str, region: &str) -> Vec<(String, i32)> {
    let client = Client::new(&project.sdk(region));
    let ids = block_on(client.list_findings().detector_id(detector).send()).unwrap();
    if ids.finding_ids().is_empty() {
        return Vec::new();
    }
    let ids = ids.finding_ids().to_vec();
    let found = block_on(client.get_findings().detector_id(detector).set_finding_ids(Some(ids)).send()).unwrap();
    let seen = |finding: &aws_sdk_guardduty::types::Finding| {
        assert!(finding.title().unwrap_or_default().starts_with("[SAMPLE]"), "{finding:?}");
        let count = finding.service().and_then(aws_sdk_guardduty::types::Service::count).unwrap_or_default();
        (finding.r#type().unwrap_or_default().to_owned(), count)
    };
    let mut samples: Vec<_> = found.findings().iter().map(seen).collect();
    samples.sort();
    samples
}

#[test]
fn samples_are_made_at_create_and_on_change_only() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let id = detector(&project, REGION);
        let detector = format!("{id:?}");
        let body = format!("finding_types = [{BITCOIN:?}]\n triggers = {{ run = \"1\" }}");
        project.apply(&configuration(&detector, &body));
        assert_eq!(samples(&project, &id, REGION).len(), 1);
        project.expect_attribute(ADDRESS, "id", json!(id));
        let first = project.attribute(ADDRESS, "created_at");

        project.clear_calls();
        project.expect_no_changes();
        assert_eq!(project.calls(), ["guardduty:GetDetector"]);

        project.clear_calls();
        let body = format!("finding_types = [{BITCOIN:?}]\n triggers = {{ run = \"2\" }}");
        project.plan(&configuration(&detector, &body)).expect_actions(ADDRESS, &["update"]);
        project.apply(&configuration(&detector, &body));
        assert_eq!(project.calls().iter().filter(|call| *call == CREATE).count(), 1);
        assert_ne!(project.attribute(ADDRESS, "created_at"), first);

        let body = format!("finding_types = [{SHELL:?}, {BITCOIN:?}]\n triggers = {{ run = \"2\" }}");
        project.apply(&configuration(&detector, &body));
        let types: Vec<_> = samples(&project, &id, REGION).into_iter().map(|(name, _)| name).collect();
        assert_eq!(types, [BITCOIN, SHELL]);

        project.clear_calls();
        project.destroy();
        assert!(!project.calls().iter().any(|call| call == CREATE), "{:?}", project.calls());
        assert_eq!(samples(&project, &id, REGION).len(), 2, "GuardDuty can't delete findings");
    });
}

#[test]
fn many_types_two_regions_and_a_detector_that_is_gone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (here, there) = (detector(&project, REGION), detector(&project, "eu-west-1"));
        let types: Vec<_> = include_str!("../src/findings/finding-types.csv")
            .lines()
            .skip(1)
            .filter(|row| row.ends_with(",false") && row.contains(":EC2/") || row.contains(":Runtime/"))
            .filter_map(|row| row.split(',').next())
            .take(51)
            .collect();
        assert_eq!(types.len(), 51);
        let configuration = format!(
            r#"
            resource "terraform_data" "here" {{ input = {here:?} }}
            resource "guardduty_sample_findings" "test" {{
              detector_id   = terraform_data.here.output
              finding_types = {types:?}
            }}
            resource "guardduty_sample_findings" "there" {{
              detector_id = {there:?}
              region      = "eu-west-1"
              finding_types = [{BITCOIN:?}]
            }}"#
        );
        project.plan(&configuration).expect_actions(ADDRESS, &["create"]);
        project.clear_calls();
        project.apply(&configuration);
        let calls = project.calls().iter().filter(|call| *call == CREATE).count();
        assert_eq!(calls, 3, "51 types take two calls, the other region one");
        assert_eq!(samples(&project, &there, "eu-west-1").len(), 1);

        let client = Client::new(&project.sdk("eu-west-1"));
        block_on(client.delete_detector().detector_id(&there).send()).unwrap();
        let plan = project.plan(&configuration);
        assert_eq!(plan.actions("guardduty_sample_findings.there"), ["create"]);
        assert_eq!(plan.actions(ADDRESS), ["no-op"]);
        project.expect_apply_failure(&configuration, &["cannot make sample findings", "detector"]);
        project.destroy();
    });
}

#[test]
fn another_detector_or_region_gets_samples_of_its_own() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (here, there) = (detector(&project, REGION), detector(&project, "eu-west-1"));
        let body = format!("finding_types = [{BITCOIN:?}]");
        project.apply(&configuration(&format!("{here:?}"), &body));
        let moved = configuration(&format!("{there:?}"), &format!("{body}\n region = \"eu-west-1\""));
        project.plan(&moved).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&moved);
        assert_eq!(samples(&project, &there, "eu-west-1").len(), 1);
        project.expect_attribute(ADDRESS, "id", json!(there));

        // With the detector in the same configuration, what was deleted outside comes back whole.
        let client = Client::new(&project.sdk("eu-west-1"));
        let whole = format!(
            "resource \"guardduty_detector\" \"own\" {{\n  region = \"eu-west-1\"\n}}\n{}",
            moved.replace(&format!("{there:?}"), "guardduty_detector.own.id")
        );
        block_on(client.delete_detector().detector_id(&there).send()).unwrap();
        let id = || project.attribute("guardduty_detector.own", "id").as_str().unwrap().to_owned();
        project.apply(&whole);
        block_on(client.delete_detector().detector_id(id()).send()).unwrap();
        project.plan(&whole).expect_actions(ADDRESS, &["create"]);
        project.apply(&whole);
        assert_eq!(samples(&project, &id(), "eu-west-1").len(), 1);
        project.destroy();
    });
}

#[test]
fn what_is_wrong_is_said() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let id = detector(&project, REGION);
        let detector = format!("{id:?}");
        project.expect_refused(
            &configuration(&detector, "finding_types = []"),
            &["finding_types", "Name a finding type, or leave it out for all of them."],
        );
        project.expect_refused(
            &configuration(&detector, "finding_types = [\"CryptoCurrency:Runtime/*\"]"),
            &["\"CryptoCurrency:Runtime/*\" is not a finding type", "this pattern fits 2 of them"],
        );
        let misspelt = configuration(&detector, "finding_types = [\"CryptoCurrency:Runtime/BitcoinTool.B!DN\"]");
        project.write(&misspelt);
        project
            .run(&["plan"])
            .expect_success()
            .expect_texts(&[&format!("Did you mean {BITCOIN:?}?"), "Warning: this version of the provider knows no"]);
        project.expect_apply_failure(
            &misspelt,
            &["cannot make sample findings of CryptoCurrency:Runtime/BitcoinTool.B!DN", "BadRequestException"],
        );
        assert_eq!(project.state(ADDRESS), None);

        let right = configuration(&detector, &format!("finding_types = [{BITCOIN:?}]"));
        project.fault(json!({"service": "guardduty", "operation": "CreateSampleFindings", "mode": "error",
            "code": "AccessDeniedException", "message": "not authorized to perform: guardduty:CreateSampleFindings",
            "status": 403}));
        project.expect_apply_failure(&right, &["The credentials lack a permission", "guardduty:CreateSampleFindings"]);
        project.fault(json!({"service": "guardduty", "operation": "CreateSampleFindings", "mode": "error",
            "code": "ThrottlingException", "message": "Rate exceeded", "status": 429}));
        project.fault(json!({"service": "guardduty", "operation": "CreateSampleFindings", "mode": "lost"}));
        project.apply(&right);
        assert_eq!(samples(&project, &id, REGION).len(), 1);

        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, &id]).expect_failure(&["can't be imported", "Write the block and apply"]);
    });
}
