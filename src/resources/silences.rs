//! Filters that archive what a rule waits for: a finding that is archived on arrival never becomes an event.
//!
//! Resources are planned one by one, in no order. Each leaves here what it plans, and whichever comes second of a filter
//! and a rule sees both. What is certain, `findings::criteria::silences` decides.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tfplugin::{Diagnostic, Path};

use crate::aws::Aws;
use crate::findings::criteria::{self, Condition, Silence};
use crate::findings::finding_match::FindingMatch;

/// A filter that archives.
#[derive(Clone)]
pub struct Archiver {
    /// Its name.
    pub name: String,
    /// Fields and what it asks of them.
    pub criteria: Vec<(String, Condition)>,
}

/// Something that waits for findings.
#[derive(Clone)]
pub struct Waiter {
    /// As `finding rule "alert"`.
    pub what: String,
    /// What it waits for.
    pub wanted: FindingMatch,
}

/// What is planned or there, by region and name, and whether that is a change.
#[derive(Default)]
struct Planned {
    archivers: BTreeMap<(String, String), (Archiver, bool)>,
    waiters: BTreeMap<(String, String), (Waiter, bool)>,
}

#[derive(Default)]
struct Registry(Mutex<Planned>);

/// Notes the filter, and warns at `path` of everything that it silences.
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

/// Notes what waits for findings, and warns at `path` of every filter that silences it.
pub fn note_waiter(aws: &Aws, region: &str, waiter: &Waiter, is_change: bool, path: impl Into<Path>) {
    let registry = aws.shared::<Registry>();
    let mut planned = registry.0.lock().unwrap_or_else(PoisonError::into_inner);
    planned.waiters.insert((region.to_owned(), waiter.what.clone()), (waiter.clone(), is_change));
    let path = path.into();
    for (_, (archiver, changes)) in planned.archivers.iter().filter(|((place, _), _)| place == region) {
        warn(archiver, waiter, is_change || *changes, &path);
    }
}

/// What is certain is told in each plan; what is only possible, once: when one of the two changes.
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
