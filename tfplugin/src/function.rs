//! What a function of a provider implements: pure, offline, the same answer each time.

use crate::{Type, Value};

/// A function that expressions call as `provider::NAME::function(...)`.
pub trait Function: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it takes and gives.
    fn signature(&self) -> Signature;
    /// Its value at `arguments`, as many as parameters, and then the variadic ones.
    ///
    /// # Errors
    /// What is wrong, and with which argument.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// What a function takes and gives.
#[derive(Debug, Clone)]
pub struct Signature {
    /// In one line.
    pub summary: &'static str,
    /// In Markdown.
    pub description: &'static str,
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
    pub description: &'static str,
    /// Its type.
    pub value_type: Type,
    /// Whether the function wants to see null; else the CLI refuses it.
    pub allow_null: bool,
    /// Whether the function wants to see unknown values; else the CLI takes the result for unknown.
    pub allow_unknown: bool,
}

/// Why a function has no value at its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong and how to mend it.
    pub text: String,
    /// The argument that is wrong, counted from 0.
    pub argument: Option<usize>,
}
