//! The CLIs' own rules, held against every registered type through gRPC in process: each configuration below as it is,
//! with every attribute unknown, and with every attribute left out.

use provider::GuardDuty;
use serde_json::{Value as Json, json};
use tfplugin::testing::{Client, check_resource, check_schemas};
use tfplugin::{Model, Path, Provider, Value, protocol};

use crate::harness::{Project, REGION, block_on, one_cli};

const DETECTOR: &str = "12abc34d567e8fa901bc2d34e56789f0";

/// A valid configuration of each resource type that sets as much as can be set at once.
fn configurations() -> Vec<(&'static str, Json)> {
    vec![
        (
            "guardduty_ecs_response",
            json!({
                "name": "stop", "action": "stop_task", "clusters": ["prod"], "dry_run": true,
                "match": {
                    "finding_types": ["*:Runtime/*"], "severity": ["HIGH"], "severity_minimum": 7.5,
                    "severity_maximum": 8.5, "resource_types": ["ECSCluster"], "ecs_clusters": ["prod"],
                    "launch_type": "FARGATE", "accounts": ["111122223333"], "features": ["RUNTIME_MONITORING"],
                    "sample": false,
                },
                "notify_topic_arn": "arn:aws:sns:eu-central-1:111122223333:alerts",
                "notify_topic_key_arn": "arn:aws:kms:eu-central-1:111122223333:key/1", "tags": {"team": "security"},
                "region": "eu-central-1",
            }),
        ),
        (
            "guardduty_filter",
            json!({
                "detector_id": DETECTOR, "name": "ecs-high", "description": "quiet", "action": "ARCHIVE", "rank": 1,
                "finding_criteria": [{"criterion": [{"field": "severity", "less_than": "4"}]}],
                "tags": {"team": "security"}, "region": "eu-central-1",
            }),
        ),
        (
            "guardduty_sample_findings",
            json!({
                "detector_id": DETECTOR, "finding_types": ["CryptoCurrency:Runtime/BitcoinTool.B!DNS"],
                "triggers": {"run": "1"}, "region": "eu-central-1",
            }),
        ),
    ]
}

#[test]
fn every_resource_type_keeps_the_rules() {
    let project = Project::new(&one_cli());
    let config = provider_block(&project);
    block_on(async {
        let mut client = Client::<GuardDuty>::default();
        assert_eq!(client.configure(&config).await.unwrap(), []);
        let mut report = check_schemas::<GuardDuty>();
        for (name, configuration) in configurations() {
            report.extend(check_resource(&mut client, name, &configuration).await.unwrap());
        }
        assert!(report.is_empty(), "rules are broken:\n{}", report.join("\n"));
    });
}

#[test]
fn every_resource_type_has_a_configuration_here() {
    let mut missing: Vec<_> = GuardDuty::RESOURCES.iter().map(|one| format!("guardduty_{}", one.name())).collect();
    missing.retain(|name| !configurations().iter().any(|(known, _)| known == name));
    assert_eq!(missing, Vec::<String>::new());
}

/// A provider block that reaches the tests' server.
fn provider_block(project: &Project) -> Value {
    let object = provider::Config::object();
    let endpoints =
        ["guardduty", "cloudwatch", "ecs", "events", "iam", "kms", "lambda", "logs", "s3", "sfn", "sns", "sqs", "sts"];
    let endpoints: serde_json::Map<_, _> =
        endpoints.iter().map(|name| ((*name).to_owned(), project.endpoint().into())).collect();
    let config = json!({
        "region": REGION, "access_key": project.account, "secret_key": "test", "endpoints": [endpoints],
        "default_tags": [], "ignore_tags": [],
    });
    let value = protocol::json::read(&config, &object.value_type()).unwrap();
    assert!(provider::Config::from_object(&value, &Path::root()).is_ok());
    value
}
