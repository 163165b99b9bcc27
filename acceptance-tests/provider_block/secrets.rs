//! What is secret is told nowhere: neither in what the CLI shows, nor in the most talkative log, nor in the state.

use std::fs;

use serde_json::json;

use super::{DETECTOR, provider};
use crate::harness::{Output, Project, for_each_cli};

const TRACE: (&str, Option<&str>) = ("TF_LOG_PROVIDER", Some("TRACE"));

/// What a run told, and left in its folder.
fn told(project: &Project, output: &Output) -> String {
    let state = fs::read_to_string(project.folder().join("terraform.tfstate")).unwrap_or_default();
    format!("{}{state}", output.text)
}

fn expect_silence(project: &Project, output: &Output, secrets: &[&str]) {
    let told = told(project, output);
    for secret in secrets {
        let line = told.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is told");
    }
}

#[test]
fn keys_and_tokens_are_told_nowhere() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let block = |account: &str| {
            let body = format!(
                " access_key = \"{account}\"\n secret_key = \"kEyOfBlOcK\"\n token = \"tOkEnOfBlOcK\"\n \
                 assume_role {{\n  role_arn = \"arn:aws:iam::{account}:role/hub\"\n  external_id = \"eXtErNaL\"\n }}"
            );
            provider(&body)
        };
        let secrets = ["kEyOfBlOcK", "tOkEnOfBlOcK", "eXtErNaL"];
        project.write(&format!("{}{DETECTOR}", block(&project.account)));
        let variables = [TRACE];
        let applied = project.run_with(&["apply", "-auto-approve"], &variables).expect_success();
        // The log is there, and says which request it is of.
        for text in ["rpc=ApplyResourceChange", "subject=guardduty_detector", "answered"] {
            assert!(applied.text.contains(text), "{text} is not in:\n{}", applied.text);
        }
        expect_silence(&project, &applied, &secrets);

        project.fault(json!({
            "service": "guardduty", "operation": "GetDetector", "mode": "error", "code": "AccessDeniedException",
            "message": "no", "status": 403, "times": null,
        }));
        let refused = project.run_with(&["plan"], &variables).expect_failure(&["AccessDenied"]);
        expect_silence(&project, &refused, &secrets);
        project.clear_faults();
        project.destroy();
    });
}

#[test]
fn secrets_of_files_and_of_the_environment_are_told_nowhere() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let credentials = project.folder().join("credentials");
        let keys = format!(
            "[security]\naws_access_key_id = {}\naws_secret_access_key = kEyOfFiLe\naws_session_token = tOkEnOfFiLe\n",
            project.account
        );
        fs::write(&credentials, keys).unwrap();
        let credentials = credentials.to_str().unwrap().to_owned();
        project.write(DETECTOR);
        let of_file = [
            TRACE,
            ("AWS_ACCESS_KEY_ID", None),
            ("AWS_SECRET_ACCESS_KEY", None),
            ("AWS_PROFILE", Some("security")),
            ("AWS_SHARED_CREDENTIALS_FILE", Some(credentials.as_str())),
        ];
        let of_environment =
            [TRACE, ("AWS_SECRET_ACCESS_KEY", Some("kEyOfEnV")), ("AWS_SESSION_TOKEN", Some("tOkEnOfEnV"))];
        for variables in [&of_file[..], &of_environment[..]] {
            let applied = project.run_with(&["apply", "-auto-approve"], variables).expect_success();
            expect_silence(&project, &applied, &["kEyOfFiLe", "tOkEnOfFiLe", "kEyOfEnV", "tOkEnOfEnV"]);
        }
        project.destroy();
    });
}

#[test]
fn the_password_of_a_proxy_is_told_nowhere() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        // Nobody listens on port 1.
        let block = provider(
            " http_proxy = \"http://person:pAsSwOrD@127.0.0.1:1\"\n max_retries = 1\n endpoints {\n  \
             guardduty = \"http://guardduty.test\"\n }",
        );
        project.write(&format!("{block}{DETECTOR}"));
        let refused = project.run_with(&["apply", "-auto-approve"], &[TRACE]).expect_failure(&["127.0.0.1:1"]);
        expect_silence(&project, &refused, &["pAsSwOrD"]);
    });
}
