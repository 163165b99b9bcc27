//! How a process becomes a go-plugin plugin: started by OpenTofu or Terraform, found by one line
//! on stdout, reached over mutual TLS on a private socket, ended by a call.
//!
//! [`serve`] is the whole of it and [`debug`] its counterpart for a person with a debugger;
//! [`logs`] and [`panics`] shape what goes to stderr. Nothing but the handshake line is ever
//! written to stdout.
//!
//! It deliberately knows nothing of schemas, resources or Terraform's own messages: the provider
//! comes in as ready-made gRPC routes.

mod broker;
mod controller;
mod environment;
mod error;
pub mod handshake;
mod health;
mod log_line;
pub mod logs;
pub mod panics;
#[cfg(unix)]
mod parent;
mod reattach;
mod serve;
mod signals;
mod socket;
mod stdio;
mod stop;
mod tls;

#[cfg(test)]
mod tests;

pub use environment::Environment;
pub use error::ServeError;
pub use serve::{CALLS_MAX, Serve, debug, serve};

/// What `proto/goplugin.proto` describes, as Rust.
mod generated {
    #![allow(missing_docs, dead_code, clippy::all)]
    tonic::include_proto!("plugin");

    /// What `proto/health.proto` describes, as Rust.
    pub mod health {
        tonic::include_proto!("grpc.health.v1");
    }
}
