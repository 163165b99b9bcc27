//! The variables by which a CLI and its plugins talk before there is a connection.
//!
//! They are read once, at start, into plain data: nothing else in the plugin looks at the process
//! environment, so every part can be tried with any values. It does not judge them; each part
//! says itself what is wrong with its own.

use std::{env, ffi::OsString, path::PathBuf};

/// What the CLI says to a plugin it starts. An empty variable counts as an absent one.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `TF_PLUGIN_MAGIC_COOKIE`: tells a start by a CLI from a start by hand.
    pub magic_cookie: Option<String>,
    /// `PLUGIN_PROTOCOL_VERSIONS`: the versions that the CLI speaks, separated by commas.
    pub protocol_versions: Option<String>,
    /// `PLUGIN_CLIENT_CERT`: the one certificate, as PEM, with which the CLI will connect.
    pub client_certificate: Option<String>,
    /// `TF_DISABLE_PLUGIN_TLS`: the person wants no encryption, so the CLI sends no certificate.
    pub tls_disabled: bool,
    /// `PLUGIN_MIN_PORT`: the lowest TCP port to listen on, where there are no Unix sockets.
    pub min_port: Option<u16>,
    /// `PLUGIN_MAX_PORT`: the highest one.
    pub max_port: Option<u16>,
    /// `PLUGIN_UNIX_SOCKET_DIR`: where the socket is to be made, instead of the temporary folder.
    pub socket_directory: Option<PathBuf>,
    /// `PLUGIN_UNIX_SOCKET_GROUP`: name or number of a group that may connect as well.
    pub socket_group: Option<String>,
    /// `PLUGIN_MULTIPLEX_GRPC` is there: the CLI expects a word on multiplexing in the handshake.
    pub multiplexing_named: bool,
    /// `TF_LOG_PROVIDER`: the log level of providers; goes before [`Self::log`].
    pub log_provider: Option<String>,
    /// `TF_LOG`: the log level of everything.
    pub log: Option<String>,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    pub fn from_process() -> Self {
        Self::from_lookup(|name| env::var_os(name))
    }

    /// Reads the variables that `lookup` knows.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let given = |name| lookup(name).filter(|value| !value.is_empty());
        let text = |name| given(name).map(|value| value.to_string_lossy().into_owned());
        let port = |name| text(name).and_then(|value| value.parse().ok());
        Self {
            magic_cookie: text("TF_PLUGIN_MAGIC_COOKIE"),
            protocol_versions: text("PLUGIN_PROTOCOL_VERSIONS"),
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            tls_disabled: given("TF_DISABLE_PLUGIN_TLS").is_some(),
            min_port: port("PLUGIN_MIN_PORT"),
            max_port: port("PLUGIN_MAX_PORT"),
            socket_directory: given("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP"),
            multiplexing_named: lookup("PLUGIN_MULTIPLEX_GRPC").is_some(),
            log_provider: text("TF_LOG_PROVIDER"),
            log: text("TF_LOG"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::from_lookup(|wanted| {
            let found = pairs.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn variables_are_read_by_name() {
        let read = environment(&[
            ("TF_PLUGIN_MAGIC_COOKIE", "cookie"),
            ("PLUGIN_PROTOCOL_VERSIONS", "5,6"),
            ("PLUGIN_CLIENT_CERT", "pem"),
            ("TF_DISABLE_PLUGIN_TLS", "1"),
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "25000"),
            ("PLUGIN_UNIX_SOCKET_DIR", "/run/sockets"),
            ("PLUGIN_UNIX_SOCKET_GROUP", "staff"),
            ("PLUGIN_MULTIPLEX_GRPC", "false"),
            ("TF_LOG_PROVIDER", "DEBUG"),
            ("TF_LOG", "WARN"),
        ]);
        assert_eq!(read.magic_cookie.as_deref(), Some("cookie"));
        assert_eq!(read.protocol_versions.as_deref(), Some("5,6"));
        assert_eq!(read.client_certificate.as_deref(), Some("pem"));
        assert!(read.tls_disabled);
        assert_eq!((read.min_port, read.max_port), (Some(10_000), Some(25_000)));
        assert_eq!(read.socket_directory, Some(PathBuf::from("/run/sockets")));
        assert_eq!(read.socket_group.as_deref(), Some("staff"));
        assert!(read.multiplexing_named);
        assert_eq!(read.log_provider.as_deref(), Some("DEBUG"));
        assert_eq!(read.log.as_deref(), Some("WARN"));
    }

    #[test]
    fn empty_is_absent_but_an_empty_word_on_multiplexing_is_a_word() {
        let read = environment(&[
            ("TF_PLUGIN_MAGIC_COOKIE", ""),
            ("TF_DISABLE_PLUGIN_TLS", ""),
            ("PLUGIN_MULTIPLEX_GRPC", ""),
            ("TF_LOG_PROVIDER", ""),
            ("PLUGIN_MIN_PORT", "many"),
        ]);
        assert_eq!(read.magic_cookie, None);
        assert!(!read.tls_disabled);
        assert!(read.multiplexing_named);
        assert_eq!(read.log_provider, None);
        assert_eq!(read.min_port, None);
    }
}
