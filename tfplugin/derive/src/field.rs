//! One field of a model: what its type and its `#[attr(...)]` say.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseBuffer};
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Field, GenericArgument, Ident, LitStr, PathArguments, Result, Token, Type, ext::IdentExt};

use crate::block::Limits;
use crate::timeouts::Timeouts;
use crate::word;

const WORDS: [&str; 13] = [
    "replace",
    "keep",
    "default",
    "validate",
    "sensitive",
    "write_only",
    "deprecated",
    "block",
    "identity",
    "variadic",
    "absent",
    "flatten",
    "timeouts",
];

/// A field, read.
pub struct ModelField {
    model: Ident,
    at: usize,
    pub ident: Ident,
    pub ty: Type,
    pub name: String,
    pub doc: String,
    flags: Vec<String>,
    deprecated: Option<LitStr>,
    validators: Vec<Expr>,
    default: Option<Expr>,
    block: Option<Limits>,
    timeouts: Option<Timeouts>,
}

impl ModelField {
    /// Reads field number `at` of `model`.
    pub fn read(model: &Ident, at: usize, field: &Field) -> Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(Error::new_spanned(field, "a model's fields have names"));
        };
        let mut read = ModelField {
            model: model.clone(),
            at,
            name: ident.unraw().to_string(),
            ident,
            ty: field.ty.clone(),
            doc: doc(&field.attrs),
            flags: Vec::new(),
            deprecated: None,
            validators: Vec::new(),
            default: None,
            block: None,
            timeouts: None,
        };
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("attr")) {
            attribute.parse_nested_meta(|meta| read.word(&meta))?;
        }
        read.check(field)?;
        Ok(read)
    }

    fn word(&mut self, meta: &ParseNestedMeta) -> Result<()> {
        let word = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match word.as_str() {
            "replace" | "keep" | "sensitive" | "write_only" | "identity" | "variadic" | "flatten" => {
                if meta.input.peek(Token![=]) {
                    return Err(meta.error(format!("`{word}` takes no value: write it alone, or leave it out")));
                }
                self.flags.push(word);
            }
            "deprecated" => self.deprecated = Some(instead(meta)?),
            "default" => self.default = Some(value(meta, "`default` needs a value: `default = 1`")?),
            "absent" => {
                let fault = "`absent` knows one value: `absent = empty`";
                let given: Ident = value(meta, fault)?;
                if given != "empty" {
                    return Err(Error::new(given.span(), fault));
                }
                self.flags.push(word);
            }
            "validate" => self.validators.push(value(meta, "`validate` needs a check: `validate = CHECK`")?),
            "timeouts" => self.timeouts = Some(Timeouts::read(meta)?),
            "block" => self.block = Some(Limits::read(meta)?),
            other => return Err(meta.error(unknown_word(other))),
        }
        Ok(())
    }

    fn check(&self, field: &Field) -> Result<()> {
        let wrapper = wrapper(&self.ty);
        let fault = |message: &str| Err(Error::new_spanned(field, format!("`{}`: {message}", self.name)));
        if self.is_flat() {
            let is_alone = self.flags.len() == 1
                && self.block.is_none()
                && self.default.is_none()
                && self.timeouts.is_none()
                && self.deprecated.is_none()
                && self.validators.is_empty();
            return match is_alone {
                true => Ok(()),
                false => fault("what is `flatten`ed takes no other word: give them to its fields"),
            };
        }
        if self.doc.is_empty() && self.block.is_none() {
            return fault("add a doc comment (`///`): it is the attribute's documentation");
        }
        if self.default.is_some() && matches!(wrapper.as_str(), "Option" | "Computed" | "OptionalComputed") {
            return fault("an attribute with a `default` is never absent: let its type be `T`, without a wrapper");
        }
        if wrapper == "Computed" && !self.validators.is_empty() {
            return fault("nobody configures a `Computed` attribute, so there is nothing to check");
        }
        let computed = matches!(wrapper.as_str(), "Computed" | "OptionalComputed");
        if !computed && self.has("keep") {
            return fault("`keep` is for values that the provider sets: `Computed<T>` or `OptionalComputed<T>`");
        }
        if self.has("write_only") && wrapper != "Option" {
            return fault(
                "a `write_only` value is only ever what the configuration says, and never in the state: let its type be `Option<T>`",
            );
        }
        if self.has("absent") && !matches!(wrapper.as_str(), "Option" | "OptionalComputed") {
            return fault("`absent = empty` is for an argument that may be left out: let its type be `Option<T>`");
        }
        if self.has("absent") && self.has("write_only") {
            return fault(
                "a `write_only` value is in no state, so that there is nothing that `absent` could be the same as",
            );
        }
        if self.has("identity") && !self.has("replace") && !self.has("keep") {
            return fault("a part of the identity never changes: it needs `replace` (or, if computed, `keep`) too");
        }
        if self.has("variadic") && wrapper != "Vec" {
            return fault("a `variadic` parameter is a `Vec<T>`");
        }
        let has_words = self.default.is_some()
            || self.deprecated.is_some()
            || !self.validators.is_empty()
            || !self.flags.is_empty();
        if self.block.is_some() && has_words {
            return fault("a block takes no other word: give them to its fields, and `deprecated` to its struct");
        }
        let is_of_timeouts = wrapper == "Timeouts" && inner(&self.ty).is_some();
        if self.timeouts.is_some() && (has_words || !is_of_timeouts) {
            return fault(
                "`timeouts` is for a field of the type `Timeouts<Self>`, and takes no other word than `block`",
            );
        }
        if self.timeouts.is_none() && is_of_timeouts {
            return fault("name the operations that wait, each with its default: `timeouts(create = \"45m\")`");
        }
        if self.block.as_ref().is_some_and(Limits::is_limited) && !matches!(wrapper.as_str(), "Vec" | "Set") {
            return fault("limits are for a `Vec` or a `Set` of blocks: of another type there are as many as it holds");
        }
        if wrapper == "Private" && (self.block.is_some() || has_words) {
            return fault("a `Private` value is no attribute: it takes no words");
        }
        Ok(())
    }

    /// Whether it has the word `flag`.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    /// Whether it is a model whose fields are those of the whole.
    pub fn is_flat(&self) -> bool {
        self.has("flatten")
    }

    /// Makes it a part of what the resource is known by.
    ///
    /// # Errors
    /// That it may change.
    pub fn be_identity(&mut self) -> Result<()> {
        if self.has("identity") {
            return Err(Error::new_spanned(&self.ident, format!("`{}`: the key makes it `identity`", self.name)));
        }
        if !self.has("replace") && !self.has("keep") {
            let fault = format!(
                "`{}`: a part of the key never changes: it needs `replace` (or, if computed, `keep`)",
                self.name
            );
            return Err(Error::new_spanned(&self.ident, fault));
        }
        self.flags.push("identity".to_owned());
        Ok(())
    }

    /// Whether nobody has to set it.
    pub fn is_optional(&self) -> bool {
        self.block.is_none() && wrapper(&self.ty) == "Option"
    }

    fn is_private(&self) -> bool {
        wrapper(&self.ty) == "Private"
    }

    /// Whether it may be in an element of a set, as an expression.
    pub fn may_be_in_set(&self) -> TokenStream {
        let computed = matches!(wrapper(&self.ty).as_str(), "Computed" | "OptionalComputed" | "Private");
        if computed || self.default.is_some() || self.has("write_only") {
            return quote!(false);
        }
        let place = self.place();
        quote!(#place::MAY_BE_IN_SET)
    }

    /// The words of the model that it is or holds, as an expression.
    pub fn parts(&self) -> TokenStream {
        let place = self.place();
        quote!(#place::WORDS)
    }

    /// What it says that means something of some kinds of model only.
    pub fn words(&self) -> Vec<TokenStream> {
        let field = format!("{}::{}", self.model, self.name);
        let flags = self.flags.iter().map(String::as_str);
        let others = [
            ("default", self.default.is_some()),
            ("deprecated", self.deprecated.is_some()),
            ("validate", !self.validators.is_empty()),
            ("block", self.block.is_some()),
            ("timeouts", self.timeouts.is_some()),
        ];
        let said = flags.chain(others.into_iter().filter_map(|(word, is_said)| is_said.then_some(word)));
        said.chain([wrapper(&self.ty).as_str()]).filter_map(|word| word::declare(&field, word)).collect()
    }

    /// Compile errors where a set has elements that it can't have, or a part what only the whole can.
    pub fn check_parts(&self) -> TokenStream {
        if self.is_flat() {
            return TokenStream::new();
        }
        let span = self.ident.span();
        let place = self.place_at(span);
        let kind = if self.block.is_some() { quote!(Block) } else { quote!(NestedAttribute) };
        let message = format!(
            "`{}`: elements of a set are told apart by their whole value, so nothing in them may be computed, have a \
             default or be write-only: use a `Vec` or a `BTreeMap`",
            self.name
        );
        let absent = self.has("absent").then(|| {
            let message = format!(
                "`{}`: `absent = empty` is for a text, a list, a set, a map, or an object of which nothing is required",
                self.name
            );
            quote_spanned!(span=> const _: () = ::core::assert!(#place::IS_EMPTY.is_some(), #message);)
        });
        quote_spanned! {span=>
            #absent
            const _: () = ::core::assert!(#place::SETS_ARE_SOUND, #message);
            const _: () = #place::WORDS.own_must_be(::tfplugin::model::Kind::#kind);
        }
    }

    /// The model's impl that says the type of this field: the only place where a wrong one is an error.
    pub fn declare_type(&self) -> TokenStream {
        let (model, role, ty, data) = (&self.model, self.role(), &self.ty, self.data());
        quote! {
            impl #role for #model {
                type Data = #data;
                type Field = #ty;
            }
        }
    }

    /// The builder call that declares it.
    pub fn declare(&self) -> TokenStream {
        let (name, doc, place) = (&self.name, &self.doc, self.place());
        if self.is_flat() {
            return quote!(.flatten(#place::object()));
        }
        if let Some(limits) = &self.block {
            let describe = (!doc.is_empty()).then(|| quote!(.describe(#doc)));
            let limits = limits.declare();
            return quote!(.block(#place::declare(#name) #limits #describe));
        }
        if self.is_private() {
            return quote!(.private(#name, #place::declare(#name).value_type()));
        }
        let call = |flag: &String| if flag == "absent" { "absent_is_empty".to_owned() } else { flag.clone() };
        let flags = self.flags.iter().map(|flag| format_ident!("{}", call(flag)));
        let deprecated = self.deprecated.as_ref().map(|instead| quote!(.deprecated(#instead)));
        let default = self.default.as_ref().map(|value| {
            let default = quote_spanned!(value.span()=> ::tfplugin::model::IntoDefault::into_default(#value));
            quote_spanned!(value.span()=> .default_value(#place::write(&#default)))
        });
        let validators = self.validators.iter().map(|check| {
            let data = self.data();
            // Its name keeps clippy from taking a closure that is called at once for the author's.
            quote_spanned!(check.span()=> .validate(|value: &#data| { let check = #check; check(value) }))
        });
        quote! {
            .attribute(#place::declare(#name).describe(#doc) #(.#flags())* #deprecated #default #(#validators)*)
        }
    }

    fn role(&self) -> TokenStream {
        let at = self.at;
        let has = match self.block {
            _ if self.is_flat() => quote!(HasPart),
            Some(_) => quote!(HasBlock),
            None => quote!(HasField),
        };
        quote!(::tfplugin::model::#has<#at>)
    }

    /// The model as that which has this field.
    fn place(&self) -> TokenStream {
        self.place_at(Span::call_site())
    }

    /// The same, shown at `span` where it is at fault.
    fn place_at(&self, span: Span) -> TokenStream {
        let (model, role) = (&self.model, self.role());
        quote_spanned!(span=> <#model as #role>)
    }

    /// The type of its values, whoever sets them.
    fn data(&self) -> TokenStream {
        let (inner, ty) = (inner(&self.ty), &self.ty);
        if self.timeouts.is_some() {
            return quote!(::tfplugin::timeouts::Given<#inner>);
        }
        let wrappers: &[&str] = match self.block {
            Some(_) => &["Option", "Single"],
            None => &["Option", "Computed", "OptionalComputed", "Private", "Known"],
        };
        let is_wrapped = wrappers.contains(&wrapper(&self.ty).as_str());
        inner.filter(|_| is_wrapped).map_or_else(|| quote!(#ty), |inner| quote!(#inner))
    }

    /// Reads it: `name: ...` of a struct expression.
    pub fn read_call(&self) -> TokenStream {
        let (ident, name, place, value) = (&self.ident, &self.name, self.place(), self.value());
        if self.is_flat() {
            return quote!(#ident: #place::read(value, path)?);
        }
        quote!(#ident: #place::read(#value, &path.attribute(#name))?)
    }

    /// Whether it is null in an object `value`, or means that: an expression.
    pub fn is_absent(&self) -> TokenStream {
        let value = self.value();
        quote!(#value.is_null())
    }

    /// Its value in an object `value`.
    fn value(&self) -> TokenStream {
        let (name, place) = (&self.name, self.place());
        if self.has("absent") {
            quote!(::tfplugin::model::present(value.get(#name), #place::IS_EMPTY))
        } else {
            quote!(value.get(#name))
        }
    }

    /// Writes it: one entry of the object, or all that are flattened.
    pub fn write_call(&self) -> TokenStream {
        let (ident, name, place) = (&self.ident, &self.name, self.place());
        if self.is_flat() {
            return quote!(#place::write(&self.#ident, &mut entries););
        }
        quote!(entries.insert(#name.to_owned(), #place::write(&self.#ident));)
    }

    /// Whether it says how long operations wait.
    pub fn has_timeouts(&self) -> bool {
        self.timeouts.is_some()
    }

    /// What the model says of how long its operations wait.
    pub fn declare_timeouts(&self) -> Option<TokenStream> {
        self.timeouts.as_ref().map(|timeouts| timeouts.declare(&self.model))
    }

    /// How the whole gives what is flattened.
    pub fn flattens(&self) -> Option<TokenStream> {
        let (model, ident, ty) = (&self.model, &self.ident, &self.ty);
        self.is_flat().then(|| {
            quote! {
                impl ::tfplugin::Flattens<#ty> for #model {
                    fn part(&self) -> &#ty {
                        &self.#ident
                    }

                    fn part_mut(&mut self) -> &mut #ty {
                        &mut self.#ident
                    }
                }
            }
        })
    }

    /// The typed key.
    pub fn key(&self) -> TokenStream {
        if self.is_flat() {
            return TokenStream::new();
        }
        let (name, data) = (&self.name, self.data());
        let constant = format_ident!("{}", name.to_uppercase(), span = self.ident.span());
        let doc = format!("Key to `{name}`.");
        let place = self.place();
        let absent = self.has("absent").then(|| quote!(.absent_if(#place::IS_EMPTY)));
        // Nobody is told that a key isn't used.
        quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            pub const #constant: ::tfplugin::Key<Self, #data> = ::tfplugin::Key::new(#name)#absent;
        }
    }
}

/// What `deprecated` says.
pub fn instead(meta: &ParseNestedMeta) -> Result<LitStr> {
    value(meta, "`deprecated` needs a text that says what to use instead: `deprecated = \"...\"`")
}

/// The value of a word, or `fault` where it is missing or another one.
fn value<T: Parse>(meta: &ParseNestedMeta, fault: &str) -> Result<T> {
    let given = meta.value().and_then(ParseBuffer::parse);
    given.map_err(|error| Error::new(if meta.input.is_empty() { meta.path.span() } else { error.span() }, fault))
}

fn unknown_word(word: &str) -> String {
    if matches!(word, "required" | "optional" | "computed") {
        return format!(
            "`{word}` is no word: a field's type says who sets it. A `T` must be configured, an `Option<T>` may be, a \
             `Computed<T>` is set by the provider, and an `OptionalComputed<T>` by either"
        );
    }
    let nearest = WORDS
        .into_iter()
        .max_by(|one, other| strsim::jaro_winkler(word, one).total_cmp(&strsim::jaro_winkler(word, other)));
    let hint = nearest
        .filter(|near| strsim::jaro_winkler(word, near) > 0.7)
        .map(|near| format!("did you mean `{near}`? "))
        .unwrap_or_default();
    format!("unknown word `{word}` in #[attr(...)]: {hint}allowed are {}", WORDS.join(", "))
}

/// The name of the outermost type: `Option` of `Option<String>`.
fn wrapper(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

/// The type in the outermost one: `String` of `Option<String>`.
fn inner(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// The text of doc comments: lines joined as Markdown has them, the space after `///` taken away.
pub fn doc(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    lines.join("\n").trim().to_owned()
}
