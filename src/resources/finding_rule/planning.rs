//! What is known of a finding rule before apply: what is wrong, the pattern, the division over rules, the permissions.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::invalid;
use tfplugin::{Diagnostic, Failure, Known, Path, Plan, Result, Step, Value, View, validate};

use super::FindingRule;
use super::document::{EventPattern, long};
use super::encryption;
use super::grantee::Grantee;
use super::grants::{Grants, owners_part};
use super::kind::Kind;
use super::split::{Rules, assign};
use super::target::{self, Target};
use crate::aws::Aws;
use crate::findings::finding_pattern::elsewhere;
use crate::resources::finding_match::{Match, compiled};
use crate::resources::silences::{Waiter, note_waiter};
use crate::resources::site::site;

/// Longest name of an EventBridge rule, in characters.
const NAME_MAX: usize = 64;

/// What is wrong with a configuration, beyond its single attributes.
pub fn check(config: &View<FindingRule>) -> Vec<Diagnostic> {
    let which = validate::exactly_one_of(config, &[FindingRule::MATCH.any(), FindingRule::EVENT_PATTERN.any()]);
    let mut diagnostics = Vec::new();
    diagnostics.extend(which.map(|fault| fault.detail("`match = {}` sends every finding.")));
    if let Some(wanted) = config.child(FindingRule::MATCH).known() {
        diagnostics.extend(Match::check(&wanted));
    }
    if matches!(config.value(FindingRule::TARGETS), Value::Map(targets) if targets.is_empty()) {
        diagnostics.push(invalid(&FindingRule::TARGETS.into(), "A rule without targets sends findings nowhere."));
    }
    let is_unmanaged = config.get(FindingRule::MANAGE_PERMISSIONS) == Known::Known(false);
    for target in config.children(FindingRule::TARGETS).known().unwrap_or_default() {
        let Some(Step::Key(id)) = target.location().steps().last().cloned() else { continue };
        diagnostics.extend(target::check(&id, &target, is_unmanaged));
    }
    diagnostics
}

/// Plans everything that follows from what is known.
pub async fn plan(aws: &Aws, plan: &mut Plan<'_, FindingRule>) -> Result<()> {
    let Some(name) = plan.get(FindingRule::NAME).known() else { return Ok(()) };
    plan.set(FindingRule::ID, &name);
    plan_pattern(plan)?;
    let rules = plan_rules(plan, &name)?;
    let Some(region) = plan.get(FindingRule::REGION).known() else { return Ok(()) };
    let known = plan.prior().and_then(|prior| prior.get(FindingRule::ARN).known());
    let site = site(aws, &region, known.as_deref()).await?;
    plan.set(FindingRule::ARN, &site.arn("events", &format!("rule/{name}")));
    check_regions(plan, &site.region)?;
    warn_of_elsewhere(plan, &site.region);
    note_silences(aws, plan, &name, &site.region);
    let grantee = Grantee { site: &site, name: &name, hold: None };
    plan_permissions(plan, &grantee, rules.as_ref());
    check_changed_targets(aws, plan, &grantee).await;
    Ok(())
}

fn plan_pattern(plan: &mut Plan<'_, FindingRule>) -> Result<()> {
    let pattern = match (plan.get(FindingRule::MATCH), plan.get(FindingRule::EVENT_PATTERN)) {
        (Known::Known(wanted), _) => Some(matching(&wanted)?),
        (_, Known::Known(pattern)) => Some(pattern),
        _ => None,
    };
    let Some(pattern) = pattern else {
        plan.set_unknown(FindingRule::PATTERN);
        return Ok(());
    };
    let prior = plan.prior().and_then(|prior| prior.get(FindingRule::PATTERN).known());
    let same = prior.filter(|prior| prior.means(&pattern));
    plan.set(FindingRule::PATTERN, &same.unwrap_or(pattern));
    Ok(())
}

fn matching(wanted: &Match) -> Result<EventPattern> {
    let text = compiled(&wanted.to_findings(), FindingRule::MATCH)?;
    long(&text, &FindingRule::MATCH.into()).into_iter().for_each(tfplugin::warn);
    Ok(EventPattern(text))
}

fn plan_rules(plan: &mut Plan<'_, FindingRule>, name: &str) -> Result<Option<Rules>> {
    let planned = plan.planned();
    let Value::Map(targets) = planned.value(FindingRule::TARGETS) else {
        plan.set_unknown(FindingRule::RULES);
        return Ok(None);
    };
    let ids: BTreeSet<_> = targets.keys().cloned().collect();
    let before = plan.prior().and_then(|prior| prior.get(FindingRule::RULES).known()).unwrap_or_default();
    let rules = assign(name, &ids, &before);
    if let Some(long) = rules.keys().find(|name| name.len() > NAME_MAX) {
        let problem =
            format!("Its targets need more than one rule, and {long:?} is longer than {NAME_MAX} characters.");
        return Err(invalid(&FindingRule::NAME.into(), &problem).into());
    }
    plan.set(FindingRule::RULES, &rules);
    Ok(Some(rules))
}

/// A rule reaches another region only through an event bus.
fn check_regions(plan: &Plan<'_, FindingRule>, region: &str) -> Result<()> {
    let mut faults = Vec::new();
    for target in plan.planned().children(FindingRule::TARGETS).known().unwrap_or_default() {
        let keys = [Target::ARN, Target::DEAD_LETTER_ARN];
        for (key, arn) in keys.into_iter().filter_map(|key| Some((key, target.get(key).known()?))) {
            let Ok((kind, parsed)) = Kind::of(&arn) else { continue };
            if parsed.region != region && (kind != Kind::Bus || key.name() == Target::DEAD_LETTER_ARN.name()) {
                let problem = format!(
                    "It is in {}, the rule in {region}. EventBridge reaches other regions only by an event bus.",
                    parsed.region
                );
                faults.push(invalid(&target.path(key), &problem));
            }
        }
    }
    Failure::all(faults)
}

/// Findings are sent in their own region.
fn warn_of_elsewhere(plan: &Plan<'_, FindingRule>, region: &str) {
    let Known::Known(pattern) = plan.get(FindingRule::EVENT_PATTERN) else { return };
    if let Some((summary, detail)) = elsewhere(&pattern.0, region) {
        plan.warn(FindingRule::EVENT_PATTERN, Diagnostic::warning(summary).detail(detail));
    }
}

fn note_silences(aws: &Aws, plan: &Plan<'_, FindingRule>, name: &str, region: &str) {
    if let Known::Known(wanted) = plan.get(FindingRule::MATCH) {
        let waiter = Waiter { what: format!("finding rule {name:?}"), wanted: wanted.to_findings() };
        note_waiter(aws, region, &waiter, plan.changes(FindingRule::MATCH), FindingRule::MATCH);
    }
}

fn plan_permissions(plan: &mut Plan<'_, FindingRule>, grantee: &Grantee<'_>, rules: Option<&Rules>) {
    let permissions = match (plan.get(FindingRule::MANAGE_PERMISSIONS), granting(plan), rules) {
        (Known::Known(false), ..) => Some(Grants::new()),
        (Known::Known(true), Some(targets), Some(rules)) => Some(grantee.wanted(&targets, rules)),
        _ => None,
    };
    match permissions {
        Some(permissions) => plan.set(FindingRule::PERMISSIONS, &permissions),
        None => plan.set_unknown(FindingRule::PERMISSIONS),
    }
}

/// The targets with what permissions hang on, if that is known; what they are sent is left out.
fn granting(plan: &Plan<'_, FindingRule>) -> Option<BTreeMap<String, Target>> {
    let mut targets = BTreeMap::new();
    for target in plan.planned().children(FindingRule::TARGETS).known()? {
        let Some(Step::Key(id)) = target.location().steps().last().cloned() else { continue };
        let optional = |known: Known<String>| if known.is_unknown() { None } else { Some(known.known()) };
        let granting = Target {
            arn: target.get(Target::ARN).known()?,
            input: None,
            retry: None,
            dead_letter_arn: optional(target.get(Target::DEAD_LETTER_ARN))?,
            role_arn: optional(target.get(Target::ROLE_ARN))?,
            message_group_id: None,
        };
        targets.insert(id, granting);
    }
    Some(targets)
}

/// Looks at keys and at other accounts, for targets that are new or change.
async fn check_changed_targets(aws: &Aws, plan: &Plan<'_, FindingRule>, grantee: &Grantee<'_>) {
    let Some(targets) = granting(plan) else { return };
    let planned = plan.planned();
    let before = plan.prior().map_or(&Value::Null, |prior| prior.value(FindingRule::TARGETS));
    let after = planned.value(FindingRule::TARGETS);
    for (id, target) in targets.iter().filter(|(id, _)| before.get(id) != after.get(id)) {
        let path = Path::from(FindingRule::TARGETS).then(Step::Key(id.clone()));
        encryption::check(aws, &grantee.site.account, target, &path).await.into_iter().for_each(tfplugin::warn);
        if let Some(statement) = owners_part(target, grantee) {
            let warning = Diagnostic::warning(format!("target {id:?} is another account's")).at(path);
            let detail = format!("Its owner must let the rule in, by this statement in its policy:\n{statement}");
            tfplugin::warn(warning.detail(detail));
        }
    }
}
