//! Types and values from a seed: the same ones each time.

use std::collections::BTreeMap;

use tfplugin::{Type, Value};

/// A generator of test cases.
pub struct Generator(u64);

const NAMES: [&str; 6] = ["a", "b_2", "name", "größe", "値", ""];

/// All kinds of characters but those that compose with one another: the CLIs compose them.
const CHARACTERS: [char; 20] = [
    'a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\t', '\0', '\u{1f}', '\u{7f}', '<', '&', 'é', 'ß', '値', '\u{2028}',
    '\u{fffd}', '🦀',
];

const NUMBERS: [&str; 33] = [
    "0",
    "1",
    "-1",
    "10",
    "127",
    "128",
    "-32",
    "-33",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "0.1",
    "-0.1",
    "0.5",
    "3.14159265358979323846264338327950288419716939937510582097494459",
    "1e100",
    "1e-100",
    "-1.5e300",
    "1e-320",
    "1.7976931348623157e308",
    "1e309",
    "4.9406564584124654e-324",
];

impl Generator {
    /// One that makes what `seed` says.
    pub fn new(seed: u64) -> Self {
        Generator(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number (xorshift64*).
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.next() >> 33) % limit as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A type and a value of it.
    pub fn case(&mut self) -> (Type, Value) {
        let ty = self.type_of_depth(4, true);
        let value = self.value(&ty);
        (ty, value)
    }

    /// A type; `dynamic` says whether anything may be in it: elements of collections are all of one type.
    fn type_of_depth(&mut self, depth: usize, dynamic: bool) -> Type {
        let kinds = if depth == 0 { 4 } else { 10 };
        match self.below(kinds) {
            0 => Type::Bool,
            1 => Type::Number,
            2 => Type::String,
            3 if dynamic => Type::Dynamic,
            3 => Type::String,
            4 => Type::List(Box::new(self.type_of_depth(depth - 1, false))),
            5 => Type::Set(Box::new(self.type_of_depth(depth - 1, false))),
            6 => Type::Map(Box::new(self.type_of_depth(depth - 1, false))),
            7 => Type::Tuple((0..self.below(4)).map(|_| self.type_of_depth(depth - 1, dynamic)).collect()),
            _ => {
                let names: Vec<_> = (0..self.below(5)).map(|_| self.one_of(&NAMES[..5])).collect();
                Type::Object(
                    names.into_iter().map(|name| (name.to_owned(), self.type_of_depth(depth - 1, dynamic))).collect(),
                )
            }
        }
    }

    /// A value of `ty`: now and then null, or unknown.
    fn value(&mut self, ty: &Type) -> Value {
        match self.below(24) {
            0 | 1 => return Value::Null,
            2 => return Value::Unknown,
            _ => (),
        }
        match ty {
            Type::Bool => Value::Bool(self.below(2) == 0),
            Type::Number => Value::Number(self.number().parse().unwrap()),
            Type::String => Value::String(self.text()),
            Type::Dynamic => {
                let ty = self.type_of_depth(2, false);
                let value = self.value(&ty);
                Value::Dynamic(Box::new((ty, value)))
            }
            Type::List(element) => Value::List(self.elements(element)),
            Type::Set(element) => Value::set(self.elements(element)),
            Type::Map(element) => {
                let entries = (0..self.length()).map(|_| (self.key(), self.value(element)));
                Value::Map(entries.collect::<BTreeMap<_, _>>())
            }
            Type::Tuple(elements) => Value::List(elements.iter().map(|element| self.value(element)).collect()),
            Type::Object(attributes) => {
                Value::Map(attributes.iter().map(|(name, ty)| (name.clone(), self.value(ty))).collect())
            }
        }
    }

    fn elements(&mut self, ty: &Type) -> Vec<Value> {
        (0..self.length()).map(|_| self.value(ty)).collect()
    }

    /// Mostly few; now and then more than the shortest forms of MessagePack hold.
    fn length(&mut self) -> usize {
        if self.below(200) == 0 { 20 } else { self.below(4) }
    }

    fn key(&mut self) -> String {
        if self.below(2) == 0 { self.one_of(&NAMES).to_owned() } else { self.text() }
    }

    fn text(&mut self) -> String {
        let length = match self.below(400) {
            0 => 70_000,
            1..4 => 300,
            4..20 => 40,
            _ => self.below(6),
        };
        (0..length).map(|_| self.one_of(&CHARACTERS)).collect()
    }

    fn number(&mut self) -> String {
        match self.below(4) {
            0 => self.next().to_string(),
            1 => {
                let digits: String = (0..=self.below(140)).map(|_| char::from(b'0' + self.below(10) as u8)).collect();
                let exponent = self.below(300) as i64 - 150;
                format!("{}{digits}e{exponent}", if self.below(2) == 0 { "-" } else { "" })
            }
            _ => self.one_of(&NUMBERS).to_owned(),
        }
    }
}
