//! What a resource is known by: the attributes marked `identity`, beside its state.

use serde_json::Value as Json;

use super::malformed::Malformed;
use super::messages::resource_identity_schema::IdentityAttribute;
use super::messages::{
    ResourceIdentityData, ResourceIdentitySchema, get_resource_identity_schemas, upgrade_resource_identity,
};
use super::saved::{raw_state, unreadable, upgraded};
use super::server::{Described, Server, decode, encode as encode_value};
use super::{encode, json};
use crate::resource::ErasedResource;
use crate::schema::Attribute;
use crate::{Failure, Provider, Result, Type, Value};

impl<P: Provider> Server<P> {
    pub(super) fn identity_schemas(&self) -> get_resource_identity_schemas::Response {
        let schemas = self.resources().iter().filter_map(|(name, entry)| {
            let version = entry.item.identity_upgrades().len() as i64;
            Some((name.clone(), identity_schema(entry.schema(), version)?))
        });
        get_resource_identity_schemas::Response { identity_schemas: schemas.collect(), diagnostics: Vec::new() }
    }

    pub(super) async fn upgrade_identity(
        &self,
        request: upgrade_resource_identity::Request,
    ) -> upgrade_resource_identity::Response {
        let entry = self.resource(&request.type_name);
        let outcome = self.run("UpgradeResourceIdentity", request.type_name.clone(), async move {
            let entry = entry?;
            let ty = identity_type(entry.schema())?;
            let mismatch = |error: Malformed| error.failure("it doesn't fit the resource type");
            let value = raw_state(request.raw_identity)
                .and_then(|raw| upgraded(raw, request.version, entry.item.identity_upgrades()))
                .and_then(|raw: Json| json::read(&raw, ty).map_err(mismatch));
            let of_identity = |failure| unreadable(&format!("the saved identity of {}", entry.name), &failure);
            let value = value.map_err(of_identity)?;
            Ok(ResourceIdentityData { identity_data: Some(encode_value(&value, ty)) })
        });
        let (upgraded_identity, _, diagnostics) = outcome.await.split();
        upgrade_resource_identity::Response { upgraded_identity, diagnostics: encode::diagnostics(&diagnostics) }
    }
}

fn identity_schema(schema: &Described, version: i64) -> Option<ResourceIdentitySchema> {
    let attributes = schema.object.identity().map(|attribute| IdentityAttribute {
        name: attribute.name.to_owned(),
        r#type: attribute.value_type().to_json().to_string().into_bytes(),
        required_for_import: attribute.is_required_for_import(),
        optional_for_import: !attribute.is_required_for_import(),
        description: attribute.documentation(),
    });
    schema.identity_type.as_ref()?;
    Some(ResourceIdentitySchema { version, identity_attributes: attributes.collect() })
}

/// The identity of what has `state`; `None` where it has none, or not all of it is known yet.
pub fn of(schema: &Described, state: &Value) -> Option<ResourceIdentityData> {
    let ty = schema.identity_type.as_ref()?;
    let is_there = |attribute: &Attribute| !attribute.is_required_for_import() || !state.get(attribute.name).is_null();
    let attributes = schema.object.identity();
    let identity = attributes.map(|attribute| (attribute.name.to_owned(), state.get(attribute.name).clone()));
    let identity = Value::Map(identity.collect());
    (identity.is_wholly_known() && schema.object.identity().all(is_there))
        .then(|| ResourceIdentityData { identity_data: Some(encode_value(&identity, ty)) })
}

/// The id to import what has the identity `given`.
pub fn import_id<C>(
    resource: &dyn ErasedResource<C>,
    schema: &Described,
    given: &ResourceIdentityData,
) -> Result<String> {
    let identity = decode(given.identity_data.as_ref(), identity_type(schema)?)?;
    resource.import_id(&identity).ok_or_else(|| {
        Failure::new(format!("{} can't be imported by its identity", resource.name())).detail("Import it by its id.")
    })
}

fn identity_type(schema: &Described) -> Result<&Type> {
    schema.identity_type.as_ref().ok_or_else(|| Failure::new("this resource type has no identity"))
}
