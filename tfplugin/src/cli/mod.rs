//! What the binary does when it is started: serve a CLI, or help a person.
//!
//! The only place that prints. It knows no provider in particular.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use tonic::service::Routes;

use crate::plugin::{Environment, Serve, ServeError, debug, logs, panics, serve};
use crate::protocol::{Server, schema_json};
use crate::{Provider, Stop};

/// Hosts that the CLIs take for a source without one.
const HOSTS: [&str; 2] = ["registry.opentofu.org", "registry.terraform.io"];

/// The `main` of a provider: serves the CLI that started the process, or does what the arguments ask for.
///
/// `own_crates` are the crates whose logs are wanted at every level.
pub fn main<P: Provider>(own_crates: &[&str]) -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let command = arguments.next();
    match command.as_ref().and_then(|word| word.to_str()) {
        None => serve_cli::<P>(own_crates, false),
        Some("--debug" | "-debug") => serve_cli::<P>(own_crates, true),
        Some("--version" | "-V" | "version") => say(&format!("{} {}", binary::<P>(), P::VERSION)),
        Some("--help" | "-h" | "help") => say(&help::<P>()),
        Some("schema") => say(&schema_json::<P>()),
        Some("install") => install::run::<P>(arguments.next()),
        Some(other) => fail(&format!("unknown command {other:?}\n\n{}", help::<P>())),
    }
}

fn binary<P: Provider>() -> String {
    format!("terraform-provider-{}", P::NAME)
}

fn help<P: Provider>() -> String {
    let (binary, name) = (binary::<P>(), P::NAME);
    format!(
        "{binary} {version}: a provider for OpenTofu and Terraform.

It is a plugin: `tofu` or `terraform` starts it. To use it, install it and name it in a configuration:

  {binary} install     puts it where both CLIs find it, and prints the block to write

Other commands:
  {binary} schema      prints the schema of all {name}_* types as JSON
  {binary} --debug     serves one CLI in the foreground, for a debugger
  {binary} --version   prints the version",
        version = P::VERSION,
    )
}

fn serve_cli<P: Provider>(own_crates: &[&str], in_foreground: bool) -> ExitCode {
    let environment = Environment::from_process();
    logs::install(&environment, own_crates);
    panics::install(P::ISSUES);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    let stop = Stop::default();
    let routes = Routes::new(Server::<P>::new(stop.clone()).service());
    let options = Serve::new(environment).on_stop(move || stop.request());
    let served = runtime.block_on(async {
        if in_foreground {
            debug(options, &HOSTS.map(|host| format!("{host}/{}", P::ADDRESS)), routes).await
        } else {
            serve(options, routes).await
        }
    });
    // A call that still runs has had its time: the process must end now.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(ServeError::NotAPlugin) => fail(&help::<P>()),
        Err(error) => fail(&error.to_string()),
    }
}

/// A person asked for it: no CLI is listening. A reader that has gone away (`| head`) has read enough.
fn say(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
}

#[allow(clippy::print_stderr)] // Before or instead of serving, so it is no log.
fn fail(text: &str) -> ExitCode {
    eprintln!("{text}");
    ExitCode::FAILURE
}

mod install {
    //! `install`: copies the binary to where the CLIs look for providers of no registry.

    use std::path::{Path, PathBuf};
    use std::{env, fs, io};

    use super::{ExitCode, HOSTS, OsString, Provider, binary, fail, say};

    /// Installs into `folder`, by default the CLIs' own plugin folder in the user's home.
    pub fn run<P: Provider>(folder: Option<OsString>) -> ExitCode {
        let Some(folder) = folder.map(PathBuf::from).or_else(plugin_folder) else {
            return fail("cannot install: there is no home folder; name a folder: install FOLDER");
        };
        match copy::<P>(&folder) {
            Ok(()) => say(&block::<P>(&folder)),
            Err(error) => fail(&format!("cannot install into {}: {error}", folder.display())),
        }
    }

    fn plugin_folder() -> Option<PathBuf> {
        let settings = match env::var_os("APPDATA") {
            Some(folder) if cfg!(windows) => PathBuf::from(folder).join("terraform.d"),
            _ => env::home_dir()?.join(".terraform.d"),
        };
        Some(settings.join("plugins"))
    }

    fn copy<P: Provider>(folder: &Path) -> io::Result<()> {
        let itself = env::current_exe()?;
        for host in HOSTS {
            let folder = folder.join(host).join(P::ADDRESS).join(P::VERSION).join(platform());
            fs::create_dir_all(&folder)?;
            let target = folder.join(format!("{}_v{}{}", binary::<P>(), P::VERSION, env::consts::EXE_SUFFIX));
            // A running copy can't be overwritten, but it can be replaced; and it may be this very process'.
            let fresh = folder.join(".installing");
            fs::copy(&itself, &fresh)?;
            fs::rename(&fresh, &target)?;
        }
        Ok(())
    }

    /// The platform as Go names it, since the CLIs are written in Go.
    fn platform() -> String {
        let system = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
        let machine = match env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        format!("{system}_{machine}")
    }

    fn block<P: Provider>(folder: &Path) -> String {
        format!(
            "installed into {}

terraform {{
  required_providers {{
    {} = {{
      source  = {:?}
      version = {:?}
    }}
  }}
}}",
            folder.display(),
            P::NAME,
            P::ADDRESS,
            P::VERSION,
        )
    }
}
