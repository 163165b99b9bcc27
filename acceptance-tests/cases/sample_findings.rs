//! `guardduty_sample_findings`.

use serde_json::{Value as Json, json};

use super::world::World;
use super::{Calls, Case};
use crate::harness::REGION;

pub const CASE: Case = Case {
    name: "guardduty_sample_findings",
    body: |world| json!({"detector_id": world.detector}),
    blocks: &[],
    configurations,
    changes: |_| vec![],
    replaces: |_| vec![],
    refuses: &[],
    id: |_| String::new(),
    identity: &[],
    is_there: |_| true,
    drift: None,
    vanish: None,
    calls: Calls { create: &[], refresh: &[], destroy: &[] },
    half_made: &[],
};

fn configurations(World { detector, .. }: &World) -> Vec<Json> {
    vec![json!({
        "detector_id": detector, "finding_types": ["CryptoCurrency:Runtime/BitcoinTool.B!DNS"],
        "triggers": {"wiring": "1"}, "region": REGION,
    })]
}
