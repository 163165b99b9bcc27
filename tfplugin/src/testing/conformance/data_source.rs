//! The rules for a data source: how it is validated, and what it reads.

use super::given::never_given;
use super::rules::{kept_fault, planned_fault};
use super::variants::{Variant, forbidden, variants};
use super::{Report, capabilities, configurations, is_fault, nonsense};
use crate::protocol::messages as proto;
use crate::testing::client::{Client, Rpc, decode, encode, errors};
use crate::{Provider, Value};

/// Checks data source `type_name` with `configs`, each of which finds something and which set all of its attributes
/// between them, and with variants of each. The provider must be configured.
///
/// # Errors
/// An RPC's own failure: a provider never has one. Or a configuration is none.
pub async fn check_data_source<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    configs: &[serde_json::Value],
) -> Rpc<Report> {
    let Some(object) = Client::<P>::data_object(type_name) else { return Ok(vec![format!("there is no {type_name}")]) };
    let ty = object.value_type();
    let configs = configurations(&object, configs)?;
    let mut report = Report::new();
    for path in never_given(&object, &configs) {
        report.push(format!("{type_name}: no configuration sets {path}"));
    }
    let all = configs
        .iter()
        .flat_map(|config| std::iter::once(Variant::same("as it is", config)).chain(variants(&object, config)));
    for variant in all {
        let mut broken = |what: String| report.push(format!("{type_name} ({}): {what}", variant.name));
        let mut refused = errors(&client.validate_data(type_name, &ty, &variant.config).await?);
        // A CLI reads only what is wholly known.
        if refused.is_empty() && variant.config.is_wholly_known() {
            let request = proto::read_data_source::Request {
                type_name: type_name.to_owned(),
                config: encode(&variant.config, &ty),
                client_capabilities: Some(capabilities()),
                ..Default::default()
            };
            let answer = client.rpc().read_data_source(request).await?.into_inner();
            refused = errors(&answer.diagnostics);
            if answer.deferred.is_some() {
                broken("the read is deferred".to_owned());
            }
            if refused.is_empty() {
                let state = decode(answer.state, &ty)?;
                let fault = planned_fault(&object, &Value::Null, &variant.config, &state);
                if let Some(fault) = fault.or_else(|| kept_fault(&object, &state)) {
                    broken(fault);
                }
            }
        }
        if !refused.is_empty() && (!variant.may_be_refused() || refused.iter().any(|error| is_fault(error))) {
            broken(format!("refused: {refused:?}"));
        }
    }
    for variant in configs.iter().flat_map(|config| forbidden(&object, config)) {
        let told = errors(&client.validate_data(type_name, &ty, &variant.config).await?);
        report.extend(variant.forbidden_fault(&told).map(|fault| format!("{type_name} ({}): {fault}", variant.name)));
    }
    for config in nonsense(&object) {
        let told = errors(&client.validate_data(type_name, &ty, &config).await?);
        report.extend(told.into_iter().filter(|error| is_fault(error)));
    }
    Ok(report)
}
