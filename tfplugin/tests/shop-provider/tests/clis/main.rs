//! The shop with the real CLIs: those that `TFPLUGIN_TOFU` and `TFPLUGIN_TERRAFORM` name, or that are on `PATH`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod applies;
mod deprecated;
mod functions;
mod large;
mod logs;
mod nested;
mod older;
mod panics;
mod steps;
mod values;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;
use tfplugin::testing::{Cli, Project, mirror};

fn configuration() -> &'static Path {
    static MIRROR: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let made = || {
        let folder = TempDir::new().unwrap();
        let configuration = mirror(folder.path(), Path::new(env!("CARGO_BIN_EXE_terraform-provider-shop")));
        (folder, configuration)
    };
    &MIRROR.get_or_init(made).1
}

/// A project, whose shop has its ledger in it.
fn project(cli: &Cli) -> Project {
    Project::new(cli, "example/shop", configuration())
}

fn for_each_cli(test: impl Fn(&Cli)) {
    let clis = Cli::all();
    if clis.is_empty() {
        println!("skipped: neither tofu nor terraform is here");
    }
    clis.iter().for_each(test);
}

fn with_provider(resources: &str) -> String {
    format!("provider \"shop\" {{\n  ledger = \"${{path.module}}/ledger.json\"\n}}\n\n{resources}")
}

/// A thing named `lamp`, with other arguments.
fn thing(arguments: &str) -> String {
    with_provider(&format!("resource \"shop_thing\" \"one\" {{\n  name = \"lamp\"\n{arguments}\n}}\n"))
}

/// A cabinet named `oak`, with other arguments.
fn cabinet(arguments: &str) -> String {
    with_provider(&format!(
        "resource \"shop_cabinet\" \"one\" {{\n  name = \"oak\"\n  door {{\n    material = \"oak\"\n    hinge {{}}\n  }}\n\
         {arguments}\n}}\n"
    ))
}
