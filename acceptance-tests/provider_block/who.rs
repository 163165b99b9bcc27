//! Who makes the calls: profiles, keys, roles one after the other, web identities; and which accounts may be used.

use std::fs;

use super::{DETECTOR, filter, provider};
use crate::harness::{Project, for_each_cli, one_cli};

/// The project's environment without keys.
const NO_KEYS: [(&str, Option<&str>); 2] = [("AWS_ACCESS_KEY_ID", None), ("AWS_SECRET_ACCESS_KEY", None)];

fn has_detector(project: &Project, account: &str) -> bool {
    project.calls_of(account).contains(&"guardduty:CreateDetector".to_owned())
}

/// Writes files of profiles: `security` has keys of `account`.
fn write_profiles(project: &Project, account: &str) -> (String, String) {
    let [config, credentials] = ["config", "credentials"].map(|name| project.folder().join(name));
    fs::write(&config, "[profile security]\nregion = eu-west-1\n").unwrap();
    let keys = format!("[security]\naws_access_key_id = {account}\naws_secret_access_key = test\n");
    fs::write(&credentials, keys).unwrap();
    (config.display().to_string(), credentials.display().to_string())
}

#[test]
fn a_profile_of_files_goes_before_keys_of_the_environment() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = project.other_account();
        let (config, credentials) = write_profiles(&project, &account);
        let block = provider(&format!(
            " profile = \"security\"\n shared_config_files = [\"{config}\"]\n \
             shared_credentials_files = [\"{credentials}\"]"
        ));
        project.write(&format!("{block}{DETECTOR}"));
        project.run_with(&["apply", "-auto-approve"], &[("AWS_REGION", None)]).expect_success();
        assert!(has_detector(&project, &account), "{:?}", project.calls_of(&account));
        assert_eq!(project.calls(), Vec::<String>::new(), "the keys of the environment were not used");
        assert_eq!(project.attribute("guardduty_detector.test", "region"), "eu-west-1");
        project.run_with(&["destroy", "-auto-approve"], &[("AWS_REGION", None)]).expect_success();
    });
}

#[test]
fn the_environment_says_what_the_block_leaves_out() {
    let project = Project::new(&one_cli());
    let account = project.other_account();
    let (config, credentials) = write_profiles(&project, &account);
    project.write(DETECTOR);
    let mut variables = NO_KEYS.to_vec();
    variables.extend([
        ("AWS_PROFILE", Some("security")),
        ("AWS_CONFIG_FILE", Some(config.as_str())),
        ("AWS_SHARED_CREDENTIALS_FILE", Some(credentials.as_str())),
        ("AWS_REGION", None),
    ]);
    project.run_with(&["apply", "-auto-approve"], &variables).expect_success();
    assert!(has_detector(&project, &account));
    assert_eq!(project.attribute("guardduty_detector.test", "region"), "eu-west-1");
    project.run_with(&["destroy", "-auto-approve"], &variables).expect_success();
}

#[test]
fn keys_of_the_block_go_before_everything() {
    let project = Project::new(&one_cli());
    let account = project.other_account();
    let block = provider(&format!(" access_key = \"{account}\"\n secret_key = \"sEcReT\"\n token = \"tOkEn\""));
    let output = project.apply(&format!("{block}{DETECTOR}"));
    assert!(has_detector(&project, &account) && !has_detector(&project, &project.account));
    assert!(!output.text.contains("sEcReT") && !output.text.contains("tOkEn"));
    project.destroy();
}

#[test]
fn roles_are_assumed_one_with_the_other() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (first, second) = (project.other_account(), project.other_account());
        let block = provider(&format!(
            " assume_role {{\n  role_arn = \"arn:aws:iam::{first}:role/hub\"\n  external_id = \"ticket-7\"\n  \
             duration = \"30m\"\n  session_name = \"pipeline\"\n  tags = {{ team = \"security\" }}\n  \
             transitive_tag_keys = [\"team\"]\n }}\n assume_role {{\n  role_arn = \"arn:aws:iam::{second}:role/spoke\"\n }}\n \
             allowed_account_ids = [\"{second}\"]"
        ));
        project.apply(&format!("{block}{DETECTOR}"));
        assert!(has_detector(&project, &second), "{:?}", project.calls_of(&second));
        assert!(!has_detector(&project, &first) && !has_detector(&project, &project.account));
        assert!(project.calls().iter().all(|call| call == "sts:AssumeRole"), "{:?}", project.calls());
        assert!(project.calls_of(&first).contains(&"sts:AssumeRole".to_owned()), "{:?}", project.calls_of(&first));
        let arn = project.attribute("guardduty_detector.test", "arn");
        assert!(arn.as_str().unwrap().contains(&second), "{arn}");
        project.destroy();
    });
}

#[test]
fn a_web_identity_needs_no_keys() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = project.other_account();
        let token = project.folder().join("token");
        // A token of OpenID Connect: {"alg":"none"}, {"sub":"pipeline","aud":"sts"}, no signature.
        fs::write(&token, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwaXBlbGluZSIsImF1ZCI6InN0cyJ9.c2ln\n").unwrap();
        let block = |body: &str| {
            let role = format!("arn:aws:iam::{account}:role/pipeline");
            provider(&format!(" assume_role_with_web_identity {{\n  role_arn = \"{role}\"\n{body} }}"))
        };
        let file = block(&format!("  web_identity_token_file = {token:?}\n  session_name = \"pipeline\"\n"));
        project.write(&format!("{file}{DETECTOR}"));
        project.run_with(&["apply", "-auto-approve"], &NO_KEYS).expect_success();
        assert!(has_detector(&project, &account), "{:?}", project.calls_of(&account));
        project.write(&format!("{}{DETECTOR}", block("")));
        let token = token.display().to_string();
        let mut variables = NO_KEYS.to_vec();
        variables.push(("AWS_WEB_IDENTITY_TOKEN_FILE", Some(token.as_str())));
        project.run_with(&["destroy", "-auto-approve"], &variables).expect_success();
    });
}

#[test]
fn an_account_that_is_not_meant_is_left_alone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (own, other) = (project.account.clone(), project.other_account());
        let block = provider(&format!(" allowed_account_ids = [\"{other}\"]"));
        project.write(&format!("{block}{DETECTOR}"));
        let text = format!("belong to the AWS account {own}, which `allowed_account_ids` doesn't allow");
        let told = [text.as_str(), "Nothing was sent to it"];
        project.run(&["apply", "-auto-approve"]).expect_failure(&told).expect_one_error();
        let block = provider(&format!(" forbidden_account_ids = [\"{own}\"]"));
        project.write(&format!("{block}{DETECTOR}"));
        let told = ["`forbidden_account_ids` forbids"];
        project.run(&["apply", "-auto-approve"]).expect_failure(&told).expect_one_error();
        assert!(project.calls().iter().all(|call| call == "sts:GetCallerIdentity"), "{:?}", project.calls());

        // The account of a role is known without a call.
        let role = format!(" assume_role {{\n  role_arn = \"arn:aws:iam::{other}:role/r\"\n }}\n");
        let block = provider(&format!("{role} allowed_account_ids = [\"{own}\"]"));
        project.clear_calls();
        project.write(&format!("{block}{DETECTOR}"));
        let told = ["role_arn = ", &format!("Allowed: {own}.")];
        project.run(&["plan"]).expect_failure(&told).expect_one_error();
        assert_eq!(project.calls(), Vec::<String>::new());

        let block = provider(&format!(" allowed_account_ids = [\"{own}\", \"{other}\"]"));
        project.apply(&format!("{block}{DETECTOR}"));
        project.destroy();
    });
}

#[test]
fn a_plan_that_reads_nothing_makes_no_call() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let other = project.other_account();
        let block = provider(&format!(
            " assume_role {{\n  role_arn = \"arn:aws:iam::{other}:role/r\"\n }}\n allowed_account_ids = [\"{other}\"]\n \
             max_retries = 0"
        ));
        let detector = "0123456789abcdef0123456789abcdef";
        project.plan(&format!("{block}{DETECTOR}{}", filter(detector, "").replace("\"test\"", "\"new\"")));
        assert_eq!(project.calls(), Vec::<String>::new());
        assert_eq!(project.calls_of(&other), Vec::<String>::new());
    });
}

#[test]
fn nobody_is_asked_for_the_account_if_that_is_skipped() {
    let project = Project::new(&one_cli());
    let block = provider(" skip_requesting_account_id = true\n skip_credentials_validation = true");
    project.apply(&format!("{block}{DETECTOR}"));
    let arn = project.attribute("guardduty_detector.test", "arn");
    assert!(arn.as_str().unwrap().starts_with("arn:aws:guardduty:us-east-1::detector/"), "{arn}");
    assert!(!project.calls().iter().any(|call| call.starts_with("sts:")), "{:?}", project.calls());
    project.destroy();
}
