//! `guardduty_finding_rule`.

use serde_json::{Value as Json, json};

use super::world::{CLUSTER, World};
use super::{Calls, Case, tags};
use crate::harness::{REGION, block_on};

pub const CASE: Case = Case {
    name: "guardduty_finding_rule",
    body: |world| json!({"name": "alert", "match": {}, "targets": {"people": {"arn": world.topic}}}),
    blocks: &[],
    configurations,
    changes: |world| {
        vec![
            ("description", json!("another")),
            ("enabled", json!(false)),
            ("enabled", Json::Null),
            ("match", json!({"severity": ["HIGH"]})),
            ("targets", json!({"people": {"arn": world.topic}, "queue": {"arn": world.queue}})),
            ("tags", tags()),
            ("tags", Json::Null),
        ]
    },
    replaces: |_| vec![("name", json!("other"))],
    refuses: &[
        ("targets", || json!({}), "sends findings nowhere"),
        ("match", || json!({"severity": ["SEVERE"]}), "HIGH"),
    ],
    id: |_| "alert".to_owned(),
    identity: &["name"],
    is_there: |world| world.targets("alert") == 1,
    drift: Some((
        |world| {
            block_on(world.events.disable_rule().name("alert").send()).unwrap();
        },
        "enabled",
    )),
    vanish: None,
    calls: Calls {
        create: &[
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "events:PutRule",
            "events:PutTargets",
            "sns:GetTopicAttributes 4",
            "sns:SetTopicAttributes",
        ],
        refresh: &[
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "sns:GetTopicAttributes",
        ],
        destroy: &[
            "events:DeleteRule",
            "events:DescribeRule",
            "events:ListTagsForResource 3",
            "events:ListTargetsByRule 2",
            "events:RemoveTargets",
            "sns:GetTopicAttributes 3",
            "sns:SetTopicAttributes",
        ],
    },
    half_made: &[("events", "PutTargets"), ("sns", "SetTopicAttributes")],
};

fn configurations(World { topic, queue, account, .. }: &World) -> Vec<Json> {
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
