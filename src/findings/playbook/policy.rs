//! Permissions of the state machine of a playbook: the actions that it uses, on the clusters that it may act on.

use serde_json::{Value, json};

use super::{Action, Playbook};
use crate::findings::permissions::{self, one_or_many};

impl Playbook {
    /// Returns the policy of the state machine's role.
    pub fn policy(&self) -> Value {
        let statements: Vec<Value> =
            [self.task_statement(), self.notify_statement(), self.key_statement()].into_iter().flatten().collect();
        permissions::policy(&statements)
    }

    /// Returns the trust policy of the state machine's role, which only the state machine with this name can assume.
    pub fn trust(&self, state_machine_name: &str) -> Value {
        permissions::state_machine_trust(&self.site, state_machine_name)
    }

    /// Returns the statement for tasks. The ARN of a task contains its cluster, except in accounts that still use the
    /// old format, so the condition names the clusters too.
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

    /// Returns the statement for the key, which is needed to publish to an encrypted topic.
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
