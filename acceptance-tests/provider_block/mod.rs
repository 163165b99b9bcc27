//! The provider block: tags of all resources, and what is known only at apply. Who makes the calls is in `who`, what
//! they ask of STS for it in `roles`, which way they take in `way`, what is refused in `refusals`, and what is never told
//! in `secrets`.

mod proxy;
mod refusals;
mod roles;
mod secrets;
mod way;
mod who;

use aws_sdk_guardduty::Client;
use serde_json::json;

use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

/// A detector that nothing needs to be read for.
const DETECTOR: &str = "resource \"guardduty_detector\" \"test\" {\n}\n";
const ADDRESS: &str = "guardduty_filter.test";

fn provider(body: &str) -> String {
    format!("provider \"guardduty\" {{\n{body}\n}}\n")
}

fn detector(project: &Project, region: &str) -> String {
    let client = Client::new(&project.sdk(region));
    block_on(client.create_detector().enable(true).send()).unwrap().detector_id.unwrap()
}

fn filter(detector: &str, tags: &str) -> String {
    format!(
        "resource \"guardduty_filter\" \"test\" {{\n detector_id = \"{detector}\"\n name = \"ecs-high\"\n \
         action = \"NOOP\"\n {tags}\n finding_criteria {{\n criterion {{\n field = \"severity\"\n \
         less_than = \"4\"\n }}\n }}\n}}\n"
    )
}

/// A create sets ignored tags of one's own, too; afterwards they are others' to change.
#[test]
fn an_ignored_tag_of_ones_own_is_set_once_and_left_alone() {
    let project = Project::new(&one_cli());
    let detector = detector(&project, REGION);
    let block = "provider \"guardduty\" {\n ignore_tags {\n keys = [\"cost\"]\n }\n}\n";
    let configured = |cost: &str| format!("{block}{}", filter(&detector, &format!("tags = {{ cost = \"{cost}\" }}")));
    project.apply(&configured("1"));
    let client = Client::new(&project.sdk(REGION));
    let arn = project.attribute(ADDRESS, "arn").as_str().unwrap().to_owned();
    let cost = || {
        let tags = block_on(client.list_tags_for_resource().resource_arn(&arn).send()).unwrap().tags.unwrap();
        tags.get("cost").cloned()
    };
    assert_eq!(cost().as_deref(), Some("1"));
    block_on(client.tag_resource().resource_arn(&arn).tags("cost", "9").send()).unwrap();
    project.expect_no_changes();
    project.apply(&configured("2"));
    assert_eq!(cost().as_deref(), Some("9"), "it is somebody else's");
    project.destroy();
}

#[test]
fn tags_of_all_resources_are_added_and_those_of_others_left_alone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let block = |team: &str| {
            format!(
                "provider \"guardduty\" {{\n default_tags {{\n tags = {{ team = \"{team}\", stage = \"test\" }}\n }}\n \
                 ignore_tags {{\n keys = [\"cost\"]\n  key_prefixes = [\"org:\"]\n }}\n}}\n"
            )
        };
        let own = filter(&detector, "tags = { stage = \"prod\" }");
        project.apply(&format!("{}{own}", block("security")));
        assert_eq!(project.attribute(ADDRESS, "tags"), json!({"stage": "prod"}), "an own tag wins");
        project.expect_attribute(ADDRESS, "tags_all", json!({"stage": "prod", "team": "security"}));

        let client = Client::new(&project.sdk(REGION));
        let arn = project.attribute(ADDRESS, "arn").as_str().unwrap().to_owned();
        block_on(client.tag_resource().resource_arn(&arn).tags("cost", "9").tags("org:unit", "7").send()).unwrap();
        project.expect_no_changes();
        project.apply(&format!("{}{own}", block("platform")));
        let mut tags = block_on(client.list_tags_for_resource().resource_arn(&arn).send()).unwrap().tags.unwrap();
        tags.retain(|key, _| !key.starts_with("guardduty:owner/"));
        let expected = [("stage", "prod"), ("team", "platform"), ("cost", "9"), ("org:unit", "7")];
        assert_eq!(tags, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
        project.destroy();
    });
}

#[test]
fn what_only_apply_knows_is_not_guessed() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let there = detector(&project, "eu-central-1");
        let configuration = format!(
            "resource \"terraform_data\" \"late\" {{\n input = {{ region = \"eu-central-1\", team = \"security\" }}\n}}\n\
             provider \"guardduty\" {{\n region = terraform_data.late.output.region\n default_tags {{\n \
             tags = {{ team = terraform_data.late.output.team }}\n }}\n}}\n{}",
            filter(&there, "")
        );
        assert_eq!(project.plan(&configuration).attribute(ADDRESS, "region"), json!(null), "not the environment's");
        project.apply(&configuration);
        project.expect_attribute(ADDRESS, "region", json!("eu-central-1"));
        project.expect_attribute(ADDRESS, "tags_all", json!({"team": "security"}));
        let late = configuration
            .replace("provider \"guardduty\" {", "provider \"guardduty\" {\n profile = terraform_data.new.output");
        let late = format!("{late}resource \"terraform_data\" \"new\" {{\n input = \"x\"\n}}\n");
        project.expect_refused(&late, &["`profile` of the provider block is not known before apply"]);
        project.write(&configuration);
        project.destroy();
    });
}

/// GuardDuty takes fewer keys of tags than EventBridge, so that the same tag is right for one and wrong for the other.
#[test]
fn tags_that_a_service_refuses_are_refused_at_plan() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let wrong = "tags = { \"cost center\" = \"9\" }";
        let own = ["invalid value for tags", "' ' in the tag key \"cost center\" is not allowed"];
        project.expect_refused(&filter(&detector, wrong), &own);
        let other = format!("resource \"guardduty_detector\" \"test\" {{\n region = \"eu-west-1\"\n {wrong}\n}}\n");
        project.expect_refused(&other, &own);
        let list = format!(
            "resource \"guardduty_threatintelset\" \"test\" {{\n detector_id = \"{detector}\"\n name = \"a\"\n \
             format = \"TXT\"\n activate = true\n location = \"s3://a/b\"\n {wrong}\n}}\n"
        );
        project.expect_refused(&list, &own);

        let block = provider(&format!(" default_tags {{\n {wrong}\n }}"));
        let default = ["a tag of `default_tags` is not allowed here", "the tag key \"cost center\"", "provider block"];
        project.expect_refused(&format!("{block}{}", filter(&detector, "")), &default);
        let rule = |tags: &str| {
            format!(
                "resource \"guardduty_finding_rule\" \"test\" {{\n name = \"alert\"\n match = {{}}\n {tags}\n \
                 manage_permissions = false\n targets = {{ t = {{ arn = \"arn:aws:sns:us-east-1:{}:t\" }} }}\n}}\n",
                project.account
            )
        };
        project.plan(&format!("{block}{}", rule(""))).expect_actions("guardduty_finding_rule.test", &["create"]);
        project.plan(&rule(wrong)).expect_actions("guardduty_finding_rule.test", &["create"]);
    });
}
