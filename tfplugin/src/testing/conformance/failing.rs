//! A create that fails on its way: what it had made by then is in the state, and can be destroyed from there.

use super::Report;
use super::configuration;
use super::steps::{Check, Kept};
use super::variants::Variant;
use crate::Provider;
use crate::testing::client::{Client, Rpc};

/// Creates what `config` says of resource type `type_name`, while something behind the provider makes that fail, and
/// destroys what is there afterwards. The answer is the errors that the create told, and the rules that were broken.
///
/// `mended` is called before the destroy, to take the fault away.
///
/// # Errors
/// An RPC's own failure: a provider never has one. Or the configuration is none.
pub async fn check_failing_create<P: Provider>(
    client: &mut Client<P>,
    type_name: &str,
    config: &serde_json::Value,
    mended: impl FnOnce(),
) -> Rpc<(Vec<String>, Report)> {
    let Some(mut check) = Check::new(client, type_name) else {
        return Ok((Vec::new(), vec![format!("there is no {type_name}")]));
    };
    let config = configuration(&check.object, config)?;
    let nothing = Kept::nothing();
    let may_be_refused = Variant { change: super::variants::Change::Other, ..Variant::same("failing", &config) };
    let Some(accepted) = check.plan("create", &nothing, &may_be_refused).await? else {
        mended();
        return Ok((vec!["it can't be planned".to_owned()], check.report));
    };
    let applied = check.apply("failing create", &nothing, &accepted.planned, &config).await?;
    mended();
    if applied.errors.is_empty() && applied.kept.value.is_null() {
        check.broken("failing create", "nothing was made, and no error told");
    }
    if !applied.kept.value.is_null() {
        check.end("destroy after a failing create", &applied.kept).await?;
    }
    Ok((applied.errors, check.report))
}
