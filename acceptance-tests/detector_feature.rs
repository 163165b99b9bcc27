//! `guardduty_detector_feature`.

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::{DetectorAdditionalConfiguration, DetectorFeatureConfiguration, FeatureStatus};
use serde_json::json;

use crate::detector::{detector, features, switch, switched_on};
use crate::harness::{Project, REGION, block_on, for_each_cli};

const ADDRESS: &str = "guardduty_detector_feature.test";

fn configuration(detector: &str, name: &str, body: &str) -> String {
    format!(
        r#"resource "guardduty_detector_feature" "test" {{
  detector_id = "{detector}"
  name        = "{name}"
  {body}
}}
"#
    )
}

fn runtime(detector: &str, body: &str) -> String {
    configuration(detector, "RUNTIME_MONITORING", body)
}

fn additional(name: &str, status: &str) -> String {
    format!("additional_configuration {{\n name = \"{name}\"\n status = \"{status}\"\n }}\n")
}

/// Somebody else switches an additional configuration of runtime monitoring, which stays off itself.
fn switch_additional(project: &Project, detector: &str, name: &str, status: FeatureStatus) {
    let additional = DetectorAdditionalConfiguration::builder().name(name.into()).status(status).build();
    let feature = DetectorFeatureConfiguration::builder().name("RUNTIME_MONITORING".into());
    let feature = feature.status(FeatureStatus::Disabled).additional_configuration(additional).build();
    let client = Client::new(&project.sdk(REGION));
    block_on(client.update_detector().detector_id(detector).features(feature).send()).unwrap();
}

fn count(calls: &[String], name: &str) -> usize {
    calls.iter().filter(|call| *call == name).count()
}

#[test]
fn lives_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let fargate = additional("ECS_FARGATE_AGENT_MANAGEMENT", "ENABLED");
        let ec2 = additional("EC2_AGENT_MANAGEMENT", "ENABLED");
        project.apply(&runtime(&detector, &format!("status = \"ENABLED\"\n{fargate}")));
        let id = format!("{detector}/RUNTIME_MONITORING");
        project.expect_attribute(ADDRESS, "id", json!(id));
        let was = json!({"RUNTIME_MONITORING": "DISABLED", "ECS_FARGATE_AGENT_MANAGEMENT": "DISABLED"});
        assert_eq!(project.attribute(ADDRESS, "previous"), was);
        let has = features(&project, REGION, &detector);
        assert!(has["RUNTIME_MONITORING"] && has["RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT"], "{has:?}");
        assert!(!has["RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT"] && has["S3_DATA_EVENTS"], "{has:?}");

        // One that nobody named may be anything.
        project.reimport(ADDRESS, &id);
        project.apply(&runtime(&detector, &format!("status = \"ENABLED\"\n{fargate}{ec2}")));
        let was = json!({"RUNTIME_MONITORING": "DISABLED", "ECS_FARGATE_AGENT_MANAGEMENT": "DISABLED",
            "EC2_AGENT_MANAGEMENT": "DISABLED"});
        assert_eq!(project.attribute(ADDRESS, "previous"), was, "an import finds what was noted on the detector");
        assert!(features(&project, REGION, &detector)["RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT"]);
        let turned = runtime(&detector, &format!("status = \"ENABLED\"\n{ec2}{fargate}"));
        assert_eq!(project.plan(&turned).actions(ADDRESS), ["no-op"], "order makes no difference");

        let off = additional("ECS_FARGATE_AGENT_MANAGEMENT", "DISABLED");
        let body = format!("status = \"DISABLED\"\n on_destroy = \"restore\"\n{ec2}{off}");
        let changed = runtime(&detector, &body);
        project.clear_calls();
        project.apply(&changed);
        assert_eq!(count(&project.calls(), "guardduty:UpdateDetector"), 1);
        let has = features(&project, REGION, &detector);
        assert!(!has["RUNTIME_MONITORING"] && !has["RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT"], "{has:?}");
        assert!(has["RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT"], "{has:?}");

        switch(&project, &detector, "RUNTIME_MONITORING", true);
        project.plan(&changed).expect_actions(ADDRESS, &["update"]);
        project.apply(&changed);
        assert!(!features(&project, REGION, &detector)["RUNTIME_MONITORING"]);
        switch_additional(&project, &detector, "ECS_FARGATE_AGENT_MANAGEMENT", FeatureStatus::Enabled);
        project.plan(&changed).expect_actions(ADDRESS, &["update"]);
        project.apply(&changed);
        let has = features(&project, REGION, &detector);
        assert!(!has["RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT"], "{has:?}");
        // One that is not named is not ours.
        switch_additional(&project, &detector, "EKS_ADDON_MANAGEMENT", FeatureStatus::Enabled);
        project.expect_no_changes();
        switch_additional(&project, &detector, "EKS_ADDON_MANAGEMENT", FeatureStatus::Disabled);
        let elsewhere = changed.replace("detector_id", "region = \"eu-west-1\"\n detector_id");
        project.plan(&elsewhere).expect_actions(ADDRESS, &["delete", "create"]);
        project.run(&["plan"]).expect_texts(&["there is no detector", "in eu-west-1", "The apply will fail"]);

        // Restored: off, as it was before any instance came.
        project.destroy();
        let has = features(&project, REGION, &detector);
        assert!(!has["RUNTIME_MONITORING"] && !has["RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT"], "{has:?}");
        assert!(!has["RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT"], "{has:?}");
    });
}

#[test]
fn is_replaced_and_destroyed_as_told() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let fargate = additional("ECS_FARGATE_AGENT_MANAGEMENT", "ENABLED");
        project.apply(&runtime(&detector, &format!("status = \"ENABLED\"\n{fargate}")));
        let other = configuration(&detector, "S3_DATA_EVENTS", "status = \"DISABLED\"\n on_destroy = \"keep\"");
        project.plan(&other).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&other);
        let has = features(&project, REGION, &detector);
        assert!(!has["RUNTIME_MONITORING"], "what is replaced is switched off by default: {has:?}");
        assert!(!has["RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT"], "{has:?}");
        assert!(!has["S3_DATA_EVENTS"], "{has:?}");
        project.destroy();
        assert!(!features(&project, REGION, &detector)["S3_DATA_EVENTS"], "it is kept as it is");

        // The detector is deleted outside: the feature is gone with it, and so is what destroy has to do.
        project.apply(&other);
        let client = Client::new(&project.sdk(REGION));
        block_on(client.delete_detector().detector_id(&detector).send()).unwrap();
        project.plan(&other).expect_actions(ADDRESS, &["create"]);
        project.expect_apply_failure(
            &other,
            &["cannot set GuardDuty feature S3_DATA_EVENTS", "there is no such detector"],
        );
        project.destroy();
        let whole = r#"
            resource "guardduty_detector" "test" {
              unlisted_features = "disable"
            }
            resource "guardduty_detector_feature" "test" {
              detector_id = guardduty_detector.test.id
              name        = "EKS_AUDIT_LOGS"
              status      = "ENABLED"
            }"#;
        project.apply(whole);
        let id = project.attribute("guardduty_detector.test", "id").as_str().unwrap().to_owned();
        block_on(client.delete_detector().detector_id(&id).send()).unwrap();
        project.plan(whole).expect_actions(ADDRESS, &["create"]);
        project.apply(whole);
        let id = project.attribute("guardduty_detector.test", "id").as_str().unwrap().to_owned();
        assert_eq!(switched_on(&project, REGION, &id), ["EKS_AUDIT_LOGS"]);
        project.destroy();
    });
}

#[test]
fn many_of_one_detector_do_not_overwrite_each_other() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let whole = r#"
            resource "terraform_data" "later" {
              input = { on = "ENABLED", name = "RDS_LOGIN_EVENTS" }
            }
            resource "guardduty_detector" "test" {
              unlisted_features = "disable"
              on_destroy        = "keep"
            }
            resource "guardduty_detector_feature" "plain" {
              for_each    = toset(["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "LAMBDA_NETWORK_LOGS", "AI_PROTECTION", "AI_ANALYST"])
              detector_id = guardduty_detector.test.id
              name        = each.key
              status      = "ENABLED"
            }
            resource "guardduty_detector_feature" "runtime" {
              detector_id = guardduty_detector.test.id
              name        = "RUNTIME_MONITORING"
              status      = terraform_data.later.output.on
              dynamic "additional_configuration" {
                for_each = ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"]
                content {
                  name   = additional_configuration.value
                  status = terraform_data.later.output.on
                }
              }
            }
            resource "guardduty_detector_feature" "databases" {
              detector_id = guardduty_detector.test.id
              name        = terraform_data.later.output.name
              status      = "ENABLED"
              additional_configuration {
                name   = "RDS_DATA_RISK"
                status = "ENABLED"
              }
            }"#;
        project.apply(whole);
        let id = project.attribute("guardduty_detector.test", "id").as_str().unwrap().to_owned();
        let all = [
            "AI_ANALYST",
            "AI_PROTECTION",
            "EBS_MALWARE_PROTECTION",
            "EKS_AUDIT_LOGS",
            "LAMBDA_NETWORK_LOGS",
            "RDS_LOGIN_EVENTS",
            "RDS_LOGIN_EVENTS/RDS_DATA_RISK",
            "RUNTIME_MONITORING",
            "RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT",
            "RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT",
            "RUNTIME_MONITORING/EKS_ADDON_MANAGEMENT",
            "S3_DATA_EVENTS",
        ];
        assert_eq!(switched_on(&project, REGION, &id), all);

        project.clear_calls();
        project.expect_no_changes();
        let calls = project.calls();
        // Those who ask at the same time share a call; how many do, the CLI decides.
        assert!(calls.len() <= 4 && calls.iter().all(|call| call == "guardduty:GetDetector"), "{calls:?}");
        project.destroy();
        assert_eq!(switched_on(&project, REGION, &id), [""; 0]);
    });
}

#[test]
fn what_is_wrong_is_refused_at_plan() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let on = "status = \"ENABLED\"\n";
        let fargate = additional("ECS_FARGATE_AGENT_MANAGEMENT", "ENABLED");
        let meant =
            r#"Did you mean "RUNTIME_MONITORING" with the additional configuration "ECS_FARGATE_AGENT_MANAGEMENT"?"#;
        let named = |name: &str| configuration(&detector, name, on);
        let wrong = [
            (named("ECS_RUNTIME_MONITORING"), meant),
            (named("DNS_LOGS"), "\"DNS_LOGS\" is always on and can't be switched"),
            (named("RUNTIME_MONITORIN"), "Did you mean \"RUNTIME_MONITORING\"?"),
            (named("EC2_AGENT_MANAGEMENT"), "additional configuration of \"RUNTIME_MONITORING\""),
            (configuration(&detector, "EKS_AUDIT_LOGS", &format!("{on}{fargate}")), "\"EKS_AUDIT_LOGS\" takes none"),
            (runtime(&detector, &format!("{on}{fargate}{fargate}")), "ECS_FARGATE_AGENT_MANAGEMENT is named twice"),
            (
                runtime(&detector, &format!("{on}{}", additional("ECS_FARGATE", "ENABLED"))),
                "takes \"ECS_FARGATE_AGENT_MANAGEMENT\"",
            ),
            (runtime(&detector, "status = \"ON\""), "\"ENABLED\", \"DISABLED\""),
            (runtime(&detector, &format!("{on} on_destroy = \"reset\"")), "\"disable\", \"restore\", \"keep\""),
        ];
        for (configuration, text) in wrong {
            project.expect_refused(&configuration, &[text]);
        }
        let both = format!(
            "{}{}",
            runtime(&detector, on),
            configuration(&detector, "EKS_RUNTIME_MONITORING", on).replace("\"test\"", "\"eks\"")
        );
        project.write(&both);
        let texts = ["the apply will fail: RUNTIME_MONITORING and EKS_RUNTIME_MONITORING exclude each other"];
        project.run(&["plan"]).expect_success().expect_texts(&texts);
        let apart = format!("guardduty_detector_feature.{}", "test");
        project.run(&["import", &apart, &detector]).expect_failure(&["is not an id to import", "DETECTOR/NAME"]);
    });
}

#[test]
fn faults_and_those_who_decide_instead_are_told() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let off = configuration(&detector, "S3_DATA_EVENTS", "status = \"DISABLED\"");
        let on = off.replace("DISABLED", "ENABLED");
        let fault = |mode: &str, code: &str| {
            project.fault(json!({"service": "guardduty", "operation": "UpdateDetector", "mode": mode, "code": code,
                "message": "no", "status": 403, "times": 1}));
        };
        fault("error", "ThrottlingException");
        fault("lost", "");
        project.apply(&off);
        fault("error", "AccessDeniedException");
        project.expect_apply_failure(&on, &["AccessDeniedException", "lack a permission"]);
        assert_eq!(project.attribute(ADDRESS, "status"), json!("DISABLED"), "the state tells what is true");

        project.control("/_guardduty/administrator", json!({"region": REGION, "administrator": "111122223333"}));
        project.expect_apply_failure(&on, &["managed by administrator 111122223333"]);
        project.control("/_guardduty/administrator", json!({"region": REGION, "administrator": null}));
        project.control("/_guardduty/managed", json!({"region": REGION, "feature": "S3_DATA_EVENTS"}));
        let text = ["feature S3_DATA_EVENTS can't be changed from this account", "GUARDDUTY_POLICY"];
        project.write(&on);
        project.run(&["plan"]).expect_success().expect_texts(&text);
        project.expect_apply_failure(&on, &text);
        let restoring = on.replace("status = \"ENABLED\"", "status = \"DISABLED\"\n on_destroy = \"restore\"");
        project.apply(&restoring);
        project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&["was not changed"]);
    });
}

#[test]
fn takes_over_the_state_of_hashicorp_aws() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let attributes = json!({
            "detector_id": detector, "id": format!("{detector}/RUNTIME_MONITORING"), "name": "RUNTIME_MONITORING",
            "status": "DISABLED",
            "additional_configuration": [{"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": "DISABLED"}],
        });
        project.write_aws_state("aws_guardduty_detector_feature", &attributes);
        let moved = format!("moved {{\n from = aws_guardduty_detector_feature.old\n to = {ADDRESS}\n }}\n");
        let body = format!("status = \"DISABLED\"\n{}", additional("ECS_FARGATE_AGENT_MANAGEMENT", "DISABLED"));
        let configuration = format!("{moved}{}", runtime(&detector, &body));
        project.plan(&configuration).expect_actions(ADDRESS, &["no-op"]);
        project.apply(&configuration);
        let was = json!({"RUNTIME_MONITORING": "DISABLED", "ECS_FARGATE_AGENT_MANAGEMENT": "DISABLED"});
        assert_eq!(project.attribute(ADDRESS, "previous"), was);
        project.destroy();
    });
}

#[test]
fn lives_in_two_regions_at_once() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (here, there) = (detector(&project, REGION), detector(&project, "eu-central-1"));
        let second =
            runtime(&there, "status = \"ENABLED\"\n region = \"eu-central-1\"").replace("\"test\"", "\"there\"");
        project.apply(&format!("{}{second}", runtime(&here, "status = \"DISABLED\"")));
        assert!(features(&project, "eu-central-1", &there)["RUNTIME_MONITORING"]);
        assert!(!features(&project, REGION, &here)["RUNTIME_MONITORING"]);
        let id = format!("{there}/RUNTIME_MONITORING@eu-central-1");
        project.reimport("guardduty_detector_feature.there", &id);
        project.destroy();
        assert!(features(&project, REGION, &here)["S3_DATA_EVENTS"], "the other features stay as they were");
    });
}
