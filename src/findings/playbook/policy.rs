//! What the state machine of a playbook may do: the actions that it uses, on the clusters that it may touch.

use serde_json::{Value, json};

use super::{Action, Playbook};
use crate::findings::permissions::{self, one_or_many};

impl Playbook {
    /// The policy of the state machine's role.
    pub fn policy(&self) -> Value {
        let statements: Vec<Value> =
            [self.task_statement(), self.notify_statement(), self.key_statement()].into_iter().flatten().collect();
        permissions::policy(&statements)
    }

    /// Trust of the state machine's role: only the state machine of this name can use it.
    pub fn trust(&self, state_machine_name: &str) -> Value {
        permissions::state_machine_trust(&self.site, state_machine_name)
    }

    /// A task's ARN names its cluster, but those of accounts that still use the old format don't: so the condition,
    /// too, names the clusters.
    fn task_statement(&self) -> Option<Value> {
        if self.action != Action::StopTask {
            return None;
        }
        let actions: &[&str] =
            if self.dry_run { &["ecs:DescribeTasks"] } else { &["ecs:DescribeTasks", "ecs:StopTask"] };
        let mut statement = json!({
            "Sid": "Task",
            "Effect": "Allow",
            "Action": one_or_many(actions),
            "Resource": self.site.arn("ecs", "task/*"),
        });
        if !self.cluster_arns.is_empty() {
            statement["Condition"] = json!({"ArnEquals": {"ecs:cluster": one_or_many(&self.cluster_arns)}});
        }
        Some(statement)
    }

    fn notify_statement(&self) -> Option<Value> {
        let topic_arn = self.notify_topic_arn.as_ref()?;
        Some(json!({"Sid": "Notify", "Effect": "Allow", "Action": "sns:Publish", "Resource": topic_arn}))
    }

    /// Publishing to an encrypted topic takes its key.
    fn key_statement(&self) -> Option<Value> {
        let key_arn = self.notify_topic_key_arn.as_ref().filter(|_| self.notify_topic_arn.is_some())?;
        Some(json!({
            "Sid": "TopicKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key_arn,
        }))
    }
}
