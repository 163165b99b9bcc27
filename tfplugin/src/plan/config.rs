//! What a configuration says: whether it is sound, its defaults, and its write-only values.

use super::walk::{Edit, Member, Next, edit, walk};
use crate::diagnostic::Severity;
use crate::schema::{Object, deprecated};
use crate::{Diagnostic, Failure, Path, Result, Value};

/// What is wrong with a configured object, as far as it is known.
pub(crate) fn check(object: &Object, config: &Value) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    walk(object, config, [], |place| match place.member {
        Member::Attribute(attribute) => {
            attribute.check(place.value, &place.path(), &mut diagnostics);
            // In what only the provider sets there is nothing that is configured.
            if attribute.is_configurable() { Next::Within } else { Next::Past }
        }
        Member::Block(block) => {
            if let (Some(instead), Some(first)) = (block.object.deprecated, place.first()) {
                diagnostics.push(deprecated(&place.path().to_string(), instead).at(first));
            }
            Next::Within
        }
    });
    diagnostics
}

/// Refuses a configuration of which more may be known than when it was validated.
pub(crate) fn refuse_faults(object: &Object, config: &Value) -> Result<()> {
    let mut faults = check(object, config);
    // Of the rest, validation has told.
    faults.retain(|fault| fault.severity == Severity::Error);
    Failure::all(faults)
}

/// Sets the default of each attribute that `config` leaves out; where there is no configuration, of each that is null.
pub(crate) fn fill_defaults(object: &Object, config: &Value, value: &mut Value) {
    edit(object, value, [config], |place| {
        let (Member::Attribute(attribute), [configured], [holder]) = (place.member, place.references, place.holders)
        else {
            return Edit::Within;
        };
        let is_absent = configured.is_null() && (!holder.is_null() || place.value.is_null());
        let default = attribute.default.as_ref().filter(|_| is_absent);
        default.map_or(Edit::Within, |default| Edit::Put(default.clone()))
    });
}

/// Write-only values are null in every plan and state.
pub(crate) fn clear_write_only(object: &Object, value: &mut Value) {
    add_write_only(object, &Value::Null, value);
}

/// Write-only values as configured, for the code that applies them.
pub(crate) fn add_write_only(object: &Object, config: &Value, value: &mut Value) {
    edit(object, value, [config], |place| match (place.member, place.references) {
        (Member::Attribute(attribute), [configured]) if attribute.write_only => Edit::Put(configured.clone()),
        _ => Edit::Within,
    });
}

/// Where `config` sets write-only values, for a CLI that doesn't know them and would store them.
pub(crate) fn write_only_paths(object: &Object, config: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    walk(object, config, [], |place| {
        if let Member::Attribute(attribute) = place.member
            && attribute.write_only
            && !place.value.is_null()
        {
            paths.push(place.path());
        }
        Next::Within
    });
    paths
}
