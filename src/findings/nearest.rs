//! "Did you mean": the known name that is nearest to one that isn't known.
//!
//! It doesn't know what the names name.

/// The candidate most like `name`, whatever the case of its letters, or `None` if none is like it.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LIKENESS_MIN: f64 = 0.6;
    let wanted = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_wins() {
        assert_eq!(nearest("hgih", ["LOW", "HIGH"]), Some("HIGH"));
        assert_eq!(nearest("resource.typ", ["resource.type", "resource.tags"]), Some("resource.type"));
    }

    #[test]
    fn what_is_like_nothing_has_no_nearest() {
        assert_eq!(nearest("urgent", ["LOW", "HIGH"]), None);
    }
}
