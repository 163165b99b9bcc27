//! `guardduty_ipset`: what differs from a threat list.

use aws_sdk_guardduty::types::IpSetFormat;
use serde_json::json;

use crate::cases::{World, case};
use crate::harness::{Project, block_on, one_cli};

const ADDRESS: &str = "guardduty_ipset.test";

/// A list of the file that others keep.
fn located(world: &World, resource: &str, name: &str) -> String {
    format!(
        "resource \"guardduty_ipset\" \"{resource}\" {{\n  detector_id = \"{}\"\n  name = \"{name}\"\n  format = \"TXT\"\n  \
         activate = true\n  location = \"s3://{}/own.txt\"\n}}\n",
        world.detector, world.bucket
    )
}

/// A detector has one: GuardDuty refuses a second one for the quota, also if it is the same.
#[test]
fn there_is_one_in_a_detector() {
    let project = Project::new(&one_cli());
    let world = World::new(&project);
    let two = located(&world, "test", "trusted") + &located(&world, "other", "another");
    project.expect_refused(&two, &["two resources are the GuardDuty trusted IP list of detector"]);

    let one = located(&world, "test", "trusted");
    let beside = one.replace("activate", "lifecycle {\n    create_before_destroy = true\n  }\n  activate");
    project.apply(&beside);
    project.run(&["apply", "-auto-approve", &format!("-replace={ADDRESS}")]).expect_success();
    project.expect_no_changes();
    let second = project.beside();
    second.write(&one);
    second.run(&["apply", "-auto-approve"]).expect_success().expect_texts(&["also manages"]);
    let other = located(&world, "test", "another");
    let third = project.beside();
    third.expect_apply_failure(&other, &["A quota is used up", "guardduty:CreateIPSet"]);
    second.destroy();
    project.expect_no_changes();
    project.destroy();
    assert!(!(case("ipset").is_there)(&world));
}

#[test]
fn is_moved_from_the_aws_provider() {
    let project = Project::new(&one_cli());
    let world = World::new(&project);
    let location = format!("s3://{}/own.txt", world.bucket);
    let create = world.guardduty.create_ip_set().detector_id(&world.detector).name("trusted");
    let create = create.format(IpSetFormat::Txt).location(&location).activate(true);
    let id = block_on(create.send()).unwrap().ip_set_id.unwrap();
    let arn = format!(
        "arn:aws:guardduty:{}:{}:detector/{}/ipset/{id}",
        crate::harness::REGION,
        world.account,
        world.detector
    );
    project.write_aws_state(
        "aws_guardduty_ipset",
        &json!({
            "activate": true, "arn": arn, "detector_id": world.detector, "format": "TXT", "location": location,
            "id": format!("{}:{id}", world.detector), "name": "trusted", "tags": null, "tags_all": {},
        }),
    );
    let moved = format!("moved {{\n  from = aws_guardduty_ipset.old\n  to = {ADDRESS}\n}}\n");
    let configuration = located(&world, "test", "trusted");
    // GuardDuty loads the list meanwhile, which counts as active.
    project.plan(&format!("{moved}{configuration}")).expect_actions(ADDRESS, &["no-op"]);
    project.run(&["apply", "-auto-approve"]).expect_success();
    project.apply(&configuration);
    project.destroy();
}
