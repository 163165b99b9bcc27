//! The layers of ARCHITECTURE.md: what each folder of the provider may use.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::checkout;

fn sources(folder: &Path) -> Vec<PathBuf> {
    if folder.is_file() {
        return vec![folder.to_owned()];
    }
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
    let root = checkout().join(folder);
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
    for entry in fs::read_dir(checkout().join("tfplugin/src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !["cli", "guide.rs", "plugin", "protocol", "testing"].contains(&name.as_str()) {
            assert_eq!(offenders(&format!("tfplugin/src/{name}"), &["crate::protocol", "crate::plugin"]), none);
        }
    }
    assert_eq!(offenders("tfplugin/src/plugin", &["crate::resource", "crate::schema", "crate::Value"]), none);
    let types = ["crate::resources", "crate::data_sources", "crate::provider"];
    assert_eq!(offenders("src/kit", &types), none);
    assert_eq!(offenders("src/kit", &["crate::findings", "crate::delivery"]), none);
    assert_eq!(offenders("src/delivery", &types), none);
    assert_eq!(offenders("src/aws", &["crate::kit", "crate::delivery"]), none);
    assert_eq!(offenders("src/findings", &types), none);
    assert_eq!(offenders("src/findings", &["aws_sdk", "aws_config", "crate::aws"]), none);
    assert_eq!(offenders("src/aws", &types), none);
    assert_eq!(offenders("src/aws", &["crate::findings"]), none);
    assert_eq!(offenders("src/resources", &["crate::data_sources", "crate::provider"]), none);
    assert_eq!(offenders("src/data_sources", &["crate::resources", "crate::provider"]), none);
}

#[test]
fn what_is_said_of_findings_asks_neither_the_network_nor_the_clock() {
    let forbidden = ["tokio", "std::net", "SystemTime", "Instant", "::now("];
    assert_eq!(offenders("src/findings", &forbidden), Vec::<String>::new());
}

#[test]
fn no_type_knows_another() {
    for folder in ["src/resources", "src/data_sources"] {
        let root = checkout().join(folder);
        let list = root.join("mod.rs");
        let text = fs::read_to_string(&list).unwrap();
        let types: Vec<_> = text.lines().flat_map(registered).collect();
        assert!(types.len() > 1, "this test finds no types in {folder}/mod.rs");
        for file in sources(&root).into_iter().filter(|file| *file != list) {
            let own = file.strip_prefix(&root).unwrap().with_extension("");
            let own = own.iter().next().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&file).unwrap();
            let used = text.lines().filter(|line| line.starts_with("use super::") || line.starts_with("use crate::"));
            let used: Vec<_> = used.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
            for other in types.iter().filter(|name| **name != own) {
                let path = format!("super::{other}::");
                assert!(!used.contains(other) && !text.contains(&path), "{} uses {other}", file.display());
            }
        }
    }
}

/// The modules that a line registers: `filter` of `    resource::<filter::Filter>(),`.
fn registered(line: &str) -> impl Iterator<Item = &str> {
    line.split("::<").skip(1).filter_map(|rest| rest.split_once("::")).map(|(module, _)| module)
}
