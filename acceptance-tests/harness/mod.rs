//! A project: a folder with a configuration, a CLI that runs in it, and an AWS account of its own.
//!
//! Each step says what it expects and fails with the CLI's whole output.

mod cli;
mod server;

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

pub use cli::{Cli, Output, for_each_cli, one_cli};
use server::Server;

/// Where the projects' resources live, unless they say otherwise.
pub const REGION: &str = "us-east-1";

/// A folder with a configuration, the CLI that runs in it, and an account that nobody else uses.
pub struct Project {
    cli: Cli,
    folder: TempDir,
    pub account: String,
    server: &'static Server,
}

/// The answer of `show -json` for a plan, as far as tests ask for it.
pub struct Plan(Json);

impl Plan {
    /// What is planned for the resource at `address`: `["create"]`, `["update"]`, `["delete", "create"]`, `["no-op"]`.
    pub fn actions(&self, address: &str) -> Vec<String> {
        let changes = self.0["resource_changes"].as_array().cloned().unwrap_or_default();
        let change = changes.iter().find(|change| change["address"] == address);
        let change = change.unwrap_or_else(|| panic!("{address} is not in the plan: {}", self.0["resource_changes"]));
        let actions = change["change"]["actions"].as_array().cloned().unwrap_or_default();
        actions.iter().map(|action| action.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The planned value of attribute `name` at `address`; null if it is not known yet.
    pub fn attribute(&self, address: &str, name: &str) -> Json {
        let changes = self.0["resource_changes"].as_array().cloned().unwrap_or_default();
        let change = changes.iter().find(|change| change["address"] == address);
        change.map_or(Json::Null, |change| change["change"]["after"][name].clone())
    }
}

impl Project {
    /// An empty project.
    pub fn new(cli: &Cli) -> Self {
        let server = Server::shared();
        let folder = tempfile::Builder::new().prefix("guardduty-acceptance-").tempdir().unwrap();
        Project { cli: cli.clone(), folder, account: server.new_account(), server }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// An account that no other test has, for a test that needs two.
    pub fn other_account(&self) -> String {
        self.server.new_account()
    }

    /// Writes the configuration and makes it ready to be planned.
    pub fn write(&self, configuration: &str) {
        let head = "terraform {\n  required_providers {\n    guardduty = {\n      source = \"guardduty-rs/guardduty\"\n    }\n  }\n}\n\n";
        let head = if configuration.contains("required_providers") { "" } else { head };
        fs::write(self.folder().join("main.tf"), format!("{head}{configuration}")).unwrap();
        if !self.folder().join(".terraform").exists() {
            self.run(&["init"]).expect_success();
        }
    }

    /// Runs the CLI; what comes of it is the caller's to judge.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.cli.run(self.folder(), arguments, &self.environment())
    }

    /// Runs the CLI with other variables: each that has no value is taken away.
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, Option<&str>)]) -> Output {
        let mut environment = self.environment();
        environment.retain(|(name, _)| !variables.iter().any(|(changed, _)| changed == name));
        let set = variables.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
        environment.extend(set);
        self.cli.run(self.folder(), arguments, &environment)
    }

    /// The CLI as [`run`](Self::run) runs it, not started yet.
    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        self.cli.command(self.folder(), arguments, &self.environment())
    }

    /// The variables by which the CLI, or any other client, reaches the server as this project's account.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("AWS_ACCESS_KEY_ID", self.account.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", REGION),
            ("AWS_ENDPOINT_URL", self.server.endpoint()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Applies `configuration`, and demands that a plan after it has nothing to do.
    pub fn apply(&self, configuration: &str) -> Output {
        self.write(configuration);
        let output = self.run(&["apply", "-auto-approve"]).expect_success();
        self.expect_no_changes();
        output
    }

    /// Demands that a plan has nothing to do.
    pub fn expect_no_changes(&self) {
        let output = self.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(output.code, 0, "the plan is not empty:\n{}", output.text);
    }

    /// The plan for `configuration`.
    pub fn plan(&self, configuration: &str) -> Plan {
        self.write(configuration);
        self.run(&["plan", "-out", "plan.bin"]).expect_success();
        Plan(self.run(&["show", "-json", "plan.bin"]).expect_success().json())
    }

    /// Demands that a plan for `configuration` fails and says each of `texts`.
    pub fn expect_refused(&self, configuration: &str, texts: &[&str]) {
        self.write(configuration);
        self.run(&["plan"]).expect_failure(texts);
    }

    /// Demands that an apply of `configuration` fails and says each of `texts`.
    pub fn expect_apply_failure(&self, configuration: &str, texts: &[&str]) -> Output {
        self.write(configuration);
        self.run(&["apply", "-auto-approve"]).expect_failure(texts)
    }

    /// The state of the resource or data source at `address`, all attributes; `None` if it is not in the state.
    pub fn state(&self, address: &str) -> Option<Json> {
        let shown = self.run(&["show", "-json"]).expect_success().json();
        let resources = shown["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        resources.into_iter().find(|resource| resource["address"] == address).map(|mut found| found["values"].take())
    }

    /// Attribute `name` of the resource at `address`, as it is in the state.
    pub fn attribute(&self, address: &str, name: &str) -> Json {
        self.state(address).unwrap_or_else(|| panic!("{address} is not in the state"))[name].clone()
    }

    /// Forgets the resource at `address`, imports it again under `id`, and demands that nothing differs.
    pub fn reimport(&self, address: &str, id: &str) {
        self.run(&["state", "rm", address]).expect_success();
        self.run(&["import", address, id]).expect_success();
        self.expect_no_changes();
    }

    /// Replaces the state by one that hashicorp/aws wrote: its resource `TYPE.old`, with these attributes.
    pub fn write_aws_state(&self, type_name: &str, attributes: &Json) {
        let host = if self.cli.name == "tofu" { "registry.opentofu.org" } else { "registry.terraform.io" };
        let resource = json!({
            "mode": "managed", "type": type_name, "name": "old",
            "provider": format!("provider[\"{host}/hashicorp/aws\"]"),
            "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
        });
        let state = json!({
            "version": 4, "terraform_version": "1.11.4", "serial": 100, "outputs": {}, "resources": [resource],
            "lineage": "00000000-0000-4000-8000-000000000000", "check_results": null,
        });
        fs::write(self.folder().join("terraform.tfstate"), state.to_string()).unwrap();
        // The other provider has to be installed too, whether or not this one is.
        if self.folder().join(".terraform").exists() {
            fs::remove_dir_all(self.folder().join(".terraform")).unwrap();
            fs::remove_file(self.folder().join(".terraform.lock.hcl")).unwrap();
        }
    }

    /// Destroys everything.
    pub fn destroy(&self) {
        self.run(&["destroy", "-auto-approve"]).expect_success();
    }

    /// A client's configuration for this account in `region`: `Client::new(&project.sdk(REGION))`.
    pub fn sdk(&self, region: &str) -> aws_config::SdkConfig {
        let keys = aws_credential_types::Credentials::new(&self.account, "test", None, None, "test");
        let loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new(region.to_owned()))
            .endpoint_url(self.server.endpoint())
            .credentials_provider(keys);
        block_on(loader.load())
    }

    /// Injects a fault for this account (acceptance-tests/localstack/README.md says which there are).
    pub fn fault(&self, mut fault: Json) {
        fault["account"] = json!(self.account);
        self.server.post("/_guardduty/faults", &fault);
    }

    /// Takes back all faults of this account.
    pub fn clear_faults(&self) {
        self.server.delete(&format!("/_guardduty/faults?account={}", self.account));
    }

    /// A finding arrives at this account's detector in `region`. Says whether it was archived and published.
    pub fn inject_finding(&self, region: &str, finding: &Json) -> Json {
        self.server
            .post("/_guardduty/findings", &json!({"account": self.account, "region": region, "finding": finding}))
    }

    /// A request to the control plane, such as `/_guardduty/coverage`, with this project's account in it.
    pub fn control(&self, path: &str, mut body: Json) -> Json {
        body["account"] = json!(self.account);
        self.server.post(path, &body)
    }

    /// The calls of this account since [`clear_calls`](Self::clear_calls), as `service:Operation`, without those that
    /// services made for it.
    pub fn calls(&self) -> Vec<String> {
        self.calls_of(&self.account)
    }

    /// The same of another account.
    pub fn calls_of(&self, account: &str) -> Vec<String> {
        let log = self.server.get(&format!("/_guardduty/calls?account={account}&internal=false"));
        let calls = log["calls"].as_array().cloned().unwrap_or_default();
        let name = |call: &Json| {
            format!("{}:{}", call["service"].as_str().unwrap_or("?"), call["operation"].as_str().unwrap_or("?"))
        };
        calls.iter().map(name).collect()
    }

    pub fn clear_calls(&self) {
        self.server.delete(&format!("/_guardduty/calls?account={}", self.account));
    }
}

/// Runs an SDK call to its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
