//! The provider with the real CLIs: those that `TFPLUGIN_TOFU` and `TFPLUGIN_TERRAFORM` name,
//! or that are on `PATH`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tfplugin::testing::{Cli, Project, mirror};

const ADDRESS: &str = "files_text.one";

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_terraform-provider-files"))
}

fn configuration() -> &'static Path {
    static MIRROR: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let made = || {
        let folder = TempDir::new().unwrap();
        let configuration = mirror(folder.path(), binary());
        (folder, configuration)
    };
    &MIRROR.get_or_init(made).1
}

/// A project, whose provider has the folder `files` in it.
fn project(cli: &Cli) -> Project {
    let project = Project::new(cli, "example/files", configuration());
    fs::create_dir(project.folder().join("files")).unwrap();
    project
}

fn for_each_cli(test: impl Fn(&Cli)) {
    let clis = Cli::all();
    if clis.is_empty() {
        println!("skipped: neither tofu nor terraform is here");
    }
    clis.iter().for_each(test);
}

fn with_provider(resources: &str) -> String {
    format!("provider \"files\" {{\n  root = \"${{path.module}}/files\"\n}}\n\n{resources}")
}

fn text(arguments: &str) -> String {
    with_provider(&format!("resource \"files_text\" \"one\" {{\n{arguments}\n}}\n"))
}

fn content_of(project: &Project, path: &str) -> Option<String> {
    fs::read_to_string(project.folder().join("files").join(path)).ok()
}

#[test]
fn a_file_lives_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = project(cli);
        let config = text("path = \"notes/a.txt\"\n content = \"first\"");
        let plan = project.plan(&config).expect_actions(ADDRESS, &["create"]);
        assert_eq!(plan.attribute(ADDRESS, "size"), 5, "it is known before it is written");
        project.apply(&config);
        assert_eq!(content_of(&project, "notes/a.txt").unwrap(), "first");
        project.expect_attribute(ADDRESS, "changed_outside", false);
        project.reimport(ADDRESS, "notes/a.txt");

        let config = text("path = \"notes/a.txt\"\n content = \"second one\"");
        project.plan(&config).expect_actions(ADDRESS, &["update"]);
        project.apply(&config);
        project.expect_attribute(ADDRESS, "size", 10);

        // Drift is seen, and mended.
        let file = project.folder().join("files/notes/a.txt");
        let seen = ["content", "size", "changed_outside"];
        project.drift(ADDRESS, &seen, || fs::write(&file, "third").unwrap());
        assert_eq!(content_of(&project, "notes/a.txt").unwrap(), "second one");
        project.vanish(ADDRESS, || fs::remove_file(&file).unwrap());
        assert_eq!(content_of(&project, "notes/a.txt").unwrap(), "second one");

        let config = text("path = \"b.txt\"\n content = \"second one\"");
        project.plan(&config).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&config);
        assert_eq!(content_of(&project, "notes/a.txt"), None);
        project.destroy();
        assert_eq!(content_of(&project, "b.txt"), None);
    });
}

#[test]
fn a_secret_is_written_and_stored_nowhere() {
    for_each_cli(|cli| {
        let project = project(cli);
        let config = |secret: &str, version: u8| {
            text(&format!("path = \"key\"\n secret = \"{secret}\"\n secret_version = {version}"))
        };
        project.apply(&config("hUsH-1", 1));
        assert_eq!(content_of(&project, "key").unwrap(), "hUsH-1");
        project.expect_attribute(ADDRESS, "secret", json!(null));
        // Of a secret nobody can tell whether it is another one: a new version says so.
        project.apply(&config("hUsH-2", 1));
        assert_eq!(content_of(&project, "key").unwrap(), "hUsH-1");
        project.apply(&config("hUsH-2", 2));
        assert_eq!(content_of(&project, "key").unwrap(), "hUsH-2");

        // The private value beside the state tells that somebody else has written.
        fs::write(project.folder().join("files/key"), "other").unwrap();
        assert_eq!(project.plan(&config("hUsH-2", 2)).actions(ADDRESS), ["update"]);
        let applied =
            project.run_with(&["apply", "-auto-approve"], &[("TF_LOG_PROVIDER", Some("TRACE"))]).expect_success();
        project.expect_no_changes();
        assert_eq!(content_of(&project, "key").unwrap(), "hUsH-2");
        let state = fs::read_to_string(project.folder().join("terraform.tfstate")).unwrap();
        for told in [&applied.text, &state] {
            assert!(!told.contains("hUsH"), "the secret is told:\n{told}");
        }
        project.destroy();
    });
}

#[test]
fn what_is_wrong_is_refused_at_plan() {
    for_each_cli(|cli| {
        let project = project(cli);
        for (arguments, texts) in [
            ("path = \"../a\"\n content = \"\"", ["this path leads out of the folder", "does not leave it"]),
            ("path = \"a\"", ["a file needs `content` or `secret`", "on main.tf line"]),
            (
                "path = \"a\"\n content = \"b\"\n secret = \"c\"",
                ["a file has either `content` or `secret`", "secret ="],
            ),
            ("path = \"a\"\n content = \"b\"\n secret_version = 0", ["secret_version", "1"]),
        ] {
            project.expect_refused(&text(arguments), &texts);
        }
        fs::write(project.folder().join("files/there"), "a").unwrap();
        let there = text("path = \"there\"\n content = \"b\"");
        project.expect_apply_failure(&there, &["there is a file at there already", "Import it"]).expect_one_error();
        assert_eq!(project.state(ADDRESS), None);
        let nowhere = with_provider("data \"files_text\" \"one\" {\n  path = \"nowhere\"\n}\n");
        project.expect_refused(&nowhere, &["there is no file at nowhere", "path = \"nowhere\""]);
        let folder =
            "provider \"files\" {\n  root = \"/nowhere\"\n}\ndata \"files_text\" \"one\" {\n  path = \"a\"\n}\n";
        project.expect_refused(folder, &["/nowhere is no folder", "root = \"/nowhere\""]);
    });
}

#[test]
fn functions_and_data_sources_answer() {
    for_each_cli(|cli| {
        let project = project(cli);
        let config = |parts: &str| {
            with_provider(&format!(
                "resource \"files_text\" \"one\" {{\n  path = provider::files::join({parts})\n  content = \"here\"\n}}\n\
                 data \"files_text\" \"one\" {{\n  path = files_text.one.path\n}}\n"
            ))
        };
        project.apply(&config("\"a\", \"b.txt\""));
        assert_eq!(content_of(&project, "a/b.txt").unwrap(), "here");
        assert_eq!(project.attribute("data.files_text.one", "content"), "here");
        project.expect_refused(&config("\"a\", \"..\""), &["does not leave it"]);
        project.expect_refused(&config("\"a\", null"), &["null"]);
        project.write(&config("\"a\", \"b.txt\""));
        project.destroy();
    });
}

#[test]
fn an_ephemeral_file_feeds_a_secret_and_is_gone() {
    for_each_cli(|cli| {
        let project = project(cli);
        let config = with_provider(
            "ephemeral \"files_scratch\" \"one\" {\n  path = \"scratch\"\n}\n\
             resource \"files_text\" \"one\" {\n  path = \"key\"\n  secret = ephemeral.files_scratch.one.word\n  \
             secret_version = 1\n}\n",
        );
        project.apply(&config);
        let word = content_of(&project, "key").unwrap();
        assert!(word.starts_with("word-"), "{word}");
        assert_eq!(content_of(&project, "scratch"), None, "it is gone with the run");
        let state = fs::read_to_string(project.folder().join("terraform.tfstate")).unwrap();
        assert!(!state.contains("word-"), "{state}");
        project.destroy();
    });
}

#[test]
fn a_module_has_a_say_about_its_files() {
    for_each_cli(|cli| {
        let project = project(cli);
        let module =
            |most: u8| format!("terraform {{\n  provider_meta \"files\" {{\n    most_bytes = {most}\n  }}\n}}\n");
        let file = text("path = \"a\"\n content = \"four\"");
        project.expect_refused(
            &format!("{}{file}", module(3)),
            &["the file would have 4 bytes, its module allows 3", "content = \"four\"", "`provider_meta`"],
        );
        project.apply(&format!("{}{file}", module(4)));
        assert_eq!(content_of(&project, "a").unwrap(), "four");
        // What is known only at apply is held then.
        let later = file.replace("\"four\"", "terraform_data.text.output");
        let later = format!("{}{later}resource \"terraform_data\" \"text\" {{\n  input = \"fives\"\n}}\n", module(4));
        project.expect_apply_failure(&later, &["the file would have 5 bytes"]);
        assert_eq!(content_of(&project, "a").unwrap(), "four");
        project.write(&file);
        project.destroy();
    });
}

/// Twenty megabytes, over the socket and through a CLI's own limits; one CLI is enough, for it takes a while.
#[test]
fn a_state_of_20_megabytes_passes() {
    let Some(cli) = Cli::all().into_iter().next() else { return println!("skipped: no CLI is here") };
    let project = project(&cli);
    project.write_file("large", &"größe 値 ".repeat(20 * (1 << 20) / 12));
    project.write(&text("path = \"large\"\n content = file(\"${path.module}/large\")"));
    project.run(&["apply", "-auto-approve"]).expect_success();
    let state = fs::metadata(project.folder().join("terraform.tfstate")).unwrap();
    assert!(state.len() > 20 * (1 << 20) - 100, "the state has {} bytes", state.len());
    project.run(&["destroy", "-auto-approve"]).expect_success();
    assert_eq!(content_of(&project, "large"), None);
}

/// OpenTofu and Terraform take an identity in an `import` block from version 1.12 on.
fn an_identity_is_imported(name: &str) {
    let Some(cli) = Cli::all().into_iter().find(|cli| cli.name == name) else {
        return println!("skipped: {name} is not here");
    };
    if cli.version() < (1, 12, 0) {
        return println!("skipped: {name} takes identities from version 1.12 on, here is {:?}", cli.version());
    }
    let project = project(&cli);
    fs::write(project.folder().join("files/there"), "text").unwrap();
    let config = text("path = \"there\"\n content = \"text\"");
    let block = "import {\n  to = files_text.one\n  identity = {\n    path = \"there\"\n  }\n}\n";
    project.apply(&format!("{config}{block}")).expect_texts(&["1 imported, 0 added, 0 changed"]);
    project.destroy();
}

#[test]
fn opentofu_imports_an_identity() {
    an_identity_is_imported("tofu");
}

#[test]
fn terraform_imports_an_identity() {
    an_identity_is_imported("terraform");
}

/// A provider that a person started, as a debugger would.
struct Debugged(Child);

impl Debugged {
    fn ended_within(&mut self, limit: Duration) -> bool {
        let began = Instant::now();
        while self.0.try_wait().is_ok_and(|ended| ended.is_none()) {
            if began.elapsed() > limit {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

/// Ends it as a terminal that is closed does, so that it takes its socket away.
impl Drop for Debugged {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-s", "TERM", &self.0.id().to_string()]).status();
        if !self.ended_within(Duration::from_secs(10)) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

#[test]
fn the_line_of_debugging_works_in_both_clis() {
    for_each_cli(|cli| {
        // Nothing is installed: only the process that runs already can serve.
        let nowhere = TempDir::new().unwrap();
        let settings = nowhere.path().join("cli.tfrc");
        let mirror =
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n", nowhere.path());
        fs::write(&settings, mirror).unwrap();
        let project = Project::new(cli, "example/files", &settings);
        fs::create_dir(project.folder().join("files")).unwrap();
        let mut child = Command::new(binary())
            .arg("--debug")
            .current_dir(project.folder())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let debugged = Debugged(child);
        let line = output.lines().map(Result::unwrap).find(|line| line.contains("TF_REATTACH_PROVIDERS=")).unwrap();
        let value = pasted(&line);
        let socket: serde_json::Value = serde_json::from_str(&value).unwrap();
        let registered = &socket[format!("{}/example/files", cli.registry())];
        let socket = PathBuf::from(registered["Addr"]["String"].as_str().unwrap());
        let project = project.with_variable("TF_REATTACH_PROVIDERS", &value);
        project.apply(&text("path = \"a.txt\"\n content = \"debugged\""));
        assert_eq!(content_of(&project, "a.txt").unwrap(), "debugged");
        project.destroy();
        assert_eq!(content_of(&project, "a.txt"), None);
        assert!(socket.exists());
        drop(debugged);
        assert!(!socket.parent().unwrap().exists(), "the socket is left behind");
    });
}

/// What a program that is started after `line` in a person's shell has as `TF_REATTACH_PROVIDERS`.
fn pasted(line: &str) -> String {
    let script = format!("{line}\nprintenv TF_REATTACH_PROVIDERS\n");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "no program after it has the variable: {line}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
