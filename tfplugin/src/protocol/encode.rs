//! Schemas, diagnostics and paths as messages of the protocol.

use super::messages as proto;
use crate::diagnostic::Severity;
use crate::function::{Parameter, Signature};
use crate::schema::{Attribute, Block, Mode, Nesting, Object, Shape};
use crate::{Diagnostic, Path, Step};

/// The schema of a resource, data source or provider.
pub fn schema(object: &Object, version: i64) -> proto::Schema {
    proto::Schema { version, block: Some(block_body(object, version)) }
}

fn block_body(object: &Object, version: i64) -> proto::schema::Block {
    proto::schema::Block {
        version,
        attributes: object.attributes.iter().map(attribute).collect(),
        block_types: object.blocks.iter().map(block).collect(),
        description: object.description.clone(),
        description_kind: proto::StringKind::Markdown as i32,
        deprecated: object.deprecated.is_some(),
        deprecation_message: object.deprecated.unwrap_or_default().to_owned(),
    }
}

fn attribute(attribute: &Attribute) -> proto::schema::Attribute {
    let (ty, nested) = match &attribute.shape {
        Shape::Type(ty) => (ty.to_json().to_string().into_bytes(), None),
        Shape::Object(nesting, inner) => (Vec::new(), Some(nested_object(*nesting, inner))),
    };
    proto::schema::Attribute {
        name: attribute.name.to_owned(),
        r#type: ty,
        nested_type: nested,
        description: attribute.documentation(),
        required: attribute.mode == Mode::Required,
        optional: matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed),
        computed: attribute.is_computed(),
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        description_kind: proto::StringKind::Markdown as i32,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.unwrap_or_default().to_owned(),
    }
}

fn nested_object(nesting: Nesting, attributes: &[Attribute]) -> proto::schema::Object {
    use proto::schema::object::NestingMode;
    let mode = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    proto::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: mode as i32,
        ..Default::default()
    }
}

fn block(block: &Block) -> proto::schema::NestedBlock {
    use proto::schema::nested_block::NestingMode;
    let mode = match block.nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    proto::schema::NestedBlock {
        type_name: block.name.to_owned(),
        block: Some(block_body(&block.object, 0)),
        nesting: mode as i32,
        min_items: block.min as i64,
        max_items: block.max as i64,
    }
}

/// The signature of a function.
pub fn function(signature: &Signature) -> proto::Function {
    proto::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(proto::function::Return { r#type: signature.result.to_json().to_string().into_bytes() }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: proto::StringKind::Markdown as i32,
        deprecation_message: signature.deprecated.unwrap_or_default().to_owned(),
    }
}

fn parameter(parameter: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: parameter.name.to_owned(),
        r#type: parameter.value_type.to_json().to_string().into_bytes(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: proto::StringKind::Markdown as i32,
    }
}

/// Diagnostics, in order.
pub fn diagnostics<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Vec<proto::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

/// One of them.
pub fn diagnostic(diagnostic: &Diagnostic) -> proto::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    proto::Diagnostic {
        severity: severity as i32,
        summary: diagnostic.summary.clone(),
        detail: diagnostic.detail.clone(),
        attribute: (!diagnostic.path.steps().is_empty()).then(|| path(&diagnostic.path)),
    }
}

/// A path. It ends before the element of a set, which has no address.
pub fn path(path: &Path) -> proto::AttributePath {
    use proto::attribute_path::step::Selector;
    let selector = |step: &Step| match step {
        Step::Attribute(name) => Some(Selector::AttributeName(name.clone())),
        Step::Index(index) => Some(Selector::ElementKeyInt(*index as i64)),
        Step::Key(key) => Some(Selector::ElementKeyString(key.clone())),
        Step::Element => None,
    };
    let steps = path.steps().iter().map_while(selector);
    proto::AttributePath {
        steps: steps.map(|selector| proto::attribute_path::Step { selector: Some(selector) }).collect(),
    }
}
