//! Names in which `*` matches any characters.
//!
//! It does not know what is named, and has no escape, because no name contains a star.

/// Returns whether `text` matches `glob`.
pub fn matches(glob: &str, text: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else {
        return glob == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some(place) = text.find(piece) else {
            return false;
        };
        text = &text[place + piece.len()..];
    }
    text.ends_with(last)
}

/// Returns the glob with one star for each run of stars, which means the same.
pub fn normal(glob: &str) -> String {
    let mut normal = String::with_capacity(glob.len());
    for letter in glob.chars() {
        if letter != '*' || !normal.ends_with('*') {
            normal.push(letter);
        }
    }
    normal
}

/// Returns whether `text` contains a star.
pub fn is_glob(text: &str) -> bool {
    text.contains('*')
}

#[cfg(test)]
mod tests {
    use super::{matches, normal};

    #[test]
    fn a_star_stands_for_any_run() {
        assert!(matches("*", "") && matches("*", "x") && matches("a*", "a") && matches("*a", "ba"));
        assert!(matches("a*b*c", "a-b-c") && matches("*:Runtime/*", "Impact:Runtime/X"));
        assert!(!matches("a*b*c", "acb") && !matches("ab*ba", "aba") && !matches("a*", "ba"));
    }

    #[test]
    fn a_run_of_stars_is_one() {
        assert_eq!((normal("a**b***"), normal("*"), normal("ab")), ("a*b*".into(), "*".into(), "ab".into()));
    }

    #[test]
    fn without_a_star_names_are_equal() {
        assert!(matches("a", "a") && !matches("a", "A") && !matches("", "a"));
    }
}
