//! All schemas as JSON, in the form of `tofu providers schema -json`, from which documentation is made.

use serde_json::{Map, Value as Json, json};

use crate::function::{Parameter, Signature};
use crate::schema::{Attribute, Block, Mode, Nesting, Object, Shape};
use crate::{Model, Provider};

/// The schema of provider `P`.
pub fn schema_json<P: Provider>() -> String {
    let full_name = |name: &str| format!("{}_{name}", P::NAME);
    let resources = P::RESOURCES
        .iter()
        .map(|resource| (full_name(resource.name()), schema(&resource.object(), resource.upgrades().len() as i64)));
    let identities = P::RESOURCES.iter().filter_map(|resource| {
        let identity = identity(&resource.object(), resource.identity_upgrades().len() as i64)?;
        Some((full_name(resource.name()), identity))
    });
    let data_sources = P::DATA_SOURCES.iter().map(|data| (full_name(data.name()), schema(&data.object(), 0)));
    let ephemeral = P::EPHEMERAL_RESOURCES.iter().map(|one| (full_name(one.name()), schema(&one.object(), 0)));
    let functions =
        P::FUNCTIONS.iter().map(|one| (one.name().to_owned(), function(&Signature::new(&one.object(), one.result()))));
    let provider = json!({
        "provider": schema(&P::Config::object(), 0),
        "resource_schemas": sorted(resources),
        "resource_identity_schemas": sorted(identities),
        "data_source_schemas": sorted(data_sources),
        "ephemeral_resource_schemas": sorted(ephemeral),
        "functions": sorted(functions),
    });
    let address = format!("registry.opentofu.org/{}", P::ADDRESS);
    json!({"format_version": "1.0", "provider_schemas": {address: provider}}).to_string()
}

fn sorted(entries: impl Iterator<Item = (String, Json)>) -> Map<String, Json> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries.into_iter().collect()
}

fn schema(object: &Object, version: i64) -> Json {
    json!({"version": version, "block": body(object)})
}

fn identity(object: &Object, version: i64) -> Option<Json> {
    let attributes = sorted(object.identity().map(|attribute| {
        let import = if attribute.is_required_for_import() { "required_for_import" } else { "optional_for_import" };
        let json =
            json!({"type": attribute.value_type().to_json(), "description": attribute.documentation(), import: true});
        (attribute.name.to_owned(), json)
    }));
    (!attributes.is_empty()).then(|| json!({"version": version, "attributes": attributes}))
}

fn body(object: &Object) -> Json {
    let mut body = Map::new();
    body.insert("attributes".to_owned(), attributes(&object.attributes));
    if !object.blocks.is_empty() {
        let blocks = object.blocks.iter().map(|block| (block.name.to_owned(), self::block(block)));
        body.insert("block_types".to_owned(), sorted(blocks).into());
    }
    body.insert("description".to_owned(), object.description.clone().into());
    body.insert("description_kind".to_owned(), "markdown".into());
    body.extend(deprecation(object.deprecated));
    body.into()
}

fn attributes(attributes: &[Attribute]) -> Json {
    sorted(attributes.iter().map(|attribute| (attribute.name.to_owned(), self::attribute(attribute)))).into()
}

fn attribute(attribute: &Attribute) -> Json {
    let mut json = Map::new();
    match &attribute.shape {
        Shape::Type(ty) => json.insert("type".to_owned(), ty.to_json()),
        Shape::Object(nesting, inner) => json.insert(
            "nested_type".to_owned(),
            json!({"attributes": attributes(inner), "nesting_mode": nesting_mode(*nesting)}),
        ),
    };
    json.insert("description".to_owned(), attribute.documentation().into());
    json.insert("description_kind".to_owned(), "markdown".into());
    let flags = [
        ("required", attribute.mode == Mode::Required),
        ("optional", matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed)),
        ("computed", attribute.is_computed()),
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
    ];
    json.extend(flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| (name.to_owned(), true.into())));
    json.extend(deprecation(attribute.deprecated));
    json.into()
}

/// What is said of an attribute, a block or a whole that is not to be used any more.
fn deprecation(instead: Option<&str>) -> impl Iterator<Item = (String, Json)> {
    let told = instead.map(|text| [("deprecated", true.into()), ("deprecation_message", text.into())]);
    told.into_iter().flatten().map(|(name, value)| (name.to_owned(), value))
}

fn nesting_mode(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "single",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}

fn block(block: &Block) -> Json {
    let mut json = Map::new();
    json.insert("nesting_mode".to_owned(), nesting_mode(block.nesting).into());
    json.insert("block".to_owned(), body(&block.object));
    if block.min > 0 {
        json.insert("min_items".to_owned(), block.min.into());
    }
    if block.max > 0 {
        json.insert("max_items".to_owned(), block.max.into());
    }
    json.into()
}

fn function(signature: &Signature) -> Json {
    let mut json = Map::new();
    json.insert("description".to_owned(), signature.description.clone().into());
    json.insert("summary".to_owned(), signature.summary.clone().into());
    if let Some(instead) = signature.deprecated {
        json.insert("deprecation_message".to_owned(), instead.into());
    }
    json.insert("return_type".to_owned(), signature.result.to_json());
    json.insert("parameters".to_owned(), signature.parameters.iter().map(parameter).collect());
    if let Some(variadic) = &signature.variadic {
        json.insert("variadic_parameter".to_owned(), parameter(variadic));
    }
    json.into()
}

fn parameter(parameter: &Parameter) -> Json {
    let mut json = json!({
        "name": parameter.name,
        "description": parameter.description,
        "type": parameter.value_type.to_json(),
    });
    if parameter.allow_null {
        json["is_nullable"] = true.into();
    }
    json
}
