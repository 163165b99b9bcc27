//! `guardduty_finding_rule`: sends findings to the places where they are read or acted on.
//!
//! This file knows which findings are sent. `delivery` knows how.

use tfplugin::{Diagnostic, Known, Model, Plan, Result, View, validate};

use super::finding_match::{Match, compiled};
use super::silences::{Waiter, note_waiter};
use crate::aws::Aws;
use crate::delivery::{Delivers, Delivery, EventPattern, long};
use crate::findings::finding_pattern::elsewhere;

/// Manages an EventBridge rule that sends GuardDuty findings to SNS topics, SQS queues, Lambda functions, Step
/// Functions state machines, event buses and CloudWatch Logs log groups. It creates the rule on the default event bus,
/// its targets, and the permissions that the rule needs to reach them.
///
/// A finding arrives within about five minutes. It arrives again each time GuardDuty updates it, every 15 minutes to 6
/// hours, depending on the detector's `finding_publishing_frequency`. A finding that a `guardduty_filter` archives
/// never arrives. If a filter in the same configuration archives findings that a rule matches, the plan shows a
/// warning.
///
/// An EventBridge rule can have at most five targets. Further targets are distributed over additional rules, named
/// `NAME-2` and so on.
///
/// An import cannot determine which `match` an event pattern was compiled from. It sets `event_pattern` instead. If the
/// `match` in the configuration compiles to the same pattern, the next apply only records it.
#[derive(Model, Clone)]
pub struct FindingRule {
    /// Findings to send. `match = {}` sends all findings. Exactly one of `match` and `event_pattern` must be set.
    pub r#match: Option<Match>,
    /// Findings to send, as an EventBridge event pattern in JSON. Patterns are compared by meaning. Exactly one of
    /// `match` and `event_pattern` must be set.
    #[attr(absent = empty)]
    pub event_pattern: Option<EventPattern>,
    #[attr(flatten)]
    pub delivery: Delivery,
}

impl Delivers for FindingRule {
    const TYPE_NAME: &'static str = "finding_rule";
    const NOUN: &'static str = "finding rule";

    fn named(delivery: Delivery) -> Self {
        FindingRule { r#match: None, event_pattern: None, delivery }
    }

    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let which = validate::exactly_one_of(config, &[Self::MATCH.any(), Self::EVENT_PATTERN.any()]);
        let mut diagnostics: Vec<_> =
            which.map(|fault| fault.detail("`match = {}` sends every finding.")).into_iter().collect();
        if let Some(wanted) = config.child(Self::MATCH).known() {
            diagnostics.extend(Match::check(&wanted));
        }
        diagnostics
    }

    fn pattern(plan: &Plan<'_, Self>) -> Result<Option<EventPattern>> {
        Ok(match (plan.get(Self::MATCH), plan.get(Self::EVENT_PATTERN)) {
            (Known::Known(wanted), _) => {
                let text = compiled(&wanted.to_findings(), Self::MATCH)?;
                long(&text, &Self::MATCH.into()).into_iter().for_each(tfplugin::warn);
                Some(EventPattern(text))
            }
            (_, pattern) => pattern.known(),
        })
    }

    /// Warns about patterns that match findings of another region, and about filters that archive findings the rule
    /// waits for.
    fn warn(aws: &Aws, plan: &Plan<'_, Self>, name: &str, region: &str) {
        if let Known::Known(pattern) = plan.get(Self::EVENT_PATTERN)
            && let Some((summary, detail)) = elsewhere(&pattern.0, region)
        {
            plan.warn(Self::EVENT_PATTERN, Diagnostic::warning(summary).detail(detail));
        }
        if let Known::Known(wanted) = plan.get(Self::MATCH) {
            let waiter = Waiter { what: format!("finding rule {name:?}"), wanted: wanted.to_findings() };
            note_waiter(aws, region, &waiter, plan.changes(Self::MATCH), Self::MATCH);
        }
    }

    /// An import cannot determine which `match` a pattern was compiled from.
    fn found(self, pattern: &EventPattern) -> Self {
        let own = self.event_pattern.filter(|own| own.means(pattern));
        let event_pattern = if self.r#match.is_some() { None } else { own.or_else(|| Some(pattern.clone())) };
        FindingRule { event_pattern, ..self }
    }
}
