//! Placeholders in a text: `<$.path>` for a value of the event, `<tostring($.path)>` for the value as a string, and
//! `<aws.events...>` for the values that EventBridge predefines.

/// Maximum length of a path, in characters.
const PATH_MAX: usize = 256;
/// Placeholders that EventBridge predefines. All others are paths into the event.
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
    /// Literal text.
    Text(&'a str),
    /// A placeholder: its path or name.
    Placeholder(&'a str),
    /// A placeholder that stays a string even if the text consists of it alone.
    TextPlaceholder(&'a str),
}

/// Returns the path in `tostring(PATH)`.
fn as_text(name: &str) -> Option<&str> {
    name.strip_prefix("tostring(")?.strip_suffix(')')
}

/// Splits a text that begins with `<name>` into the name and the rest.
pub fn enclosed(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('<')?.split_once('>')
}

/// Splits a text into its parts, at least one.
///
/// # Errors
/// The problem with a placeholder.
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

/// Returns whether EventBridge would treat `<name>` as a placeholder, or the user likely means one.
fn is_name(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    name.starts_with('$') || name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(is_letter)
}

/// Returns the likely meaning of `<name>` without a path.
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

/// Top-level fields of a finding.
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

/// Splits JSON text that continues with a bare placeholder into the rest and the placeholder.
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

/// Checks a path into the event in EventBridge's syntax: `$`, followed by `.name`, `[0]` and `[*]`.
///
/// # Errors
/// The problem with the path.
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

/// Returns the path after its first step.
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

/// Returns whether the value at a path is always a string, so that requesting it as a string makes no difference.
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

/// Returns whether the value at a path can contain quotes and line breaks.
pub fn is_free_text(path: &str) -> bool {
    const FREE: [&str; 7] =
        ["title", "description", "detail", "commandLineExample", "scriptPath", "userAgent", "additionalInfo"];
    path.rsplit('.').next().is_some_and(|last| FREE.contains(&last))
}
