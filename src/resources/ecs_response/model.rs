//! The attributes of `guardduty_ecs_response`, which are its documentation, too.

use tfplugin::wait::ApplyTimeouts;
use tfplugin::{Choice, Computed, Model, OptionalComputed, Set, validate};

use crate::aws::{Hold, Tags, arn};
use crate::resources::finding_match::Match;

/// Responds to findings about ECS tasks, within seconds and without code to deploy. It makes a Step Functions state
/// machine (type STANDARD) that acts by calling AWS itself, a role that may do just that, an EventBridge rule that
/// starts it with a role of its own, a queue for findings that could not be delivered to it, and an alarm on executions
/// that failed. All are called after `name`, and have the tag `guardduty:response`, whose value is `name`: a thing of
/// the same name without it is somebody else's, and is refused.
///
/// The same finding comes again while the activity goes on; responding to it twice does no harm. Findings that a filter
/// archives never arrive. A sample finding (`guardduty_sample_findings`) is treated as a dry run.
///
/// Permission errors, throttling that lasts, or a topic that can't be reached end an execution as FAILED, and the alarm
/// goes off. One that somebody stops (ABORTED), or that takes longer than ten minutes (TIMED_OUT), the alarm doesn't
/// count; EventBridge tells of both by events `Step Functions Execution Status Change`. The alarm tells
/// `notify_topic_arn`, unless that is a FIFO topic. If the topic is encrypted with a key of your own, name the key in
/// `notify_topic_key_arn`, and let the key's policy admit `cloudwatch.amazonaws.com` for the alarm.
///
/// An import reads `match` back from the rule's event pattern. `features` come back as `finding_types`.
///
/// An organization's administrator gets its members' findings too. `stop_task` only looks at those of its own account:
/// tasks of other accounts are out of reach. Make a response in each account and region.
#[derive(Model, Clone)]
pub struct EcsResponse {
    /// Name: 1 to 40 letters, digits, `-` and `_`.
    #[attr(identity, replace, validate = validate::length(1..=40), validate = validate::characters("-_"))]
    pub name: String,
    /// What is done.
    pub action: Action,
    /// The findings that are responded to. `stop_task` only responds to findings about an ECS cluster
    /// (`resource_types = ["ECSCluster"]`) of its own account, unless `resource_types` or `accounts` say otherwise.
    pub r#match: Match,
    /// Names or ARNs of the only clusters that it may touch: the role's policy and the state machine name them.
    /// `["*"]` stands for all clusters of this account and region. `stop_task` needs it. A finding about any other
    /// cluster ends the execution, and nobody is notified of it: to hear of them, add a `guardduty_finding_rule`.
    pub clusters: Option<Set<String>>,
    /// Does everything but the action itself: the role may not do it either.
    #[attr(default = false)]
    pub dry_run: bool,
    /// ARN of the SNS topic, in the same region, that is told what was done or failed: as JSON with `finding_id`,
    /// `finding_type`, `severity`, `account`, `region`, `cluster`, `task`, `result` and `reason`. `notify` needs it.
    #[attr(absent = empty, validate = arn::of("sns"))]
    pub notify_topic_arn: Option<String>,
    /// ARN of the KMS key of your own that encrypts the topic: the role may then use it. For topics that are not
    /// encrypted, or with the key `alias/aws/sns`, leave it out.
    #[attr(absent = empty, validate = arn::of("kms"))]
    pub notify_topic_key_arn: Option<String>,
    /// How long to bear what passes: that Step Functions (by default 3 minutes) or EventBridge (2 minutes) doesn't know
    /// a new role yet, and that the name of a queue is still taken by one that was just deleted (2 minutes).
    pub timeouts: Option<ApplyTimeouts>,
    /// Tags of all that is made. What others change of them is seen on the two roles only, which tell their tags
    /// without a further call.
    #[attr(absent = empty)]
    pub tags: Option<Tags>,
    /// All tags, those of the provider's `default_tags` among them.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// The state machine's definition, in Amazon States Language.
    #[attr(keep)]
    pub definition: Computed<String>,
    /// The policy of the state machine's role: what the response may do.
    #[attr(keep)]
    pub policy: Computed<String>,
    /// The event pattern of the rule.
    #[attr(keep)]
    pub event_pattern: Computed<String>,
    /// What was found missing or changed by others, which the next apply mends. Empty after an apply.
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
    /// ARN of the queue for findings that could not be delivered to the state machine. It keeps them for 14 days.
    #[attr(keep)]
    pub dead_letter_queue_arn: Computed<String>,
    /// URL of the same queue.
    #[attr(keep)]
    pub dead_letter_queue_url: Computed<String>,
    /// ARN of the alarm on executions that failed.
    #[attr(keep)]
    pub alarm_arn: Computed<String>,
    /// The name.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region that it is made in, and whose findings it responds to. By default the provider's.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Mark of this instance: what the response consists of has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// What is done about a finding.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stops the ECS task that the finding names, with the finding as its reason. Its service starts another; what was
    /// in the stopped task is lost as evidence.
    #[choice("stop_task")]
    StopTask,
    /// Tells `notify_topic_arn`, and does nothing else.
    #[choice("notify")]
    Notify,
}
