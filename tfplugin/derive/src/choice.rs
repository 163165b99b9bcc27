//! `#[derive(Choice)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Error, Fields, LitStr, Result, Variant};

use crate::field::doc;

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(DataEnum { variants, .. }) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a choice is an enum; for a struct derive `Model`"));
    };
    let choice = &input.ident;
    let mut idents = Vec::new();
    let mut names = Vec::new();
    let mut notes = Vec::new();
    for variant in variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(variant, "a choice is a name: a variant has no fields"));
        }
        let name = name(variant)?;
        if names.contains(&name) {
            return Err(Error::new_spanned(variant, format!("there is a variant with the name {name:?} already")));
        }
        let doc = doc(&variant.attrs).replace('\n', " ");
        notes.push(if doc.is_empty() { format!("`{name}`") } else { format!("`{name}` ({})", uncapitalised(&doc)) });
        names.push(name);
        idents.push(&variant.ident);
    }
    if names.is_empty() {
        return Err(Error::new_spanned(choice, "a choice is an enum of names: this one has none"));
    }
    let notes = format!("One of {}.", notes.join(", "));
    Ok(quote! {
        impl #choice {
            /// Every name that is allowed.
            pub const VALUES: &'static [&'static str] = &[#(#names),*];

            /// Its name.
            pub const fn as_str(&self) -> &'static str {
                match self { #(Self::#idents => #names),* }
            }

            /// The choice of this name.
            pub fn parse(name: &str) -> ::core::option::Option<Self> {
                match name { #(#names => Some(Self::#idents),)* _ => None }
            }
        }

        impl ::core::fmt::Display for #choice {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::tfplugin::Data for #choice {
            fn shape() -> ::tfplugin::schema::Shape {
                ::tfplugin::schema::Shape::Type(::tfplugin::Type::String)
            }

            fn notes() -> ::core::option::Option<&'static str> {
                Some(#notes)
            }

            fn from_value(value: &::tfplugin::Value, path: &::tfplugin::Path) -> ::tfplugin::Result<Self> {
                ::tfplugin::model::choice(value, path, Self::parse, Self::VALUES)
            }

            fn to_value(&self) -> ::tfplugin::Value {
                self.as_str().into()
            }

            fn check(
                value: &::tfplugin::Value,
                path: &::tfplugin::Path,
                diagnostics: &mut ::std::vec::Vec<::tfplugin::Diagnostic>,
            ) {
                ::tfplugin::model::check_choice(value, path, Self::VALUES, diagnostics);
            }
        }
    })
}

fn name(variant: &Variant) -> Result<String> {
    for attribute in &variant.attrs {
        if attribute.path().is_ident("choice") {
            let is_name =
                |error: Error| Error::new(error.span(), "a variant's own name is a text: `#[choice(\"name\")]`");
            return Ok(attribute.parse_args::<LitStr>().map_err(is_name)?.value());
        }
    }
    Ok(screaming(&variant.ident.to_string()))
}

fn screaming(ident: &str) -> String {
    let mut name = String::new();
    for (at, letter) in ident.chars().enumerate() {
        if letter.is_uppercase() && at > 0 {
            name.push('_');
        }
        name.extend(letter.to_uppercase());
    }
    name
}

/// The doc comment of a variant as a part of a sentence. A name keeps its capital: `AlienVault feed`, `Open Threat
/// Exchange`.
fn uncapitalised(doc: &str) -> String {
    let text = doc.trim_end_matches('.');
    let mut words = text.split_whitespace();
    let has_capitals_inside = |word: &str| word.chars().skip(1).any(char::is_uppercase);
    let is_title = |word: &str| word.starts_with(char::is_uppercase) && !has_capitals_inside(word);
    if words.next().is_some_and(has_capitals_inside) || words.next().is_some_and(is_title) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
