//! Why calls can't be made at all, in words for a person.
//!
//! An error of this kind arises deep inside the SDK's machinery, in a connection or in a credentials provider, and is
//! found again by whoever explains the failed call. It doesn't know which call that was.

use std::error::Error;
use std::fmt;

use tfplugin::diagnostic::Once;

/// Longest text of an error that is passed on, in characters.
const TEXT_LIMIT: usize = 500;

/// Why no call can be made, and how to mend that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    brief: String,
    reason: String,
    advice: String,
}

impl Cause {
    /// `reason`, and what to do about it.
    pub fn new(reason: impl Into<String>, advice: impl Into<String>) -> Self {
        let reason = reason.into();
        Cause { brief: reason.clone(), reason, advice: advice.into() }
    }

    /// The same with `brief` for its reason where that was told already.
    #[must_use]
    pub fn briefly(self, brief: impl Into<String>) -> Self {
        Cause { brief: brief.into(), ..self }
    }

    /// The cause in `error` or in what brought it about, if there is one.
    pub fn of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        chain(error).find_map(|error| error.downcast_ref())
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// How to mend it.
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// Both, about a call in `place`; told in full once a run, as it keeps every call of its kind from being made.
    pub fn told_at(&self, place: &str) -> Once {
        let Cause { brief, reason, advice } = self;
        Once {
            cause: brief.clone(),
            full: [format!("{place}: {reason}"), advice.clone()].join("\n").trim_end().to_owned(),
            brief: format!("{place}: {brief}. Another of these errors tells what to do."),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for Cause {}

/// `error`, what brought it about, and so on.
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// What `error` and those that brought it about say, from the outside in; what one repeats of another is left out.
pub fn words(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for text in chain(error).map(ToString::to_string) {
        // The SDK shows a request that it can't send with all that is in it.
        let text = if text.contains("SdkBody") { "the request can't be sent".to_owned() } else { text };
        if !words.iter().any(|said| said.contains(&text)) {
            words.push(text);
        }
    }
    words.join(": ").chars().take(TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::error::CredentialsError;

    use super::*;

    #[test]
    fn a_cause_is_found_inside_other_errors() {
        let cause = Cause::new("no credentials", "sign in");
        let wrapped = CredentialsError::provider_error(std::io::Error::other(cause.clone()));
        assert_eq!(Cause::of(&CredentialsError::not_loaded(cause.clone())), Some(&cause));
        assert_eq!(Cause::of(&CredentialsError::not_loaded_no_source()), None);
        assert_eq!(words(&wrapped), "an error occurred while loading credentials: no credentials");
    }
}
