//! Held against go-cty, with which the CLIs read and write values: generated types and values, in MessagePack and in
//! JSON, there and back.
//!
//! `TFPLUGIN_CTY` names the oracle (tools/go-cty); without it nothing is tested, and the test says so. `TFPLUGIN_CASES`
//! is how many cases there are, by default 100,000, and `TFPLUGIN_SEED` what they are made from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod generate;

use std::env;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use generate::Generator;
use tfplugin::protocol::{json, msgpack};
use tfplugin::{Type, Value};

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// A line for the oracle.
fn question(ty: &Type, value: &Value) -> String {
    let bytes = BASE64.encode(msgpack::write(value, ty));
    let json = if value.is_wholly_known() { BASE64.encode(json::write(value, ty).to_string()) } else { "-".into() };
    format!("{}\t{bytes}\t{json}\n", ty.to_json())
}

/// What differs between `value` and what the oracle made of it.
fn difference(ty: &Type, value: &Value, answer: &str) -> Option<String> {
    let parts: Vec<_> = answer.split('\t').collect();
    let [plain, refined, text] = parts[..] else { return Some(answer.to_owned()) };
    for (what, bytes) in [("as it is", plain), ("refined", refined)] {
        match msgpack::read(&BASE64.decode(bytes).unwrap(), ty) {
            Ok(read) if &read == value => (),
            other => return Some(format!("in MessagePack, {what}: {other:?}")),
        }
    }
    if text == "-" {
        return value.is_wholly_known().then(|| "no JSON for what is known".to_owned());
    }
    let text = serde_json::from_slice(&BASE64.decode(text).unwrap()).unwrap();
    match json::read(&text, ty) {
        Ok(read) if &read == value => None,
        other => Some(format!("in JSON: {other:?}")),
    }
}

/// The first differences, as text, between what is asked and what the oracle answers.
fn differences(oracle: &str, cases: impl Fn() -> Vec<(Type, Value)> + Send + Copy + 'static) -> (usize, Vec<String>) {
    let mut oracle = Command::new(oracle).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = BufWriter::new(oracle.stdin.take().unwrap());
    let asking = thread::spawn(move || {
        for (ty, value) in cases() {
            input.write_all(question(&ty, &value).as_bytes()).unwrap();
        }
    });
    let answers = BufReader::new(oracle.stdout.take().unwrap()).lines().map(Result::unwrap);
    let (mut count, mut found) = (0, Vec::new());
    for ((ty, value), answer) in cases().iter().zip(answers) {
        count += 1;
        if let Some(difference) = difference(ty, value, &answer) {
            found.push(format!("{} {value:?}\n  {difference}", ty.to_json()));
        }
    }
    asking.join().unwrap();
    assert!(oracle.wait().unwrap().success());
    found.truncate(10);
    (count, found)
}

fn oracle() -> Option<String> {
    let oracle = env::var("TFPLUGIN_CTY").ok().filter(|path| !path.is_empty());
    if oracle.is_none() {
        println!("skipped: TFPLUGIN_CTY doesn't say where the oracle tools/go-cty is");
    }
    oracle
}

#[test]
fn values_are_read_and_written_as_go_cty_does() {
    let Some(oracle) = oracle() else { return };
    let cases = || {
        let mut generator = Generator::new(number("TFPLUGIN_SEED", 1));
        (0..number("TFPLUGIN_CASES", 100_000)).map(|_| generator.case()).collect()
    };
    let (count, found) = differences(&oracle, cases);
    assert_eq!(count as u64, number("TFPLUGIN_CASES", 100_000));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The CLIs write composed characters only. What a provider sends in another form comes back composed.
#[test]
fn decomposed_characters_come_back_composed() {
    let Some(oracle) = oracle() else { return };
    let (count, found) = differences(&oracle, || vec![(Type::String, "e\u{301}".into())]);
    assert_eq!(count, 1);
    assert!(found[0].contains("String(\"\u{e9}\")"), "{found:?}");
}
