//! The text tests of an event pattern that need more than a comparison: ignoring case, and wildcards.
//!
//! Both work on a value as EventBridge holds it: a string with its quotes, or anything else as it is written in JSON.

/// A text that is compared letter by letter, in lower or in upper case.
///
/// EventBridge accepts the lower-case and the upper-case form of each letter of the pattern, and these can differ in
/// length: `ß` accepts `ß` and `SS`. A character outside the Basic Multilingual Plane becomes two question marks, as in
/// the engine of EventBridge, which processes UTF-16 units individually.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AnyCase(Vec<[String; 2]>);

impl AnyCase {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().map(forms).collect())
    }

    pub(super) fn is_whole(&self, value: &str) -> bool {
        self.ends(value).contains(&value.len())
    }

    pub(super) fn is_start(&self, value: &str) -> bool {
        !self.ends(value).is_empty()
    }

    pub(super) fn is_end(&self, value: &str) -> bool {
        let starts = self.0.iter().rev().fold(vec![value.len()], |starts, forms| {
            step(&starts, |start| forms.iter().filter_map(move |form| Some(value[..start].strip_suffix(form)?.len())))
        });
        !starts.is_empty()
    }

    /// Returns the positions in `value` where the text can end if it begins at the beginning of `value`.
    fn ends(&self, value: &str) -> Vec<usize> {
        self.0.iter().fold(vec![0], |ends, forms| {
            step(&ends, |end| {
                forms
                    .iter()
                    .filter(move |form| value[end..].starts_with(form.as_str()))
                    .map(move |form| end + form.len())
            })
        })
    }
}

fn forms(letter: char) -> [String; 2] {
    if letter.len_utf16() == 2 {
        return ["??".to_owned(), "??".to_owned()];
    }
    [letter.to_lowercase().collect(), letter.to_uppercase().collect()]
}

fn step<I: Iterator<Item = usize>>(places: &[usize], next: impl Fn(usize) -> I) -> Vec<usize> {
    let mut places: Vec<usize> = places.iter().flat_map(|place| next(*place)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// A text in which `*` matches any characters: the literal pieces between the stars.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Wildcard(Vec<String>);

impl Wildcard {
    /// Parses `text`, in which `\*` is a star and `\\` a backslash.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = vec!["\"".to_owned()];
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '*' if letters.peek() == Some(&'*') => {
                    return Err(format!("\"{text}\" has two stars side by side: write one"));
                }
                '*' => pieces.push(String::new()),
                '\\' => match letters.next() {
                    Some(escaped @ ('*' | '\\')) => push(&mut pieces, escaped),
                    _ => {
                        return Err(format!(
                            "\"{text}\" has a lone backslash: write \\\\ for a backslash, \\* for a star"
                        ));
                    }
                },
                _ => push(&mut pieces, letter),
            }
        }
        push(&mut pieces, '"');
        Ok(Self(pieces))
    }

    /// Returns the text itself, if it has no star.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [whole] => Some(whole),
            _ => None,
        }
    }

    pub(super) fn matches(&self, value: &str) -> bool {
        let [first, middle @ .., last] = self.0.as_slice() else {
            return self.literal() == Some(value);
        };
        let Some(mut rest) = value.strip_prefix(first.as_str()) else {
            return false;
        };
        for piece in middle {
            let Some(place) = rest.find(piece.as_str()) else {
                return false;
            };
            rest = &rest[place + piece.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

fn push(pieces: &mut [String], letter: char) {
    if let Some(piece) = pieces.last_mut() {
        piece.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::{AnyCase, Wildcard};

    #[test]
    fn each_letter_may_have_either_case() {
        let text = AnyCase::new("stra\u{df}e");
        assert!(text.is_whole("STRASSE") && text.is_whole("stra\u{df}E"));
        assert!(
            !text.is_whole("strasses")
                && text.is_start("STRASSEN")
                && text.is_end("HauptStrasse".to_uppercase().as_str())
        );
    }

    #[test]
    fn letters_beyond_the_basic_plane_are_question_marks() {
        assert!(AnyCase::new("a\u{1f600}").is_whole("A??"));
        assert!(!AnyCase::new("\u{1f600}").is_whole("\u{1f600}"));
    }

    #[test]
    fn stars_stand_for_any_run() {
        let wildcard = Wildcard::parse("a*b*c").unwrap();
        assert!(wildcard.matches("\"abc\"") && wildcard.matches("\"a-b-bc-c\""));
        assert!(!wildcard.matches("\"acb\"") && !wildcard.matches("abc"));
        assert!(Wildcard::parse("*").unwrap().matches("\"\""));
    }

    #[test]
    fn pieces_do_not_overlap() {
        assert!(!Wildcard::parse("ab*ba").unwrap().matches("\"aba\""));
        assert!(Wildcard::parse("ab*ba").unwrap().matches("\"abba\""));
    }

    #[test]
    fn stars_and_backslashes_are_escaped() {
        assert!(Wildcard::parse(r"\**\\").unwrap().matches(r#""*x\""#));
        assert_eq!(Wildcard::parse(r"a\*").unwrap().literal(), Some("\"a*\""));
        assert!(Wildcard::parse("a**").unwrap_err().contains("side by side"));
        assert!(Wildcard::parse(r"a\n").unwrap_err().contains("lone backslash"));
        assert!(Wildcard::parse(r"a\").unwrap_err().contains("lone backslash"));
    }
}
