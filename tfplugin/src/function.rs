//! What a function of a provider implements: pure, offline, the same answer each time.
//!
//! [`Function`] is typed: the implementing struct is the list of parameters, in order. [`ErasedFunction`] is the same
//! behind one object-safe trait.

use std::marker::PhantomData;

use crate::model::Field;
use crate::schema::{Attribute, Mode, Object};
use crate::{Data, Diagnostic, Key, Model, Path, Type, Value};

/// A function that expressions call as `provider::NAME::function(...)`.
///
/// Its fields are its parameters: a `T` is never null, an `Option<T>` may be, and a [`Known<T>`](crate::Known) also be
/// unknown; for the others the CLIs take the result for unknown while an argument is. The last one may be
/// `#[attr(variadic)]`, a `Vec<T>`. The first line of the struct's doc comment is its summary.
pub trait Function: Model {
    /// Its name.
    const NAME: &'static str;
    /// What it gives: `T`, `Option<T>` or [`Known<T>`](crate::Known).
    type Output: Field;

    /// Its value at these arguments.
    ///
    /// # Errors
    /// What is wrong, and with which argument.
    fn call(self) -> Result<Self::Output, FunctionError>;
}

/// Why a function has no value at its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong and how to mend it.
    pub text: String,
    /// The parameter that is wrong, and which of its arguments, counted from 0.
    parameter: Option<(&'static str, usize)>,
}

impl FunctionError {
    /// What is wrong with the arguments as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        FunctionError { text: text.into(), parameter: None }
    }

    /// What is wrong with the argument at `key`.
    pub fn at<M, T>(key: Key<M, T>, text: impl Into<String>) -> Self {
        FunctionError { text: text.into(), parameter: Some((key.name(), 0)) }
    }

    /// The same about the argument `index` of a variadic parameter, counted from 0.
    #[must_use]
    pub fn element(mut self, index: usize) -> Self {
        self.parameter = self.parameter.map(|(name, _)| (name, index));
        self
    }
}

/// What a function takes and gives.
#[derive(Debug, Clone)]
pub struct Signature {
    /// In one line.
    pub summary: String,
    /// In Markdown.
    pub description: String,
    /// Why not to use it any more, and what to use instead.
    pub deprecated: Option<&'static str>,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// Any number of further arguments.
    pub variadic: Option<Parameter>,
    /// Type of its value.
    pub result: Type,
}

/// One parameter of a function.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name in the documentation.
    pub name: &'static str,
    /// What it is, in Markdown.
    pub description: String,
    /// Its type.
    pub value_type: Type,
    /// Whether the function wants to see null; else the CLI refuses it.
    pub allow_null: bool,
    /// Whether the function wants to see unknown values; else the CLI takes the result for unknown.
    pub allow_unknown: bool,
}

/// What a call failed with, and the argument that is wrong, counted from 0 over all of them.
pub type CallError = (String, Option<usize>);

/// A [`Function`] of any parameters.
pub trait ErasedFunction: Send + Sync {
    /// [`Function::NAME`].
    fn name(&self) -> &'static str;
    /// What it takes and gives.
    fn signature(&self) -> Signature;
    /// Its value at `arguments`, as many as parameters, and then the variadic ones.
    ///
    /// # Errors
    /// As [`Function::call`].
    fn call(&self, arguments: Vec<Value>) -> Result<Value, CallError>;
}

/// The entry of a function in a registry.
pub const fn function<F: Function>() -> &'static dyn ErasedFunction {
    const { &Registered::<F>(PhantomData) }
}

struct Registered<F>(PhantomData<fn() -> F>);

impl<F: Function> ErasedFunction for Registered<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn signature(&self) -> Signature {
        let object = F::object();
        let is_variadic = |attribute: &&Attribute| attribute.variadic;
        Signature {
            summary: object.description.lines().next().unwrap_or_default().to_owned(),
            deprecated: object.deprecated,
            parameters: object.attributes.iter().filter(|one| !is_variadic(one)).map(parameter).collect(),
            variadic: object.attributes.iter().find(is_variadic).map(parameter),
            result: <F::Output as Field>::Data::shape().value_type(),
            description: object.description,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, CallError> {
        let object = F::object();
        let arguments = by_name(&object, arguments)?;
        let mut faults = Vec::new();
        for attribute in &object.attributes {
            let path = Path::root().attribute(attribute.name);
            attribute.check(arguments.get(attribute.name), &path, &mut faults);
        }
        if let Some(fault) = faults.iter().find(|fault| crate::diagnostic::Severity::Error == fault.severity) {
            return Err(at_argument(&object, fault));
        }
        let function = F::from_object(&arguments, &Path::root()).map_err(|failure| match failure.diagnostics() {
            [first, ..] => at_argument(&object, first),
            [] => (failure.to_string(), None),
        })?;
        match function.call() {
            Ok(result) => Ok(result.write()),
            Err(error) => Err((error.text, error.parameter.and_then(|(name, at)| Some(position(&object, name)? + at)))),
        }
    }
}

fn parameter(attribute: &Attribute) -> Parameter {
    let value_type = match attribute.value_type() {
        Type::List(element) if attribute.variadic => *element,
        own => own,
    };
    Parameter {
        name: attribute.name,
        description: attribute.description.clone(),
        value_type,
        allow_null: attribute.mode != Mode::Required,
        allow_unknown: attribute.takes_unknown,
    }
}

/// The arguments by the names of their parameters; the variadic ones are a list.
fn by_name(object: &Object, arguments: Vec<Value>) -> Result<Value, CallError> {
    let takes_more = object.attributes.last().is_some_and(|last| last.variadic);
    let single = object.attributes.len() - usize::from(takes_more);
    let count = arguments.len();
    if count < single || (count > single && !takes_more) {
        let least = if takes_more { "at least " } else { "" };
        return Err((format!("it takes {least}{single} arguments, not {count}"), None));
    }
    let mut arguments = arguments.into_iter();
    let named = object.attributes.iter().map(|attribute| {
        let value = if attribute.variadic {
            Value::List(arguments.by_ref().collect())
        } else {
            arguments.next().unwrap_or(Value::Null)
        };
        (attribute.name.to_owned(), value)
    });
    Ok(Value::Map(named.collect()))
}

fn position(object: &Object, name: &str) -> Option<usize> {
    object.attributes.iter().position(|attribute| attribute.name == name)
}

/// The argument that `fault` is about, by its path.
fn at_argument(object: &Object, fault: &Diagnostic) -> CallError {
    let text = [fault.summary.as_str(), fault.detail.as_str()].join(". ").trim_end_matches(". ").to_owned();
    let (name, element) = match fault.path.steps() {
        [crate::Step::Attribute(name), crate::Step::Index(at), ..] => (name, *at),
        [crate::Step::Attribute(name), ..] => (name, 0),
        _ => return (text, None),
    };
    let attribute = object.attributes.iter().find(|attribute| attribute.name == name);
    let element = if attribute.is_some_and(|attribute| attribute.variadic) { element } else { 0 };
    (text, position(object, name).map(|at| at + element))
}
