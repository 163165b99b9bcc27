//! The derive macros of `tfplugin`: `Model` for a struct, `Choice` for an enum of names.
//!
//! They write plain builder calls, the same that a person would write by hand, and know nothing of the protocol. The
//! whole grammar is in the documentation of [`Model`](derive@Model) and [`Choice`](derive@Choice).

mod block;
mod choice;
mod field;
mod key;
mod model;
mod timeouts;
mod word;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct with named fields a model: its schema, documentation, decoder, encoder and typed keys.
///
/// The struct's doc comment is the description of the whole, a field's is that of the attribute or block. For each field
/// `name` there is a key `NAME`.
///
/// # Types
///
/// A field's type says who sets the attribute. These are known by their names, so no alias may hide one.
///
/// | type | the configuration | the provider |
/// |---|---|---|
/// | `T` | must set it; with `default`, may | |
/// | `Option<T>` | may | |
/// | `Computed<T>` | | sets it |
/// | `OptionalComputed<T>` | may | sets it otherwise |
/// | `Private<T>` | it is not an attribute | keeps it beside the state |
/// | `Known<T>` | may; of a function: also null and what is not known yet | |
/// | `Timeouts<Self>` | may | |
///
/// `T` is a `String`, `bool`, `i64`, `f64`, `Number`, `Duration`, `Dynamic`, a struct with `#[derive(Model)]` (a nested
/// attribute), an enum with `#[derive(Choice)]`, a `Vec`, `Set` or `BTreeMap<String, _>` of them, or a type of your own with
/// an `impl Data`. A block is an `M`, an `Option<M>`, a `Vec<M>`, a `Set<M>`, a `BTreeMap<String, M>` or a `Single<M>` of a
/// model `M`.
///
/// # Words
///
/// | word | on what | what it does |
/// |---|---|---|
/// | `#[attr(default = EXPR)]` | a `T` | The value where the configuration leaves it out. The documentation states it. |
/// | `#[attr(validate = CHECK)]` | what the configuration may set | A check of the whole value, `Fn(&T) -> Result<(), String>`, once it is known. It may stand there more than once. |
/// | `#[attr(replace)]` | an attribute | A change of it needs a new resource. |
/// | `#[attr(keep)]` | a `Computed` or `OptionalComputed` | An update does not change it, so that a plan knows it. |
/// | `#[attr(sensitive)]` | an attribute | The CLIs do not show it. |
/// | `#[attr(write_only)]` | an `Option` | It is read from the configuration at apply and stored nowhere. |
/// | `#[attr(absent = empty)]` | an `Option` or `OptionalComputed` of a text, a collection, or an object of which nothing is required | Null and empty are one value: no plan and no refresh tells them apart. An empty `OptionalComputed` is computed as one that is left out. |
/// | `#[attr(deprecated = "...")]` | an attribute | What to use instead. Whoever uses it is warned at each plan. |
/// | `#[attr(deprecated = "...")]` | a struct | The same of a whole type or block; of a function, only the schema says it. |
/// | `#[attr(block)]` | a field of a block's type | A block instead of an attribute. |
/// | `#[attr(block(min = N, max = N))]` | a `Vec` or `Set` of blocks | How many there must be and may be. |
/// | `#[attr(timeouts(create = "45m", ...))]` | a `Timeouts<Self>`, one in a model | How long `create`, `read`, `update` and `delete` wait at most: schema, documentation and value of those named. With `block` it is a block. |
/// | `#[attr(flatten)]` | a field whose type is a model | The fields of that model are fields of this one. |
/// | `#[attr(identity)]` | an attribute that is `replace` or `keep` | A part of what the resource is known by, as long as it lives. |
/// | `#[attr(variadic)]` | a function's last parameter, a `Vec<T>` | It takes any number of arguments. |
/// | `#[model(key(a, b))]` | a struct | The fields, texts that never change, by which a resource is known: they become its `identity`, and a struct `FilterKey` of a `Filter` has them, reads `A:B` and writes it. |
///
/// # Where
///
/// Where a word or a type means nothing it is a compile error: of the whole, where that is registered, and of its parts.
///
/// | | resource | data source, ephemeral resource | `provider` | `provider_meta` | function |
/// |---|---|---|---|---|---|
/// | `T`, `Option<T>` | yes | yes | yes | yes | yes |
/// | `block` | yes | yes | yes | yes | |
/// | `sensitive` | yes | yes | yes | yes | |
/// | `validate` | yes | yes | yes | | yes |
/// | `default`, `deprecated` | yes | yes | yes | | |
/// | `Computed<T>`, `OptionalComputed<T>`, `absent` | yes | yes | | | |
/// | `timeouts` | yes, but not in a part | yes, but not in a part | | | |
/// | `replace`, `keep`, `write_only` | yes | | | | |
/// | `identity`, `key`, `Private<T>` | yes, but not in a part | | | | |
/// | `Known<T>`, `variadic` | | | | | yes, but not in a part |
///
/// A nested attribute has no blocks, and an element of a set has nothing that is computed, has a default or is write-only.
#[proc_macro_derive(Model, attributes(attr, model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    model::expand(&parse_macro_input!(input as DeriveInput)).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Makes an enum without fields a string attribute that allows just these names.
///
/// A variant's name is written in capitals (`NewFinding` is `NEW_FINDING`), unless it says `#[choice("other")]`. The
/// documentation of an attribute of this type ends with ``One of `A` (what that is), `B`.``, where the doc comments of the
/// variants say what each is. There are also `VALUES`, `as_str`, `parse` and `Display`.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    choice::expand(&parse_macro_input!(input as DeriveInput)).unwrap_or_else(|error| error.to_compile_error()).into()
}
