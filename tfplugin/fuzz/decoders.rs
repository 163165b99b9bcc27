//! A type as JSON on the first line, and after it bytes that are read as a value of it in each form. What can be read
//! can be written, and is then the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tfplugin::Type;
use tfplugin::protocol::{json, msgpack};

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let (ty, bytes) = (&input[..end], &input[end + 1..]);
    let Some(ty) = serde_json::from_slice(ty).ok().and_then(|ty| Type::from_json(&ty).ok()) else { return };
    if let Ok(value) = msgpack::read(bytes, &ty) {
        assert_eq!(msgpack::read(&msgpack::write(&value, &ty), &ty), Ok(value));
    }
    let text = serde_json::from_slice(bytes).ok();
    if let Some(Ok(value)) = text.map(|text| json::read(&text, &ty)) {
        assert_eq!(json::read(&json::write(&value, &ty), &ty), Ok(value));
    }
});
