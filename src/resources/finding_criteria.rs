//! `finding_criteria`: conditions on the fields of a finding, as blocks.
//!
//! `findings::criteria` decides which fields exist, how a bound is parsed and which conditions can never match. This
//! module knows neither what happens to a finding that matches nor which resource filters findings.

use std::collections::HashMap;

use aws_sdk_guardduty::types as api;
use tfplugin::{Diagnostic, Failure, Key, Model, Path, Result, Set, View};

use crate::findings::criteria::{self, Condition};

/// Criteria for findings. A finding matches if it meets every `criterion`.
#[derive(Model, Clone)]
pub struct Criteria {
    #[attr(block(min = 1))]
    pub criterion: Set<Criterion>,
}

/// Condition on one field of a finding. A bound is a whole number. For date fields (`createdAt`, `updatedAt`) it can
/// also be a date, such as `2026-01-31T00:00:00Z`.
#[derive(Model, Clone)]
pub struct Criterion {
    /// Field of the finding, such as `severity` or `resource.ecsClusterDetails.name`.
    pub field: String,
    /// Values, at most 50. The field must equal one of them.
    #[attr(absent = empty)]
    pub equals: Option<Vec<String>>,
    /// Values, at most 50. The field must not equal any of them.
    #[attr(absent = empty)]
    pub not_equals: Option<Vec<String>>,
    /// Lower bound (exclusive). The field must be greater.
    pub greater_than: Option<String>,
    /// Lower bound (inclusive). The field must be greater or equal.
    pub greater_than_or_equal: Option<String>,
    /// Upper bound (exclusive). The field must be less.
    pub less_than: Option<String>,
    /// Upper bound (inclusive). The field must be less or equal.
    pub less_than_or_equal: Option<String>,
    /// Patterns, at most 5, in which `*` matches any characters. The field must match one of them.
    #[attr(absent = empty)]
    pub matches: Option<Vec<String>>,
    /// Patterns, at most 5, in which `*` matches any characters. The field must not match any of them.
    #[attr(absent = empty)]
    pub not_matches: Option<Vec<String>>,
}

impl Criteria {
    /// Checks the criteria, as far as they are known.
    pub fn check(criteria: &View<Self>) -> Vec<Diagnostic> {
        let mut seen = Vec::new();
        let mut diagnostics = Vec::new();
        for criterion in criteria.children(Self::CRITERION).known().unwrap_or_default() {
            let Some(field) = criterion.get(Criterion::FIELD).known() else { continue };
            if seen.contains(&field) {
                let fault = Diagnostic::error(format!("two criteria are about the field {field}"));
                diagnostics.push(fault.at(criterion.path(Criterion::FIELD)).detail("Write both conditions in one."));
            }
            diagnostics.extend(Criterion::check(&criterion, &field));
            seen.push(field);
        }
        diagnostics
    }

    /// Returns the condition on each field, or `None` while any of them is unknown.
    pub fn asked(criteria: &View<Self>) -> Option<Vec<(String, Condition)>> {
        let asked = |criterion: &View<Criterion>| {
            let field = criterion.get(Criterion::FIELD).known()?;
            let condition = Criterion::condition(criterion, &field).ok()?;
            Some((field, condition))
        };
        let known = criteria.is_wholly_known();
        known.then(|| criteria.children(Self::CRITERION).known().unwrap_or_default().iter().filter_map(asked).collect())
    }

    /// Converts the criteria for the API. `path` is where they are configured.
    ///
    /// # Errors
    /// A bound that is not valid.
    pub fn to_api(&self, path: impl Into<Path>) -> Result<api::FindingCriteria> {
        let conditions = self.criterion.iter().map(|criterion| Ok((criterion.field.clone(), criterion.to_api()?)));
        let conditions = conditions.collect::<Result<HashMap<_, _>>>().map_err(|failure| failure.pointing_to(path))?;
        Ok(api::FindingCriteria::builder().set_criterion(Some(conditions)).build())
    }

    /// Returns the criteria found in the API, in the spelling of `self` where both mean the same.
    pub fn refreshed(self, found: Option<&api::FindingCriteria>) -> Self {
        let Some(found) = found.and_then(api::FindingCriteria::criterion) else { return self };
        let refreshed = found.iter().map(|(field, condition)| {
            let own = self.criterion.iter().find(|own| own.field == *field);
            Criterion::from_api(field, condition, own)
        });
        Criteria { criterion: refreshed.collect() }
    }
}

impl Criterion {
    fn check(criterion: &View<Self>, field: &str) -> Vec<Diagnostic> {
        let unknown = criteria::check_field(field).err().map(|problem| {
            let warning = Diagnostic::warning(format!("unknown field {field}")).at(criterion.path(Self::FIELD));
            warning.detail(problem)
        });
        let mut diagnostics: Vec<_> = unknown.into_iter().collect();
        let condition = match Self::condition(criterion, field) {
            Ok(condition) if criterion.is_wholly_known() => condition,
            Ok(_) => return diagnostics,
            Err(faults) => {
                diagnostics.extend(faults);
                return diagnostics;
            }
        };
        let at = |fault: &criteria::Fault| match fault.operator {
            Some(operator) => criterion.location().attribute(operator.attribute()),
            None => criterion.path(Self::FIELD),
        };
        let told = |fault: criteria::Fault| {
            Diagnostic::error(format!("wrong criterion on {field}")).at(at(&fault)).detail(fault.message)
        };
        diagnostics.extend(condition.faults(field).into_iter().map(told));
        let doubted =
            |doubt: criteria::Fault| Diagnostic::warning("unknown finding type").at(at(&doubt)).detail(doubt.message);
        diagnostics.extend(condition.doubts(field).into_iter().map(doubted));
        diagnostics
    }

    /// Returns the condition on `field`, as far as it is known, or an error for each bound that is not valid.
    fn condition(criterion: &View<Self>, field: &str) -> Result<Condition, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let mut bound = |key: Key<Self, String>| {
            let read = criteria::parse_bound(field, &criterion.get(key).known()?);
            let told = |problem: String| {
                let fault = Diagnostic::error(format!("{} of {field} is no bound", key.name()));
                diagnostics.push(fault.at(criterion.path(key)).detail(problem));
            };
            read.map_err(told).ok()
        };
        let list = |key: Key<Self, Vec<String>>| criterion.get(key).known().unwrap_or_default();
        let condition = Condition {
            equals: list(Self::EQUALS),
            not_equals: list(Self::NOT_EQUALS),
            greater_than: bound(Self::GREATER_THAN),
            greater_than_or_equal: bound(Self::GREATER_THAN_OR_EQUAL),
            less_than: bound(Self::LESS_THAN),
            less_than_or_equal: bound(Self::LESS_THAN_OR_EQUAL),
            matches: list(Self::MATCHES),
            not_matches: list(Self::NOT_MATCHES),
        };
        if diagnostics.is_empty() { Ok(condition) } else { Err(diagnostics) }
    }

    fn to_api(&self) -> Result<api::Condition> {
        let bound = |text: &Option<String>| {
            let read = text.as_ref().map(|text| criteria::parse_bound(&self.field, text));
            read.transpose().map_err(Failure::new)
        };
        Ok(api::Condition::builder()
            .set_equals(self.equals.clone())
            .set_not_equals(self.not_equals.clone())
            .set_greater_than(bound(&self.greater_than)?)
            .set_greater_than_or_equal(bound(&self.greater_than_or_equal)?)
            .set_less_than(bound(&self.less_than)?)
            .set_less_than_or_equal(bound(&self.less_than_or_equal)?)
            .set_matches(self.matches.clone())
            .set_not_matches(self.not_matches.clone())
            .build())
    }

    /// Reads a condition from the API, which may use the current names, the deprecated names, or both.
    #[allow(deprecated)]
    fn from_api(field: &str, condition: &api::Condition, own: Option<&Criterion>) -> Self {
        let texts = |long: &Option<Vec<String>>, short: &Option<Vec<String>>| {
            long.clone().or_else(|| short.clone()).filter(|values| !values.is_empty())
        };
        let bound = |long: Option<i64>, short: Option<i32>, spelling: fn(&Criterion) -> &Option<String>| {
            let spelling = own.and_then(|own| spelling(own).as_deref());
            let bound = long.or(short.map(i64::from));
            bound.map(|bound| criteria::format_bound(field, bound, spelling))
        };
        Criterion {
            field: field.to_owned(),
            equals: texts(&condition.equals, &condition.eq),
            not_equals: texts(&condition.not_equals, &condition.neq),
            greater_than: bound(condition.greater_than, condition.gt, |own| &own.greater_than),
            greater_than_or_equal: bound(condition.greater_than_or_equal, condition.gte, |own| {
                &own.greater_than_or_equal
            }),
            less_than: bound(condition.less_than, condition.lt, |own| &own.less_than),
            less_than_or_equal: bound(condition.less_than_or_equal, condition.lte, |own| &own.less_than_or_equal),
            matches: texts(&condition.matches, &None),
            not_matches: texts(&condition.not_matches, &None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(field: &str) -> Criterion {
        Criterion {
            field: field.to_owned(),
            equals: None,
            not_equals: None,
            greater_than: None,
            greater_than_or_equal: None,
            less_than: None,
            less_than_or_equal: None,
            matches: None,
            not_matches: None,
        }
    }

    #[test]
    fn what_was_sent_is_read_back_in_its_spelling() {
        let since = Criterion { greater_than: Some("2026-01-31T00:00:00Z".to_owned()), ..criterion("updatedAt") };
        let types = Criterion { matches: Some(vec!["*:Runtime/*".to_owned()]), ..criterion("type") };
        let own = Criteria { criterion: Set(vec![since, types]) };
        let sent = own.to_api(Path::root()).unwrap();
        let mut read = own.refreshed(Some(&sent)).criterion.0;
        read.sort_by(|one, other| one.field.cmp(&other.field));
        assert_eq!(read[0].matches.as_deref(), Some(&["*:Runtime/*".to_owned()][..]));
        assert_eq!(read[1].greater_than.as_deref(), Some("2026-01-31T00:00:00Z"));
    }

    #[test]
    #[allow(deprecated)]
    fn short_names_are_understood() {
        let condition = api::Condition::builder().eq("prod").gte(4).build();
        let read = Criterion::from_api("severity", &condition, None);
        assert_eq!((read.equals, read.greater_than_or_equal), (Some(vec!["prod".to_owned()]), Some("4".to_owned())));
    }
}
