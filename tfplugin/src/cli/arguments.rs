//! What the arguments ask for. It does nothing and prints nothing.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::suggest;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// Serve the CLI that started the process.
    Serve,
    /// Serve in the foreground.
    Debug,
    /// Install, into a folder if one is named.
    Install(Option<PathBuf>),
    Schema,
    Version,
    /// Tell of a command.
    Help(Command),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Install,
    Schema,
    Debug,
    Version,
    Help,
}

impl Command {
    const ALL: [Self; 5] = [Self::Install, Self::Schema, Self::Debug, Self::Version, Self::Help];

    /// As the help spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Schema => "schema",
            Self::Debug => "--debug",
            Self::Version => "--version",
            Self::Help => "--help",
        }
    }

    /// The command that `word` names, in any of the spellings that people try.
    fn named(word: &OsStr) -> Result<Self, Refusal> {
        match word.to_str() {
            Some("install") => Ok(Self::Install),
            Some("schema") => Ok(Self::Schema),
            Some("--debug" | "-debug" | "debug") => Ok(Self::Debug),
            Some("--version" | "-version" | "version" | "-V" | "-v") => Ok(Self::Version),
            Some("--help" | "-help" | "help" | "-h") => Ok(Self::Help),
            _ => Err(Refusal::unknown(word)),
        }
    }
}

/// Why the arguments can't be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: String,
    /// Whose help tells what can be.
    pub(super) command: Command,
}

impl Refusal {
    fn unknown(word: &OsStr) -> Self {
        let nearest = suggest::nearest(&word.to_string_lossy(), Command::ALL.map(Command::name));
        let suggestion = nearest.map(|name| format!(". Did you mean {name:?}?")).unwrap_or_default();
        Refusal { reason: format!("unknown command {word:?}{suggestion}"), command: Command::Help }
    }

    fn surplus(command: Command, word: &OsStr) -> Self {
        let kind = if is_option(word) { "unknown option" } else { "unexpected argument" };
        Refusal { reason: format!("{kind} {word:?}"), command }
    }
}

/// What `arguments`, those after the program's name, ask for.
pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Task, Refusal> {
    let mut arguments = arguments.into_iter();
    let Some(first) = arguments.next() else { return Ok(Task::Serve) };
    let command = Command::named(&first)?;
    let rest: Vec<_> = arguments.collect();
    if rest.iter().any(|word| is_option(word) && Command::named(word) == Ok(Command::Help)) {
        return Ok(Task::Help(command));
    }
    let (argument, surplus) = match (command, rest.split_first()) {
        (Command::Install, Some((folder, rest))) if !is_option(folder) => (Some(folder), rest),
        (Command::Help, Some((topic, rest))) => (Some(topic), rest),
        _ => (None, &rest[..]),
    };
    if let Some(word) = surplus.first() {
        return Err(Refusal::surplus(command, word));
    }
    Ok(match command {
        Command::Install => Task::Install(argument.map(folder).transpose()?),
        Command::Schema => Task::Schema,
        Command::Debug => Task::Debug,
        Command::Version => Task::Version,
        Command::Help => Task::Help(argument.map_or(Ok(Command::Help), |topic| Command::named(topic))?),
    })
}

fn is_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}

fn folder(word: &OsString) -> Result<PathBuf, Refusal> {
    if word.is_empty() {
        return Err(Refusal { reason: "the folder's name is empty".to_owned(), command: Command::Install });
    }
    Ok(word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &[&str]) -> Result<Task, String> {
        parse(line.iter().map(Into::into)).map_err(|refusal| format!("{}: {}", refusal.command.name(), refusal.reason))
    }

    #[test]
    fn each_command_is_taken_in_its_spellings() {
        let install = |folder: &str| Task::Install(Some(folder.into()));
        for (lines, task) in [
            (&[&[][..]][..], Task::Serve),
            (&[&["--debug"], &["-debug"], &["debug"]], Task::Debug),
            (&[&["--version"], &["-version"], &["version"], &["-V"], &["-v"]], Task::Version),
            (&[&["schema"]], Task::Schema),
            (&[&["install"]], Task::Install(None)),
            (&[&["install", "a b"]], install("a b")),
            (&[&["install", "./--help"]], install("./--help")),
            (&[&["install", "help"]], install("help")),
            (&[&["--help"], &["-help"], &["help"], &["-h"], &["help", "help"]], Task::Help(Command::Help)),
            (&[&["help", "install"], &["install", "-h"], &["install", "--help"]], Task::Help(Command::Install)),
            (&[&["install", "folder", "-help"], &["--help", "install"]], Task::Help(Command::Install)),
            (&[&["schema", "--help"], &["help", "schema"]], Task::Help(Command::Schema)),
            (&[&["--debug", "--help"], &["help", "debug"]], Task::Help(Command::Debug)),
            (&[&["version", "-h"], &["help", "--version"]], Task::Help(Command::Version)),
        ] {
            for line in lines {
                assert_eq!(parsed(line), Ok(task.clone()), "{line:?}");
            }
        }
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for (line, told) in [
            (&["instal"][..], r#"--help: unknown command "instal". Did you mean "install"?"#),
            (&["--install"], r#"--help: unknown command "--install". Did you mean "install"?"#),
            (&["--debgu"], r#"--help: unknown command "--debgu". Did you mean "--debug"?"#),
            (&["help", "shema"], r#"--help: unknown command "shema". Did you mean "schema"?"#),
            (&["apply"], r#"--help: unknown command "apply""#),
            (&[""], r#"--help: unknown command """#),
            (&["install", ""], "install: the folder's name is empty"),
            (&["install", "--force"], r#"install: unknown option "--force""#),
            (&["install", "-"], r#"install: unknown option "-""#),
            (&["install", "folder", "extra"], r#"install: unexpected argument "extra""#),
            (&["install", "folder", "--force"], r#"install: unknown option "--force""#),
            (&["schema", "extra"], r#"schema: unexpected argument "extra""#),
            (&["schema", "--json"], r#"schema: unknown option "--json""#),
            (&["--debug", "extra"], r#"--debug: unexpected argument "extra""#),
            (&["--version", "extra"], r#"--version: unexpected argument "extra""#),
            (&["help", "install", "extra"], r#"--help: unexpected argument "extra""#),
        ] {
            assert_eq!(parsed(line), Err(told.to_owned()), "{line:?}");
        }
    }
}
