//! `guardduty_finding_rule`: findings, as they come, to where they are read or acted on.
//!
//! This file knows which findings. How they get there, `delivery` does.

use tfplugin::{Diagnostic, Known, Model, Plan, Result, View, validate};

use super::finding_match::{Match, compiled};
use super::silences::{Waiter, note_waiter};
use crate::aws::Aws;
use crate::delivery::{Delivers, Delivery, EventPattern, long};
use crate::findings::finding_pattern::elsewhere;

/// Sends GuardDuty's findings to SNS topics, SQS queues, Lambda functions, Step Functions state machines, event buses and
/// log groups: an EventBridge rule on the default bus, its targets, and everything that lets it reach them.
///
/// A finding arrives within some five minutes, and again each time GuardDuty updates it (every 15 minutes to 6 hours, by
/// the detector's `finding_publishing_frequency`). One that a `guardduty_filter` archives never arrives; where a filter
/// of the same configuration does that to a rule, the plan warns.
///
/// An EventBridge rule has at most five targets. More are split over further rules, `NAME-2` and so on.
///
/// An import can't tell by which `match` a pattern was made: it gives `event_pattern`, and the next apply only notes
/// the `match`, if that is what the configuration has.
#[derive(Model, Clone)]
pub struct FindingRule {
    /// The findings that are sent. `match = {}` means all. Either this or `event_pattern`.
    pub r#match: Option<Match>,
    /// The same as an EventBridge event pattern in JSON. Patterns are compared by what they mean.
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
        if let Some(wanted) = config.child(Self::MATCH) {
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

    /// Of patterns that ask for findings of another region, and of filters that archive what is waited for.
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

    /// An import can't tell by which `match` a pattern was made.
    fn found(self, pattern: &EventPattern) -> Self {
        let own = self.event_pattern.filter(|own| own.means(pattern));
        let event_pattern = if self.r#match.is_some() { None } else { own.or_else(|| Some(pattern.clone())) };
        FindingRule { event_pattern, ..self }
    }
}
