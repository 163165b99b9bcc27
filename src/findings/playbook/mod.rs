//! The response to a finding without code to deploy: a Step Functions state machine and its policies.
//!
//! - This file has the settings and their problems.
//! - `definition` generates the state machine (Amazon States Language, JSONPath, AWS SDK integrations).
//! - `steps` generates individual states.
//! - `policy` grants exactly the actions that the state machine uses.
//!
//! Invariants:
//! - The input is the unchanged EventBridge event of one finding, and is kept in every state. Results are added next to
//!   it (`target`, `described`, `outcome`, `message`, `failure`).
//! - Only `id`, `type`, `severity`, `accountId` and `region` are expected to exist, because every finding has them. Any
//!   other member is tested before it is used, because GuardDuty omits members or sets them to null.
//! - The same finding arrives again while the activity continues, so responding to it twice does no harm and succeeds.
//! - An execution fails if, and only if, the action was not carried out.
//!
//! An attack sequence does not name a single task, so it only causes a notification. Each of its signals is a separate
//! finding, and is acted on as such.

mod definition;
mod policy;
mod steps;
#[cfg(test)]
mod tests;

use super::permissions::Site;

/// Action of a playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Stops the ECS task in the finding. Its service starts a replacement from the same image. Evidence inside the
    /// stopped task is lost.
    StopTask,
    /// Notifies a topic, and does nothing else.
    Notify,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 2] = [Self::StopTask, Self::Notify];

    /// Returns the name in `action = "..."`.
    pub fn name(self) -> &'static str {
        match self {
            Self::StopTask => "stop_task",
            Self::Notify => "notify",
        }
    }

    /// Returns the action with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// Outcome of an execution: `result` in its output and in the notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The task was running and was stopped.
    Stopped,
    /// The task had already stopped or was stopping.
    AlreadyStopped,
    /// Nothing was done, intentionally: `dry_run` is set, or the finding is a sample.
    DryRun,
    /// The finding does not name an ECS task.
    NoTask,
    /// The response may not act on the task's cluster. No notification is sent.
    OtherCluster,
    /// The action was a notification.
    Notified,
    /// The action failed.
    Failed,
}

impl Outcome {
    /// Returns the text of `result`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::AlreadyStopped => "already_stopped",
            Self::DryRun => "dry_run",
            Self::NoTask => "no_task",
            Self::OtherCluster => "other_cluster",
            Self::Notified => "notified",
            Self::Failed => "failed",
        }
    }
}

/// Settings of a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    /// Action to take.
    pub action: Action,
    /// Whether to do everything except the action itself.
    pub dry_run: bool,
    /// ARNs of the only clusters that the playbook may act on. Empty for all clusters of the account and region.
    pub cluster_arns: Vec<String>,
    /// SNS topic to notify of actions and failures.
    pub notify_topic_arn: Option<String>,
    /// Customer managed key that encrypts the topic, if any.
    pub notify_topic_key_arn: Option<String>,
    /// Location of the state machine and the clusters.
    pub site: Site,
}

/// A problem that renders a playbook useless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting with the problem.
    pub attribute: &'static str,
    /// Index of the value in a list.
    pub index: Option<usize>,
    /// The problem, and how to fix it.
    pub message: String,
}

impl Playbook {
    /// Returns all problems.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.action == Action::Notify && self.notify_topic_arn.is_none() {
            let message = "notify has no one to tell: set notify_topic_arn to an SNS topic".to_owned();
            problems.push(Problem { attribute: "notify_topic_arn", index: None, message });
        }
        problems
            .extend(self.cluster_arns.iter().enumerate().filter_map(|(index, arn)| self.cluster_problem(index, arn)));
        problems
    }

    fn cluster_problem(&self, index: usize, arn: &str) -> Option<Problem> {
        let prefix = self.site.arn("ecs", "cluster/");
        let is_here = arn.strip_prefix(&prefix).is_some_and(|name| !name.is_empty() && !name.contains(['*', '/', ':']));
        let message = format!("\"{arn}\" is not the ARN of a cluster in this account and region, {prefix}NAME");
        (!is_here).then_some(Problem { attribute: "clusters", index: Some(index), message })
    }
}
