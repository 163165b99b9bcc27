use tfplugin::{Function, FunctionError};

/// Joins words.
struct Join {
    /// The words.
    words: Vec<String>,
}

impl Function for Join {
    const NAME: &'static str = "join";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        Ok(self.words.join(" "))
    }
}

fn main() {}
