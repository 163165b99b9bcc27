//! Who makes the calls: profiles and keys; and which accounts may be used. Roles are in `roles`.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use super::{DETECTOR, REGION, filter, provider};
use crate::harness::{Project, block_on, for_each_cli, one_cli};

/// The project's environment without keys.
pub const NO_KEYS: [(&str, Option<&str>); 2] = [("AWS_ACCESS_KEY_ID", None), ("AWS_SECRET_ACCESS_KEY", None)];

pub fn has_detector(project: &Project, account: &str) -> bool {
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
        project.expect_attribute("guardduty_detector.test", "region", "eu-west-1");
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
    project.expect_attribute("guardduty_detector.test", "region", "eu-west-1");
    project.run_with(&["destroy", "-auto-approve"], &variables).expect_success();
}

/// Makes a detector, and deletes it, with the profile `security` of the file `config`: as the block's, beside keys of the
/// environment, and as the environment's. `account` must do it both times, and the keys of the environment nothing.
fn expect_profile(project: &Project, config: &str, account: &str) {
    project.write_file("config", config);
    project.write_file("credentials", "");
    let [config, credentials] = ["config", "credentials"].map(|name| project.folder().join(name).display().to_string());
    let files =
        [("AWS_CONFIG_FILE", Some(config.as_str())), ("AWS_SHARED_CREDENTIALS_FILE", Some(credentials.as_str()))];
    let of_environment = [&NO_KEYS[..], &files, &[("AWS_PROFILE", Some("security"))]].concat();
    let ways = [(provider(" profile = \"security\""), files.to_vec()), (String::new(), of_environment)];
    for (at, (block, variables)) in ways.iter().enumerate() {
        project.write(&format!("{block}{DETECTOR}"));
        project.run_with(&["apply", "-auto-approve"], variables).expect_success();
        let arn = project.attribute("guardduty_detector.test", "arn");
        assert!(arn.as_str().unwrap().starts_with(&format!("arn:aws:guardduty:us-east-1:{account}:")), "{arn}");
        project.run_with(&["destroy", "-auto-approve"], variables).expect_success();
        let calls = project.calls_of(account);
        for call in ["guardduty:CreateDetector", "guardduty:DeleteDetector"] {
            assert_eq!(calls.iter().filter(|made| *made == call).count(), at + 1, "{call}: {calls:?}");
        }
    }
    assert_eq!(project.calls(), Vec::<String>::new(), "the keys of the environment were not used");
}

#[test]
fn a_profile_may_have_its_keys_from_a_command() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = project.other_account();
        let keys = json!({"Version": 1, "AccessKeyId": account, "SecretAccessKey": "test"});
        project.write_file("keys.json", &keys.to_string());
        let file = project.folder().join("keys.json");
        let config = format!("[profile security]\ncredential_process = cat {}\n", file.display());
        expect_profile(&project, &config, &account);
        let made = project.calls_of(&account);
        assert!(made.contains(&"sts:GetCallerIdentity".to_owned()), "{made:?}");
    });
}

#[test]
fn a_profile_may_assume_a_role_with_another() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (base, account) = (project.other_account(), project.other_account());
        let role = format!("arn:aws:iam::{account}:role/hub");
        let config = format!(
            "[profile base]\naws_access_key_id = {base}\naws_secret_access_key = test\n[profile security]\n\
             role_arn = {role}\nsource_profile = base\nrole_session_name = pipeline\nexternal_id = ticket-7\n"
        );
        expect_profile(&project, &config, &account);
        let calls = project.asked_of_sts(&role);
        assert_ne!(calls.len(), 0);
        for call in calls {
            assert_eq!([&call["operation"], &call["account"]], ["AssumeRole", base.as_str()]);
            let said = json!({"RoleArn": role, "RoleSessionName": "pipeline", "ExternalId": "ticket-7"});
            assert_eq!(call["parameters"], said);
        }
        let made = project.calls_of(&base);
        assert!(made.iter().all(|call| call == "sts:AssumeRole"), "the profile it starts from does no more: {made:?}");
    });
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

/// What an EC2 instance tells of itself: a token, and for it its region. Each request is counted.
fn machine() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, asked) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, Ordering::Relaxed);
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).unwrap_or(0);
            let is_for_token = bytes[..length].starts_with(b"PUT");
            let text = if is_for_token { "token-of-the-machine" } else { "eu-north-1" };
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600";
            let _ = stream.write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len()).as_bytes());
        }
    });
    (url, asked)
}

#[test]
fn the_machine_is_asked_for_its_region_only_where_a_resource_needs_it() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (url, asked) = machine();
        project.write_file("empty", "");
        let empty = project.folder().join("empty").display().to_string();
        let alone = [
            ("AWS_REGION", None),
            ("AWS_ACCESS_KEY_ID", None),
            ("AWS_SECRET_ACCESS_KEY", None),
            ("AWS_CONFIG_FILE", Some(empty.as_str())),
            ("AWS_SHARED_CREDENTIALS_FILE", Some(empty.as_str())),
            ("AWS_EC2_METADATA_DISABLED", None),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", Some(url.as_str())),
        ];
        project.write(&format!("{}{}", provider(""), DETECTOR.replace("{\n", "{\n region = \"eu-west-1\"\n")));
        project.run_with(&["plan"], &alone).expect_success();
        assert_eq!(asked.load(Ordering::Relaxed), 0, "nothing needs it");
        project.write(&format!("{}{DETECTOR}", provider("")));
        project.run_with(&["plan"], &alone).expect_success().expect_texts(&["\"eu-north-1\""]);
        assert_ne!(asked.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn what_is_empty_is_left_out() {
    let project = Project::new(&one_cli());
    let empty = ["region", "profile", "access_key", "secret_key", "token", "sts_region"]
        .map(|name| format!(" {name} = \"\"\n"));
    let block = provider(&format!("{} assume_role {{\n  role_arn = \"\"\n }}", empty.concat()));
    project.write(&format!("{block}{DETECTOR}"));
    let variables = ["AWS_PROFILE", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_USE_FIPS_ENDPOINT", "AWS_CA_BUNDLE"];
    let output =
        project.run_with(&["apply", "-auto-approve"], &variables.map(|name| (name, Some("")))).expect_success();
    assert!(output.text.contains("`assume_role` names no role"), "{}", output.text);
    assert_eq!(project.attribute("guardduty_detector.test", "region"), REGION);
    project.write(&format!("{}{DETECTOR}", provider("")));
    project.destroy();
}

#[test]
fn a_role_of_a_profile_is_asked_for_where_the_block_says() {
    let project = Project::new(&one_cli());
    project.write_file(
        "config",
        "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n\
         [profile base]\naws_access_key_id = a\naws_secret_access_key = b\n",
    );
    let file = project.folder().join("config").display().to_string();
    let variables = |profile: Option<&'static str>| {
        [
            ("AWS_CONFIG_FILE", Some(file.as_str())),
            ("AWS_PROFILE", profile),
            ("AWS_ACCESS_KEY_ID", None),
            ("AWS_ENDPOINT_URL", None),
            ("HTTPS_PROXY", Some("http://127.0.0.1:9")),
        ]
    };
    for (body, profile) in [(" profile = \"role\"\n", None), ("", Some("role"))] {
        let block = provider(&format!("{body} sts_region = \"us-west-2\"\n max_retries = 0"));
        project.write(&format!("{block}{DETECTOR}"));
        project.run_with(&["apply", "-auto-approve"], &variables(profile)).expect_failure(&[
            "sts can't be reached at https://sts.us-west-2.amazonaws.com (proxy: http://127.0.0.1:9)",
            "Check `http_proxy`, `https_proxy` and `no_proxy`",
        ]);
    }
}

#[test]
fn a_plan_without_a_region_is_refused_in_full_once() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let two = format!("{DETECTOR}{}", DETECTOR.replace("\"test\"", "\"other\""));
        let read = "data \"guardduty_detector\" \"test\" {\n}\n";
        project.write(&format!("{}{two}{read}", provider("")));
        let output = project.run_with(&["plan"], &[("AWS_REGION", None)]).expect_failure(&["no AWS region is known"]);
        let count = |text: &str| output.text.matches(text).count();
        assert_eq!(count("Error: no AWS region is known"), 3, "{}", output.text);
        assert_eq!(count("Set `region` in the provider block"), 1, "{}", output.text);
        assert_eq!(count("Another of these errors tells what to do."), 2, "{}", output.text);
        assert_eq!(project.calls(), Vec::<String>::new());
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

    // Where the account is needed and nobody says it, the argument is named.
    let rule = "resource \"guardduty_finding_rule\" \"test\" {\n name = \"alert\"\n match = {}\n targets = { t = { arn = \
                \"arn:aws:sns:us-east-1:111122223333:t\" } }\n}\n";
    let told =
        ["the AWS account is not known", "`skip_requesting_account_id` of the provider block", "set it to `false`"];
    project.expect_refused(&format!("{block}{rule}"), &told);
}

/// The account that tags need is the one of the detector's role.
#[test]
fn an_account_that_is_not_asked_for_is_told_by_the_detector() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let hidden = provider(" skip_requesting_account_id = true");
        let things = |tags: &str| {
            format!(
                "{hidden}resource \"guardduty_detector\" \"test\" {{\n tags = {{ {tags} }}\n}}\n\
                 resource \"guardduty_detector_feature\" \"test\" {{\n detector_id = guardduty_detector.test.id\n \
                 name = \"S3_DATA_EVENTS\"\n status = \"DISABLED\"\n}}\n\
                 resource \"guardduty_ecs_runtime_monitoring\" \"test\" {{\n detector_id = guardduty_detector.test.id\n}}\n"
            )
        };
        project.apply(&things(""));
        let arn = project.attribute("guardduty_detector.test", "arn");
        assert!(arn.as_str().unwrap().starts_with("arn:aws:guardduty:us-east-1::detector/"), "{arn}");
        project.apply(&things("team = \"security\""));
        project.expect_no_changes();
        project.destroy();
        let calls = project.calls();
        assert!(!calls.iter().any(|call| call.starts_with("sts:")), "{calls:?}");
        assert!(calls.contains(&"guardduty:UntagResource".to_owned()), "{calls:?}");
    });
}

#[test]
fn what_the_state_knows_the_account_of_is_destroyed_without_asking() {
    let project = Project::new(&one_cli());
    let sns = aws_sdk_sns::Client::new(&project.sdk(REGION));
    let topic = block_on(sns.create_topic().name("alerts").send()).unwrap().topic_arn.unwrap();
    let things = format!(
        "resource \"guardduty_finding_rule\" \"test\" {{\n name = \"alert\"\n match = {{}}\n targets = {{ t = {{ arn = \
         \"{topic}\" }} }}\n}}\nresource \"guardduty_ecs_response\" \"test\" {{\n name = \"tell\"\n action = \"notify\"\n \
         match = {{ severity = [\"HIGH\"] }}\n notify_topic_arn = \"{topic}\"\n}}\n"
    );
    project.apply(&things);
    project.write(&format!("{}{things}", provider(" skip_requesting_account_id = true")));
    project.expect_no_changes();
    project.clear_calls();
    project.destroy();
    assert!(!project.calls().iter().any(|call| call.starts_with("sts:")), "{:?}", project.calls());
    assert!(project.calls().contains(&"events:DeleteRule".to_owned()), "{:?}", project.calls());
}

/// Modules pass on what nobody set as an empty text.
#[test]
fn an_empty_region_is_the_providers() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector =
            |region: &str| format!("resource \"guardduty_detector\" \"test\" {{\n region = \"{region}\"\n}}\n");
        project.apply(&detector(""));
        project.run(&["apply", "-refresh-only", "-auto-approve"]).expect_success();
        project.expect_attribute("guardduty_detector.test", "region", REGION);
        let id = project.attribute("guardduty_detector.test", "id").as_str().unwrap().to_owned();
        project.reimport("guardduty_detector.test", &id);
        project.plan(&detector(REGION)).expect_actions("guardduty_detector.test", &["no-op"]);
        project.plan(&detector("eu-west-1")).expect_actions("guardduty_detector.test", &["delete", "create"]);
        project.write(&detector(""));
        project.destroy();
    });
}

#[test]
fn an_import_without_a_region_says_how_to_name_one() {
    let project = Project::new(&one_cli());
    project.write(DETECTOR);
    let output = project.run_with(&["import", "guardduty_detector.test", "12abc"], &[("AWS_REGION", None)]);
    output.expect_failure(&["no AWS region is known", "in its ID: \"12abc@REGION\""]);
}
