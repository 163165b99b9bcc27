//! Which way calls take: endpoints of one's own, proxies, retries.

use serde_json::json;

use super::proxy::Proxy;
use super::{DETECTOR, provider};
use crate::harness::{Project, for_each_cli, one_cli};

#[test]
fn calls_go_through_the_proxy_to_endpoints_of_ones_own() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let proxy = Proxy::new(project.endpoint());
        let url = &proxy.url;
        // One under another name of the service, and one that a variable left empty.
        let endpoints = " endpoints {\n  guardduty = \"http://guardduty.test\"\n  sts = \"http://sts.test:8080\"\n  \
                         eventbridge = \"http://events.test\"\n  events = \"\"\n }";
        let rule = "resource \"guardduty_finding_rule\" \"test\" {\n name = \"alert\"\n match = {}\n targets = {\n  \
                    bus = { arn = \"arn:aws:events:eu-central-1:111122223333:event-bus/security\" }\n }\n}\n";
        let block = |body: &str| format!("{}{DETECTOR}{rule}", provider(&format!("{body}{endpoints}")));
        let of_block = block(&format!(" http_proxy = \"{url}\"\n"));
        project.apply(&of_block);
        let heard = proxy.heard();
        for line in ["POST http://guardduty.test/detector", "POST http://sts.test:8080/", "POST http://events.test/"] {
            assert!(heard.iter().any(|heard| heard.starts_with(line)), "{line} is not in {heard:?}");
        }

        project.write(&block(""));
        project.run_with(&["plan"], &[("HTTP_PROXY", Some(url))]).expect_success();
        assert_ne!(proxy.heard(), Vec::<String>::new(), "the environment names it too");

        let except = block(&format!(" http_proxy = \"{url}\"\n no_proxy = \"test\"\n max_retries = 0\n"));
        project.expect_refused(&except, &["can't be reached at http://"]);
        assert_eq!(proxy.heard(), Vec::<String>::new(), "excepted hosts are reached without it");
        project.write(&of_block);
        project.destroy();
    });
}

#[test]
fn https_goes_through_tunnels_and_trusts_authorities_of_ones_own() {
    let project = Project::new(&one_cli());
    let proxy = Proxy::new(project.endpoint());
    let bundle = project.folder().join("authorities.pem").display().to_string();
    project.write_file("authorities.pem", &proxy.authority);
    let block = |body: &str| {
        let endpoints = "endpoints {\n  guardduty = \"https://guardduty.test\"\n  sts = \"https://sts.test:8443\"\n }";
        format!("{}{DETECTOR}", provider(&format!("{body} {endpoints}")))
    };
    let proxied = format!(" https_proxy = \"{}\"\n", proxy.url);
    let whole = block(&format!("{proxied} custom_ca_bundle = \"{bundle}\"\n"));
    project.apply(&whole);
    let heard = proxy.heard();
    for line in ["CONNECT guardduty.test:443 ", "POST /detector ", "CONNECT sts.test:8443 ", "POST / "] {
        assert!(heard.iter().any(|heard| heard.starts_with(line)), "{line} is not in {heard:?}");
    }

    // Nobody else has certified these hosts.
    project.write(&block(&proxied));
    let told = [
        "guardduty can't be reached at https://guardduty.test (proxy: ",
        "Its certificate is not trusted: name the certificates of your authorities in `custom_ca_bundle`",
    ];
    project.run(&["plan"]).expect_failure(&told).expect_one_error();
    let heard = proxy.heard();
    assert!(!heard.is_empty() && heard.iter().all(|line| line.starts_with("CONNECT ")), "said in a tunnel: {heard:?}");

    project.write(&block(""));
    let variables = [("HTTPS_PROXY", Some(proxy.url.as_str())), ("AWS_CA_BUNDLE", Some(bundle.as_str()))];
    project.run_with(&["destroy", "-auto-approve"], &variables).expect_success();
    assert!(proxy.heard().iter().any(|line| line.starts_with("DELETE /detector/")));
}

#[test]
fn endpoints_are_of_the_kind_that_the_block_or_the_environment_names() {
    let project = Project::new(&one_cli());
    let proxy = Proxy::new(project.endpoint());
    let aws = |body: &str, variables: &[(&str, Option<&str>)]| {
        let block = provider(&format!(" https_proxy = \"{}\"\n max_retries = 0\n{body}", proxy.url));
        project.write(&format!("{block}data \"guardduty_detector\" \"here\" {{\n}}\n"));
        let variables = [&[("AWS_ENDPOINT_URL", None)], variables].concat();
        project.run_with(&["plan"], &variables).expect_failure(&["guardduty"]);
        proxy.heard().first().cloned().unwrap_or_default()
    };
    let asks = |host: &str| format!("CONNECT {host}:443 HTTP/1.1");
    assert_eq!(aws("", &[]), asks("guardduty.us-east-1.amazonaws.com"));
    assert_eq!(aws(" use_fips_endpoint = true", &[]), asks("guardduty-fips.us-east-1.amazonaws.com"));
    assert_eq!(aws(" use_dualstack_endpoint = true", &[]), asks("guardduty.us-east-1.api.aws"));
    let fips = [("AWS_USE_FIPS_ENDPOINT", Some("true"))];
    assert_eq!(aws("", &fips), asks("guardduty-fips.us-east-1.amazonaws.com"));
    assert_eq!(aws(" use_fips_endpoint = false", &fips), asks("guardduty.us-east-1.amazonaws.com"));
    let dual = [("AWS_USE_DUALSTACK_ENDPOINT", Some("true"))];
    assert_eq!(aws("", &dual), asks("guardduty.us-east-1.api.aws"));
    assert_eq!(aws(" use_dualstack_endpoint = false", &dual), asks("guardduty.us-east-1.amazonaws.com"));
    assert_eq!(aws("", &[fips, dual].concat()), asks("guardduty-fips.us-east-1.api.aws"));

    // An endpoint of one's own is used as it is.
    let both = "provider \"guardduty\" {\n use_fips_endpoint = true\n use_dualstack_endpoint = true\n}\n";
    project.apply(&format!("{both}{DETECTOR}"));
    let of_service = [("AWS_ENDPOINT_URL", None), ("AWS_ENDPOINT_URL_GUARDDUTY", Some(project.endpoint()))];
    project.run_with(&["plan"], &of_service).expect_success();
    project.destroy();
}

#[test]
fn a_call_is_tried_as_often_as_the_block_or_the_environment_says() {
    let project = Project::new(&one_cli());
    project.apply(DETECTOR);
    let fault = || {
        project.clear_faults();
        project.clear_calls();
        project.fault(json!({
            "service": "guardduty", "operation": "GetDetector", "mode": "error", "code": "InternalServerErrorException",
            "message": "try again", "status": 500, "times": null,
        }));
    };
    let tries = || project.calls().iter().filter(|call| *call == "guardduty:GetDetector").count();
    fault();
    project.write(&format!("provider \"guardduty\" {{\n max_retries = 1\n retry_mode = \"adaptive\"\n}}\n{DETECTOR}"));
    project.run(&["plan"]).expect_failure(&["try again"]);
    assert_eq!(tries(), 2);
    fault();
    project.write(DETECTOR);
    project.run_with(&["plan"], &[("AWS_MAX_ATTEMPTS", Some("3"))]).expect_failure(&["try again"]);
    assert_eq!(tries(), 3);
    project.clear_faults();
    project.destroy();
}

/// A block that is shared with hashicorp/aws has everything that 5.100 and 6 know.
#[test]
fn every_argument_of_hashicorp_aws_is_accepted() {
    let project = Project::new(&one_cli());
    let block = format!(
        r#"
  skip_credentials_validation        = true
  skip_metadata_api_check            = true
  skip_region_validation             = true
  ec2_metadata_service_endpoint      = "http://127.0.0.1:1"
  ec2_metadata_service_endpoint_mode = "IPv4"
  insecure                           = true
  s3_use_path_style                  = true
  s3_us_east_1_regional_endpoint     = "regional"
  token_bucket_rate_limiter_capacity = 10
  tag_policy_compliance              = "warning"
  user_agent                         = ["pipeline/1.0"]
  endpoints {{
    guardduty    = "{0}"
    ec2          = "{0}"
    dynamodb     = "not even a URL"
    s3vectors    = "{0}"
    workspacesweb = ""
  }}"#,
        project.endpoint()
    );
    project
        .apply(&format!("{}{DETECTOR}", provider(&block)))
        .expect_texts(&["`insecure` does nothing: certificates are always verified", "`custom_ca_bundle`"]);
    project.destroy();
}
