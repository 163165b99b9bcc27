//! The functions of the shop.

use tfplugin::{Dynamic, Function, FunctionError, Known, Model, validate};

/// Joins words.
///
/// They are joined as they are.
#[derive(Model)]
pub struct Join {
    /// What stands between.
    #[attr(validate = validate::length(0..=3))]
    pub separator: String,
    /// The words.
    #[attr(variadic)]
    pub words: Vec<String>,
}

impl Function for Join {
    const NAME: &'static str = "join";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        match self.words.iter().position(String::is_empty) {
            _ if self.words.is_empty() => Err(FunctionError::at(Self::WORDS, "there is nothing to join")),
            Some(at) => Err(FunctionError::at(Self::WORDS, "a word is empty").element(at)),
            None => Ok(self.words.join(&self.separator)),
        }
    }
}

/// Says what a value is.
#[derive(Model)]
pub struct Describe {
    /// The value.
    pub value: Known<Dynamic>,
    /// What to say of null.
    pub otherwise: Option<String>,
}

impl Function for Describe {
    const NAME: &'static str = "describe";
    type Output = Option<String>;

    fn call(self) -> Result<Option<String>, FunctionError> {
        Ok(match self.value {
            Known::Known(value) => Some(value.to_json().to_string()),
            Known::Null => self.otherwise,
            Known::Unknown => Some("not known yet".to_owned()),
        })
    }
}

/// Glues two words together.
#[derive(Model)]
#[attr(deprecated = "Use `join`.")]
pub struct Glue {
    /// The first word.
    pub one: String,
    /// The second word.
    pub other: String,
}

impl Function for Glue {
    const NAME: &'static str = "glue";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        Ok(self.one + &self.other)
    }
}
