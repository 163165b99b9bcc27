//! Any bytes as a value, and as an RPC: what the fuzz targets run. The test of mutations makes the bytes itself.

pub mod requests;

use std::cell::RefCell;

use tfplugin::Type;
use tfplugin::protocol::{json, msgpack};
use tfplugin::testing::Client;
use tokio::runtime::{Builder, Runtime};

use crate::shop::Shop;

/// A type as JSON on the first line, and after it bytes that are read as a value of it in each form. What can be read can
/// be written, and is then the same. The answer is whether they could be read.
pub fn value(input: &[u8]) -> bool {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return false };
    let (ty, bytes) = (&input[..end], &input[end + 1..]);
    let Some(ty) = serde_json::from_slice(ty).ok().and_then(|ty| Type::from_json(&ty).ok()) else { return false };
    if let Ok(value) = msgpack::read(bytes, &ty) {
        assert_eq!(msgpack::read(&msgpack::write(&value, &ty), &ty), Ok(value));
        return true;
    }
    let text = serde_json::from_slice(bytes).ok();
    let Some(Ok(value)) = text.map(|text| json::read(&text, &ty)) else { return false };
    assert_eq!(json::read(&json::write(&value, &ty), &ty), Ok(value));
    true
}

thread_local! {
    static WORLD: RefCell<(Runtime, Client<Shop>)> = RefCell::new({
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(requests::shop());
        (runtime, client)
    });
}

/// A byte that names an RPC, and after it the bytes of its message: whatever they are, the provider answers. The answer is
/// whether they were a message.
pub fn rpc(input: &[u8]) -> bool {
    let Some((which, bytes)) = input.split_first() else { return false };
    let requests = requests::requests();
    let (name, _) = requests[usize::from(*which) % requests.len()];
    // After a stop nothing happens any more.
    name != "stop_provider"
        && WORLD.with_borrow_mut(|(runtime, client)| runtime.block_on(requests::send(client, name, bytes)))
}
