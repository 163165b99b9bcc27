//! Compares this module with event-ruler, the engine of EventBridge, on generated patterns and events.
//!
//! The engine runs through `tools/event-ruler/run`, which needs Java and Maven. Without them, the test reports this and
//! is skipped. The pairs are generated from a fixed seed, so a failure is the same on every machine. Patterns and
//! events are generated as text, to keep unusual spellings of numbers and characters.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use super::{Pattern, check};

const PAIRS_COUNT: usize = 20_000;
const SEED: u64 = 20_261_124;
const EXIT_UNAVAILABLE: i32 = 69;

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn agrees_with_the_engine_behind_eventbridge() {
    let pairs: Vec<Pair> = (0..PAIRS_COUNT).map(pair).collect();
    let Some(answers) = ask(&pairs) else {
        eprintln!("skipped: tools/event-ruler/run needs java (17 or later) and mvn on PATH");
        return;
    };
    let ours: Vec<Answer> = pairs.iter().map(answer).collect();
    let differing: Vec<usize> = (0..pairs.len()).filter(|index| ours[*index] != answers[*index]).collect();
    let contradicted =
        contradictions(&differing.iter().map(|index| (&pairs[*index], &ours[*index])).collect::<Vec<_>>());
    let faults: Vec<String> = differing
        .iter()
        .zip(&contradicted)
        .filter(|(_, is_contradicted)| !**is_contradicted)
        .map(|(index, _)| format!("{:?}\n  ours   {:?}\n  theirs {:?}", pairs[*index], ours[*index], answers[*index]))
        .collect();
    assert!(faults.is_empty(), "{} differences:\n{}", faults.len(), faults[..faults.len().min(9)].join("\n"));

    // The comparison is only meaningful if both answers to both questions are common, and exceptions are rare.
    let valid_count = ours.iter().filter(|answer| answer.is_valid).count();
    let match_count = ours.iter().filter(|answer| answer.is_match).count();
    assert!((PAIRS_COUNT / 2..PAIRS_COUNT * 9 / 10).contains(&valid_count), "{valid_count} valid patterns");
    assert!((PAIRS_COUNT / 10..PAIRS_COUNT / 2).contains(&match_count), "{match_count} matches");
    assert!(differing.len() < PAIRS_COUNT / 1_000, "{} contradictions of the engine", differing.len());
}

/// Returns for each pair whether the engine, asked in another way, agrees with our answer after all.
///
/// The alternatives of a field, and the choices of `$or`, mean "or". So the engine can be asked about each of their
/// combinations separately. If it then agrees with us, its first answer was a bug of the engine. In about ten of
/// 100,000 generated patterns, tests of one field interfere with each other in the engine's state machine.
fn contradictions(differing: &[(&Pair, &Answer)]) -> Vec<bool> {
    let questions: Vec<Vec<Pair>> = differing.iter().map(|(pair, ours)| one_by_one(pair, ours)).collect();
    let mut answers = ask(&questions.concat()).unwrap_or_default().into_iter();
    let mut agrees = |questions: &Vec<Pair>, ours: &Answer| {
        let answers: Vec<Answer> = answers.by_ref().take(questions.len()).collect();
        let is_valid = !answers.is_empty() && answers.iter().all(|answer| answer.is_valid);
        is_valid && ours.is_match == answers.iter().any(|answer| answer.is_match)
    };
    questions.iter().zip(differing).map(|(questions, (_, ours))| agrees(questions, ours)).collect()
}

fn one_by_one(pair: &Pair, ours: &Answer) -> Vec<Pair> {
    if !ours.is_valid {
        return Vec::new();
    }
    combinations(&serde_json::from_str(&pair.pattern).unwrap())
        .into_iter()
        .map(|pattern| Pair { pattern: Value::Object(pattern).to_string(), event: pair.event.clone() })
        .collect()
}

/// Returns all patterns without `$or` and with one alternative per field that together mean `pattern`.
fn combinations(pattern: &Value) -> Vec<Map<String, Value>> {
    let mut branches = vec![Map::new()];
    flatten(pattern, "", &mut branches);
    branches.into_iter().flat_map(one_alternative_each).collect()
}

fn one_alternative_each(branch: Map<String, Value>) -> Vec<Map<String, Value>> {
    branch.into_iter().fold(vec![Map::new()], |patterns, (field, alternatives)| {
        let alternatives = alternatives.as_array().unwrap();
        let with = |pattern: &Map<String, Value>, alternative: &Value| {
            let mut pattern = pattern.clone();
            pattern.insert(field.clone(), json!([alternative]));
            pattern
        };
        patterns
            .iter()
            .flat_map(|pattern| alternatives.iter().map(|one| with(pattern, one)).collect::<Vec<_>>())
            .collect()
    })
}

fn flatten(fields: &Value, path: &str, branches: &mut Vec<Map<String, Value>>) {
    for (key, value) in fields.as_object().unwrap() {
        let field = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            Value::Array(choices) if key == "$or" => {
                let before = std::mem::take(branches);
                for choice in choices {
                    let mut chosen = before.clone();
                    flatten(choice, path, &mut chosen);
                    branches.append(&mut chosen);
                }
            }
            Value::Array(_) => branches.iter_mut().for_each(|branch| drop(branch.insert(field.clone(), value.clone()))),
            _ => flatten(value, &field, branches),
        }
    }
}

#[derive(Clone, Debug)]
struct Pair {
    pattern: String,
    event: String,
}

#[derive(Debug, PartialEq)]
struct Answer {
    is_valid: bool,
    is_match: bool,
}

fn answer(pair: &Pair) -> Answer {
    let Ok(pattern) = check(&pair.pattern) else {
        return Answer { is_valid: false, is_match: false };
    };
    let event = serde_json::from_str(&pair.event).unwrap();
    Answer { is_valid: true, is_match: Pattern::new(&pattern).unwrap().matches(&event) }
}

/// Returns the engine's answers, or `None` if it cannot be run.
fn ask(pairs: &[Pair]) -> Option<Vec<Answer>> {
    // Read at run time, because the compiled value may belong to another checkout that shares the cache.
    let checkout = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let program = Path::new(&checkout).join("tools/event-ruler/run");
    let mut engine =
        Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut questions = engine.stdin.take().unwrap();
    let lines: String =
        pairs.iter().map(|pair| json!({"pattern": pair.pattern, "event": pair.event}).to_string() + "\n").collect();
    // Questions and answers are transferred concurrently. Otherwise both sides would wait for a full pipe.
    let writer = std::thread::spawn(move || questions.write_all(lines.as_bytes()).is_ok());
    let output = engine.wait_with_output().unwrap();
    if output.status.code() == Some(EXIT_UNAVAILABLE) {
        return None;
    }
    assert!(writer.join().unwrap() && output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Answer> = String::from_utf8(output.stdout).unwrap().lines().map(read_answer).collect();
    assert_eq!(answers.len(), pairs.len());
    Some(answers)
}

fn read_answer(line: &str) -> Answer {
    let answer: Value = serde_json::from_str(line).unwrap();
    Answer { is_valid: answer["valid"] == true, is_match: answer["matches"] == true }
}

fn pair(index: usize) -> Pair {
    let mut random = Random { state: SEED + index as u64, favourite: index };
    Pair { pattern: pattern(&mut random), event: event(&mut random) }
}

/// SplitMix64: small, and the same everywhere. Each pair prefers some of all choices, because otherwise few would
/// match.
struct Random {
    state: u64,
    favourite: usize,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        const FAVOURITES_COUNT: usize = 3;
        match self.one_in(5) {
            true => choices[self.below(choices.len())],
            false => choices[(self.favourite + self.below(FAVOURITES_COUNT)) % choices.len()],
        }
    }
}

const KEYS: [&str; 8] = ["a", "b", "c", "d", "a.b", "b.c", "\u{e000}", "\u{1f600}"];

const STRINGS: [&str; 40] = [
    "",
    "x",
    "X",
    "y",
    "xy",
    "yx",
    "xyx",
    "XyX",
    "xx",
    "x y",
    "é",
    "É",
    "e\u{301}",
    "ß",
    "SS",
    "ss",
    "ſ",
    "İ",
    "i\u{307}",
    "ı",
    "\u{212a}",
    "k",
    "ǅ",
    "σς",
    "ΣΣ",
    "ﬀ",
    "\u{1f600}",
    "??",
    "大雨",
    "雨",
    "*",
    "x*y",
    "\\",
    "\"",
    "x\"",
    "\u{1}\n",
    "true",
    "5",
    "Ⱥ",
    "ⱥ",
];

const ADDRESSES: [&str; 17] = [
    "10.0.0.1",
    "010.0.0.1",
    "10.0.0.9",
    "10.0.0.15",
    "10.0.0.16",
    "10.255.0.1",
    "11.0.0.1",
    "10.0.0",
    "10.0.0.1.1",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:a00:1",
    "2001:DB8::",
    "2001:db8:0:0::",
    "12:30",
    "::",
    "::ffff:10.0.0.1",
];

/// No block begins with a digit that a number can begin with: for the engine, the digits of the number `12` are in the
/// block `0.0.0.0/0`.
const BLOCKS: [&str; 14] = [
    "10.0.0.0/8",
    "10.0.0.1/31",
    "10.0.0.9/29",
    "8.0.0.0/5",
    "10.0.0.0/8/",
    "fc00::/7",
    "2001:db8::/32",
    "::ffff:a00:0/8",
    "::1/127",
    "10.0.0.1/32",
    "10.0.0.1",
    "x/8",
    "10.0.0.0/-1",
    "10.0.0.0/+08",
];

const NUMBERS: [&str; 29] = [
    "0",
    "-0",
    "-0.0",
    "1",
    "1.0",
    "1e0",
    "10E-1",
    "2",
    "3",
    "5",
    "7.5",
    "75e-1",
    "-7.5",
    "-1",
    "100",
    "1e2",
    "1E+2",
    "301.8",
    "3.018e2",
    "0.1",
    "0.10000000000000001",
    "111122223333",
    "9007199254740993",
    "9007199254740992",
    "12345678901234567890",
    "1e308",
    "1e-400",
    "2.5e-310",
    "0e7",
];

fn text(content: &str) -> String {
    Value::from(content).to_string()
}

fn string(random: &mut Random) -> String {
    if random.one_in(4) { text(random.pick(&ADDRESSES)) } else { text(random.pick(&STRINGS)) }
}

fn scalar(random: &mut Random) -> String {
    match random.below(8) {
        0 => random.pick(&["true", "false", "null"]).to_owned(),
        1..=3 => random.pick(&NUMBERS).to_owned(),
        _ => string(random),
    }
}

fn list(random: &mut Random, count: usize, item: impl Fn(&mut Random) -> String) -> String {
    let items: Vec<String> = (0..count).map(|_| item(random)).collect();
    format!("[{}]", items.join(","))
}

/// Generates an object with distinct keys, because EventBridge accepts equal keys and this module deliberately does
/// not.
fn object(random: &mut Random, count: usize, mut member: impl FnMut(&mut Random) -> String) -> String {
    let mut keys: Vec<&str> = (0..count).map(|_| random.pick(&KEYS[..])).collect();
    keys.sort_unstable();
    keys.dedup();
    let members: Vec<String> = keys.iter().map(|key| format!("{}:{}", text(key), member(random))).collect();
    format!("{{{}}}", members.join(","))
}

fn event(random: &mut Random) -> String {
    let count = 3 + random.below(4);
    object(random, count, |random| event_value(random, 3))
}

fn event_value(random: &mut Random, depth: usize) -> String {
    match random.below(8) {
        0 if depth > 0 => {
            let count = random.below(4);
            object(random, count, |random| event_value(random, depth - 1))
        }
        1 | 2 if depth > 0 => {
            let count = random.below(4);
            list(random, count, |random| event_value(random, depth - 1))
        }
        3 if depth > 0 => {
            let count = 1 + random.below(3);
            list(random, count, |random| object(random, 2, |random| event_value(random, depth - 1)))
        }
        _ => scalar(random),
    }
}

fn pattern(random: &mut Random) -> String {
    fields(random, 2)
}

fn fields(random: &mut Random, depth: usize) -> String {
    let count = if random.one_in(60) { 0 } else { 1 + random.below(2) };
    let mut object = object(random, count, |random| match random.below(8) {
        0 if depth > 0 => fields(random, depth - 1),
        2 if random.one_in(40) => scalar(random),
        _ => alternatives(random),
    });
    if depth > 0 && random.one_in(5) {
        let choices_count = if random.one_in(20) { 1 } else { 2 + random.below(2) };
        let choices = list(random, choices_count, |random| fields(random, depth - 1));
        let choices = if random.one_in(50) { scalar(random) } else { choices };
        object.insert_str(object.len() - 1, &format!("{}\"$or\":{choices}", if count == 0 { "" } else { "," }));
    }
    if random.one_in(50) {
        object.insert_str(object.len() - 1, &format!("{}\"prefix\":[\"x\"]", if count == 0 { "" } else { "," }));
    }
    object
}

fn alternatives(random: &mut Random) -> String {
    let count = if random.one_in(60) { 0 } else { 1 + random.below(6) };
    list(random, count, |random| match random.below(40) {
        0..=12 => scalar(random),
        13 if random.one_in(8) => list(random, 1, scalar),
        _ => operator(random),
    })
}

fn operator(random: &mut Random) -> String {
    let wrong = random.one_in(40);
    let value = if wrong { scalar(random) } else { string(random) };
    match random.below(12) {
        0 => format!("{{\"prefix\":{}}}", text_or_any_case(random)),
        1 => format!("{{\"suffix\":{}}}", text_or_any_case(random)),
        2 => format!("{{\"equals-ignore-case\":{value}}}"),
        3 => format!("{{\"wildcard\":{}}}", wildcard(random)),
        4 => format!("{{\"cidr\":{}}}", if wrong { value } else { block(random) }),
        5 => format!("{{\"exists\":{}}}", if wrong { value.as_str() } else { random.pick(&["true", "false"]) }),
        6 | 7 => format!("{{\"numeric\":{}}}", numeric(random)),
        8 => format!("{{\"exactly\":{value}}}"),
        9 if wrong => random.pick(&["{}", "{\"suffx\":\"x\"}", "{\"prefix\":\"x\",\"suffix\":\"y\"}"]).to_owned(),
        _ => format!("{{\"anything-but\":{}}}", anything_but(random)),
    }
}

fn block(random: &mut Random) -> String {
    let end = if random.one_in(6) { BLOCKS.len() } else { 9 };
    text(random.pick(&BLOCKS[..end]))
}

fn text_or_any_case(random: &mut Random) -> String {
    match random.below(30) {
        0 => scalar(random),
        1 => format!("{{\"wildcard\":{}}}", string(random)),
        2..=11 => format!("{{\"equals-ignore-case\":{}}}", string(random)),
        _ => string(random),
    }
}

fn wildcard(random: &mut Random) -> String {
    let count = random.below(5);
    let parts: String =
        (0..count).map(|_| random.pick(&["*", "*", "x", "y", "xy", "雨", "\u{1f600}", "\\*", "\\\\", "\""])).collect();
    if random.one_in(40) { scalar(random) } else { text(&parts) }
}

fn numeric(random: &mut Random) -> String {
    let number =
        |random: &mut Random| if random.one_in(60) { scalar(random) } else { random.pick(&NUMBERS[..20]).to_owned() };
    let (mut low, mut high) = (number(random), number(random));
    if !random.one_in(6) && super::number::comparable(&low) > super::number::comparable(&high) {
        (low, high) = (high, low);
    }
    match random.below(12) {
        0 => random
            .pick(&[
                "[]",
                "[\"<\"]",
                "[\"!=\",1]",
                "[\"<\",2,\">\",1]",
                "[\">\",1,\"<\"]",
                "5",
                "[\"=\",1,\"<\",2]",
                "[\">\",1,2]",
            ])
            .to_owned(),
        1..=4 => format!("[\"{}\",{low},\"{}\",{high}]", random.pick(&[">", ">="]), random.pick(&["<", "<="])),
        _ => format!("[\"{}\",{low}]", random.pick(&["=", "<", "<=", ">", ">="])),
    }
}

/// Generates no empty list in a nested operator: see the differences in the documentation of the module.
fn anything_but(random: &mut Random) -> String {
    let count = if random.one_in(40) { 0 } else { 1 + random.below(3) };
    let number = |random: &mut Random| random.pick(&NUMBERS[..20]).to_owned();
    match random.below(20) {
        0 if random.one_in(3) => scalar(random),
        1 if random.one_in(3) => list(random, count, scalar),
        11 if random.one_in(3) => format!("{{\"cidr\":{}}}", string(random)),
        12 if random.one_in(3) => format!("{{\"prefix\":{}}}", scalar(random)),
        0..=4 => number(random),
        5..=6 => list(random, count, number),
        7..=8 => string(random),
        9..=12 => list(random, count, string),
        13 => format!("{{\"wildcard\":{}}}", list(random, count.max(1), wildcard)),
        14 => format!("{{\"wildcard\":{}}}", wildcard(random)),
        side => {
            let name = ["prefix", "suffix", "equals-ignore-case"][side % 3];
            let values = if random.one_in(2) { string(random) } else { list(random, count.max(1), string) };
            format!("{{\"{name}\":{values}}}")
        }
    }
}
