//! Placeholders within a text: `<$.path>` for a value of the event, `<tostring($.path)>` for the same as a text, and
//! `<aws.events...>` for what EventBridge adds.

/// Longest path, in characters.
const PATH_MAX: usize = 256;
/// What EventBridge itself knows; everything else is a path into the event.
pub const PREDEFINED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event",
    "aws.events.event.json",
    "aws.events.event.ingestion-time",
];

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What stays as it is.
    Text(&'a str),
    /// What is replaced: the path or the name.
    Placeholder(&'a str),
    /// The same, which stays a text where it is the whole of one.
    TextPlaceholder(&'a str),
}

/// The path in `tostring(PATH)`.
fn as_text(name: &str) -> Option<&str> {
    name.strip_prefix("tostring(")?.strip_suffix(')')
}

/// `<name>` at the beginning of a text: the name, and what comes after it.
pub fn enclosed(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('<')?.split_once('>')
}

/// The parts of a text, in order; at least one.
///
/// # Errors
/// What is wrong with a placeholder in it.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = text[at..].find('<').map(|found| at + found) {
        at = found + 1;
        let Some((name, after)) = enclosed(&text[found..]) else { continue };
        if !is_name(as_text(name).unwrap_or(name)) {
            continue;
        }
        placeholder_problem(as_text(name).unwrap_or(name))?;
        if start < found {
            pieces.push(Piece::Text(&text[start..found]));
        }
        pieces.push(match as_text(name) {
            Some(path) => Piece::TextPlaceholder(path),
            None => Piece::Placeholder(name),
        });
        start = text.len() - after.len();
        at = start;
    }
    if start < text.len() || pieces.is_empty() {
        pieces.push(Piece::Text(&text[start..]));
    }
    Ok(pieces)
}

/// Whether EventBridge would take `<name>` for a placeholder, or a person means one.
fn is_name(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    name.starts_with('$') || name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_letter)
}

/// What `<name>` without a path is probably meant to be.
fn meant(name: &str) -> String {
    const OF_EVENT: [&str; 5] = ["account", "detail-type", "source", "time", "resources"];
    let first = name.split('.').next().unwrap_or_default();
    if first == "detail" || OF_EVENT.contains(&first) {
        return format!("Write it with its path: `<$.{name}>`.");
    }
    if FINDING_FIELDS.contains(&first) {
        return format!("Write the path of the field: `<$.detail.{name}>`.");
    }
    "A value of the event is written with its path, such as `<$.detail.severity>`.".to_owned()
}

/// What a finding has at its top.
const FINDING_FIELDS: [&str; 14] = [
    "accountId",
    "arn",
    "confidence",
    "createdAt",
    "description",
    "id",
    "partition",
    "region",
    "resource",
    "service",
    "severity",
    "title",
    "type",
    "updatedAt",
];

/// What comes after the bare placeholder with which a text of JSON goes on, and the placeholder.
pub fn bare(text: &str) -> Option<(&str, &str)> {
    let (name, after) = enclosed(text)?;
    is_name(as_text(name).unwrap_or(name)).then_some((name, after))
}

fn placeholder_problem(name: &str) -> Result<(), String> {
    if name.starts_with("aws.events.") {
        let known = || format!("EventBridge knows no `<{name}>`; it knows `<{}>`.", PREDEFINED.join(">`, `<"));
        return PREDEFINED.contains(&name).then_some(()).ok_or_else(known);
    }
    if !name.starts_with('$') {
        return Err(format!("The placeholder `<{name}>` has no path. {}", meant(name)));
    }
    path_problem(name)
}

/// Checks a path into the event as EventBridge has them: `$`, then `.name`, `[0]` and `[*]`.
///
/// # Errors
/// What is wrong with it.
pub fn path_problem(path: &str) -> Result<(), String> {
    if path.chars().count() > PATH_MAX {
        return Err(format!("The path {path:?} is longer than {PATH_MAX} characters."));
    }
    let mut rest = path.strip_prefix('$').unwrap_or("x");
    while !rest.is_empty() {
        rest = path_step(rest).ok_or_else(|| {
            format!("{path:?} is no path into the event: it is like `$.detail.type` or `$.detail.list[0].name`.")
        })?;
    }
    Ok(())
}

/// What comes after the first step.
fn path_step(path: &str) -> Option<&str> {
    if let Some(named) = path.strip_prefix('.') {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_/".contains(letter);
        let end = named.find(|letter| !is_letter(letter)).unwrap_or(named.len());
        return (end > 0).then(|| &named[end..]);
    }
    let (index, after) = path.strip_prefix('[')?.split_once(']')?;
    let is_index = index == "*" || (!index.is_empty() && index.bytes().all(|digit| digit.is_ascii_digit()));
    is_index.then_some(after)
}

/// Whether the value at a path is always a text, so that it makes no difference whether it is asked for as one.
pub fn is_text(path: &str) -> bool {
    const TEXTS: [&str; 22] = [
        "aws.events.rule-arn",
        "aws.events.rule-name",
        "aws.events.event.ingestion-time",
        "$.account",
        "$.detail-type",
        "$.id",
        "$.region",
        "$.source",
        "$.time",
        "$.version",
        "$.detail.accountId",
        "$.detail.arn",
        "$.detail.createdAt",
        "$.detail.description",
        "$.detail.id",
        "$.detail.partition",
        "$.detail.region",
        "$.detail.schemaVersion",
        "$.detail.title",
        "$.detail.type",
        "$.detail.updatedAt",
        "$.detail.resource.resourceType",
    ];
    TEXTS.contains(&path)
}

/// Whether the value at a path may have quotes and line breaks in it.
pub fn is_free_text(path: &str) -> bool {
    const FREE: [&str; 7] =
        ["title", "description", "detail", "commandLineExample", "scriptPath", "userAgent", "additionalInfo"];
    path.rsplit('.').next().is_some_and(|last| FREE.contains(&last))
}
