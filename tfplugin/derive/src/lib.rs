//! The derive macros of `tfplugin`: `Model` for a struct, `Choice` for an enum of names.
//!
//! They write plain builder calls, the same that a person would write by hand, and know nothing of the protocol.
//! What a field of a model may say in `#[attr(...)]`:
//!
//! | word | meaning |
//! |---|---|
//! | `replace` | a change needs a new resource |
//! | `keep` | a computed value that an update does not change |
//! | `default = EXPR` | the value where the configuration leaves it out |
//! | `validate = FN` | a check of the whole value: `fn(&T) -> Result<(), String>` |
//! | `sensitive` | never shown |
//! | `write_only` | read from the configuration at apply, never stored |
//! | `deprecated = "..."` | what to use instead |
//! | `block`, `block(min = N, max = N)` | a block instead of an attribute; limits are for a `Vec` or a `Set` of them |
//! | `identity` | a part of what the resource is known by, as long as it lives |
//! | `absent = empty` | null and empty are one value of an `Option`: no plan and no refresh tells them apart. An empty `OptionalComputed` of a whole resource is computed as one that is left out; the state has it empty until the next read |
//! | `flatten` | a model whose fields are those of the whole |
//! | `variadic` | of a function: the last parameter, which takes any number of arguments |
//!
//! Where a word or a type means nothing, it is refused: of the whole, where that is registered, and of its parts too.
//!
//! | | resource | data source, ephemeral resource | `provider` | `provider_meta` | function |
//! |---|---|---|---|---|---|
//! | `T`, `Option<T>` | yes | yes | yes | yes | yes |
//! | `block` | yes | yes | yes | yes | |
//! | `sensitive` | yes | yes | yes | yes | |
//! | `validate` | yes | yes | yes | | yes |
//! | `default`, `deprecated` | yes | yes | yes | | |
//! | `Computed<T>`, `OptionalComputed<T>`, `absent` | yes | yes | | | |
//! | `replace`, `keep`, `write_only` | yes | | | | |
//! | `identity`, `Private<T>` | yes, but not in a part | | | | |
//! | `Known<T>`, `variadic` | | | | | yes, but not in a part |
//!
//! A nested attribute has no blocks, and an element of a set nothing that is computed, has a default or is write-only.
//!
//! On the struct, `#[attr(deprecated = "...")]` says what to use instead of the whole: of a type, a block or a function.
//! Whoever uses such an attribute, block or type is warned at each plan; of a function, only the schema can tell.
//!
//! `#[model(key(detector_id, name))]` says by which fields, texts that never change, a resource is known: they become its
//! identity, and a struct `FilterKey` of a `Filter` has them, reads `DETECTOR:NAME` and writes it.

mod block;
mod choice;
mod field;
mod key;
mod model;
mod word;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct with named fields a model: its schema, documentation, decoder, encoder and typed keys.
///
/// The struct's doc comment is the description of the whole, a field's is that of the attribute. A field's type says
/// who sets it: `T` must be configured, `Option<T>` may be, `Computed<T>` is set by the provider, and
/// `OptionalComputed<T>` by either; a `Private<T>` is no attribute, but kept beside the state. These are known by their
/// names, so no alias may hide one. For each field `name` there is a key `NAME`.
#[proc_macro_derive(Model, attributes(attr, model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    model::expand(&parse_macro_input!(input as DeriveInput)).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Makes an enum without fields a string attribute that allows just these names.
///
/// A variant's name is written in capitals (`NewFinding` is `NEW_FINDING`), unless it says `#[choice("other")]`.
/// There are also `VALUES`, `as_str`, `parse` and `Display`.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    choice::expand(&parse_macro_input!(input as DeriveInput)).unwrap_or_else(|error| error.to_compile_error()).into()
}
