//! What a user sees of a wrong pattern, and which patterns are equal. `ruler_test` tests matching.

use expect_test::{Expect, expect};
use serde_json::json;

use super::{CHARACTERS_MAX, Pattern, check, equivalent, matches};

fn refused(pattern: &str, expected: &Expect) {
    expected.assert_eq(&check(pattern).unwrap_err().to_string());
}

#[test]
fn a_fault_is_shown_with_its_place() {
    refused("[]", &expect![[r#"a pattern is a JSON object, like {"source": ["aws.guardduty"]}"#]]);
    refused("{}", &expect!["an empty object matches nothing: name a field, or leave the object out"]);
    refused(
        r#"{"detail": {"type": "x"}}"#,
        &expect![[r#"detail.type: must be an object or an array: write ["x"] to match this value"#]],
    );
    refused(
        r#"{"detail": {"a.b": []}}"#,
        &expect![[r#"detail["a.b"]: an empty array matches nothing: list at least one value, or leave the field out"#]],
    );
    refused(
        r#"{"detail": {"severity": [1, {"numeric": [">=", "7"]}]}}"#,
        &expect![[r#"detail.severity[1].numeric[1]: must be a number, not "7""#]],
    );
    refused(
        r#"{"detail": {"severity": [{"numeric": [">", 7, "<", 4]}]}}"#,
        &expect!["detail.severity[0].numeric: the lower bound must be less than the upper bound"],
    );
    refused(
        r#"{"a": [{"prefx": "x"}]}"#,
        &expect![[r#"a[0].prefx: EventBridge has no operator "prefx": did you mean "prefix"?"#]],
    );
    refused(
        r#"{"a": [{"like": "x"}]}"#,
        &expect![[
            r#"a[0].like: EventBridge has no operator "like": it has prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr, exists"#
        ]],
    );
    refused(
        r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#,
        &expect!["a[0].suffix: an operator has one key only: give each operator an object of its own"],
    );
    refused(
        r#"{"a": [{"anything-but": ["x", 1]}]}"#,
        &expect!["a[0].anything-but: must be all strings or all numbers"],
    );
    refused(
        r#"{"a": [{"cidr": "10.0.0.1/32"}]}"#,
        &expect![[
            r#"a[0].cidr: "32" is not a number of bits from 0 to 31: for one address write it as a string, without cidr"#
        ]],
    );
}

#[test]
fn faults_of_choices_are_shown_with_their_place() {
    refused(r#"{"$or": [{"a": [1]}]}"#, &expect!["$or: must have two choices or more"]);
    refused(
        r#"{"detail": {"$or": {"a": [1]}}}"#,
        &expect!["detail.$or: must be an array of objects, each of them a choice"],
    );
    refused(
        r#"{"$or": [{"a": [1]}, {"b": {"numeric": [1]}}]}"#,
        &expect![[
            r#"$or[1].b.numeric: "numeric" is a word of EventBridge's own, which can't name a field inside $or"#
        ]],
    );
    let choices = json!([{"a": [1]}, {"b": [1]}, {"c": [1]}, {"d": [1]}]);
    let nested = (0..5).fold(json!({"z": [1]}), |pattern, _| json!({"f": pattern, "$or": choices}));
    assert!(Pattern::new(&nested).unwrap_err().message.contains("more than 1000 combinations"));
}

#[test]
fn text_that_is_no_pattern_is_refused() {
    refused("{\"a\": [1]", &expect!["not JSON: EOF while parsing an object at line 1 column 9"]);
    refused("{\"a\": [1]} x", &expect!["not JSON: trailing characters at line 1 column 12"]);
    refused(
        "{\"a\": [1],\n \"b\": {\"c\": [1], \"c\": [2]}}",
        &expect![[r#"an object has the key "c" twice, of which only one would count, at line 2 column 26"#]],
    );
    let long = format!("{{\"a\": [\"{}\"]}}", "é".repeat(CHARACTERS_MAX));
    refused(&long, &expect!["a pattern has at most 4096 characters, this one has 4107"]);
}

#[test]
fn spelling_and_order_do_not_change_what_a_pattern_means() {
    assert!(equivalent(r#"{"a":["x",1],"b":{"c":[null]}}"#, r#"{ "b.c": [null], "a": [1.0, "x", "x"] }"#));
    assert!(equivalent(r#"{"$or":[{"a":[1]},{"b":[2]}]}"#, r#"{"$or":[{"b":[2]},{"a":[1]}]}"#));
    assert!(equivalent(r#"{"a":["::1"]}"#, r#"{"a":["0:0:0:0:0:0:0:1"]}"#));
    assert!(equivalent(r#"{"a":[{"anything-but":["x","y"]}]}"#, r#"{"a":[{"anything-but":["y","x"]}]}"#));
    assert!(!equivalent(r#"{"a":[1]}"#, r#"{"a":["1"]}"#));
    assert!(!equivalent(r#"{"a":[1]}"#, r#"{"a":[true]}"#));
    assert!(!equivalent(r#"{"a":[{"prefix":"x"}]}"#, r#"{"a":[{"suffix":"x"}]}"#));
    assert!(equivalent("no pattern", "no pattern") && !equivalent("no pattern", "{}"));
}

#[test]
fn true_is_not_one_and_text_is_not_a_number() {
    assert_eq!(matches(&json!({"a": [1]}), &json!({"a": true})), Ok(false));
    assert_eq!(matches(&json!({"a": [true]}), &json!({"a": 1})), Ok(false));
    assert_eq!(matches(&json!({"a": [8]}), &json!({"a": 8.0})), Ok(true));
    assert_eq!(matches(&json!({"a": [8]}), &json!({"a": "8"})), Ok(false));
}

#[test]
fn fields_of_one_element_are_matched_together() {
    let pattern = json!({"tags": {"key": ["team"], "value": ["red"]}});
    assert_eq!(matches(&pattern, &json!({"tags": [{"key": "team", "value": "red"}]})), Ok(true));
    let apart = json!({"tags": [{"key": "team", "value": "blue"}, {"key": "colour", "value": "red"}]});
    assert_eq!(matches(&pattern, &apart), Ok(false));
}

#[test]
fn what_is_not_an_object_is_no_event() {
    assert_eq!(matches(&json!({"a": [{"exists": false}]}), &json!([])), Ok(false));
    assert_eq!(matches(&json!({"a": [{"exists": false}]}), &json!({})), Ok(true));
}

#[test]
fn choices_that_the_engine_may_lose_are_found() {
    let overlaps = |text: &str| Pattern::parse(text).unwrap().has_overlapping_choices();
    assert!(overlaps(r#"{"$or":[{"a":["x"]},{"a":["x","y"]}]}"#));
    assert!(!overlaps(r#"{"$or":[{"a":["x"]},{"a":["y"]}]}"#));
    assert!(!overlaps(r#"{"$or":[{"a":["x"]},{"a":["x"],"b":["y"]}]}"#));
}
