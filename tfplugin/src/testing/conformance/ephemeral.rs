//! The rules for an ephemeral resource: it is opened, renewed and closed, and what it opens is as it was configured.

use super::given::never_given;
use super::rules::{kept_fault, planned_fault};
use super::variants::{Variant, forbidden, variants};
use super::{Report, capabilities, configurations, is_fault};
use crate::protocol::messages as proto;
use crate::testing::client::{Client, Rpc, decode, encode, errors};
use crate::{Provider, Value};

/// Checks ephemeral resource `type_name` with `configs`, each of which can be opened and which set all of its attributes
/// between them, and with variants of each. The provider must be configured.
///
/// # Errors
/// An RPC's own failure: a provider never has one. Or a configuration is none.
pub async fn check_ephemeral_resource<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    configs: &[serde_json::Value],
) -> Rpc<Report> {
    let Some(object) = Client::<P>::ephemeral_object(type_name) else {
        return Ok(vec![format!("there is no {type_name}")]);
    };
    let ty = object.value_type();
    let configs = configurations(&object, configs)?;
    let mut report = Report::new();
    for path in never_given(&object, &configs) {
        report.push(format!("{type_name}: no configuration sets {path}"));
    }
    let all = configs
        .iter()
        .flat_map(|config| std::iter::once(Variant::same("as it is", config)).chain(variants(&object, config)));
    for variant in configs.iter().flat_map(|config| forbidden(&object, config)) {
        let request = proto::validate_ephemeral_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encode(&variant.config, &ty),
        };
        let told = errors(&client.rpc().validate_ephemeral_resource_config(request).await?.into_inner().diagnostics);
        report.extend(variant.forbidden_fault(&told).map(|fault| format!("{type_name} ({}): {fault}", variant.name)));
    }
    for variant in all {
        let mut broken = |what: String| report.push(format!("{type_name} ({}): {what}", variant.name));
        let request = proto::validate_ephemeral_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encode(&variant.config, &ty),
        };
        let told = client.rpc().validate_ephemeral_resource_config(request).await?.into_inner().diagnostics;
        let mut refused = errors(&told);
        if refused.is_empty() && variant.config.is_wholly_known() {
            let request = proto::open_ephemeral_resource::Request {
                type_name: type_name.to_owned(),
                config: encode(&variant.config, &ty),
                client_capabilities: Some(capabilities()),
            };
            let opened = client.rpc().open_ephemeral_resource(request).await?.into_inner();
            refused = errors(&opened.diagnostics);
            if opened.deferred.is_some() {
                broken("the opening is deferred".to_owned());
            }
            if refused.is_empty() {
                let result = decode(opened.result, &ty)?;
                let fault = planned_fault(&object, &Value::Null, &variant.config, &result);
                if let Some(fault) = fault.or_else(|| kept_fault(&object, &result)) {
                    broken(fault);
                }
                for fault in lease(client, type_name, opened.private, opened.renew_at.is_some()).await? {
                    broken(fault);
                }
            }
        }
        if !refused.is_empty() && (!variant.may_be_refused() || refused.iter().any(|error| is_fault(error))) {
            broken(format!("refused: {refused:?}"));
        }
    }
    Ok(report)
}

/// Renews what was opened, if it asks for that, and closes it: the errors of both.
async fn lease<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    private: Option<Vec<u8>>,
    is_renewed: bool,
) -> Rpc<Vec<String>> {
    let (type_name, mut private, mut failed) = (type_name.to_owned(), private, Vec::new());
    if is_renewed {
        let request = proto::renew_ephemeral_resource::Request { type_name: type_name.clone(), private };
        let renewed = client.rpc().renew_ephemeral_resource(request).await?.into_inner();
        failed.extend(errors(&renewed.diagnostics));
        private = renewed.private;
    }
    let request = proto::close_ephemeral_resource::Request { type_name, private };
    let closed = client.rpc().close_ephemeral_resource(request).await?.into_inner();
    failed.extend(errors(&closed.diagnostics));
    Ok(failed)
}
