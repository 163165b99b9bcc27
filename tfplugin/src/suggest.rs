//! "Did you mean": the nearest of the names that are allowed.

/// How alike two names must at least be to be worth a suggestion, from 0 (nothing) to 1 (the same).
const LIKENESS: f64 = 0.6;

/// How alike a name and one that contains it count as.
const CONTAINED: f64 = 0.9;

/// The candidate nearest to `name`, if one is near enough. Case, `-` and `_` make little difference; a part of a name
/// is near to the whole.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let wanted = plain(name);
    let likeness = |candidate: &str| {
        let alike = strsim::normalized_damerau_levenshtein(&wanted, candidate);
        let is_part = wanted.len() > 2 && (candidate.contains(&wanted) || wanted.contains(candidate));
        if is_part { alike.max(CONTAINED) } else { alike }
    };
    candidates
        .into_iter()
        .map(|candidate| (likeness(&plain(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

/// What to say of a `name` that is not allowed: the nearest one that is, and all of them where they are few.
pub fn allowed<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<_> = candidates.into_iter().collect();
    let suggestion = nearest(name, candidates.iter().copied())
        .map(|candidate| format!("Did you mean {candidate:?}? "))
        .unwrap_or_default();
    if candidates.len() > 24 {
        return suggestion.trim_end().to_owned();
    }
    let list: Vec<_> = candidates.iter().map(|candidate| format!("{candidate:?}")).collect();
    format!("{suggestion}Allowed: {}.", list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let names = ["RUNTIME_MONITORING", "S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"];
        assert_eq!(nearest("runtime-monitorin", names), Some("RUNTIME_MONITORING"));
        assert_eq!(nearest("login", names), Some("RDS_LOGIN_EVENTS"));
        assert_eq!(nearest("ECS_RUNTIME_MONITORING", names), Some("RUNTIME_MONITORING"));
        assert_eq!(nearest("quite different", names), None);
        assert_eq!(allowed("ARCHIV", ["NOOP", "ARCHIVE"]), r#"Did you mean "ARCHIVE"? Allowed: "NOOP", "ARCHIVE"."#);
    }
}
