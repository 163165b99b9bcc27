//! Distributes targets over rules: a rule can have at most five, so further targets are in additional rules with the
//! same pattern.
//!
//! A target stays in its rule, so that changes of other targets neither duplicate nor drop its findings.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::eventbridge::TARGETS_MAX;

/// Target IDs by rule name.
pub type Rules = BTreeMap<String, Vec<String>>;

/// Returns the name of the rule at this position: `alert`, `alert-2`, `alert-3`, ...
pub fn rule_name(name: &str, place: usize) -> String {
    if place == 0 { name.to_owned() } else { format!("{name}-{}", place + 1) }
}

/// Distributes `targets` over rules named after `name`. `before` is the current distribution. The first rule always
/// exists. Additional rules exist only if they have targets.
pub fn assign(name: &str, targets: &BTreeSet<String>, before: &Rules) -> Rules {
    let mut rules: BTreeMap<usize, Vec<String>> = BTreeMap::from([(0, Vec::new())]);
    let mut placed = BTreeSet::new();
    for place in 0..=before.len() + targets.len() {
        let kept = before.get(&rule_name(name, place)).into_iter().flatten();
        let kept: Vec<_> = kept.filter(|id| targets.contains(*id) && placed.insert((*id).clone())).cloned().collect();
        if !kept.is_empty() {
            rules.insert(place, kept);
        }
    }
    for id in targets.difference(&placed) {
        let mut place = 0;
        while rules.get(&place).is_some_and(|ids| ids.len() >= TARGETS_MAX) {
            place += 1;
        }
        rules.entry(place).or_default().push(id.clone());
    }
    rules
        .into_iter()
        .map(|(place, mut ids)| {
            ids.sort();
            (rule_name(name, place), ids)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &str) -> BTreeSet<String> {
        ids.chars().map(String::from).collect()
    }

    fn rules(rules: &[(&str, &str)]) -> Rules {
        rules.iter().map(|(name, targets)| ((*name).to_owned(), ids(targets).into_iter().collect())).collect()
    }

    #[test]
    fn five_targets_go_into_one_rule() {
        assert_eq!(assign("r", &ids("abcde"), &Rules::new()), rules(&[("r", "abcde")]));
        assert_eq!(
            assign("r", &ids("abcdefghijk"), &Rules::new()),
            rules(&[("r", "abcde"), ("r-2", "fghij"), ("r-3", "k")])
        );
    }

    #[test]
    fn targets_stay_where_they_are() {
        let before = rules(&[("r", "bcdef"), ("r-2", "gh")]);
        assert_eq!(assign("r", &ids("abcdefgh"), &before), rules(&[("r", "bcdef"), ("r-2", "agh")]));
        assert_eq!(assign("r", &ids("cdefgh"), &before), rules(&[("r", "cdef"), ("r-2", "gh")]));
        assert_eq!(assign("r", &ids("cdefghx"), &before), rules(&[("r", "cdefx"), ("r-2", "gh")]));
        assert_eq!(assign("r", &ids("bcdef"), &before), rules(&[("r", "bcdef")]), "a rule without targets goes");
        assert_eq!(assign("r", &ids("gh"), &before), rules(&[("r", ""), ("r-2", "gh")]), "but not the first");
    }
}
