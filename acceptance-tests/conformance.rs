//! The CLIs' own rules, held against every registered type through gRPC in process: each configuration below as it is,
//! with every attribute unknown, and with every attribute left out; and each one made, read, planned anew and destroyed.

use provider::GuardDuty;
use serde_json::{Value as Json, json};
use tfplugin::testing::{Client, check_data_source, check_resource, check_schemas};
use tfplugin::{Model, Path, Provider, Value, protocol};

use crate::harness::{Project, REGION, block_on, one_cli};

const CLUSTER: &str = "prod";

/// The detector's own region: there is one a region, and the other types need theirs.
const OTHER_REGION: &str = "eu-west-1";

/// A valid configuration of each resource type that sets as much as can be set at once.
fn configurations(world: &World) -> Vec<(&'static str, Json)> {
    let World { account, detector, topic, bucket } = world;
    let finding = json!({"severity": ["HIGH"], "finding_types": ["CryptoCurrency:Runtime/*"], "sample": false});
    vec![
        (
            "guardduty_detector",
            json!({
                "enable": true, "finding_publishing_frequency": "ONE_HOUR", "unlisted_features": "disable",
                "adopt_existing": true, "on_destroy": "delete", "deletion_protection": false,
                "features": {"RUNTIME_MONITORING": {
                    "status": "ENABLED", "additional_configuration": {"ECS_FARGATE_AGENT_MANAGEMENT": "ENABLED"}
                }},
                "tags": {"team": "security"}, "region": OTHER_REGION,
            }),
        ),
        (
            "guardduty_detector_feature",
            json!({
                "detector_id": detector, "name": "RUNTIME_MONITORING", "status": "ENABLED", "on_destroy": "restore",
                "additional_configuration": [{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}], "region": REGION,
            }),
        ),
        (
            "guardduty_ecs_response",
            json!({
                "name": "stop", "action": "stop_task", "clusters": [CLUSTER], "match": finding, "dry_run": true,
                "notify_topic_arn": topic, "tags": {"team": "security"}, "region": REGION,
            }),
        ),
        (
            "guardduty_ecs_runtime_monitoring",
            json!({
                "detector_id": detector, "fargate": {"include": [CLUSTER], "agent": "DISABLED"},
                "ec2": {"agent": "DISABLED"}, "redeploy_services": true, "wait_for_coverage": true,
                "timeouts": {"create": "5m", "update": "5m"}, "region": REGION,
            }),
        ),
        (
            "guardduty_filter",
            json!({
                "detector_id": detector, "name": "ecs-high", "description": "quiet", "action": "ARCHIVE", "rank": 1,
                "finding_criteria": [{"criterion": [{"field": "severity", "less_than": "4"}]}],
                "tags": {"team": "security"}, "region": REGION,
            }),
        ),
        (
            "guardduty_finding_rule",
            json!({
                "name": "alert", "description": "serious", "enabled": false, "match": finding,
                "manage_permissions": false, "tags": {"team": "security"}, "region": REGION,
                "targets": {"people": {
                    "arn": topic, "retry": {"maximum_attempts": 3, "maximum_age_seconds": 600},
                    "input": {"template": "<$.detail.title>"},
                }},
            }),
        ),
        (
            "guardduty_sample_findings",
            json!({
                "detector_id": detector, "finding_types": ["CryptoCurrency:Runtime/BitcoinTool.B!DNS"],
                "triggers": {"wiring": "1"}, "region": REGION,
            }),
        ),
        (
            "guardduty_threatintelset",
            json!({
                "detector_id": detector, "name": "hostile", "activate": true, "format": "TXT", "bucket": bucket,
                "key": "hostile.txt", "entries": ["198.51.100.7"], "expected_bucket_owner": account,
                "tags": {"team": "security"}, "timeouts": {"create": "5m"}, "region": REGION,
            }),
        ),
    ]
}

/// A configuration of each data source that finds something.
fn searches(world: &World) -> Vec<(&'static str, Json)> {
    let World { detector, .. } = world;
    let coverage =
        json!({"detector_id": detector, "cluster_names": [CLUSTER], "status": "UNHEALTHY", "region": REGION});
    vec![("guardduty_coverage", coverage), ("guardduty_detector", json!({"id": detector, "region": REGION}))]
}

#[test]
fn every_type_keeps_the_rules() {
    let project = Project::new(&one_cli());
    let world = World::new(&project);
    let config = provider_block(&project);
    block_on(async {
        let mut client = Client::<GuardDuty>::default();
        assert_eq!(client.configure(&config).await.unwrap(), []);
        let mut report = check_schemas::<GuardDuty>();
        for (name, configuration) in configurations(&world) {
            report.extend(check_resource(&mut client, name, &configuration).await.unwrap());
        }
        for (name, configuration) in searches(&world) {
            report.extend(check_data_source(&mut client, name, &configuration).await.unwrap());
        }
        assert!(report.is_empty(), "rules are broken:\n{}", report.join("\n"));
    });
}

#[test]
fn every_type_has_a_configuration_here() {
    let world = World::default();
    let known: Vec<_> = configurations(&world).into_iter().chain(searches(&world)).map(|(name, _)| name).collect();
    let resources = GuardDuty::RESOURCES.iter().map(|one| one.name());
    let data_sources = GuardDuty::DATA_SOURCES.iter().map(|one| one.name());
    let all = resources.chain(data_sources).map(|name| format!("guardduty_{name}"));
    let missing: Vec<_> = all.filter(|name| !known.contains(&name.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// What the configurations speak of.
#[derive(Default)]
struct World {
    account: String,
    detector: String,
    topic: String,
    bucket: String,
}

impl World {
    /// A detector, a cluster, a topic and a bucket.
    fn new(project: &Project) -> Self {
        let sdk = project.sdk(REGION);
        let guardduty = aws_sdk_guardduty::Client::new(&sdk);
        let (ecs, sns) = (aws_sdk_ecs::Client::new(&sdk), aws_sdk_sns::Client::new(&sdk));
        let s3 = aws_sdk_s3::Client::new(&sdk);
        let bucket = format!("lists-{}", project.account);
        block_on(async {
            ecs.create_cluster().cluster_name(CLUSTER).send().await.unwrap();
            s3.create_bucket().bucket(&bucket).send().await.unwrap();
            World {
                bucket,
                account: project.account.clone(),
                detector: guardduty.create_detector().enable(true).send().await.unwrap().detector_id.unwrap(),
                topic: sns.create_topic().name("security").send().await.unwrap().topic_arn.unwrap(),
            }
        })
    }
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
