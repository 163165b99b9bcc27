//! `guardduty_ecs_response`.

use serde_json::{Value as Json, json};

use super::world::{CLUSTER, World};
use super::{Calls, Case, tags};
use crate::harness::{REGION, block_on};

pub const CASE: Case = Case {
    name: "guardduty_ecs_response",
    body: |_| {
        json!({
            "name": "stop", "action": "stop_task", "clusters": [CLUSTER], "match": {"severity": ["HIGH"]},
        })
    },
    blocks: &[],
    configurations,
    changes: |world| {
        vec![
            ("clusters", json!(["test"])),
            ("dry_run", json!(true)),
            ("dry_run", Json::Null),
            ("notify_topic_arn", json!(world.topic)),
            ("match", json!({"severity": ["CRITICAL"]})),
            ("tags", tags()),
            ("tags", Json::Null),
        ]
    },
    replaces: |_| vec![("name", json!("other"))],
    refuses: &[("action", || json!("stop"), "stop_task"), ("clusters", || json!([]), "clusters")],
    id: |_| "stop".to_owned(),
    identity: &["name"],
    is_there: |world| {
        let machines = block_on(world.sfn.list_state_machines().send()).unwrap();
        world.targets("stop") == 1 && machines.state_machines().len() == 1
    },
    drift: Some((
        |world| {
            block_on(world.events.disable_rule().name("stop").send()).unwrap();
        },
        "drift",
    )),
    vanish: None,
    calls: Calls {
        create: &[
            "cloudwatch:DescribeAlarms",
            "cloudwatch:PutMetricAlarm",
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "events:PutRule",
            "events:PutTargets",
            "iam:CreateRole 2",
            "iam:GetRole 2",
            "iam:GetRolePolicy 2",
            "iam:PutRolePolicy 2",
            "sqs:CreateQueue",
            "sqs:GetQueueUrl",
            "stepfunctions:CreateStateMachine",
            "stepfunctions:DescribeStateMachine",
        ],
        refresh: &[
            "cloudwatch:DescribeAlarms",
            "events:DescribeRule",
            "events:ListTargetsByRule",
            "iam:GetRole 2",
            "iam:GetRolePolicy 2",
            "sqs:GetQueueAttributes",
            "stepfunctions:DescribeStateMachine",
        ],
        destroy: &[
            "cloudwatch:DeleteAlarms",
            "cloudwatch:DescribeAlarms 3",
            "cloudwatch:ListTagsForResource 2",
            "events:DeleteRule",
            "events:DescribeRule 3",
            "events:ListTagsForResource 2",
            "events:ListTargetsByRule 4",
            "events:RemoveTargets",
            "iam:DeleteRole 2",
            "iam:DeleteRolePolicy 2",
            "iam:GetRole 6",
            "iam:GetRolePolicy 6",
            "iam:ListRolePolicies 2",
            "sqs:DeleteQueue",
            "sqs:GetQueueAttributes 3",
            "sqs:ListQueueTags 2",
            "stepfunctions:DeleteStateMachine",
            "stepfunctions:DescribeStateMachine 3",
            "stepfunctions:ListTagsForResource 2",
        ],
    },
    half_made: &[("stepfunctions", "CreateStateMachine"), ("iam", "PutRolePolicy")],
};

fn configurations(World { topic, account, .. }: &World) -> Vec<Json> {
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
