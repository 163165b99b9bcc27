//! The attributes of `guardduty_ecs_response`, which are also its documentation.

use tfplugin::wait::ApplyTimeouts;
use tfplugin::{Choice, Computed, Model, OptionalComputed, Set, validate};

use crate::aws::{Hold, Tags, arn};
use crate::resources::finding_match::Match;

/// Manages an automated response to findings about ECS tasks. It responds within seconds and needs no code to deploy.
///
/// It creates a Step Functions state machine (type STANDARD) that acts by calling AWS directly, a role with only the
/// permissions for these actions, an EventBridge rule that starts the state machine with a role of its own, a queue for
/// findings that could not be delivered to the state machine, and an alarm on failed executions. All of them are named
/// after `name` and have the tag `guardduty:response` with `name` as its value. An existing object with the same name
/// but without this tag belongs to something else, and the response refuses to use it.
///
/// GuardDuty reports the same finding again while the activity continues. Responding to it twice does no harm. Findings
/// that a filter archives never arrive. Sample findings (`guardduty_sample_findings`) are treated as a dry run.
///
/// Permission errors, persistent throttling and a topic that cannot be reached end an execution as FAILED, which
/// triggers the alarm. The alarm does not count executions that are stopped (ABORTED) or that take longer than ten
/// minutes (TIMED_OUT). EventBridge reports both as `Step Functions Execution Status Change` events. The alarm notifies
/// `notify_topic_arn`, unless that is a FIFO topic. If the topic is encrypted with a customer managed key, set
/// `notify_topic_key_arn` to that key, and allow `cloudwatch.amazonaws.com` in the key policy for the alarm.
///
/// An import reads `match` back from the event pattern of the rule. `features` are read back as `finding_types`.
///
/// In an organization, the administrator account also receives the findings of its member accounts. `stop_task` only
/// processes findings of its own account, because it cannot reach tasks of other accounts. Create a response in each
/// account and region.
#[derive(Model, Clone)]
pub struct EcsResponse {
    /// Name of the response: 1 to 40 letters, digits, `-` and `_`.
    #[attr(identity, replace, validate = validate::length(1..=40), validate = validate::characters("-_"))]
    pub name: String,
    /// Action to take on findings that match.
    pub action: Action,
    /// Findings to respond to. `stop_task` only responds to findings about ECS clusters (`resource_types =
    /// ["ECSCluster"]`) of its own account, unless `resource_types` or `accounts` is set.
    pub r#match: Match,
    /// Names or ARNs of the only clusters that the response may act on. The policy of the role and the state machine
    /// are limited to them. `["*"]` allows all clusters of the account and region. Required for `stop_task`. A finding
    /// about any other cluster ends the execution without a notification. To be notified of such findings, add a
    /// `guardduty_finding_rule`.
    pub clusters: Option<Set<String>>,
    /// Set to `true` to do everything except the action itself. The role then has no permission for the action either.
    /// Default: `false`.
    #[attr(default = false)]
    pub dry_run: bool,
    /// ARN of the SNS topic, in the same region, that is notified of each action and failure. The message is JSON with
    /// `finding_id`, `finding_type`, `severity`, `account`, `region`, `cluster`, `task`, `result` and `reason`.
    /// Required for `notify`.
    #[attr(absent = empty, validate = arn::of("sns"))]
    pub notify_topic_arn: Option<String>,
    /// ARN of the customer managed KMS key that encrypts the topic. The role gets permission to use it. Leave it out
    /// for topics that are not encrypted, or that are encrypted with `alias/aws/sns`.
    #[attr(absent = empty, validate = arn::of("kms"))]
    pub notify_topic_key_arn: Option<String>,
    /// How long to keep retrying temporary failures: Step Functions (default: 3 minutes) or EventBridge (default: 2
    /// minutes) does not yet recognize a new role, or the name of a queue is still reserved by a queue that was just
    /// deleted (default: 2 minutes).
    pub timeouts: Option<ApplyTimeouts>,
    /// Tags of everything that the response creates. Changes made outside Terraform are only detected on the two roles,
    /// whose tags are read without an additional API call.
    #[attr(absent = empty)]
    pub tags: Option<Tags>,
    /// All tags, including those from the provider's `default_tags`.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// Definition of the state machine, in Amazon States Language.
    #[attr(keep)]
    pub definition: Computed<String>,
    /// Policy of the state machine's role: the permissions of the response.
    #[attr(keep)]
    pub policy: Computed<String>,
    /// Event pattern of the rule.
    #[attr(keep)]
    pub event_pattern: Computed<String>,
    /// Parts of the response that were found missing or changed outside Terraform. The next apply repairs them. Empty
    /// after an apply.
    #[attr(keep)]
    pub drift: Computed<Vec<String>>,
    /// ARN of the state machine.
    #[attr(keep)]
    pub state_machine_arn: Computed<String>,
    /// ARN of the state machine's role.
    #[attr(keep)]
    pub role_arn: Computed<String>,
    /// ARN of the EventBridge rule.
    #[attr(keep)]
    pub rule_arn: Computed<String>,
    /// ARN of the queue for findings that could not be delivered to the state machine. The queue retains them for 14
    /// days.
    #[attr(keep)]
    pub dead_letter_queue_arn: Computed<String>,
    /// URL of this queue.
    #[attr(keep)]
    pub dead_letter_queue_url: Computed<String>,
    /// ARN of the alarm on failed executions.
    #[attr(keep)]
    pub alarm_arn: Computed<String>,
    /// Name of the response.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the response. It responds to findings of this region. Defaults to the provider's region.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Ownership mark of this resource instance. The parts of the response carry it as the tag `guardduty:owner/MARK`.
    /// ` shared` is appended while other instances manage them too. ` adopted` is appended after an import, until the
    /// first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// Action to take on a finding.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stops the ECS task in the finding, with the finding as the reason; the task's service starts a replacement, and
    /// evidence inside the stopped task is lost.
    #[choice("stop_task")]
    StopTask,
    /// Notifies `notify_topic_arn`, and does nothing else.
    #[choice("notify")]
    Notify,
}
