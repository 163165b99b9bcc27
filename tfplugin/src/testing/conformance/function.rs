//! The rules for a function: the same answer each time, known where its arguments are, and errors at one of them.

use super::variants::others;
use super::{Report, is_fault};
use crate::function::{Parameter, Signature};
use crate::protocol::json;
use crate::protocol::messages as proto;
use crate::schema::Shape;
use crate::testing::client::{Client, Rpc, decode, encode};
use crate::{Provider, Type, Value};

/// Checks function `name` at `calls`, each a list of arguments at which it has a value, and at others made from them:
/// every argument null and unknown where its parameter allows that, and with other values.
///
/// # Errors
/// An RPC's own failure: a provider never has one. Or the arguments don't fit the parameters.
pub async fn check_function<P: Provider>(
    client: &mut Client<P>,
    name: &str,
    calls: &[Vec<serde_json::Value>],
) -> Rpc<Report> {
    let Some(function) = P::FUNCTIONS.iter().find(|function| function.name() == name) else {
        return Ok(vec![format!("there is no function {name}")]);
    };
    let signature = Signature::new(&function.object(), function.result());
    let mut report = Report::new();
    for arguments in calls {
        let parameters = signature.parameters.iter().chain(signature.variadic.iter().cycle());
        let parameters: Vec<_> = parameters.take(arguments.len()).collect();
        let decoded = arguments.iter().zip(&parameters).map(|(argument, one)| json::read(argument, &one.value_type));
        let decoded = decoded.collect::<Result<Vec<_>, _>>();
        let decoded = decoded.map_err(|error| tonic::Status::invalid_argument(error.to_string()))?;
        for call in calls_like(decoded, &parameters) {
            let first = answer(client, name, &call.arguments, &parameters).await?;
            let second = answer(client, name, &call.arguments, &parameters).await?;
            let fault =
                if first == second { call.fault(first, &signature.result)? } else { Some("two answers differ".into()) };
            report.extend(fault.map(|fault| format!("{name}({:?}): {fault}", call.arguments)));
        }
    }
    Ok(report)
}

/// A call, and whether the function may say that it is wrong.
struct Call {
    arguments: Vec<Value>,
    may_be_refused: bool,
}

/// The call with `arguments`, and others made from it.
fn calls_like(arguments: Vec<Value>, parameters: &[&Parameter]) -> Vec<Call> {
    let mut calls = Vec::new();
    for (at, parameter) in parameters.iter().enumerate() {
        let with = |value: Value, may_be_refused: bool| {
            let mut arguments = arguments.clone();
            arguments[at] = value;
            Call { arguments, may_be_refused }
        };
        if parameter.allow_null {
            calls.push(with(Value::Null, true));
        }
        if parameter.allow_unknown {
            calls.push(with(Value::Unknown, false));
        }
        let others = others(&Shape::Type(parameter.value_type.clone()), &arguments[at]);
        // Inside of an argument too, a CLI shows what is unknown only to a parameter that allows it.
        let shown = others.into_iter().filter(|value| parameter.allow_unknown || value.is_wholly_known());
        calls.extend(shown.map(|value| with(value, true)));
    }
    calls.push(Call { arguments, may_be_refused: false });
    calls
}

impl Call {
    /// What is wrong with the answer to it.
    fn fault(&self, answer: proto::call_function::Response, result: &Type) -> Rpc<Option<String>> {
        if let Some(error) = answer.error {
            let is_argument = error.function_argument.is_none_or(|at| (0..self.arguments.len() as i64).contains(&at));
            let is_told = is_argument && !error.text.is_empty() && !is_fault(&error.text);
            return Ok((!is_told || !self.may_be_refused).then(|| format!("refused: {error:?}")));
        }
        let Some(value) = answer.result else { return Ok(Some("neither a value nor an error".to_owned())) };
        let value = decode(Some(value), result)?;
        let is_sound = value.is_wholly_known() || !self.arguments.iter().all(Value::is_wholly_known);
        Ok((!is_sound).then(|| "all arguments are known, and its value isn't".to_owned()))
    }
}

async fn answer<P: Provider>(
    client: &mut Client<P>,
    name: &str,
    arguments: &[Value],
    parameters: &[&Parameter],
) -> Rpc<proto::call_function::Response> {
    let encoded = arguments.iter().zip(parameters).filter_map(|(value, one)| encode(value, &one.value_type));
    let request = proto::call_function::Request { name: name.to_owned(), arguments: encoded.collect() };
    Ok(client.rpc().call_function(request).await?.into_inner())
}
