//! What `#[model(key(...))]` says: by which fields a resource is known.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Error, Ident, Result, Token};

use crate::field::ModelField;

/// The fields of a model's key, in the order of its text.
pub struct ModelKey {
    fields: Vec<Ident>,
    /// Whether there is an `id` that has the key as a text.
    has_id: bool,
}

impl ModelKey {
    /// The key that the struct names; its fields become the identity.
    ///
    /// # Errors
    /// What it names that can't be a part of a key.
    pub fn read(input: &DeriveInput, fields: &mut [ModelField]) -> Result<Option<Self>> {
        let mut key = None;
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("model")) {
            attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("key") {
                    return Err(meta.error("a model as a whole knows the word `key`: `#[model(key(name))]`"));
                }
                let names;
                syn::parenthesized!(names in meta.input);
                let names = Punctuated::<Ident, Token![,]>::parse_terminated(&names)?;
                if names.is_empty() {
                    return Err(meta.error("a key has at least one field: `key(name)`"));
                }
                key = Some(ModelKey { fields: names.into_iter().collect(), has_id: false });
                Ok(())
            })?;
        }
        let Some(mut key) = key else { return Ok(None) };
        let has_id = fields.iter().any(|field| field.ident == "id");
        key.has_id = has_id && key.fields.iter().all(|field| field != "id");
        for name in &key.fields {
            let field = fields.iter_mut().find(|field| field.ident == *name);
            field.ok_or_else(|| Error::new_spanned(name, format!("there is no field `{name}`")))?.be_identity()?;
        }
        Ok(Some(key))
    }

    /// The struct of the key, and how it becomes a text and back.
    pub fn declare(&self, input: &DeriveInput) -> TokenStream {
        let (model, visibility, fields) = (&input.ident, &input.vis, &self.fields);
        let key = format_ident!("{model}Key", span = model.span());
        let names: Vec<_> = fields.iter().map(ToString::to_string).collect();
        let doc = format!("What tells one `{model}` from another.");
        let id = self.has_id.then(|| quote!(self.id = key.to_string().into();));
        let of_one = match &fields[..] {
            [only] => Some(quote! {
                impl ::core::convert::From<::std::string::String> for #key {
                    fn from(#only: ::std::string::String) -> Self {
                        #key { #only }
                    }
                }
            }),
            _ => None,
        };
        let docs = names.iter().map(|name| format!("Its `{name}`."));
        quote! {
            #[doc = #doc]
            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #visibility struct #key {
                #(#[doc = #docs] pub #fields: ::std::string::String,)*
            }

            impl ::tfplugin::ModelKey for #key {
                type Model = #model;
                const PARTS: &'static [&'static str] = &[#(#names),*];

                fn from_parts(mut parts: impl ::core::iter::Iterator<Item = ::std::string::String>) -> ::core::option::Option<Self> {
                    Some(#key { #(#fields: parts.next()?),* })
                }

                fn parts(&self) -> ::std::vec::Vec<&str> {
                    ::std::vec![#(self.#fields.as_str()),*]
                }
            }

            impl ::core::fmt::Display for #key {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.write_str(&::tfplugin::ModelKey::parts(self).join(":"))
                }
            }

            #of_one

            impl ::tfplugin::HasKey for #model {
                type Key = #key;

                fn key(&self) -> #key {
                    #key { #(#fields: ::tfplugin::model::KeyPart::key_part(&self.#fields).to_owned()),* }
                }

                fn set_key(&mut self, key: &#key) {
                    #(self.#fields = key.#fields.clone().into();)*
                    #id
                }
            }
        }
    }
}
