//! The rules for schemas.

use super::Report;
use crate::Provider;
use crate::schema::{Attribute, Nesting, Object, Shape};

/// Checks the schemas of all resource types and data sources of provider `P`.
pub fn check_schemas<P: Provider>() -> Report {
    let resources = P::RESOURCES.iter().map(|resource| (resource.name(), resource.object()));
    let data_sources = P::DATA_SOURCES.iter().map(|data| (data.name(), data.object()));
    let mut report = Report::new();
    for (name, object) in resources.chain(data_sources) {
        check_object(name, &object, false, &mut report);
    }
    report
}

fn check_object(name: &str, object: &Object, is_in_set: bool, report: &mut Report) {
    if object.description.is_empty() {
        report.push(format!("{name} has no description"));
    }
    check_attributes(name, &object.attributes, is_in_set, report);
    for block in &object.blocks {
        let name = format!("{name}.{}", block.name);
        check_object(&name, &block.object, is_in_set || block.nesting == Nesting::Set, report);
    }
}

fn check_attributes(owner: &str, attributes: &[Attribute], is_in_set: bool, report: &mut Report) {
    for attribute in attributes {
        let name = format!("{owner}.{}", attribute.name);
        let is_valid = attribute.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !is_valid || attribute.name.starts_with(|first: char| first.is_ascii_digit()) {
            report.push(format!("{name} is no valid name"));
        }
        if attribute.description.is_empty() {
            report.push(format!("{name} has no description"));
        }
        if is_in_set && attribute.is_computed() {
            report.push(format!("{name} is computed inside a set, whose elements are told apart by their value"));
        }
        if attribute.write_only && attribute.is_computed() {
            report.push(format!("{name} is write-only and computed"));
        }
        if let Shape::Object(nesting, inner) = &attribute.shape {
            check_attributes(&name, inner, is_in_set || *nesting == Nesting::Set, report);
        }
    }
}
