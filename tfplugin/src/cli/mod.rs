//! What the binary does when it is started: serve a CLI, or help a person.
//!
//! The only place that prints. It knows no provider in particular.

mod arguments;
mod help;
mod install;

use std::io::Write as _;
use std::process::ExitCode;

use tonic::service::Routes;

use crate::Provider;
use crate::plugin::{CALLS_MAX, Environment, Serve, ServeError, debug, logs, panics, serve};
use crate::protocol::{Server, schema_json};
use arguments::{Command, Refusal, Task};

/// Stack of a thread: calls that wait for calls need more than the usual 2 MiB without optimization. What isn't used costs
/// no memory.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Hosts that the CLIs take for a source without one.
const HOSTS: [&str; 2] = ["registry.opentofu.org", "registry.terraform.io"];

/// The `main` of a provider: serves the CLI that started the process, or does what the arguments ask for.
///
/// `own_crates` are the crates whose logs are wanted at every level: their names as in the code, with `_` for `-`.
pub fn main<P: Provider>(own_crates: &[&str]) -> ExitCode {
    match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Task::Serve) => serve_cli::<P>(own_crates, false),
        Ok(Task::Debug) => serve_cli::<P>(own_crates, true),
        Ok(Task::Install(folder)) => install::run::<P>(folder),
        Ok(Task::Schema) => say(&schema_json::<P>()),
        Ok(Task::Version) => say(&format!("{} {}", binary::<P>(), P::VERSION)),
        Ok(Task::Help(command)) => say(&help::of::<P>(command)),
        Err(refusal) => fail(&refused::<P>(&refusal)),
    }
}

fn refused<P: Provider>(refusal: &Refusal) -> String {
    let help = match refusal.command {
        Command::Help => "--help".to_owned(),
        command => format!("{} --help", command.name()),
    };
    format!("{}\nSee `{} {help}`.", refusal.reason, binary::<P>())
}

fn binary<P: Provider>() -> String {
    format!("terraform-provider-{}", P::NAME)
}

fn serve_cli<P: Provider>(own_crates: &[&str], in_foreground: bool) -> ExitCode {
    let environment = Environment::from_process();
    logs::install(&environment, own_crates);
    panics::install(P::ISSUES);
    // Each call under way has a thread, made when it is needed.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(CALLS_MAX as usize)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    let server = Server::<P>::new();
    let routes = Routes::new(server.clone().service());
    let options = Serve::new(environment).on_stop(move || server.stop().request());
    let served = runtime.block_on(async {
        if in_foreground {
            debug(options, &HOSTS.map(|host| format!("{host}/{}", P::ADDRESS)), routes).await
        } else {
            serve(options, routes).await
        }
    });
    // A call that still runs has had its time: the process must end now. It ends under the call, which would panic if it
    // were left without its runtime.
    std::mem::forget(runtime);
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(ServeError::NotAPlugin) => fail(&help::of::<P>(Command::Help)),
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
