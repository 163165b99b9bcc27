//! The provider block, data sources and functions.

use super::messages::{
    DynamicValue, FunctionError, call_function, configure_provider, read_data_source, validate_data_resource_config,
    validate_provider_config,
};
use super::run::run;
use super::server::{Server, decode, encode as encode_value};
use super::{encode, server};
use crate::function::CallError;
use crate::plan::{check, fill_defaults};
use crate::{Path, Provider, Result, Session, Value, View, meta};

impl<P: Provider> Server<P> {
    pub(super) async fn validate_provider(
        &self,
        request: validate_provider_config::Request,
    ) -> validate_provider_config::Response {
        let schema = self.provider_schema();
        let outcome = run::<P, _>("the provider block".to_owned(), async move {
            let config = schema.decode(request.config.as_ref())?;
            let mut diagnostics = check(&schema.object, &config);
            diagnostics.extend(P::validate(&View::new(&config, Path::root())));
            Ok(diagnostics)
        });
        let (found, _, mut diagnostics) = outcome.await.split();
        diagnostics.extend(found.unwrap_or_default());
        validate_provider_config::Response { diagnostics: encode::diagnostics(&diagnostics) }
    }

    pub(super) async fn configure(&self, request: configure_provider::Request) -> configure_provider::Response {
        let schema = self.provider_schema();
        let session = Session { cli_version: request.terraform_version, stop: self.stop().clone() };
        let outcome = run::<P, _>("the provider block".to_owned(), async move {
            let mut config = schema.decode(request.config.as_ref())?;
            let configured = config.clone();
            fill_defaults(&schema.object, &configured, &mut config);
            P::configure(&View::new(&config, Path::root()), session).await
        });
        let (client, _, diagnostics) = outcome.await.split();
        if let Some(client) = client {
            self.set_client(client);
        }
        configure_provider::Response { diagnostics: encode::diagnostics(&diagnostics) }
    }

    pub(super) async fn validate_data_source(
        &self,
        request: validate_data_resource_config::Request,
    ) -> validate_data_resource_config::Response {
        let entry = self.data_source(&request.type_name);
        let outcome = run::<P, _>(request.type_name.clone(), async move {
            let entry = entry?;
            let config = entry.schema().decode(request.config.as_ref())?;
            let mut diagnostics = check(&entry.schema().object, &config);
            diagnostics.extend(entry.item.validate(&config));
            Ok(diagnostics)
        });
        let (found, _, mut diagnostics) = outcome.await.split();
        diagnostics.extend(found.unwrap_or_default());
        validate_data_resource_config::Response { diagnostics: encode::diagnostics(&diagnostics) }
    }

    pub(super) async fn read_data(&self, request: read_data_source::Request) -> read_data_source::Response {
        let (entry, client) = (self.data_source(&request.type_name), self.client());
        let given = self.meta(request.provider_meta.as_ref());
        let outcome = run::<P, _>(request.type_name.clone(), async move {
            let (entry, client) = (entry?, client?);
            let schema = entry.schema();
            let mut config = schema.decode(request.config.as_ref())?;
            let faults = check(&schema.object, &config);
            if server::has_errors(&faults) {
                return Err(faults.into());
            }
            let configured = config.clone();
            fill_defaults(&schema.object, &configured, &mut config);
            let mut state = meta::with(given?, entry.item.read(&client, &config)).await?;
            crate::plan::keep_spelling(&schema.object, &configured, &mut state);
            Ok(schema.encode(&state))
        });
        let (state, _, diagnostics) = outcome.await.split();
        read_data_source::Response { state, diagnostics: encode::diagnostics(&diagnostics), deferred: None }
    }

    pub(super) async fn call(&self, request: call_function::Request) -> call_function::Response {
        let outcome = run::<P, _>(request.name.clone(), async move { Ok(call::<P>(&request)) }).await;
        match outcome.result {
            Ok(Ok(result)) => call_function::Response { result: Some(result), error: None },
            Ok(Err((text, argument))) => failed(text, argument.map(|argument| argument as i64)),
            Err(failure) => failed(failure.to_string(), None),
        }
    }
}

fn failed(text: String, function_argument: Option<i64>) -> call_function::Response {
    call_function::Response { result: None, error: Some(FunctionError { text, function_argument }) }
}

fn call<P: Provider>(request: &call_function::Request) -> Result<DynamicValue, CallError> {
    let function = P::FUNCTIONS.iter().find(|function| function.name() == request.name);
    let function = function.ok_or_else(|| (format!("there is no function {}", request.name), None))?;
    let signature = function.signature();
    let types = signature.parameters.iter().chain(signature.variadic.iter().cycle()).map(|one| &one.value_type);
    let arguments = request
        .arguments
        .iter()
        .zip(types)
        .enumerate()
        .map(|(at, (argument, ty))| decode(Some(argument), ty).map_err(|failure| (failure.to_string(), Some(at))));
    let mut arguments: Vec<_> = arguments.collect::<Result<_, CallError>>()?;
    // What no parameter takes is counted all the same, so that the function says how many it takes.
    arguments.resize(request.arguments.len(), Value::Null);
    Ok(encode_value(&function.call(arguments)?, &signature.result))
}
