//! Checks of which attributes and blocks of an object are there.
//!
//! One whose value is not known yet may turn out to be there or not, so nothing is held against it.

use crate::{Diagnostic, Key, Model, Value, View};

/// One of the attributes and blocks at `keys` has to be there, and no other.
///
/// ```
/// use tfplugin::{Diagnostic, Model, View, validate};
///
/// /// A file.
/// #[derive(Model)]
/// struct File {
///     /// Its content.
///     content: Option<String>,
///     /// Another file that it is a copy of.
///     source: Option<String>,
/// }
///
/// fn check(config: &View<File>) -> Option<Diagnostic> {
///     validate::exactly_one_of(config, &[File::CONTENT.any(), File::SOURCE.any()])
/// }
/// ```
pub fn exactly_one_of<M: Model>(config: &View<M>, keys: &[Key<M, ()>]) -> Option<Diagnostic> {
    let advice = format!("Set exactly one of {}.", list(keys, "and"));
    missing(config, keys).or_else(|| exclusive(config, keys)).map(|fault| fault.detail(advice))
}

/// At least one of the attributes and blocks at `keys` has to be there.
pub fn at_least_one_of<M: Model>(config: &View<M>, keys: &[Key<M, ()>]) -> Option<Diagnostic> {
    missing(config, keys).map(|fault| fault.detail(format!("Set at least one of {}.", list(keys, "and"))))
}

/// Of the attributes and blocks at `keys` one may be there, or none.
pub fn at_most_one_of<M: Model>(config: &View<M>, keys: &[Key<M, ()>]) -> Option<Diagnostic> {
    exclusive(config, keys).map(|fault| fault.detail(format!("Set at most one of {}.", list(keys, "and"))))
}

/// The attributes and blocks at `keys` go together: all of them are there, or none.
pub fn all_or_none_of<M: Model>(config: &View<M>, keys: &[Key<M, ()>]) -> Option<Diagnostic> {
    let given = keys.iter().find(|key| is_given(config, **key))?;
    let absent = keys.iter().find(|key| is_absent(config, **key))?;
    let fault = Diagnostic::error(format!("`{}` needs `{}`", given.name(), absent.name())).at(config.path(*given));
    Some(fault.detail(format!("{} go together: set all of them, or none.", list(keys, "and"))))
}

/// Where `key` is there, `needed` has to be there too.
pub fn requires<M: Model, T, U>(config: &View<M>, key: Key<M, T>, needed: Key<M, U>) -> Option<Diagnostic> {
    let fault = || Diagnostic::error(format!("`{}` needs `{}`", key.name(), needed.name())).at(config.path(key));
    (is_given(config, key.any()) && is_absent(config, needed.any())).then(fault)
}

fn missing<M: Model>(config: &View<M>, keys: &[Key<M, ()>]) -> Option<Diagnostic> {
    let fault = || Diagnostic::error(format!("{} is missing", list(keys, "or"))).at(config.location().clone());
    keys.iter().all(|key| is_absent(config, *key)).then(fault)
}

fn exclusive<M: Model>(config: &View<M>, keys: &[Key<M, ()>]) -> Option<Diagnostic> {
    let given: Vec<_> = keys.iter().copied().filter(|key| is_given(config, *key)).collect();
    let [_, second, ..] = given[..] else { return None };
    Some(Diagnostic::error(format!("{} exclude each other", list(&given, "and"))).at(config.path(second)))
}

fn is_given<M: Model>(config: &View<M>, key: Key<M, ()>) -> bool {
    !config.value(key).is_unknown() && !is_absent(config, key)
}

/// Blocks that nobody wrote are an empty collection, unlike an attribute that somebody set to one.
fn is_absent<M: Model>(config: &View<M>, key: Key<M, ()>) -> bool {
    match config.value(key) {
        null if null.is_null() => true,
        Value::List(items) | Value::Set(items) if items.is_empty() => M::object().is_block(key.name()),
        _ => false,
    }
}

/// `` `a`, `b` and `c` ``.
fn list<M>(keys: &[Key<M, ()>], word: &str) -> String {
    let names: Vec<_> = keys.iter().map(|key| format!("`{}`", key.name())).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Path;

    /// A thing.
    #[derive(Model)]
    struct Thing {
        /// One.
        one: Option<String>,
        /// Two.
        two: Option<Vec<String>>,
        /// Three.
        #[attr(block)]
        three: Vec<Part>,
    }

    /// A part of it.
    #[derive(Model)]
    struct Part {
        /// Its name.
        name: String,
    }

    type Check = fn(&View<Thing>, &[Key<Thing, ()>]) -> Option<Diagnostic>;

    /// What is said of a thing with these values, and where.
    fn told(check: Check, one: Value, two: Value, three: usize) -> Option<(String, String)> {
        let part = Value::Map([("name".to_owned(), Value::Unknown)].into());
        let three = Value::List(vec![part; three]);
        let object = [("one".to_owned(), one), ("two".to_owned(), two), ("three".to_owned(), three)];
        let object = Value::Map(object.into());
        let keys = [Thing::ONE.any(), Thing::TWO.any(), Thing::THREE.any()];
        let fault = check(&View::new(&object, Path::root()), &keys)?;
        Some((fault.path.to_string(), format!("{}. {}", fault.summary, fault.detail)))
    }

    fn said(path: &str, text: &str) -> Option<(String, String)> {
        Some((path.to_owned(), text.to_owned()))
    }

    #[test]
    fn exactly_one_is_demanded() {
        let advice = "Set exactly one of `one`, `two` and `three`.";
        let missing = format!("`one`, `two` or `three` is missing. {advice}");
        assert_eq!(told(exactly_one_of, Value::Null, Value::Null, 0), said("", &missing));
        assert_eq!(told(exactly_one_of, Value::Null, Value::List(Vec::new()), 0), None, "an empty list is a value");
        assert_eq!(told(exactly_one_of, Value::Null, Value::Null, 1), None);
        let both = format!("`one` and `three` exclude each other. {advice}");
        assert_eq!(told(exactly_one_of, "a".into(), Value::Null, 1), said("three", &both));
    }

    #[test]
    fn nothing_is_held_against_what_is_not_known_yet() {
        for check in [exactly_one_of, at_least_one_of, at_most_one_of, all_or_none_of] {
            assert_eq!(told(check, Value::Unknown, Value::Unknown, 0), None);
        }
        assert_eq!(told(exactly_one_of, Value::Unknown, Value::Null, 1), None);
        assert_eq!(told(all_or_none_of, Value::Unknown, Value::List(Vec::new()), 1), None);
    }

    #[test]
    fn some_and_all_are_demanded() {
        let missing = "`one`, `two` or `three` is missing. Set at least one of `one`, `two` and `three`.";
        assert_eq!(told(at_least_one_of, Value::Null, Value::Null, 0), said("", missing));
        assert_eq!(told(at_least_one_of, "a".into(), Value::List(Vec::new()), 1), None);
        assert_eq!(told(at_most_one_of, Value::Null, Value::Null, 0), None);
        let both = "`one` and `two` exclude each other. Set at most one of `one`, `two` and `three`.";
        assert_eq!(told(at_most_one_of, "a".into(), Value::List(Vec::new()), 0), said("two", both));
        let half = "`two` needs `one`. `one`, `two` and `three` go together: set all of them, or none.";
        assert_eq!(told(all_or_none_of, Value::Null, Value::List(Vec::new()), 1), said("two", half));
    }

    #[test]
    fn one_may_need_another() {
        let object = |two| Value::Map([("one".to_owned(), "a".into()), ("two".to_owned(), two)].into());
        let check = |object: &Value| requires(&View::new(object, Path::root()), Thing::ONE, Thing::TWO);
        assert_eq!(check(&object(Value::Null)).map(|fault| fault.summary), Some("`one` needs `two`".to_owned()));
        assert_eq!(check(&object(Value::Unknown)), None);
    }
}
