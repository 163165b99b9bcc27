//! The rules for a data source: how it is validated, and what it reads.

use super::rules::planned_fault;
use super::variants::variants;
use super::{Report, configuration, nonsense};
use crate::testing::client::{Client, Rpc, errors};
use crate::{Provider, Value};

/// Checks data source `type_name` with variants of `config`, which finds something. The provider must be configured.
///
/// # Errors
/// An RPC's own failure: a provider never has one.
pub async fn check_data_source<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    config: &serde_json::Value,
) -> Rpc<Report> {
    let Some(object) = Client::<P>::data_object(type_name) else { return Ok(vec![format!("there is no {type_name}")]) };
    let ty = object.value_type();
    let base = configuration(&object, config)?;
    let mut report = Report::new();
    for variant in variants(&object, &base) {
        let mut broken = |what: String| report.push(format!("{type_name} ({}): {what}", variant.name));
        let refused = errors(&client.validate_data(type_name, &ty, &variant.config).await?);
        if !refused.is_empty() {
            if !variant.may_be_refused {
                broken(format!("refused: {refused:?}"));
            }
            continue;
        }
        // A CLI reads only what is wholly known.
        if !variant.config.is_wholly_known() {
            continue;
        }
        let read = client.read_data(type_name, &ty, &variant.config).await?;
        let failed = errors(&read.diagnostics);
        if !failed.is_empty() {
            if !variant.may_be_refused {
                broken(format!("not read: {failed:?}"));
            }
        } else if !read.state.is_wholly_known() {
            broken("what was read is not known".to_owned());
        } else if let Some(fault) = planned_fault(&object, &Value::Null, &variant.config, &read.state) {
            broken(fault);
        }
    }
    for config in nonsense(&object) {
        let told = errors(&client.validate_data(type_name, &ty, &config).await?);
        report.extend(told.into_iter().filter(|error| error.contains("panicked")));
    }
    Ok(report)
}
