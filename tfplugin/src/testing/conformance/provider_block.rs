//! The rules for the provider block: it is validated without knowing everything, and configuring answers in any case.

use super::given::never_given;
use super::variants::{Variant, forbidden, variants};
use super::{Report, configurations, is_fault, nonsense};
use crate::protocol::messages as proto;
use crate::testing::client::{Client, Rpc, encode, errors};
use crate::{Model, Provider};

/// Checks the block of provider `P` with the valid `configs`, which set all of its attributes between them, and with
/// variants of each. What configuring needs of a machine need not be there: it may fail, with a message.
///
/// # Errors
/// An RPC's own failure: a provider never has one. Or a configuration is none.
pub async fn check_provider_block<P: Provider>(configs: &[serde_json::Value]) -> Rpc<Report> {
    let object = P::Config::object();
    let ty = object.value_type();
    let configs = configurations(&object, configs)?;
    let mut report = Report::new();
    for path in never_given(&object, &configs) {
        report.push(format!("the provider block: no configuration sets {path}"));
    }
    let all = configs
        .iter()
        .flat_map(|config| std::iter::once(Variant::same("as it is", config)).chain(variants(&object, config)));
    for variant in all {
        let mut client = Client::<P>::default();
        let request = proto::validate_provider_config::Request { config: encode(&variant.config, &ty) };
        let told = client.rpc().validate_provider_config(request).await?.into_inner().diagnostics;
        let refused = errors(&told);
        if refused.is_empty() {
            let told = errors(&client.configure(&variant.config).await?);
            let panic = told.into_iter().find(|error| is_fault(error));
            report.extend(panic.map(|error| format!("the provider block ({}): {error}", variant.name)));
        } else if !variant.may_be_refused() || refused.iter().any(|error| is_fault(error)) {
            report.push(format!("the provider block ({}): refused: {refused:?}", variant.name));
        }
    }
    for variant in configs.iter().flat_map(|config| forbidden(&object, config)) {
        let request = proto::validate_provider_config::Request { config: encode(&variant.config, &ty) };
        let answer = Client::<P>::default().rpc().validate_provider_config(request).await?.into_inner();
        let fault = variant.forbidden_fault(&errors(&answer.diagnostics));
        report.extend(fault.map(|fault| format!("the provider block ({}): {fault}", variant.name)));
    }
    for config in nonsense(&object) {
        let mut client = Client::<P>::default();
        let request = proto::validate_provider_config::Request { config: encode(&config, &ty) };
        let told = client.rpc().validate_provider_config(request).await?.into_inner().diagnostics;
        let told = [errors(&told), errors(&client.configure(&config).await?)].concat();
        report.extend(told.into_iter().filter(|error| is_fault(error)));
    }
    Ok(report)
}
