//! The gRPC service: each request decoded, served on a thread of its own, and answered.
//!
//! One thin function an RPC, grouped by what they are about. Nothing here knows AWS, and nothing below knows the
//! messages of the protocol.

pub mod json;
pub mod msgpack;

mod data;
mod encode;
mod ephemeral;
mod functions;
mod identity;
mod lifecycle;
mod malformed;
mod private;
mod resources;
mod run;
mod saved;
mod schema_json;
mod schemas;
mod server;
mod service;
mod validate;

/// The messages, as `build.rs` makes them from `proto/tfplugin6.proto`.
pub mod messages {
    #![allow(missing_docs, clippy::all)]
    tonic::include_proto!("tfplugin6");
}

pub use malformed::Malformed;
pub use schema_json::schema_json;
pub use server::Server;

/// The largest message that is read or written: 256 MiB, as the CLIs have it.
pub const MESSAGE_LIMIT: usize = 256 << 20;
