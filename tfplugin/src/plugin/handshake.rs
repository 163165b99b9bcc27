//! The first words between a CLI and the plugin it has started: is this a start by a CLI, which
//! protocol do both speak, and where is the server.
//!
//! It opens nothing and prints nothing: it only reads the one side's words and forms the other's.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::{Environment, ServeError};

/// The major version of Terraform's plugin protocol that this crate speaks.
pub const PROTOCOL_VERSION: u32 = 6;

/// The version of go-plugin's own conventions, of which there is one.
const CORE_PROTOCOL_VERSION: u32 = 1;

/// Every provider and both CLIs have agreed on this value. It is no secret.
const MAGIC_COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Says whether a CLI started this process, rather than a person.
#[must_use]
pub fn is_plugin_start(environment: &Environment) -> bool {
    environment.magic_cookie.as_deref() == Some(MAGIC_COOKIE)
}

/// Chooses the protocol version among those that the CLI offers, separated by commas.
///
/// A client that offers nothing leaves the choice to the plugin, and reads it in the answer.
///
/// # Errors
/// [`ServeError::NoCommonProtocol`] when 6 is not on offer.
pub fn negotiate(offered: Option<&str>) -> Result<u32, ServeError> {
    let ours = |version: &str| version.trim().parse() == Ok(PROTOCOL_VERSION);
    match offered {
        Some(list) if !list.split(',').any(ours) => Err(ServeError::NoCommonProtocol(list.into())),
        Some(_) | None => Ok(PROTOCOL_VERSION),
    }
}

/// The line by which a plugin says where it can be reached.
#[derive(Debug)]
pub(super) struct Handshake<'a> {
    pub(super) protocol_version: u32,
    /// `unix` or `tcp`.
    pub(super) network: &'static str,
    pub(super) address: &'a str,
    /// DER of the server's certificate; none without TLS.
    pub(super) certificate: Option<&'a [u8]>,
    /// Older clients would take a seventh part for the end of the sixth, so it is only there for
    /// those that ask.
    pub(super) multiplexing_named: bool,
}

impl fmt::Display for Handshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{CORE_PROTOCOL_VERSION}|{}|{}|{}|grpc|{}",
            self.protocol_version,
            self.network,
            self.address,
            STANDARD_NO_PAD.encode(self.certificate.unwrap_or_default()),
        )?;
        // Several connections over one is for plugins that call back, which a provider never does.
        f.write_str(if self.multiplexing_named { "|false" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_6_is_taken_wherever_it_is_offered() {
        let cases = [
            (None, true),
            (Some("6"), true),
            (Some("5,6"), true),
            (Some("6,5"), true),
            (Some(" 5, 6 "), true),
            (Some("4,x,6"), true),
            (Some("5"), false),
            (Some("16"), false),
            (Some("6.1"), false),
            (Some(""), false),
        ];
        for (offered, spoken) in cases {
            let chosen = negotiate(offered).ok();
            assert_eq!(chosen, spoken.then_some(6), "{offered:?}");
        }
    }

    #[test]
    fn a_refused_version_says_what_was_offered_and_what_to_do() {
        let refusal = negotiate(Some("4,5")).unwrap_err().to_string();
        assert!(refusal.contains("protocol 4,5"), "{refusal}");
        assert!(refusal.contains("Terraform 1.0 or later"), "{refusal}");
    }

    #[test]
    fn only_the_right_cookie_makes_a_plugin() {
        let with =
            |cookie: Option<&str>| Environment { magic_cookie: cookie.map(String::from), ..Environment::default() };
        assert!(is_plugin_start(&with(Some(MAGIC_COOKIE))));
        assert!(!is_plugin_start(&with(Some("d602"))));
        assert!(!is_plugin_start(&with(None)));
    }

    #[test]
    fn the_line_has_six_parts_and_a_seventh_on_request() {
        let mut handshake = Handshake {
            protocol_version: 6,
            network: "unix",
            address: "/tmp/plugin/s",
            certificate: Some(&[0xfb, 0xff, 0xfe, 0x01]),
            multiplexing_named: false,
        };
        assert_eq!(handshake.to_string(), "1|6|unix|/tmp/plugin/s|grpc|+//+AQ");
        handshake.multiplexing_named = true;
        assert_eq!(handshake.to_string(), "1|6|unix|/tmp/plugin/s|grpc|+//+AQ|false");
        handshake.certificate = None;
        handshake.multiplexing_named = false;
        assert_eq!(handshake.to_string(), "1|6|unix|/tmp/plugin/s|grpc|");
    }
}
