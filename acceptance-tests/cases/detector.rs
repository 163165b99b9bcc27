//! `guardduty_detector`.

use aws_sdk_guardduty::types::FindingPublishingFrequency;
use serde_json::{Value as Json, json};

use super::world::World;
use super::{Calls, Case, tags};
use crate::harness::block_on;

/// The region of the conformance suite's detector: in the other there is one already.
const OTHER_REGION: &str = "eu-west-1";

pub const CASE: Case = Case {
    name: "guardduty_detector",
    body: |_| json!({"unlisted_features": "disable"}),
    blocks: &[
        "datasources",
        "s3_logs",
        "kubernetes",
        "audit_logs",
        "malware_protection",
        "scan_ec2_instance_with_findings",
        "ebs_volumes",
    ],
    configurations,
    changes: |_| {
        vec![
            ("finding_publishing_frequency", json!("ONE_HOUR")),
            ("enable", json!(false)),
            ("enable", Json::Null),
            ("features", json!({"S3_DATA_EVENTS": {"status": "ENABLED"}})),
            ("tags", tags()),
            ("tags", Json::Null),
        ]
    },
    replaces: |_| vec![("region", json!(OTHER_REGION))],
    refuses: &[
        ("finding_publishing_frequency", || json!("DAILY"), "ONE_HOUR"),
        ("features", || json!({"S3_DATA": {"status": "ENABLED"}}), "S3_DATA_EVENTS"),
    ],
    id: |world| world.detectors()[0].clone(),
    identity: &["id"],
    is_there: |world| world.detectors().len() == 1,
    drift: Some((
        |world| {
            let change = world.guardduty.update_detector().detector_id(&world.detectors()[0]);
            let other = change.finding_publishing_frequency(FindingPublishingFrequency::FifteenMinutes).enable(false);
            block_on(other.send()).unwrap();
        },
        "enable",
    )),
    vanish: Some(|world| {
        block_on(world.guardduty.delete_detector().detector_id(&world.detectors()[0]).send()).unwrap();
    }),
    calls: Calls {
        create: &["guardduty:CreateDetector", "guardduty:GetDetector"],
        refresh: &["guardduty:GetDetector"],
        destroy: &["guardduty:DeleteDetector", "guardduty:GetDetector 2"],
    },
    half_made: &[],
};

fn configurations(_: &World) -> Vec<Json> {
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
