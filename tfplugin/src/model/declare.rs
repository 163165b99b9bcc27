//! Schemas of Rust types. They are made here so that `schema` needn't know of models.

use super::{BlockField, Data, Field};
use crate::Path;
use crate::schema::{Attribute, Block, Rules};

impl Attribute {
    /// Attribute `name` as a field of type `F` has it.
    pub fn of<F: Field>(name: &'static str) -> Self {
        let rules =
            Rules { check: F::Data::check, same: F::Data::same, is_empty: F::Data::IS_EMPTY, notes: F::Data::notes() };
        let mut attribute = Attribute::new(name, F::Data::shape(), F::MODE, rules);
        attribute.takes_unknown = F::TAKES_UNKNOWN;
        attribute
    }

    /// Held against `validator`, once its value is wholly known.
    #[must_use]
    pub fn validate<T: Data>(self, validator: impl Fn(&T) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.validate_value(move |value| match T::from_value(value, &Path::root()) {
            Ok(plain) => validator(&plain),
            // What can't be read is the check's to report.
            Err(_) => Ok(()),
        })
    }
}

impl Block {
    /// Block `name` as a field of type `F` has it.
    pub fn of<F: BlockField>(name: &'static str) -> Self {
        Block { name, nesting: F::NESTING, min: F::MIN, max: F::MAX, object: F::object() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Choice, Value};

    #[test]
    fn what_is_wrong_with_a_secret_is_told_without_it() {
        fn told<T: Data>(problem: &'static str, secret: &T) -> String {
            let mut attribute = Attribute::of::<T>("secret").validate(move |_: &T| Err(problem.to_owned()));
            attribute.sensitive = true;
            let mut told = Vec::new();
            attribute.check(&secret.to_value(), &Path::root(), &mut told);
            told[0].detail.clone()
        }
        let text = str::to_owned;
        assert_eq!(told("\"hUsH\" is not allowed", &text("hUsH")), "it is not allowed");
        assert_eq!(told("'U' is not allowed in hUsH", &text("hUsH")), "a character in it is not allowed in it");
        assert_eq!(told("12345 is not from 1 to 9", &12345_i64), "it is not from 1 to 9");
        let list = vec![text("hUsH"), text("sIlEnT")];
        assert_eq!(told("\"sIlEnT\" is in it", &list), "it is in it");
        assert_eq!(told("It must not be empty.", &text("")), "It must not be empty.");
    }

    /// What to do.
    #[derive(Choice, Clone, Copy)]
    enum Deed {
        /// It stops.
        Stop,
        /// AlienVault decides.
        Ask,
        /// Open Threat Exchange decides.
        Exchange,
        Nothing,
    }

    #[test]
    fn a_choice_and_a_default_are_documented_once() {
        let deed = |text: &str| Attribute::of::<Deed>("deed").describe(text).default_value(Deed::Stop.to_value());
        let names = "One of `STOP` (it stops), `ASK` (AlienVault decides), `EXCHANGE` (Open Threat Exchange decides), \
                     `NOTHING`.";
        assert_eq!(deed("What to do.").documentation(), format!("What to do. {names} Default: `STOP`."));
        assert_eq!(
            deed("What to do:\n- this").documentation(),
            format!("What to do:\n- this\n\n{names} Default: `STOP`.")
        );
        for text in ["One of `STOP` and others. Default: `STOP`.", "One of `STOP`. Defaults to what is best."] {
            assert_eq!(deed(text).documentation(), text);
        }
        assert_eq!(Attribute::of::<Vec<Deed>>("deeds").documentation(), names);
    }

    #[test]
    fn a_default_is_spelled_as_in_a_configuration() {
        let text = |value: Value| Attribute::of::<String>("text").describe("It.").default_value(value).documentation();
        let object = Value::Map([("a".to_owned(), Value::List(vec!["b".into(), 1.into()]))].into());
        for (value, spelled) in [
            ("45m".into(), "`45m`"),
            ("".into(), "`\"\"`"),
            ("two words".into(), "`\"two words\"`"),
            (false.into(), "`false`"),
            (object, "`{ a = [\"b\", 1] }`"),
            (Value::Map([].into()), "`{}`"),
        ] {
            assert_eq!(text(value), format!("It. Default: {spelled}."));
        }
    }
}
