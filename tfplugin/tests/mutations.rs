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
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, panic, process, thread};

use generate::Generator;
use peak_alloc::PeakAlloc;
use prost::Message;
use serde_json::json;
use shop::Shop;
use tfplugin::protocol::{json, messages as proto, msgpack};
use tfplugin::testing::Client;
use tfplugin::{Model, Provider, Type, Value};

/// Longer than any message takes, even on a machine with much else to do.
const LIMIT: Duration = Duration::from_secs(10);

/// What a message may take: a fixed part, and so much for each of its bytes.
const MEMORY_BYTES: usize = 1 << 18;
const MEMORY_BYTES_A_BYTE: usize = 128;

/// Knows how much memory is in use, and how much was at most.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole process, so one test runs at a time.
static TURN: Mutex<()> = Mutex::new(());

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

/// Looks on: a message that hangs, even without ever giving up its thread, ends the whole process.
#[derive(Clone)]
struct Watch(Arc<Mutex<Option<(Instant, Vec<u8>)>>>);

impl Watch {
    fn new() -> Self {
        let watch = Watch(Arc::default());
        let own = watch.clone();
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(1));
                if let Some((since, what)) = own.now().as_ref().filter(|(since, _)| since.elapsed() > LIMIT) {
                    eprintln!("no answer for {:?} to {what:?}", since.elapsed());
                    process::exit(101);
                }
            }
        });
        watch
    }

    fn now(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Vec<u8>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The memory in use where `what` begins.
    fn begin(&self, what: &[u8]) -> usize {
        *self.now() = Some((Instant::now(), what.to_vec()));
        MEMORY.reset_peak_usage();
        MEMORY.current_usage()
    }

    /// It is over, and took no more memory than its size explains.
    fn end(&self, what: &[u8], before: usize) {
        *self.now() = None;
        let taken = MEMORY.peak_usage().saturating_sub(before);
        let bound = MEMORY_BYTES + MEMORY_BYTES_A_BYTE * what.len();
        assert!(taken <= bound, "{} bytes took {taken} bytes of memory: {what:?}", what.len());
    }

    fn run<T>(&self, what: &[u8], run: impl FnOnce() -> T) -> T {
        let before = self.begin(what);
        let result = run();
        self.end(what, before);
        result
    }
}

/// Through the decoders: types, values in MessagePack, values in JSON.
#[test]
fn decoders_take_anything() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (panics, watch) = (count_panics(), Watch::new());
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
                let read = || serde_json::from_slice(&bytes).is_ok_and(|text| json::read(&text, ty).is_ok());
                decoded += usize::from(watch.run(&bytes, read));
            }
            1 => {
                let text = ty.to_json().to_string();
                let bytes = mutated(&mut generator, text.as_bytes(), text.as_bytes());
                let read = || serde_json::from_slice(&bytes).is_ok_and(|text| Type::from_json(&text).is_ok());
                decoded += usize::from(watch.run(&bytes, read));
            }
            _ => {
                let bytes =
                    mutated(&mut generator, &msgpack::write(value, ty), &msgpack::write(&other, &Type::Dynamic));
                let read = watch.run(&bytes, || msgpack::read(&bytes, ty));
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
}

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
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (panics, watch) = (count_panics(), Watch::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = number("TFPLUGIN_MUTATIONS", 500_000);
    let mut taken = 0;
    runtime.block_on(async {
        let mut generator = Generator::new(number("TFPLUGIN_SEED", 1) as u64);
        let requests = FORMS.map(|form| requests(&samples(form))).concat();
        let mut client = shop().await;
        for (name, bytes) in &requests {
            assert!(send(&mut client, name, bytes).await, "{name} is not sent");
        }
        client = shop().await;
        for at in 0..count {
            let (name, bytes) = &requests[at % requests.len()];
            let (_, other) = &requests[generator.below(requests.len())];
            let bytes = mutated(&mut generator, bytes, other);
            let before = watch.begin(&bytes);
            taken += usize::from(send(&mut client, name, &bytes).await);
            watch.end(&bytes, before);
            // What was asked to stop does nothing any more; and what was made is kept in memory.
            if *name == "stop_provider" {
                client = shop().await;
            }
        }
        for (name, bytes) in &requests {
            assert!(send(&mut client, name, bytes).await, "{name} is not sent any more");
        }
    });
    assert!(taken > count / 10, "only {taken} of {count} were still messages");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
}
