//! A whole provider: text files in one folder. Started by hand, it says what it is.

mod folder;
mod join;
mod scratch;
mod text;

use std::process::ExitCode;

use tfplugin::data_source::{ErasedDataSource, data_source};
use tfplugin::ephemeral::{ErasedEphemeralResource, ephemeral_resource};
use tfplugin::function::{ErasedFunction, function};
use tfplugin::resource::{ErasedResource, resource};
use tfplugin::schema::Object;
use tfplugin::{Diagnostic, Failure, Known, Model, Provider, Result, Session, View};

use folder::Folder;

/// The provider.
pub struct Files;

/// Text files in one folder, and in no other.
#[derive(Model)]
pub struct Config {
    /// Folder that the files are in.
    pub root: String,
}

/// What the author of a module asks of its files.
#[derive(Model)]
pub struct Module {
    /// Most bytes that a file of the module may have.
    pub most_bytes: Option<i64>,
}

impl Provider for Files {
    const NAME: &'static str = "files";
    const ADDRESS: &'static str = "example/files";
    const VERSION: &'static str = "1.0.0";
    const ISSUES: &'static str = "whoever gave you this example";
    type Config = Config;
    type Client = Folder;
    const RESOURCES: &'static [&'static dyn ErasedResource<Folder>] = &[resource::<text::Text>()];
    const DATA_SOURCES: &'static [&'static dyn ErasedDataSource<Folder>] = &[data_source::<text::Found>()];
    const EPHEMERAL_RESOURCES: &'static [&'static dyn ErasedEphemeralResource<Folder>] =
        &[ephemeral_resource::<scratch::Scratch>()];
    const FUNCTIONS: &'static [&'static dyn ErasedFunction] = &[function::<join::Join>()];

    fn meta() -> Option<Object> {
        Some(Module::object())
    }

    fn validate(config: &View<Config>) -> Vec<Diagnostic> {
        let missing = |root: &String| !std::path::Path::new(root).is_dir();
        let fault = |root: String| Diagnostic::error(format!("{root} is no folder")).at(Config::ROOT);
        config.get(Config::ROOT).known().filter(missing).map(fault).into_iter().collect()
    }

    async fn configure(config: &View<'_, Config>, _: Session) -> Result<Folder> {
        match config.get(Config::ROOT) {
            Known::Known(root) => Ok(Folder::new(root)),
            _ => {
                Err(Failure::at(Config::ROOT, "the folder is not known before apply")
                    .detail("Give it as a plain text."))
            }
        }
    }
}

fn main() -> ExitCode {
    tfplugin::cli::main::<Files>(&["terraform_provider_files"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tfplugin::Value;
    use tfplugin::testing::{Client, check_data_source, check_resource, check_schemas};

    use super::*;

    #[tokio::test]
    async fn the_rules_of_the_clis_hold() {
        let folder = tempfile::tempdir().unwrap();
        let root = Value::from(folder.path().to_str().unwrap());
        let mut client = Client::<Files>::default();
        assert_eq!(client.configure(&Value::Map([("root".to_owned(), root)].into())).await.unwrap(), []);
        std::fs::write(folder.path().join("there"), "text").unwrap();
        let mut report = check_schemas::<Files>();
        let texts = [json!({"path": "a/b", "content": "c"}), json!({"path": "d", "secret": "e", "secret_version": 1})];
        report.extend(check_resource(&mut client, "files_text", &texts).await.unwrap());
        report.extend(check_data_source(&mut client, "files_text", &[json!({"path": "there"})]).await.unwrap());
        assert_eq!(report, Vec::<String>::new());
        assert!(!folder.path().join("d").exists(), "what was made is destroyed");
    }
}
