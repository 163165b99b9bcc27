//! Valid configurations of every data source and of the provider block that set all of their attributes between them: the
//! first as much as goes together, the others what doesn't go with it. Those of resource types are in `cases`.

use serde_json::{Value as Json, json};
use tfplugin::Model;

use super::Configured;
use crate::cases::{CLUSTER, World};
use crate::harness::REGION;

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
