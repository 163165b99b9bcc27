//! Filters that archive findings a rule waits for: a finding that is archived on arrival never becomes an event.
//!
//! Resources are planned individually, in any order. Each records its plan here, and the second of a filter and a rule
//! sees both. `findings::criteria::silences` decides what is certain.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tfplugin::{Diagnostic, Path};

use crate::aws::Aws;
use crate::findings::criteria::{self, Condition, Silence};
use crate::findings::finding_match::FindingMatch;

/// A filter that archives findings.
#[derive(Clone)]
pub struct Archiver {
    /// Name of the filter.
    pub name: String,
    /// Fields and the condition on each.
    pub criteria: Vec<(String, Condition)>,
}

/// A resource that waits for findings.
#[derive(Clone)]
pub struct Waiter {
    /// Name in messages, such as `finding rule "alert"`.
    pub what: String,
    /// Findings that it waits for.
    pub wanted: FindingMatch,
}

/// Planned or existing resources, by region and name, and whether each is changed.
#[derive(Default)]
struct Planned {
    archivers: BTreeMap<(String, String), (Archiver, bool)>,
    waiters: BTreeMap<(String, String), (Waiter, bool)>,
}

#[derive(Default)]
struct Registry(Mutex<Planned>);

/// Records the filter, and warns at `path` about everything that it silences.
pub fn note_archiver(aws: &Aws, region: &str, archiver: &Archiver, is_change: bool, path: impl Into<Path>) {
    let registry = aws.shared::<Registry>();
    let mut planned = registry.0.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (region.to_owned(), archiver.name.clone());
    planned.archivers.insert(key, (archiver.clone(), is_change));
    let path = path.into();
    for (_, (waiter, changes)) in planned.waiters.iter().filter(|((place, _), _)| place == region) {
        warn(archiver, waiter, is_change || *changes, &path);
    }
}

/// Records what waits for findings, and warns at `path` about every filter that silences it.
pub fn note_waiter(aws: &Aws, region: &str, waiter: &Waiter, is_change: bool, path: impl Into<Path>) {
    let registry = aws.shared::<Registry>();
    let mut planned = registry.0.lock().unwrap_or_else(PoisonError::into_inner);
    planned.waiters.insert((region.to_owned(), waiter.what.clone()), (waiter.clone(), is_change));
    let path = path.into();
    for (_, (archiver, changes)) in planned.archivers.iter().filter(|((place, _), _)| place == region) {
        warn(archiver, waiter, is_change || *changes, &path);
    }
}

/// Certain conflicts are reported in each plan. Possible conflicts are reported once, when one of the two changes.
fn warn(archiver: &Archiver, waiter: &Waiter, is_change: bool, path: &Path) {
    let criteria = archiver.criteria.iter().map(|(field, condition)| (field.as_str(), condition));
    let (name, what) = (&archiver.name, &waiter.what);
    let summary = match criteria::silences(criteria, &waiter.wanted) {
        Silence::All => format!("filter {name:?} silences {what}"),
        Silence::Possibly if is_change => format!("filter {name:?} may silence {what}"),
        Silence::Possibly | Silence::None => return,
    };
    let extent = if summary.contains("may silence") { "some of the findings" } else { "every finding" };
    let why = format!(
        "The filter archives {extent} that the {} waits for, and a finding that is archived on arrival never reaches \
         EventBridge. Narrow the filter, or let its action be NOOP.",
        what.split(" \"").next().unwrap_or(what)
    );
    tfplugin::warn(Diagnostic::warning(summary).at(path.clone()).detail(why));
}
