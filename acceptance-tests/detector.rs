//! `guardduty_detector`, resource and data source.

use std::collections::BTreeMap;

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::{DetectorFeatureConfiguration, FeatureStatus};
use serde_json::json;

use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

const ADDRESS: &str = "guardduty_detector.test";

/// What a detector has: features and `FEATURE/ADDITIONAL`, `true` where on.
pub fn features(project: &Project, region: &str, detector: &str) -> BTreeMap<String, bool> {
    let client = Client::new(&project.sdk(region));
    let found = block_on(client.get_detector().detector_id(detector).send()).unwrap();
    let mut features = BTreeMap::new();
    for feature in found.features() {
        let name = feature.name().unwrap().as_str();
        features.insert(name.to_owned(), feature.status() == Some(&FeatureStatus::Enabled));
        for additional in feature.additional_configuration() {
            let name = format!("{name}/{}", additional.name().unwrap().as_str());
            features.insert(name, additional.status() == Some(&FeatureStatus::Enabled));
        }
    }
    features
}

/// A detector made by somebody else.
pub fn detector(project: &Project, region: &str) -> String {
    let client = Client::new(&project.sdk(region));
    let created = block_on(client.create_detector().enable(true).tags("made", "elsewhere").send()).unwrap();
    created.detector_id().unwrap().to_owned()
}

/// Somebody else switches a feature.
pub fn switch(project: &Project, detector: &str, feature: &str, on: bool) {
    let status = if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled };
    let feature = DetectorFeatureConfiguration::builder().name(feature.into()).status(status).build();
    let client = Client::new(&project.sdk(REGION));
    block_on(client.update_detector().detector_id(detector).features(feature).send()).unwrap();
}

/// The features that are on and can be switched.
pub fn switched_on(project: &Project, region: &str, detector: &str) -> Vec<String> {
    let always = ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];
    let on = features(project, region, detector).into_iter().filter(|(name, on)| *on && !always.contains(&&**name));
    on.map(|(name, _)| name).collect()
}

fn detectors(project: &Project, region: &str) -> Vec<String> {
    let client = Client::new(&project.sdk(region));
    block_on(client.list_detectors().send()).unwrap().detector_ids().to_vec()
}

fn configuration(body: &str) -> String {
    format!("resource \"guardduty_detector\" \"test\" {{\n{body}\n}}\n")
}

fn count(calls: &[String], name: &str) -> usize {
    calls.iter().filter(|call| *call == name).count()
}

/// Takes the marks of this provider from the resource at `arn`, as if another tool had created it.
pub fn unmark(project: &Project, arn: &str) {
    let client = Client::new(&project.sdk(REGION));
    let tags = block_on(client.list_tags_for_resource().resource_arn(arn).send()).unwrap().tags.unwrap_or_default();
    for key in tags.into_keys().filter(|key| key.starts_with("guardduty:owner/")) {
        block_on(client.untag_resource().resource_arn(arn).tag_keys(key).send()).unwrap();
    }
}

#[test]
fn lives_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let client = Client::new(&project.sdk(REGION));
        let output = project.apply(&configuration(""));
        let output = output.expect_texts(&[
            "creating the detector enables features that are not listed",
            "S3_DATA_EVENTS, EKS_AUDIT_LOGS, EBS_MALWARE_PROTECTION, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS, AI_PROTECTION",
            "guardduty_detector_feature",
            "unlisted_features = \"disable\"",
        ]);
        assert!(!output.text.contains("AI_ANALYST"), "it is off on a new detector: {}", output.text);
        let id = detectors(&project, REGION)[0].clone();
        project.expect_attribute(ADDRESS, "id", json!(id));
        project.expect_attribute(ADDRESS, "account_id", json!(project.account));
        project.expect_attribute(ADDRESS, "finding_publishing_frequency", json!("SIX_HOURS"));
        let arn = format!("arn:aws:guardduty:us-east-1:{}:detector/{id}", project.account);
        project.expect_attribute(ADDRESS, "arn", json!(arn));
        project.reimport(ADDRESS, &id);

        let whole = r#"
            enable                       = false
            finding_publishing_frequency = "ONE_HOUR"
            unlisted_features            = "disable"
            adopt_existing               = true
            on_destroy                   = "suspend"
            deletion_protection          = true
            features = {
              S3_DATA_EVENTS     = { status = "DISABLED" }
              RUNTIME_MONITORING = {
                status                   = "ENABLED"
                additional_configuration = { ECS_FARGATE_AGENT_MANAGEMENT = "ENABLED", EC2_AGENT_MANAGEMENT = "DISABLED" }
              }
            }
            tags = { team = "security", unset = null }"#;
        project.clear_calls();
        let plan = project.plan(&configuration(whole));
        assert_eq!(plan.actions(ADDRESS), ["update"]);
        assert_eq!(plan.attribute(ADDRESS, "id"), json!(id), "an update keeps what is known");
        project.clear_calls();
        project.run(&["apply", "plan.bin"]).expect_success();
        let calls = project.calls();
        assert_eq!(count(&calls, "guardduty:UpdateDetector"), 1, "{calls:?}");
        assert_eq!(count(&calls, "guardduty:TagResource"), 2, "the mark of what was imported, and the tags: {calls:?}");
        project.expect_no_changes();
        let found = block_on(client.get_detector().detector_id(&id).send()).unwrap();
        assert_eq!(found.status().unwrap().as_str(), "DISABLED");
        assert_eq!(found.finding_publishing_frequency().unwrap().as_str(), "ONE_HOUR");
        assert_eq!(found.tags().unwrap().len(), 2, "its own, and the mark of the instance");
        let has = features(&project, REGION, &id);
        assert!(!has["S3_DATA_EVENTS"] && has["RUNTIME_MONITORING"], "{has:?}");
        assert!(has["RUNTIME_MONITORING/ECS_FARGATE_AGENT_MANAGEMENT"], "{has:?}");
        assert!(has["EKS_AUDIT_LOGS"], "what is not listed is left alone: {has:?}");

        // Drift of what is listed is seen and healed, that of anything else is not ours.
        switch(&project, &id, "EKS_AUDIT_LOGS", false);
        project.expect_no_changes();
        switch(&project, &id, "RUNTIME_MONITORING", false);
        project.plan(&configuration(whole)).expect_actions(ADDRESS, &["update"]);
        project.apply(&configuration(whole));
        let has = features(&project, REGION, &id);
        assert!(has["RUNTIME_MONITORING"] && !has["EKS_AUDIT_LOGS"], "{has:?}");
        let described = || block_on(client.get_detector().detector_id(&id).send()).unwrap();
        let update = || client.update_detector().detector_id(&id);
        let healed = |what: &str| {
            assert_eq!(project.plan(&configuration(whole)).actions(ADDRESS), ["update"], "{what} is not seen");
            project.apply(&configuration(whole));
            let found = described();
            assert_eq!(found.status().unwrap().as_str(), "DISABLED", "{what}");
            assert_eq!(found.finding_publishing_frequency().unwrap().as_str(), "ONE_HOUR", "{what}");
            assert_eq!(found.tags().unwrap().get("team").map(String::as_str), Some("security"), "{what}");
        };
        block_on(update().enable(true).send()).unwrap();
        healed("a resumed detector");
        block_on(update().finding_publishing_frequency("SIX_HOURS".into()).send()).unwrap();
        healed("another frequency");
        block_on(client.tag_resource().resource_arn(&arn).tags("team", "else").send()).unwrap();
        healed("another tag");
        block_on(client.untag_resource().resource_arn(&arn).tag_keys("team").send()).unwrap();
        healed("a removed tag");

        // An import lists no features: the next apply states them and changes nothing.
        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, &id]).expect_success();
        project.apply(&configuration(whole));
        assert_eq!(features(&project, REGION, &id), has);

        project.run(&["destroy", "-auto-approve"]).expect_failure(&["it is protected", "deletion_protection = true"]);
        let elsewhere = format!("{whole}\nregion = \"eu-west-1\"");
        project.expect_refused(&configuration(&elsewhere), &["the detector is protected from being replaced"]);
        let open = elsewhere.replace("deletion_protection          = true", "deletion_protection = false");
        let here = open.replace("region = \"eu-west-1\"", "");
        project.apply(&configuration(&here));

        // Another region is another detector. The one here is suspended, as `on_destroy` says, and adopted again.
        project.plan(&configuration(&open)).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&configuration(&open));
        project.expect_attribute(ADDRESS, "id", json!(detectors(&project, "eu-west-1")[0]));
        assert_eq!(detectors(&project, REGION), [id.as_str()]);
        project.plan(&configuration(&here)).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&configuration(&here));
        project.expect_attribute(ADDRESS, "id", json!(id));

        block_on(client.delete_detector().detector_id(&id).send()).unwrap();
        let minimal = configuration("unlisted_features = \"disable\"");
        project.plan(&minimal).expect_actions(ADDRESS, &["create"]);
        project.apply(&minimal);
        let id = detectors(&project, REGION)[0].clone();
        assert_eq!(switched_on(&project, REGION, &id), [""; 0]);
        project.destroy();
        assert_eq!(detectors(&project, REGION), [""; 0]);
    });
}

#[test]
fn only_what_is_listed_is_on() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let body = "unlisted_features = \"disable\"\n features = { LAMBDA_NETWORK_LOGS = { status = \"ENABLED\" } }";
        project.apply(&configuration(body));
        let id = detectors(&project, REGION)[0].clone();
        assert_eq!(switched_on(&project, REGION, &id), ["LAMBDA_NETWORK_LOGS"]);
        let calls = project.calls();
        assert_eq!(count(&calls, "guardduty:CreateDetector"), 1, "{calls:?}");
        assert_eq!(count(&calls, "guardduty:UpdateDetector"), 0, "{calls:?}");
        project.destroy();

        // A region that does not know one of the unlisted features: those that it has are switched off afterwards.
        let refusal = "The request is rejected because the feature AI_ANALYST is not supported in this region.";
        let fault = json!({"service": "guardduty", "operation": "CreateDetector", "mode": "error",
            "code": "BadRequestException", "message": refusal, "status": 400, "times": 1});
        project.fault(fault.clone());
        project.apply(&configuration(body));
        let id = detectors(&project, REGION)[0].clone();
        assert_eq!(switched_on(&project, REGION, &id), ["LAMBDA_NETWORK_LOGS"]);
        project.destroy();

        // One that does not know a listed feature: it is named, at the line that lists it.
        let refusal = "The request is rejected because the feature LAMBDA_NETWORK_LOGS is not supported.";
        let mut fault = fault;
        fault["message"] = json!(refusal);
        fault["times"] = json!(2);
        project.fault(fault);
        project.expect_apply_failure(
            &configuration(body),
            &["cannot create GuardDuty detector", refusal, "us-east-1 may not offer LAMBDA_NETWORK_LOGS", "features ="],
        );
        assert_eq!(project.state(ADDRESS), None);
        assert_eq!(detectors(&project, REGION), [""; 0]);
    });
}

#[test]
fn adopts_the_one_that_is_there() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let id = detector(&project, REGION);
        project.expect_apply_failure(
            &configuration("unlisted_features = \"disable\""),
            &["already exists", &format!("us-east-1 has the detector {id}"), "adopt_existing = true", "import {"],
        );
        assert_eq!(project.state(ADDRESS), None);

        switch(&project, &id, "EKS_RUNTIME_MONITORING", true);
        let body = r#"
            adopt_existing    = true
            unlisted_features = "disable"
            on_destroy        = "suspend"
            finding_publishing_frequency = "FIFTEEN_MINUTES"
            features = {
              RUNTIME_MONITORING = { status = "ENABLED" }
              AI_PROTECTION      = { status = "ENABLED" }
            }
            tags = { team = "security" }"#;
        project.apply(&configuration(body));
        project.expect_attribute(ADDRESS, "id", json!(id));
        assert_eq!(switched_on(&project, REGION, &id), ["AI_PROTECTION", "RUNTIME_MONITORING"]);
        let client = Client::new(&project.sdk(REGION));
        let found = block_on(client.get_detector().detector_id(&id).send()).unwrap();
        let tags = found.tags().unwrap().keys();
        assert_eq!(tags.filter(|key| !key.starts_with("guardduty:owner/")).collect::<Vec<_>>(), ["team"]);
        assert_eq!(found.finding_publishing_frequency().unwrap().as_str(), "FIFTEEN_MINUTES");

        project.destroy();
        let found = block_on(client.get_detector().detector_id(&id).send()).unwrap();
        assert_eq!(found.status().unwrap().as_str(), "DISABLED");

        // Adopted again, it watches again; and with "keep" it stays so.
        project.apply(&configuration("adopt_existing = true\n on_destroy = \"keep\""));
        project.destroy();
        let found = block_on(client.get_detector().detector_id(&id).send()).unwrap();
        assert_eq!(found.status().unwrap().as_str(), "ENABLED");
        assert_eq!(switched_on(&project, REGION, &id), ["AI_PROTECTION", "RUNTIME_MONITORING"]);

        // Where there is none, one is made.
        project.apply(&configuration("adopt_existing = true\n region = \"eu-west-1\""));
        assert_eq!(detectors(&project, "eu-west-1").len(), 1);
        project.destroy();
        assert_eq!(detectors(&project, "eu-west-1"), [""; 0]);
    });
}

#[test]
fn what_is_wrong_is_refused_at_plan() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let listed = |features: &str| configuration(&format!("features = {{ {features} }}"));
        let meant =
            r#"Did you mean "RUNTIME_MONITORING" with the additional configuration "ECS_FARGATE_AGENT_MANAGEMENT"?"#;
        let wrong = [
            (listed("ECS_RUNTIME_MONITORING = { status = \"ENABLED\" }"), meant),
            (listed("FLOW_LOGS = { status = \"ENABLED\" }"), "\"FLOW_LOGS\" is always on and can't be switched"),
            (listed("S3_DATA_EVENT = { status = \"ENABLED\" }"), "Did you mean \"S3_DATA_EVENTS\"?"),
            (listed("S3_DATA_EVENTS = { status = \"ENABLE\" }"), "Did you mean \"ENABLED\"?"),
            (listed("S3_DATA_EVENTS = {}"), "\"status\" is required"),
            (
                listed(
                    "EKS_AUDIT_LOGS = { status = \"ENABLED\", additional_configuration = { ECS_FARGATE_AGENT_MANAGEMENT = \"ENABLED\" } }",
                ),
                "\"ECS_FARGATE_AGENT_MANAGEMENT\" belongs to \"RUNTIME_MONITORING\", not to \"EKS_AUDIT_LOGS\"",
            ),
            (
                listed(
                    "RUNTIME_MONITORING = { status = \"ENABLED\", additional_configuration = { EC2_AGENT_MANAGEMENT = \"on\" } }",
                ),
                "\"on\" is not one of the allowed values",
            ),
            (
                listed(
                    "RUNTIME_MONITORING = { status = \"ENABLED\" }\n EKS_RUNTIME_MONITORING = { status = \"DISABLED\" }",
                ),
                "RUNTIME_MONITORING and EKS_RUNTIME_MONITORING exclude each other",
            ),
            (configuration("finding_publishing_frequency = \"HOURLY\""), "FIFTEEN_MINUTES"),
            (configuration("unlisted_features = \"disabled\""), "Did you mean \"disable\"?"),
            (configuration("on_destroy = \"remove\""), "\"delete\", \"suspend\", \"keep\""),
            (configuration("tags = { \"aws:team\" = \"x\" }"), "reserved for AWS"),
            (
                configuration(
                    "features = { S3_DATA_EVENTS = { status = \"ENABLED\" } }\n datasources {\n s3_logs {\n enable = true\n }\n }",
                ),
                "feature S3_DATA_EVENTS is set in both `datasources` and `features`",
            ),
            (configuration("datasources {\n kubernetes {}\n }"), "audit_logs"),
        ];
        for (configuration, text) in wrong {
            project.expect_refused(&configuration, &[text]);
        }
        assert_eq!(project.calls(), [""; 0], "no call is needed to know that");
    });
}

#[test]
fn regions_unknown_values_and_the_data_source() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let configuration = r#"
            resource "terraform_data" "later" {
              input = { region = "eu-west-1", status = "ENABLED", frequency = "ONE_HOUR", team = "security" }
            }
            resource "guardduty_detector" "test" {
              unlisted_features = "disable"
            }
            resource "guardduty_detector" "far" {
              region                       = terraform_data.later.output.region
              finding_publishing_frequency = terraform_data.later.output.frequency
              unlisted_features            = "disable"
              features = {
                S3_DATA_EVENTS     = { status = terraform_data.later.output.status }
                RUNTIME_MONITORING = {
                  status                   = "DISABLED"
                  additional_configuration = { EC2_AGENT_MANAGEMENT = terraform_data.later.output.status }
                }
              }
              tags = { team = terraform_data.later.output.team }
            }
            data "guardduty_detector" "far" {
              id     = guardduty_detector.far.id
              region = guardduty_detector.far.region
            }
            data "guardduty_detector" "here" {
              depends_on = [guardduty_detector.test]
              tags       = { team = "none" }
            }"#;
        project.apply(configuration).expect_texts(&["tags of a data source are not looked at"]);
        let far = detectors(&project, "eu-west-1")[0].clone();
        let on = ["RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT", "S3_DATA_EVENTS"];
        assert_eq!(switched_on(&project, "eu-west-1", &far), on);

        let here = detectors(&project, REGION)[0].clone();
        project.expect_attribute("data.guardduty_detector.here", "id", json!(here));
        project.expect_attribute("data.guardduty_detector.here", "tags", json!({}));
        let found = project.state("data.guardduty_detector.far").unwrap();
        assert_eq!(found["arn"], json!(format!("arn:aws:guardduty:eu-west-1:{}:detector/{far}", project.account)));
        assert_eq!(found["status"], json!("ENABLED"));
        assert_eq!(found["finding_publishing_frequency"], json!("ONE_HOUR"));
        assert_eq!(found["tags"], json!({"team": "security"}));
        assert!(found["service_role_arn"].as_str().unwrap().contains("AWSServiceRoleForAmazonGuardDuty"));
        let features = found["features"].as_array().unwrap();
        let feature = |name: &str| features.iter().find(|feature| feature["name"] == name).unwrap();
        assert_eq!(feature("S3_DATA_EVENTS")["status"], json!("ENABLED"));
        assert_eq!(feature("FLOW_LOGS")["status"], json!("ENABLED"));
        assert_eq!(
            feature("RUNTIME_MONITORING")["additional_configuration"][0],
            json!({"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"})
        );

        project.run(&["state", "rm", "guardduty_detector.far"]).expect_success();
        project.run(&["import", "guardduty_detector.far", &format!("{far}@eu-west-1")]).expect_success();
        project.destroy();
        assert_eq!(detectors(&project, "eu-west-1"), [""; 0]);
        assert_eq!(detectors(&project, REGION), [""; 0]);

        project.expect_refused(
            "data \"guardduty_detector\" \"none\" {}",
            &["there is no GuardDuty detector in us-east-1"],
        );
        let wrong = "data \"guardduty_detector\" \"none\" {\n id = \"0123\"\n}";
        project.expect_refused(wrong, &["there is no GuardDuty detector 0123 in us-east-1"]);
        project.run(&["import", "guardduty_detector.test", "0123"]).expect_failure(&["0123"]);
    });
}

#[test]
fn faults_lose_nothing() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let fault = |operation: &str, mode: &str, code: &str| {
            project.fault(json!({"service": "guardduty", "operation": operation, "mode": mode, "code": code,
                "message": "Rate exceeded", "status": 400, "times": 1}));
        };
        let body = "unlisted_features = \"disable\"\n tags = { team = \"security\" }";
        fault("CreateDetector", "error", "ThrottlingException");
        fault("CreateDetector", "lost", "");
        project.apply(&configuration(body));
        let calls = project.calls();
        assert_eq!(count(&calls, "guardduty:CreateDetector"), 3, "throttled, answer lost, done: {calls:?}");
        let id = detectors(&project, REGION)[0].clone();
        project.expect_attribute(ADDRESS, "id", json!(id));

        // A failed update leaves in the state what is true: here the tags could not be set, the rest was.
        let changed =
            "unlisted_features = \"disable\"\n finding_publishing_frequency = \"ONE_HOUR\"\n tags = { team = \"web\" }";
        fault("TagResource", "error", "AccessDeniedException");
        project.expect_apply_failure(&configuration(changed), &["AccessDeniedException", "lack a permission"]);
        project.expect_attribute(ADDRESS, "finding_publishing_frequency", json!("ONE_HOUR"));
        project.expect_attribute(ADDRESS, "tags", json!({"team": "security"}));
        project.apply(&configuration(changed));

        // The detector is made but can't be read: it is kept in the state and made anew, not lost.
        project.destroy();
        project.fault(json!({"service": "guardduty", "operation": "GetDetector", "mode": "error",
            "code": "AccessDeniedException", "message": "no", "status": 403, "times": 1}));
        project.expect_apply_failure(&configuration(body), &["AccessDeniedException"]);
        let id = detectors(&project, REGION)[0].clone();
        project.expect_attribute(ADDRESS, "id", json!(id));
        project.apply(&configuration(body));
        fault("DeleteDetector", "lost", "");
        project.destroy();
        assert_eq!(detectors(&project, REGION), [""; 0]);
    });
}

#[test]
fn who_decides_instead_is_named() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let off = configuration(
            "unlisted_features = \"disable\"\n features = { S3_DATA_EVENTS = { status = \"DISABLED\" } }",
        );
        project.apply(&off);
        let on = off.replace("DISABLED", "ENABLED");
        let arn = project.attribute(ADDRESS, "arn").as_str().unwrap().to_owned();
        project.control("/_guardduty/administrator", json!({"region": REGION, "administrator": "111122223333"}));
        project
            .expect_apply_failure(&on, &["cannot update GuardDuty detector", "managed by administrator 111122223333"]);
        project.run(&["destroy", "-auto-approve"]).expect_failure(&["managed by administrator 111122223333"]);
        project.run(&["state", "rm", ADDRESS]).expect_success();
        unmark(&project, &arn);
        project.expect_apply_failure(&off, &["already exists", "managed by administrator 111122223333"]);
        project.run(&["import", ADDRESS, &detectors(&project, REGION)[0]]).expect_success();
        project.apply(&off);

        project.control("/_guardduty/administrator", json!({"region": REGION, "administrator": null}));
        project.control("/_guardduty/managed", json!({"region": REGION, "feature": "S3_DATA_EVENTS"}));
        project.expect_no_changes();
        let text = ["feature S3_DATA_EVENTS can't be changed from this account", "GUARDDUTY_POLICY", "features ="];
        project.write(&on);
        project.run(&["plan"]).expect_success().expect_texts(&text);
        // Also where AWS refuses it in the apply, and by the former name of the feature.
        project.expect_apply_failure(&on, &["cannot update GuardDuty detector", text[0], text[1]]);
        let former = configuration("datasources {\n  s3_logs {\n  enable = true\n }\n }");
        project.expect_apply_failure(&former, &["the apply will fail: feature S3_DATA_EVENTS", text[0], text[1]]);
        project.apply(&off);
        project.destroy();
    });
}

#[test]
fn takes_over_the_state_of_hashicorp_aws() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let id = detector(&project, REGION);
        let arn = format!("arn:aws:guardduty:us-east-1:{}:detector/{id}", project.account);
        let on = json!([{"enable": true}]);
        project.write_aws_state(
            "aws_guardduty_detector",
            &json!({
                "account_id": project.account, "arn": arn, "enable": true, "id": id, "tags": {"made": "elsewhere"},
                "finding_publishing_frequency": "SIX_HOURS", "tags_all": {"made": "elsewhere"},
                "datasources": [{"kubernetes": [{"audit_logs": on}], "s3_logs": on, "malware_protection": [
                    {"scan_ec2_instance_with_findings": [{"ebs_volumes": on}]},
                ]}],
            }),
        );
        let moved = "moved {\n from = aws_guardduty_detector.old\n to = guardduty_detector.test\n }\n";
        let configuration = format!("{moved}{}", configuration("enable = true\n tags = { made = \"elsewhere\" }"));
        project.plan(&configuration).expect_actions(ADDRESS, &["no-op"]);
        project.apply(&configuration).expect_texts(&["0 added, 0 changed, 0 destroyed"]);
        project.expect_attribute(ADDRESS, "id", json!(id));
        project.expect_attribute(ADDRESS, "region", json!(REGION));

        // With `datasources` in the configuration, the apply notes them and changes nothing.
        let with = format!("{configuration}\n")
            .replace("enable = true", "enable = true\n datasources {\n s3_logs {\n enable = true\n }\n }");
        project.clear_calls();
        project.apply(&with);
        project.expect_no_changes();
        assert_eq!(count(&project.calls(), "guardduty:UpdateDetector"), 0, "{:?}", project.calls());
        project.destroy();
        assert_eq!(detectors(&project, REGION), [""; 0]);
    });
}

/// The three switches, each as an expression, in `dynamic` blocks at every level.
fn datasources(s3_logs: &str, audit_logs: &str, volumes: &str) -> String {
    configuration(&format!(
        r#"
        unlisted_features = "disable"
        dynamic "datasources" {{
          for_each = ["all"]
          content {{
            s3_logs {{
              enable = {s3_logs}
            }}
            dynamic "kubernetes" {{
              for_each = ["one"]
              content {{
                audit_logs {{
                  enable = {audit_logs}
                }}
              }}
            }}
            malware_protection {{
              scan_ec2_instance_with_findings {{
                ebs_volumes {{
                  enable = {volumes}
                }}
              }}
            }}
          }}
        }}"#
    ))
}

#[test]
fn datasources_are_the_features_that_they_mean() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let fixed = datasources("true", "false", "true");
        let output = project.apply(&fixed);
        output.expect_texts(&[
            "`datasources` is deprecated",
            "S3_DATA_EVENTS = { status = \"ENABLED\" }",
            "EKS_AUDIT_LOGS = { status = \"DISABLED\" }",
            "EBS_MALWARE_PROTECTION = { status = \"ENABLED\" }",
        ]);
        let id = detectors(&project, REGION)[0].clone();
        let on = || switched_on(&project, REGION, &id);
        assert_eq!(on(), ["EBS_MALWARE_PROTECTION", "S3_DATA_EVENTS"]);
        project.expect_no_changes();

        // A switch that only the apply knows, and then drift of it.
        let later = "resource \"terraform_data\" \"later\" {\n input = true\n }\n";
        let unknown = format!("{later}{}", datasources("true", "terraform_data.later.output", "false"));
        project.apply(&unknown);
        assert_eq!(on(), ["EKS_AUDIT_LOGS", "S3_DATA_EVENTS"]);
        project.expect_no_changes();
        switch(&project, &id, "EKS_AUDIT_LOGS", false);
        project.plan(&unknown).expect_actions(ADDRESS, &["update"]);
        project.apply(&unknown);
        assert_eq!(on(), ["EKS_AUDIT_LOGS", "S3_DATA_EVENTS"]);
        switch(&project, &id, "EBS_MALWARE_PROTECTION", true);
        project.apply(&unknown);
        assert_eq!(on(), ["EKS_AUDIT_LOGS", "S3_DATA_EVENTS"]);

        // Imported, and rewritten as the warning says: nothing is called that would change the detector.
        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, &id]).expect_success();
        project.clear_calls();
        project.apply(&unknown);
        let features = r#"
            unlisted_features = "disable"
            features = {
              S3_DATA_EVENTS         = { status = "ENABLED" }
              EKS_AUDIT_LOGS         = { status = "ENABLED" }
              EBS_MALWARE_PROTECTION = { status = "DISABLED" }
            }"#;
        project.apply(&configuration(features));
        assert_eq!(count(&project.calls(), "guardduty:UpdateDetector"), 0, "{:?}", project.calls());
        project.apply(&fixed);
        assert_eq!(on(), ["EBS_MALWARE_PROTECTION", "S3_DATA_EVENTS"]);

        // Left out, they are left alone; adopted, they are set.
        project
            .apply(&configuration("unlisted_features = \"disable\"\n datasources {}"))
            .expect_texts(&["This block sets nothing. Remove it."]);
        assert_eq!(on(), ["EBS_MALWARE_PROTECTION", "S3_DATA_EVENTS"]);
        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.apply(&datasources("false", "true", "false").replace("unlisted", "adopt_existing = true\n unlisted"));
        assert_eq!(on(), ["EKS_AUDIT_LOGS"]);
        project.destroy();
    });
}

/// What depends on it must not be destroyed before that is refused.
#[test]
fn a_protected_detector_is_not_replaced() {
    let project = Project::new(&one_cli());
    project.apply(&configuration("deletion_protection = true"));
    let replace = format!("-replace={ADDRESS}");
    project.run(&["plan", &replace]).expect_failure(&["the detector is protected from being replaced"]);
    project.expect_no_changes();
    project.apply(&configuration("deletion_protection = false"));
    project.destroy();
}

/// One of the two runtime monitorings takes the place of the other in one apply.
#[test]
fn one_runtime_monitoring_follows_the_other() {
    let project = Project::new(&one_cli());
    let with = |name: &str| {
        configuration(&format!(
            "unlisted_features = \"disable\"\n features = {{ {name} = {{ status = \"ENABLED\" }} }}"
        ))
    };
    project.apply(&with("EKS_RUNTIME_MONITORING"));
    project.apply(&with("RUNTIME_MONITORING"));
    let id = detectors(&project, REGION)[0].clone();
    assert_eq!(switched_on(&project, REGION, &id), ["RUNTIME_MONITORING"]);
    project.destroy();
}
