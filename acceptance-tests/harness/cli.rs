//! OpenTofu and Terraform, with the built provider in a filesystem mirror.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs};

use tfplugin::testing::{Cli, mirror};

use super::server::cache;

/// OpenTofu, for tests in which the CLI makes no difference.
pub fn one_cli() -> Cli {
    let tofu = env::var_os("TFGD_TOFU").map_or_else(|| cache().join("bin/tofu"), PathBuf::from);
    assert!(tofu.exists(), "there is no tofu at {}: `make test` installs it", tofu.display());
    Cli::new("tofu", tofu)
}

/// Terraform, where that is installed.
pub fn terraform() -> Option<Cli> {
    env::var_os("TFGD_TERRAFORM").map(|terraform| Cli::new("terraform", terraform))
}

/// Runs `test` with OpenTofu and, beside it, with Terraform where that is installed.
pub fn for_each_cli(test: impl Fn(&Cli) + Sync) {
    let Some(terraform) = terraform() else {
        eprintln!("skipped with terraform: TFGD_TERRAFORM doesn't say where it is");
        return test(&one_cli());
    };
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| test(&terraform));
        test(&one_cli());
        if let Err(panic) = beside.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// A CLI configuration whose only source of providers is a mirror with the built one.
pub fn configuration() -> &'static Path {
    static CONFIGURATION: OnceLock<PathBuf> = OnceLock::new();
    CONFIGURATION.get_or_init(|| {
        let folder = mirror_of_this_run();
        let configuration = mirror(&folder, Path::new(env!("CARGO_BIN_EXE_terraform-provider-guardduty")));
        stand_in_for_aws(&folder.join("mirror"));
        configuration
    })
}

/// A folder of this run's own. Those of runs that have ended are deleted, so that nothing piles up.
fn mirror_of_this_run() -> PathBuf {
    // A run that lives holds the lock of its folder; the system frees it, however the run ends.
    static ALIVE: OnceLock<File> = OnceLock::new();
    let all = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mirrors");
    fs::create_dir_all(&all).unwrap();
    let one_at_a_time = File::create(all.with_extension("lock")).unwrap();
    one_at_a_time.lock().unwrap();
    for run in fs::read_dir(&all).unwrap() {
        let run = run.unwrap().path();
        let has_ended = File::open(run.join("lock")).map_or(true, |lock| lock.try_lock().is_ok());
        if has_ended {
            let _ = fs::remove_dir_all(run);
        }
    }
    let own = all.join(std::process::id().to_string());
    fs::create_dir_all(&own).unwrap();
    let lock = File::create(own.join("lock")).unwrap();
    lock.lock().unwrap();
    ALIVE.set(lock).unwrap();
    own
}

/// The real hashicorp/aws, where TFGD_AWS_MIRROR names a filesystem mirror that has it.
pub fn aws_provider() -> Option<PathBuf> {
    let mirror = PathBuf::from(env::var_os("TFGD_AWS_MIRROR")?).join("registry.terraform.io/hashicorp/aws");
    let inside = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let is_provider =
        |file: &PathBuf| file.file_name().is_some_and(|name| name.to_string_lossy().contains("provider-aws_"));
    inside(mirror).flat_map(inside).flat_map(inside).find(is_provider)
}

/// Puts the built provider into the mirror as hashicorp/aws too, where the real one is not at hand. To move a resource
/// from there, the CLIs want that provider to be installed, but ask it nothing about the resource.
fn stand_in_for_aws(mirror: &Path) {
    for host in fs::read_dir(mirror).unwrap() {
        let host = host.unwrap().path();
        let version = fs::read_dir(host.join("guardduty-rs/guardduty")).unwrap().next().unwrap().unwrap();
        for platform in fs::read_dir(version.path()).unwrap() {
            let platform = platform.unwrap();
            let binary = fs::read_dir(platform.path()).unwrap().next().unwrap().unwrap().path();
            let folder = host.join("hashicorp/aws/5.100.0").join(platform.file_name());
            fs::create_dir_all(&folder).unwrap();
            symlink(aws_provider().unwrap_or(binary), folder.join("terraform-provider-aws_v5.100.0")).unwrap();
        }
    }
}
