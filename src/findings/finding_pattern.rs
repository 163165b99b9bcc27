//! What an event pattern on findings says but is unlikely to mean: that it never matches, or that it omits the most
//! severe findings.
//!
//! `event_pattern` knows whether EventBridge accepts a pattern. This file knows what findings look like.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tfplugin::suggest;

use super::catalogue;
use super::criteria::all_fields;
use super::event_pattern::Pattern;
use super::severity::Severity;

/// Source of GuardDuty events.
const SOURCE: &str = "aws.guardduty";

/// Types of events that GuardDuty publishes.
const DETAIL_TYPES: [&str; 8] = [
    "GuardDuty Finding",
    "GuardDuty Malware Protection Object Scan Result",
    "GuardDuty Malware Protection Post Scan Action Failed",
    "GuardDuty Malware Protection Resource Status Active",
    "GuardDuty Malware Protection Resource Status Error",
    "GuardDuty Malware Protection Resource Status Warning",
    "GuardDuty Runtime Protection Healthy",
    "GuardDuty Runtime Protection Unhealthy",
];

/// Fields of an event.
const EVENT_FIELDS: [&str; 10] =
    ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "replay-name"];

/// Fields of a finding in an event that a filter cannot use.
const FINDING_FIELDS: [&str; 2] = ["title", "description"];

/// Returns the possible severities of findings, in tenths: from 1.0 to 10.0.
fn tenths() -> impl Iterator<Item = u32> {
    10..=100
}

/// Returns what is doubtful about a pattern: its effect, and how to fix it. Returns nothing for a text that is not a
/// pattern.
pub fn doubts(text: &str) -> Vec<(String, String)> {
    let (Ok(json), Ok(pattern)) = (serde_json::from_str::<Value>(text), Pattern::parse(text)) else {
        return Vec::new();
    };
    let mut doubts: Vec<_> = dotted_keys(&json).into_iter().map(|key| dotted(&key)).collect();
    doubts.extend(unknown_fields(&json, &pattern));
    doubts.extend(unknown_types(&json, &pattern));
    doubts.extend(wrong_accounts(&json));
    let accepts = |event: &Value, fields: &[&str]| pattern.accepts(event, fields);
    if !accepts(&json!({"source": SOURCE}), &["source"]) {
        doubts.push((
            "the event pattern never matches: its `source` is not that of GuardDuty".to_owned(),
            format!("Write `source = [{SOURCE:?}]`."),
        ));
    }
    if !DETAIL_TYPES.iter().any(|name| accepts(&json!({"detail-type": name}), &["detail-type"])) {
        doubts.push((
            "the event pattern never matches: GuardDuty has no events of its `detail-type`".to_owned(),
            format!("Write `detail-type = [{:?}]`.", DETAIL_TYPES[0]),
        ));
    }
    let severity = |tenths: u32| json!({"detail": {"severity": tenth(tenths)}});
    if !tenths().any(|tenths| accepts(&severity(tenths), &["detail.severity"])) {
        doubts.push((
            "the event pattern never matches: no finding has such a severity".to_owned(),
            "A severity is a number from 1.0 to 10.0, never a text. Write `severity = [{ numeric = [\">=\", 7] }]`."
                .to_owned(),
        ));
    } else if misses_critical(&pattern) {
        doubts.push((
            "the event pattern leaves out CRITICAL findings".to_owned(),
            "It accepts severities of HIGH (7.0 to 8.9), but none of CRITICAL (9.0 to 10.0), which attack sequences \
             have. Write `severity = [{ numeric = [\">=\", 7] }]`."
                .to_owned(),
        ));
    }
    doubts
}

/// Returns the problem if the pattern of a rule in `region` matches findings of another region.
pub fn elsewhere(text: &str, region: &str) -> Option<(String, String)> {
    let pattern = Pattern::parse(text).ok()?;
    let event = json!({"region": region, "detail": {"region": region}});
    (!pattern.accepts(&event, &["region", "detail.region"])).then(|| {
        (
            format!("the event pattern never matches: its `region` is not {region}"),
            "Findings are sent in their own region, and this rule is there. Leave `region` out of the pattern, or create \
             the rule in the other region by its argument `region`."
                .to_owned(),
        )
    })
}

/// Returns fields that events, or findings in them, do not have.
fn unknown_fields(json: &Value, pattern: &Pattern) -> Vec<(String, String)> {
    let mut doubts = Vec::new();
    for alternative in alternatives(json) {
        for (name, _) in asked(alternative).filter(|(name, _)| !EVENT_FIELDS.contains(name)) {
            doubts.push(unknown_field(name, "events", suggest::nearest(name, EVENT_FIELDS)));
        }
        // The other events of GuardDuty have other details.
        let accepts = |name: &str| pattern.accepts(&json!({"detail-type": name}), &["detail-type"]);
        let is_of_findings = DETAIL_TYPES[1..].iter().all(|name| !accepts(name));
        for detail in alternative.get("detail").into_iter().flat_map(alternatives) {
            unknown_below(detail, "", is_of_findings, &mut doubts);
        }
    }
    doubts
}

/// Returns the unknown fields below `parent`, a path of a finding. GuardDuty adds fields over time, so a field below
/// the first level, or in an event that may not be a finding, is only reported if it is a misspelling of a known one.
fn unknown_below(object: &Map<String, Value>, parent: &str, is_of_findings: bool, doubts: &mut Vec<(String, String)>) {
    let known = children(parent);
    if known.is_empty() {
        return;
    }
    for (name, asked) in asked(object) {
        let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        if known.contains(name) {
            alternatives(asked).for_each(|below| unknown_below(below, &path, is_of_findings, doubts));
            continue;
        }
        let same = known.iter().find(|one| one.eq_ignore_ascii_case(name)).copied();
        if same.is_some() || is_of_findings && parent.is_empty() {
            let nearest = same.or_else(|| suggest::nearest(name, known.iter().copied()));
            doubts.push(unknown_field(&format!("detail.{path}"), "findings", nearest));
        }
    }
}

fn unknown_field(name: &str, whose: &str, nearest: Option<&str>) -> (String, String) {
    let hint = nearest.map(|nearest| format!(" Did you mean {nearest:?}?")).unwrap_or_default();
    (
        format!("the event pattern names {name:?}, which is not a known field of {whose}"),
        format!("A pattern does not match an event without a field that it asks for. Names are case-sensitive.{hint}"),
    )
}

/// Returns the names of the fields of a finding below `parent`.
fn children(parent: &str) -> BTreeSet<&'static str> {
    let below = |field: &'static str| match parent {
        "" => Some(field),
        parent => field.strip_prefix(parent)?.strip_prefix('.'),
    };
    let more = FINDING_FIELDS.into_iter().filter(|_| parent.is_empty());
    all_fields().filter_map(below).filter_map(|rest| rest.split('.').next()).chain(more).collect()
}

/// Returns the object of a pattern, and the choices of its `$or`.
fn alternatives(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let choices = value.get("$or").and_then(Value::as_array).into_iter().flatten();
    [value].into_iter().chain(choices).filter_map(Value::as_object)
}

/// Returns the fields that an object of a pattern requires. Fields with a dot are reported elsewhere.
fn asked(object: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let is_asked = |(name, tests): &(&String, &Value)| {
        let may_be_absent = |test: &Value| test.get("exists") == Some(&json!(false));
        !name.contains('.') && *name != "$or" && !tests.as_array().is_some_and(|all| all.iter().any(may_be_absent))
    };
    object.iter().filter(is_asked).map(|(name, tests)| (name.as_str(), tests))
}

/// Returns all tests of field `path` in the pattern.
fn tests<'a>(json: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    let Some((name, rest)) = path.split_first() else { return json.as_array().into_iter().flatten().collect() };
    alternatives(json).filter_map(|object| object.get(*name)).flat_map(|below| tests(below, rest)).collect()
}

/// Returns unknown finding types, and tests that no known type passes.
fn unknown_types(json: &Value, pattern: &Pattern) -> Vec<(String, String)> {
    let named = tests(json, &["detail", "type"]).into_iter().filter_map(Value::as_str);
    let unknown: Vec<_> = named.filter(|name| catalogue::find(name).is_none()).collect();
    let told: Vec<_> = unknown
        .iter()
        .map(|name| {
            let hint = catalogue::nearest(name).map(|nearest| format!("Did you mean {nearest:?}?"));
            let otherwise = || "A text matches a type as a whole. For several, write `{ prefix = ... }`.".to_owned();
            (
                format!("the event pattern names the finding type {name:?}, which this version of the provider does not know"),
                hint.unwrap_or_else(otherwise),
            )
        })
        .collect();
    let accepts = |name: &str| pattern.accepts(&json!({"detail": {"type": name}}), &["detail.type"]);
    if told.is_empty() && !catalogue::all().iter().any(|known| accepts(known.name)) {
        return vec![(
            "the event pattern accepts no finding type that this version of the provider knows".to_owned(),
            "Check `type` in its `detail`: names are case-sensitive, such as \"CryptoCurrency:Runtime/BitcoinTool.B!DNS\"."
                .to_owned(),
        )];
    }
    told
}

/// Returns account IDs that are not valid.
fn wrong_accounts(json: &Value) -> Vec<(String, String)> {
    let all = [tests(json, &["account"]), tests(json, &["detail", "accountId"])].concat();
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit());
    let is_wrong = |test: &&Value| test.is_number() || test.as_str().is_some_and(|text| !is_account(text));
    let told = |test: &Value| {
        (
            format!("the event pattern names the account {test}, which is not an AWS account ID"),
            "An account ID is a text of 12 digits. An account that is not one never matches.".to_owned(),
        )
    };
    all.into_iter().filter(is_wrong).map(told).collect()
}

/// Returns whether the pattern only accepts HIGH findings of types that can be critical.
fn misses_critical(pattern: &Pattern) -> bool {
    let fields = ["detail.severity", "detail.type"];
    let accepts = |name: &str, level: Severity| {
        let (low, high) = level.range();
        tenths()
            .filter(|tenths| (low..=high).contains(&(f64::from(*tenths) / 10.0)))
            .any(|tenths| pattern.accepts(&json!({"detail": {"severity": tenth(tenths), "type": name}}), &fields))
    };
    let mut critical = catalogue::all().iter().filter(|known| known.severity == Some(Severity::Critical));
    critical.any(|known| accepts(known.name, Severity::High) && !accepts(known.name, Severity::Critical))
}

/// Returns a number of tenths as events contain it: as a whole number if possible.
fn tenth(tenths: u32) -> Value {
    if tenths.is_multiple_of(10) { json!(tenths / 10) } else { json!(f64::from(tenths) / 10.0) }
}

fn dotted(key: &str) -> (String, String) {
    let nested = key.split('.').rev().fold("[...]".to_owned(), |inner, name| format!("{{ {name} = {inner} }}"));
    (
        format!("the event pattern names {key:?} as one key"),
        format!("EventBridge documents nested objects only, so this may never match. Write `{nested}`."),
    )
}

/// Returns keys that contain a dot.
fn dotted_keys(pattern: &Value) -> Vec<String> {
    match pattern {
        Value::Object(members) => {
            let own = members.keys().filter(|key| key.contains('.')).cloned();
            own.chain(members.values().flat_map(dotted_keys)).collect()
        }
        Value::Array(items) => items.iter().flat_map(dotted_keys).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(detail: &str) -> String {
        let pattern = format!(r#"{{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], {detail}}}"#);
        let summaries: Vec<_> = doubts(&pattern).into_iter().map(|(summary, _)| summary).collect();
        summaries.join("; ")
    }

    #[test]
    fn what_never_matches_is_told() {
        assert!(told(r#""detail.severity": [{"numeric": [">=", 7]}]"#).contains("\"detail.severity\" as one key"));
        assert!(told(r#""detail": {"severity": ["HIGH"]}"#).contains("no finding has such a severity"));
        assert!(told(r#""detail": {"severity": ["7", "8"]}"#).contains("no finding has such a severity"));
        assert!(told(r#""detail": {"severity": [11]}"#).contains("no finding has such a severity"));
        let source = doubts(r#"{"source": ["aws.guarduty"], "detail-type": ["GuardDuty Finding"]}"#);
        assert!(source[0].0.contains("its `source`"), "{source:?}");
        let kind = doubts(r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Findings"]}"#);
        assert!(kind[0].0.contains("`detail-type`"), "{kind:?}");
    }

    #[test]
    fn fields_that_events_do_not_have_are_told() {
        for (pattern, told) in [
            (r#"{"Source": ["aws.guardduty"]}"#, "\"Source\", which is not a known field of events"),
            (r#"{"detailType": ["GuardDuty Finding"]}"#, "\"detailType\""),
            (r#"{"$or": [{"acount": ["111122223333"]}, {"source": ["aws.guardduty"]}]}"#, "\"acount\""),
            (r#"{"detail": {"Severity": [8]}}"#, "\"detail.Severity\", which is not a known field of findings"),
            (r#"{"detail-type": ["GuardDuty Finding"], "detail": {"severty": [8]}}"#, "\"detail.severty\""),
            (r#"{"detail": {"resource": {"ecsClusterDetails": {"Name": ["prod"]}}}}"#, "ecsClusterDetails.Name\""),
            (r#"{"detail": {"$or": [{"Type": ["x"]}, {"severity": [8]}]}}"#, "\"detail.Type\""),
        ] {
            let all = doubts(pattern);
            assert!(all.iter().any(|(summary, _)| summary.contains(told)), "{pattern}: {all:?}");
        }
        let hints = doubts(r#"{"Source": ["aws.guardduty"]}"#);
        assert!(hints[0].1.ends_with("Did you mean \"source\"?"), "{hints:?}");
        for pattern in [
            r#"{"time": [{"prefix": "2026"}], "resources": ["a"], "id": ["a"], "version": ["0"]}"#,
            r#"{"Source": [{"exists": false}], "source": ["aws.guardduty"]}"#,
            r#"{"detail-type": ["GuardDuty Finding"], "detail": {"title": ["a"], "description": ["b"]}}"#,
            r#"{"detail": {"scanStatus": ["COMPLETED"]}}"#,
            r#"{"detail": {"service": {"additionalInfo": {"value": ["a"]}, "archived": [false]}}}"#,
            r#"{"detail": {"resource": {"newDetails": {"name": ["a"]}}}}"#,
        ] {
            assert_eq!(doubts(pattern), [], "{pattern}");
        }
    }

    #[test]
    fn finding_types_that_are_not_known_are_told() {
        let near = doubts(r#"{"detail": {"type": ["CryptoCurrency:Runtime/BitcoinTool.B!DN"]}}"#);
        assert!(near[0].0.contains("BitcoinTool.B!DN\", which this version"), "{near:?}");
        assert!(near[0].1.contains("Did you mean \"CryptoCurrency:Runtime/BitcoinTool.B!DNS\"?"), "{near:?}");
        let start = told(r#""detail": {"type": ["CryptoCurrency:"]}"#);
        assert!(start.contains("the finding type \"CryptoCurrency:\""), "{start}");
        for test in [r#"{"prefix": "Cryptocurrency:"}"#, r#"{"wildcard": "*:Runtme/*"}"#] {
            let told = told(&format!(r#""detail": {{"type": [{test}]}}"#));
            assert!(told.contains("accepts no finding type"), "{test}: {told}");
        }
        for test in [r#"{"prefix": "CryptoCurrency:"}"#, r#"{"anything-but": "x"}"#, r#"{"exists": true}"#] {
            assert_eq!(told(&format!(r#""detail": {{"type": [{test}]}}"#)), "", "{test}");
        }
    }

    #[test]
    fn accounts_and_regions_that_never_match_are_told() {
        assert!(told(r#""account": ["1111"]"#).contains("the account \"1111\", which is not an AWS account ID"));
        assert!(told(r#""detail": {"accountId": ["prod"]}"#).contains("\"prod\""));
        assert!(told(r#""account": [111122223333]"#).contains("the account 111122223333, which"));
        assert_eq!(told(r#""account": ["111122223333", {"anything-but": "x"}]"#), "");
        let there = |pattern: &str| elsewhere(pattern, "us-east-1").map(|(summary, _)| summary);
        let never = "the event pattern never matches: its `region` is not us-east-1";
        assert_eq!(there(r#"{"region": ["eu-west-1"]}"#).as_deref(), Some(never));
        assert_eq!(there(r#"{"detail": {"region": ["eu-west-1"]}}"#).as_deref(), Some(never));
        assert_eq!(there(r#"{"region": ["eu-west-1", {"prefix": "us-"}]}"#), None);
        assert_eq!(there(r#"{"source": ["aws.guardduty"]}"#), None);
    }

    #[test]
    fn who_lists_high_and_not_critical_is_told() {
        let list: Vec<_> = (70..90).map(|tenths| tenth(tenths).to_string()).collect();
        let list = list.join(",");
        for severity in [list.as_str(), "7, 8", r#"{"numeric": [">=", 7, "<=", 8.9]}"#, r#"{"numeric": ["<", 9]}"#] {
            let told = told(&format!(r#""detail": {{"severity": [{severity}]}}"#));
            assert_eq!(told, "the event pattern leaves out CRITICAL findings", "{severity}");
        }
    }

    #[test]
    fn what_can_be_meant_is_not_told() {
        assert_eq!(doubts(r#"{"source": ["aws.guardduty"]}"#), []);
        assert_eq!(doubts(r#"{"detail-type": ["GuardDuty Runtime Protection Unhealthy"]}"#), []);
        for detail in [
            r#"{"severity": [{"numeric": [">=", 7]}]}"#,
            r#"{"severity": [{"numeric": [">=", 4, "<", 7]}]}"#,
            r#"{"severity": [4, 4.5, 9, 9.5]}"#,
            r#"{"type": [{"prefix": "CryptoCurrency:"}], "severity": [7, 8]}"#,
            r#"{"$or": [{"severity": [8]}, {"type": [{"prefix": "AttackSequence:"}]}]}"#,
        ] {
            assert_eq!(told(&format!(r#""detail": {detail}"#)), "", "{detail}");
        }
        assert_eq!(doubts("{"), [], "that is said elsewhere");
    }
}
