//! Which findings a filter would withhold from EventBridge.
//!
//! A finding that matches a filter with the action ARCHIVE is archived on arrival and never becomes an event. Whether
//! this affects a finding that a rule waits for is only certain if both use the same few fields. Otherwise, the answer
//! is [`Silence::Possibly`].

use super::Condition;
use crate::findings::finding_match::{FindingMatch, Interval};
use crate::findings::glob;

/// How many of the wanted findings an archiving filter would withhold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// None: no finding is both wanted and matched by the filter.
    None,
    /// Possibly some.
    Possibly,
    /// All of them.
    All,
}

/// The share of the wanted findings that pass a condition.
#[derive(Clone, Copy, PartialEq)]
enum Share {
    None,
    Unknown,
    All,
}

/// Returns how many of the `wanted` findings an archiving filter with these `criteria` (fields with conditions, all of
/// which must hold) would withhold.
pub fn silences<'a>(criteria: impl IntoIterator<Item = (&'a str, &'a Condition)>, wanted: &FindingMatch) -> Silence {
    let shares: Vec<Share> = criteria.into_iter().map(|(field, condition)| share(field, condition, wanted)).collect();
    match shares.as_slice() {
        [] => Silence::None,
        shares if shares.contains(&Share::None) => Silence::None,
        shares if shares.iter().all(|share| *share == Share::All) => Silence::All,
        _ => Silence::Possibly,
    }
}

fn share(field: &str, condition: &Condition, wanted: &FindingMatch) -> Share {
    match field {
        "type" => share_of_texts(condition, wanted.wanted_types()),
        "severity" => share_of_severities(condition, &wanted.wanted_severities()),
        "accountId" => share_of_texts(condition, given(&wanted.accounts)),
        "resource.resourceType" => share_of_texts(condition, given(&wanted.resource_types)),
        "resource.ecsClusterDetails.name" => {
            share_of_clusters(condition, wanted, |cluster| !cluster.starts_with("arn:"))
        }
        "resource.ecsClusterDetails.arn" => share_of_clusters(condition, wanted, |cluster| cluster.starts_with("arn:")),
        "resource.ecsClusterDetails.taskDetails.launchType" => {
            let launch_type = wanted.launch_type.map(|launch_type| vec![launch_type.name().to_owned()]);
            share_if_present(condition, launch_type, !wanted.wants_attack_sequences())
        }
        "service.additionalInfo.sample" => {
            let sample = wanted.sample.map(|sample| vec![sample.to_string()]);
            share_if_present(condition, sample, wanted.sample == Some(true))
        }
        _ => Share::Unknown,
    }
}

fn given(values: &[String]) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.to_vec())
}

/// Returns the share for clusters. A name cannot be compared with an ARN, so the result is only certain if all clusters
/// have the form of the field.
fn share_of_clusters(condition: &Condition, wanted: &FindingMatch, is_comparable: fn(&str) -> bool) -> Share {
    if !wanted.ecs_clusters.iter().all(|cluster| is_comparable(cluster)) {
        return Share::Unknown;
    }
    share_if_present(condition, given(&wanted.ecs_clusters), !wanted.wants_attack_sequences())
}

/// Returns the share for a field that may be missing in a wanted finding, such as the cluster in an attack sequence. A
/// missing field equals nothing. Whether it passes `not_equals` is not documented.
fn share_if_present(condition: &Condition, wanted: Option<Vec<String>>, is_present: bool) -> Share {
    let has_negation = !condition.not_equals.is_empty() || !condition.not_matches.is_empty();
    match share_of_texts(condition, wanted) {
        Share::All if !is_present => Share::Unknown,
        _ if !is_present && has_negation => Share::Unknown,
        share => share,
    }
}

/// Returns the share for texts. `wanted` has the values that the field of a wanted finding can have, in which `*`
/// matches any characters.
fn share_of_texts(condition: &Condition, wanted: Option<Vec<String>>) -> Share {
    let has_bounds = condition.bounds().iter().any(|(_, bound)| bound.is_some());
    let Some(wanted) = wanted.filter(|_| !has_bounds) else {
        return Share::Unknown;
    };
    let parts = [
        (&condition.equals, share_of_equals(&condition.equals, &wanted)),
        (&condition.not_equals, opposite(share_of_equals(&condition.not_equals, &wanted))),
        (&condition.matches, share_of_globs(&condition.matches, &wanted)),
        (&condition.not_matches, opposite(share_of_globs(&condition.not_matches, &wanted))),
    ];
    let parts: Vec<Share> =
        parts.into_iter().filter(|(values, _)| !values.is_empty()).map(|(_, share)| share).collect();
    match parts.as_slice() {
        parts if parts.contains(&Share::None) => Share::None,
        parts if !parts.is_empty() && parts.iter().all(|part| *part == Share::All) => Share::All,
        _ => Share::Unknown,
    }
}

fn opposite(share: Share) -> Share {
    match share {
        Share::None => Share::All,
        Share::Unknown => Share::Unknown,
        Share::All => Share::None,
    }
}

fn share_of_equals(values: &[String], wanted: &[String]) -> Share {
    let is_hit = |value: &String| wanted.iter().any(|glob| glob::matches(glob, value));
    if !values.iter().any(is_hit) {
        return Share::None;
    }
    if wanted.iter().all(|name| values.contains(name)) { Share::All } else { Share::Unknown }
}

/// Returns the share for globs. `?` may match one character, which is not documented, so a value with it is never
/// certain.
fn share_of_globs(values: &[String], wanted: &[String]) -> Share {
    let is_plain = |text: &String| !text.contains(['*', '?']);
    if values.iter().any(|value| value.contains('?')) {
        return Share::Unknown;
    }
    let is_within =
        |name: &String| values.iter().any(|value| value == name || is_plain(name) && glob::matches(value, name));
    if wanted.iter().all(is_within) {
        return Share::All;
    }
    let is_apart = wanted.iter().all(is_plain) && !wanted.iter().any(is_within);
    if is_apart { Share::None } else { Share::Unknown }
}

fn share_of_severities(condition: &Condition, wanted: &[Interval]) -> Share {
    if condition.lists().iter().any(|(_, values)| !values.is_empty()) {
        return Share::Unknown;
    }
    let is_within = |interval: &Interval| passes_low(condition, interval) && passes_high(condition, interval);
    let is_apart = |interval: &Interval| fails_low(condition, interval) || fails_high(condition, interval);
    match wanted {
        wanted if wanted.iter().all(is_within) => Share::All,
        wanted if wanted.iter().all(is_apart) => Share::None,
        _ => Share::Unknown,
    }
}

#[allow(clippy::cast_precision_loss, reason = "severities are small")]
fn bound(bound: Option<i64>) -> Option<f64> {
    bound.map(|bound| bound as f64)
}

/// Returns whether every number of the interval is above the lower bounds.
fn passes_low(condition: &Condition, interval: &Interval) -> bool {
    let low = interval.low.unwrap_or(1.0);
    bound(condition.greater_than_or_equal).is_none_or(|bound| bound <= low)
        && bound(condition.greater_than).is_none_or(|bound| bound < low)
}

fn passes_high(condition: &Condition, interval: &Interval) -> bool {
    let high = interval.high.unwrap_or(10.0);
    let is_included = interval.is_high_included || interval.high.is_none();
    bound(condition.less_than_or_equal).is_none_or(|bound| high <= bound)
        && bound(condition.less_than).is_none_or(|bound| high < bound || (high == bound && !is_included))
}

/// Returns whether every number of the interval is below a lower bound.
fn fails_low(condition: &Condition, interval: &Interval) -> bool {
    let high = interval.high.unwrap_or(10.0);
    let is_included = interval.is_high_included || interval.high.is_none();
    bound(condition.greater_than_or_equal).is_some_and(|bound| high < bound || (high == bound && !is_included))
        || bound(condition.greater_than).is_some_and(|bound| high <= bound)
}

fn fails_high(condition: &Condition, interval: &Interval) -> bool {
    let low = interval.low.unwrap_or(1.0);
    bound(condition.less_than_or_equal).is_some_and(|bound| bound < low)
        || bound(condition.less_than).is_some_and(|bound| bound <= low)
}

#[cfg(test)]
mod tests {
    use super::{Condition, FindingMatch, Silence, silences};
    use crate::findings::finding_match::LaunchType;
    use crate::findings::severity::Severity;

    const BITCOIN: &str = "CryptoCurrency:Runtime/BitcoinTool.B!DNS";

    fn list(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn equals(values: &[&str]) -> Condition {
        Condition { equals: list(values), ..Condition::default() }
    }

    fn types(names: &[&str]) -> FindingMatch {
        FindingMatch { finding_types: list(names), ..FindingMatch::default() }
    }

    #[test]
    fn types_are_compared_by_name_and_star() {
        let runtime = types(&["*:Runtime/*"]);
        assert_eq!(silences([("type", &equals(&[BITCOIN]))], &runtime), Silence::Possibly);
        assert_eq!(silences([("type", &equals(&[BITCOIN]))], &types(&[BITCOIN])), Silence::All);
        assert_eq!(silences([("type", &equals(&["Recon:EC2/Portscan"]))], &runtime), Silence::None);
        assert_eq!(silences([("type", &equals(&[BITCOIN]))], &FindingMatch::default()), Silence::Possibly);

        let not = Condition { not_equals: list(&[BITCOIN]), ..Condition::default() };
        assert_eq!(silences([("type", &not)], &types(&[BITCOIN])), Silence::None);
        assert_eq!(silences([("type", &not)], &types(&["Recon:*"])), Silence::All);

        let like = Condition { matches: list(&["*:Runtime/*"]), ..Condition::default() };
        assert_eq!(silences([("type", &like)], &runtime), Silence::All);
        assert_eq!(silences([("type", &like)], &types(&[BITCOIN])), Silence::All);
        assert_eq!(silences([("type", &like)], &types(&["Recon:EC2/Portscan"])), Silence::None);
        assert_eq!(silences([("type", &like)], &types(&["Recon:*"])), Silence::Possibly);
    }

    #[test]
    fn severities_are_compared_as_ranges() {
        let high = FindingMatch { severities: vec![Severity::High], ..FindingMatch::default() };
        let at_least = |bound| Condition { greater_than_or_equal: Some(bound), ..Condition::default() };
        let below = |bound| Condition { less_than: Some(bound), ..Condition::default() };
        assert_eq!(silences([("severity", &at_least(4))], &high), Silence::All);
        assert_eq!(silences([("severity", &at_least(8))], &high), Silence::Possibly);
        assert_eq!(silences([("severity", &at_least(9))], &high), Silence::None);
        assert_eq!(silences([("severity", &below(7))], &high), Silence::None);
        assert_eq!(silences([("severity", &below(9))], &high), Silence::All);
        assert_eq!(silences([("severity", &below(4))], &FindingMatch::default()), Silence::Possibly);
        assert_eq!(silences([("severity", &at_least(1))], &FindingMatch::default()), Silence::All);
        assert_eq!(silences([("severity", &equals(&["8"]))], &high), Silence::Possibly);
    }

    #[test]
    fn all_criteria_have_to_hold() {
        let wanted = FindingMatch { ecs_clusters: list(&["prod"]), ..types(&[BITCOIN]) };
        let (by_type, prod, other) = (equals(&[BITCOIN]), equals(&["prod"]), equals(&["other"]));
        let cluster = "resource.ecsClusterDetails.name";
        assert_eq!(silences([("type", &by_type), (cluster, &prod)], &wanted), Silence::All);
        assert_eq!(silences([("type", &by_type), (cluster, &other)], &wanted), Silence::None);
        assert_eq!(silences([("type", &by_type), ("service.count", &prod)], &wanted), Silence::Possibly);
        assert_eq!(silences([("resource.ecsClusterDetails.arn", &other)], &wanted), Silence::Possibly);
    }

    #[test]
    fn what_is_not_asked_for_can_be_hit() {
        let launch_type = "resource.ecsClusterDetails.taskDetails.launchType";
        let fargate = FindingMatch { launch_type: Some(LaunchType::Fargate), ..FindingMatch::default() };
        assert_eq!(silences([(launch_type, &equals(&["EC2"]))], &fargate), Silence::None);
        assert_eq!(silences([(launch_type, &equals(&["EC2"]))], &FindingMatch::default()), Silence::Possibly);
        assert_eq!(silences([("accountId", &equals(&["111122223333"]))], &fargate), Silence::Possibly);
        assert_eq!(silences([], &fargate), Silence::None);
    }

    #[test]
    fn attack_sequences_have_no_cluster_to_filter_by() {
        let launch_type = "resource.ecsClusterDetails.taskDetails.launchType";
        let wanted = FindingMatch { launch_type: Some(LaunchType::Fargate), ..FindingMatch::default() };
        let not = Condition { not_equals: list(&["FARGATE"]), ..Condition::default() };
        assert_eq!(silences([(launch_type, &equals(&["FARGATE"]))], &wanted), Silence::Possibly);
        assert_eq!(silences([(launch_type, &not)], &wanted), Silence::Possibly);
        let tasks_only = FindingMatch { resource_types: list(&["ECSCluster"]), ..wanted };
        assert_eq!(silences([(launch_type, &equals(&["FARGATE"]))], &tasks_only), Silence::All);
        assert_eq!(silences([(launch_type, &not)], &tasks_only), Silence::None);
    }
}
