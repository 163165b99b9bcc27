//! The state machine of a playbook: its states, and the transitions between them.

use serde_json::{Map, Value, json};

use super::steps::{
    Api, CLUSTER, CLUSTER_NOT_FOUND, SAMPLE, TASK, all_present, any, call, catch, catch_all, choice, ecs_error, equals,
    keep, outcome, then,
};
use super::{Action, Outcome, Playbook};

/// Maximum duration of an execution: two calls and a notification, each with several attempts.
const EXECUTION_TIMEOUT_SECONDS: u64 = 600;

/// Statuses of an ECS task from the moment it is being stopped ("Amazon ECS task lifecycle").
const STOPPING: [&str; 4] = ["DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"];

impl Playbook {
    /// Returns the definition of the state machine.
    pub fn definition(&self) -> Value {
        let mut states = self.finding_states();
        states.extend(match self.action {
            Action::StopTask => self.stop_task_states(),
            Action::Notify => Map::new(),
        });
        states.extend(self.ending_states());
        json!({
            "Comment": self.comment(),
            "StartAt": "FindTask",
            "TimeoutSeconds": EXECUTION_TIMEOUT_SECONDS,
            "States": states,
        })
    }

    fn comment(&self) -> String {
        let mode = if self.dry_run { ", dry run" } else { "" };
        format!("Response to a GuardDuty finding: {}{mode}", self.action.name())
    }

    /// Returns the states from the finding to its cluster and task, or to the reason for not proceeding.
    fn finding_states(&self) -> Map<String, Value> {
        let has_task = all_present(&[CLUSTER, TASK].map(|path| json!({"Variable": path, "IsString": true})));
        let after_task = match self.action {
            Action::StopTask => "IsSample",
            Action::Notify if self.cluster_arns.is_empty() => "Notified",
            Action::Notify => "IsClusterAllowed",
        };
        let mut states = Map::new();
        let mut add = |name: &str, state| states.insert(name.to_owned(), state);
        add("FindTask", choice(&[then(has_task, "TaskFound")], "NoTaskFound"));
        add("TaskFound", keep(&json!({"cluster.$": CLUSTER, "task.$": TASK}), "$.target", after_task));
        add("NoTaskFound", {
            let next = if self.action == Action::Notify { "Notified" } else { "NoTask" };
            json!({"Type": "Pass", "Result": {"cluster": null, "task": null}, "ResultPath": "$.target", "Next": next})
        });
        if self.action == Action::Notify {
            add("Notified", self.ended(Outcome::Notified, "This finding is to be told of"));
        }
        if after_task != "Notified" {
            let next = if self.action == Action::Notify { "Notified" } else { "DescribeTask" };
            add("IsClusterAllowed", choice(&[then(self.is_cluster_allowed(), next)], "OtherCluster"));
            let reason = ("reason", "The cluster is not one of those that this response may touch");
            add("OtherCluster", outcome(Outcome::OtherCluster, reason, "Done"));
        }
        states
    }

    /// Returns the test for the listed clusters, or for all clusters of this account and region. In an organization,
    /// the administrator account also receives the findings of its member accounts, whose tasks are out of reach.
    fn is_cluster_allowed(&self) -> Value {
        let cluster = "$.target.cluster";
        match self.cluster_arns.as_slice() {
            [] => json!({"Variable": cluster, "StringMatches": self.site.arn("ecs", "cluster/*")}),
            arns => any(&arns.iter().map(|arn| equals(cluster, arn)).collect::<Vec<_>>()),
        }
    }

    fn stop_task_states(&self) -> Map<String, Value> {
        let mut states = Map::new();
        let mut add = |name: &str, state| states.insert(name.to_owned(), state);
        let is_sample = all_present(&[json!({"Variable": SAMPLE, "BooleanEquals": true})]);
        add("IsSample", choice(&[then(is_sample, "Sample")], "IsClusterAllowed"));
        add("Sample", self.ended(Outcome::DryRun, "The finding is a sample: its task does not exist"));
        add("NoTask", self.ended(Outcome::NoTask, "The finding names no ECS task that could be stopped"));
        add("DescribeTask", self.describe_task());
        add("IsTaskRunning", is_task_running(if self.dry_run { "DryRun" } else { "StopTask" }));
        add("AlreadyStopped", self.ended(Outcome::AlreadyStopped, "The task was no longer running"));
        if self.dry_run {
            add("DryRun", self.ended(Outcome::DryRun, "The task is running and would be stopped, but for dry_run"));
        } else {
            add("StopTask", self.stop_task());
            add("Stopped", self.ended(Outcome::Stopped, "The task was stopped"));
        }
        add("ActionFailed", {
            let reason = ("reason.$", "States.JsonToString($.failure)");
            outcome(Outcome::Failed, reason, self.after_outcome())
        });
        states
    }

    fn describe_task(&self) -> Value {
        let parameters = json!({"Cluster.$": "$.target.cluster", "Tasks.$": "States.Array($.target.task)"});
        let mut state = call(&self.site, Api::DescribeTasks, &parameters, Some("$.described"), "IsTaskRunning");
        // A task cannot outlive its cluster.
        state["Catch"] = json!([catch(&ecs_error(CLUSTER_NOT_FOUND), "AlreadyStopped"), catch_all("ActionFailed")]);
        state
    }

    fn stop_task(&self) -> Value {
        let parameters = json!({
            "Cluster.$": "$.target.cluster",
            "Task.$": "$.target.task",
            "Reason.$": "States.Format('GuardDuty {} {}', $.detail.type, $.detail.id)",
        });
        let mut state = call(&self.site, Api::StopTask, &parameters, None, "Stopped");
        state["Catch"] = json!([catch_all("ActionFailed")]);
        state
    }

    fn ended(&self, how: Outcome, reason: &str) -> Value {
        outcome(how, ("reason", reason), self.after_outcome())
    }

    fn after_outcome(&self) -> &'static str {
        if self.notify_topic_arn.is_some() { "WriteMessage" } else { self.after_notification() }
    }

    fn after_notification(&self) -> &'static str {
        match self.action {
            Action::StopTask => "HasFailed",
            Action::Notify => "Done",
        }
    }

    /// Returns the states from an outcome to the end, including the notification.
    fn ending_states(&self) -> Map<String, Value> {
        let mut states = Map::new();
        let mut add = |name: &str, state| states.insert(name.to_owned(), state);
        if let Some(topic_arn) = &self.notify_topic_arn {
            add("WriteMessage", write_message());
            add("Notify", self.notify(topic_arn));
            add(
                "NotificationFailed",
                fail(
                    "NotificationFailed",
                    "States.Format('the outcome was {} ({}), but nobody could be told: {}', $.outcome.result, $.outcome.reason, States.JsonToString($.failure))",
                ),
            );
        }
        if self.action == Action::StopTask {
            let has_failed = equals("$.outcome.result", Outcome::Failed.name());
            let cause = "States.Format('the task {} was not stopped: {}', $.target.task, $.outcome.reason)";
            add("HasFailed", choice(&[then(has_failed, "Failed")], "Done"));
            add("Failed", fail("ActionFailed", cause));
        }
        add("Done", json!({"Type": "Succeed", "OutputPath": "$.outcome"}));
        states
    }

    /// Returns the notification. A subject must have less than 100 characters. The first part of a type
    /// (`PrivilegeEscalation:Kubernetes`) has at most 30.
    fn notify(&self, topic_arn: &str) -> Value {
        let mut parameters = json!({
            "TopicArn": topic_arn,
            "Subject.$": "States.Format('GuardDuty {} severity {}: {}', States.ArrayGetItem(States.StringSplit($.detail.type, '/'), 0), $.detail.severity, $.outcome.result)",
            "Message.$": "States.JsonToString($.message)",
        });
        if topic_arn.ends_with(".fifo") {
            parameters["MessageGroupId.$"] = json!("$.detail.id");
            parameters["MessageDeduplicationId.$"] = json!("$$.Execution.Name");
        }
        let mut state = call(&self.site, Api::Publish, &parameters, None, self.after_notification());
        state["Catch"] = json!([catch_all("NotificationFailed")]);
        state
    }
}

/// Tests whether the task is running. Its status is only tested if the task exists, because it is deleted shortly after
/// it has stopped.
fn is_task_running(next: &str) -> Value {
    let task = "$.described.Tasks[0]";
    let is_gone = json!({"Not": {"Variable": task, "IsPresent": true}});
    let mut statuses = vec![equals(&format!("{task}.DesiredStatus"), "STOPPED")];
    statuses.extend(STOPPING.map(|status| equals(&format!("{task}.LastStatus"), status)));
    choice(&[then(is_gone, "AlreadyStopped"), then(any(&statuses), "AlreadyStopped")], next)
}

fn write_message() -> Value {
    let members = json!({
        "finding_id.$": "$.detail.id",
        "finding_type.$": "$.detail.type",
        "severity.$": "$.detail.severity",
        "account.$": "$.detail.accountId",
        "region.$": "$.detail.region",
        "cluster.$": "$.target.cluster",
        "task.$": "$.target.task",
        "result.$": "$.outcome.result",
        "reason.$": "$.outcome.reason",
    });
    keep(&members, "$.message", "Notify")
}

fn fail(error: &str, cause: &str) -> Value {
    json!({"Type": "Fail", "Error": error, "CausePath": cause})
}
