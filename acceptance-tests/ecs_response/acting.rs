//! A finding arrives: what becomes of the task, of its neighbours, and who hears of it.

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::json;

use super::account::{Account, eventually, finding};
use super::{ADDRESS, configuration, stopping};
use crate::harness::{Project, REGION, block_on, for_each_cli};

/// An account with two clusters, a detector, and a topic with its queue.
fn furnished(project: &Project) -> (Account, String, String) {
    let account = Account::new(project, REGION);
    account.cluster("prod", 2);
    account.cluster("other", 1);
    account.detector();
    let (topic, queue) = account.topic("alerts");
    (account, topic, queue)
}

#[test]
fn exactly_the_task_of_the_finding_is_stopped() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (account, topic, queue) = furnished(&project);
        project.apply(&stopping(&topic, ""));
        let [task, neighbour] = account.running("prod").try_into().unwrap();
        let [other] = account.running("other").try_into().unwrap();
        let arn = task.task_arn().unwrap();

        let injected = finding(&account, &task, "0123456789abcdef0123456789abcdef");
        assert_eq!(project.inject_finding(REGION, &injected)["published"], json!(true));

        let message = account.next_message(&queue);
        let stopped = account.task("prod", arn);
        assert_eq!(stopped.desired_status(), Some("STOPPED"));
        let reason = "GuardDuty CryptoCurrency:Runtime/BitcoinTool.B!DNS 0123456789abcdef0123456789abcdef";
        assert_eq!(stopped.stopped_reason(), Some(reason));
        assert_eq!(message["result"], json!("stopped"));
        assert_eq!(message["task"], json!(arn));
        assert_eq!(message["finding_id"], json!("0123456789abcdef0123456789abcdef"));
        assert_eq!(account.result(&account.ended_executions("stop", 1)[0]), "stopped");
        for (cluster, task) in [("prod", neighbour), ("other", other.clone())] {
            assert_eq!(account.task(cluster, task.task_arn().unwrap()).last_status(), Some("RUNNING"), "{cluster}");
        }

        // The same finding comes again while the activity goes on.
        project.inject_finding(REGION, &injected);
        let again = account.ended_executions("stop", 2);
        assert_eq!(account.next_message(&queue)["result"], json!("already_stopped"));
        assert!(again.iter().all(|execution| *execution.status() == ExecutionStatus::Succeeded));
        assert_eq!(account.task("prod", arn).stopped_reason(), Some(reason));

        // A cluster that is not listed is none of its business, and nobody is bothered.
        project.inject_finding(REGION, &finding(&account, &other, "1".repeat(32).as_str()));
        let executions = account.ended_executions("stop", 3);
        assert_eq!(account.result(&executions[0]), "other_cluster");
        assert_eq!(account.task("other", other.task_arn().unwrap()).last_status(), Some("RUNNING"));
        assert!(account.is_silent(&queue));
    });
}

#[test]
fn a_dry_run_and_a_sample_stop_nothing() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (account, topic, queue) = furnished(&project);
        let samples = |run: &str| {
            let [detector] =
                block_on(account.guardduty.list_detectors().send()).unwrap().detector_ids.unwrap().try_into().unwrap();
            format!(
                r#"resource "guardduty_sample_findings" "drill" {{
                     detector_id   = "{detector}"
                     finding_types = ["CryptoCurrency:Runtime/BitcoinTool.B!DNS"]
                     triggers      = {{ run = "{run}" }}
                     depends_on    = [guardduty_ecs_response.test]
                   }}"#
            )
        };
        project.apply(&stopping(&topic, "dry_run = true"));
        let tasks = account.running("prod");
        project.inject_finding(REGION, &finding(&account, &tasks[0], "2".repeat(32).as_str()));
        let message = account.next_message(&queue);
        assert_eq!(message["result"], json!("dry_run"));
        assert_eq!(account.result(&account.ended_executions("stop", 1)[0]), "dry_run");

        project.apply(&format!("{}{}", stopping(&topic, ""), samples("1")));
        let message = account.next_message(&queue);
        assert_eq!(message["result"], json!("dry_run"));
        assert!(message["reason"].as_str().unwrap().contains("sample"), "{message}");
        assert_eq!(account.result(&account.ended_executions("stop", 2)[0]), "dry_run");

        // A sample that names a real task, as an attacker's neighbour might wish.
        let mut sample = finding(&account, &tasks[0], "3".repeat(32).as_str());
        sample["service"]["additionalInfo"]["sample"] = json!(true);
        project.inject_finding(REGION, &sample);
        account.ended_executions("stop", 3);
        assert_eq!(account.running("prod"), tasks);
    });
}

#[test]
fn what_does_not_match_starts_nothing() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (account, topic, _) = furnished(&project);
        project.apply(&stopping(&topic, ""));
        let tasks = account.running("prod");
        let mut harmless = finding(&account, &tasks[0], "4".repeat(32).as_str());
        harmless["severity"] = json!(5);
        let mut instance = finding(&account, &tasks[0], "6".repeat(32).as_str());
        instance["resource"]["resourceType"] = json!("Instance");
        for finding in [harmless, instance] {
            project.inject_finding(REGION, &finding);
        }
        // Events are delivered in order, so that what comes last has all others before it.
        project.inject_finding(REGION, &finding(&account, &tasks[1], "7".repeat(32).as_str()));
        assert_eq!(account.ended_executions("stop", 1).len(), 1);
        assert_eq!(account.task("prod", tasks[0].task_arn().unwrap()).last_status(), Some("RUNNING"));

        // A member's finding reaches the administrator's bus too; EventBridge itself says whether it would match.
        let pattern = project.attribute(ADDRESS, "event_pattern");
        let would_match = |owner: &str| {
            let mut detail = finding(&account, &tasks[1], "8".repeat(32).as_str());
            detail["accountId"] = json!(owner);
            let event = json!({"id": "1", "account": account.id, "source": "aws.guardduty", "time": "2026-11-20T10:05:00Z",
                "region": REGION, "resources": [], "detail-type": "GuardDuty Finding", "detail": detail});
            let test = account.events.test_event_pattern().event_pattern(pattern.as_str().unwrap());
            block_on(test.event(event.to_string()).send()).unwrap().result()
        };
        assert!(would_match(&account.id));
        assert!(!would_match("999999999999"));
    });
}

#[test]
fn a_stop_that_is_refused_fails_and_is_told_of() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (account, topic, queue) = furnished(&project);
        project.apply(&stopping(&topic, ""));
        let tasks = account.running("prod");
        project.fault(json!({"service": "ecs", "operation": "StopTask", "mode": "error",
            "code": "AccessDeniedException", "message": "no ecs:StopTask for you"}));
        project.inject_finding(REGION, &finding(&account, &tasks[0], "8".repeat(32).as_str()));
        let message = account.next_message(&queue);
        assert_eq!(message["result"], json!("failed"));
        assert!(message["reason"].as_str().unwrap().contains("no ecs:StopTask for you"), "{message}");
        let [execution] = account.ended_executions("stop", 1).try_into().unwrap();
        assert_eq!(*execution.status(), ExecutionStatus::Failed);
        assert_eq!(account.task("prod", tasks[0].task_arn().unwrap()).last_status(), Some("RUNNING"));

        // Throttling passes.
        project.clear_faults();
        project.fault(json!({"service": "ecs", "operation": "StopTask", "mode": "error", "status": 400,
            "code": "ThrottlingException", "message": "Rate exceeded"}));
        project.inject_finding(REGION, &finding(&account, &tasks[1], "9".repeat(32).as_str()));
        assert_eq!(account.next_message(&queue)["result"], json!("stopped"));
    });
}

#[test]
fn notify_tells_and_does_nothing_else() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (account, topic, queue) = furnished(&project);
        project.apply(&configuration(&format!(
            "action = \"notify\"\n match = {{ finding_types = [\"*:Runtime/*\"] }}\n notify_topic_arn = {topic:?}"
        )));
        let tasks = account.running("other");
        project.inject_finding(REGION, &finding(&account, &tasks[0], "a".repeat(32).as_str()));
        let message = account.next_message(&queue);
        assert_eq!(message["result"], json!("notified"));
        assert_eq!(message["severity"], json!(8));
        assert_eq!(account.running("other"), tasks);
        eventually("a result", || Some(account.result(&account.ended_executions("stop", 1)[0])));
    });
}
