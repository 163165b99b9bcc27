//! The binary: a plugin for the CLI that starts it, with commands for users who start it themselves.

use std::process::ExitCode;

fn main() -> ExitCode {
    tfplugin::cli::main::<provider::GuardDuty>(&["provider"])
}
