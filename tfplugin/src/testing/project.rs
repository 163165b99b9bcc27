//! A project: a folder with a configuration, and the CLI that runs in it. Each step says what it expects, and fails with
//! all that the CLI said, at the line of the test that asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::cli::{Cli, Output, remove_variables};
use super::plan::{Plan, value_of};

/// A folder with a configuration and the CLI that runs in it. The folder is deleted with it.
///
/// ```no_run
/// use std::path::Path;
///
/// use tfplugin::testing::{Cli, Project, mirror};
///
/// let configuration = mirror(Path::new("/tmp/mirror-of-this-run"), Path::new("target/debug/terraform-provider-files"));
/// for cli in Cli::all() {
///     let project = Project::new(&cli, "example/files", &configuration);
///     project.apply("resource \"files_text\" \"a\" {\n  path = \"a.txt\"\n}\n");
///     assert_eq!(project.attribute("files_text.a", "path"), "a.txt");
///     project.expect_refused("resource \"files_text\" \"a\" {\n}\n", &["\"path\" is required"]);
///     project.destroy();
/// }
/// ```
#[derive(Debug)]
pub struct Project {
    cli: Cli,
    folder: TempDir,
    source: String,
    environment: Vec<(String, String)>,
    /// Beginnings of the names of variables that the CLI doesn't inherit.
    removed: Vec<String>,
    /// When the state was written that was shown last, and what was shown.
    shown: Mutex<Option<(Option<SystemTime>, Json)>>,
}

impl Project {
    /// An empty project for the provider at `source`, such as `example/files`; `configuration` is that of the CLI, as
    /// [`mirror`](super::mirror) makes it.
    ///
    /// # Panics
    /// If there is no place for a folder.
    #[track_caller]
    #[must_use]
    pub fn new(cli: &Cli, source: &str, configuration: &Path) -> Self {
        let folder = match tempfile::Builder::new().prefix("tfplugin-").tempdir() {
            Ok(folder) => folder,
            Err(error) => panic!("there is no place for a folder: {error}"),
        };
        let environment = vec![("TF_CLI_CONFIG_FILE".to_owned(), configuration.display().to_string())];
        let (source, removed) = (source.to_owned(), Vec::new());
        Project { cli: cli.clone(), folder, source, environment, removed, shown: Mutex::default() }
    }

    /// With a variable for each run of the CLI.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the variables of whoever runs the tests whose names begin with `prefix`: those that the provider would
    /// look at.
    #[must_use]
    pub fn without_variables(mut self, prefix: &str) -> Self {
        self.removed.push(prefix.to_owned());
        self
    }

    /// The variables for each run of the CLI.
    #[must_use]
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The CLI.
    #[must_use]
    pub fn cli(&self) -> &Cli {
        &self.cli
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Writes file `name` of the folder.
    ///
    /// # Panics
    /// If it can't be written.
    #[track_caller]
    pub fn write_file(&self, name: &str, text: &str) {
        let written = fs::write(self.path(name), text);
        assert!(written.is_ok(), "{name} can't be written: {written:?}");
    }

    /// Writes the configuration, with the `required_providers` block that it leaves out, and makes it ready to be
    /// planned.
    ///
    /// # Panics
    /// If `init` fails.
    #[track_caller]
    pub fn write(&self, configuration: &str) {
        let name = self.source.rsplit('/').next().unwrap_or_default();
        let head = format!(
            "terraform {{\n  required_providers {{\n    {name} = {{\n      source = {:?}\n    }}\n  }}\n}}\n\n",
            self.source
        );
        let head = if configuration.contains("required_providers") { "" } else { &head };
        self.write_file("main.tf", &format!("{head}{configuration}"));
        if !self.path(".terraform").exists() {
            self.run(&["init"]).expect_success();
        }
    }

    /// The CLI as [`run`](Self::run) runs it, not started yet: for tests that interrupt it.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.cli.command(self.folder(), arguments);
        self.removed.iter().for_each(|prefix| remove_variables(&mut command, prefix));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the CLI; what comes of it is the caller's to judge.
    ///
    /// # Panics
    /// If it can't be started.
    #[track_caller]
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[])
    }

    /// Runs the CLI with other variables: each that has no value is taken away.
    ///
    /// # Panics
    /// If it can't be started.
    #[track_caller]
    #[must_use]
    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, Option<&str>)]) -> Output {
        let mut command = self.command(arguments);
        for (name, value) in variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.cli.run(command, arguments)
    }

    /// Applies `configuration`, and demands that a plan after it has nothing to do.
    ///
    /// # Panics
    /// If it fails, or there is something left to do.
    #[track_caller]
    pub fn apply(&self, configuration: &str) -> Output {
        self.write(configuration);
        let output = self.run(&["apply", "-auto-approve"]).expect_success();
        self.expect_no_changes();
        output
    }

    /// Demands that a plan has nothing to do.
    ///
    /// # Panics
    /// If it has.
    #[track_caller]
    pub fn expect_no_changes(&self) {
        let output = self.run(&["plan", "-detailed-exitcode"]);
        assert_eq!(output.code, 0, "the plan is not empty:\n{}", output.text);
    }

    /// The plan for `configuration`.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn plan(&self, configuration: &str) -> Plan {
        self.write(configuration);
        self.planned()
    }

    /// The plan for the configuration as it is; its file is `plan.bin`.
    #[track_caller]
    pub(super) fn planned(&self) -> Plan {
        let told = self.run(&["plan", "-out", "plan.bin"]).expect_success();
        Plan::new(self.run(&["show", "-json", "plan.bin"]).expect_success().json(), told)
    }

    /// Demands that a plan for `configuration` fails and says each of `texts`.
    ///
    /// # Panics
    /// If it succeeds, or doesn't say one of them.
    #[track_caller]
    pub fn expect_refused(&self, configuration: &str, texts: &[&str]) {
        self.write(configuration);
        self.run(&["plan"]).expect_failure(texts);
    }

    /// Demands that an apply of `configuration` fails and says each of `texts`.
    ///
    /// # Panics
    /// If it succeeds, or doesn't say one of them.
    #[track_caller]
    pub fn expect_apply_failure(&self, configuration: &str, texts: &[&str]) -> Output {
        self.write(configuration);
        self.run(&["apply", "-auto-approve"]).expect_failure(texts)
    }

    /// The state of the resource or data source at `address`, all attributes; `None` if it is not in the state.
    ///
    /// # Panics
    /// If the state can't be shown.
    #[track_caller]
    #[must_use]
    pub fn state(&self, address: &str) -> Option<Json> {
        let found = self.resources().into_iter().find(|resource| resource["address"] == address);
        found.map(|mut found| found["values"].take())
    }

    #[track_caller]
    fn resources(&self) -> Vec<Json> {
        resources_of(&self.shown()["values"]["root_module"])
    }

    /// The whole state; the CLI is asked again only once the file was written again.
    #[track_caller]
    fn shown(&self) -> Json {
        let written = fs::metadata(self.path("terraform.tfstate")).and_then(|file| file.modified()).ok();
        let mut last = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, shown)) if written.is_some() && *of == written => shown.clone(),
            _ => {
                let shown = self.run(&["show", "-json"]).expect_success().json();
                *last = Some((written, shown.clone()));
                shown
            }
        }
    }

    /// Attribute `name` of the resource at `address`, as it is in the state.
    ///
    /// # Panics
    /// If the resource is not in the state, or has no such attribute.
    #[track_caller]
    #[must_use]
    pub fn attribute(&self, address: &str, name: &str) -> Json {
        match self.state(address) {
            Some(state) => value_of(address, &[&state], name),
            None => {
                let resources = self.resources();
                let addresses: Vec<_> = resources.iter().filter_map(|resource| resource["address"].as_str()).collect();
                panic!("{address} is not in the state, which has {addresses:?}")
            }
        }
    }

    /// Demands that attribute `name` of the resource at `address` is `expected` in the state.
    ///
    /// # Panics
    /// If it is another value, with all that the state says of the resource.
    #[track_caller]
    pub fn expect_attribute(&self, address: &str, name: &str, expected: impl Into<Json>) {
        let (actual, expected) = (self.attribute(address, name), expected.into());
        if actual != expected {
            let state = self.run(&["state", "show", address]);
            panic!("{name} of {address} is {actual}, not {expected}:\n{}", state.text);
        }
    }

    /// Forgets the resource at `address`, imports it again under `id`, and demands that nothing differs.
    ///
    /// # Panics
    /// If something does, or a step fails.
    #[track_caller]
    pub fn reimport(&self, address: &str, id: &str) {
        self.run(&["state", "rm", address]).expect_success();
        self.run(&["import", address, id]).expect_success();
        self.expect_no_changes();
    }

    /// Destroys everything.
    ///
    /// # Panics
    /// If that fails.
    #[track_caller]
    pub fn destroy(&self) {
        self.run(&["destroy", "-auto-approve"]).expect_success();
    }
}

/// The resources of a module and of those in it.
fn resources_of(module: &Json) -> Vec<Json> {
    let list = |name: &str| module[name].as_array().into_iter().flatten();
    list("resources").cloned().chain(list("child_modules").flat_map(resources_of)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_of_whoever_runs_the_tests_can_be_left_out() {
        let project = Project::new(&Cli::new("tofu", "/nowhere"), "example/files", Path::new("/nowhere"));
        let path =
            |project: &Project| project.command(&[]).get_envs().any(|(name, value)| name == "PATH" && value.is_none());
        assert!(!path(&project) && path(&project.without_variables("PAT")));
    }

    #[test]
    fn resources_of_modules_are_found() {
        let one = |address: &str| json!({"address": address});
        let module = json!({"resources": [one("a.a")], "child_modules": [{"resources": [one("module.b.a.a")]}]});
        assert_eq!(resources_of(&module), [one("a.a"), one("module.b.a.a")]);
    }
}
