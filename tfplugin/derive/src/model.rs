//! `#[derive(Model)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, LitStr, Result};

use crate::field::{ModelField, doc, instead};
use crate::key::ModelKey;

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let mut fields = read_fields(input)?;
    let key = ModelKey::read(input, &mut fields)?.map(|key| key.declare(input));
    let model = &input.ident;
    let description = doc(&input.attrs);
    let declare = fields.iter().map(ModelField::declare);
    let read = fields.iter().map(ModelField::read_call);
    let write = fields.iter().map(ModelField::write_call);
    let keys = fields.iter().map(ModelField::key);
    let parts = fields.iter().map(ModelField::check_parts);
    let in_set: Vec<_> = fields.iter().map(ModelField::may_be_in_set).collect();
    let empty = fields.iter().all(ModelField::is_optional).then(|| {
        let absent = fields.iter().map(ModelField::is_absent);
        quote! {
            const IS_EMPTY: ::core::option::Option<fn(&::tfplugin::Value) -> bool> = ::core::option::Option::Some(
                |value| ::core::matches!(value, ::tfplugin::Value::Map(_)) #(&& #absent)*
            );
        }
    });
    let words = fields.iter().flat_map(ModelField::words);
    let words_of_parts = fields.iter().map(ModelField::parts);
    let timeouts = fields.iter().filter_map(ModelField::declare_timeouts);
    let flattens = fields.iter().filter_map(ModelField::flattens);
    let types = fields.iter().map(ModelField::declare_type);
    let deprecated = deprecated(input)?.map(|instead| quote!(.deprecated(#instead)));
    Ok(quote! {
        impl #model {
            #(#keys)*
        }

        #(#types)*

        #(#flattens)*

        #(#timeouts)*

        #key

        #(#parts)*

        impl ::tfplugin::Model for #model {
            const WORDS: &'static ::tfplugin::model::Words =
                &::tfplugin::model::Words { own: &[#(#words),*], parts: &[#(#words_of_parts),*] };

            fn object() -> ::tfplugin::schema::Object {
                ::tfplugin::schema::Object::new(#description) #deprecated #(#declare)*
            }

            fn from_object(value: &::tfplugin::Value, path: &::tfplugin::Path) -> ::tfplugin::Result<Self> {
                Ok(#model { #(#read),* })
            }

            fn to_object(&self) -> ::tfplugin::Value {
                let mut entries = ::std::collections::BTreeMap::new();
                #(#write)*
                ::tfplugin::Value::Map(entries)
            }
        }

        impl ::tfplugin::Data for #model {
            const MAY_BE_IN_SET: bool = true #(&& #in_set)*;
            const WORDS: &'static ::tfplugin::model::Words = <Self as ::tfplugin::Model>::WORDS;
            #empty

            fn shape() -> ::tfplugin::schema::Shape {
                ::tfplugin::schema::Shape::Object(
                    ::tfplugin::schema::Nesting::Single,
                    <Self as ::tfplugin::Model>::object().attributes,
                )
            }

            fn from_value(value: &::tfplugin::Value, path: &::tfplugin::Path) -> ::tfplugin::Result<Self> {
                <Self as ::tfplugin::Model>::from_object(value, path)
            }

            fn to_value(&self) -> ::tfplugin::Value {
                ::tfplugin::Model::to_object(self)
            }
        }
    })
}

fn read_fields(input: &DeriveInput) -> Result<Vec<ModelField>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "a model is a struct; for an enum of names derive `Choice`"));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(Error::new_spanned(&input.ident, "a model is a struct with named fields"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "a model takes no generic parameters"));
    }
    let fields = named
        .named
        .iter()
        .enumerate()
        .map(|(at, field)| ModelField::read(&input.ident, at, field))
        .collect::<Result<Vec<_>>>()?;
    let second = fields.iter().filter(|field| field.has_timeouts()).nth(1);
    second.map_or(Ok(()), |field| Err(Error::new_spanned(&field.ident, "a model has one field with `timeouts`")))?;
    let variadic = fields.iter().rev().skip(1).find(|field| field.has("variadic"));
    variadic.map_or(Ok(()), |field| Err(Error::new_spanned(&field.ident, "only the last parameter is `variadic`")))?;
    Ok(fields)
}

/// What the struct's own `#[attr(deprecated = "...")]` says.
fn deprecated(input: &DeriveInput) -> Result<Option<LitStr>> {
    let mut deprecated = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("attr")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("deprecated") {
                return Err(meta.error("a model as a whole takes only the word `deprecated`"));
            }
            deprecated = Some(instead(&meta)?);
            Ok(())
        })?;
    }
    Ok(deprecated)
}
