//! Roles: assumed one with the other, or with a web identity; and that AWS STS is asked for all that the block says.

use std::fs;

use serde_json::{Value as Json, json};

use super::who::{NO_KEYS, has_detector};
use super::{DETECTOR, provider};
use crate::harness::{Project, for_each_cli};

/// A token of OpenID Connect: {"alg":"none"}, {"sub":"pipeline","aud":"sts"}, no signature.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwaXBlbGluZSIsImF1ZCI6InN0cyJ9.c2ln";

/// What narrows a role, in the block and in a request.
const NARROW: &str = "  duration = \"30m\"\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [] })\n  \
                      policy_arns = [\"arn:aws:iam::aws:policy/SecurityAudit\"]\n";

fn narrow() -> Json {
    json!({
        "DurationSeconds": 1800,
        "Policy": "{\"Statement\":[],\"Version\":\"2012-10-17\"}",
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/SecurityAudit"}],
    })
}

/// Demands that the request has all of `parameters`, and no others but the role and its session's name.
fn expect_request(call: &Json, mut parameters: Json) {
    for name in ["RoleArn", "RoleSessionName"] {
        if parameters[name].is_null() {
            parameters[name] = call["parameters"][name].clone();
        }
    }
    assert_eq!(call["parameters"], parameters);
}

#[test]
fn roles_are_assumed_one_with_the_other() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (first, second) = (project.other_account(), project.other_account());
        let [hub, spoke] =
            [(&first, "hub"), (&second, "spoke")].map(|(id, name)| format!("arn:aws:iam::{id}:role/{name}"));
        let block = provider(&format!(
            " assume_role {{\n  role_arn = \"{hub}\"\n  external_id = \"ticket-7\"\n  session_name = \"pipeline\"\n  \
             source_identity = \"somebody\"\n  tags = {{ team = \"security\", stage = \"test\" }}\n  \
             transitive_tag_keys = [\"team\"]\n{NARROW} }}\n assume_role {{\n  role_arn = \"{spoke}\"\n }}\n \
             allowed_account_ids = [\"{second}\"]\n sts_region = \"eu-west-1\""
        ));
        project.apply(&format!("{block}{DETECTOR}"));
        assert!(has_detector(&project, &second), "{:?}", project.calls_of(&second));
        assert!(!has_detector(&project, &first) && !has_detector(&project, &project.account));
        assert!(project.calls().iter().all(|call| call == "sts:AssumeRole"), "{:?}", project.calls());
        assert!(project.calls_of(&first).contains(&"sts:AssumeRole".to_owned()), "{:?}", project.calls_of(&first));
        let arn = project.attribute("guardduty_detector.test", "arn");
        assert!(arn.as_str().unwrap().starts_with(&format!("arn:aws:guardduty:us-east-1:{second}:")), "{arn}");

        let (hub, spoke) = (project.asked_of_sts(&hub), project.asked_of_sts(&spoke));
        let mut all = narrow();
        for (name, value) in [
            ("RoleSessionName", json!("pipeline")),
            ("ExternalId", json!("ticket-7")),
            ("SourceIdentity", json!("somebody")),
            ("Tags", json!([{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "security"}])),
            ("TransitiveTagKeys", json!(["team"])),
        ] {
            all[name] = value;
        }
        expect_request(&hub[0], all);
        expect_request(&spoke[0], json!({}));
        assert_eq!([&hub[0]["region"], &spoke[0]["region"]], ["eu-west-1"; 2], "not that of the resources");
        project.destroy();
    });
}

#[test]
fn roles_are_assumed_with_that_of_a_web_identity() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let accounts = ["web", "hub", "spoke"].map(|name| (project.other_account(), name));
        let [web, hub, spoke] = accounts.each_ref().map(|(id, name)| format!("arn:aws:iam::{id}:role/{name}"));
        let [(first, _), (second, _), (third, _)] = &accounts;
        let block = provider(&format!(
            " assume_role_with_web_identity {{\n  role_arn = \"{web}\"\n  web_identity_token = \"{TOKEN}\"\n }}\n \
             assume_role {{\n  role_arn = \"{hub}\"\n }}\n assume_role {{\n  role_arn = \"{spoke}\"\n }}\n \
             allowed_account_ids = [\"{third}\"]"
        ));
        project.write(&format!("{block}{DETECTOR}"));
        // Keys of the environment are passed over where there are any.
        project.run(&["apply", "-auto-approve"]).expect_success();
        assert!(has_detector(&project, third), "{:?}", project.calls_of(third));
        let arn = project.attribute("guardduty_detector.test", "arn");
        assert!(arn.as_str().unwrap().starts_with(&format!("arn:aws:guardduty:us-east-1:{third}:")), "{arn}");
        project.run_with(&["destroy", "-auto-approve"], &NO_KEYS).expect_success();

        assert_eq!(project.calls(), Vec::<String>::new());
        let calls = project.asked_of_sts(&web);
        assert_ne!(calls.len(), 0);
        assert!(calls.iter().all(|call| call["operation"] == "AssumeRoleWithWebIdentity"), "{calls:?}");
        for (role, caller) in [(&hub, first), (&spoke, second)] {
            let calls = project.asked_of_sts(role);
            assert_ne!(calls.len(), 0, "{role}");
            let is_theirs = |call: &Json| call["operation"] == "AssumeRole" && call["account"] == caller.as_str();
            assert!(calls.iter().all(is_theirs), "{role}: {calls:?}");
            let made = project.calls_of(caller);
            assert!(made.iter().all(|call| call == "sts:AssumeRole"), "{made:?}");
        }
    });
}

#[test]
fn a_web_identity_needs_no_keys() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = project.other_account();
        let role = format!("arn:aws:iam::{account}:role/pipeline");
        let token = project.folder().join("token").display().to_string();
        fs::write(&token, format!("{TOKEN}\n")).unwrap();
        let run = |command: &[&str], body: &str, variables: &[(&str, Option<&str>)]| {
            let identity = format!(" assume_role_with_web_identity {{\n  role_arn = \"{role}\"\n{body} }}");
            project.write(&format!("{}{DETECTOR}", provider(&identity)));
            let before = project.asked_of_sts(&role).len();
            project.run_with(command, &[&NO_KEYS, variables].concat()).expect_success();
            project.asked_of_sts(&role).remove(before)
        };
        let inline = format!("  web_identity_token = \"{TOKEN}\"\n  session_name = \"pipeline\"\n{NARROW}");
        let call = run(&["apply", "-auto-approve"], &inline, &[]);
        assert!(has_detector(&project, &account), "{:?}", project.calls_of(&account));
        assert_eq!(call["operation"], "AssumeRoleWithWebIdentity");
        let mut all = narrow();
        (all["RoleSessionName"], all["WebIdentityToken"]) = (json!("pipeline"), json!(TOKEN));
        expect_request(&call, all);

        let file = format!("  web_identity_token_file = {token:?}\n");
        expect_request(&run(&["plan"], &file, &[]), json!({"WebIdentityToken": TOKEN}));
        let variables =
            [("AWS_WEB_IDENTITY_TOKEN_FILE", Some(token.as_str())), ("AWS_ROLE_SESSION_NAME", Some("of-environment"))];
        let call = run(&["destroy", "-auto-approve"], "", &variables);
        expect_request(&call, json!({"WebIdentityToken": TOKEN, "RoleSessionName": "of-environment"}));
    });
}
