//! What the binary says of itself and of its commands.

use super::arguments::Command;
use super::{Provider, binary, install};

/// The help of `command`; that of `help` is of the whole.
pub(super) fn of<P: Provider>(command: Command) -> String {
    let (binary, name) = (binary::<P>(), P::NAME);
    match command {
        Command::Help => general::<P>(),
        Command::Install => format!(
            "{binary} install [FOLDER]

Puts this binary where tofu and terraform find it, and prints the block to write in a configuration.

Without FOLDER, that is {}.
Into another FOLDER, it is put as into a mirror, and what the CLIs' configuration file must say of it is printed too.",
            install::default_folder()
                .map_or("the CLIs' plugin folder".to_owned(), |folder| folder.display().to_string()),
        ),
        Command::Schema => format!(
            "{binary} schema

Prints the schema of all {name}_* types, as `tofu providers schema -json` does."
        ),
        Command::Debug => format!(
            "{binary} --debug

Serves in the foreground until Ctrl-C, for instance in a debugger, and prints the variable by which tofu or terraform in
another shell use this very process."
        ),
        Command::Version => format!("{binary} --version\n\nPrints the name and the version."),
    }
}

fn general<P: Provider>() -> String {
    let (binary, name) = (binary::<P>(), P::NAME);
    format!(
        "{binary} {version}: a provider for OpenTofu and Terraform.

It is a plugin: `tofu` or `terraform` starts it. To use it, install it and name it in a configuration:

  {binary} install [FOLDER]   puts it where both CLIs find it, and prints the block to write

Other commands:
  {binary} schema             prints the schema of all {name}_* types as JSON
  {binary} --debug            serves in the foreground, for a debugger
  {binary} --version          prints the version
  {binary} help [COMMAND]     tells more of a command",
        version = P::VERSION,
    )
}
