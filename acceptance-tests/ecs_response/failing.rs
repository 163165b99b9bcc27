//! What is refused, what fails half-way, and how it goes on.

use serde_json::json;

use super::account::Account;
use super::{ADDRESS, configuration, stopping};
use crate::harness::{Project, REGION, block_on, for_each_cli};

fn topic(project: &Project) -> String {
    format!("arn:aws:sns:{REGION}:{}:alerts", project.account)
}

#[test]
fn wrong_input_is_refused_at_plan() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let sns = topic(&project);
        let stop = "action = \"stop_task\"\n match = {}";
        let cases: [(String, &[&str]); 14] = [
            (
                "action = \"isolate_task\"\n match = {}".into(),
                &["\"isolate_task\" is not one of the allowed values", "Allowed: \"stop_task\", \"notify\"."],
            ),
            (
                "action = \"stop-task\"\n match = {}\n clusters = [\"a\"]".into(),
                &["Did you mean \"stop_task\"?", "action = \"stop-task\""],
            ),
            (stop.into(), &["stop_task needs `clusters`", "write [\"*\"] for all of this account and region"]),
            (format!("{stop}\n clusters = []"), &["`clusters` is empty", "clusters = []"]),
            (format!("{stop}\n clusters = [\"*\", \"prod\"]"), &["\"*\" stands for all clusters", "Write it alone"]),
            (format!("{stop}\n clusters = [\"pr od\"]"), &["\"pr od\" is not a cluster", "letters, digits"]),
            (
                format!("{stop}\n clusters = [\"arn:aws:ecs:eu-west-1:111122223333:cluster/prod\"]"),
                &["is not the ARN of a cluster in this account and region"],
            ),
            ("action = \"notify\"\n match = {}".into(), &["notify has nobody to tell", "Set `notify_topic_arn`"]),
            (
                format!("{stop}\n clusters = [\"a\"]\n notify_topic_arn = \"arn:aws:sqs:us-east-1:111122223333:q\""),
                &["is an ARN of \"sqs\", not of \"sns\"", "notify_topic_arn"],
            ),
            (
                format!("{stop}\n clusters = [\"a\"]\n notify_topic_arn = \"arn:aws:sns:eu-west-1:111122223333:t\""),
                &["the topic lies in eu-west-1, the response in us-east-1", "of its own region"],
            ),
            (
                format!(
                    "{stop}\n clusters = [\"a\"]\n notify_topic_key_arn = \"arn:aws:kms:us-east-1:111122223333:key/1\""
                ),
                &["`notify_topic_key_arn` needs `notify_topic_arn`"],
            ),
            (
                format!("action = \"notify\"\n notify_topic_arn = {sns:?}\n match = {{ severity = [\"HIHG\"] }}"),
                &["\"HIHG\" is not one of the allowed values", "Did you mean \"HIGH\"?"],
            ),
            (
                format!("action = \"notify\"\n notify_topic_arn = {sns:?}\n match = {{ severity_minimum = 11 }}"),
                &["11 is not between 1.0 and 10.0", "severity_minimum"],
            ),
            (
                format!("action = \"notify\"\n notify_topic_arn = {sns:?}\n match = {{ features = [\"RUNTIME\"] }}"),
                &["no finding type comes from a feature \"RUNTIME\"", "RUNTIME_MONITORING"],
            ),
        ];
        for (body, texts) in cases {
            project.expect_refused(&configuration(&body), texts);
        }
        for (name, text) in
            [("a.b", "'.' is not allowed"), (&"a".repeat(41), "It has 41 characters; allowed are 1 to 40.")]
        {
            let text_of = stopping(&sns, "").replace("\"stop\"", &format!("{name:?}"));
            project.expect_refused(&text_of, &[text, "name"]);
        }
        let unknown_type = configuration(&format!(
            "action = \"notify\"\n notify_topic_arn = {sns:?}\n match = {{ finding_types = [\"Execution:Runtime/ReverseShel\"] }}"
        ));
        project.write(&unknown_type);
        project.run(&["plan"]).expect_success().expect_texts(&["did you mean \"Execution:Runtime/ReverseShell\"?"]);
    });
}

#[test]
fn a_filter_that_silences_it_is_warned_of() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = Account::new(&project, REGION).detector();
        let filter = format!(
            r#"resource "guardduty_filter" "noise" {{
                 detector_id = "{detector}"
                 name        = "noise"
                 action      = "ARCHIVE"
                 finding_criteria {{
                   criterion {{
                     field  = "resource.resourceType"
                     equals = ["ECSCluster"]
                   }}
                 }}
               }}"#
        );
        project.write(&format!("{}{filter}", stopping(&topic(&project), "")));
        project.run(&["plan"]).expect_success().expect_texts(&["filter \"noise\" silences ECS response \"stop\""]);
    });
}

#[test]
fn what_is_somebody_elses_is_left_alone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
        block_on(async {
            let role = account.iam.create_role().role_name("stop-us-east-1").assume_role_policy_document(trust);
            role.send().await.unwrap();
            account.sqs.create_queue().queue_name("stop-undelivered").send().await.unwrap();
            let rule = account.events.put_rule().name("stop").event_pattern(r#"{"source":["mine"]}"#);
            rule.send().await.unwrap();
        });
        let before = account.inventory();
        let text = stopping(&topic(&project), "");
        project.expect_apply_failure(
            &text,
            &[
                "cannot create the response \"stop\": the IAM role \"stop-us-east-1\" already exists",
                "the queue \"stop-undelivered\" already exists",
                "the EventBridge rule \"stop\" already exists",
                "so it is left as it is",
            ],
        );
        assert_eq!(account.inventory(), before, "nothing was made");
        assert_eq!(project.state(ADDRESS), None);
        let rule = block_on(account.events.describe_rule().name("stop").send()).unwrap();
        assert_eq!(rule.event_pattern(), Some(r#"{"source":["mine"]}"#));
        project.run(&["import", ADDRESS, "stop"]).expect_failure(&["nothing to import"]);
    });
}

#[test]
fn what_failed_half_way_goes_on() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        let text = stopping(&topic(&project), "");
        let denied = |service: &str, operation: &str| {
            project.fault(json!({"service": service, "operation": operation, "mode": "error", "status": 403,
                "code": "AccessDeniedException", "message": format!("not authorized to perform {operation}")}));
        };

        // The first things fail: each is told, and nothing is left of it but what was made.
        denied("sqs", "CreateQueue");
        denied("stepfunctions", "CreateStateMachine");
        project.expect_apply_failure(
            &text,
            &["cannot make queue \"stop-undelivered\"", "The credentials lack a permission"],
        );
        assert_eq!(account.inventory(), ["role stop-us-east-1", "role stop-us-east-1-rule"]);
        let drift = project.attribute(ADDRESS, "drift");
        let gone: Vec<_> = drift.as_array().unwrap().iter().filter_map(|line| line.as_str()).collect();
        assert!(gone.contains(&"state machine stop is gone") && gone.contains(&"queue stop-undelivered is gone"));
        project.expect_apply_failure(&text, &["cannot make state machine \"stop\""]);

        // The last thing fails.
        denied("events", "PutTargets");
        project.expect_apply_failure(&text, &["cannot set the targets of EventBridge rule \"stop\""]);
        assert_eq!(account.inventory().len(), 6);
        project.apply(&text);
        assert_eq!(account.inventory().len(), 6);

        // A target that is refused in an answer that says 200.
        block_on(account.events.remove_targets().rule("stop").ids("state-machine").send()).unwrap();
        project.fault(json!({"service": "events", "operation": "PutTargets", "mode": "unprocessed",
            "code": "AccessDeniedException", "message": "no"}));
        project.expect_apply_failure(&text, &["cannot set target \"state-machine\" of rule \"stop\""]);
        project.plan(&text).expect_actions(ADDRESS, &["update"]);
        project.apply(&text);

        // A destroy that fails in part tells what failed, and goes on later.
        denied("stepfunctions", "DeleteStateMachine");
        denied("cloudwatch", "DeleteAlarms");
        project.run(&["destroy", "-auto-approve"]).expect_failure(&[
            "cannot delete state machine \"stop\"",
            "cannot delete CloudWatch alarm \"stop-failed\"",
        ]);
        assert_eq!(account.inventory(), ["alarm stop-failed", "machine stop"]);
        project.destroy();
        assert_eq!(account.inventory(), Vec::<String>::new());
    });
}

#[test]
fn what_passes_is_waited_for() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        project.fault(json!({"service": "stepfunctions", "operation": "CreateStateMachine", "mode": "error", "times": 2,
            "code": "AccessDeniedException",
            "message": "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role."}));
        project.fault(json!({"service": "sqs", "operation": "CreateQueue", "mode": "error",
            "code": "AWS.SimpleQueueService.QueueDeletedRecently",
            "message": "You must wait 60 seconds after deleting a queue before you can create another with the same name."}));
        project.fault(json!({"service": "iam", "operation": "CreateRole", "mode": "lost"}));
        project.fault(json!({"service": "iam", "operation": "PutRolePolicy", "mode": "error", "code": "Throttling",
            "message": "Rate exceeded"}));
        project.fault(json!({"service": "events", "operation": "PutRule", "mode": "lost"}));
        project.fault(json!({"service": "cloudwatch", "operation": "PutMetricAlarm", "mode": "close"}));
        project.fault(json!({"service": "events", "operation": "PutTargets", "mode": "unprocessed",
            "code": "ConcurrentModificationException", "message": "busy"}));
        project.apply(&stopping(&topic(&project), ""));
        assert_eq!(account.inventory().len(), 6);
        assert_eq!(project.calls().iter().filter(|call| *call == "stepfunctions:CreateStateMachine").count(), 3);
        project.destroy();
        assert_eq!(account.inventory(), Vec::<String>::new());
    });
}

#[test]
fn what_lasts_fails_after_the_limit_and_loses_nothing() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        let text = stopping(&topic(&project), "timeouts = { create = \"2s\", update = \"1s\" }");
        let lasting = |service: &str, operation: &str, code: &str, message: &str| {
            project.fault(json!({"service": service, "operation": operation, "mode": "error", "times": null,
                "code": code, "message": message}));
        };

        // Step Functions never hears of the role: all the rest is in the state, and once it is untainted the next apply goes on.
        let no_role =
            "Neither the global service principal nor the regional one is authorized to assume the provided role.";
        lasting("stepfunctions", "CreateStateMachine", "AccessDeniedException", no_role);
        project.expect_apply_failure(
            &text,
            &[
                "cannot wait any longer for state machine \"stop\"",
                &format!("After 2s: AccessDeniedException: {no_role}"),
                "Where there are `timeouts`, they set the limit.",
                "saved as tainted and will be replaced by the next apply. To keep it, run `untaint` on it first.",
            ],
        );
        let made = ["queue stop-undelivered", "role stop-us-east-1", "role stop-us-east-1-rule"];
        assert_eq!(account.inventory(), made);
        let queue_url = project.attribute(ADDRESS, "dead_letter_queue_url");
        assert!(queue_url.as_str().unwrap().ends_with("stop-undelivered"), "{queue_url}");
        project.clear_faults();
        project.run(&["untaint", ADDRESS]).expect_success();
        project.apply(&text);
        assert_eq!(project.attribute(ADDRESS, "dead_letter_queue_url"), queue_url, "it was not made anew");

        // The name of the queue is never free; an update has a limit of its own.
        block_on(account.sqs.delete_queue().queue_url(queue_url.as_str().unwrap()).send()).unwrap();
        lasting("sqs", "CreateQueue", "AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds.");
        project.expect_apply_failure(
            &text,
            &["cannot wait any longer for queue \"stop-undelivered\"", "After 1s", "You must wait 60 seconds."],
        );
        project.clear_faults();
        project.apply(&text);

        // EventBridge stays busy.
        block_on(account.events.remove_targets().rule("stop").ids("state-machine").send()).unwrap();
        lasting("events", "PutTargets", "ConcurrentModificationException", "The rule is being changed.");
        let start = std::time::Instant::now();
        project.expect_apply_failure(
            &text,
            &["cannot set the targets of EventBridge rule \"stop\"", "The rule is being changed."],
        );
        assert!(start.elapsed().as_secs() < 60, "it was borne longer than the configuration says");
        project.clear_faults();
        project.apply(&text);
        assert_eq!(account.inventory().len(), 6);
        project.destroy();
        assert_eq!(account.inventory(), Vec::<String>::new());
    });
}
