//! The reason why no calls can be made, in words for users.
//!
//! Such an error occurs deep inside the SDK, in a connection or in a credentials provider, and is found again when the
//! failed call is explained. It does not know which call failed.

use std::error::Error;
use std::fmt;

use tfplugin::diagnostic::Once;

/// Maximum length of an error text that is passed on, in characters.
const TEXT_LIMIT: usize = 500;

/// The reason why no call can be made, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    brief: String,
    reason: String,
    advice: String,
}

impl Cause {
    /// Returns a cause with `reason` and `advice`.
    pub fn new(reason: impl Into<String>, advice: impl Into<String>) -> Self {
        let reason = reason.into();
        Cause { brief: reason.clone(), reason, advice: advice.into() }
    }

    /// Returns the cause with `brief` as its reason after it was reported once.
    #[must_use]
    pub fn briefly(self, brief: impl Into<String>) -> Self {
        Cause { brief: brief.into(), ..self }
    }

    /// Returns the cause in `error` or in its sources, if there is one.
    pub fn of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        chain(error).find_map(|error| error.downcast_ref())
    }

    /// Returns the reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns how to fix it.
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// Returns the reason and the advice for a call at `place`. They are reported in full once per run, because they
    /// affect all calls of the same kind.
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

/// Returns `error` and its sources.
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Returns the texts of `error` and its sources, from the outside in, without repetitions.
pub fn words(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for text in chain(error).map(ToString::to_string) {
        // The SDK includes the whole content of a request that it cannot send.
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
