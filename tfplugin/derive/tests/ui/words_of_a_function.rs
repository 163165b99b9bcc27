use tfplugin::function::{ErasedFunction, function};
use tfplugin::{Computed, Function, FunctionError, Model, OptionalComputed};

macro_rules! function {
    ($($name:ident),*) => {
        $(impl Function for $name {
            const NAME: &'static str = "join";
            type Output = String;

            fn call(self) -> Result<String, FunctionError> {
                Ok(String::new())
            }
        })*
    };
}

/// Joins words.
#[derive(Model)]
struct Replaced {
    /// The words.
    #[attr(replace)]
    words: Vec<String>,
}

/// Joins words.
#[derive(Model)]
struct WriteOnly {
    /// The words.
    #[attr(write_only)]
    words: Option<String>,
}

/// Joins words.
#[derive(Model)]
struct ComputedOnes {
    /// The words.
    words: Computed<String>,
}

/// Joins words.
#[derive(Model)]
struct OptionalOnes {
    /// The words.
    words: OptionalComputed<String>,
}

/// Joins words.
#[derive(Model)]
struct Defaulted {
    /// What stands between.
    #[attr(default = ", ")]
    separator: String,
}

/// Joins words.
#[derive(Model)]
struct Secret {
    /// The words.
    #[attr(sensitive)]
    words: Vec<String>,
}

/// Joins words.
#[derive(Model)]
struct Old {
    /// The words.
    #[attr(deprecated = "Use texts.")]
    words: Vec<String>,
}

/// Joins words.
#[derive(Model)]
struct Blocks {
    #[attr(block)]
    words: Vec<Word>,
}

/// A word.
#[derive(Model)]
struct Word {
    /// Its text.
    text: String,
}

function!(Replaced, WriteOnly, ComputedOnes, OptionalOnes, Defaulted, Secret, Old, Blocks);

const REPLACED: &dyn ErasedFunction = function::<Replaced>();
const WRITE_ONLY: &dyn ErasedFunction = function::<WriteOnly>();
const COMPUTED: &dyn ErasedFunction = function::<ComputedOnes>();
const OPTIONAL: &dyn ErasedFunction = function::<OptionalOnes>();
const DEFAULTED: &dyn ErasedFunction = function::<Defaulted>();
const SECRET: &dyn ErasedFunction = function::<Secret>();
const OLD: &dyn ErasedFunction = function::<Old>();
const BLOCKS: &dyn ErasedFunction = function::<Blocks>();

fn main() {}
