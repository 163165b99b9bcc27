//! Delivery: an EventBridge rule of GuardDuty's events, its targets, and everything that lets it reach them.
//!
//! [`Delivery`] are the attributes, and their life; [`Delivers`] is what a resource type says of its own: by what pattern
//! events are chosen. Of the files
//!
//! - `planning`, `applying` and `refreshing` do the work of an operation;
//! - `holding` says whose the rules are;
//! - `kind` and `target` know where events go, `split` which rule has which targets;
//! - `input`, `template` and `placeholder` know what a target is sent, `document` how that is written;
//! - `grants` knows what lets the rules in, `granting` brings it about, `grantee` names it; `encryption` sees whether
//!   keys let them in.

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

/// A resource type that delivers events: it has the attributes of [`Delivery`], and says which events.
pub trait Delivers: Flattens<Delivery> + Clone {
    /// Name of the type without the provider's prefix.
    const TYPE_NAME: &'static str;
    /// What one is called in messages.
    const NOUN: &'static str;

    /// The one with these attributes, of which nothing else is known: what an import begins with.
    fn named(delivery: Delivery) -> Self;

    /// Checks a configuration beyond its single attributes, those of [`Delivery`] aside.
    fn validate(config: &View<Self>) -> Vec<Diagnostic>;

    /// The pattern that is planned; `None` while it is not known.
    ///
    /// # Errors
    /// Why there is none.
    fn pattern(plan: &Plan<'_, Self>) -> Result<Option<EventPattern>>;

    /// Warns of what is planned, once the name and the region are known.
    fn warn(aws: &Aws, plan: &Plan<'_, Self>, name: &str, region: &str) {
        let _ = (aws, plan, name, region);
    }

    /// The same where the rule has this pattern. What means the same stays as it is.
    #[must_use]
    fn found(self, pattern: &EventPattern) -> Self;
}

/// The attributes of every delivery.
#[derive(Model, Clone)]
pub struct Delivery {
    /// Name: 1 to 64 letters, digits, `.`, `-` and `_`.
    #[attr(identity, replace, validate = validate::length(1..=64), validate = validate::characters(".-_"))]
    pub name: String,
    /// What the rule is for, in at most 512 characters.
    #[attr(absent = empty, validate = validate::length(0..=512))]
    pub description: Option<String>,
    /// Whether findings are sent.
    #[attr(default = true)]
    pub enabled: bool,
    /// The event pattern that the rule has.
    #[attr(keep)]
    pub pattern: Computed<EventPattern>,
    /// Where findings go, by an id of 1 to 64 letters, digits, `.`, `-` and `_`.
    pub targets: BTreeMap<String, Target>,
    /// Whether to let the rule reach its targets: by a statement in the policy of a topic, queue (also a dead-letter
    /// queue) or function, by a CloudWatch Logs resource policy, and by a role for state machines, event buses and targets
    /// of other accounts. All finding rules of an account and region share one statement per topic or queue, and one
    /// CloudWatch Logs resource policy. Other statements are kept, and nothing is added where a policy already lets the
    /// rule in. A policy that another resource manages as a whole, such as `aws_sns_topic_policy`, must let
    /// `events.amazonaws.com` in itself; otherwise the two resources overwrite each other. Default: `true`.
    #[attr(default = true)]
    pub manage_permissions: bool,
    /// Permissions that the rule needs to reach its targets, as JSON, by the ARN of the resource whose policy grants them.
    /// A role's has `trust` and `policy`; that of log groups is under the ARN of all log groups.
    #[attr(keep)]
    pub permissions: Computed<Grants>,
    /// Ids of targets by the name of the EventBridge rule that has them.
    #[attr(keep)]
    pub rules: Computed<Rules>,
    /// How long to bear that EventBridge doesn't know a new role yet, or is busy. By default 2 minutes.
    pub timeouts: Option<ApplyTimeouts>,
    /// Tags of the rule.
    #[attr(absent = empty)]
    pub tags: Option<Tags>,
    /// All tags of the rule, those of the provider's `default_tags` among them.
    #[attr(keep)]
    pub tags_all: Computed<Tags>,
    /// ARN of the rule.
    #[attr(keep)]
    pub arn: Computed<String>,
    /// The name.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the rule, in which the findings are. By default the provider's.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Mark of this instance: the rule has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// What a delivery is called: as a resource type, and in messages.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// Name of the type without the provider's prefix.
    pub type_name: &'static str,
    /// What one is called in messages.
    pub noun: &'static str,
}

/// What an operation on a delivery works with.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The client.
    pub aws: &'a Aws,
    /// What the delivery is called.
    pub label: Label,
    /// Notes what there is of it by now, for the state.
    pub note: &'a (dyn Fn(&Delivery) + Sync),
}

impl Delivery {
    fn rule<'a>(&'a self, name: &'a str) -> RuleName<'a> {
        RuleName::new(self.region.as_str(), name)
    }

    fn subject(&self, label: Label) -> Subject {
        Subject::new(format!("{} {:?}", label.noun, self.name), self.region.as_str())
    }

    /// The rules that there are, or shall be.
    fn rule_names(&self) -> Vec<String> {
        self.rules.get().map_or_else(|| vec![self.name.clone()], |rules| rules.keys().cloned().collect())
    }

    /// The same and the first, which may be there again where the state has lost it.
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

    /// What a rule that is created is tagged with.
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
