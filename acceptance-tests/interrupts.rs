//! Ctrl-C in the midst of an apply: what was made is in the state, and the next apply goes on.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aws_sdk_guardduty::Client;
use serde_json::json;

use crate::harness::{Project, REGION, block_on, for_each_cli};

const PATIENCE: Duration = Duration::from_secs(30);

/// Applies, and sends the signal of Ctrl-C to the CLI and its provider once `is_time` says so. Returns what was said.
fn interrupted_apply(project: &Project, is_time: impl Fn() -> bool) -> String {
    let mut command = project.command(&["apply", "-auto-approve"]);
    let child = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let group = format!("-{}", child.id());
    let start = Instant::now();
    while !is_time() {
        assert!(start.elapsed() < PATIENCE, "the moment to interrupt never came");
        thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill").args(["-INT", "--", &group]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn detector(project: &Project) -> String {
    let client = Client::new(&project.sdk(REGION));
    block_on(client.create_detector().enable(true).send()).unwrap().detector_id.unwrap()
}

#[test]
fn a_filter_that_is_being_made_is_not_lost() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project);
        let configuration = format!(
            "resource \"guardduty_filter\" \"test\" {{\n detector_id = \"{detector}\"\n name = \"ecs-high\"\n \
             action = \"ARCHIVE\"\n finding_criteria {{\n criterion {{\n field = \"severity\"\n less_than = \"4\"\n \
             }}\n }}\n}}\n"
        );
        project.write(&configuration);
        let slow = json!({"service": "guardduty", "operation": "CreateFilter", "mode": "delay", "delay_seconds": 1.5});
        project.fault(slow);
        project.clear_calls();
        let said = interrupted_apply(&project, || project.calls().contains(&"guardduty:CreateFilter".to_owned()));
        project.clear_faults();
        let client = Client::new(&project.sdk(REGION));
        let made = block_on(client.get_filter().detector_id(&detector).filter_name("ecs-high").send()).is_ok();
        assert!(made, "the write was under way and was to be finished:\n{said}");
        let state = project.state("guardduty_filter.test");
        assert_eq!(state.expect("it is in the state")["id"], json!(format!("{detector}:ecs-high")), "{said}");
        project.apply(&configuration);
        project.destroy();
    });
}

#[test]
fn a_list_that_is_waited_for_is_not_lost() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project);
        let s3 = aws_sdk_s3::config::Builder::from(&project.sdk(REGION)).force_path_style(true).build();
        let s3 = aws_sdk_s3::Client::from_conf(s3);
        let bucket = format!("lists-{}", project.account);
        block_on(s3.create_bucket().bucket(&bucket).send()).unwrap();
        let configuration = format!(
            "resource \"guardduty_threatintelset\" \"test\" {{\n detector_id = \"{detector}\"\n name = \"hostile\"\n \
             format = \"TXT\"\n activate = true\n bucket = \"{bucket}\"\n key = \"hostile.txt\"\n \
             entries = [\"198.51.100.7\"]\n}}\n"
        );
        project.write(&configuration);
        project.clear_calls();
        let is_waiting = || project.calls().iter().filter(|call| *call == "guardduty:GetThreatIntelSet").count() > 0;
        let said = interrupted_apply(&project, is_waiting);
        let client = Client::new(&project.sdk(REGION));
        let lists = || block_on(client.list_threat_intel_sets().detector_id(&detector).send()).unwrap();
        let state = project.state("guardduty_threatintelset.test").unwrap_or_else(|| panic!("it is lost:\n{said}"));
        let made = lists().threat_intel_set_ids.unwrap();
        assert_eq!(state["id"], json!(format!("{detector}:{}", made[0])), "{said}");
        project.apply(&configuration);
        assert_eq!(lists().threat_intel_set_ids.unwrap().len(), 1, "it was not made twice");
        project.destroy();
    });
}
