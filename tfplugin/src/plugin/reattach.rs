//! The line by which a person tells a CLI to use a provider that runs already.
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

/// The assignment, quoted for a shell.
impl fmt::Display for Reattach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process = json!({
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL_VERSION,
            "Pid": self.process_id,
            // Makes the CLI leave the process alone when it is done.
            "Test": true,
            "Addr": { "Network": self.network, "String": self.address },
        });
        let value: Map<_, _> = self.providers.iter().map(|provider| (provider.clone(), process.clone())).collect();
        let quoted = Value::Object(value).to_string().replace('\'', r"'\''");
        write!(f, "TF_REATTACH_PROVIDERS='{quoted}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_can_be_pasted_into_a_shell() {
        let providers = ["one.example/acme/thing", "two.example/acme/thing"].map(str::to_owned);
        let mut reattach = Reattach { providers: &providers, process_id: 7, network: "unix", address: "/tmp/plugin/s" };
        let process = r#"{"Protocol":"grpc","ProtocolVersion":6,"Pid":7,"Test":true,"Addr":{"Network":"unix","String":"/tmp/plugin/s"}}"#;
        let [one, two] = &providers;
        let expected = format!(r#"TF_REATTACH_PROVIDERS='{{"{one}":{process},"{two}":{process}}}'"#);
        assert_eq!(reattach.to_string(), expected);
        reattach.address = "/home/o'neill/s";
        assert!(reattach.to_string().contains(r"/home/o'\''neill/s"));
    }
}
