//! A plan as a CLI tells it: what it would do, to which values, and what somebody else has done.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::cli::Output;
use crate::suggest;

/// The answer of `show -json` for a plan, as far as tests ask for it.
#[derive(Debug)]
pub struct Plan {
    json: Json,
    /// What the CLI said when it made it.
    told: Output,
}

/// What somebody else has done to a resource since the last run.
#[derive(Debug, PartialEq)]
pub(super) enum Outside {
    /// Nothing that the CLI has seen.
    Nothing,
    /// These attributes and blocks are others now.
    Changed(BTreeSet<String>),
    /// It is there no more.
    Gone,
}

impl Plan {
    pub(super) fn new(json: Json, told: Output) -> Self {
        Plan { json, told }
    }

    /// What the CLI said when it made the plan.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.told
    }

    fn find(&self, list: &str, address: &str) -> Option<&Json> {
        self.json[list].as_array()?.iter().find(|change| change["address"] == address).map(|found| &found["change"])
    }

    #[track_caller]
    fn change(&self, address: &str) -> &Json {
        self.find("resource_changes", address)
            .unwrap_or_else(|| panic!("{address} is not in the plan:\n{}", self.told.text))
    }

    /// What is planned for the resource at `address`: `["create"]`, `["update"]`, `["delete", "create"]`, `["no-op"]`.
    ///
    /// # Panics
    /// If the resource is not in the plan.
    #[track_caller]
    #[must_use]
    pub fn actions(&self, address: &str) -> Vec<String> {
        actions(self.change(address))
    }

    /// Demands that `actions` are planned for the resource at `address`.
    ///
    /// # Panics
    /// If it is something else, with all that the CLI said.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "that it would do so is often all that is asked")]
    pub fn expect_actions(self, address: &str, actions: &[&str]) -> Self {
        let planned = self.actions(address);
        assert!(planned == actions, "{planned:?} is planned for {address}, not {actions:?}:\n{}", self.told.text);
        self
    }

    /// The planned value of attribute `name` at `address`; null if it is not known yet.
    ///
    /// # Panics
    /// If the resource is not in the plan, or has no such attribute.
    #[track_caller]
    #[must_use]
    pub fn attribute(&self, address: &str, name: &str) -> Json {
        let change = self.change(address);
        // What is not known yet is in the second list only.
        if change["after"].get(name).is_none() && change["after_unknown"].get(name).is_some() {
            return Json::Null;
        }
        value_of(address, &[&change["after"], &change["after_unknown"]], name)
    }

    /// What somebody else has done to the resource at `address`.
    pub(super) fn outside(&self, address: &str) -> Outside {
        let Some(change) = self.find("resource_drift", address) else { return Outside::Nothing };
        if actions(change) == ["delete"] {
            return Outside::Gone;
        }
        let names = names(&[&change["before"], &change["after"]]);
        Outside::Changed(names.into_iter().filter(|name| change["before"][name] != change["after"][name]).collect())
    }
}

fn actions(change: &Json) -> Vec<String> {
    let actions = change["actions"].as_array().into_iter().flatten();
    actions.map(|action| action.as_str().unwrap_or_default().to_owned()).collect()
}

fn names(objects: &[&Json]) -> BTreeSet<String> {
    objects.iter().filter_map(|object| object.as_object()).flat_map(Map::keys).cloned().collect()
}

/// The value of attribute `name` in the first of `objects` that has it: what is known of the resource at `address`.
///
/// # Panics
/// If none has it; null is only what is there as null.
#[track_caller]
pub(super) fn value_of(address: &str, objects: &[&Json], name: &str) -> Json {
    match objects.iter().find_map(|object| object.get(name)) {
        Some(value) => value.clone(),
        None => {
            let names = names(objects);
            let hint = suggest::allowed(name, names.iter().map(String::as_str));
            panic!("{address} has no attribute {name:?}. {hint}")
        }
    }
}
