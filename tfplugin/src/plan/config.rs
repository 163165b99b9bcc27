//! What a configuration says: whether it is sound, its defaults, and its write-only values.

use super::walk::{pairwise, visit, visit_blocks};
use crate::diagnostic::Severity;
use crate::schema::{Attribute, Object, Shape, deprecated};
use crate::{Diagnostic, Path, Result, Value};

/// What is wrong with a configured object, as far as it is known.
pub(crate) fn check(object: &Object, config: &Value) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    visit(object, config, &Path::root(), &mut |attribute, value, path| attribute.check(value, path, &mut diagnostics));
    visit_blocks(object, config, &Path::root(), &mut |block, path, first| {
        diagnostics
            .extend(block.object.deprecated.map(|instead| deprecated(&path.to_string(), instead).at(first.clone())));
    });
    diagnostics
}

/// Refuses a configuration of which more may be known than when it was validated.
pub(crate) fn refuse_faults(object: &Object, config: &Value) -> Result<()> {
    let mut faults = check(object, config);
    // Of the rest, validation has told.
    faults.retain(|fault| fault.severity == Severity::Error);
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

/// Sets the default of each attribute that `config` leaves out; with `config` null, of each that is null.
pub(crate) fn fill_defaults(object: &Object, config: &Value, value: &mut Value) {
    fill_attributes(&object.attributes, config, value);
    for block in &object.blocks {
        pairwise(block.nesting, [config.get(block.name)], value, block.name, |[config], value| {
            fill_defaults(&block.object, config, value);
        });
    }
}

fn fill_attributes(attributes: &[Attribute], config: &Value, value: &mut Value) {
    for attribute in attributes {
        let name = attribute.name;
        let is_absent = config.get(name).is_null() && (!config.is_null() || value.get(name).is_null());
        if let Some(default) = attribute.default.as_ref().filter(|_| is_absent) {
            value.put(name, default.clone());
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            pairwise(*nesting, [config.get(name)], value, name, |[config], value| {
                fill_attributes(inner, config, value);
            });
        }
    }
}

/// Write-only values are null in every plan and state.
pub(crate) fn clear_write_only(object: &Object, value: &mut Value) {
    add_write_only(object, &Value::Null, value);
}

/// Write-only values as configured, for the code that applies them.
pub(crate) fn add_write_only(object: &Object, config: &Value, value: &mut Value) {
    write_only_of(&object.attributes, config, value);
    for block in &object.blocks {
        pairwise(block.nesting, [config.get(block.name)], value, block.name, |[config], value| {
            add_write_only(&block.object, config, value);
        });
    }
}

fn write_only_of(attributes: &[Attribute], config: &Value, value: &mut Value) {
    for attribute in attributes {
        if attribute.write_only {
            value.put(attribute.name, config.get(attribute.name).clone());
        } else if let Shape::Object(nesting, inner) = &attribute.shape {
            pairwise(*nesting, [config.get(attribute.name)], value, attribute.name, |[config], value| {
                write_only_of(inner, config, value);
            });
        }
    }
}

/// Where `config` sets write-only values, for a CLI that doesn't know them and would store them.
pub(crate) fn write_only_paths(object: &Object, config: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    visit(object, config, &Path::root(), &mut |attribute, value, path| {
        if attribute.write_only && !value.is_null() {
            paths.push(path.clone());
        }
    });
    paths
}
