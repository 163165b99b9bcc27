//! What `#[attr(timeouts(...))]` says: which operations wait, and how long where the configuration says nothing.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::parse::ParseBuffer;
use syn::{Error, Ident, LitStr, Result};

/// The operations, in the order of their schema.
const OPERATIONS: [&str; 4] = ["create", "read", "update", "delete"];

const FORM: &str = "`timeouts` names operations, each with its default: `timeouts(create = \"45m\", delete = \"1h\")`";

/// Operations, each with its default in seconds.
pub struct Timeouts(Vec<(&'static str, u64)>);

impl Timeouts {
    /// Reads what stands behind the word `timeouts`.
    pub fn read(meta: &ParseNestedMeta) -> Result<Self> {
        let mut given = Vec::new();
        if !meta.input.peek(syn::token::Paren) {
            return Err(meta.error(FORM));
        }
        meta.parse_nested_meta(|one| {
            let operation = OPERATIONS.into_iter().find(|operation| one.path.is_ident(operation));
            let operation = operation.ok_or_else(|| {
                let known = OPERATIONS.map(|operation| format!("`{operation}`")).join(", ");
                one.error(format!("not an operation that waits: allowed are {known}"))
            })?;
            if given.iter().any(|(other, _)| *other == operation) {
                return Err(one.error(format!("`{operation}` is named twice")));
            }
            let fault = "a default is a text of hours, minutes and seconds: \"45m\", \"1h30m\"";
            let text: LitStr = one.value().and_then(ParseBuffer::parse).map_err(|_| one.error(fault))?;
            let length = seconds(&text.value()).ok_or_else(|| Error::new(text.span(), fault))?;
            given.push((operation, length));
            Ok(())
        })?;
        if given.is_empty() {
            return Err(meta.error(FORM));
        }
        given.sort_by_key(|(operation, _)| OPERATIONS.iter().position(|one| one == operation));
        Ok(Timeouts(given))
    }

    /// The impls that say so.
    pub fn declare(&self, model: &Ident) -> TokenStream {
        let (names, lengths): (Vec<_>, Vec<_>) = self.0.iter().copied().unzip();
        let operations = names.iter().map(|name| {
            let (first, rest) = name.split_at(1);
            format_ident!("{}{rest}", first.to_uppercase())
        });
        quote! {
            impl ::tfplugin::timeouts::HasTimeouts for #model {
                const TIMEOUTS: &'static [(&'static str, ::core::time::Duration)] =
                    &[#((#names, ::core::time::Duration::from_secs(#lengths))),*];
            }

            #(impl ::tfplugin::timeouts::Waits<::tfplugin::timeouts::#operations> for #model {
                const DEFAULT: ::core::time::Duration = ::core::time::Duration::from_secs(#lengths);
            })*
        }
    }
}

/// The length of `text`, which is hours, minutes and seconds in whole numbers.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut length = 0_u64;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let factor = match &rest[end..=end] {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        length = length.checked_add(rest[..end].parse::<u64>().ok()?.checked_mul(factor)?)?;
        rest = &rest[end + 1..];
    }
    (!text.is_empty()).then_some(length)
}
