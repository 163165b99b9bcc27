//! `#[derive(Model)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::field::{ModelField, doc};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let fields = read_fields(input)?;
    let model = &input.ident;
    let description = doc(&input.attrs);
    let declare = fields.iter().map(ModelField::declare);
    let read = fields.iter().map(ModelField::read_call);
    let write = fields.iter().map(ModelField::write_call);
    let keys = fields.iter().map(ModelField::key);
    Ok(quote! {
        impl #model {
            #(#keys)*
        }

        impl ::tfplugin::Model for #model {
            fn object() -> ::tfplugin::schema::Object {
                ::tfplugin::schema::Object::new(#description) #(#declare)*
            }

            fn from_object(value: &::tfplugin::Value, path: &::tfplugin::Path) -> ::tfplugin::Result<Self> {
                Ok(#model { #(#read),* })
            }

            fn to_object(&self) -> ::tfplugin::Value {
                ::tfplugin::Value::Map([#(#write),*].into_iter().collect())
            }
        }

        impl ::tfplugin::Data for #model {
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
    named.named.iter().map(ModelField::read).collect()
}
