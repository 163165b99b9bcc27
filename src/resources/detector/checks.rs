//! Errors and warnings of the plan of a detector.

use tfplugin::{Diagnostic, Failure, Known, Plan, Result, Step, Value, View};

use super::datasources::{self, Datasources};
use super::{Detector, Feature, UnlistedFeatures};
use crate::aws::Aws;
use crate::aws::features::{Setting, features_of};
use crate::findings::features::{EKS_RUNTIME_MONITORING, FEATURES, RUNTIME_MONITORING};
use crate::resources::features::{
    check_additional, check_held, check_managed, check_name, check_rival, last_key, note_listed, rivals_error,
    will_fail,
};

/// Checks a configuration, regardless of the service's state.
pub fn validate(config: &View<Detector>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let features = config.children(Detector::FEATURES).known().unwrap_or_default();
    for feature in &features {
        diagnostics.extend(check_feature(feature));
    }
    let is_listed = |name| features.iter().any(|feature| last_key(feature.location()) == name);
    if let Some(datasources) = config.child(Detector::DATASOURCES).known() {
        let meant = Datasources::meant(&datasources);
        diagnostics.extend(meant.iter().filter(|own| is_listed(own.feature)).map(datasources::conflict));
        diagnostics.push(datasources::deprecation(&meant, datasources.location().clone()));
    }
    if is_listed(RUNTIME_MONITORING) && is_listed(EKS_RUNTIME_MONITORING) {
        diagnostics.push(rivals_error(config.path(Detector::FEATURES)));
    }
    diagnostics
}

fn check_feature(feature: &View<Feature>) -> Vec<Diagnostic> {
    let name = last_key(feature.location());
    let mut diagnostics: Vec<_> = check_name(name, feature.location().clone()).into_iter().collect();
    if let Value::Map(additional) = feature.value(Feature::ADDITIONAL_CONFIGURATION) {
        let path = |key: &String| feature.path(Feature::ADDITIONAL_CONFIGURATION).then(Step::Key(key.clone()));
        diagnostics.extend(additional.keys().filter_map(|key| check_additional(name, key, path(key))));
    }
    diagnostics
}

/// Checks a plan against the current detector.
pub async fn plan(aws: &Aws, plan: &mut Plan<'_, Detector>) -> Result<()> {
    if plan.is_create() {
        let protected = |replaced: View<Detector>| replaced.get(Detector::PROTECTED) == Known::Known(true);
        if plan.replaced().is_some_and(protected) {
            let failure = Failure::new("the detector is protected from being replaced");
            return Err(failure.detail(PROTECTED));
        }
        warn_of_cost(plan);
        return Ok(());
    }
    refuse_replacement(plan)?;
    let place = plan.get(Detector::REGION).known().zip(plan.get(Detector::ID).known());
    let Some((region, id)) = place else { return Ok(()) };
    let features = plan.get(Detector::FEATURES).known().unwrap_or_default();
    if let Some(planned) = plan.planned().to_model() {
        note_listed(aws, &region, &id, planned.settings());
    }
    let at = |name: &str| plan.planned().path(Detector::FEATURES).then(Step::Key(name.to_owned()));
    let on = features.iter().filter(|(_, feature)| feature.status.is_enabled());
    let mut faults: Vec<_> = on.filter_map(|(name, _)| check_rival(aws, &region, &id, name, at(name))).collect();
    if (plan.changes(Detector::FEATURES) || plan.changes(Detector::DATASOURCES))
        && let Some(found) = aws.detector(&region, &id).await?
    {
        let (has, listed) = (features_of(&found), features.iter());
        let listed = listed.map(|(name, feature)| (name.as_str(), feature.setting(), at(name)));
        let meant = plan.planned().child(Detector::DATASOURCES).known().map(|own| Datasources::meant(&own));
        let meant = meant.into_iter().flatten().filter_map(|own| {
            let setting = Setting { enabled: own.enable.known()?, ..Setting::default() };
            Some((own.feature, setting, own.path))
        });
        faults.extend(listed.chain(meant).filter_map(|(name, setting, path)| {
            let managed = check_managed(name, &setting, has.get(name), path.clone());
            managed.or_else(|| check_held(name, &setting, &found, path))
        }));
    }
    faults.drain(..).map(will_fail).for_each(tfplugin::warn);
    Ok(())
}

/// Warns about the features that CreateDetector will enable although they are not listed.
fn warn_of_cost(plan: &Plan<'_, Detector>) {
    let ignored = plan.get(Detector::UNLISTED_FEATURES) == Known::Known(UnlistedFeatures::Ignore);
    let features = plan.planned();
    let is_unknown = features.value(Detector::FEATURES).is_unknown()
        || !features.value(Detector::DATASOURCES).is_wholly_known()
            && features.child(Detector::DATASOURCES).known().is_none();
    if !ignored || is_unknown {
        return;
    }
    let listed = features.children(Detector::FEATURES).known().unwrap_or_default();
    let meant = features.child(Detector::DATASOURCES).known().map(|own| Datasources::meant(&own)).unwrap_or_default();
    let is_listed = |name: &str| {
        listed.iter().any(|feature| last_key(feature.location()) == name) || meant.iter().any(|own| own.feature == name)
    };
    let names = FEATURES.iter().filter(|feature| feature.on_by_default && !is_listed(feature.name));
    let names: Vec<_> = names.map(|feature| feature.name).collect();
    if names.is_empty() {
        return;
    }
    let mut warning = Diagnostic::warning("creating the detector enables features that are not listed")
        .detail(format!("GuardDuty also enables {}.", names.join(", ")))
        .detail(
            "Each of them costs money after its 30-day trial, unless a guardduty_detector_feature of this \
                 configuration disables it: such resources are planned after the detector.",
        )
        .detail("To choose yourself, list the features, or set `unlisted_features = \"disable\"`.");
    if plan.get(Detector::ADOPT_EXISTING) == Known::Known(true) {
        warning =
            warning.detail("If a detector already exists, it is adopted, and its unlisted features stay as they are.");
    }
    plan.warn(Detector::UNLISTED_FEATURES, warning);
}

/// Returns `failure` of an update of `wanted`, with the features that a policy of the organization controls.
pub async fn name_managed(aws: &Aws, wanted: &Detector, failure: Failure) -> Failure {
    let Ok(Some(found)) = aws.detector(wanted.region.as_str(), wanted.id.as_str()).await else { return failure };
    let (found, settings) = (features_of(&found), wanted.settings());
    let managed = settings
        .iter()
        .filter_map(|(name, setting)| check_managed(name, setting, found.get(name), Detector::FEATURES.into()));
    let managed: Vec<_> = managed.collect();
    if managed.is_empty() { failure } else { managed.into_iter().fold(failure, |all, one| all.and(one.into())) }
}

fn refuse_replacement(plan: &Plan<'_, Detector>) -> Result<()> {
    let protected = |prior: View<Detector>| prior.get(Detector::DELETION_PROTECTION) == Known::Known(true);
    if plan.changes(Detector::REGION) && plan.prior().is_some_and(protected) {
        let failure = Failure::at(Detector::REGION, "the detector is protected from being replaced");
        return Err(failure.detail(PROTECTED));
    }
    Ok(())
}

const PROTECTED: &str = "It has deletion_protection = true. Set it to false and apply, then do this again.";

/// Refuses to delete a protected detector.
pub fn deletion(state: &Detector) -> Result<()> {
    if state.deletion_protection {
        return Err(state.subject().failure("destroy", "it is protected").detail(PROTECTED));
    }
    Ok(())
}
