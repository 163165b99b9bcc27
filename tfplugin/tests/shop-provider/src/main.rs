//! The shop, served to real CLIs. Its types are those of the tests that need none.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[allow(dead_code, reason = "the rest is for tests in one process")]
#[path = "../../shop/mod.rs"]
mod shop;

use std::process::ExitCode;

fn main() -> ExitCode {
    tfplugin::cli::main::<shop::Shop>(&["terraform_provider_shop"])
}
