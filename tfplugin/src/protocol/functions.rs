//! Functions: their signatures, and calls of them.

use std::collections::HashMap;

use super::messages::{self as proto, FunctionError as Refused, call_function};
use super::server::{Entry, Server, decode, encode as encode_value};
use super::{encode, messages::DynamicValue};
use crate::function::{ErasedFunction, FunctionError, Signature};
use crate::plan::refuse_faults;
use crate::schema::Object;
use crate::{Provider, Value};

impl<P: Provider> Server<P> {
    /// The signatures of all functions.
    pub(super) fn signatures(&self) -> HashMap<String, proto::Function> {
        let signature = |entry: &Entry<dyn ErasedFunction>| {
            encode::function(&Signature::new(&entry.schema().object, entry.item.result()))
        };
        self.functions().iter().map(|(name, entry)| (name.clone(), signature(entry))).collect()
    }

    pub(super) async fn call(&self, request: call_function::Request) -> call_function::Response {
        let entry = self.function(&request.name);
        let work = async move {
            let entry = entry?;
            Ok(call(&entry, &request.arguments))
        };
        let refused = match self.run("CallFunction", request.name, work).await.result {
            Ok(Ok(result)) => return call_function::Response { result: Some(result), error: None },
            Ok(Err(refused)) => refused,
            Err(failure) => Refused { text: failure.to_string(), function_argument: None },
        };
        call_function::Response { result: None, error: Some(refused) }
    }
}

fn call(entry: &Entry<dyn ErasedFunction>, arguments: &[DynamicValue]) -> Result<DynamicValue, Refused> {
    let object = &entry.schema().object;
    let signature = Signature::new(object, entry.item.result());
    let (single, count) = (signature.parameters.len(), arguments.len());
    if count < single || (count > single && signature.variadic.is_none()) {
        let least = if signature.variadic.is_some() { "at least " } else { "" };
        let text = format!("it takes {least}{single} arguments, not {count}");
        return Err(Refused { text, function_argument: None });
    }
    let types = signature.parameters.iter().chain(signature.variadic.iter().cycle()).map(|one| &one.value_type);
    let decoded = arguments.iter().zip(types).enumerate().map(|(at, (argument, ty))| {
        let refused = |text: String| Refused { text, function_argument: Some(at as i64) };
        decode(Some(argument), ty).map_err(|failure| refused(failure.to_string()))
    });
    let mut decoded = decoded.collect::<Result<Vec<_>, _>>()?.into_iter();
    let named = object.attributes.iter().map(|attribute| {
        let value = if attribute.variadic {
            Value::List(decoded.by_ref().collect())
        } else {
            decoded.next().unwrap_or(Value::Null)
        };
        (attribute.name.to_owned(), value)
    });
    let arguments = Value::Map(named.collect());
    let faults = refuse_faults(object, &arguments).map_err(|failure| match failure.diagnostics() {
        [first, ..] => FunctionError::of(first),
        [] => FunctionError::new(failure.to_string()),
    });
    let result = faults.and_then(|()| entry.item.call(&arguments));
    let refused = |error: FunctionError| Refused {
        function_argument: error.parameter.and_then(|(name, at)| position(object, &name, at)),
        text: error.text,
    };
    result.map(|result| encode_value(&result, &signature.result)).map_err(refused)
}

/// Which argument is meant, counted from 0 over all of them: that of parameter `name`, or the one `at` a place among
/// the variadic ones.
fn position(object: &Object, name: &str, at: usize) -> Option<i64> {
    let (position, attribute) = object.attributes.iter().enumerate().find(|(_, attribute)| attribute.name == name)?;
    Some((if attribute.variadic { position + at } else { position }) as i64)
}
