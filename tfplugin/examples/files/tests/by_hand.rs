//! The binary as a person starts it: what it says, and where it installs itself, which the real CLIs must find.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tfplugin::testing::{Cli, cli::unwrapped};

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-files");
const HOSTS: [&str; 2] = ["registry.opentofu.org", "registry.terraform.io"];

/// What a run came to.
#[derive(Debug)]
struct Told {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn told(command: &mut Command) -> Told {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Told { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A person's home, in which nothing but what a test puts there is.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Home(TempDir::new().unwrap());
        fs::create_dir(home.path("work")).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Gives `command` this home, and none of the variables that lead out of it.
    fn of<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "TF_CLI_CONFIG_FILE"] {
            command.env_remove(variable);
        }
        command.env("HOME", self.0.path()).current_dir(self.path("work"))
    }

    fn run(&self, arguments: &[&str]) -> Told {
        told(self.of(Command::new(BINARY).args(arguments)))
    }

    /// The names of what is in a folder.
    fn names_in(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn it_says_what_it_is() {
    let home = Home::new();
    let started = home.run(&[]);
    assert_eq!((started.code, started.stdout.as_str()), (Some(1), ""));
    assert!(started.stderr.contains("a provider for OpenTofu and Terraform"), "{started:?}");
    for spelling in ["--version", "-version", "version", "-v", "-V"] {
        let version = home.run(&[spelling]);
        assert_eq!((version.code, version.stdout.as_str()), (Some(0), "terraform-provider-files 1.0.0\n"));
    }
    let schema: serde_json::Value = serde_json::from_str(&home.run(&["schema"]).stdout).unwrap();
    let provider = &schema["provider_schemas"]["registry.opentofu.org/example/files"];
    assert_eq!(provider["resource_identity_schemas"]["files_text"]["attributes"]["path"]["required_for_import"], true);
}

#[test]
fn each_command_has_its_help() {
    let home = Home::new();
    for (lines, texts) in [
        (&[&["--help"][..], &["-help"], &["-h"], &["help"]][..], &["install [FOLDER]", "help [COMMAND]"][..]),
        (
            &[&["install", "--help"], &["install", "-h"], &["install", "-help"], &["help", "install"]],
            &["terraform-provider-files install [FOLDER]", "/.local/share/terraform/plugins", "mirror"],
        ),
        (&[&["schema", "--help"], &["help", "schema"]], &["terraform-provider-files schema", "providers schema -json"]),
        (&[&["--debug", "--help"], &["help", "--debug"]], &["terraform-provider-files --debug", "until Ctrl-C"]),
        (&[&["--version", "--help"], &["help", "version"]], &["terraform-provider-files --version"]),
    ] {
        for line in lines {
            let help = home.run(line);
            assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{line:?}");
            for text in texts {
                assert!(help.stdout.contains(text), "{line:?} doesn't say {text:?}: {}", help.stdout);
            }
        }
    }
    assert_eq!(home.names_in(""), ["work"], "nothing is installed");
    assert_eq!(home.names_in("work"), Vec::<String>::new());
}

#[test]
fn what_it_cannot_follow_it_refuses_and_does_nothing() {
    let home = Home::new();
    for (line, reason, help) in [
        (&["instal"][..], "unknown command \"instal\". Did you mean \"install\"?", "--help"),
        (&["help", "shema"], "unknown command \"shema\". Did you mean \"schema\"?", "--help"),
        (&["--verbose"], "unknown command \"--verbose\"", "--help"),
        (&["install", ""], "the folder's name is empty", "install --help"),
        (&["install", "--force"], "unknown option \"--force\"", "install --help"),
        (&["install", "-f"], "unknown option \"-f\"", "install --help"),
        (&["install", "terraform", "extra"], "unexpected argument \"extra\"", "install --help"),
        (&["schema", "extra"], "unexpected argument \"extra\"", "schema --help"),
        (&["schema", "--json"], "unknown option \"--json\"", "schema --help"),
        (&["--version", "extra"], "unexpected argument \"extra\"", "--version --help"),
        (&["--debug", "extra"], "unexpected argument \"extra\"", "--debug --help"),
        (&["help", "install", "extra"], "unexpected argument \"extra\"", "--help"),
    ] {
        let refused = home.run(line);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{line:?}");
        assert_eq!(refused.stderr, format!("{reason}\nSee `terraform-provider-files {help}`.\n"), "{line:?}");
    }
    assert_eq!(home.names_in(""), ["work"], "nothing is installed");
    assert_eq!(home.names_in("work"), Vec::<String>::new());
}

/// The only file of the provider that is installed below `folder` for `host`.
fn installed(folder: &Path, host: &str) -> PathBuf {
    let only = |folder: &Path| {
        let paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [path] = &paths[..] else { panic!("there is not one entry: {paths:?}") };
        path.clone()
    };
    only(&only(&folder.join(host).join("example/files/1.0.0")))
}

#[test]
fn an_installed_copy_can_install_itself_again() {
    let home = Home::new();
    let mut installer = PathBuf::from(BINARY);
    for host in HOSTS {
        let run = told(home.of(Command::new(&installer).arg("install")));
        assert_eq!(run.code, Some(0), "{run:?}");
        installer = installed(&home.path(".local/share/terraform/plugins"), host);
        assert_eq!(told(Command::new(&installer).arg("--version")).stdout, "terraform-provider-files 1.0.0\n");
    }
}

/// Runs `init` of each CLI for what `install` prints, with `variables`, and demands that it takes what is installed.
fn expect_found(home: &Home, block: &str, variables: &[(&str, &Path)]) {
    let clis = Cli::all();
    if clis.is_empty() {
        println!("skipped: neither tofu nor terraform is here");
    }
    for cli in clis {
        let project = TempDir::new().unwrap();
        fs::write(project.path().join("main.tf"), block).unwrap();
        let mut command = cli.command(project.path(), &["init"]);
        home.of(&mut command).current_dir(project.path()).envs(variables.iter().copied());
        let output = cli.run(command, &["init"]).expect_success();
        assert!(
            unwrapped(&output.text).contains("Installed example/files v1.0.0 (unauthenticated)"),
            "{}",
            output.text
        );
    }
}

#[test]
fn it_is_installed_where_both_clis_find_it() {
    let environment = |home: &Home| [("XDG_CONFIG_HOME", home.path("config")), ("XDG_DATA_HOME", home.path("data"))];
    for (has_settings, has_variables, folder) in [
        (false, false, ".local/share/terraform/plugins"),
        (false, true, "data/terraform/plugins"),
        (true, false, ".terraform.d/plugins"),
        (true, true, ".terraform.d/plugins"),
    ] {
        let home = Home::new();
        if has_settings {
            fs::create_dir(home.path(".terraform.d")).unwrap();
        }
        let variables = environment(&home);
        let variables: Vec<_> = variables.iter().map(|(name, path)| (*name, path.as_path())).collect();
        let variables = if has_variables { &variables[..] } else { &[] };
        let run = told(home.of(Command::new(BINARY).arg("install")).envs(variables.iter().copied()));
        assert_eq!(run.code, Some(0), "{run:?}");
        let (first, block) = run.stdout.split_once("\n\n").unwrap();
        assert_eq!(first, format!("installed into {}", home.path(folder).display()));
        assert!(!block.contains("provider_installation"), "the CLIs need not be told: {block}");
        for host in HOSTS {
            assert!(installed(&home.path(folder), host).is_file());
        }
        assert_eq!(home.path(".terraform.d").exists(), has_settings, "it would move OpenTofu's configuration");
        expect_found(&home, block, variables);
    }
}

#[test]
fn what_is_printed_for_another_folder_makes_the_clis_look_there() {
    let home = Home::new();
    let name = r#"odd "${\ö"#;
    let run = home.run(&["install", name]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let folder = home.path("work").join(name);
    assert!(run.stdout.starts_with(&format!("installed into {}\n", folder.display())), "{run:?}");
    let start = run.stdout.find("provider_installation {").unwrap();
    let end = start + run.stdout[start..].find("\n}\n").unwrap() + 3;
    let settings = home.path("cli.tfrc");
    fs::write(&settings, &run.stdout[start..end]).unwrap();
    let block = &run.stdout[run.stdout.find("terraform {").unwrap()..];
    expect_found(&home, block, &[("TF_CLI_CONFIG_FILE", &settings)]);
}
