//! A valid request of each RPC of the shop, and a way to send whatever bytes as one.

use prost::Message;
use serde_json::json;
use tfplugin::protocol::{json, messages as proto, msgpack};
use tfplugin::testing::Client;
use tfplugin::{Model, Provider, Type, Value};

use crate::shop::{self, Shop};

/// In what form values are sent: a CLI sends MessagePack, and may send JSON.
type Form = fn(&Value, &Type) -> proto::DynamicValue;

const FORMS: [Form; 2] = [
    |value, ty| proto::DynamicValue { msgpack: msgpack::write(value, ty), json: Vec::new() },
    |value, ty| proto::DynamicValue { msgpack: Vec::new(), json: json::write(value, ty).to_string().into_bytes() },
];

fn raw(json: &serde_json::Value) -> Option<proto::RawState> {
    Some(proto::RawState { json: json.to_string().into_bytes(), ..Default::default() })
}

macro_rules! rpcs {
    ($($name:ident = $request:expr;)*) => {
        /// A valid request of each RPC.
        fn requests_about(samples: &Samples) -> Vec<(&'static str, Vec<u8>)> {
            vec![$((stringify!($name), $request(samples).encode_to_vec())),*]
        }

        /// Sends `bytes` as RPC `name`; whether they were a message at all.
        pub async fn send(client: &mut Client<Shop>, name: &str, bytes: &[u8]) -> bool {
            $(if name == stringify!($name) {
                let Some(message) = decoded($request, bytes) else { return false };
                // It may refuse; that it answers is all that is asked.
                let _ = client.rpc().$name(message).await;
                return true;
            })*
            false
        }
    };
}

/// A message of the type that `request` makes.
fn decoded<M: Message + Default>(_: impl Fn(&Samples) -> M, bytes: &[u8]) -> Option<M> {
    M::decode(bytes).ok()
}

/// What the requests are about.
#[derive(Default)]
struct Samples {
    thing: Option<proto::DynamicValue>,
    made: Option<proto::DynamicValue>,
    stock: Option<proto::DynamicValue>,
    key: Option<proto::DynamicValue>,
    shop: Option<proto::DynamicValue>,
    meta: Option<proto::DynamicValue>,
    identity: Option<proto::ResourceIdentityData>,
    words: Vec<proto::DynamicValue>,
}

const THING: &str = "shop_thing";

fn type_name() -> String {
    THING.to_owned()
}

rpcs! {
    get_metadata = |_: &Samples| proto::get_metadata::Request {};
    get_provider_schema = |_: &Samples| proto::get_provider_schema::Request {};
    get_functions = |_: &Samples| proto::get_functions::Request {};
    get_resource_identity_schemas = |_: &Samples| proto::get_resource_identity_schemas::Request {};
    stop_provider = |_: &Samples| proto::stop_provider::Request {};
    validate_provider_config = |samples: &Samples| proto::validate_provider_config::Request { config: samples.shop.clone() };
    configure_provider = |samples: &Samples| proto::configure_provider::Request {
        terraform_version: "1.12.6".to_owned(), config: samples.shop.clone(), ..Default::default()
    };
    validate_resource_config = |samples: &Samples| proto::validate_resource_config::Request {
        type_name: type_name(), config: samples.thing.clone(), ..Default::default()
    };
    validate_data_resource_config = |samples: &Samples| proto::validate_data_resource_config::Request {
        type_name: "shop_stock".to_owned(), config: samples.stock.clone(),
    };
    validate_ephemeral_resource_config = |samples: &Samples| proto::validate_ephemeral_resource_config::Request {
        type_name: "shop_key".to_owned(), config: samples.key.clone(),
    };
    upgrade_resource_state = |_: &Samples| proto::upgrade_resource_state::Request {
        type_name: type_name(), version: 0, raw_state: raw(&json!({"title": "lamp", "pieces": 2, "labels": {"a": "b"}})),
    };
    upgrade_resource_identity = |_: &Samples| proto::upgrade_resource_identity::Request {
        type_name: type_name(), version: 0, raw_identity: raw(&json!({"name": "lamp"})),
    };
    read_resource = |samples: &Samples| proto::read_resource::Request {
        type_name: type_name(), current_state: samples.made.clone(), private: b"{\"note\":\"a\"}".to_vec(),
        provider_meta: samples.meta.clone(), current_identity: samples.identity.clone(), ..Default::default()
    };
    plan_resource_change = |samples: &Samples| proto::plan_resource_change::Request {
        type_name: type_name(), prior_state: samples.made.clone(), proposed_new_state: samples.thing.clone(),
        config: samples.thing.clone(), prior_private: b"{\"note\":\"a\"}".to_vec(),
        prior_identity: samples.identity.clone(), ..Default::default()
    };
    apply_resource_change = |samples: &Samples| proto::apply_resource_change::Request {
        type_name: type_name(), prior_state: samples.made.clone(), planned_state: samples.made.clone(),
        config: samples.thing.clone(), planned_private: b"{\"note\":\"a\"}".to_vec(),
        planned_identity: samples.identity.clone(), ..Default::default()
    };
    import_resource_state = |samples: &Samples| proto::import_resource_state::Request {
        type_name: type_name(), identity: samples.identity.clone(), ..Default::default()
    };
    move_resource_state = |_: &Samples| proto::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/hashicorp/aws".to_owned(),
        source_type_name: "aws_shop_thing".to_owned(), target_type_name: type_name(),
        source_state: raw(&json!({"name": "lamp", "pieces": 2})), ..Default::default()
    };
    read_data_source = |samples: &Samples| proto::read_data_source::Request {
        type_name: "shop_stock".to_owned(), config: samples.stock.clone(), ..Default::default()
    };
    open_ephemeral_resource = |samples: &Samples| proto::open_ephemeral_resource::Request {
        type_name: "shop_key".to_owned(), config: samples.key.clone(), ..Default::default()
    };
    renew_ephemeral_resource = |_: &Samples| proto::renew_ephemeral_resource::Request {
        type_name: "shop_key".to_owned(), private: Some(b"\"turns: 1\"".to_vec()),
    };
    close_ephemeral_resource = |_: &Samples| proto::close_ephemeral_resource::Request {
        type_name: "shop_key".to_owned(), private: Some(b"\"turns: 1\"".to_vec()),
    };
    call_function = |samples: &Samples| proto::call_function::Request {
        name: "join".to_owned(), arguments: samples.words.clone(),
    };
}

/// Valid requests of all RPCs, with values in either form.
pub fn requests() -> Vec<(&'static str, Vec<u8>)> {
    FORMS.map(|form| requests_about(&samples(form))).concat()
}

fn samples(form: Form) -> Samples {
    let wire = |value: &Value, ty: &Type| Some(form(value, ty));
    let of = |object: tfplugin::schema::Object, json: &serde_json::Value| {
        let ty = object.value_type();
        let mut value = object.empty();
        let given = json::read(json, &ty).unwrap();
        for name in json.as_object().unwrap().keys() {
            value.put(name, given.get(name).clone());
        }
        wire(&value, &ty)
    };
    let thing = json!({
        "name": "lamp", "colour": "DEEP_BLUE", "pieces": 3, "shelf": "B2", "shelf_life": "90m", "weight": 1e-30,
        "labels": {"a": "b"}, "parts": {"foot": {"material": "brass"}}, "package": {"material": "card"},
        "secret": "s3cret", "price": [{"currency": "EUR", "amount": 9.5}], "timeouts": {"create": "5m"},
    });
    let mut made = thing.clone();
    made["id"] = "id-lamp".into();
    made["revision"] = 1.into();
    made["secret"] = json!(null);
    let identity = Type::Object([("name".to_owned(), Type::String)].into());
    let name = Value::Map([("name".to_owned(), "lamp".into())].into());
    Samples {
        thing: of(shop::Thing::object(), &thing),
        made: of(shop::Thing::object(), &made),
        stock: of(shop::Stock::object(), &json!({"name": "lamp"})),
        key: of(shop::Key::object(), &json!({"door": "front"})),
        shop: of(shop::Config::object(), &json!({"name": "corner"})),
        meta: of(Shop::meta().unwrap(), &json!({"module": "m"})),
        identity: Some(proto::ResourceIdentityData { identity_data: wire(&name, &identity) }),
        words: ["-", "a", "b"].iter().filter_map(|word| wire(&(*word).into(), &Type::String)).collect(),
    }
}

/// A shop that was just configured.
pub async fn shop() -> Client<Shop> {
    let mut client = Client::<Shop>::default();
    assert_eq!(client.configure(&shop::Config::object().empty()).await.unwrap(), []);
    client
}
