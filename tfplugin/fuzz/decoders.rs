//! Any bytes as a value: see `tests/anything`.
#![no_main]

#[path = "../tests/anything/mod.rs"]
mod anything;
#[path = "../tests/shop/mod.rs"]
mod shop;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    anything::value(input);
});
