//! `guardduty_ipset`: configured as a threat list, with calls of its own.

use serde_json::json;

use super::{Calls, Case, World, threatintelset};
use crate::harness::block_on;

pub const CASE: Case = Case {
    name: "guardduty_ipset",
    refuses: &[("entries", || json!(vec!["198.51.100.7"; 2_001]), "GuardDuty allows 2000 in a list")],
    id: |world| format!("{}:{}", world.detector, lists(world)[0]),
    is_there: |world| world.has_object() && lists(world).len() == 1,
    drift: Some((
        |world| {
            let change = world.guardduty.update_ip_set().detector_id(&world.detector);
            block_on(change.ip_set_id(&lists(world)[0]).name("changed").send()).unwrap();
        },
        "name",
    )),
    calls: Calls {
        create: &["guardduty:CreateIPSet", "guardduty:GetIPSet *", "s3:PutObject"],
        refresh: &["guardduty:GetIPSet", "s3:HeadObject"],
        destroy: &["guardduty:DeleteIPSet", "guardduty:GetIPSet *", "s3:DeleteObject", "s3:HeadObject 2"],
    },
    ..threatintelset::CASE
};

fn lists(world: &World) -> Vec<String> {
    block_on(world.guardduty.list_ip_sets().detector_id(&world.detector).send()).unwrap().ip_set_ids().to_vec()
}
