//! The binary: a plugin for the CLI that starts it, and a friend to the person who starts it by hand.

use std::process::ExitCode;

fn main() -> ExitCode {
    tfplugin::cli::main::<provider::GuardDuty>(&["provider"])
}
