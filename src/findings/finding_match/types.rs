//! The wanted finding types.
//!
//! A finding contains its type, but not reliably its feature (`service.featureName` is only documented for Runtime
//! Monitoring), so features are converted to the types that they generate.

use super::FindingMatch;
use crate::findings::catalogue::{self, FindingType};
use crate::findings::glob;

impl FindingMatch {
    /// Returns the names and globs of the wanted types, or `None` for all types.
    pub(in crate::findings) fn wanted_types(&self) -> Option<Vec<String>> {
        let has_all =
            self.finding_types.is_empty() || self.finding_types.iter().any(|name| name.trim_matches('*').is_empty());
        let mut wanted = match (has_all, self.features.is_empty()) {
            (true, true) => return None,
            (true, false) => self.types_of_features(),
            (false, true) => self.finding_types.clone(),
            (false, false) => self.finding_types.iter().flat_map(|name| self.within_features(name)).collect(),
        };
        // Two globs with the same meaning would each make the other redundant.
        wanted.iter_mut().for_each(|name| *name = glob::normal(name));
        wanted.sort();
        wanted.dedup();
        let globs: Vec<String> = wanted.iter().filter(|name| glob::is_glob(name)).cloned().collect();
        wanted.retain(|name| !globs.iter().any(|glob| glob != name && glob::matches(glob, name)));
        Some(wanted)
    }

    fn comes_from_features(&self, known: &FindingType) -> bool {
        self.features.iter().any(|feature| known.features.contains(&feature.as_str()))
    }

    /// Returns all types of an affected resource (`*:Runtime/*`) if there are several and the features generate each of
    /// them, and otherwise the individual types.
    fn types_of_features(&self) -> Vec<String> {
        let active = || catalogue::all().iter().filter(|known| !known.is_retired);
        let is_wholly_wanted = |affected: &str| {
            let (wanted, unwanted): (Vec<_>, Vec<_>) = active()
                .filter(|known| known.resource_type_affected() == affected)
                .partition(|known| self.comes_from_features(known));
            wanted.len() > 1 && unwanted.is_empty()
        };
        let name = |known: &FindingType| match known.resource_type_affected() {
            affected if is_wholly_wanted(affected) => format!("*:{affected}/*"),
            _ => known.name.to_owned(),
        };
        active().filter(|known| self.comes_from_features(known)).map(name).collect()
    }

    fn within_features(&self, name: &str) -> Vec<String> {
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            catalogue::expand(name).into_iter().partition(|known| self.comes_from_features(known));
        match unwanted.is_empty() && !wanted.is_empty() {
            true => vec![name.to_owned()],
            false => wanted.into_iter().map(|known| known.name.to_owned()).collect(),
        }
    }
}
