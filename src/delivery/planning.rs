//! Everything about a delivery that is known before apply: problems, the pattern, the distribution over rules, and the
//! permissions.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::invalid;
use tfplugin::{Diagnostic, Failure, Known, Path, Plan, Result, Step, Value, View};

use super::document::EventPattern;
use super::encryption;
use super::grantee::Grantee;
use super::grants::{Grants, owners_part};
use super::kind::Kind;
use super::site::site;
use super::split::{Rules, assign};
use super::target::{self, Target};
use super::{Delivery, Label};
use crate::aws::Aws;

/// Maximum length of the name of an EventBridge rule, in characters.
const NAME_MAX: usize = 64;

/// Checks the rules of a configuration that involve several attributes.
pub fn check(config: &View<Delivery>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if matches!(config.value(Delivery::TARGETS), Value::Map(targets) if targets.is_empty()) {
        diagnostics.push(invalid(&Delivery::TARGETS.into(), "A rule without targets sends findings nowhere."));
    }
    let is_unmanaged = config.get(Delivery::MANAGE_PERMISSIONS) == Known::Known(false);
    for target in config.children(Delivery::TARGETS).known().unwrap_or_default() {
        let Some(Step::Key(id)) = target.location().steps().last().cloned() else { continue };
        diagnostics.extend(target::check(&id, &target, is_unmanaged));
    }
    diagnostics
}

/// Plans the pattern, in the words of the existing rule where they mean the same.
pub fn plan_pattern(plan: &mut Plan<'_, Delivery>, pattern: Option<EventPattern>) {
    let Some(pattern) = pattern else {
        plan.set_unknown(Delivery::PATTERN);
        return;
    };
    let prior = plan.prior().and_then(|prior| prior.get(Delivery::PATTERN).known());
    let same = prior.filter(|prior| prior.means(&pattern));
    plan.set(Delivery::PATTERN, &same.unwrap_or(pattern));
}

/// Plans everything else that follows from the known values.
pub async fn plan(aws: &Aws, label: Label, plan: &mut Plan<'_, Delivery>, name: &str) -> Result<()> {
    plan.set(Delivery::ID, &name.to_owned());
    let rules = plan_rules(plan, name)?;
    let Some(region) = plan.get(Delivery::REGION).known() else { return Ok(()) };
    let known = plan.prior().and_then(|prior| prior.get(Delivery::ARN).known());
    let site = site(aws, &region, known.as_deref()).await?;
    plan.set(Delivery::ARN, &site.arn("events", &format!("rule/{name}")));
    check_regions(plan, &site.region)?;
    let grantee = Grantee { label, site: &site, name, hold: None };
    plan_permissions(plan, &grantee, rules.as_ref());
    check_changed_targets(aws, plan, &grantee).await;
    Ok(())
}

fn plan_rules(plan: &mut Plan<'_, Delivery>, name: &str) -> Result<Option<Rules>> {
    let planned = plan.planned();
    let Value::Map(targets) = planned.value(Delivery::TARGETS) else {
        plan.set_unknown(Delivery::RULES);
        return Ok(None);
    };
    let ids: BTreeSet<_> = targets.keys().cloned().collect();
    let before = plan.prior().and_then(|prior| prior.get(Delivery::RULES).known()).unwrap_or_default();
    let rules = assign(name, &ids, &before);
    if let Some(long) = rules.keys().find(|name| name.len() > NAME_MAX) {
        let problem =
            format!("Its targets need more than one rule, and {long:?} is longer than {NAME_MAX} characters.");
        return Err(invalid(&Delivery::NAME.into(), &problem).into());
    }
    plan.set(Delivery::RULES, &rules);
    Ok(Some(rules))
}

/// Refuses targets in other regions: a rule can only reach an event bus there.
fn check_regions(plan: &Plan<'_, Delivery>, region: &str) -> Result<()> {
    let mut faults = Vec::new();
    for target in plan.planned().children(Delivery::TARGETS).known().unwrap_or_default() {
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

fn plan_permissions(plan: &mut Plan<'_, Delivery>, grantee: &Grantee<'_>, rules: Option<&Rules>) {
    let permissions = match (plan.get(Delivery::MANAGE_PERMISSIONS), granting(plan), rules) {
        (Known::Known(false), ..) => Some(Grants::new()),
        (Known::Known(true), Some(targets), Some(rules)) => Some(grantee.wanted(&targets, rules)),
        _ => None,
    };
    match permissions {
        Some(permissions) => plan.set(Delivery::PERMISSIONS, &permissions),
        None => plan.set_unknown(Delivery::PERMISSIONS),
    }
}

/// Returns the targets with the attributes that permissions depend on, without their input, if these are known.
fn granting(plan: &Plan<'_, Delivery>) -> Option<BTreeMap<String, Target>> {
    let mut targets = BTreeMap::new();
    for target in plan.planned().children(Delivery::TARGETS).known()? {
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

/// Checks keys and other accounts for targets that are new or changed.
async fn check_changed_targets(aws: &Aws, plan: &Plan<'_, Delivery>, grantee: &Grantee<'_>) {
    let Some(targets) = granting(plan) else { return };
    let planned = plan.planned();
    let before = plan.prior().map_or(&Value::Null, |prior| prior.value(Delivery::TARGETS));
    let after = planned.value(Delivery::TARGETS);
    for (id, target) in targets.iter().filter(|(id, _)| before.get(id) != after.get(id)) {
        let path = Path::from(Delivery::TARGETS).then(Step::Key(id.clone()));
        encryption::check(aws, &grantee.site.account, target, &path).await.into_iter().for_each(tfplugin::warn);
        if let Some(statement) = owners_part(target, grantee) {
            let warning = Diagnostic::warning(format!("target {id:?} is another account's")).at(path);
            let detail = format!("Its owner must let the rule in, by this statement in its policy:\n{statement}");
            tfplugin::warn(warning.detail(detail));
        }
    }
}
