//! Checks of what a person configured.
//!
//! Those of single values are named in `#[attr(validate = ...)]`; each returns what is wrong and what is allowed, in a
//! sentence. Those of several attributes are called in [`Resource::validate`](crate::Resource::validate) and its
//! likes; each returns a diagnostic, to which the caller may add why it is so.

mod one;
mod several;

pub use one::{characters, length, range};
pub use several::{all_or_none_of, at_least_one_of, at_most_one_of, exactly_one_of, requires};
