//! States as they lie in a file: of this version, of an older one, or of another provider.

use serde_json::Value as Json;

use super::json;
use super::malformed::Malformed;
use super::messages::RawState;
use super::server::Described;
use crate::plan::{clear_write_only, fill_defaults};
use crate::resource::Upgrade;
use crate::{Failure, Result, Value};

/// The JSON of a state.
pub fn raw_state(raw: Option<RawState>) -> Result<Json> {
    let raw = raw.unwrap_or_default();
    serde_json::from_slice(&raw.json).map_err(|error| Failure::new(error.to_string()))
}

/// A state that an older version, or another provider, has written: its blocks are never null, attributes that it lacks
/// have their default, and write-only ones are null.
pub fn adopt(schema: &Described, raw: &Json) -> Result<Value> {
    let mismatch = |error: Malformed| error.failure("it doesn't fit the resource type");
    let mut state = json::read(raw, &schema.value_type).map_err(mismatch)?;
    let empty = schema.object.empty();
    for block in schema.object.blocks.iter().filter(|block| state.get(block.name).is_null()).collect::<Vec<_>>() {
        state.put(block.name, empty.get(block.name).clone());
    }
    fill_defaults(&schema.object, &Value::Null, &mut state);
    // What is write-only now may not have been so then.
    clear_write_only(&schema.object, &mut state);
    Ok(state)
}

/// A state of `version`, brought up to date step by step.
pub fn upgraded(state: Json, version: i64, upgrades: &[Upgrade]) -> Result<Json> {
    let newer = || {
        Failure::new(format!("the saved state has version {version}; this provider knows up to {}", upgrades.len()))
            .detail("A newer version of the provider has written it. Use that version, or a newer one.")
    };
    let steps = usize::try_from(version).ok().and_then(|version| upgrades.get(version..)).ok_or_else(newer)?;
    steps.iter().try_fold(state, |state, upgrade| upgrade(state))
}

/// The failure to read `what`, a state or an identity, for the reason that `cause` says. It points to no line of the
/// configuration: that is not at fault.
pub fn unreadable(what: &str, cause: &Failure) -> Failure {
    let told = cause.diagnostics().iter().fold(Failure::new(format!("{what} cannot be read")), |failure, one| {
        let place = if one.path.steps().is_empty() { String::new() } else { format!("At {}: ", one.path) };
        let failure = failure.detail(format!("{place}{}.", one.summary.trim_end_matches('.')));
        if one.detail.is_empty() { failure } else { failure.detail(&one.detail) }
    });
    told.detail("The configuration is not the cause. Use the version of the provider that saved it, restore a backup of the state, or remove the resource from the state and import it again.")
}
