//! A framework for OpenTofu and Terraform providers. The [`guide`] grows one from nothing.
//!
//! Layers, each knowing only those below it:
//! `plugin` (go-plugin: handshake, mutual TLS, logs) and `protocol` (the gRPC service, the codecs) over the rest:
//! values, models, and what a provider implements.
extern crate self as tfplugin;

pub mod cli;
mod created;
pub mod data_source;
pub mod diagnostic;
pub mod duration;
mod dynamic;
pub mod ephemeral;
pub mod function;
pub mod guide;
mod meta;
pub mod model;
mod number;
mod path;
pub mod plan;
pub mod plugin;
pub mod protocol;
pub mod provider;
pub mod resource;
pub mod schema;
mod stop;
pub mod suggest;
pub mod testing;
pub mod timeouts;
mod types;
pub mod validate;
mod value;
mod view;
pub mod wait;

pub use created::{created, discarded};
pub use data_source::DataSource;
pub use diagnostic::{Diagnostic, Failure, Result, warn};
pub use dynamic::Dynamic;
pub use ephemeral::{EphemeralResource, Lease};
pub use function::{Function, FunctionError};
pub use meta::meta;
pub use model::{Computed, Data, Flattens, HasKey, Model, ModelKey, OptionalComputed, Private, Set, Single};
pub use number::Number;
pub use path::{Path, Step};
pub use plan::{Draft, Plan, differences};
pub use provider::{Provider, Session};
pub use resource::{Claim, MoveSource, Named, Resource};
pub use stop::Stop;
pub use tfplugin_derive::{Choice, Model};
pub use timeouts::Timeouts;
pub use types::{NotAType, Type};
pub use value::Value;
pub use view::{Key, Known, View};
