//! Where the words and types of a field mean something: the table in the crate's documentation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

const TYPES: [&str; 3] = ["Resource", "DataSource", "EphemeralResource"];
const PARTS: [&str; 2] = ["Block", "NestedAttribute"];

/// The kinds of model in which `word` means something, and the same for a person; `None` where that is all of them.
fn place(word: &str) -> Option<(Vec<&'static str>, &'static str)> {
    let place = match word {
        "replace" | "keep" | "write_only" => ([&["Resource"], &PARTS[..]].concat(), "resources"),
        "identity" | "Private" => (vec!["Resource"], "a resource as a whole"),
        "Computed" | "OptionalComputed" | "absent" => {
            ([&TYPES[..], &PARTS].concat(), "resources, data sources and ephemeral resources")
        }
        "default" | "deprecated" => {
            ([&TYPES[..], &["ProviderBlock"], &PARTS].concat(), "all but `provider_meta` and functions")
        }
        "validate" => ([&TYPES[..], &["ProviderBlock", "Function"], &PARTS].concat(), "all but `provider_meta`"),
        "sensitive" => ([&TYPES[..], &["ProviderBlock", "ProviderMeta"], &PARTS].concat(), "all but functions"),
        "block" => {
            let kinds = [&TYPES[..], &["ProviderBlock", "ProviderMeta", "Block"]].concat();
            (kinds, "all but functions and nested attributes")
        }
        "timeouts" => (TYPES.to_vec(), "a resource, a data source or an ephemeral resource as a whole"),
        "variadic" | "Known" => (vec!["Function"], "the parameters of functions"),
        _ => return None,
    };
    Some(place)
}

/// What `word` of `field` is, as a `Word` of the framework.
pub fn declare(field: &str, word: &str) -> Option<TokenStream> {
    let (kinds, told) = place(word)?;
    let kinds = kinds.iter().map(|kind| format_ident!("{kind}"));
    let fault = format!("`{field}`: `{word}` is for {told}");
    Some(quote! {
        ::tfplugin::model::Word { kinds: &[#(::tfplugin::model::Kind::#kinds),*], fault: #fault }
    })
}
