//! What nobody sends on purpose: a million mutated messages through every decoder and every RPC. None may panic, hang, or
//! take more memory than its own size explains.
//!
//! `TFPLUGIN_MUTATIONS` is how many there are of each kind, `TFPLUGIN_SEED` what they are made from. For long runs there
//! is a fuzz target in tfplugin/fuzz.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod generate;
#[allow(dead_code, reason = "not all of the shop is looked at here")]
mod shop;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, panic};

use generate::Generator;
use prost::Message;
use serde_json::json;
use shop::Shop;
use tfplugin::protocol::{json, messages as proto, msgpack};
use tfplugin::testing::Client;
use tfplugin::{Model, Provider, Type, Value};

/// Longer than any message takes, even on a machine with much else to do.
const LIMIT: Duration = Duration::from_secs(10);

/// Beyond what a test takes by itself.
const MEMORY_MEGABYTES: u64 = 600;

fn number(variable: &str, otherwise: usize) -> usize {
    env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// Counts panics, those too that the server turns into a diagnostic.
fn count_panics() -> &'static AtomicUsize {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        usual(info);
    }));
    &PANICS
}

/// The most memory that this process ever had; 0 where the system doesn't tell.
fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Bytes that say what follows: lengths of the largest size, starts of what never ends, extensions.
const MARKERS: [&[u8]; 14] = [
    &[0xdd, 0xff, 0xff, 0xff, 0xff],
    &[0xdf, 0xff, 0xff, 0xff, 0xff],
    &[0xdb, 0xff, 0xff, 0xff, 0xff],
    &[0xc6, 0xff, 0xff, 0xff, 0xff],
    &[0xc9, 0xff, 0xff, 0xff, 0xff, 0x0c],
    &[0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2],
    &[0xd4, 0x00, 0x00],
    &[0x92, 0xc4, 0x09, b'"', b'd', b'y', b'n', b'a', b'm', b'i', b'c', b'"'],
    &[0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
    &[0xa5, b'1', b'e', b'9', b'9', b'9'],
    &[0xc0],
    &[0xff],
    b"{\"a\":",
    b"[[[[[[[[",
];

/// One to four changes of `bytes`, some with parts of `other`.
fn mutated(generator: &mut Generator, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=generator.below(4) {
        let at = generator.below(bytes.len() + 1);
        match generator.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << generator.below(8),
            1 if at < bytes.len() => bytes[at] = generator.below(256) as u8,
            2 => bytes.truncate(at),
            3 => {
                let marker = MARKERS[generator.below(MARKERS.len())];
                bytes.splice(at..at, marker.iter().copied());
            }
            4 => {
                let marker = MARKERS[generator.below(MARKERS.len())];
                let end = bytes.len().min(at + marker.len());
                bytes.splice(at..end, marker.iter().copied());
            }
            5 => {
                let from = generator.below(other.len() + 1);
                bytes.splice(at.., other[from..].iter().copied());
            }
            6 => {
                let part = bytes[at..bytes.len().min(at + 12)].to_vec();
                let times = if generator.below(100) == 0 { 5_000 } else { generator.below(8) };
                for _ in 0..times {
                    bytes.splice(at..at, part.iter().copied());
                }
            }
            _ => {
                bytes.drain(at..bytes.len().min(at + generator.below(6)));
            }
        }
    }
    bytes
}

fn in_time<T>(what: &[u8], run: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = run();
    assert!(started.elapsed() < LIMIT, "it took {:?}: {what:?}", started.elapsed());
    result
}

/// Through the decoders: types, values in MessagePack, values in JSON.
#[test]
fn decoders_take_anything() {
    let panics = count_panics();
    let mut generator = Generator::new(number("TFPLUGIN_SEED", 1) as u64);
    let count = number("TFPLUGIN_MUTATIONS", 500_000);
    let mut decoded = 0;
    let mut case = generator.case();
    for at in 0..count {
        // One value in some variants, beside a value of another type.
        if at % 5 == 0 {
            case = generator.case();
        }
        let (ty, value) = &case;
        let (_, other) = generator.case();
        match at % 4 {
            0 => {
                let text = json::write(value, ty).to_string();
                let bytes = mutated(&mut generator, text.as_bytes(), ty.to_json().to_string().as_bytes());
                let parsed = serde_json::from_slice::<serde_json::Value>(&bytes);
                decoded += usize::from(in_time(&bytes, || parsed.is_ok_and(|text| json::read(&text, ty).is_ok())));
            }
            1 => {
                let text = ty.to_json().to_string();
                let bytes = mutated(&mut generator, text.as_bytes(), text.as_bytes());
                let parsed = serde_json::from_slice::<serde_json::Value>(&bytes);
                decoded += usize::from(in_time(&bytes, || parsed.is_ok_and(|text| Type::from_json(&text).is_ok())));
            }
            _ => {
                let bytes =
                    mutated(&mut generator, &msgpack::write(value, ty), &msgpack::write(&other, &Type::Dynamic));
                let read = in_time(&bytes, || msgpack::read(&bytes, ty));
                if let Ok(read) = read {
                    decoded += 1;
                    // What was read can be written, and is then the same.
                    assert_eq!(msgpack::read(&msgpack::write(&read, ty), ty).as_ref(), Ok(&read));
                }
            }
        }
    }
    assert!(decoded > count / 50, "only {decoded} of {count} were still values: nothing deep was reached");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
    assert!(peak_megabytes() < MEMORY_MEGABYTES, "it took {} MB", peak_megabytes());
}

fn wire(value: &Value, ty: &Type) -> Option<proto::DynamicValue> {
    Some(proto::DynamicValue { msgpack: msgpack::write(value, ty), json: Vec::new() })
}

fn raw(json: &serde_json::Value) -> Option<proto::RawState> {
    Some(proto::RawState { json: json.to_string().into_bytes(), ..Default::default() })
}

macro_rules! rpcs {
    ($($name:ident = $request:expr;)*) => {
        /// A valid request of each RPC that takes something.
        fn requests(samples: &Samples) -> Vec<(&'static str, Vec<u8>)> {
            vec![$((stringify!($name), $request(samples).encode_to_vec())),*]
        }

        /// Sends `bytes` as RPC `name`; whether they were a message at all.
        async fn send(client: &mut Client<Shop>, name: &str, bytes: &[u8]) -> bool {
            $(if name == stringify!($name) {
                let Some(message) = decoded($request, bytes) else { return false };
                let answer = tokio::time::timeout(LIMIT, client.rpc().$name(message)).await;
                assert!(answer.is_ok(), "{name} gave no answer to {bytes:?}");
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
        type_name: type_name(), version: 0, raw_state: raw(&json!({"title": "lamp", "count": 2, "labels": {"a": "b"}})),
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
        source_state: raw(&json!({"name": "lamp", "count": 2})), ..Default::default()
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

fn samples() -> Samples {
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
        "name": "lamp", "colour": "DEEP_BLUE", "count": 3, "shelf": "B2", "shelf_life": "90m", "weight": 1e-30,
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

async fn shop() -> Client<Shop> {
    let mut client = Client::<Shop>::default();
    assert_eq!(client.configure(&shop::Config::object().empty()).await.unwrap(), []);
    client
}

/// Through every RPC: the message itself is mutated, and with it the values in it.
#[test]
fn rpcs_take_anything() {
    let panics = count_panics();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = number("TFPLUGIN_MUTATIONS", 500_000);
    let mut taken = 0;
    runtime.block_on(async {
        let mut generator = Generator::new(number("TFPLUGIN_SEED", 1) as u64);
        let requests = requests(&samples());
        let mut client = shop().await;
        for (name, bytes) in &requests {
            assert!(send(&mut client, name, bytes).await, "{name} is not sent");
        }
        for at in 0..count {
            // A new one now and then: what was made is kept in memory.
            if at % 20_000 == 0 {
                client = shop().await;
            }
            let (name, bytes) = &requests[at % requests.len()];
            let (_, other) = &requests[generator.below(requests.len())];
            let bytes = mutated(&mut generator, bytes, other);
            taken += usize::from(send(&mut client, name, &bytes).await);
        }
        for (name, bytes) in &requests {
            assert!(send(&mut client, name, bytes).await, "{name} is not sent any more");
        }
    });
    assert!(taken > count / 10, "only {taken} of {count} were still messages");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
    assert!(peak_megabytes() < MEMORY_MEGABYTES, "it took {} MB", peak_megabytes());
}
