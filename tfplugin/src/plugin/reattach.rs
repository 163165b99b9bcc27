//! The words by which a person tells a CLI to use a provider that runs already.
//!
//! It starts nothing and knows no provider.

use std::fmt;

use serde_json::{Map, Value, json};

use super::handshake::PROTOCOL_VERSION;

/// A running provider, as `TF_REATTACH_PROVIDERS` describes it.
pub(super) struct Reattach<'a> {
    /// Each `host/namespace/name` by which a CLI may ask for it.
    pub(super) providers: &'a [String],
    pub(super) process_id: u32,
    /// `unix` or `tcp`.
    pub(super) network: &'a str,
    pub(super) address: &'a str,
}

/// A shell of a person.
#[derive(Clone, Copy)]
enum Shell {
    Posix,
    Powershell,
    CommandPrompt,
}

impl Shell {
    /// Those of this system.
    fn all() -> &'static [Self] {
        if cfg!(windows) { &[Self::Powershell, Self::CommandPrompt] } else { &[Self::Posix] }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Posix => "shell",
            Self::Powershell => "PowerShell",
            Self::CommandPrompt => "Command Prompt",
        }
    }

    /// The line that gives the variable to every later command of the shell.
    fn line(self, value: &str) -> String {
        match self {
            Self::Posix => format!("export TF_REATTACH_PROVIDERS='{}'", value.replace('\'', r"'\''")),
            Self::Powershell => format!("$env:TF_REATTACH_PROVIDERS='{}'", value.replace('\'', "''")),
            Self::CommandPrompt => format!("set \"TF_REATTACH_PROVIDERS={value}\""),
        }
    }
}

impl Reattach<'_> {
    fn value(&self) -> String {
        let process = json!({
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL_VERSION,
            "Pid": self.process_id,
            // Makes the CLI leave the process alone when it is done.
            "Test": true,
            "Addr": { "Network": self.network, "String": self.address },
        });
        let value: Map<_, _> = self.providers.iter().map(|provider| (provider.clone(), process.clone())).collect();
        Value::Object(value).to_string()
    }
}

/// What to do, and the line to do it with.
impl fmt::Display for Reattach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value();
        write!(f, "This provider runs until Ctrl-C.")?;
        Shell::all().iter().try_for_each(|shell| {
            let (name, line) = (shell.name(), shell.line(&value));
            write!(f, "\n\nTo use it, run this line in another {name}, and then tofu or terraform there:\n\n{line}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_can_be_pasted_into_a_shell() {
        let providers = ["one.example/acme/thing", "two.example/acme/thing"].map(str::to_owned);
        let reattach = Reattach { providers: &providers, process_id: 7, network: "unix", address: "/tmp/o'neill/s" };
        let process = r#"{"Protocol":"grpc","ProtocolVersion":6,"Pid":7,"Test":true,"Addr":{"Network":"unix","String":"/tmp/o'neill/s"}}"#;
        let [one, two] = &providers;
        let value = format!(r#"{{"{one}":{process},"{two}":{process}}}"#);
        assert_eq!(reattach.value(), value);
        let quoted = |quote: &str| format!("TF_REATTACH_PROVIDERS='{}'", value.replace('\'', quote));
        assert_eq!(Shell::Posix.line(&value), format!("export {}", quoted(r"'\''")));
        assert_eq!(Shell::Powershell.line(&value), format!("$env:{}", quoted("''")));
        assert_eq!(Shell::CommandPrompt.line(&value), format!("set \"TF_REATTACH_PROVIDERS={value}\""));
        let told = reattach.to_string();
        assert!(told.starts_with("This provider runs until Ctrl-C.\n\nTo use it, run this line in another "), "{told}");
        for shell in Shell::all() {
            assert!(told.contains(&format!(" there:\n\n{}", shell.line(&value))), "{told}");
        }
    }
}
