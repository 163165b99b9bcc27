//! Compiles an event pattern, and refuses what EventBridge would refuse, with the location of the problem.
//!
//! The result is a list of branches: a pattern without `$or` has one, and each `$or` multiplies them. This file does
//! not know how branches are matched.

use std::collections::BTreeMap;
use tfplugin::suggest;

use serde_json::{Map, Value};

use super::PatternError;
use super::address::{Address, Block};
use super::number::comparable;
use super::operator::{Bound, Number, Test, quoted};
use super::text::{AnyCase, Wildcard};

/// One way to match: for each field, the tests of which a value must pass one. Fields are named by their path, joined
/// with dots, because EventBridge treats `{"a": {"b": ...}}` and `{"a.b": ...}` as the same field.
pub(super) type Branch = BTreeMap<String, Vec<Test>>;

const BRANCHES_MAX: usize = 1_000;
const OR: &str = "$or";

/// The documented operators. `exactly` works too, but is not documented by AWS.
const OPERATORS: [&str; 8] =
    ["prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exists"];

/// Words reserved by EventBridge, which cannot name a field inside `$or`.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

type Result<T> = std::result::Result<T, PatternError>;

pub(super) fn branches(pattern: &Value) -> Result<Vec<Branch>> {
    let Value::Object(fields) = pattern else {
        return fail(&Place::root(), "a pattern is a JSON object, like {\"source\": [\"aws.guardduty\"]}");
    };
    let mut branches = Vec::new();
    object(fields, &Place::root(), false, &mut branches)?;
    Ok(branches)
}

/// The current location in the pattern, as a path for messages and as the name of the tested field.
struct Place {
    shown: String,
    field: String,
}

impl Place {
    fn root() -> Self {
        Self { shown: String::new(), field: String::new() }
    }

    fn field(&self, key: &str) -> Self {
        let field = if self.field.is_empty() { key.to_owned() } else { format!("{}.{key}", self.field) };
        Self { shown: self.key(key).shown, field }
    }

    /// Returns the location of a key that is an operator, not a field.
    fn key(&self, key: &str) -> Self {
        let shown = match (self.shown.as_str(), key.contains('.')) {
            ("", false) => key.to_owned(),
            (shown, false) => format!("{shown}.{key}"),
            (shown, true) => format!("{shown}[\"{key}\"]"),
        };
        Self { shown, field: self.field.clone() }
    }

    fn index(&self, index: usize) -> Self {
        Self { shown: format!("{}[{index}]", self.shown), field: self.field.clone() }
    }
}

fn fail<T>(place: &Place, message: impl Into<String>) -> Result<T> {
    Err(PatternError::new(&place.shown, message))
}

/// Adds the fields of an object to all `branches`. The order matters: a field that is named twice keeps its last tests.
fn object(fields: &Map<String, Value>, place: &Place, in_or: bool, branches: &mut Vec<Branch>) -> Result<()> {
    if fields.is_empty() {
        return fail(place, "an empty object matches nothing: name a field, or leave the object out");
    }
    for (key, value) in fields {
        if key == OR {
            or(value, &place.key(OR), branches)?;
            continue;
        }
        let place = place.field(key);
        if in_or && RESERVED.contains(&key.as_str()) {
            return fail(
                &place,
                format!("\"{key}\" is a word of EventBridge's own, which can't name a field inside $or"),
            );
        }
        match value {
            Value::Object(fields) => object(fields, &place, in_or, branches)?,
            Value::Array(values) => field(values, &place, branches)?,
            _ => return fail(&place, format!("must be an object or an array: write [{value}] to match this value")),
        }
    }
    Ok(())
}

fn or(value: &Value, place: &Place, branches: &mut Vec<Branch>) -> Result<()> {
    let Value::Array(choices) = value else {
        return fail(place, "must be an array of objects, each of them a choice");
    };
    let before = std::mem::take(branches);
    for (index, choice) in choices.iter().enumerate() {
        let place = Place { field: place.field.clone(), ..place.index(index) };
        let Value::Object(fields) = choice else {
            return fail(&place, "must be an object: each choice of $or is one");
        };
        let mut chosen = if before.is_empty() { vec![Branch::new()] } else { before.clone() };
        object(fields, &place, true, &mut chosen)?;
        branches.append(&mut chosen);
        if branches.len() > BRANCHES_MAX {
            return fail(&place, format!("the choices of all $or multiply to more than {BRANCHES_MAX} combinations"));
        }
    }
    if choices.len() < 2 {
        return fail(place, "must have two choices or more");
    }
    Ok(())
}

fn field(values: &[Value], place: &Place, branches: &mut Vec<Branch>) -> Result<()> {
    if values.is_empty() {
        return fail(place, "an empty array matches nothing: list at least one value, or leave the field out");
    }
    let mut tests = Vec::new();
    for (index, value) in values.iter().enumerate() {
        tests.extend(alternative(value, &place.index(index))?);
    }
    tests.sort();
    tests.dedup();
    if branches.is_empty() {
        branches.push(Branch::new());
    }
    for branch in branches {
        branch.insert(place.field.clone(), tests.clone());
    }
    Ok(())
}

fn alternative(value: &Value, place: &Place) -> Result<Vec<Test>> {
    match value {
        Value::Object(expression) => Ok(vec![operator(expression, place)?]),
        Value::String(text) => Ok(vec![match Address::parse(text) {
            Some(address) => Test::Within(Block::single(address)),
            None => Test::Exactly(quoted(text)),
        }]),
        Value::Number(number) => Ok(match comparable(number.as_str()) {
            Some(double) => vec![Test::Equals(Number(double))],
            None => vec![Test::Exactly(number.to_string())],
        }),
        Value::Null | Value::Bool(_) => Ok(vec![Test::Exactly(value.to_string())]),
        Value::Array(_) => fail(place, "must be a string, number, true, false, null or an operator, not an array"),
    }
}

fn operator(expression: &Map<String, Value>, place: &Place) -> Result<Test> {
    let (name, value, place) = only_member(expression, place)?;
    match (name, value) {
        ("prefix", Value::Object(inner)) => {
            Ok(Test::PrefixAnyCase(any_case(inner, &place, |text| format!("\"{text}"))?))
        }
        ("suffix", Value::Object(inner)) => {
            Ok(Test::SuffixAnyCase(any_case(inner, &place, |text| format!("{text}\""))?))
        }
        ("prefix", _) => Ok(Test::Prefix(format!("\"{}", string(value, &place)?))),
        ("suffix", _) => Ok(Test::Suffix(format!("{}\"", string(value, &place)?))),
        ("exactly", _) => Ok(Test::Exactly(quoted(string(value, &place)?))),
        ("equals-ignore-case", _) => Ok(Test::EqualsAnyCase(AnyCase::new(&quoted(string(value, &place)?)))),
        ("wildcard", _) => wildcard(value, &place),
        ("cidr", _) => match Block::parse(string(value, &place)?) {
            Ok(block) => Ok(Test::Within(block)),
            Err(reason) => fail(&place, reason),
        },
        ("exists", Value::Bool(true)) => Ok(Test::Exists),
        ("exists", Value::Bool(false)) => Ok(Test::Absent),
        ("exists", _) => fail(&place, "must be true or false"),
        ("numeric", Value::Array(terms)) => numeric(terms, &place),
        ("numeric", _) => fail(&place, "must be an array, like [\">=\", 7, \"<\", 9]"),
        ("anything-but", _) => anything_but(value, &place),
        _ => fail(&place, unknown_operator(name)),
    }
}

/// Returns the only member of an operator, which is an object with a single member.
fn only_member<'a>(expression: &'a Map<String, Value>, place: &Place) -> Result<(&'a str, &'a Value, Place)> {
    let mut members = expression.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value, place.key(name))),
        (None, _) => {
            fail(place, "an empty object is no operator: write a value, or an operator like {\"prefix\": \"a\"}")
        }
        (_, Some((name, _))) => {
            fail(&place.key(name), "an operator has one key only: give each operator an object of its own")
        }
    }
}

fn unknown_operator(name: &str) -> String {
    let known = OPERATORS.into_iter();
    let hint = match suggest::nearest(name, known.clone()) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
    };
    format!("EventBridge has no operator \"{name}\": {hint}")
}

fn string<'a>(value: &'a Value, place: &Place) -> Result<&'a str> {
    match value {
        Value::String(text) => Ok(text),
        _ => fail(place, format!("must be a string, not {value}")),
    }
}

fn any_case(inner: &Map<String, Value>, place: &Place, quote: impl Fn(&str) -> String) -> Result<AnyCase> {
    let (name, value, place) = only_member(inner, place)?;
    if name != "equals-ignore-case" {
        return fail(&place, "only \"equals-ignore-case\" can stand here");
    }
    Ok(AnyCase::new(&quote(string(value, &place)?)))
}

fn wildcard(value: &Value, place: &Place) -> Result<Test> {
    match Wildcard::parse(string(value, place)?) {
        Ok(wildcard) => Ok(match wildcard.literal() {
            Some(text) => Test::Exactly(text.to_owned()),
            None => Test::Wildcard(wildcard),
        }),
        Err(reason) => fail(place, reason),
    }
}

fn anything_but(value: &Value, place: &Place) -> Result<Test> {
    let Value::Object(inner) = value else {
        return none_of(value, place, unwanted_value);
    };
    let (name, value, place) = only_member(inner, place)?;
    match name {
        "prefix" => none_of(value, &place, unwanted_prefix),
        "suffix" => none_of(value, &place, unwanted_suffix),
        "equals-ignore-case" => none_of(value, &place, unwanted_any_case),
        "wildcard" => none_of(value, &place, wildcard),
        _ => fail(&place, "only prefix, suffix, equals-ignore-case and wildcard can stand here"),
    }
}

/// Parses one value, or a list of values of the same kind.
fn none_of(values: &Value, place: &Place, read: impl Fn(&Value, &Place) -> Result<Test>) -> Result<Test> {
    let mut tests = match values {
        Value::Array(values) if values.is_empty() => return fail(place, "an empty array excludes nothing"),
        Value::Array(values) => {
            let numbers_count = values.iter().filter(|value| value.is_number()).count();
            if numbers_count != 0 && numbers_count != values.len() {
                return fail(place, "must be all strings or all numbers");
            }
            let places = (0..).map(|index| place.index(index));
            values.iter().zip(places).map(|(value, place)| read(value, &place)).collect::<Result<Vec<Test>>>()?
        }
        value => vec![read(value, place)?],
    };
    tests.sort();
    tests.dedup();
    Ok(Test::AnythingBut(tests))
}

fn unwanted_value(value: &Value, place: &Place) -> Result<Test> {
    match value {
        Value::String(text) => Ok(Test::Exactly(quoted(text))),
        Value::Number(_) => Ok(Test::Equals(number(value, place)?)),
        _ => fail(place, format!("must be a string or a number, not {value}")),
    }
}

fn unwanted_prefix(value: &Value, place: &Place) -> Result<Test> {
    Ok(Test::Prefix(format!("\"{}", filled(value, place)?)))
}

fn unwanted_suffix(value: &Value, place: &Place) -> Result<Test> {
    Ok(Test::Suffix(format!("{}\"", filled(value, place)?)))
}

fn unwanted_any_case(value: &Value, place: &Place) -> Result<Test> {
    Ok(Test::EqualsAnyCase(AnyCase::new(&quoted(string(value, place)?))))
}

fn filled<'a>(value: &'a Value, place: &Place) -> Result<&'a str> {
    match string(value, place)? {
        "" => fail(place, "must not be empty: it would exclude every string"),
        text => Ok(text),
    }
}

fn number(value: &Value, place: &Place) -> Result<Number> {
    match value {
        Value::Number(number) => match comparable(number.as_str()) {
            Some(double) => Ok(Number(double)),
            None => fail(place, format!("{number} has more digits than EventBridge compares: use 15 at most")),
        },
        _ => fail(place, format!("must be a number, not {value}")),
    }
}

fn numeric(terms: &[Value], place: &Place) -> Result<Test> {
    let bound = |index: usize, is_inclusive| {
        let place = place.index(index);
        match terms.get(index) {
            Some(value) => Ok(Bound { number: number(value, &place)?, is_inclusive }),
            None => fail(&place, "a number is missing here"),
        }
    };
    let operator = |index: usize| terms.get(index).and_then(Value::as_str);
    let (test, length) = match operator(0) {
        Some("=") => (Test::Equals(bound(1, true)?.number), 2),
        Some(less @ ("<" | "<=")) => (Test::Range { low: None, high: Some(bound(1, less == "<=")?) }, 2),
        Some(more @ (">" | ">=")) => {
            let low = bound(1, more == ">=")?;
            match operator(2) {
                None if terms.len() == 2 => (Test::Range { low: Some(low), high: None }, 2),
                Some(less @ ("<" | "<=")) => (between(low, bound(3, less == "<=")?, place)?, 4),
                _ => return fail(&place.index(2), "must be \"<\" or \"<=\", after which the upper bound comes"),
            }
        }
        _ => return fail(&place.index(0), "must be one of \"=\", \"<\", \"<=\", \">\", \">=\""),
    };
    if terms.len() > length {
        return fail(&place.index(length), "is too much: a range is a lower bound, then an upper bound");
    }
    Ok(test)
}

fn between(low: Bound, high: Bound, place: &Place) -> Result<Test> {
    if low.number >= high.number {
        return fail(place, "the lower bound must be less than the upper bound");
    }
    Ok(Test::Range { low: Some(low), high: Some(high) })
}
