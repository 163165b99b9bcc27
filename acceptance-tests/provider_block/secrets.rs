//! What is secret is told nowhere: neither in what the CLI shows, nor in the most talkative logs, nor in what a run leaves
//! behind: the state and its backup, and a saved plan.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use std::{iter, thread};

use serde_json::json;

use super::proxy::Proxy;
use super::who::NO_KEYS;
use super::{DETECTOR, detector, provider};
use crate::harness::{Output, Project, REGION, for_each_cli, unpack};

/// The log of the CLI and that of the provider.
const TRACE: (&str, Option<&str>) = ("TF_LOG", Some("TRACE"));

/// Where the tests themselves write secrets to; all else in a project's folder is searched.
const SOURCES: [&str; 2] = ["credentials", "token"];

/// The secrets of the block, as variables. They are ephemeral, so that nothing that the CLI writes may hold them: others,
/// even sensitive ones, it puts into a saved plan itself, with the configuration.
const VARIABLES: [(&str, Option<&str>); 4] = [
    ("TF_VAR_secret_key", Some("kEyOfBlOcK")),
    ("TF_VAR_token", Some("tOkEnOfBlOcK")),
    ("TF_VAR_external_id", Some("eXtErNaL")),
    ("TF_VAR_identity", Some("eyJhbGciOiJub25lIn0.eyJzdWIiOiJiTG9DayJ9.b2ZCbE9jSw")),
];

/// A token of a file.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJmSWxFIn0.b2ZGaUxF";

/// A configuration whose secrets are those of `VARIABLES`.
fn configuration(block: &str) -> String {
    let names = VARIABLES.iter().map(|(name, _)| name.trim_start_matches("TF_VAR_"));
    let declared = names.map(|name| format!("variable \"{name}\" {{\n type = string\n ephemeral = true\n}}\n"));
    format!("{}{}{DETECTOR}", declared.collect::<String>(), provider(block))
}

/// What lies in the folder: each file with its text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != ".terraform" {
            found.extend(files(&path));
        } else if path.is_file() && !SOURCES.contains(&name.as_str()) {
            found.push((path.display().to_string(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        }
    }
    found
}

/// Demands that neither a run's words nor anything in the project's folder has one of `secrets` in it.
fn expect_silence<'a>(project: &Project, output: &Output, secrets: impl IntoIterator<Item = &'a str>) {
    let plan = project.folder().join("plan.bin");
    if plan.exists() {
        // It is an archive, whose parts are compressed.
        let parts = project.folder().join("plan");
        unpack(&plan, &parts);
        assert!(fs::read(parts.join("tfplan")).is_ok_and(|plan| !plan.is_empty()), "the plan's parts are there");
    }
    let told = iter::once(("the CLI's words".to_owned(), output.text.clone())).chain(files(project.folder()));
    let told: Vec<_> = told.collect();
    for secret in secrets {
        assert!(secret.len() > 6, "{secret} may be found anywhere");
        let found =
            told.iter().find_map(|(place, text)| Some((place, text.lines().find(|line| line.contains(secret))?)));
        assert_eq!(found, None, "{secret} is told");
    }
}

/// What AWS STS issued for the role so far.
fn issued(project: &Project, role: &str) -> Vec<String> {
    let keys = |call: &serde_json::Value| {
        ["SecretAccessKey", "SessionToken"].map(|name| call["answer"]["Credentials"][name].as_str().unwrap().to_owned())
    };
    project.asked_of_sts(role).iter().flat_map(keys).collect()
}

#[test]
fn keys_and_tokens_are_told_nowhere() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = &project.account;
        let role = format!("arn:aws:iam::{account}:role/hub");
        let run = |arguments: &[&str], variables: &[(&str, Option<&str>)]| {
            let output = project.run_with(arguments, &[&[TRACE], &VARIABLES[..], variables].concat());
            let issued = issued(&project, &role);
            let given = VARIABLES.iter().filter_map(|(_, value)| *value);
            expect_silence(&project, &output, given.chain([TOKEN]).chain(issued.iter().map(String::as_str)));
            output
        };
        project.write(&configuration(&format!(
            " access_key = \"{account}\"\n secret_key = var.secret_key\n token = var.token\n assume_role {{\n  \
             role_arn = \"{role}\"\n  external_id = var.external_id\n }}"
        )));
        run(&["plan", "-out", "plan.bin"], &[]).expect_success();
        let applied = run(&["apply", "plan.bin"], &[]).expect_success();
        // The log is there, and says which request it is of.
        for text in ["rpc=ApplyResourceChange", "subject=guardduty_detector", "answered"] {
            assert!(applied.text.contains(text), "{text} is not in:\n{}", applied.text);
        }
        let of_keys = issued(&project, &role).len();
        assert!(of_keys >= 2, "a key and a token were issued, and looked for");

        project.fault(json!({
            "service": "guardduty", "operation": "GetDetector", "mode": "error", "code": "AccessDeniedException",
            "message": "no", "status": 403, "times": null,
        }));
        run(&["plan"], &[]).expect_failure(&["AccessDenied"]);
        project.clear_faults();

        let identity = |token: &str| {
            configuration(&format!(" assume_role_with_web_identity {{\n  role_arn = \"{role}\"\n  {token}\n }}"))
        };
        project.write(&identity("web_identity_token = var.identity"));
        run(&["plan", "-out", "plan.bin"], &NO_KEYS).expect_success();
        project.write_file("token", TOKEN);
        project.write(&identity(&format!("web_identity_token_file = {:?}", project.folder().join("token"))));
        run(&["destroy", "-auto-approve"], &NO_KEYS).expect_success();
        assert!(project.folder().join("terraform.tfstate.backup").exists(), "it was searched");
        assert!(issued(&project, &role).len() >= of_keys + 6, "each run was issued its own");
    });
}

#[test]
fn secrets_of_files_and_of_the_environment_are_told_nowhere() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let keys = format!(
            "[security]\naws_access_key_id = {}\naws_secret_access_key = kEyOfFiLe\naws_session_token = tOkEnOfFiLe\n",
            project.account
        );
        project.write_file("credentials", &keys);
        let credentials = project.folder().join("credentials").display().to_string();
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
            expect_silence(&project, &applied, ["kEyOfFiLe", "tOkEnOfFiLe", "kEyOfEnV", "tOkEnOfEnV"]);
        }
        project.destroy();
    });
}

/// The password of a proxy or an endpoint, and as a proxy is told it: `person:pAsSwOrD` in base 64.
const PASSWORD: [&str; 2] = ["pAsSwOrD", "cGVyc29uOnBBc1N3T3JE"];

#[test]
fn the_password_of_a_proxy_is_told_nowhere() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        detector(&project, REGION);
        let proxy = Proxy::new(project.endpoint());
        project.write_file("authorities.pem", &proxy.authority);
        let bundle = project.folder().join("authorities.pem").display().to_string();
        let with_password = |url: &str| url.replace("http://", "http://person:pAsSwOrD@");
        // Nobody listens on port 1.
        let (dead, good) = (with_password("http://127.0.0.1:1"), with_password(&proxy.url));
        let declared = "variable \"proxy\" {\n type = string\n ephemeral = true\n}\n";
        let read = "data \"guardduty_detector\" \"here\" {\n}\n";
        for (scheme, attribute) in [("http", "http_proxy"), ("https", "https_proxy")] {
            let endpoints =
                format!(" max_retries = 1\n endpoints {{\n  guardduty = \"{scheme}://guardduty.test\"\n }}");
            let of_block = format!(" {attribute} = var.proxy\n{endpoints}");
            let of_environment = attribute.to_uppercase();
            for (block, variable) in [(&of_block, "TF_VAR_proxy"), (&endpoints, of_environment.as_str())] {
                project.write(&format!("{declared}{}{read}", provider(block)));
                let plan = |url: &str| {
                    // The last of a variable counts; that of the block must have a value.
                    let variables = [TRACE, ("AWS_CA_BUNDLE", Some(bundle.as_str())), ("TF_VAR_proxy", Some(url))];
                    project.run_with(&["plan"], &[&variables[..], &[(variable, Some(url))]].concat())
                };
                let told = format!("can't be reached at {scheme}://guardduty.test (proxy: http://127.0.0.1:1)");
                let refused = plan(&dead).expect_failure(&[&told]);
                expect_silence(&project, &refused, PASSWORD);
                let planned = plan(&good).expect_success();
                assert_ne!(proxy.heard(), Vec::<String>::new(), "it went through {variable}");
                expect_silence(&project, &planned, PASSWORD);
                let refused = plan("ftp://person:pAsSwOrD@127.0.0.1:1").expect_failure(&["It must be a URL such as"]);
                expect_silence(&project, &refused, PASSWORD);
            }
        }
    });
}

#[test]
fn the_password_of_an_endpoint_is_told_nowhere() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let endpoint = "http://person:pAsSwOrD@127.0.0.1:1";
        let of_block = provider(" endpoints {\n  guardduty = var.endpoint\n }");
        let declared = "variable \"endpoint\" {\n type = string\n ephemeral = true\n}\n";
        project.write(&format!("{declared}{of_block}{DETECTOR}"));
        let variables = [TRACE, ("TF_VAR_endpoint", Some(endpoint))];
        let refused = project.run_with(&["plan"], &variables).expect_failure(&["is not the URL of an endpoint"]);
        expect_silence(&project, &refused, PASSWORD);

        let two = provider(" endpoints {\n  events = var.endpoint\n  eventbridge = \"http://127.0.0.1:2\"\n }");
        project.write(&format!("{declared}{two}{DETECTOR}"));
        let told = ["the endpoint of `events` is named twice", "`events` is \"http://127.0.0.1:1\""];
        let refused = project.run_with(&["plan"], &variables).expect_failure(&told);
        expect_silence(&project, &refused, PASSWORD);

        project.write(&format!("{}{DETECTOR}", provider("")));
        for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_GUARDDUTY"] {
            let told = format!("{variable} is unusable");
            let refused = project.run_with(&["plan"], &[TRACE, (variable, Some(endpoint))]).expect_failure(&[&told]);
            expect_silence(&project, &refused, PASSWORD);
        }
    });
}

/// A provider that a person started for a debugger, with all that it says in the file `debugged`. It ends with this.
struct Debugged(Child);

impl Drop for Debugged {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until `found` finds something.
fn wait_for<T>(what: &str, found: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{what}: waited in vain");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_provider_that_dies_in_a_debugger_tells_no_secret() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let log = project.folder().join("debugged");
        let words = File::create(&log).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-guardduty"));
        command.arg("--debug").stdout(words.try_clone().unwrap()).stderr(words).env("TF_LOG", "TRACE");
        command.envs(project.environment().iter().map(|(name, value)| (name, value)));
        let debugged = Debugged(command.spawn().unwrap());
        let said = || fs::read_to_string(&log).unwrap();
        let reattach = wait_for("the line to reattach", || {
            let line =
                said().lines().find_map(|line| Some(line.split_once("TF_REATTACH_PROVIDERS='")?.1.to_owned()))?;
            Some(line.trim_end_matches('\'').to_owned())
        });
        let block = format!(" access_key = \"{}\"\n secret_key = var.secret_key\n token = var.token", project.account);
        project.write(&configuration(&block));
        project
            .fault(json!({"service": "guardduty", "operation": "CreateDetector", "mode": "hang", "delay_seconds": 5}));
        let variables = [&[TRACE, ("TF_REATTACH_PROVIDERS", Some(reattach.as_str()))], &VARIABLES[..]].concat();
        let died = thread::scope(|scope| {
            let applying = scope.spawn(|| project.run_with(&["apply", "-auto-approve"], &variables));
            wait_for("the call", || project.calls().contains(&"guardduty:CreateDetector".to_owned()).then_some(()));
            drop(debugged);
            applying.join().unwrap()
        });
        let died = died.expect_failure(&["Error: Plugin did not respond"]);
        assert!(said().contains("guardduty_detector"), "its log is there:\n{}", said());
        expect_silence(&project, &died, ["kEyOfBlOcK", "tOkEnOfBlOcK"]);
    });
}
