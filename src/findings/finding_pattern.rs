//! What an event pattern on findings says, but can hardly mean: that it never matches, or that the gravest findings are
//! left out.
//!
//! That EventBridge accepts it `event_pattern` knows; here is what findings look like.

use serde_json::{Value, json};

use super::catalogue;
use super::event_pattern::Pattern;
use super::severity::Severity;

/// The source of GuardDuty's events.
const SOURCE: &str = "aws.guardduty";

/// The types of events that GuardDuty publishes.
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

/// The severities that findings have, in tenths: from 1.0 to 10.0.
fn tenths() -> impl Iterator<Item = u32> {
    10..=100
}

/// What is doubtful about a pattern: what it does, and what to do about it. None of a text that is no pattern.
pub fn doubts(text: &str) -> Vec<(String, String)> {
    let (Ok(json), Ok(pattern)) = (serde_json::from_str::<Value>(text), Pattern::parse(text)) else {
        return Vec::new();
    };
    let mut doubts: Vec<_> = dotted_keys(&json).into_iter().map(|key| dotted(&key)).collect();
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

/// Whether of the types that are critical at times it accepts findings of HIGH only.
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

/// A tenth as events have it: whole where it can be.
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

/// Keys with a dot in them.
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
