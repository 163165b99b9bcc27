//! The layers of ARCHITECTURE.md: what each folder of the provider may use.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Lines of the files in `folder` that name one of `forbidden`.
fn offenders(folder: &str, forbidden: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = sources(&root);
    assert!(!files.is_empty(), "{folder} has no sources");
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let wrong = lines.filter(|line| forbidden.iter().any(|name| line.contains(name)));
        found.extend(wrong.map(|line| format!("{}: {line}", file.display())));
    }
    found
}

#[test]
fn each_layer_knows_only_those_below_it() {
    let none = Vec::<String>::new();
    assert_eq!(offenders("tfplugin/src", &["aws_sdk", "aws_config", "guardduty"]), none);
    assert_eq!(offenders("tfplugin/src/protocol", &["crate::plugin"]), none);
    assert_eq!(offenders("tfplugin/src/plugin", &["crate::resource", "crate::schema", "crate::Value"]), none);
    assert_eq!(
        offenders(
            "src/findings",
            &["aws_sdk", "aws_config", "tokio", "crate::aws", "crate::resources", "crate::provider"]
        ),
        none
    );
    assert_eq!(offenders("src/aws", &["crate::resources", "crate::data_sources", "crate::provider"]), none);
    assert_eq!(offenders("src/resources", &["crate::data_sources", "crate::provider"]), none);
    assert_eq!(offenders("src/data_sources", &["crate::provider"]), none);
}
