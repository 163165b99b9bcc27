//! `guardduty_ecs_runtime_monitoring`.

use serde_json::{Value as Json, json};

use super::world::{CLUSTER, World};
use super::{Calls, Case};
use crate::harness::REGION;

pub const CASE: Case = Case {
    name: "guardduty_ecs_runtime_monitoring",
    body: |world| json!({"detector_id": world.detector, "fargate": {"include": [CLUSTER]}}),
    blocks: &[],
    configurations,
    changes: |_| {
        vec![
            ("fargate", json!({"clusters": "all"})),
            ("fargate", json!({"exclude": [CLUSTER]})),
            ("fargate", json!({"include": [CLUSTER]})),
            ("ec2", json!({"agent": "ENABLED"})),
            ("ec2", Json::Null),
        ]
    },
    replaces: |_| vec![],
    refuses: &[
        ("fargate", || json!({"clusters": "some"}), "all"),
        ("fargate", || json!({"clusters": "all", "include": ["prod"]}), "exclude each other"),
    ],
    id: |world| world.detector.clone(),
    identity: &["detector_id"],
    is_there: |world| {
        world.is_on("RUNTIME_MONITORING") && world.cluster_tag("GuardDutyManaged").as_deref() == Some("true")
    },
    drift: None,
    vanish: None,
    calls: Calls {
        create: &[
            "ecs:DescribeClusters 3",
            "ecs:TagResource",
            "guardduty:GetDetector 3",
            "guardduty:TagResource",
            "guardduty:UpdateDetector",
        ],
        refresh: &["ecs:DescribeClusters", "guardduty:GetDetector"],
        destroy: &[
            "ecs:DescribeClusters 2",
            "ecs:TagResource",
            "ecs:UntagResource",
            "guardduty:GetDetector 3",
            "guardduty:UntagResource",
            "guardduty:UpdateDetector",
        ],
    },
    half_made: &[("ecs", "TagResource"), ("guardduty", "UpdateDetector")],
};

fn configurations(World { detector, .. }: &World) -> Vec<Json> {
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
