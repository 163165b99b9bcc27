//! The rules for schemas.

use super::Report;
use crate::function::Signature;
use crate::schema::{Attribute, Nesting, Object, Shape};
use crate::{Model, Provider, Type};

/// What the CLIs themselves read in a resource, a data source or an ephemeral resource.
const RESERVED: [&str; 7] = ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// The same in a provider block.
const RESERVED_IN_A_PROVIDER_BLOCK: [&str; 2] = ["alias", "version"];

/// Checks the schemas of provider `P`: of its block, of all types, and of its functions.
pub fn check_schemas<P: Provider>() -> Report {
    let resources = P::RESOURCES.iter().map(|one| (one.name(), one.object()));
    let data_sources = P::DATA_SOURCES.iter().map(|one| (one.name(), one.object()));
    let ephemeral_resources = P::EPHEMERAL_RESOURCES.iter().map(|one| (one.name(), one.object()));
    let mut report = Report::new();
    for (name, object) in resources.chain(data_sources).chain(ephemeral_resources) {
        check_identity(name, &object, &mut report);
        check_reserved(name, &object, &RESERVED, &mut report);
        check_object(name, &object, false, &mut report);
    }
    let block = P::Config::object();
    check_reserved("the provider block", &block, &RESERVED_IN_A_PROVIDER_BLOCK, &mut report);
    check_attributes("the provider block", &block.attributes, false, &mut report);
    for function in P::FUNCTIONS {
        check_function(function.name(), &Signature::new(&function.object(), function.result()), &mut report);
    }
    report
}

fn check_reserved(name: &str, object: &Object, reserved: &[&str], report: &mut Report) {
    let attributes = object.attributes.iter().map(|attribute| attribute.name);
    let names = attributes.chain(object.blocks.iter().map(|block| block.name));
    report.extend(names.filter(|one| reserved.contains(one)).map(|one| format!("{name}.{one} is a word of the CLIs")));
}

/// What a resource is known by is plain: the CLIs take nothing else in an `import` block's identity.
fn check_identity(name: &str, object: &Object, report: &mut Report) {
    let is_plain = |ty: &Type| matches!(ty, Type::Bool | Type::Number | Type::String);
    for attribute in object.identity() {
        let is_allowed = match attribute.value_type() {
            Type::List(inner) => is_plain(&inner),
            ty => is_plain(&ty),
        };
        if !is_allowed {
            report.push(format!("{name}.{} can't be part of an identity: it is not plain", attribute.name));
        }
    }
}

fn check_function(name: &str, signature: &Signature, report: &mut Report) {
    if signature.summary.is_empty() {
        report.push(format!("function {name} has no summary"));
    }
    for parameter in signature.parameters.iter().chain(&signature.variadic) {
        if parameter.description.is_empty() {
            report.push(format!("parameter {} of function {name} has no description", parameter.name));
        }
    }
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
