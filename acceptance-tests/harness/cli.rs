//! OpenTofu and Terraform as a user has them: installed, with the provider in a filesystem mirror.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

use serde_json::Value as Json;

use super::server::cache;

/// A CLI.
#[derive(Clone)]
pub struct Cli {
    pub name: &'static str,
    program: PathBuf,
}

/// What a run of a CLI came to.
pub struct Output {
    pub code: i32,
    /// Standard output and then standard error.
    pub text: String,
    stdout: String,
}

/// OpenTofu, for tests in which the CLI makes no difference.
pub fn one_cli() -> Cli {
    let tofu = env::var_os("TFGD_TOFU").map_or_else(|| cache().join("bin/tofu"), PathBuf::from);
    assert!(tofu.exists(), "there is no tofu at {}: `make test` installs it", tofu.display());
    Cli { name: "tofu", program: tofu }
}

/// Runs `test` with OpenTofu, and with Terraform where that is installed.
pub fn for_each_cli(test: impl Fn(&Cli)) {
    test(&one_cli());
    match env::var_os("TFGD_TERRAFORM") {
        Some(terraform) => test(&Cli { name: "terraform", program: terraform.into() }),
        None => eprintln!("skipped with terraform: TFGD_TERRAFORM doesn't say where it is"),
    }
}

impl Cli {
    pub fn run(&self, folder: &Path, arguments: &[&str], environment: &[(String, String)]) -> Output {
        let output = self.command(folder, arguments, environment).output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let text =
            format!("$ {} {}\n{stdout}{}", self.name, arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        Output { code: output.status.code().unwrap_or(-1), text, stdout }
    }

    /// The command, not started yet: for tests that interrupt it.
    pub fn command(&self, folder: &Path, arguments: &[&str], environment: &[(String, String)]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("TF_CLI_CONFIG_FILE", cli_configuration())
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_CLI_ARGS", "-no-color")
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_LOG")
            .envs(environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Output {
    pub fn expect_success(self) -> Self {
        assert_eq!(self.code, 0, "the CLI failed:\n{}", self.text);
        self
    }

    /// Demands a failure that says each of `texts`; how the CLI wraps its lines makes no difference.
    pub fn expect_failure(self, texts: &[&str]) -> Self {
        assert_ne!(self.code, 0, "the CLI did not fail:\n{}", self.text);
        self.expect_texts(texts)
    }

    /// Demands that it says each of `texts`.
    pub fn expect_texts(self, texts: &[&str]) -> Self {
        let said = unwrapped(&self.text);
        for text in texts {
            assert!(said.contains(&unwrapped(text)), "{text:?} is not said in:\n{}", self.text);
        }
        self
    }

    /// Demands exactly one error: what is wrong once is told once.
    pub fn expect_one_error(self) -> Self {
        let count = self.text.matches("Error: ").count();
        assert_eq!(count, 1, "there is not one error in:\n{}", self.text);
        self
    }

    pub fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}):\n{}", self.text))
    }
}

/// The text without the frames that the CLIs draw around diagnostics, and with single spaces.
fn unwrapped(text: &str) -> String {
    let plain = text.replace(['│', '╷', '╵'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A CLI configuration whose only source of providers is a mirror with the built one.
fn cli_configuration() -> &'static Path {
    static CONFIGURATION: OnceLock<PathBuf> = OnceLock::new();
    CONFIGURATION.get_or_init(|| {
        let folder = mirror_of_this_run();
        let installed = Command::new(stripped(&folder)).arg("install").arg(folder.join("mirror")).output().unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        stand_in_for_aws(&folder.join("mirror"));
        let file = folder.join("tofurc");
        let mirror = folder.join("mirror");
        let text = format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n");
        fs::write(&file, text).unwrap();
        file
    })
}

/// The built provider without symbols, as a release is, where there is a `strip`: the CLIs hash the file at each start.
fn stripped(folder: &Path) -> PathBuf {
    let binary = env!("CARGO_BIN_EXE_terraform-provider-guardduty");
    fs::create_dir_all(folder).unwrap();
    let stripped = folder.join("terraform-provider-guardduty");
    let strip = Command::new("strip").arg("-o").arg(&stripped).arg(binary).status();
    if strip.is_ok_and(|status| status.success()) { stripped } else { binary.into() }
}

/// A folder of this run's own. Those of runs that have ended are deleted, so that nothing piles up.
fn mirror_of_this_run() -> PathBuf {
    let all = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mirrors");
    fs::create_dir_all(&all).unwrap();
    for run in fs::read_dir(&all).unwrap() {
        let run = run.unwrap();
        if !Path::new("/proc").join(run.file_name()).exists() {
            let _ = fs::remove_dir_all(run.path());
        }
    }
    all.join(std::process::id().to_string())
}

/// Puts the built provider into the mirror as hashicorp/aws too. To move a resource from there, the CLIs want that
/// provider to be installed, but ask it nothing about the resource.
fn stand_in_for_aws(mirror: &Path) {
    for host in fs::read_dir(mirror).unwrap() {
        let host = host.unwrap().path();
        let version = fs::read_dir(host.join("guardduty-rs/guardduty")).unwrap().next().unwrap().unwrap();
        for platform in fs::read_dir(version.path()).unwrap() {
            let platform = platform.unwrap();
            let binary = fs::read_dir(platform.path()).unwrap().next().unwrap().unwrap().path();
            let folder = host.join("hashicorp/aws/5.100.0").join(platform.file_name());
            fs::create_dir_all(&folder).unwrap();
            fs::hard_link(binary, folder.join("terraform-provider-aws_v5.100.0")).unwrap();
        }
    }
}
