//! Placeholders within a text: `<$.path>` for a value of the event, `<aws.events...>` for what EventBridge adds.

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
        if !name.starts_with('$') && !name.starts_with("aws.events.") {
            continue;
        }
        placeholder_problem(name)?;
        if start < found {
            pieces.push(Piece::Text(&text[start..found]));
        }
        pieces.push(Piece::Placeholder(name));
        start = text.len() - after.len();
        at = start;
    }
    if start < text.len() || pieces.is_empty() {
        pieces.push(Piece::Text(&text[start..]));
    }
    Ok(pieces)
}

fn placeholder_problem(name: &str) -> Result<(), String> {
    if name.starts_with("aws.") {
        let known = || format!("EventBridge knows no `<{name}>`; it knows `<{}>`.", PREDEFINED.join(">`, `<"));
        return PREDEFINED.contains(&name).then_some(()).ok_or_else(known);
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
