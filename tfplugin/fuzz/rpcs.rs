//! Any bytes as an RPC: see `tests/anything`. A panic, which a provider turns into a diagnostic, ends the run.
#![no_main]

#[path = "../tests/anything/mod.rs"]
mod anything;
#[path = "../tests/shop/mod.rs"]
mod shop;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    anything::rpc(input);
});
