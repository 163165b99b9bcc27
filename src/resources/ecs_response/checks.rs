//! Checks the configuration of a response, as far as it is known without calling AWS.

use tfplugin::{Diagnostic, Known, Set, View, validate};

use super::{Action, EcsResponse};
use crate::resources::finding_match::Match;

/// Stands for all clusters of the account and region.
pub const ALL_CLUSTERS: &str = "*";

/// Returns all problems of a configuration.
pub fn check(config: &View<EcsResponse>) -> Vec<Diagnostic> {
    let mut diagnostics =
        config.child(EcsResponse::MATCH).known().map(|wanted| Match::check(&wanted)).unwrap_or_default();
    diagnostics.extend(check_clusters(config));
    diagnostics.extend(check_topic(config));
    diagnostics
}

fn check_clusters(config: &View<EcsResponse>) -> Option<Diagnostic> {
    let fault = |summary: &str, detail: &str| {
        let fault = Diagnostic::error(summary).at(config.path(EcsResponse::CLUSTERS));
        Some(fault.detail(detail))
    };
    let stops = config.get(EcsResponse::ACTION).known() == Some(Action::StopTask);
    match config.get(EcsResponse::CLUSTERS) {
        Known::Null if stops => fault(
            "stop_task needs `clusters`",
            "Name the only clusters whose tasks may be stopped, or write [\"*\"] for all of this account and region.",
        ),
        Known::Known(clusters) => clusters_problem(&clusters).and_then(|(summary, detail)| fault(&summary, detail)),
        _ => None,
    }
}

/// Returns the problem with the clusters, and how to fix it.
pub fn clusters_problem(clusters: &Set<String>) -> Option<(String, &'static str)> {
    if clusters.is_empty() {
        return Some((
            "`clusters` is empty".to_owned(),
            "Nothing could ever be done. Name clusters, or write [\"*\"] for all of this account and region.",
        ));
    }
    if clusters.len() > 1 && clusters.iter().any(|cluster| cluster == ALL_CLUSTERS) {
        return Some(("\"*\" stands for all clusters".to_owned(), "Write it alone, or leave it out."));
    }
    let wrong = clusters.iter().find(|cluster| *cluster != ALL_CLUSTERS && !is_cluster(cluster))?;
    Some((
        format!("{wrong:?} is not a cluster"),
        "It must be a name (1 to 255 letters, digits, `-`, `_`), an ARN (arn:aws:ecs:REGION:ACCOUNT:cluster/NAME), or \
         \"*\" alone for all.",
    ))
}

fn is_cluster(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let name = match parts.as_slice() {
        ["arn", _, "ecs", _, _, resource] => resource.strip_prefix("cluster/").unwrap_or_default(),
        _ => text,
    };
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    (1..=255).contains(&name.len()) && name.chars().all(is_letter)
}

fn check_topic(config: &View<EcsResponse>) -> Option<Diagnostic> {
    let is_notify = config.get(EcsResponse::ACTION).known() == Some(Action::Notify);
    if is_notify && config.get(EcsResponse::NOTIFY_TOPIC_ARN).is_null() {
        let fault = Diagnostic::error("notify has nobody to tell").at(config.path(EcsResponse::NOTIFY_TOPIC_ARN));
        return Some(fault.detail("Set `notify_topic_arn` to the ARN of an SNS topic."));
    }
    let fault = validate::requires(config, EcsResponse::NOTIFY_TOPIC_KEY_ARN, EcsResponse::NOTIFY_TOPIC_ARN)?;
    Some(fault.detail("`notify_topic_key_arn` is the key that encrypts the topic."))
}
