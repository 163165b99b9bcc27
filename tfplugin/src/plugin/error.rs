//! Why a plugin could not be served, in words for the person who reads them.
//!
//! It does not know where they are shown: `main` prints them on stderr.

use std::{error::Error, fmt, io, path::PathBuf};

/// Why [`serve`](super::serve) or [`debug`](super::debug) could not start, or ended badly.
#[derive(Debug)]
pub enum ServeError {
    /// The process was not started by OpenTofu or Terraform.
    NotAPlugin,
    /// The CLI speaks none of our protocol versions; holds what it offered.
    NoCommonProtocol(String),
    /// The CLI sent no certificate, and nobody asked to do without.
    NoClientCertificate,
    /// `PLUGIN_CLIENT_CERT` is not a certificate.
    ClientCertificate(rustls::pki_types::pem::Error),
    /// The certificate of the server could not be made.
    ServerCertificate(rcgen::Error),
    /// TLS could not be set up.
    Tls(rustls::Error),
    /// Nothing could be listened on; holds the place.
    Listen(PathBuf, io::Error),
    /// `PLUGIN_UNIX_SOCKET_GROUP` names no group of this machine.
    UnknownGroup(String),
    /// The path of the socket cannot be written into a line whose parts are set off by `|`.
    SocketPath(PathBuf),
    /// Every TCP port of the range is taken.
    NoFreePort(u16, u16),
    /// Signals of the operating system cannot be received.
    Signals(io::Error),
    /// The handshake line could not be written.
    Announce(io::Error),
    /// The gRPC server failed.
    Server(tonic::transport::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPlugin => f.write_str(
                "this program is a provider: OpenTofu or Terraform starts it, and nothing happens \
                 when it is started by hand",
            ),
            Self::NoCommonProtocol(offered) => write!(
                f,
                "the CLI offers plugin protocol {offered}, and this provider speaks protocol 6: \
                 use OpenTofu, or Terraform 1.0 or later"
            ),
            Self::NoClientCertificate => f.write_str(
                "PLUGIN_CLIENT_CERT is not set, so nobody could be told from the CLI that started \
                 this provider: use a CLI that sends a certificate, or set \
                 TF_DISABLE_PLUGIN_TLS=1 to do without encryption",
            ),
            Self::ClientCertificate(cause) => write!(
                f,
                "PLUGIN_CLIENT_CERT holds no certificate ({cause}): it must be one PEM block, as \
                 OpenTofu and Terraform set it"
            ),
            Self::ServerCertificate(cause) => {
                write!(f, "cannot make a certificate for this start: {cause}")
            }
            Self::Tls(cause) => write!(f, "cannot set up TLS: {cause}"),
            Self::Listen(place, cause) => write!(
                f,
                "cannot listen on {}: {cause}\nSet TMPDIR to a folder that exists, may be written \
                 to, and has a short path",
                place.display()
            ),
            Self::UnknownGroup(name) => write!(
                f,
                "PLUGIN_UNIX_SOCKET_GROUP names the group \"{name}\", which /etc/group does not: \
                 give a group of this machine, by name or number"
            ),
            Self::SocketPath(path) => write!(
                f,
                "the socket {} cannot be announced: set TMPDIR to a folder whose path is UTF-8 \
                 without `|` and line breaks",
                path.display()
            ),
            Self::NoFreePort(min, max) => write!(
                f,
                "no free TCP port from {min} to {max} on 127.0.0.1: widen the range of \
                 PLUGIN_MIN_PORT and PLUGIN_MAX_PORT"
            ),
            Self::Signals(cause) => write!(f, "cannot receive signals: {cause}"),
            Self::Announce(cause) => write!(
                f,
                "cannot write the handshake to stdout ({cause}): the CLI that started this \
                 provider must read it"
            ),
            Self::Server(cause) => write!(f, "the gRPC server failed: {cause}"),
        }
    }
}

impl Error for ServeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::ClientCertificate(cause) => Some(cause),
            Self::ServerCertificate(cause) => Some(cause),
            Self::Tls(cause) => Some(cause),
            Self::Listen(_, cause) | Self::Signals(cause) | Self::Announce(cause) => Some(cause),
            Self::Server(cause) => Some(cause),
            Self::NotAPlugin
            | Self::NoCommonProtocol(_)
            | Self::NoClientCertificate
            | Self::UnknownGroup(_)
            | Self::SocketPath(_)
            | Self::NoFreePort(..) => None,
        }
    }
}
