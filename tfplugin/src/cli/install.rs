//! `install`: copies the binary to where the CLIs look for providers of no registry.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io, path};

use super::{HOSTS, Provider, binary, fail, say};

/// The CLIs' configuration files, as a person knows them.
const SETTINGS: &str =
    if cfg!(windows) { r"%APPDATA%\tofu.rc or %APPDATA%\terraform.rc" } else { "~/.tofurc or ~/.terraformrc" };

/// Installs into `folder`, by default one that both CLIs search.
pub(super) fn run<P: Provider>(folder: Option<PathBuf>) -> ExitCode {
    let Some(folder) = folder.or_else(default_folder) else {
        return fail("cannot install: there is no home folder; name a folder: install FOLDER");
    };
    match copy::<P>(&folder) {
        Ok(folder) => say(&told::<P>(&folder)),
        Err(error) => fail(&format!("cannot install into {}: {error}", folder.display())),
    }
}

/// The folder to install into when none is named.
pub(super) fn default_folder() -> Option<PathBuf> {
    searched().into_iter().next()
}

/// The folders that both CLIs search without being told so, the default first.
///
/// A new `~/.terraform.d` would become OpenTofu's configuration folder instead of `$XDG_CONFIG_HOME/opentofu`: none is
/// made. The other folder is named after Terraform, but both search it; `~/.local/share/opentofu` neither does.
fn searched() -> Vec<PathBuf> {
    let settings = settings_folder();
    let has_settings = cfg!(windows) || settings.as_ref().is_some_and(|folder| folder.is_dir());
    let mut folders: Vec<_> = [settings, data_folder()].into_iter().flatten().collect();
    if !has_settings {
        folders.reverse();
    }
    folders.into_iter().map(|folder| folder.join("plugins")).collect()
}

fn settings_folder() -> Option<PathBuf> {
    Some(if cfg!(windows) { variable("APPDATA")?.join("terraform.d") } else { home()?.join(".terraform.d") })
}

fn data_folder() -> Option<PathBuf> {
    Some(if cfg!(windows) {
        variable("APPDATA")?.join("HashiCorp").join("Terraform")
    } else if cfg!(target_os = "macos") {
        home()?.join("Library/Application Support/io.terraform")
    } else {
        variable("XDG_DATA_HOME").or_else(|| Some(home()?.join(".local/share")))?.join("terraform")
    })
}

/// The folder that a variable names; the CLIs, too, take none that is relative.
fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute())
}

fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| home.is_absolute())
}

/// Copies the binary into `folder` and returns the folder's whole path.
fn copy<P: Provider>(folder: &Path) -> io::Result<PathBuf> {
    let itself = env::current_exe()?;
    let whole = path::absolute(folder)?;
    for host in HOSTS {
        let folder = whole.join(host).join(P::ADDRESS).join(P::VERSION).join(platform());
        fs::create_dir_all(&folder)?;
        let target = folder.join(format!("{}_v{}{}", binary::<P>(), P::VERSION, env::consts::EXE_SUFFIX));
        // A running copy can't be overwritten, but it can be replaced; and it may be this very process'.
        let fresh = folder.join(".installing");
        fs::copy(&itself, &fresh)?;
        fs::rename(&fresh, &target)?;
    }
    Ok(whole)
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

fn told<P: Provider>(folder: &Path) -> String {
    let mirror = if searched().iter().any(|known| known == folder) { String::new() } else { mirror::<P>(folder) };
    format!(
        "installed into {}

{mirror}terraform {{
  required_providers {{
    {} = {{
      source  = {}
      version = {}
    }}
  }}
}}",
        folder.display(),
        P::NAME,
        quoted(P::ADDRESS),
        quoted(P::VERSION),
    )
}

/// What makes the CLIs look into `folder`, and for everything else where they would.
fn mirror<P: Provider>(folder: &Path) -> String {
    let (path, address) = (quoted(&folder.to_string_lossy()), quoted(P::ADDRESS));
    format!(
        "tofu and terraform look there only if their configuration file says so ({SETTINGS}, or what
TF_CLI_CONFIG_FILE names):

provider_installation {{
  filesystem_mirror {{
    path    = {path}
    include = [{address}]
  }}
  direct {{
    exclude = [{address}]
  }}
}}

Then name it in a configuration:

"
    )
}

/// A string as HCL has it, also the older HCL of the CLIs' configuration files, which knows no `$${`.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n").replace("${", r"\u0024{");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_as_hcl() {
        assert_eq!(quoted(r#"/a "b"/${c}/d\e/ö/f{"#), r#""/a \"b\"/\u0024{c}/d\\e/ö/f{""#);
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
    }
}
