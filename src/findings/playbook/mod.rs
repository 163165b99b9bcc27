//! What is done about a finding, without code to deploy: a Step Functions state machine and the policies it needs.
//!
//! - this file has the settings and what can be wrong with them;
//! - `definition` writes the state machine (Amazon States Language, JSONPath, AWS SDK integrations);
//! - `steps` writes single states;
//! - `policy` grants exactly the actions that the state machine uses.
//!
//! Invariants:
//! - the input is the EventBridge event of one finding, unchanged, and stays whole in every state: what is found out on
//!   the way is put beside it (`target`, `described`, `outcome`, `message`, `failure`);
//! - only `id`, `type`, `severity`, `accountId` and `region` are taken for granted, which every finding has: any other
//!   member is looked for before it is used, for GuardDuty leaves members out or sets them to null;
//! - the same finding comes again while the activity goes on, so doing it twice does no harm and ends well;
//! - an execution fails if, and only if, what was to be done was not done.
//!
//! An attack sequence names no single task, so it is never acted upon: someone is told. Each of its signals is a finding
//! of its own, and acted upon as such.

mod definition;
mod policy;
mod steps;
#[cfg(test)]
mod tests;

use super::permissions::Site;

/// What a playbook does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Stops the ECS task that the finding names. Its service starts another from the same image; what was in the
    /// stopped task is lost as evidence.
    StopTask,
    /// Tells someone, and does nothing else.
    Notify,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 2] = [Self::StopTask, Self::Notify];

    /// The name in `action = "..."`.
    pub fn name(self) -> &'static str {
        match self {
            Self::StopTask => "stop_task",
            Self::Notify => "notify",
        }
    }

    /// The action of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// How an execution ended: `result` of its output and of the notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The task was running, and was stopped.
    Stopped,
    /// The task had stopped, or was stopping, before.
    AlreadyStopped,
    /// Nothing was done, on purpose: `dry_run` is set, or the finding is a sample.
    DryRun,
    /// The finding names no ECS task.
    NoTask,
    /// The task's cluster isn't one that may be touched. Nobody is told.
    OtherCluster,
    /// The action was to tell someone.
    Notified,
    /// It was not done.
    Failed,
}

impl Outcome {
    /// The text that `result` has.
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

/// The settings of one playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playbook {
    /// What is done.
    pub action: Action,
    /// Whether everything is done but the action itself.
    pub dry_run: bool,
    /// ARNs of the only clusters that may be touched; empty for all clusters of the account and region.
    pub cluster_arns: Vec<String>,
    /// SNS topic for what was done or failed.
    pub notify_topic_arn: Option<String>,
    /// The customer-managed key that encrypts the topic, if one does.
    pub notify_topic_key_arn: Option<String>,
    /// Where the state machine runs, and the clusters are.
    pub site: Site,
}

/// Something that makes a playbook useless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting.
    pub attribute: &'static str,
    /// Which value of a list.
    pub index: Option<usize>,
    /// What is wrong, and how to mend it.
    pub message: String,
}

impl Playbook {
    /// All that is wrong.
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
