//! One policy and many rules: they share a statement, lose nothing to one another, and add none where others let them in.

use aws_sdk_eventbridge as eventbridge;
use aws_sdk_sns as sns;
use serde_json::{Value as Json, json};

use super::account::{Account, sids};
use super::{ADDRESS, configuration, parsed, target};
use crate::harness::{Project, REGION, block_on, one_cli};

const ALL: &str = "match = {}";
const SHARED: &str = "GuardDutyFindingRules";

/// The names of the rules that our statement lets in, sorted.
fn admitted(policy: &Json) -> Vec<String> {
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    let ours = statements.iter().find(|statement| statement["Sid"] == SHARED).cloned().unwrap_or_default();
    let mut names: Vec<_> = match &ours["Condition"]["ArnEquals"]["aws:SourceArn"] {
        Json::Array(rules) => rules.iter().filter_map(Json::as_str).collect::<Vec<_>>(),
        only => only.as_str().into_iter().collect(),
    }
    .into_iter()
    .map(|arn| arn.rsplit('/').next().unwrap().to_owned())
    .collect();
    names.sort();
    names
}

/// Rules `NAME-0`, `NAME-1`, ..., of one provider.
fn rules(resource: &str, provider: &str, count: usize, targets: &str) -> String {
    format!(
        "resource \"guardduty_finding_rule\" \"{resource}\" {{\n  provider = {provider}\n  count = {count}\n  \
         name = \"{resource}-${{count.index}}\"\n  {ALL}\n  targets = {{\n{targets}\n  }}\n}}\n"
    )
}

#[test]
fn two_processes_lose_nothing_of_each_other() {
    let project = Project::new(&one_cli());
    let account = Account(&project);
    let (topic, _) = account.topic("people");
    let (queue, before) = (account.queue("findings"), account.topic_policy(&topic));
    let theirs = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": queue.arn},
    ]});
    queue.set_policy(&theirs);
    let targets = format!("people = {{ arn = \"{topic}\" }}\n queue = {{ arn = \"{}\" }}", queue.arn);
    let both = format!(
        "provider \"guardduty\" {{}}\nprovider \"guardduty\" {{\n  alias = \"two\"\n}}\n{}{}",
        rules("one", "guardduty", 8, &targets),
        rules("two", "guardduty.two", 8, &targets)
    );
    // More rounds than a test run has time for: TFGD_ROUNDS=20.
    let rounds = std::env::var("TFGD_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2);
    for round in 0..rounds {
        project.write(&both);
        project.run(&["apply", "-auto-approve", "-parallelism=16"]).expect_success();
        for policy in [queue.policy(), account.topic_policy(&topic)] {
            assert_eq!(admitted(&policy).len(), 16, "round {round}: {policy}");
        }
        project.expect_no_changes();
        project.run(&["destroy", "-auto-approve", "-parallelism=16"]).expect_success();
        assert_eq!(queue.policy(), theirs, "round {round}");
        assert_eq!(account.topic_policy(&topic), before, "round {round}");
    }
}

#[test]
fn many_rules_with_one_dead_letter_queue_make_one_statement() {
    let project = Project::new(&one_cli());
    let account = Account(&project);
    let (queue, dead) = (account.queue("findings"), account.queue("dead"));
    let targets = format!("queue = {{ arn = \"{}\", dead_letter_arn = \"{}\" }}", queue.arn, dead.arn);
    project.write(&rules("many", "guardduty", 25, &targets));
    project.run(&["apply", "-auto-approve", "-parallelism=25"]).expect_success();
    assert_eq!(sids(&dead.policy()), [SHARED]);
    assert_eq!(admitted(&dead.policy()).len(), 25);
    project.write(&rules("many", "guardduty", 2, &targets));
    project.run(&["apply", "-auto-approve", "-parallelism=25"]).expect_success();
    assert_eq!(admitted(&dead.policy()), ["many-0", "many-1"]);
    project.destroy();
    assert!(dead.policy().is_null());
}

#[test]
fn many_log_groups_share_one_policy() {
    let project = Project::new(&one_cli());
    let account = Account(&project);
    let client = aws_sdk_cloudwatchlogs::Client::new(&project.sdk(REGION));
    let policies = || {
        let found = block_on(client.describe_resource_policies().send()).unwrap();
        found.resource_policies.unwrap_or_default()
    };
    let groups: Vec<_> = (0..11).map(|number| account.log_group(&format!("/findings/{number}"))).collect();
    let targets = format!("log = {{ arn = {}[count.index] }}", json!(groups));
    project.apply(&rules("log", "guardduty", 11, &targets));
    let [only] = &policies()[..] else { panic!("one policy is wanted: {:?}", policies()) };
    let document = parsed(only.policy_document().unwrap());
    assert_eq!(document["Statement"][1]["Condition"]["ArnEquals"]["aws:SourceArn"].as_array().unwrap().len(), 11);
    project.apply(&rules("log", "guardduty", 1, &targets));
    assert_eq!(policies().len(), 1, "one rule still needs it");
    project.destroy();
    assert!(policies().is_empty());
}

#[test]
fn a_policy_that_lets_eventbridge_in_is_left_alone() {
    let project = Project::new(&one_cli());
    let account = Account(&project);
    let (topic, _) = account.topic("people");
    let topics = sns::Client::new(&project.sdk(REGION));
    let set = |policy: &Json| {
        let set = topics.set_topic_attributes().topic_arn(&topic).attribute_name("Policy");
        block_on(set.attribute_value(policy.to_string()).send()).unwrap();
    };
    let theirs = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Theirs", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish", "Resource": topic,
        "Condition": {"StringEquals": {"aws:SourceAccount": project.account}},
    }]});
    set(&theirs);
    let text = configuration(ALL, &format!("people = {{ arn = \"{topic}\" }}"));
    project.apply(&text);
    assert_eq!(account.topic_policy(&topic), theirs);
    project.expect_no_changes();

    // Once it doesn't any more, a statement is needed; and once it does again, ours is not missed.
    let mut other = theirs.clone();
    other["Statement"][0]["Action"] = json!("sns:Subscribe");
    set(&other);
    project.plan(&text).expect_actions(ADDRESS, &["update"]);
    project.apply(&text);
    assert_eq!(sids(&account.topic_policy(&topic)), ["Theirs", SHARED]);
    set(&theirs);
    project.expect_no_changes();
    project.destroy();
    assert_eq!(account.topic_policy(&topic), theirs, "what is somebody else's stays");
}

#[test]
fn a_role_follows_the_switch_of_permissions() {
    let project = Project::new(&one_cli());
    let other = project.other_account();
    let arn = format!("arn:aws:sqs:{REGION}:{other}:theirs");
    let keys = aws_credential_types::Credentials::new(&other, "test", None, None, "test");
    let config = project.sdk(REGION).into_builder();
    let config = config.credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys));
    let queues = aws_sdk_sqs::Client::new(&config.build());
    block_on(queues.create_queue().queue_name("theirs").send()).unwrap();
    let text = |managed: bool| {
        configuration(&format!("{ALL}\n  manage_permissions = {managed}"), &format!("theirs = {{ arn = \"{arn}\" }}"))
    };
    let role = format!("arn:aws:iam::{}:role/alert-us-east-1-targets", project.account);
    project.apply(&text(true));
    assert_eq!(target(&project, REGION, "theirs").role_arn(), Some(role.as_str()));
    let plan = project.plan(&text(false));
    assert_eq!(plan.attribute(ADDRESS, "permissions"), json!({}), "the plan shows that the role goes");
    project.apply(&text(false));
    assert_eq!(target(&project, REGION, "theirs").role_arn(), None, "a target has no role that is gone");
    project.apply(&text(true));
    assert_eq!(target(&project, REGION, "theirs").role_arn(), Some(role.as_str()));

    // A target that has it, though permissions are not managed, is not what is configured.
    project.apply(&text(false));
    let events = eventbridge::Client::new(&project.sdk(REGION));
    let put = eventbridge::types::Target::builder().id("theirs").arn(&arn).role_arn(&role).build().unwrap();
    block_on(events.put_targets().rule("alert").targets(put).send()).unwrap();
    project.plan(&text(false)).expect_actions(ADDRESS, &["update"]);
    project.apply(&text(false));
    assert_eq!(target(&project, REGION, "theirs").role_arn(), None);
    project.destroy();
}
