//! `provider::files::join`: parts of a path, put together.

use tfplugin::{Function, FunctionError, Model};

use crate::folder::fault_of;

/// Joins parts of a path.
///
/// The parts are put together with `/` between them. None of them may lead out of the folder.
#[derive(Model)]
pub struct Join {
    /// The parts.
    #[attr(variadic)]
    pub parts: Vec<String>,
}

impl Function for Join {
    const NAME: &'static str = "join";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        let fault = self.parts.iter().enumerate().find_map(|(at, part)| Some((at, fault_of(part)?)));
        match fault {
            Some((at, fault)) => Err(FunctionError::at(Self::PARTS, fault).element(at)),
            None => Ok(self.parts.join("/")),
        }
    }
}
