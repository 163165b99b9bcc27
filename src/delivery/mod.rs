//! Delivery: an EventBridge rule for GuardDuty events, its targets, and the permissions that it needs to reach them.
//!
//! [`Delivery`] has the attributes and implements their lifecycle. [`Delivers`] is what a resource type adds: the
//! pattern that selects events. The modules:
//!
//! - `planning`, `applying` and `refreshing` implement the operations.
//! - `holding` knows who owns the rules.
//! - `kind` and `target` know where events are sent. `split` distributes targets over rules.
//! - `input`, `template` and `placeholder` know what a target receives. `document` knows how that is written.
//! - `grants` knows the permissions that rules need. `granting` applies them, and `grantee` names them. `encryption`
//!   checks whether key policies allow EventBridge.

mod applying;
mod delivered;
mod document;
mod encryption;
mod grantee;
mod granting;
mod grants;
mod holding;
mod input;
mod kind;
mod placeholder;
mod planning;
mod refreshing;
pub mod site;
mod split;
mod target;
mod template;

use std::collections::BTreeMap;

use tfplugin::wait::ApplyTimeouts;
use tfplugin::{Computed, Diagnostic, Failure, Flattens, Model, OptionalComputed, Plan, Result, View, validate};

pub use self::delivered::delivered;
pub use self::document::{EventPattern, long};
use self::grantee::Grantee;
use self::grants::Grants;
use self::site::site;
use self::split::Rules;
use self::target::Target;
use crate::aws::eventbridge::{Rule, RuleName};
use crate::aws::owners::mark_of;
use crate::aws::{Aws, Hold, Subject, Tags};
use crate::findings::permissions::Site;
use crate::kit::import::take_over;

/// A resource type that delivers events. It has the attributes of [`Delivery`], and selects the events.
pub trait Delivers: Flattens<Delivery> + Clone {
    /// Name of the type without the provider's prefix.
    const TYPE_NAME: &'static str;
    /// Name of an instance in messages.
    const NOUN: &'static str;

    /// Returns a resource with these attributes of which nothing else is known. An import starts with it.
    fn named(delivery: Delivery) -> Self;

    /// Checks the rules of a configuration that involve several attributes, except those of [`Delivery`].
    fn validate(config: &View<Self>) -> Vec<Diagnostic>;

    /// Returns the planned pattern, or `None` while it is unknown.
    ///
    /// # Errors
    /// The reason why there is no pattern.
    fn pattern(plan: &Plan<'_, Self>) -> Result<Option<EventPattern>>;

    /// Warns about the plan, once the name and the region are known.
    fn warn(aws: &Aws, plan: &Plan<'_, Self>, name: &str, region: &str) {
        let _ = (aws, plan, name, region);
    }

    /// Returns the resource with this pattern of the rule. Values with the same meaning stay as they are.
    #[must_use]
    fn found(self, pattern: &EventPattern) -> Self;
}

/// The attributes of every delivery.
#[derive(Model, Clone)]
pub struct Delivery {
    /// Name of the EventBridge rule: 1 to 64 letters, digits, `.`, `-` and `_`.
    #[attr(identity, replace, validate = validate::length(1..=64), validate = validate::characters(".-_"))]
    pub name: String,
    /// Description of the rule, at most 512 characters.
    #[attr(absent = empty, validate = validate::length(0..=512))]
    pub description: Option<String>,
    /// Whether the rule is enabled and sends findings. Default: `true`.
    #[attr(default = true)]
    pub enabled: bool,
    /// Event pattern of the rule.
    #[attr(keep)]
    pub pattern: Computed<EventPattern>,
    /// Targets that receive findings, by target ID. A target ID has 1 to 64 letters, digits, `.`, `-` and `_`.
    pub targets: BTreeMap<String, Target>,
    /// Whether to manage the permissions that the rule needs to reach its targets: a statement in the policy of a
    /// topic, a queue (including a dead-letter queue) or a function, a CloudWatch Logs resource policy, and a role for
    /// state machines, event buses and targets in other accounts. All finding rules of an account and region share one
    /// statement per topic or queue, and one CloudWatch Logs resource policy. Other statements are kept, and nothing is
    /// added if a policy already allows the rule. If another resource manages a whole policy, such as
    /// `aws_sns_topic_policy`, that policy must itself allow `events.amazonaws.com`. Otherwise the two resources
    /// overwrite each other. Default: `true`.
    #[attr(default = true)]
    pub manage_permissions: bool,
    /// Permissions that the rule needs to reach its targets, as JSON, by the ARN of the resource whose policy grants
    /// them. The permissions of a role have `trust` and `policy`. Those of log groups are listed under the ARN that
    /// matches all log groups.
    #[attr(keep)]
    pub permissions: Computed<Grants>,
    /// Target IDs by the name of the EventBridge rule that contains them.
    #[attr(keep)]
    pub rules: Computed<Rules>,
    /// How long to keep retrying while EventBridge does not yet recognize a new role or throttles requests. Default: 2
    /// minutes.
    pub timeouts: Option<ApplyTimeouts>,
    /// Tags of the rule.
    #[attr(absent = empty)]
    pub tags: Option<Tags>,
    /// All tags of the rule, including those from the provider's `default_tags`.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ARN of the rule.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// Name of the rule.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the rule. It receives the findings of this region. Defaults to the provider's region.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Ownership mark of this resource instance. The rule carries it as the tag `guardduty:owner/MARK`. ` shared` is
    /// appended while other instances manage the rule too. ` adopted` is appended after an import, until the first
    /// change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// Names of a delivery, as a resource type and in messages.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// Name of the type without the provider's prefix.
    pub type_name: &'static str,
    /// Name of an instance in messages.
    pub noun: &'static str,
}

/// Context of an operation on a delivery.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The client.
    pub aws: &'a Aws,
    /// Names of the delivery.
    pub label: Label,
    /// Records the current progress for the state.
    pub note: &'a (dyn Fn(&Delivery) + Sync),
}

impl Delivery {
    fn rule<'a>(&'a self, name: &'a str) -> RuleName<'a> {
        RuleName::new(self.region.as_str(), name)
    }

    fn subject(&self, label: Label) -> Subject {
        Subject::new(format!("{} {:?}", label.noun, self.name), self.region.as_str())
    }

    /// Returns the names of the rules that exist or will exist.
    fn rule_names(&self) -> Vec<String> {
        self.rules.get().map_or_else(|| vec![self.name.clone()], |rules| rules.keys().cloned().collect())
    }

    /// Returns these names and that of the first rule, which may exist again although the state has lost it.
    fn possible_names(&self) -> Vec<String> {
        let mut names = self.rule_names();
        if !names.contains(&self.name) {
            names.insert(0, self.name.clone());
        }
        names
    }

    async fn site(&self, cx: Cx<'_>) -> Result<Site> {
        site(cx.aws, self.region.as_str(), self.arn.get().map(String::as_str)).await
    }

    /// Returns the tags of a rule that is created.
    fn new_tags(&self, cx: Cx<'_>) -> BTreeMap<String, String> {
        let mark = mark_of(&self.owner).cloned().unwrap_or_default();
        cx.aws.tag_rules().of_new(self.tags.as_ref(), &mark, cx.label.type_name)
    }

    fn is_there_already(&self, cx: Cx<'_>, name: &str) -> Failure {
        let reason = format!("an EventBridge rule {name:?} is there already, and may be somebody else's");
        self.subject(cx.label).failure("create", reason).detail(take_over(
            cx.aws,
            cx.label.type_name,
            &self.name,
            self.region.as_str(),
        ))
    }

    fn to_rule(&self) -> Rule {
        Rule {
            description: self.description.clone().unwrap_or_default(),
            pattern: self.pattern.get().map(|pattern| pattern.0.clone()).unwrap_or_default(),
            enabled: self.enabled,
        }
    }

    fn grantee<'a>(&'a self, cx: Cx<'_>, site: &'a Site, hold: Option<&'a Hold>) -> Grantee<'a> {
        Grantee { label: cx.label, site, name: &self.name, hold }
    }
}
