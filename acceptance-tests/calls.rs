//! What becomes of calls that AWS refuses for a while, at all, or whose answer is lost.

use aws_sdk_cloudwatchlogs as logs;
use aws_sdk_eventbridge as eventbridge;
use aws_sdk_guardduty as guardduty;
use aws_sdk_iam as iam;
use aws_sdk_sfn as sfn;
use aws_sdk_sqs as sqs;
use serde_json::{Value as Json, json};

use crate::harness::{Project, REGION, block_on, one_cli};

const RULE: &str = "guardduty_finding_rule.test";

/// A rule `alert` that starts a state machine of the account.
fn starting(project: &Project) -> String {
    let roles = iam::Client::new(&project.sdk(REGION));
    let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let role = block_on(roles.create_role().role_name("machine").assume_role_policy_document(trust).send());
    let role = role.unwrap().role.unwrap().arn;
    let definition = json!({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": true}}}).to_string();
    let machines = sfn::Client::new(&project.sdk(REGION));
    let machine = machines.create_state_machine().name("machine").definition(definition).role_arn(role);
    let arn = block_on(machine.send()).unwrap().state_machine_arn;
    rule(&format!("machine = {{ arn = \"{arn}\" }}"))
}

fn rule(targets: &str) -> String {
    format!(
        "resource \"guardduty_finding_rule\" \"test\" {{\n  name = \"alert\"\n  match = {{}}\n  targets = {{ {targets} }}\n}}\n"
    )
}

fn queue(project: &Project) -> String {
    let client = sqs::Client::new(&project.sdk(REGION));
    block_on(client.create_queue().queue_name("findings").send()).unwrap();
    format!("arn:aws:sqs:{REGION}:{}:findings", project.account)
}

fn fault(project: &Project, service: &str, operation: &str, code: &str, message: &str, times: &Json) {
    project.fault(json!({"service": service, "operation": operation, "mode": "error", "status": 400, "code": code,
        "message": message, "times": times}));
}

fn rule_is_there(project: &Project) -> bool {
    let client = eventbridge::Client::new(&project.sdk(REGION));
    block_on(client.describe_rule().name("alert").send()).is_ok()
}

#[test]
fn many_filters_succeed_through_many_throttled_answers() {
    let project = Project::new(&one_cli());
    let client = guardduty::Client::new(&project.sdk(REGION));
    let detector = block_on(client.create_detector().enable(true).send()).unwrap().detector_id.unwrap();
    let text = format!(
        "resource \"guardduty_filter\" \"test\" {{\n  count = 60\n  detector_id = \"{detector}\"\n  \
         name = \"filter-${{count.index}}\"\n  action = \"NOOP\"\n  finding_criteria {{\n    criterion {{\n      \
         field = \"type\"\n      equals = [\"Impact:Runtime/AbusedDomainRequest.Reputation\"]\n    }}\n  }}\n}}\n"
    );
    project.write(&text);
    // An allowance that all calls of a run shared would end after some hundred retries.
    for operation in ["CreateFilter", "GetFilter"] {
        project.fault(json!({"service": "guardduty", "operation": operation, "mode": "error", "status": 429,
            "code": "TooManyRequestsException", "message": "Rate exceeded", "times": 240}));
    }
    project.run(&["apply", "-auto-approve", "-parallelism=60"]).expect_success();
    project.clear_calls();
    project.clear_faults();
    let filters = block_on(
        client
            .list_filters()
            .detector_id(&detector)
            .max_results(50)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>(),
    );
    assert_eq!(filters.unwrap().len(), 60);
    project.expect_no_changes();
}

#[test]
fn what_others_do_at_the_same_time_is_waited_out() {
    let project = Project::new(&one_cli());
    let text = starting(&project);
    let busy = "ConcurrentModificationException";
    fault(&project, "events", "PutRule", busy, "The rule is being changed.", &json!(2));
    fault(&project, "events", "PutTargets", busy, "The rule is being changed.", &json!(1));
    fault(&project, "iam", "PutRolePolicy", "NoSuchEntity", "The role with name x cannot be found.", &json!(2));
    project.apply(&text);

    fault(&project, "events", "RemoveTargets", busy, "The rule is being changed.", &json!(2));
    fault(
        &project,
        "events",
        "DeleteRule",
        "ValidationException",
        "Rule can't be deleted since it has targets.",
        &json!(2),
    );
    fault(
        &project,
        "iam",
        "DeleteRole",
        "DeleteConflict",
        "Cannot delete entity, must delete policies first.",
        &json!(1),
    );
    project.fault(json!({"service": "events", "operation": "RemoveTargets", "mode": "unprocessed",
        "code": "ResourceNotFoundException", "message": "no such target"}));
    project.destroy();
    assert!(!rule_is_there(&project));
}

#[test]
fn a_quota_ends_the_apply_at_once_and_is_named() {
    let project = Project::new(&one_cli());
    let client = logs::Client::new(&project.sdk(REGION));
    block_on(client.create_log_group().log_group_name("/findings").send()).unwrap();
    let document = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow",
        "Principal": {"Service": "route53.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}]});
    for number in 0..10 {
        let put = client.put_resource_policy().policy_name(format!("theirs-{number}"));
        block_on(put.policy_document(document.to_string()).send()).unwrap();
    }
    fault(&project, "logs", "PutResourcePolicy", "LimitExceededException", "Resource limit exceeded.", &Json::Null);
    let text = rule(&format!("log = {{ arn = \"arn:aws:logs:{REGION}:{}:log-group:/findings\" }}", project.account));
    let start = std::time::Instant::now();
    project.expect_apply_failure(
        &text,
        &["LimitExceededException", "logs:PutResourcePolicy", "has 10 of 10 CloudWatch Logs resource policies"],
    );
    assert!(start.elapsed().as_secs() < 30, "a quota is not retried");
    project.clear_faults();
    for number in 1..10 {
        block_on(client.delete_resource_policy().policy_name(format!("theirs-{number}")).send()).unwrap();
    }
    project.apply(&text);
    project.destroy();
}

#[test]
fn a_lost_answer_is_settled_by_a_look() {
    let project = Project::new(&one_cli());
    let once = "provider \"guardduty\" {\n  max_retries = 0\n}\n";
    let text = format!("{once}{}", starting(&project));
    let lost = |service: &str, operation: &str| {
        project.fault(json!({"service": service, "operation": operation, "mode": "lost", "times": null}));
    };
    lost("events", "PutRule");
    lost("iam", "CreateRole");
    project.apply(&text);
    assert!(project.state(RULE).is_some());
    project.clear_faults();
    project.expect_no_changes();

    lost("events", "DeleteRule");
    lost("iam", "DeleteRole");
    project.destroy();
    assert!(!rule_is_there(&project));
    project.clear_faults();

    // The rule was not made: that is an error, which doesn't say that the endpoint can't be reached.
    project.fault(json!({"service": "events", "operation": "PutRule", "mode": "close", "times": null}));
    let output = project.expect_apply_failure(
        &text,
        &[
            "cannot make EventBridge rule \"alert\"",
            "the connection was closed before the answer came",
            "events:PutRule",
        ],
    );
    assert!(!output.text.contains("can't be reached"), "{}", output.text);
}

#[test]
fn an_error_names_the_permission() {
    let project = Project::new(&one_cli());
    let text = rule(&format!("queue = {{ arn = \"{}\" }}", queue(&project)));
    for (service, operation, permission) in
        [("events", "PutRule", "events:PutRule"), ("sqs", "SetQueueAttributes", "sqs:SetQueueAttributes")]
    {
        fault(&project, service, operation, "AccessDeniedException", "no", &Json::Null);
        project
            .expect_apply_failure(&text, &[&format!("The credentials lack a permission: grant {permission} to them.")]);
        project.clear_faults();
    }
}

/// A role that was created moments ago is neither lost from the state nor left behind.
#[test]
fn a_role_that_is_read_late_is_deleted() {
    let project = Project::new(&one_cli());
    let text = starting(&project);
    project.delay_reads("iam:role", 2);
    project.write(&text);
    project.run(&["apply", "-auto-approve"]).expect_success();
    project.destroy();
    project.see_all();
    let roles = block_on(iam::Client::new(&project.sdk(REGION)).list_roles().send()).unwrap().roles;
    let names: Vec<_> = roles.into_iter().map(|role| role.role_name).collect();
    assert_eq!(names, ["machine"], "only the one that the state machine has");
}
