use tfplugin::{Model, Path, Value};

use super::*;

fn value(pairs: &[(&str, Value)]) -> Value {
    Value::Map(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn texts(texts: &[&str]) -> Value {
    Value::set(texts.iter().map(|text| Value::from(*text)))
}

fn blocks(blocks: &[Value]) -> Value {
    Value::List(blocks.to_vec())
}

/// Returns the diagnostics of a block that sets `pairs`: `error PATH: SUMMARY DETAIL`.
fn said(pairs: &[(&str, Value)]) -> Vec<String> {
    said_with(pairs, &[])
}

fn said_with(pairs: &[(&str, Value)], variables: &[(&str, &str)]) -> Vec<String> {
    let mut object = Config::object().empty();
    for (name, value) in pairs {
        object.put(name, value.clone());
    }
    let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let found = block(&View::new(&object, Path::root()), &variable);
    let line = |diagnostic: &Diagnostic| {
        let Diagnostic { severity, summary, detail, path, .. } = diagnostic;
        format!("{severity:?} {path}: {summary} {detail}")
    };
    found.iter().map(line).collect()
}

fn expect(pairs: &[(&str, Value)], parts: &[&str]) {
    let found = said(pairs);
    assert_eq!(found.len(), 1, "one message, not {found:?}");
    for part in parts {
        assert!(found[0].contains(part), "{part} is not in {}", found[0]);
    }
}

const NOTHING: [String; 0] = [];

#[test]
fn keys_go_together() {
    expect(&[("access_key", text("A"))], &["Error access_key", "needs `secret_key`", "go together"]);
    expect(&[("secret_key", text("s3cr3t"))], &["Error secret_key", "needs `access_key`", "go together"]);
    expect(&[("token", text("t"))], &["Error token: `token` needs `access_key`"]);
    assert_eq!(said(&[("access_key", text("A")), ("secret_key", text("s")), ("token", text("t"))]), NOTHING);
    assert_eq!(said(&[("access_key", Value::Unknown), ("secret_key", text("s"))]), NOTHING);
}

#[test]
fn regions_are_looked_at() {
    expect(&[("region", text("eu-cental-1"))], &["Error region: invalid value", "Did you mean \"eu-central-1\"?"]);
    expect(&[("sts_region", text("us-esat-1"))], &["Error sts_region", "us-east-1"]);
    expect(&[("region", text("eu-central-7"))], &["Warning region", "is not known to this version"]);
    assert_eq!(said(&[("region", text("moon-1")), ("skip_region_validation", Value::Bool(true))]), NOTHING);
    assert_eq!(said(&[("region", text("moon-1")), ("skip_region_validation", Value::Unknown)]), NOTHING);
    assert_eq!(said(&[("region", Value::Unknown)]), NOTHING);
}

#[test]
fn accounts_are_looked_at_as_far_as_nothing_need_be_asked() {
    let (one, other) = (texts(&["111122223333"]), texts(&["444455556666"]));
    let lists = [("allowed_account_ids", one.clone()), ("forbidden_account_ids", other.clone())];
    expect(&lists, &["Error forbidden_account_ids", "exclude each other"]);
    let role = |account: &str| value(&[("role_arn", text(&format!("arn:aws:iam::{account}:role/r")))]);
    let first = role("444455556666");
    let roles = |last: &str| blocks(&[first.clone(), role(last)]);
    assert_eq!(said(&[("assume_role", roles("111122223333")), ("allowed_account_ids", one.clone())]), NOTHING);
    expect(
        &[("assume_role", roles("444455556666")), ("allowed_account_ids", one)],
        &["Error assume_role[1].role_arn", "444455556666", "`allowed_account_ids`", "Allowed: 111122223333."],
    );
    expect(
        &[("assume_role", roles("444455556666")), ("forbidden_account_ids", other)],
        &["Error assume_role[1].role_arn", "`forbidden_account_ids` forbids"],
    );
}

#[test]
fn a_role_is_named() {
    expect(&[("assume_role", blocks(&[value(&[])]))], &["Warning assume_role[0]", "No role is assumed"]);
    let named = value(&[("session_name", text("x1"))]);
    expect(&[("assume_role", blocks(&[named]))], &["Error assume_role[0].role_arn", "set `role_arn`"]);
    assert_eq!(said(&[("assume_role", blocks(&[value(&[("role_arn", Value::Unknown)])]))]), NOTHING);
    let tagged = value(&[
        ("role_arn", text("arn:aws:iam::111122223333:role/r")),
        ("tags", value(&[("team", text("security"))])),
        ("transitive_tag_keys", texts(&["team", "stage"])),
    ]);
    let parts = ["Error assume_role[0].transitive_tag_keys", "\"stage\" is not a key of `tags`"];
    expect(&[("assume_role", blocks(&[tagged]))], &parts);
}

#[test]
fn a_web_identity_has_a_role_and_one_token() {
    let of = |pairs: &[(&str, Value)]| [("assume_role_with_web_identity", blocks(&[value(pairs)]))];
    let role = ("role_arn", text("arn:aws:iam::111122223333:role/r"));
    let place = "Error assume_role_with_web_identity[0]";
    expect(&of(std::slice::from_ref(&role)), &[place, "has no token"]);
    expect(&of(&[("web_identity_token", text("t"))]), &[place, "names no role"]);
    let (token, file) = (("web_identity_token", text("t")), ("web_identity_token_file", text("f")));
    expect(&of(&[role.clone(), token, file.clone()]), &[place, ".web_identity_token_file", "exclude each other"]);
    assert_eq!(said(&of(&[role, file])), NOTHING);
    let variables = [("AWS_ROLE_ARN", "arn"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "f")];
    assert_eq!(said_with(&of(&[]), &variables), NOTHING, "the environment has the rest");
}

#[test]
fn an_endpoint_is_named_once() {
    let block = |pairs: &[(&str, &str)]| {
        let mut block = crate::provider::block::ServiceEndpoints::object().empty();
        for (name, url) in pairs {
            block.put(name, text(url));
        }
        block
    };
    let (one, other) = ("http://127.0.0.1:4566", "http://127.0.0.1:1");
    let endpoints = |blocks: &[Value]| [("endpoints", Value::set(blocks.iter().cloned()))];
    let expect_two = |blocks: &[Value], parts: &[&str]| expect(&endpoints(blocks), parts);
    assert_eq!(said(&endpoints(&[block(&[("ecs", one)]), block(&[("sts", one), ("s3", "")])])), NOTHING);
    let parts = ["Error endpoints[*].sts: the endpoint of `sts` is named twice", one, other];
    expect_two(&[block(&[("ecs", one), ("sts", other)]), block(&[("sts", one)])], &parts);
    let parts = [".stepfunctions: the endpoint of `sfn` is named twice", "`sfn` is \"http://127.0.0.1:4566\", and"];
    expect_two(&[block(&[("sfn", one), ("stepfunctions", other)])], &parts);
    let events = ["events", "eventbridge", "cloudwatchevents"].map(|name| (name, one));
    assert_eq!(said(&endpoints(&[block(&events)])), NOTHING, "one endpoint under all its names");
    expect_two(&[block(&events), block(&[("cloudwatchevents", other)])], &["the endpoint of `events`"]);
    let secret = block(&[("events", "http://person:pAs/sW@oRd@h/path"), ("eventbridge", one)]);
    let parts = ["`eventbridge` is \"http://127.0.0.1:4566\", and `events` is \"http://h/path\"."];
    expect_two(&[secret], &parts);
}

#[test]
fn a_service_has_the_endpoint_of_each_of_its_names() {
    use crate::provider::block::ServiceEndpoints;

    let own = |name| ServiceEndpoints::OTHER_NAMES.iter().any(|(_, own)| own.name() == name);
    for (other, service) in ServiceEndpoints::OTHER_NAMES {
        assert!(!own(other.name()), "{} leads to another", other.name());
        let (mut config, mut block) = (Config::object().empty(), ServiceEndpoints::object().empty());
        block.put(other.name(), text("http://127.0.0.1:4566"));
        config.put("endpoints", Value::set([block]));
        let found = endpoints::by_service(&View::new(&config, Path::root()));
        assert_eq!(found, [(service.name().to_owned(), "http://127.0.0.1:4566".to_owned())].into());
    }
}

#[test]
fn single_values_are_looked_at() {
    assert_eq!((proxy(""), proxy("http://me:pw@proxy:3128")), (Ok(()), Ok(())));
    assert!(proxy("proxy:3128").is_err() && !proxy("me:pw@proxy").unwrap_err().contains("pw"));
    assert!(accounts(&Set(vec!["1234".to_owned()])).is_err());
    assert!(policies(&Set(vec!["arn:aws:s3:::b".to_owned()])).is_err());
    let seconds = |count| session_duration(&Duration::from_secs(count));
    assert!(seconds(899).is_err() && seconds(900).is_ok() && seconds(43_200).is_ok() && seconds(43_201).is_err());
    assert!(json("{}").is_ok() && json("[]").is_err() && json("{").is_err());
}
