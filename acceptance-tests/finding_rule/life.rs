//! From create to destroy: updates, drift, replacement, import, faults.

use aws_sdk_eventbridge as eventbridge;
use serde_json::json;

use super::account::Account;
use super::{ADDRESS, EVERY, configuration, parsed, rules, target};
use crate::harness::{Project, REGION, block_on, for_each_cli};

const ALL: &str = "match = {}";

#[test]
fn lives_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (queue, fifo, dead) = (account.queue("findings"), account.queue("ordered.fifo"), account.queue("dead"));
        let events = eventbridge::Client::new(&project.sdk(REGION));
        let described = || block_on(events.describe_rule().name("alert").send()).unwrap();
        let plain = |arn: &str| format!("queue = {{ arn = \"{arn}\" }}");

        let plan = project.plan(&configuration(ALL, &plain(&queue.arn)));
        let pattern = json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]});
        assert_eq!(parsed(plan.attribute(ADDRESS, "pattern").as_str().unwrap()), pattern, "the plan shows the pattern");
        let statement = parsed(plan.attribute(ADDRESS, "permissions")[&queue.arn].as_str().unwrap());
        assert_eq!(statement["Action"], "sqs:SendMessage", "and the permissions");
        let arn = format!("arn:aws:events:us-east-1:{}:rule/alert", project.account);
        assert_eq!(plan.attribute(ADDRESS, "arn"), json!(arn));
        project.apply(&configuration(ALL, &plain(&queue.arn)));
        project.clear_calls();
        project.expect_no_changes();
        let mut calls = project.calls();
        calls.sort();
        let fewest = [
            "events:DescribeRule",
            "events:ListTagsForResource",
            "events:ListTargetsByRule",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sts:GetCallerIdentity",
        ];
        assert_eq!(calls, fewest, "a refresh");
        assert_eq!(parsed(described().event_pattern().unwrap()), pattern);
        project.expect_attribute(ADDRESS, "id", json!("alert"));

        let body = r#"
          description        = "to the people"
          enabled            = false
          event_pattern      = jsonencode({ "detail-type" = ["GuardDuty Finding"], source = ["aws.guardduty"], detail = { severity = [{ numeric = [">=", 7] }] } })
          manage_permissions = false
          tags               = { team = "security" }"#;
        let targets = format!(
            r#"
            ordered = {{
              arn              = "{}"
              message_group_id = "findings"
              dead_letter_arn  = "{}"
              retry            = {{ maximum_attempts = 3, maximum_age_seconds = 600 }}
              input            = {{ template = "<$.detail.type>" }}
            }}
            queue = {{ arn = "{}", input = {{ path = "$.detail" }} }}"#,
            fifo.arn, dead.arn, queue.arn
        );
        let plan = project.plan(&configuration(body, &targets));
        assert_eq!(plan.actions(ADDRESS), ["update"]);
        project.apply(&configuration(body, &targets));
        let found = described();
        assert_eq!((found.description(), found.state()), (Some("to the people"), Some(&"DISABLED".into())));
        assert_eq!(parsed(found.event_pattern().unwrap())["detail"]["severity"], json!([{"numeric": [">=", 7]}]));
        let ordered = target(&project, REGION, "ordered");
        assert_eq!(ordered.sqs_parameters().and_then(|found| found.message_group_id()), Some("findings"));
        assert_eq!(ordered.dead_letter_config().and_then(|found| found.arn()), Some(dead.arn.as_str()));
        let retry = ordered.retry_policy().unwrap();
        assert_eq!((retry.maximum_retry_attempts(), retry.maximum_event_age_in_seconds()), (Some(3), Some(600)));
        assert_eq!(ordered.input_transformer().map(eventbridge::types::InputTransformer::input_template), Some("<p1>"));
        assert_eq!(target(&project, REGION, "queue").input_path(), Some("$.detail"));
        assert!(queue.policy().is_null(), "the permission is taken back");
        let tags = block_on(events.list_tags_for_resource().resource_arn(&arn).send()).unwrap().tags.unwrap();
        let own = tags.iter().filter(|tag| !tag.key().starts_with("guardduty:owner/"));
        assert_eq!(own.map(|tag| (tag.key(), tag.value())).collect::<Vec<_>>(), [("team", "security")]);

        // The same pattern in other words is no change.
        let reordered = body.replace(
            r#""detail-type" = ["GuardDuty Finding"], source = ["aws.guardduty"], detail"#,
            r#"source = ["aws.guardduty"], "detail-type" = ["GuardDuty Finding"], detail"#,
        );
        project.write(&configuration(&reordered, &targets));
        project.expect_no_changes();
        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, "alert"]).expect_success();
        project.plan(&configuration(&reordered, &targets)).expect_actions(ADDRESS, &["update"]);

        project.apply(&configuration(ALL, &plain(&queue.arn)));
        let renamed = configuration(ALL, &plain(&queue.arn)).replace("\"alert\"", "\"renamed\"");
        project.plan(&renamed).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&renamed);
        assert_eq!(rules(&project, REGION), [("renamed".to_owned(), vec!["queue".to_owned()])]);
        let far = account.queue_in("eu-west-1", "findings");
        let moved = configuration(&format!("{ALL}\n  region = \"eu-west-1\""), &plain(&far.arn));
        project.plan(&moved).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&moved);
        assert_eq!(rules(&project, REGION), []);
        assert_eq!(rules(&project, "eu-west-1"), [("alert".to_owned(), vec!["queue".to_owned()])]);
        assert!(queue.policy().is_null() && !far.policy().is_null());

        project.destroy();
        assert_eq!(rules(&project, "eu-west-1"), []);
        assert!(far.policy().is_null());
        assert!(queue.policy().is_null());
    });
}

#[test]
fn what_changes_outside_is_seen_and_healed() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (queue, other) = (account.queue("findings"), account.queue("other"));
        let tagged = format!("{ALL}\n  tags = {{ team = \"security\" }}");
        let configuration = configuration(&tagged, &format!("queue = {{ arn = \"{}\" }}", queue.arn));
        project.apply(&configuration);
        let events = eventbridge::Client::new(&project.sdk(REGION));
        let healed = |what: &str| {
            assert_eq!(project.plan(&configuration).actions(ADDRESS), ["update"], "{what} is not seen");
            project.apply(&configuration);
        };

        let put = events.put_rule().name("alert").state("DISABLED".into()).description("mine now");
        block_on(put.event_pattern(r#"{"source":["aws.ec2"]}"#).send()).unwrap();
        healed("another pattern");
        let found = block_on(events.describe_rule().name("alert").send()).unwrap();
        assert!(found.event_pattern().unwrap().contains("aws.guardduty"));
        assert_eq!((found.state(), found.description().unwrap_or_default()), (Some(&"ENABLED".into()), ""));

        let arn = format!("arn:aws:events:us-east-1:{}:rule/alert", project.account);
        let tags = || block_on(events.list_tags_for_resource().resource_arn(&arn).send()).unwrap().tags.unwrap();
        block_on(events.untag_resource().resource_arn(&arn).tag_keys("team").send()).unwrap();
        healed("a removed tag");
        let tag = eventbridge::types::Tag::builder().key("team").value("else").build().unwrap();
        block_on(events.tag_resource().resource_arn(&arn).tags(tag).send()).unwrap();
        healed("another tag");
        let tags = tags();
        let own = tags.iter().filter(|tag| !tag.key().starts_with("guardduty:owner/"));
        assert_eq!(own.map(|tag| (tag.key(), tag.value())).collect::<Vec<_>>(), [("team", "security")]);

        block_on(events.remove_targets().rule("alert").ids("queue").send()).unwrap();
        healed("a removed target");
        let stray = |id: &str, arn: &str| eventbridge::types::Target::builder().id(id).arn(arn).build().unwrap();
        let put = events.put_targets().rule("alert").targets(stray("stray", &other.arn));
        block_on(put.targets(stray("queue", &other.arn)).send()).unwrap();
        healed("a changed and a strange target");
        assert_eq!(rules(&project, REGION), [("alert".to_owned(), vec!["queue".to_owned()])]);
        assert_eq!(target(&project, REGION, "queue").arn(), queue.arn);

        let mut policy = queue.policy();
        policy["Statement"][0]["Condition"] = json!({});
        queue.set_policy(&policy);
        healed("a changed permission");
        queue.set_policy(&json!(null));
        healed("a removed permission");
        assert!(queue.policy()["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"].is_string());

        block_on(events.remove_targets().rule("alert").ids("queue").send()).unwrap();
        block_on(events.delete_rule().name("alert").send()).unwrap();
        healed("a removed rule");
        queue.delete();
        block_on(events.remove_targets().rule("alert").ids("queue").send()).unwrap();
        project.run(&["destroy", "-refresh=false", "-auto-approve"]).expect_success();
        assert_eq!(rules(&project, REGION), []);
    });
}

#[test]
fn many_targets_are_divided_and_stay_where_they_are() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let queues: Vec<_> = (0..8).map(|number| account.queue(&format!("q{number}"))).collect();
        let of = |numbers: &[usize]| {
            let target = |number: &usize| format!("t{number} = {{ arn = \"{}\" }}\n", queues[*number].arn);
            configuration(EVERY, &numbers.iter().map(target).collect::<String>())
        };
        let divided = |expected: &[(&str, &[usize])]| {
            let ids = |numbers: &[usize]| numbers.iter().map(|number| format!("t{number}")).collect::<Vec<_>>();
            let expected: Vec<_> = expected.iter().map(|(name, numbers)| ((*name).to_owned(), ids(numbers))).collect();
            assert_eq!(rules(&project, REGION), expected);
        };
        project.apply(&of(&[1, 2, 3, 4, 5, 6]));
        divided(&[("alert", &[1, 2, 3, 4, 5]), ("alert-2", &[6])]);
        project.apply(&of(&[0, 1, 2, 3, 4, 5, 6]));
        divided(&[("alert", &[1, 2, 3, 4, 5]), ("alert-2", &[0, 6])]);
        project.reimport(ADDRESS, "alert");
        project.apply(&of(&[0, 3, 6, 7]));
        divided(&[("alert", &[3, 7]), ("alert-2", &[0, 6])]);
        let events = eventbridge::Client::new(&project.sdk(REGION));
        block_on(events.remove_targets().rule("alert-2").ids("t0").ids("t6").send()).unwrap();
        block_on(events.delete_rule().name("alert-2").send()).unwrap();
        assert_eq!(project.plan(&of(&[0, 3, 6, 7])).actions(ADDRESS), ["update"], "the second rule is missed");
        project.apply(&of(&[0, 3, 6, 7]));
        project.destroy();
        assert_eq!(rules(&project, REGION), []);
        assert!(queues.iter().all(|queue| queue.policy().is_null()));
    });
}

#[test]
fn two_regions_and_unknown_values() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (here, there) = (account.queue("here"), account.queue_in("eu-west-1", "there"));
        let machine = account.state_machine("machine");
        let text = format!(
            r#"
resource "terraform_data" "here" {{ input = "{}" }}
resource "guardduty_finding_rule" "here" {{
  name  = "alert"
  match = {{ finding_types = [terraform_data.type.output] }}
  targets = {{
    queue   = {{ arn = terraform_data.here.output, input = {{ template = terraform_data.type.output }} }}
    machine = {{ arn = "{machine}" }}
  }}
}}
resource "terraform_data" "type" {{ input = "*:Runtime/*" }}
resource "guardduty_finding_rule" "there" {{
  name   = "alert"
  region = "eu-west-1"
  match  = {{ sample = false }}
  targets = {{ queue = {{ arn = "{}" }} }}
}}
"#,
            here.arn, there.arn
        );
        project.apply(&text);
        assert_eq!(rules(&project, REGION), [("alert".to_owned(), vec!["machine".to_owned(), "queue".to_owned()])]);
        assert_eq!(rules(&project, "eu-west-1"), [("alert".to_owned(), vec!["queue".to_owned()])]);
        assert!(there.policy()["Statement"][0]["Resource"] == json!(there.arn));
        project.run(&["state", "rm", "guardduty_finding_rule.there"]).expect_success();
        project.run(&["import", "guardduty_finding_rule.there", "alert@eu-west-1"]).expect_success();
        project.apply(&text);
        project.destroy();
        assert_eq!((rules(&project, REGION), rules(&project, "eu-west-1")), (vec![], vec![]));
    });
}

#[test]
fn faults_are_survived_or_told() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (queue, other) = (account.queue("findings"), account.queue("other"));
        let both = format!("one = {{ arn = \"{}\" }}\n two = {{ arn = \"{}\" }}", queue.arn, other.arn);
        let both = configuration(ALL, &both);
        let fault = |operation: &str, mode: &str, code: &str| {
            project.fault(json!({"service": "events", "operation": operation, "mode": mode, "code": code, "message": "by a test"}));
        };

        fault("PutRule", "lost", "");
        fault("PutTargets", "error", "ThrottlingException");
        project.apply(&both);
        project.destroy();

        fault("PutRule", "error", "AccessDeniedException");
        project
            .expect_apply_failure(&both, &["cannot make EventBridge rule \"alert\"", "AccessDeniedException", "grant"]);
        assert_eq!(project.plan(&both).actions(ADDRESS), ["create"], "nothing was made");
        project.fault(json!({
            "service": "events", "operation": "PutTargets", "mode": "unprocessed",
            "code": "ManagedRuleException", "message": "not this one", "items": ["two"],
        }));
        project.expect_apply_failure(&both, &["cannot set target \"two\" of rule \"alert\"", "not this one"]);
        assert_eq!(rules(&project, REGION), [("alert".to_owned(), vec!["one".to_owned()])]);
        project.apply(&both);
        assert_eq!(rules(&project, REGION)[0].1, ["one", "two"]);
        project.fault(json!({
            "service": "events", "operation": "PutTargets", "mode": "unprocessed", "code": "ConcurrentModificationException",
        }));
        let three = both.replace("two =", "three =");
        project.apply(&three);
        assert_eq!(rules(&project, REGION)[0].1, ["one", "three"], "what may pass is tried again");

        fault("PutTargets", "error", "AccessDeniedException");
        project.expect_apply_failure(&both, &["cannot set the targets of EventBridge rule \"alert\""]);
        assert_eq!(
            project.attribute(ADDRESS, "targets").as_object().map(serde_json::Map::len),
            Some(1),
            "state is true"
        );
        project.apply(&both);
        project.destroy();

        // EventBridge stays busy: that is borne as long as the configuration says.
        project.fault(json!({
            "service": "events", "operation": "PutTargets", "mode": "unprocessed", "times": null, "items": ["two"],
            "code": "ConcurrentModificationException", "message": "still busy",
        }));
        let hurried = both.replacen("\n", "\n  timeouts = { create = \"1s\" }\n", 1);
        let start = std::time::Instant::now();
        project.expect_apply_failure(&hurried, &["cannot set target \"two\" of rule \"alert\"", "still busy"]);
        assert!(start.elapsed().as_secs() < 60, "it was borne longer than the configuration says");
        assert_eq!(rules(&project, REGION), [("alert".to_owned(), vec!["one".to_owned()])]);
        project.clear_faults();
        project.apply(&hurried);
        project.destroy();
        assert_eq!(rules(&project, REGION), []);
        assert!(queue.policy().is_null() && other.policy().is_null());
    });
}

#[test]
fn a_rule_that_is_there_is_not_taken_over() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let queue = Account(&project).queue("findings");
        let events = eventbridge::Client::new(&project.sdk(REGION));
        block_on(events.put_rule().name("alert").event_pattern(r#"{"source":["aws.ec2"]}"#).send()).unwrap();
        let configuration = configuration(ALL, &format!("queue = {{ arn = \"{}\" }}", queue.arn));
        let texts = ["already exists", "import {", "to = guardduty_finding_rule.NAME", "id = \"alert\""];
        project.expect_apply_failure(&configuration, &texts);
        let found = block_on(events.describe_rule().name("alert").send()).unwrap();
        assert_eq!(found.event_pattern(), Some(r#"{"source":["aws.ec2"]}"#));
        project.run(&["import", ADDRESS, "alert"]).expect_success();
        project.apply(&configuration);
        project.destroy();

        // The block to paste names a region that is not the provider's.
        let events = eventbridge::Client::new(&project.sdk("eu-west-1"));
        block_on(events.put_rule().name("alert").event_pattern(r#"{"source":["aws.ec2"]}"#).send()).unwrap();
        let body = format!("{ALL}\n  region = \"eu-west-1\"");
        let there = queue.arn.replace(REGION, "eu-west-1");
        let configuration = super::configuration(&body, &format!("queue = {{ arn = \"{there}\" }}"));
        project.expect_apply_failure(&configuration, &["already exists", "id = \"alert@eu-west-1\""]);
    });
}
