//! What `#[attr(block(...))]` says: how many blocks there must be, and how many there may be.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::{Error, LitInt, Result};

/// The limits of a block's number; without any, its type says enough.
#[derive(Default)]
pub struct Limits {
    min: Option<usize>,
    max: Option<usize>,
}

impl Limits {
    /// Reads what stands behind the word `block`.
    pub fn read(meta: &ParseNestedMeta) -> Result<Self> {
        let mut limits = Limits::default();
        if meta.input.peek(syn::token::Paren) {
            meta.parse_nested_meta(|limit| limits.word(&limit))?;
        }
        match (limits.min, limits.max) {
            // A `max` of 0 is any number.
            (Some(min), Some(max)) if max > 0 && min > max => {
                Err(meta.error("no number of blocks meets a `max` below the `min`"))
            }
            _ => Ok(limits),
        }
    }

    fn word(&mut self, limit: &ParseNestedMeta) -> Result<()> {
        let slot = match limit.path.get_ident() {
            Some(name) if name == "min" => &mut self.min,
            Some(name) if name == "max" => &mut self.max,
            _ => return Err(limit.error("a block has the limits `min` and `max`: `block(min = 1, max = 3)`")),
        };
        let fault = |error: Error| Error::new(error.span(), "how many blocks is a whole number, 0 or more: `min = 1`");
        let number = limit.value().and_then(|value| value.parse::<LitInt>()?.base10_parse());
        *slot = Some(number.map_err(fault)?);
        Ok(())
    }

    /// Whether there is one.
    pub fn is_limited(&self) -> bool {
        self.min.is_some() || self.max.is_some()
    }

    /// The builder calls that declare them.
    pub fn declare(&self) -> TokenStream {
        let (min, max) = (self.min.iter(), self.max.iter());
        quote!(#(.min(#min))* #(.max(#max))*)
    }
}
