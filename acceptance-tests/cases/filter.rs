//! `guardduty_filter`.

use aws_sdk_guardduty::types::FilterAction;
use serde_json::{Value as Json, json};

use super::world::World;
use super::{Calls, Case, tags};
use crate::harness::{REGION, block_on};

pub const CASE: Case = Case {
    name: "guardduty_filter",
    body: |world| {
        json!({
            "detector_id": world.detector, "name": "quiet", "action": "NOOP",
            "finding_criteria": [{"criterion": [{"field": "severity", "greater_than": "4"}]}],
        })
    },
    blocks: &["finding_criteria", "criterion"],
    configurations,
    changes: |_| {
        vec![
            ("action", json!("ARCHIVE")),
            ("description", json!("quiet")),
            ("description", Json::Null),
            ("finding_criteria", json!([{"criterion": [{"field": "severity", "less_than": "2"}]}])),
            ("tags", tags()),
            ("tags", Json::Null),
        ]
    },
    replaces: |_| vec![("name", json!("other"))],
    refuses: &[
        ("rank", || json!(101), "is not from 1 to 100"),
        ("action", || json!("DELETE"), "ARCHIVE"),
        ("name", || json!("a"), "3 to 64"),
    ],
    id: |world| format!("{}:quiet", world.detector),
    identity: &["detector_id", "name"],
    is_there: |world| {
        block_on(world.guardduty.get_filter().detector_id(&world.detector).filter_name("quiet").send()).is_ok()
    },
    drift: Some((
        |world| {
            let change = world.guardduty.update_filter().detector_id(&world.detector).filter_name("quiet");
            block_on(change.description("changed").action(FilterAction::Archive).send()).unwrap();
        },
        "action",
    )),
    vanish: Some(|world| {
        let delete = world.guardduty.delete_filter().detector_id(&world.detector).filter_name("quiet");
        block_on(delete.send()).unwrap();
    }),
    calls: Calls {
        create: &["guardduty:CreateFilter", "guardduty:GetFilter"],
        refresh: &["guardduty:GetFilter"],
        destroy: &["guardduty:DeleteFilter", "guardduty:GetFilter 2"],
    },
    half_made: &[],
};

fn configurations(World { detector, .. }: &World) -> Vec<Json> {
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
