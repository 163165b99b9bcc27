//! The deployed state machines and policies, and that they are consistent.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use expect_test::{ExpectFile, expect_file};
use serde_json::Value;

use super::{Action, Playbook};
use crate::findings::catalogue;
use crate::findings::permissions::Site;

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:alerts";

fn playbook(action: Action) -> Playbook {
    Playbook {
        action,
        dry_run: false,
        cluster_arns: vec!["arn:aws:ecs:us-east-1:111122223333:cluster/prod".into()],
        notify_topic_arn: Some(TOPIC.into()),
        notify_topic_key_arn: None,
        site: Site { partition: "aws".into(), region: "us-east-1".into(), account: "111122223333".into() },
    }
}

/// Returns every combination of settings that changes the states.
fn variants() -> Vec<Playbook> {
    let mut variants = Vec::new();
    for action in Action::ALL {
        for (dry_run, cluster_arns, has_topic) in [
            (false, playbook(action).cluster_arns, true),
            (true, Vec::new(), true),
            (false, Vec::new(), action == Action::Notify),
            (true, vec!["arn:aws:ecs:us-east-1:111122223333:cluster/a".into(); 2], action == Action::Notify),
        ] {
            let notify_topic_arn = has_topic.then(|| TOPIC.to_owned());
            variants.push(Playbook { dry_run, cluster_arns, notify_topic_arn, ..playbook(action) });
        }
    }
    variants
}

fn shown(document: &Value, expected: &ExpectFile) {
    expected.assert_eq(&(serde_json::to_string_pretty(document).unwrap() + "\n"));
}

#[test]
fn a_task_is_stopped_like_this() {
    let stop_task = playbook(Action::StopTask);
    shown(&stop_task.definition(), &expect_file!["golden/stop_task.asl.json"]);
    shown(&stop_task.policy(), &expect_file!["golden/stop_task.policy.json"]);
    shown(&stop_task.trust("stop"), &expect_file!["golden/trust.json"]);
}

#[test]
fn a_dry_run_cannot_stop_anything() {
    let dry_run =
        Playbook { dry_run: true, cluster_arns: Vec::new(), notify_topic_arn: None, ..playbook(Action::StopTask) };
    shown(&dry_run.definition(), &expect_file!["golden/dry_run.asl.json"]);
    shown(&dry_run.policy(), &expect_file!["golden/dry_run.policy.json"]);
    assert!(
        !dry_run.definition().to_string().contains("stopTask") && !dry_run.policy().to_string().contains("StopTask")
    );
}

#[test]
fn someone_is_told_like_this() {
    let notify = Playbook {
        notify_topic_key_arn: Some("arn:aws:kms:us-east-1:111122223333:key/1".into()),
        cluster_arns: Vec::new(),
        ..playbook(Action::Notify)
    };
    shown(&notify.definition(), &expect_file!["golden/notify.asl.json"]);
    shown(&notify.policy(), &expect_file!["golden/notify.policy.json"]);
}

fn states(definition: &Value) -> Vec<(&String, &Value)> {
    definition["States"].as_object().unwrap().iter().collect()
}

/// Returns the names of all states that `value` leads to.
fn targets(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(name) if ["Next", "Default", "StartAt"].contains(&key.as_str()) => [name.clone()].into(),
                value => targets(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(targets).collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn every_state_is_led_to_and_every_lead_ends() {
    for playbook in variants() {
        let definition = playbook.definition();
        let names: BTreeSet<String> = states(&definition).into_iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(targets(&definition), names, "{playbook:?}");
    }
}

#[test]
fn exactly_the_actions_that_are_used_are_granted() {
    for playbook in variants() {
        let definition = playbook.definition();
        let used: BTreeSet<String> = states(&definition).iter().filter_map(|(_, state)| action_of(state)).collect();
        let policy = playbook.policy();
        let statements = policy["Statement"].as_array().unwrap();
        let granted: BTreeSet<String> = statements.iter().flat_map(|statement| texts(&statement["Action"])).collect();
        assert_eq!(used, granted, "{playbook:?}");
    }
}

/// Returns `ecs:StopTask` for `arn:aws:states:::aws-sdk:ecs:stopTask`.
fn action_of(state: &Value) -> Option<String> {
    let (service, operation) =
        state["Resource"].as_str()?.strip_prefix("arn:aws:states:::aws-sdk:")?.split_once(':')?;
    let (first, rest) = operation.split_at(1);
    Some(format!("{service}:{}{rest}", first.to_uppercase()))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        value => value.as_str().map(str::to_owned).into_iter().collect(),
    }
}

#[test]
fn every_arn_has_the_partition_of_its_site() {
    let site = Site { partition: "aws-us-gov".into(), region: "us-gov-west-1".into(), account: "111122223333".into() };
    for variant in variants() {
        let playbook = Playbook { site: site.clone(), cluster_arns: Vec::new(), notify_topic_arn: None, ..variant };
        let documents = [playbook.definition(), playbook.policy(), playbook.trust("stop")];
        assert!(documents.iter().all(|document| !document.to_string().contains("arn:aws:")), "{playbook:?}");
    }
}

/// Returns the text of `States.Format('...', ...)` without its placeholders.
fn fixed_text(state: &str, parameter: &str) -> String {
    let definition = playbook(Action::StopTask).definition();
    let intrinsic = definition["States"][state]["Parameters"][parameter].as_str().unwrap().to_owned();
    intrinsic.split('\'').nth(1).unwrap().replace("{}", "")
}

#[test]
fn a_subject_has_less_than_100_characters() {
    let start_length = |name: &str| name.split('/').next().unwrap_or_default().len();
    let longest_start = catalogue::all().iter().map(|known| start_length(known.name)).max().unwrap();
    let longest = fixed_text("Notify", "Subject.$").len() + longest_start + "10.0".len() + "already_stopped".len();
    assert!(longest < 100, "{longest}");
}

#[test]
fn a_reason_for_stopping_has_less_than_255_characters() {
    const TYPE_MAX: usize = 100;
    const ID_MAX: usize = 100;
    let longest = fixed_text("StopTask", "Reason.$").len() + TYPE_MAX + ID_MAX;
    assert!(longest < 255, "{longest}");
}

#[test]
fn a_fifo_topic_gets_a_group() {
    let fifo = Playbook { notify_topic_arn: Some(format!("{TOPIC}.fifo")), ..playbook(Action::Notify) };
    let parameters = &fifo.definition()["States"]["Notify"]["Parameters"];
    assert_eq!(parameters["MessageGroupId.$"], "$.detail.id");
    assert_eq!(playbook(Action::Notify).definition()["States"]["Notify"]["Parameters"].get("MessageGroupId.$"), None);
}

#[test]
fn useless_settings_are_refused() {
    let nobody = Playbook { notify_topic_arn: None, ..playbook(Action::Notify) };
    assert_eq!(nobody.problems()[0].message, "notify has no one to tell: set notify_topic_arn to an SNS topic");
    let elsewhere = Playbook {
        cluster_arns: vec![
            "arn:aws:ecs:us-east-1:111122223333:cluster/prod".into(),
            "arn:aws:ecs:eu-west-1:111122223333:cluster/prod".into(),
            "arn:aws:ecs:us-east-1:111122223333:cluster/*".into(),
        ],
        ..playbook(Action::StopTask)
    };
    let indexes: Vec<_> = elsewhere.problems().into_iter().map(|problem| problem.index).collect();
    assert_eq!(indexes, [Some(1), Some(2)]);
    assert!(playbook(Action::StopTask).problems().is_empty());
}

/// asl-validator is installed with npm. Without npx, the test reports this and is skipped.
#[test]
fn amazon_states_language_accepts_every_variant() {
    let folder = std::env::temp_dir().join(format!("playbooks-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let paths: Vec<PathBuf> = (0..variants().len()).map(|index| folder.join(format!("{index}.asl.json"))).collect();
    for (path, playbook) in paths.iter().zip(variants()) {
        std::fs::write(path, playbook.definition().to_string()).unwrap();
    }
    let mut validator = Command::new("npx");
    validator.args(["--yes", "--package", "asl-validator@4.0.0", "asl-validator"]);
    for path in &paths {
        validator.arg("--json-path").arg(path);
    }
    let output = validator.output();
    std::fs::remove_dir_all(&folder).unwrap();
    match output {
        Err(_) => println!("skipped: npx (of npm) is not on PATH, so asl-validator can't be run"),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{text}");
        }
    }
}
