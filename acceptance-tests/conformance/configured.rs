//! Valid configurations of every type that set all of its attributes between them: the first as much as goes together,
//! the others what doesn't go with it.

use serde_json::{Value as Json, json};
use tfplugin::Model;

use super::Configured;
use super::world::World;
use crate::harness::REGION;

pub const CLUSTER: &str = "prod";

/// The detector's own region: there is one a region, and the other types need theirs.
const OTHER_REGION: &str = "eu-west-1";

/// Configurations of each resource type.
pub fn configurations(world: &World) -> Vec<Configured> {
    vec![
        ("guardduty_detector", detectors()),
        ("guardduty_detector_feature", detector_features(world)),
        ("guardduty_ecs_response", ecs_responses(world)),
        ("guardduty_ecs_runtime_monitoring", ecs_runtime_monitoring(world)),
        ("guardduty_filter", filters(world)),
        ("guardduty_finding_rule", finding_rules(world)),
        ("guardduty_sample_findings", sample_findings(world)),
        ("guardduty_threatintelset", threatintelsets(world)),
    ]
}

fn detectors() -> Vec<Json> {
    vec![json!({
        "enable": true, "finding_publishing_frequency": "ONE_HOUR", "unlisted_features": "disable",
        "adopt_existing": true, "on_destroy": "delete", "deletion_protection": false,
        "features": {"RUNTIME_MONITORING": {
            "status": "ENABLED", "additional_configuration": {"ECS_FARGATE_AGENT_MANAGEMENT": "ENABLED"}
        }},
        "datasources": [{
            "s3_logs": [{"enable": true}], "kubernetes": [{"audit_logs": [{"enable": false}]}],
            "malware_protection": [{"scan_ec2_instance_with_findings": [{"ebs_volumes": [{"enable": true}]}]}],
        }],
        "tags": {"team": "security"}, "region": OTHER_REGION,
    })]
}

fn detector_features(World { detector, .. }: &World) -> Vec<Json> {
    vec![json!({
        "detector_id": detector, "name": "RUNTIME_MONITORING", "status": "ENABLED", "on_destroy": "restore",
        "additional_configuration": [{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}], "region": REGION,
    })]
}

fn ecs_responses(World { topic, account, .. }: &World) -> Vec<Json> {
    vec![
        json!({
            "name": "stop", "action": "stop_task", "clusters": [CLUSTER], "dry_run": true, "notify_topic_arn": topic,
            "match": {"severity": ["HIGH"], "finding_types": ["CryptoCurrency:Runtime/*"], "sample": false},
            "timeouts": {"create": "5m", "update": "5m"}, "tags": {"team": "security"}, "region": REGION,
        }),
        json!({
            "name": "stop", "action": "stop_task", "clusters": [CLUSTER], "notify_topic_arn": topic,
            "notify_topic_key_arn": format!("arn:aws:kms:{REGION}:{account}:key/1"),
            "match": {
                "severity_minimum": 4, "severity_maximum": 8.9, "resource_types": ["ECSCluster"],
                "ecs_clusters": [CLUSTER], "launch_type": "FARGATE", "accounts": [account],
                "features": ["RUNTIME_MONITORING"],
            },
        }),
    ]
}

fn ecs_runtime_monitoring(World { detector, .. }: &World) -> Vec<Json> {
    vec![
        json!({
            "detector_id": detector, "fargate": {"include": [CLUSTER], "agent": "DISABLED"},
            "ec2": {"agent": "DISABLED"}, "redeploy_services": true, "wait_for_coverage": true,
            "timeouts": {"create": "5m", "update": "5m"}, "region": REGION,
        }),
        json!({"detector_id": detector, "fargate": {"exclude": [CLUSTER]}}),
        json!({"detector_id": detector, "fargate": {"clusters": "all"}}),
    ]
}

fn filters(World { detector, .. }: &World) -> Vec<Json> {
    vec![
        json!({
            "detector_id": detector, "name": "ecs-high", "description": "quiet", "action": "ARCHIVE", "rank": 1,
            "finding_criteria": [{"criterion": [
                {"field": "severity", "less_than": "4", "greater_than": "1"},
                {"field": "type", "matches": ["*Runtime*"], "not_matches": ["*Bitcoin*"]},
            ]}],
            "tags": {"team": "security"}, "region": REGION,
        }),
        json!({
            "detector_id": detector, "name": "ecs-high", "action": "NOOP",
            "finding_criteria": [{"criterion": [
                {"field": "severity", "less_than_or_equal": "4", "greater_than_or_equal": "1"},
                {"field": "region", "equals": ["us-east-1"], "not_equals": ["us-west-1"]},
            ]}],
        }),
    ]
}

fn finding_rules(World { topic, queue, account, .. }: &World) -> Vec<Json> {
    let machine = format!("arn:aws:states:{REGION}:{account}:stateMachine:own");
    let role = format!("arn:aws:iam::{account}:role/own");
    vec![
        json!({
            "name": "alert", "description": "serious", "enabled": false,
            "match": {"severity": ["HIGH"], "finding_types": ["CryptoCurrency:Runtime/*"], "sample": false},
            "timeouts": {"create": "5m", "update": "5m"}, "tags": {"team": "security"}, "region": REGION,
            "targets": {"people": {
                "arn": topic, "retry": {"maximum_attempts": 3, "maximum_age_seconds": 600}, "dead_letter_arn": queue,
                "input": {"template": "<$.detail.title>"},
            }},
        }),
        json!({
            "name": "alert", "event_pattern": r#"{"source": ["aws.guardduty"]}"#, "manage_permissions": false,
            "targets": {
                "machine": {"arn": machine, "role_arn": role, "input": {"path": "$.detail"}},
                "ordered": {
                    "arn": format!("arn:aws:sqs:{REGION}:{account}:ordered.fifo"), "message_group_id": "findings",
                    "input": {"json": r#"{"hello": "world"}"#},
                },
            },
        }),
        json!({
            "name": "alert", "manage_permissions": false, "targets": {"people": {"arn": topic}},
            "match": {
                "severity_minimum": 4, "severity_maximum": 8.9, "resource_types": ["ECSCluster"],
                "ecs_clusters": [CLUSTER], "launch_type": "FARGATE", "accounts": [account],
                "features": ["RUNTIME_MONITORING"],
            },
        }),
    ]
}

fn sample_findings(World { detector, .. }: &World) -> Vec<Json> {
    vec![json!({
        "detector_id": detector, "finding_types": ["CryptoCurrency:Runtime/BitcoinTool.B!DNS"],
        "triggers": {"wiring": "1"}, "region": REGION,
    })]
}

fn threatintelsets(World { account, detector, bucket, .. }: &World) -> Vec<Json> {
    vec![
        json!({
            "detector_id": detector, "name": "hostile", "activate": true, "format": "TXT", "bucket": bucket,
            "key": "hostile.txt", "overwrite": true, "entries": ["198.51.100.7"], "expected_bucket_owner": account,
            "tags": {"team": "security"}, "timeouts": {"create": "5m", "update": "5m", "delete": "5m"},
            "region": REGION,
        }),
        json!({
            "detector_id": detector, "name": "hostile", "activate": false, "format": "TXT",
            "location": format!("s3://{bucket}/own.txt"), "content_hash": "1",
        }),
    ]
}

/// Configurations of each data source that find something.
pub fn searches(World { detector, .. }: &World) -> Vec<Configured> {
    let coverage =
        json!({"detector_id": detector, "cluster_names": [CLUSTER], "status": "UNHEALTHY", "region": REGION});
    let found = json!({"id": detector, "region": REGION});
    vec![("guardduty_coverage", vec![coverage]), ("guardduty_detector", vec![found])]
}

/// Provider blocks: with keys and roles, and with a profile and the token of a web identity.
pub fn provider_blocks() -> Vec<Json> {
    let role = "arn:aws:iam::111122223333:role/guardduty";
    let policy = r#"{"Version": "2012-10-17", "Statement": []}"#;
    let endpoint = |name: &str| (name.to_owned(), Json::from("https://localhost:4566"));
    let endpoints: serde_json::Map<_, _> = SERVICES.iter().map(|name| endpoint(name)).collect();
    let object = provider::Config::object();
    let names = object.blocks.iter().find(|block| block.name == "endpoints").unwrap().object.attributes.iter();
    let others = names.map(|attribute| attribute.name).filter(|name| !SERVICES.contains(name));
    let other_names: serde_json::Map<_, _> = others.map(endpoint).collect();
    vec![
        json!({
            "region": REGION, "access_key": "AKIA", "secret_key": "secret", "token": "token", "max_retries": 3,
            "retry_mode": "adaptive", "allowed_account_ids": ["111122223333"], "http_proxy": "http://proxy:3128",
            "https_proxy": "http://proxy:3129", "no_proxy": "example.com", "sts_region": REGION,
            "use_fips_endpoint": false, "use_dualstack_endpoint": false, "skip_credentials_validation": true,
            "skip_requesting_account_id": false, "skip_region_validation": true, "skip_metadata_api_check": "true",
            "ec2_metadata_service_endpoint": "http://127.0.0.1:1", "ec2_metadata_service_endpoint_mode": "IPv6",
            "insecure": true, "s3_use_path_style": true, "s3_us_east_1_regional_endpoint": "legacy",
            "token_bucket_rate_limiter_capacity": 10, "tag_policy_compliance": "warning",
            "user_agent": ["pipeline/1.0 (team)"],
            "assume_role": [{
                "role_arn": role, "duration": "1h", "external_id": "partner", "policy": policy,
                "policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "session_name": "pipeline",
                "source_identity": "ada", "tags": {"team": "security"}, "transitive_tag_keys": ["team"],
            }],
            "default_tags": [{"tags": {"team": "security"}}],
            "ignore_tags": [{"keys": ["cost"], "key_prefixes": ["aws-"]}], "endpoints": [endpoints],
        }),
        json!({
            "region": REGION, "profile": "security", "shared_config_files": ["/nowhere/config"],
            "shared_credentials_files": ["/nowhere/credentials"], "forbidden_account_ids": ["111122223333"],
            "custom_ca_bundle": "/nowhere/ca.pem", "endpoints": [other_names],
            "assume_role_with_web_identity": [{
                "role_arn": role, "web_identity_token": "token", "session_name": "pipeline", "duration": "1h",
                "policy": policy, "policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            }],
        }),
        json!({
            "region": REGION,
            "assume_role_with_web_identity": [{"role_arn": role, "web_identity_token_file": "/nowhere/token"}],
        }),
    ]
}

/// The services whose endpoints can be named.
pub const SERVICES: [&str; 13] =
    ["guardduty", "cloudwatch", "ecs", "events", "iam", "kms", "lambda", "logs", "s3", "sfn", "sns", "sqs", "sts"];
