//! The CLIs as a person has them, with the provider under test installed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::Value as Json;

/// A CLI: OpenTofu or Terraform.
#[derive(Debug, Clone)]
pub struct Cli {
    /// `tofu` or `terraform`.
    pub name: &'static str,
    program: PathBuf,
}

impl Cli {
    /// The CLI `name`, which is the program at `program`.
    pub fn new(name: &'static str, program: impl Into<PathBuf>) -> Self {
        Cli { name, program: program.into() }
    }

    /// The CLIs of this machine: those that `TFPLUGIN_TOFU` and `TFPLUGIN_TERRAFORM` name, else those on `PATH`.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let cli = |(name, variable)| Some(Cli::new(name, env::var_os(variable).map_or_else(|| on_path(name), found)?));
        [("tofu", "TFPLUGIN_TOFU"), ("terraform", "TFPLUGIN_TERRAFORM")].into_iter().filter_map(cli).collect()
    }

    /// The host of the registry at which it looks for a provider that names none.
    #[must_use]
    pub fn registry(&self) -> &'static str {
        if self.name == "tofu" { "registry.opentofu.org" } else { "registry.terraform.io" }
    }

    /// Its version: `(1, 11, 4)`, of a release or of what comes before one.
    ///
    /// # Panics
    /// If it doesn't tell.
    #[track_caller]
    #[must_use]
    pub fn version(&self) -> (u64, u64, u64) {
        let arguments = ["version", "-json"];
        let told = self.run(self.command(&env::temp_dir(), &arguments), &arguments).expect_success();
        let version = told.json()["terraform_version"].as_str().unwrap_or_default().to_owned();
        let release = version.split('-').next().unwrap_or_default();
        match release.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().as_deref() {
            Ok(&[major, minor, patch]) => (major, minor, patch),
            _ => panic!("{version:?} is no version:\n{}", told.text),
        }
    }

    /// The command, not started yet: in `folder`, without questions or colours, and with no variable that would make it
    /// another one than a person's.
    #[must_use]
    pub fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        remove_variables(&mut command, "TF_");
        command
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_CLI_ARGS", "-no-color")
            .env("CHECKPOINT_DISABLE", "1");
        command
    }

    /// What a run of `command` came to, told with the `arguments`.
    ///
    /// # Panics
    /// If the CLI can't be started.
    #[track_caller]
    #[must_use]
    pub fn run(&self, mut command: Command, arguments: &[&str]) -> Output {
        let output = match command.output() {
            Ok(output) => output,
            Err(error) => panic!("{} can't be started: {error}", self.program.display()),
        };
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let text = format!("$ {} {}\n{stdout}{stderr}", self.name, arguments.join(" "));
        Output { code: output.status.code().unwrap_or(-1), text, stdout }
    }
}

fn found(path: OsString) -> Option<PathBuf> {
    (!path.is_empty()).then(|| path.into())
}

/// Takes the variables of this process whose names begin with `prefix` away from `command`.
pub(super) fn remove_variables(command: &mut Command, prefix: &str) {
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with(prefix)) {
        command.env_remove(name);
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// What a run of a CLI came to.
#[derive(Debug, Clone)]
pub struct Output {
    /// What it exited with; -1 if a signal ended it.
    pub code: i32,
    /// The command, standard output, and then standard error.
    pub text: String,
    stdout: String,
}

impl Output {
    /// Demands success.
    ///
    /// # Panics
    /// If it failed, with all that the CLI said.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "that it succeeded is often all that is asked")]
    pub fn expect_success(self) -> Self {
        assert_eq!(self.code, 0, "the CLI failed:\n{}", self.text);
        self
    }

    /// Demands a failure that says each of `texts`; how the CLI wraps its lines makes no difference.
    ///
    /// # Panics
    /// If it succeeded, or doesn't say one of them.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "that it failed so is often all that is asked")]
    pub fn expect_failure(self, texts: &[&str]) -> Self {
        assert_ne!(self.code, 0, "the CLI did not fail:\n{}", self.text);
        self.expect_texts(texts)
    }

    /// Demands that it says each of `texts`.
    ///
    /// # Panics
    /// If it doesn't say one of them.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "that it says so is often all that is asked")]
    pub fn expect_texts(self, texts: &[&str]) -> Self {
        let said = unwrapped(&self.text);
        for text in texts {
            assert!(said.contains(&unwrapped(text)), "{text:?} is not said in:\n{}", self.text);
        }
        self
    }

    /// Demands exactly one error: what is wrong once is told once.
    ///
    /// # Panics
    /// If there is none, or more than one.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "that there is one is often all that is asked")]
    pub fn expect_one_error(self) -> Self {
        let count = self.text.matches("Error: ").count();
        assert_eq!(count, 1, "there is not one error in:\n{}", self.text);
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Json {
        match serde_json::from_str(&self.stdout) {
            Ok(json) => json,
            Err(error) => panic!("no JSON ({error}):\n{}", self.text),
        }
    }
}

/// The text without the frames that the CLIs draw around diagnostics, and with single spaces.
#[must_use]
pub fn unwrapped(text: &str) -> String {
    let plain = text.replace(['│', '╷', '╵'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A CLI configuration in `folder` whose only source of providers is the mirror beside it, with `binary` installed by
/// its own `install` command. The answer is the configuration's path, for `TF_CLI_CONFIG_FILE`.
///
/// The CLIs hash a provider at each start: it is installed without symbols, as a release is, where there is a `strip`.
///
/// # Panics
/// If the folder can't be written, or the provider doesn't install itself.
#[track_caller]
#[must_use]
pub fn mirror(folder: &Path, binary: &Path) -> PathBuf {
    let mirror = folder.join("mirror");
    let installed = Command::new(stripped(folder, binary)).arg("install").arg(&mirror).output();
    match installed {
        Ok(output) => {
            assert!(output.status.success(), "install failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(error) => panic!("{} can't be started: {error}", binary.display()),
    }
    let configuration = folder.join("cli.tfrc");
    let text = format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n");
    let written = fs::write(&configuration, text);
    assert!(written.is_ok(), "{} can't be written: {written:?}", configuration.display());
    configuration
}

fn stripped(folder: &Path, binary: &Path) -> PathBuf {
    let stripped = folder.join(binary.file_name().unwrap_or_default());
    let made = fs::create_dir_all(folder);
    assert!(made.is_ok(), "{} can't be made: {made:?}", folder.display());
    let strip = Command::new("strip").arg("-o").arg(&stripped).arg(binary).status();
    if strip.is_ok_and(|status| status.success()) { stripped } else { binary.to_owned() }
}
