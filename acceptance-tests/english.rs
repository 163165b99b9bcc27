//! The English of every description that becomes documentation and of all doc comments, as far as a machine can check
//! it.
//!
//! It needs neither LocalStack nor a CLI: the texts come from the schemas and the sources.

use std::fs;
use std::path::Path;

use provider::{Config, GuardDuty};
use tfplugin::schema::{Attribute, Object, Shape};
use tfplugin::{Model, Provider};

use crate::harness::checkout;

/// Words that no text uses, each with the words to write instead. They are banned with an upper-case first letter too.
const BANNED: [(&str, &str); 30] = [
    ("anew", "again"),
    ("any longer", "still"),
    ("at fault", "invalid"),
    ("by default", "Default: `x`."),
    ("by others", "outside Terraform"),
    ("can't", "cannot"),
    ("doesn't", "does not"),
    ("else it", "otherwise it"),
    ("go with", "requires"),
    ("goes with", "requires"),
    ("half way", "partway"),
    ("id", "ID"),
    ("ids", "IDs"),
    ("in vain", "times out"),
    ("is no", "is not a"),
    ("is to be", "must be, will be"),
    ("it goes", "requires"),
    ("left out it", "if not set, it"),
    ("lies in", "is in"),
    ("makes a", "creates a"),
    ("makes an", "creates an"),
    ("mends", "repairs"),
    ("nobody", "no one, nothing"),
    ("shall", "must, will"),
    ("somebody", "something else, outside Terraform"),
    ("there already", "already exists"),
    ("told", "reported"),
    ("was made", "was created"),
    ("what becomes of", "what to do with"),
    ("what is told", "the message"),
];

/// Words that are banned above mean something else in these.
const ALLOWED: [&str; 2] = ["is no longer", "there is no"];

/// A text, and the place it describes.
struct Text {
    place: String,
    text: String,
    has_default: bool,
}

#[test]
fn every_description_is_plain_english() {
    let texts = descriptions();
    assert!(texts.len() > 500, "this test finds only {} descriptions", texts.len());
    let faults: Vec<_> = texts.iter().flat_map(|text| [form_faults(text), word_faults(text)].concat()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_doc_comment_is_plain_english() {
    let mut texts = Vec::new();
    add_doc_comments(&checkout().join("src"), &mut texts);
    assert!(texts.len() > 1000, "this test finds only {} doc comments", texts.len());
    let faults: Vec<_> = texts.iter().flat_map(word_faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_rule_finds_its_fault() {
    let faults_of = |text: &str, has_default: bool| {
        let text = Text { place: "x".to_owned(), text: text.to_owned(), has_default };
        [form_faults(&text), word_faults(&text)].concat().join("; ")
    };
    assert_eq!(faults_of("`NAME` of the rule. It is no longer used.", false), "");
    assert_eq!(faults_of("Whether to wait. Default: `true`.", true), "");
    assert_eq!(faults_of("Text:\n\n```\nx = told\n```", false), "");
    assert_eq!(faults_of("ID of what `is told`.", false), "");
    assert!(faults_of("name of the rule.", false).contains("upper-case letter"));
    assert!(faults_of("Name of the rule", false).contains("full stop"));
    assert!(faults_of("Whether to wait.", true).contains("\"Default:\""));
    assert!(faults_of("Topic that is\ntold of it.", false).contains("\"told\""));
    assert!(faults_of("This is no name.", false).contains("\"is no\""));
    assert!(faults_of("What becomes of it.", false).contains("\"what becomes of\""));
    assert!(faults_of("Its id.", false).contains("\"id\""));
}

/// Returns all descriptions of the provider.
fn descriptions() -> Vec<Text> {
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

/// Adds the doc comments of all sources below `folder`.
fn add_doc_comments(folder: &Path, texts: &mut Vec<Text>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_doc_comments(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            add_doc_comments_of(&path, texts);
        }
    }
}

fn add_doc_comments_of(file: &Path, texts: &mut Vec<Text>) {
    let source = fs::read_to_string(file).unwrap();
    let mut open: Option<Text> = None;
    for (index, line) in source.lines().enumerate() {
        let line = line.trim_start();
        match line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) {
            Some(words) => {
                let place = || format!("{}:{}", file.display(), index + 1);
                let text = open.get_or_insert_with(|| Text { place: place(), text: String::new(), has_default: false });
                text.text += words;
                text.text.push('\n');
            }
            None => texts.extend(open.take()),
        }
    }
    texts.extend(open);
}

/// Returns what is wrong with the form of a description.
fn form_faults(Text { place, text, has_default }: &Text) -> Vec<String> {
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
    faults
}

/// Returns the banned words in a text.
fn word_faults(Text { place, text, .. }: &Text) -> Vec<String> {
    let words = ALLOWED.iter().fold(plain_words(text), |words, allowed| words.replace(allowed, ""));
    let says = |banned: &str| words.contains(&format!(" {banned} "));
    let banned = BANNED.iter().filter(|(banned, _)| says(banned) || says(&capitalized(banned)));
    banned.map(|(banned, instead)| format!("{place} says {banned:?}, write {instead:?}: {text:?}")).collect()
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns the words outside code, with a space around each.
fn plain_words(text: &str) -> String {
    let prose = text.replace("```", "`").split('`').step_by(2).collect::<Vec<_>>().join(" x ");
    let words = prose.split(|letter: char| !letter.is_alphanumeric() && letter != '\'').filter(|word| !word.is_empty());
    format!(" {} ", words.collect::<Vec<_>>().join(" "))
}
