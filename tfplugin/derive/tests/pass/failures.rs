//! `?` on failures and on other errors, in one handler.
use std::num::ParseIntError;

use tfplugin::{Diagnostic, Failure, FunctionError, Result};

fn handler(path: &str) -> Result<u32> {
    own()?;
    let number: Result<u32, ParseIntError> = std::fs::read_to_string(path)?.trim().parse();
    serde_json::from_str::<u32>("1")?;
    let boxed: std::result::Result<(), Diagnostic> = Ok(());
    boxed?;
    Ok(number?)
}

fn own() -> Result<(), Failure> {
    Ok(())
}

fn function(text: &str) -> Result<u32, FunctionError> {
    Ok(text.parse::<u32>()?)
}

fn main() {
    let failure = handler("/no/such/file").unwrap_err();
    assert!(failure.to_string().contains("No such file"), "{failure}");
    assert_eq!(function("x").unwrap_err().text, "invalid digit found in string");
    assert_eq!(function("1"), Ok(1));
}
