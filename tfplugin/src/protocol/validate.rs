//! Validation of the provider block, resources, data sources and ephemeral resources. It makes no calls.

use super::encode;
use super::messages::{
    self as proto, DynamicValue, validate_data_resource_config, validate_ephemeral_resource_config,
    validate_provider_config, validate_resource_config,
};
use super::server::{Described, Server};
use crate::plan::{check, write_only_paths};
use crate::schema::deprecated;
use crate::{Diagnostic, Path, Provider, Result, Value, View};

impl<P: Provider> Server<P> {
    pub(super) async fn validate_provider(
        &self,
        request: validate_provider_config::Request,
    ) -> validate_provider_config::Response {
        let schema = self.provider_schema();
        let work = async move {
            let own = |config: &Value| P::validate(&View::new(config, Path::root()));
            faults(&schema, "the provider block", request.config.as_ref(), own)
        };
        validate_provider_config::Response {
            diagnostics: self.judge("ValidateProviderConfig", "the provider block".to_owned(), work).await,
        }
    }

    pub(super) async fn validate_resource(
        &self,
        request: validate_resource_config::Request,
    ) -> validate_resource_config::Response {
        let (entry, name) = (self.resource(&request.type_name), request.type_name.clone());
        let stores_all = !request.client_capabilities.is_some_and(|client| client.write_only_attributes_allowed);
        let server = self.clone();
        let work = async move {
            let entry = entry?;
            faults(entry.schema(), &name, request.config.as_ref(), |config| {
                server.note_claim(&entry, config);
                let mut found = entry.item.validate(config);
                if stores_all {
                    found.extend(write_only_paths(&entry.schema().object, config).into_iter().map(would_be_stored));
                }
                found
            })
        };
        validate_resource_config::Response {
            diagnostics: self.judge("ValidateResourceConfig", request.type_name, work).await,
        }
    }

    pub(super) async fn validate_data_source(
        &self,
        request: validate_data_resource_config::Request,
    ) -> validate_data_resource_config::Response {
        let (entry, name) = (self.data_source(&request.type_name), request.type_name.clone());
        let work = async move {
            let entry = entry?;
            faults(entry.schema(), &name, request.config.as_ref(), |config| entry.item.validate(config))
        };
        validate_data_resource_config::Response {
            diagnostics: self.judge("ValidateDataResourceConfig", request.type_name, work).await,
        }
    }

    pub(super) async fn validate_ephemeral(
        &self,
        request: validate_ephemeral_resource_config::Request,
    ) -> validate_ephemeral_resource_config::Response {
        let (entry, name) = (self.ephemeral_resource(&request.type_name), request.type_name.clone());
        let work = async move {
            let entry = entry?;
            faults(entry.schema(), &name, request.config.as_ref(), |config| entry.item.validate(config))
        };
        validate_ephemeral_resource_config::Response {
            diagnostics: self.judge("ValidateEphemeralResourceConfig", request.type_name, work).await,
        }
    }
}

impl<P: Provider> Server<P> {
    /// What a validation found, or why it failed.
    async fn judge(
        &self,
        rpc: &'static str,
        subject: String,
        work: impl Future<Output = Result<Vec<Diagnostic>>> + Send + 'static,
    ) -> Vec<proto::Diagnostic> {
        let (found, _, mut diagnostics) = self.run(rpc, subject, work).await.split();
        diagnostics.extend(found.unwrap_or_default());
        encode::diagnostics(&diagnostics)
    }
}

/// What is wrong with a configuration of type `name`: by its schema, and by its type's `own` checks.
fn faults(
    schema: &Described,
    name: &str,
    config: Option<&DynamicValue>,
    own: impl FnOnce(&Value) -> Vec<Diagnostic>,
) -> Result<Vec<Diagnostic>> {
    let config = schema.decode(config)?;
    let mut faults: Vec<_> = schema.object.deprecated.map(|instead| deprecated(name, instead)).into_iter().collect();
    faults.extend(check(&schema.object, &config));
    faults.extend(own(&config));
    Ok(faults.iter().map(|fault| schema.object.visible(fault)).collect())
}

fn would_be_stored(path: Path) -> Diagnostic {
    Diagnostic::error(format!("this CLI would store {path}"))
        .at(path)
        .detail("It is write-only, which OpenTofu and Terraform know from version 1.11 on.")
}
