//! `guardduty_threatintelset`.

use serde_json::{Value as Json, json};

use super::world::World;
use super::{Calls, Case, tags};
use crate::harness::{REGION, block_on};

pub const CASE: Case = Case {
    name: "guardduty_threatintelset",
    body: |world| {
        json!({
            "detector_id": world.detector, "name": "bad", "format": "TXT", "activate": true, "entries": ["198.51.100.7"],
            "bucket": world.bucket, "key": "bad.txt",
        })
    },
    blocks: &["timeouts"],
    configurations,
    changes: |_| {
        vec![
            ("entries", json!(["198.51.100.8"])),
            ("name", json!("worse")),
            ("activate", json!(false)),
            ("activate", json!(true)),
            ("key", json!("other.txt")),
            ("key", json!("bad.txt")),
            ("tags", tags()),
            ("tags", Json::Null),
        ]
    },
    replaces: |_| vec![],
    refuses: &[
        ("entries", || json!(["198.51.100"]), "no IPv4 address"),
        ("entries", || json!([]), "at least one entry"),
        ("format", || json!("CSV"), "TXT"),
    ],
    id: |world| format!("{}:{}", world.detector, world.lists()[0]),
    identity: &["id"],
    is_there: |world| world.has_object() && world.lists().len() == 1,
    drift: Some((
        |world| {
            let change = world.guardduty.update_threat_intel_set().detector_id(&world.detector);
            block_on(change.threat_intel_set_id(&world.lists()[0]).name("changed").send()).unwrap();
        },
        "name",
    )),
    vanish: None,
    calls: Calls {
        create: &["guardduty:CreateThreatIntelSet", "guardduty:GetThreatIntelSet *", "s3:PutObject"],
        refresh: &["guardduty:GetThreatIntelSet", "s3:HeadObject"],
        destroy: &[
            "guardduty:DeleteThreatIntelSet",
            "guardduty:GetThreatIntelSet *",
            "s3:DeleteObject",
            "s3:HeadObject 2",
        ],
    },
    half_made: &[],
};

fn configurations(World { account, detector, bucket, .. }: &World) -> Vec<Json> {
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
