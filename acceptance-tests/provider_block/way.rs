//! Which way calls take: endpoints of one's own, proxies, retries.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use super::DETECTOR;
use crate::harness::{Project, for_each_cli, one_cli};

/// A proxy that sends everything to `server`, whatever host is asked for; it keeps the first lines of the requests.
fn proxy(server: &str) -> (String, Arc<Mutex<Vec<String>>>) {
    let server = server.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = lines.clone();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (server, heard) = (server.clone(), heard.clone());
            thread::spawn(move || relay(client, &server, &heard));
        }
    });
    (url, lines)
}

/// Passes one request on, and says that the connection ends after it.
fn relay(mut client: TcpStream, server: &str, heard: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let (line, rest) = head.split_once("\r\n").unwrap();
    heard.lock().unwrap().push(line.to_owned());
    let [method, url, version] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let mut upstream = TcpStream::connect(server).unwrap();
    upstream.write_all(format!("{method} /{path} {version}\r\nconnection: close\r\n{rest}").as_bytes()).unwrap();
    let (mut body, mut sink) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
    thread::spawn(move || std::io::copy(&mut body, &mut sink));
    let _ = std::io::copy(&mut upstream, &mut client);
    let _ = client.shutdown(Shutdown::Both);
}

#[test]
fn calls_go_through_the_proxy_to_endpoints_of_ones_own() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (url, lines) = proxy(project.endpoint());
        let block = |body: &str| {
            format!(
                "provider \"guardduty\" {{\n{body} endpoints {{\n  guardduty = \"http://guardduty.test\"\n  \
                 sts = \"http://sts.test:8080\"\n }}\n}}\n{DETECTOR}"
            )
        };
        let of_block = block(&format!(" http_proxy = \"{url}\"\n"));
        project.apply(&of_block);
        let heard = lines.lock().unwrap().clone();
        assert!(heard.iter().any(|line| line.starts_with("POST http://guardduty.test/detector")), "{heard:?}");
        assert!(heard.iter().any(|line| line.starts_with("POST http://sts.test:8080/")), "{heard:?}");

        let before = heard.len();
        project.write(&block(""));
        project.run_with(&["plan"], &[("HTTP_PROXY", Some(&url))]).expect_success();
        assert!(lines.lock().unwrap().len() > before, "the environment names it too");

        let before = lines.lock().unwrap().len();
        let except = block(&format!(" http_proxy = \"{url}\"\n no_proxy = \"test\"\n max_retries = 0\n"));
        project.expect_refused(&except, &["can't be reached at http://"]);
        assert_eq!(lines.lock().unwrap().len(), before, "excepted hosts are reached without it");
        project.write(&of_block);
        project.destroy();
    });
}

#[test]
fn endpoints_are_of_the_kind_that_the_block_or_the_environment_names() {
    let project = Project::new(&one_cli());
    let (url, lines) = proxy(project.endpoint());
    let aws = |body: &str, variables: &[(&str, Option<&str>)]| {
        lines.lock().unwrap().clear();
        let block = format!("provider \"guardduty\" {{\n https_proxy = \"{url}\"\n max_retries = 0\n{body}\n}}\n");
        project.write(&format!("{block}data \"guardduty_detector\" \"here\" {{\n}}\n"));
        let variables = [&[("AWS_ENDPOINT_URL", None)], variables].concat();
        project.run_with(&["plan"], &variables).expect_failure(&["guardduty"]);
        lines.lock().unwrap().first().cloned().unwrap_or_default()
    };
    let asks = |host: &str| format!("CONNECT {host}:443 HTTP/1.1");
    assert_eq!(aws("", &[]), asks("guardduty.us-east-1.amazonaws.com"));
    assert_eq!(aws(" use_fips_endpoint = true", &[]), asks("guardduty-fips.us-east-1.amazonaws.com"));
    assert_eq!(aws(" use_dualstack_endpoint = true", &[]), asks("guardduty.us-east-1.api.aws"));
    let fips = [("AWS_USE_FIPS_ENDPOINT", Some("true"))];
    assert_eq!(aws("", &fips), asks("guardduty-fips.us-east-1.amazonaws.com"));
    assert_eq!(aws(" use_fips_endpoint = false", &fips), asks("guardduty.us-east-1.amazonaws.com"));

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
