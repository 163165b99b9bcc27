//! `guardduty_detector_feature`.

use aws_sdk_guardduty::types::{DetectorFeature, DetectorFeatureConfiguration, FeatureStatus};
use serde_json::{Value as Json, json};

use super::world::World;
use super::{Calls, Case};
use crate::harness::{REGION, block_on};

pub const CASE: Case = Case {
    name: "guardduty_detector_feature",
    body: |world| {
        json!({
            "detector_id": world.detector, "name": "RUNTIME_MONITORING", "status": "ENABLED", "on_destroy": "restore",
        })
    },
    blocks: &["additional_configuration"],
    configurations,
    changes: |_| {
        vec![
            ("status", json!("DISABLED")),
            ("status", json!("ENABLED")),
            ("additional_configuration", json!([{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}])),
            ("on_destroy", json!("keep")),
            ("on_destroy", json!("restore")),
        ]
    },
    replaces: |_| vec![("name", json!("LAMBDA_NETWORK_LOGS"))],
    refuses: &[("name", || json!("RUNTIME_MONITOR"), "RUNTIME_MONITORING"), ("status", || json!("ON"), "ENABLED")],
    id: |world| format!("{}/RUNTIME_MONITORING", world.detector),
    identity: &["detector_id", "name"],
    is_there: |world| world.is_on("RUNTIME_MONITORING") && world.marks() == 1,
    drift: Some((
        |world| {
            let off = DetectorFeatureConfiguration::builder().name(DetectorFeature::RuntimeMonitoring);
            let off = off.status(FeatureStatus::Disabled).build();
            block_on(world.guardduty.update_detector().detector_id(&world.detector).features(off).send()).unwrap();
        },
        "status",
    )),
    vanish: None,
    calls: Calls {
        create: &["guardduty:GetDetector 3", "guardduty:TagResource", "guardduty:UpdateDetector"],
        refresh: &["guardduty:GetDetector"],
        destroy: &["guardduty:GetDetector 3", "guardduty:UntagResource", "guardduty:UpdateDetector"],
    },
    half_made: &[("guardduty", "UpdateDetector")],
};

fn configurations(World { detector, .. }: &World) -> Vec<Json> {
    vec![json!({
        "detector_id": detector, "name": "RUNTIME_MONITORING", "status": "ENABLED", "on_destroy": "restore",
        "additional_configuration": [{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}], "region": REGION,
    })]
}
