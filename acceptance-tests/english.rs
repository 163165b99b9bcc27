//! The English of every description that becomes documentation, as far as a machine can check it.
//!
//! It needs neither LocalStack nor a CLI: the texts come from the schemas.

use provider::{Config, GuardDuty};
use tfplugin::schema::{Attribute, Object, Shape};
use tfplugin::{Model, Provider};

/// Words that no description uses, in lower case, each with the words to write instead.
const BANNED: [(&str, &str); 22] = [
    ("access key id", "access key ID"),
    ("anew", "again"),
    ("as it says", "as configured"),
    ("by default", "Default: `x`."),
    ("by others", "outside Terraform"),
    ("can't", "cannot"),
    ("goes with", "requires"),
    ("in vain", "times out"),
    ("is no", "is not a"),
    ("is to be", "must be, will be"),
    ("is told", "is reported"),
    ("it goes", "requires"),
    ("left out it", "if not set"),
    ("lies in", "is in"),
    ("made", "created"),
    ("makes", "creates"),
    ("nobody", "no one, nothing"),
    ("shall", "must, will"),
    ("somebody", "something else, outside Terraform"),
    ("there already", "already exists"),
    ("told", "reported"),
    ("what becomes of", "what to do with"),
];

/// What is banned above means something else in these words.
const ALLOWED: [&str; 1] = ["is no longer"];

/// A description, and the place it describes.
struct Text {
    place: String,
    text: String,
    has_default: bool,
}

#[test]
fn every_description_is_plain_english() {
    let texts = texts();
    assert!(texts.len() > 500, "this test finds only {} descriptions", texts.len());
    let faults: Vec<_> = texts.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_rule_finds_its_fault() {
    let fault_of = |text: &str, has_default: bool| {
        let text = Text { place: "x".to_owned(), text: text.to_owned(), has_default };
        faults(&text).join("; ")
    };
    assert_eq!(fault_of("`NAME` of the rule. It is no longer used.", false), "");
    assert_eq!(fault_of("Whether to wait. Default: `true`.", true), "");
    assert_eq!(fault_of("Text:\n\n```\nx = 1\n```", false), "");
    assert_eq!(fault_of("Name of what `is told`.", false), "");
    assert!(fault_of("name of the rule.", false).contains("upper-case letter"));
    assert!(fault_of("Name of the rule", false).contains("full stop"));
    assert!(fault_of("Whether to wait.", true).contains("\"Default:\""));
    assert!(fault_of("Topic that is\ntold of it.", false).contains("\"told\""));
    assert!(fault_of("This is no name.", false).contains("\"is no\""));
}

/// All descriptions of the provider.
fn texts() -> Vec<Text> {
    let mut texts = Vec::new();
    add_object("provider", &Config::object(), &mut texts);
    for resource in GuardDuty::RESOURCES {
        add_object(resource.name(), &resource.object(), &mut texts);
    }
    for data_source in GuardDuty::DATA_SOURCES {
        add_object(&format!("data.{}", data_source.name()), &data_source.object(), &mut texts);
    }
    texts
}

fn add_object(place: &str, object: &Object, texts: &mut Vec<Text>) {
    texts.push(Text { place: place.to_owned(), text: object.description.clone(), has_default: false });
    add_attributes(place, &object.attributes, texts);
    for block in &object.blocks {
        add_object(&format!("{place}.{}", block.name), &block.object, texts);
    }
}

fn add_attributes(owner: &str, attributes: &[Attribute], texts: &mut Vec<Text>) {
    for attribute in attributes {
        let place = format!("{owner}.{}", attribute.name);
        if let Shape::Object(_, inner) = &attribute.shape {
            add_attributes(&place, inner, texts);
        }
        let has_default = attribute.default.is_some();
        texts.push(Text { place, text: attribute.description.clone(), has_default });
    }
}

/// Returns what is wrong with a description.
fn faults(Text { place, text, has_default }: &Text) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with(|first: char| first.is_uppercase() || first == '`') {
        faults.push(format!("{place} does not begin with an upper-case letter or a backtick: {text:?}"));
    }
    // A table ends with its last row.
    if !['.', '|'].iter().any(|end| text.ends_with(*end)) && !text.ends_with("```") {
        faults.push(format!("{place} does not end with a full stop: {text:?}"));
    }
    if *has_default && !text.contains("Default:") {
        faults.push(format!("{place} has a default, and no \"Default:\" in its description: {text:?}"));
    }
    let words = ALLOWED.iter().fold(plain_words(text), |words, allowed| words.replace(allowed, ""));
    let banned = BANNED.iter().filter(|(banned, _)| words.contains(&format!(" {banned} ")));
    faults.extend(banned.map(|(banned, instead)| format!("{place} says {banned:?}: write {instead:?}: {text:?}")));
    faults
}

/// Returns the words outside code in lower case, with a space around each.
fn plain_words(text: &str) -> String {
    let prose: String = text.replace("```", "`").split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let words = prose.split(|letter: char| !letter.is_alphanumeric() && letter != '\'').filter(|word| !word.is_empty());
    format!(" {} ", words.collect::<Vec<_>>().join(" ").to_lowercase())
}
