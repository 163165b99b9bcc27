//! Values in MessagePack, the form that both CLIs speak; the types of a schema say what is what.
//!
//! Unknown values are extensions. Input is not trusted: nothing is allocated beyond what was really sent.

use std::collections::BTreeMap;

use rmp::{Marker, decode, encode};

use super::malformed::Malformed;
use crate::{Number, Step, Type, Value};

type Result<T> = std::result::Result<T, Malformed>;

fn malformed(what: impl std::fmt::Display) -> Malformed {
    Malformed::new(what)
}

/// How deep dynamic values may be nested in one another: each says its type itself, so that no schema is their limit.
const DEEPEST: usize = 32;

/// Reads one value of type `ty`, which must fill `bytes`.
///
/// # Errors
/// [`Malformed`], with what is wrong.
pub fn read(bytes: &[u8], ty: &Type) -> Result<Value> {
    let mut input = bytes;
    let value = read_value(&mut input, ty, 0)?;
    if input.is_empty() { Ok(value) } else { Err(malformed("something follows the value")) }
}

fn peek(input: &[u8]) -> Result<Marker> {
    input.first().map(|byte| Marker::from_u8(*byte)).ok_or_else(|| malformed("it ends too early"))
}

fn read_value(input: &mut &[u8], ty: &Type, depth: usize) -> Result<Value> {
    match peek(input)? {
        Marker::Null => {
            *input = &input[1..];
            Ok(Value::Null)
        }
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => skip_extension(input),
        _ => read_known(input, ty, depth),
    }
}

fn skip_extension(input: &mut &[u8]) -> Result<Value> {
    let meta = decode::read_ext_meta(input).map_err(malformed)?;
    take(input, meta.size as usize)?;
    Ok(Value::Unknown)
}

fn take<'a>(input: &mut &'a [u8], length: usize) -> Result<&'a [u8]> {
    if input.len() < length {
        return Err(malformed("it ends too early"));
    }
    let (head, tail) = input.split_at(length);
    *input = tail;
    Ok(head)
}

fn read_known(input: &mut &[u8], ty: &Type, depth: usize) -> Result<Value> {
    match ty {
        Type::Bool => decode::read_bool(input).map(Value::Bool).map_err(malformed),
        Type::String => read_text(input).map(|text| Value::String(text.to_owned())),
        Type::Number => read_number(input).map(Value::Number),
        Type::List(element) => read_items(input, depth, Step::Index, |_| Ok(element.as_ref())).map(Value::List),
        Type::Set(element) => read_items(input, depth, |_| Step::Element, |_| Ok(element.as_ref())).map(Value::set),
        Type::Tuple(elements) => {
            let ty = |at| elements.get(at).ok_or_else(|| malformed("a tuple is too long"));
            let items = read_items(input, depth, Step::Index, ty)?;
            if items.len() == elements.len() { Ok(Value::List(items)) } else { Err(malformed("a tuple is too short")) }
        }
        Type::Map(element) => read_entries(input, depth, Step::Key, |_| Ok(element.as_ref())).map(Value::Map),
        Type::Object(attributes) => {
            let unexpected = |name: &str| malformed(format!("unexpected attribute {name:?}"));
            let known = |name: &str| attributes.get(name).ok_or_else(|| unexpected(name));
            let mut entries = read_entries(input, depth, Step::Attribute, known)?;
            for name in attributes.keys() {
                entries.entry(name.clone()).or_insert(Value::Null);
            }
            Ok(Value::Map(entries))
        }
        Type::Dynamic => read_dynamic(input, depth + 1),
    }
}

fn read_text<'a>(input: &mut &'a [u8]) -> Result<&'a str> {
    let length = decode::read_str_len(input).map_err(malformed)?;
    std::str::from_utf8(take(input, length as usize)?).map_err(malformed)
}

fn read_number(input: &mut &[u8]) -> Result<Number> {
    match peek(input)? {
        Marker::F32 => {
            let float = f64::from(decode::read_f32(input).map_err(malformed)?);
            Number::from_f64(float).ok_or_else(|| malformed("a number is not finite"))
        }
        Marker::F64 => {
            let float = decode::read_f64(input).map_err(malformed)?;
            Number::from_f64(float).ok_or_else(|| malformed("a number is not finite"))
        }
        Marker::U64 => decode::read_u64(input).map(Number::from).map_err(malformed),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            read_text(input)?.parse().map_err(malformed)
        }
        _ => decode::read_int::<i64, _>(input).map(Number::from).map_err(malformed),
    }
}

fn read_items<'t>(
    input: &mut &[u8],
    depth: usize,
    step: fn(usize) -> Step,
    ty: impl Fn(usize) -> Result<&'t Type>,
) -> Result<Vec<Value>> {
    let length = decode::read_array_len(input).map_err(malformed)? as usize;
    let mut items = Vec::with_capacity(length.min(input.len()));
    for at in 0..length {
        items.push(read_value(input, ty(at)?, depth).map_err(|error| error.within(step(at)))?);
    }
    Ok(items)
}

fn read_entries<'t>(
    input: &mut &[u8],
    depth: usize,
    step: fn(String) -> Step,
    ty: impl Fn(&str) -> Result<&'t Type>,
) -> Result<BTreeMap<String, Value>> {
    let length = decode::read_map_len(input).map_err(malformed)?;
    let mut entries = BTreeMap::new();
    for _ in 0..length {
        let key = read_text(input)?;
        let value = read_value(input, ty(key)?, depth).map_err(|error| error.within(step(key.to_owned())))?;
        entries.insert(key.to_owned(), value);
    }
    Ok(entries)
}

fn read_dynamic(input: &mut &[u8], depth: usize) -> Result<Value> {
    if depth > DEEPEST {
        return Err(malformed("dynamic values are nested too deeply"));
    }
    if decode::read_array_len(input).map_err(malformed)? != 2 {
        return Err(malformed("a dynamic value is not a type and a value"));
    }
    let length = match peek(input)? {
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => decode::read_str_len(input),
        _ => {
            return read_dynamic_of(input, depth, |input| Ok(decode::read_bin_len(input).map_err(malformed)? as usize));
        }
    };
    let length = length.map_err(malformed)? as usize;
    read_dynamic_of(input, depth, |_| Ok(length))
}

fn read_dynamic_of(input: &mut &[u8], depth: usize, length: impl Fn(&mut &[u8]) -> Result<usize>) -> Result<Value> {
    let length = length(input)?;
    let json = serde_json::from_slice(take(input, length)?).map_err(malformed)?;
    let ty = Type::from_json(&json).map_err(|_| malformed("a dynamic value has no valid type"))?;
    let value = read_value(input, &ty, depth)?;
    Ok(Value::Dynamic(Box::new((ty, value))))
}

/// Writes `value` of type `ty`. What doesn't fit the type is written as null.
pub fn write(value: &Value, ty: &Type) -> Vec<u8> {
    let mut output = Vec::new();
    // Writing to a vector can't fail.
    let _ = write_value(&mut output, value, ty);
    output
}

type Written = std::result::Result<(), encode::ValueWriteError<std::io::Error>>;

fn write_value(output: &mut Vec<u8>, value: &Value, ty: &Type) -> Written {
    match (value, ty) {
        (Value::Unknown, _) => {
            output.extend_from_slice(&[0xd4, 0, 0]);
            Ok(())
        }
        (Value::Bool(value), Type::Bool) => Ok(encode::write_bool(output, *value).map_err(io)?),
        (Value::String(text), Type::String) => encode::write_str(output, text),
        (Value::Number(number), Type::Number) => write_number(output, number),
        (Value::List(items), Type::List(element)) | (Value::Set(items), Type::Set(element)) => {
            write_items(output, items.iter().map(|item| (item, element.as_ref())))
        }
        (Value::List(items), Type::Tuple(elements)) => write_items(output, items.iter().zip(elements)),
        (Value::Map(entries), Type::Map(element)) => {
            write_entries(output, entries.iter().map(|(key, value)| (key, value, element.as_ref())))
        }
        (object @ Value::Map(_), Type::Object(attributes)) => {
            write_entries(output, attributes.iter().map(|(name, ty)| (name, object.get(name), ty)))
        }
        (Value::Dynamic(inner), Type::Dynamic) => {
            encode::write_array_len(output, 2)?;
            encode::write_bin(output, inner.0.to_json().to_string().as_bytes())?;
            write_value(output, &inner.1, &inner.0)
        }
        _ => encode::write_nil(output).map_err(encode::ValueWriteError::InvalidMarkerWrite),
    }
}

fn io(error: std::io::Error) -> encode::ValueWriteError<std::io::Error> {
    encode::ValueWriteError::InvalidDataWrite(error)
}

fn write_number(output: &mut Vec<u8>, number: &Number) -> Written {
    if let Some(integer) = number.as_i64() {
        encode::write_sint(output, integer)?;
        return Ok(());
    }
    match number.as_exact_f64().filter(|_| !number.is_integer()) {
        Some(float) => encode::write_f64(output, float),
        None => encode::write_str(output, &number.to_string()),
    }
}

fn write_items<'a>(output: &mut Vec<u8>, items: impl ExactSizeIterator<Item = (&'a Value, &'a Type)>) -> Written {
    encode::write_array_len(output, items.len() as u32)?;
    for (item, ty) in items {
        write_value(output, item, ty)?;
    }
    Ok(())
}

fn write_entries<'a>(
    output: &mut Vec<u8>,
    entries: impl ExactSizeIterator<Item = (&'a String, &'a Value, &'a Type)>,
) -> Written {
    encode::write_map_len(output, entries.len() as u32)?;
    for (key, value, ty) in entries {
        encode::write_str(output, key)?;
        write_value(output, value, ty)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.parse().unwrap())
    }

    #[test]
    fn values_have_the_bytes_that_the_clis_send() {
        let strings = Type::List(Box::new(Type::String));
        for (value, ty, bytes) in [
            (Value::Null, Type::String, vec![0xc0]),
            (Value::Unknown, Type::String, vec![0xd4, 0, 0]),
            (true.into(), Type::Bool, vec![0xc3]),
            ("hi".into(), Type::String, vec![0xa2, b'h', b'i']),
            (number("5"), Type::Number, vec![5]),
            (number("-1"), Type::Number, vec![0xff]),
            (number("0.5"), Type::Number, vec![0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]),
            (number("0.1"), Type::Number, vec![0xa3, b'0', b'.', b'1']),
            (Value::List(vec!["a".into()]), strings, vec![0x91, 0xa1, b'a']),
        ] {
            assert_eq!(write(&value, &ty), bytes, "{value:?}");
            assert_eq!(read(&bytes, &ty).as_ref(), Ok(&value));
        }
        let large = number("18446744073709551615");
        assert_eq!(write(&large, &Type::Number)[1..], *b"18446744073709551615");
        assert_eq!(read(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255], &Type::Number), Ok(large));
    }

    #[test]
    fn dynamic_values_are_not_nested_without_end() {
        let level = b"\x92\xc4\x09\"dynamic\"";
        let nested = |levels| [level.repeat(levels), vec![0xc0]].concat();
        assert!(read(&nested(DEEPEST), &Type::Dynamic).is_ok());
        assert!(read(&nested(DEEPEST + 1), &Type::Dynamic).is_err());
        assert!(read(&nested(1_000_000), &Type::Dynamic).is_err());
    }

    #[test]
    fn a_refined_unknown_is_unknown() {
        assert_eq!(read(&[0xc7, 3, 12, 0x81, 1, 0xc2], &Type::String), Ok(Value::Unknown));
    }

    #[test]
    fn a_dynamic_value_brings_its_type() {
        let value = Value::Dynamic(Box::new((Type::Tuple(vec![Type::String]), Value::List(vec!["x".into()]))));
        assert_eq!(read(&write(&value, &Type::Dynamic), &Type::Dynamic), Ok(value));
        assert_eq!(read(&[0xc0], &Type::Dynamic), Ok(Value::Null));
    }

    #[test]
    fn what_is_cut_short_or_too_long_is_refused() {
        let object = Type::Object([("a".to_owned(), Type::String), ("b".to_owned(), Type::Number)].into());
        let value = Value::Map([("a".to_owned(), "text".into()), ("b".to_owned(), number("1.5"))].into());
        let bytes = write(&value, &object);
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end], &object).is_err());
        }
        assert!(read(&[bytes.as_slice(), &[0]].concat(), &object).is_err());
        assert!(read(&[0xdd, 255, 255, 255, 255], &Type::List(Box::new(Type::Bool))).is_err());
    }
}
