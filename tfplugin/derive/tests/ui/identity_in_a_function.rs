use tfplugin::ephemeral::{ErasedEphemeralResource, ephemeral_resource};
use tfplugin::function::{ErasedFunction, function};
use tfplugin::{EphemeralResource, Function, FunctionError, Lease, Model, Result};

/// Joins words.
#[derive(Model)]
struct Join {
    /// The words.
    #[attr(identity, replace)]
    words: String,
}

impl Function for Join {
    const NAME: &'static str = "join";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        Ok(self.words)
    }
}

impl EphemeralResource for Join {
    const TYPE_NAME: &'static str = "join";
    type Client = ();

    async fn open(_: &(), config: Self) -> Result<(Self, Lease)> {
        Ok((config, Lease::default()))
    }
}

const FUNCTIONS: &[&dyn ErasedFunction] = &[function::<Join>()];
const EPHEMERAL_RESOURCES: &[&dyn ErasedEphemeralResource<()>] = &[ephemeral_resource::<Join>()];

fn main() {}
