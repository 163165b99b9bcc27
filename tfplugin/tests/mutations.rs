//! What nobody sends on purpose: a million mutated messages through every decoder and every RPC. None may panic, hang, or
//! take more memory than its own size explains.
//!
//! `TFPLUGIN_MUTATIONS` is how many there are of each kind, `TFPLUGIN_SEED` what they are made from. For long runs there
//! is a fuzz target in tfplugin/fuzz.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod anything;
mod generate;
#[allow(dead_code, reason = "not all of the shop is looked at here")]
mod shop;
#[path = "anything/spans.rs"]
mod spans;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, panic, process, thread};

use anything::requests::{requests, send, shop};
use generate::Generator;
use peak_alloc::PeakAlloc;
use shop::Shop;
use tfplugin::Type;
use tfplugin::protocol::{json, msgpack};
use tfplugin::testing::Client;

/// Longer than any message takes, even on a machine with much else to do.
const LIMIT: Duration = Duration::from_secs(10);

/// What a message may take: a fixed part, in which the message of a test beside this one fits, and so much for each of
/// its bytes.
const MEMORY_BYTES: usize = 16 << 20;
const MEMORY_BYTES_A_BYTE: usize = 128;

/// Knows how much memory is in use, and how much was at most.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

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
struct Watch(Arc<Mutex<Option<Begun>>>);

/// When a message was sent, and which.
type Begun = (Instant, Vec<u8>);

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

    fn now(&self) -> MutexGuard<'_, Option<Begun>> {
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

async fn in_time(client: &mut Client<Shop>, name: &str, bytes: &[u8]) -> bool {
    let answer = tokio::time::timeout(LIMIT, send(client, name, bytes)).await;
    answer.unwrap_or_else(|_| panic!("{name} gave no answer to {bytes:?}"))
}

/// Through every RPC: the message itself is mutated, and with it the values in it.
#[test]
fn rpcs_take_anything() {
    let (panics, watch) = (count_panics(), Watch::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = number("TFPLUGIN_MUTATIONS", 500_000);
    let mut taken = 0;
    runtime.block_on(async {
        let mut generator = Generator::new(number("TFPLUGIN_SEED", 1) as u64);
        let requests = requests();
        let mut client = shop().await;
        for (name, bytes) in &requests {
            assert!(in_time(&mut client, name, bytes).await, "{name} is not sent");
        }
        client = shop().await;
        for at in 0..count {
            let (name, bytes) = &requests[at % requests.len()];
            let (_, other) = &requests[generator.below(requests.len())];
            let bytes = mutated(&mut generator, bytes, other);
            let before = watch.begin(&bytes);
            taken += usize::from(in_time(&mut client, name, &bytes).await);
            watch.end(&bytes, before);
            // What was asked to stop does nothing any more; and what was made is kept in memory.
            if *name == "stop_provider" {
                client = shop().await;
            }
        }
        for (name, bytes) in &requests {
            assert!(in_time(&mut client, name, bytes).await, "{name} is not sent any more");
        }
    });
    assert!(taken > count / 10, "only {taken} of {count} were still messages");
    assert_eq!(panics.load(Ordering::SeqCst), 0);
}

/// Each RPC runs where a panic ends nothing else, and where what it logs says which one it is of: both are done where its
/// span is opened.
#[test]
fn each_rpc_has_a_span() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut client = runtime.block_on(shop());
    for (name, bytes) in requests() {
        let camel: String = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let opened = spans::opened(|| assert!(runtime.block_on(send(&mut client, name, &bytes))));
        assert_eq!(opened, [camel]);
    }
}

/// The fuzz targets do what they say: of what is sound they say so.
#[test]
fn fuzz_targets_take_what_is_sound() {
    for (value, is_sound) in
        [("\"string\"\n\"a\"", true), ("[\"list\",\"bool\"]\n[true]", true), ("\"bool\"\n{}", false)]
    {
        assert_eq!(anything::value(value.as_bytes()), is_sound, "{value}");
    }
    for (at, (name, bytes)) in requests().into_iter().enumerate() {
        let input = [&[at as u8], bytes.as_slice()].concat();
        assert_eq!(anything::rpc(&input), name != "stop_provider", "{name}");
    }
}
