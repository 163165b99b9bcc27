//! What is this instance's own: never lost once it may exist, and neither changed nor deleted without its mark.

use serde_json::json;

use super::account::Account;
use super::{ADDRESS, configuration};
use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

fn response(more: &str) -> String {
    configuration(&format!("  action = \"stop_task\"\n  clusters = [\"prod\"]\n  match = {{}}\n  {more}"))
}

/// The state has what a create may have left, though the reads right after it find nothing.
#[test]
fn a_role_that_is_read_late_is_not_lost() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        let goes_on = || {
            project.clear_faults();
            project.see_all();
            assert_eq!(account.inventory(), ["role stop-us-east-1"]);
            assert!(project.state(ADDRESS).is_some(), "the role is lost");
            project.apply(&response(""));
            project.destroy();
            assert_eq!(account.inventory(), Vec::<String>::new());
        };

        // The answer to its creation is lost, and the next try is told that it exists.
        project.delay_reads("iam:role", 40);
        project.fault(json!({"service": "iam", "operation": "CreateRole", "mode": "lost"}));
        project.expect_apply_failure(&response(""), &["already exists, but it could not be found"]);
        goes_on();

        // It was created, but its policy is refused.
        project.delay_reads("iam:role", 40);
        project.fault(json!({"service": "iam", "operation": "PutRolePolicy", "mode": "error", "times": null,
            "status": 403, "code": "AccessDenied", "message": "by a test"}));
        project.expect_apply_failure(&response(""), &["cannot set the policy of IAM role \"stop-us-east-1\""]);
        goes_on();

        // What was refused at once left nothing.
        project.fault(json!({"service": "iam", "operation": "CreateRole", "mode": "error", "status": 403,
            "code": "AccessDenied", "message": "by a test"}));
        project.expect_apply_failure(&response(""), &["cannot make IAM role \"stop-us-east-1\""]);
        assert_eq!((project.state(ADDRESS), account.inventory()), (None, Vec::new()));
    });
}

/// A role that is read a little late is found.
#[test]
fn a_role_that_is_read_a_little_late_is_waited_for() {
    let project = Project::new(&one_cli());
    project.delay_reads("iam:role", 3);
    project.fault(json!({"service": "iam", "operation": "CreateRole", "mode": "lost"}));
    project.write(&response(""));
    project.run(&["apply", "-auto-approve"]).expect_success();
    project.see_all();
    project.expect_no_changes();
    project.destroy();
}

/// A part that lost its tag may be somebody else's: it is neither changed nor deleted until the tag is back.
#[test]
fn a_part_that_lost_its_tag_is_left_alone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        project.apply(&response(""));
        let tags = block_on(account.iam.list_role_tags().role_name("stop-us-east-1").send()).unwrap();
        let mark = tags.tags()[0].key().to_owned();
        assert!(mark.starts_with("guardduty:owner/"));
        let url =
            block_on(account.sqs.get_queue_url().queue_name("stop-undelivered").send()).unwrap().queue_url.unwrap();
        let role_tag = aws_sdk_iam::types::Tag::builder().key(&mark).value("ecs_response").build().unwrap();
        let told = ["no longer has the tag by which this instance knows what it created", "Another tool", &mark];

        block_on(account.sqs.untag_queue().queue_url(&url).tag_keys(&mark).send()).unwrap();
        let changed = response("dry_run = true");
        let refused = project.expect_apply_failure(&changed, &told);
        refused.expect_texts(&["cannot update queue \"stop-undelivered\""]);
        block_on(account.sqs.tag_queue().queue_url(&url).tags(&mark, "ecs_response").send()).unwrap();
        project.apply(&changed);

        block_on(account.iam.untag_role().role_name("stop-us-east-1").tag_keys(&mark).send()).unwrap();
        let refused = project.expect_apply_failure(&response(""), &told);
        refused.expect_texts(&["cannot update IAM role \"stop-us-east-1\""]);
        block_on(account.iam.tag_role().role_name("stop-us-east-1").tags(role_tag).send()).unwrap();
        project.apply(&response(""));

        // A queue of somebody else under the name.
        block_on(account.sqs.untag_queue().queue_url(&url).tag_keys(&mark).send()).unwrap();
        block_on(account.iam.untag_role().role_name("stop-us-east-1").tag_keys(&mark).send()).unwrap();
        let left = ["queue \"stop-undelivered\"", "IAM role \"stop-us-east-1\"", "was not deleted", &mark];
        project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&left);
        assert_eq!(account.inventory(), ["queue stop-undelivered", "role stop-us-east-1"]);
    });
}

/// Another process created the rule since the last look: what it has stays, and the rest is in the state.
#[test]
fn a_rival_of_the_rule_is_seen() {
    let project = Project::new(&one_cli());
    let account = Account::new(&project, REGION);
    project.delay_reads("events:rule", 2);
    let tag = aws_sdk_eventbridge::types::Tag::builder().key("guardduty:owner/0123456789abcdef").value("");
    let put = account.events.put_rule().name("stop").event_pattern(r#"{"source":["aws.ec2"]}"#);
    block_on(put.tags(tag.build().unwrap()).send()).unwrap();
    project.expect_apply_failure(&response(""), &["cannot create EventBridge rule \"stop\"", "at the same time"]);
    project.see_all();
    project.run(&["destroy", "-auto-approve"]).expect_success();
    assert_eq!(account.inventory(), ["rule stop"]);
}

/// A replacement beside its predecessor waits for roles that are read late. If it can't mark all parts, it takes back the
/// marks that it has put on the others: otherwise the predecessor's destroy would leave them.
#[test]
fn a_replacement_that_fails_takes_its_marks_back() {
    let beside = "lifecycle {\n create_before_destroy = true\n }";
    for refused in [false, true] {
        let project = Project::new(&one_cli());
        let account = Account::new(&project, REGION);
        project.delay_reads("iam:role", 2);
        project.write(&response(beside));
        project.run(&["apply", "-auto-approve"]).expect_success();
        let replace = ["apply", "-auto-approve", "-replace=guardduty_ecs_response.test"];
        if refused {
            project.fault(json!({"service": "iam", "operation": "TagRole", "mode": "error",
                "code": "AccessDenied", "message": "no", "status": 403, "times": null}));
            project.run(&replace).expect_failure(&["iam:TagRole"]);
            project.clear_faults();
        } else {
            project.run(&replace).expect_success();
        }
        project.see_all();
        project.expect_no_changes();
        project.destroy();
        assert_eq!(account.inventory(), Vec::<String>::new(), "refused: {refused}");
    }
}
