//! What a function of a provider implements: pure, offline, the same answer each time.
//!
//! [`Function`] is typed: the implementing struct is the list of parameters, in order. [`ErasedFunction`] is the same
//! behind one object-safe trait.

use std::error::Error;
use std::marker::PhantomData;

use crate::model::{Field, Kind};
use crate::schema::{Attribute, Mode, Object};
use crate::{Data, Diagnostic, Failure, Key, Model, Path, Step, Type, Value};

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
    pub(crate) parameter: Option<(String, usize)>,
}

impl FunctionError {
    /// What is wrong with the arguments as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        FunctionError { text: text.into(), parameter: None }
    }

    /// What is wrong with the argument at `key`.
    pub fn at<M, T>(key: Key<M, T>, text: impl Into<String>) -> Self {
        FunctionError { text: text.into(), parameter: Some((key.name().to_owned(), 0)) }
    }

    /// The same about the argument `index` of a variadic parameter, counted from 0.
    #[must_use]
    pub fn element(mut self, index: usize) -> Self {
        self.parameter = self.parameter.map(|(name, _)| (name, index));
        self
    }

    /// The same as `fault` says, at the argument that its path leads to.
    pub(crate) fn of(fault: &Diagnostic) -> Self {
        let parameter = match fault.path.steps() {
            [Step::Attribute(name), Step::Index(at), ..] => Some((name.clone(), *at)),
            [Step::Attribute(name), ..] => Some((name.clone(), 0)),
            _ => None,
        };
        let text = [fault.summary.as_str(), &fault.detail].into_iter().filter(|text| !text.is_empty());
        FunctionError { text: text.collect::<Vec<_>>().join(". "), parameter }
    }
}

/// Of any error: `?` in a function does so, too.
impl<E: Error> From<E> for FunctionError {
    fn from(error: E) -> Self {
        FunctionError::new(Failure::from(error).to_string().trim_end())
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

impl Signature {
    /// The signature of a function whose parameters are `object` and whose value is of type `result`.
    pub(crate) fn new(object: &Object, result: Type) -> Self {
        let (variadic, single): (Vec<_>, Vec<_>) = object.attributes.iter().partition(|attribute| attribute.variadic);
        Signature {
            summary: object.description.lines().next().unwrap_or_default().to_owned(),
            description: object.description.clone(),
            deprecated: object.deprecated,
            parameters: single.into_iter().map(Parameter::new).collect(),
            variadic: variadic.into_iter().next().map(Parameter::new),
            result,
        }
    }
}

impl Parameter {
    fn new(attribute: &Attribute) -> Self {
        let value_type = match attribute.value_type() {
            Type::List(element) if attribute.variadic => *element,
            own => own,
        };
        Parameter {
            name: attribute.name,
            description: attribute.documentation(),
            value_type,
            allow_null: attribute.mode != Mode::Required,
            allow_unknown: attribute.takes_unknown,
        }
    }
}

/// A [`Function`] of any parameters.
pub trait ErasedFunction: Send + Sync {
    /// [`Function::NAME`].
    fn name(&self) -> &'static str;
    /// Its parameters.
    fn object(&self) -> Object;
    /// Type of its value.
    fn result(&self) -> Type;
    /// Its value at `arguments`, an object of all parameters; the variadic ones are a list.
    ///
    /// # Errors
    /// As [`Function::call`].
    fn call(&self, arguments: &Value) -> Result<Value, FunctionError>;
}

/// The entry of a function in a registry.
///
/// A registry is a constant: what can't be in it, the compiler refuses at the line of the entry.
#[track_caller]
pub const fn function<F: Function>() -> &'static dyn ErasedFunction {
    F::WORDS.must_be(Kind::Function);
    const { &Registered::<F>(PhantomData) }
}

struct Registered<F>(PhantomData<fn() -> F>);

impl<F: Function> ErasedFunction for Registered<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn object(&self) -> Object {
        F::object()
    }

    fn result(&self) -> Type {
        <F::Output as Field>::Data::shape().value_type()
    }

    fn call(&self, arguments: &Value) -> Result<Value, FunctionError> {
        let function = F::from_object(arguments, &Path::root()).map_err(|failure| match failure.diagnostics() {
            [first, ..] => FunctionError::of(first),
            [] => FunctionError::new(failure.to_string()),
        })?;
        function.call().map(|result| result.write())
    }
}
