//! A project of the framework's harness, whose CLI runs against an AWS account of its own.

mod cli;
mod server;

use std::env;
use std::fs;
use std::ops::Deref;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
pub use tfplugin::testing::{Cli, Output};

pub use cli::{aws_provider, for_each_cli, one_cli, terraform};
use server::Server;
pub use server::unpack;

/// The folder of this checkout. Cargo says it at run time; what it says while it compiles may be another checkout's, whose
/// cache this one shares.
pub fn checkout() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").unwrap().into()
}

/// Where the projects' resources live, unless they say otherwise.
pub const REGION: &str = "us-east-1";

/// A folder with a configuration, the CLI that runs in it, and an account that nobody else uses.
pub struct Project {
    project: tfplugin::testing::Project,
    pub account: String,
    server: &'static Server,
}

/// Its steps are those of the framework.
impl Deref for Project {
    type Target = tfplugin::testing::Project;

    fn deref(&self) -> &Self::Target {
        &self.project
    }
}

impl Project {
    /// An empty project, whose CLI, like any other client in its environment, reaches the server as its account.
    pub fn new(cli: &Cli) -> Self {
        let server = Server::shared();
        Self::of_account(cli, server, server.new_account())
    }

    /// Another folder, with a state of its own, whose CLI reaches the same account.
    pub fn beside(&self) -> Self {
        Self::of_account(self.cli(), self.server, self.account.clone())
    }

    fn of_account(cli: &Cli, server: &'static Server, account: String) -> Self {
        let project = tfplugin::testing::Project::new(cli, "guardduty-rs/guardduty", cli::configuration())
            .without_variables("AWS_")
            .with_variable("AWS_ACCESS_KEY_ID", &account)
            .with_variable("AWS_SECRET_ACCESS_KEY", "test")
            .with_variable("AWS_REGION", REGION)
            .with_variable("AWS_ENDPOINT_URL", server.endpoint())
            .with_variable("AWS_EC2_METADATA_DISABLED", "true");
        Project { project, account, server }
    }

    pub fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// An account that no other test has, for a test that needs two.
    pub fn other_account(&self) -> String {
        self.server.new_account()
    }

    /// Replaces the state by one that hashicorp/aws wrote: its resource `TYPE.old`, with these attributes.
    pub fn write_aws_state(&self, type_name: &str, attributes: &Json) {
        let resource = json!({
            "mode": "managed", "type": type_name, "name": "old",
            "provider": format!("provider[\"{}/hashicorp/aws\"]", self.cli().registry()),
            "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
        });
        let state = json!({
            "version": 4, "terraform_version": "1.11.4", "serial": 100, "outputs": {}, "resources": [resource],
            "lineage": "00000000-0000-4000-8000-000000000000", "check_results": null,
        });
        self.write_file("terraform.tfstate", &state.to_string());
        // The other provider has to be installed too, whether or not this one is.
        if self.folder().join(".terraform").exists() {
            fs::remove_dir_all(self.folder().join(".terraform")).unwrap();
            fs::remove_file(self.folder().join(".terraform.lock.hcl")).unwrap();
        }
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

    /// What a write to a `kind` of thing (`guardduty:filter`, `*`) changes is not seen by the next `reads` reads of it.
    pub fn delay_reads(&self, kind: &str, reads: u32) {
        self.server.post("/_guardduty/consistency", &json!({"account": self.account, "kind": kind, "reads": reads}));
    }

    /// The same after some of the writes only: `create`, `update`, `delete`.
    pub fn delay_reads_after(&self, writes: &[&str], reads: u32) {
        let late = json!({"account": self.account, "kind": "*", "reads": reads, "after": writes});
        self.server.post("/_guardduty/consistency", &late);
    }

    /// All that was written is seen at once again.
    pub fn see_all(&self) {
        self.server.delete(&format!("/_guardduty/consistency?account={}", self.account));
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

    /// The calls of AWS STS for the role at `arn`, whoever made them: each with `operation`, `region`, `parameters` and
    /// `answer`.
    pub fn asked_of_sts(&self, arn: &str) -> Vec<Json> {
        let mut log = self.server.get("/_guardduty/calls?service=sts");
        let Json::Array(calls) = log["calls"].take() else { return Vec::new() };
        calls.into_iter().filter(|call| call["parameters"]["RoleArn"] == arn).collect()
    }

    pub fn clear_calls(&self) {
        self.server.delete(&format!("/_guardduty/calls?account={}", self.account));
    }
}

/// Stack of a thread that runs a request of a provider in process: as that of the provider's own runtime.
pub const STACK_BYTES: usize = 8 << 20;

/// Runs an SDK call to its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().thread_stack_size(STACK_BYTES).build().unwrap().block_on(work)
}
