//! What is wrong with the block is told once, before anything is called.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use tfplugin::testing::cli::{Output, unwrapped};

use super::{DETECTOR, filter};
use crate::harness::{Project, for_each_cli, one_cli};

const APPLY: &[&str] = &["apply", "-auto-approve"];

fn refused(project: &Project, body: &str, texts: &[&str]) {
    project.write(&format!("provider \"guardduty\" {{\n{body}\n}}\n{DETECTOR}"));
    project.run(&["plan"]).expect_failure(texts).expect_one_error();
    assert_eq!(project.calls(), Vec::<String>::new());
}

#[test]
fn a_wrong_region_profile_endpoint_or_account_gets_one_message() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        refused(&project, " region = \"eu-cental-1\"", &["is not an AWS region", "Did you mean \"eu-central-1\"?"]);
        let profile = " profile = \"securty\"\n shared_config_files = [\"/nowhere/config\"]";
        refused(&project, profile, &["there is no AWS profile \"securty\"", "/nowhere/config", "on main.tf line"]);
        let endpoint = " endpoints {\n  guardduty = \"localhost:4566\"\n }";
        refused(&project, endpoint, &["\"localhost:4566\" is not the URL of an endpoint"]);
        // The CLIs know the names of `endpoints`, and say themselves that they know no other.
        let endpoint = " endpoints {\n  ec22 = \"http://127.0.0.1:1\"\n }";
        refused(&project, endpoint, &["An argument named \"ec22\" is not expected here", "on main.tf line"]);
        let endpoint = " endpoints {\n  sfn = \"http://127.0.0.1:1\"\n  stepfunctions = \"http://127.0.0.1:2\"\n }";
        let told = ["the endpoint of `sfn` is named twice: name it once", "`stepfunctions` is \"http://127.0.0.1:2\""];
        refused(&project, endpoint, &told);
        refused(&project, " allowed_account_ids = [\"1234\"]", &["\"1234\" is not an AWS account id: 12 digits"]);
    });
}

#[test]
fn each_part_of_the_block_is_looked_at() {
    let project = Project::new(&one_cli());
    let role =
        |body: &str| format!(" assume_role {{\n  role_arn = \"arn:aws:iam::111122223333:role/r\"\n  {body}\n }}");
    for (body, text) in [
        (" access_key = \"A\"".to_owned(), "`access_key` needs `secret_key`"),
        (" skip_metadata_api_check = \"perhaps\"".to_owned(), "\"perhaps\" is neither \"true\" nor \"false\"."),
        (" ec2_metadata_service_endpoint = \"x\"".to_owned(), "\"x\" is not the URL of an endpoint"),
        (" ec2_metadata_service_endpoint_mode = \"IPv5\"".to_owned(), "neither \"IPv4\" nor \"IPv6\""),
        (" user_agent = [\"ü/1\"]".to_owned(), "can't be sent in a header"),
        (" sts_region = \"frankfurt\"".to_owned(), "\"frankfurt\" is not an AWS region"),
        (" retry_mode = \"wild\"".to_owned(), "Allowed: \"standard\", \"adaptive\""),
        (" max_retries = 101".to_owned(), "101 is not from 0 to 100"),
        (" max_retries = 1e3000".to_owned(), "It must be a whole number of 64 bits."),
        (" http_proxy = \"proxy:3128\"".to_owned(), "It must be a URL such as"),
        (" custom_ca_bundle = \"/nowhere/ca.pem\"".to_owned(), "/nowhere/ca.pem is unusable"),
        (role("duration = \"10m\""), "It must be from \"15m\" to \"12h\""),
        (role("").replace("1111", ""), "\"22223333\" in \"arn:aws:iam::22223333:role/r\" is not an AWS account id"),
        (role("").replace(":role/", ":user/"), "is not that of a role"),
        (role("policy = \"{\""), "It must be a policy as JSON"),
        (role("policy_arns = [\"ReadOnlyAccess\"]"), "\"ReadOnlyAccess\" is not an ARN"),
        (role("session_name = \"a b\""), "' ' is not allowed"),
        (role("transitive_tag_keys = [\"team\"]\n  tags = {}"), "\"team\" is not a key of `tags`"),
        (" assume_role {\n  session_name = \"pipeline\"\n }".to_owned(), "set `role_arn`"),
        (" default_tags {\n  tags = { \"aws:x\" = \"y\" }\n }".to_owned(), "are reserved for AWS"),
    ] {
        refused(&project, &body, &[text]);
    }
}

#[test]
fn the_environment_is_looked_at_too() {
    let project = Project::new(&one_cli());
    // Without a block the CLI adds a complaint of its own.
    project.write(&format!("provider \"guardduty\" {{\n}}\n{DETECTOR}"));
    for (name, value, text) in [
        ("AWS_REGION", "eu-cental-1", "It comes from AWS_REGION."),
        ("AWS_ENDPOINT_URL", "localhost:4566", "AWS_ENDPOINT_URL is unusable"),
        ("AWS_ENDPOINT_URL_GUARDDUTY", "http://", "AWS_ENDPOINT_URL_GUARDDUTY is unusable"),
        ("AWS_ENDPOINT_URL_STS", "http://me:pAsSwOrD@sts", "AWS_ENDPOINT_URL_STS is unusable"),
        ("AWS_MAX_ATTEMPTS", "0", "AWS_MAX_ATTEMPTS is unusable"),
        ("AWS_RETRY_MODE", "wild", "\"wild\" is neither"),
        ("AWS_USE_FIPS_ENDPOINT", "maybe", "AWS_USE_FIPS_ENDPOINT is unusable"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "maybe", "\"maybe\" is neither \"true\" nor \"false\""),
        ("AWS_CA_BUNDLE", "/nowhere/ca.pem", "/nowhere/ca.pem is unusable"),
        ("HTTPS_PROXY", "ftp://me:pAsSwOrD@proxy", "HTTPS_PROXY: It must be a URL such as"),
    ] {
        let output = project.run_with(&["plan"], &[(name, Some(value))]).expect_failure(&[text]).expect_one_error();
        assert!(!output.text.contains("pAsSwOrD"));
    }
    let keyless = [("AWS_ACCESS_KEY_ID", None), ("AWS_PROFILE", Some("nobody"))];
    project.run_with(&["plan"], &keyless).expect_failure(&["there is no AWS profile \"nobody\""]).expect_one_error();
}

/// Three resources, none of which can be made.
fn three_filters() -> String {
    let filter = |name: &str| {
        filter("12abc34d567e8fa901bc2d34e56789f0", "")
            .replace("\"test\"", &format!("\"{name}\""))
            .replace("ecs-high", &format!("ecs-{name}"))
    };
    ["a", "b", "c"].map(filter).join("\n")
}

/// What is wrong with all of three resources, each of which the CLI wants an error of, is told in full once.
fn told_once(output: Output, texts: &[&str], brief: &str) {
    let output = output.expect_failure(texts).expect_texts(&[brief]);
    let count = |text: &str| unwrapped(&output.text).matches(&unwrapped(text)).count();
    assert_eq!(count("Error: cannot create GuardDuty filter"), 3, "{}", output.text);
    for text in texts {
        assert_eq!(count(text), 1, "{text:?} is told more than once:\n{}", output.text);
    }
    assert_eq!(count(&format!("{brief}. Another of these errors tells what to do.")), 2, "{}", output.text);
}

#[test]
fn what_only_a_call_can_tell_is_told_once_for_all_resources() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let empty = project.folder().join("empty");
        std::fs::write(&empty, "").unwrap();
        let empty = empty.display().to_string();
        project.write(&format!("provider \"guardduty\" {{\n}}\n{}", three_filters()));
        let nobody = [
            ("AWS_ACCESS_KEY_ID", None),
            ("AWS_CONFIG_FILE", Some(empty.as_str())),
            ("AWS_SHARED_CREDENTIALS_FILE", Some(empty.as_str())),
        ];
        let told = ["there are no AWS credentials in the provider block", "Set `profile` in the provider block"];
        told_once(project.run_with(APPLY, &nobody), &told, "there are no AWS credentials");

        let dead = |service: &str, more: &str| {
            project.write(&format!(
                "provider \"guardduty\" {{\n max_retries = 0\n{more} endpoints {{\n  {service} = \
                 \"http://127.0.0.1:1\"\n }}\n}}\n{}",
                three_filters()
            ));
            project.run(APPLY)
        };
        let told = ["http://127.0.0.1:1: Connection refused", "check `endpoints { guardduty = ... }`"];
        told_once(dead("guardduty", ""), &told, "guardduty can't be reached at http://127.0.0.1:1");
        let role = " assume_role {\n  role_arn = \"arn:aws:iam::111122223333:role/r\"\n }\n";
        let told = ["http://127.0.0.1:1: Connection refused", "check `endpoints { sts = ... }`"];
        told_once(dead("sts", role), &told, "sts can't be reached at http://127.0.0.1:1");

        let other = project.other_account();
        let block = format!("provider \"guardduty\" {{\n allowed_account_ids = [\"{other}\"]\n}}\n");
        project.write(&format!("{block}{}", three_filters()));
        let told = format!("Nothing was sent to it. Allowed: {other}.");
        told_once(project.run(APPLY), &[&told], "which `allowed_account_ids` doesn't allow");
    });
}

/// A web server, which has a page for everybody.
fn web_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 8192]);
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/html\r\ncontent-length: 7\r\n\r\n";
            let _ = stream.write_all(format!("{head}<html/>").as_bytes());
        }
    });
    url
}

#[test]
fn an_endpoint_that_is_somebody_else_s_is_told_once() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let url = web_server();
        project.write(&format!(
            "provider \"guardduty\" {{\n endpoints {{\n  guardduty = \"{url}\"\n }}\n}}\n{}",
            three_filters()
        ));
        let told = [": HTTP 200, text/html", "check `endpoints { guardduty = ... }`"];
        told_once(project.run(APPLY), &told, &format!("what answers at {url} is not guardduty"));
    });
}

#[test]
fn a_block_without_a_role_and_a_region_that_is_new_are_warned_of() {
    let project = Project::new(&one_cli());
    project
        .write(&format!("provider \"guardduty\" {{\n assume_role {{\n }}\n region = \"eu-central-7\"\n}}\n{DETECTOR}"));
    let output = project.run(&["plan"]).expect_success();
    output.expect_texts(&["`assume_role` names no role", "\"eu-central-7\" is not known to this version"]);
}

#[test]
fn a_region_of_any_name_passes_where_that_is_asked_for() {
    let project = Project::new(&one_cli());
    let anywhere = "provider \"guardduty\" {\n region = \"moon-1\"\n skip_region_validation = true\n}\n";
    // LocalStack takes all that it doesn't know for one region, so there is one detector, with a region of its own.
    let detector = DETECTOR.replace("{\n", "{\n region = \"moon-2\"\n");
    let output = project.apply(&format!("{anywhere}{detector}"));
    assert!(!output.text.contains("is not known to this version"), "{}", output.text);
    let arn = project.attribute("guardduty_detector.test", "arn");
    assert!(arn.as_str().unwrap().starts_with("arn:aws:guardduty:moon-2:"), "{arn}");
    project.destroy();
}
