//! What a person is told: diagnostics, and the [`Failure`] that carries them.
//!
//! A summary says what failed, the detail where and how to mend it; the path shows the line in the configuration.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;

use crate::{Model, Path, Value};

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// It went on.
    Warning,
}

/// One message to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// What failed, in one line.
    pub summary: String,
    /// Where, why, and how to mend it.
    pub detail: String,
    /// The attribute that it is about.
    pub path: Path,
    /// The part of the detail that is told once a run.
    pub once: Option<Once>,
}

/// What many requests of one run have to tell alike: that there are no credentials, or no way to the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// What is at fault, the same text for all of them.
    pub cause: String,
    /// What the detail says of it.
    pub full: String,
    /// What it says instead once `cause` was told.
    pub brief: String,
}

impl Diagnostic {
    /// An error that says `summary`.
    pub fn error(summary: impl Into<String>) -> Self {
        let (summary, detail, path) = (summary.into(), String::new(), Path::root());
        Diagnostic { severity: Severity::Error, summary, detail, path, once: None }
    }

    /// A warning that says `summary`.
    pub fn warning(summary: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(summary) }
    }

    /// The same about the attribute at `path`.
    #[must_use]
    pub fn at(mut self, path: impl Into<Path>) -> Self {
        self.path = path.into();
        self
    }

    /// The same with `line` added to its detail, in a line of its own.
    #[must_use]
    pub fn detail(mut self, line: impl AsRef<str>) -> Self {
        if !self.detail.is_empty() {
            self.detail.push('\n');
        }
        self.detail.push_str(line.as_ref());
        self
    }

    /// The same with a part added to its detail that is told in full by the first request of a run only: the CLI wants
    /// an error of each resource, but a person reads the same text once. A run begins when the provider is configured.
    #[must_use]
    pub fn detail_once(self, once: Once) -> Self {
        let told = self.detail(&once.full);
        Diagnostic { once: Some(once), ..told }
    }

    /// The same where its cause was told already.
    pub(crate) fn again(mut self) -> Self {
        if let Some(Once { full, brief, .. }) = self.once.take() {
            self.detail = self.detail.replacen(&full, &brief, 1);
        }
        self
    }
}

/// Why an operation failed, and what it had reached by then.
///
/// `?` makes one of any error: its words are the summary, and those of its causes the detail. That says nothing of what
/// could not be done; where the error doesn't either, give it a summary with [`because`](Failure::because). As with
/// `anyhow::Error`, that is why a failure itself does not implement [`Error`].
///
/// ```
/// use tfplugin::{Failure, Result};
///
/// fn port(text: &str) -> Result<u16> {
///     Ok(text.trim().parse()?)
/// }
///
/// fn port_in(path: &str) -> Result<u16> {
///     let text = std::fs::read_to_string(path)
///         .map_err(|error| Failure::new(format!("cannot read {path}")).because(&error))?;
///     port(&text)
/// }
/// # assert_eq!(port("x").unwrap_err().to_string(), "invalid digit found in string\n");
/// # assert!(port_in("/nowhere").unwrap_err().to_string().starts_with("cannot read /nowhere\n  No such file"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    diagnostics: Vec<Diagnostic>,
    reached: Option<Value>,
}

/// What every operation of a provider returns.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure that says `summary`.
    pub fn new(summary: impl Into<String>) -> Self {
        Diagnostic::error(summary).into()
    }

    /// A failure about the attribute at `path`, mostly a [`Key`](crate::Key).
    pub fn at(path: impl Into<Path>, summary: impl Into<String>) -> Self {
        Diagnostic::error(summary).at(path).into()
    }

    /// The same with `line` added to its first diagnostic's detail.
    #[must_use]
    pub fn detail(mut self, line: impl AsRef<str>) -> Self {
        if let Some(first) = self.0.diagnostics.first_mut() {
            *first = first.clone().detail(line);
        }
        self
    }

    /// The same with what `error` and its causes say added to its first diagnostic's detail, from the outside in.
    #[must_use]
    pub fn because<E: Error + ?Sized>(self, error: &E) -> Self {
        let causes = causes(error);
        let text = error.to_string();
        self.detail(std::iter::once(text).chain(causes).collect::<Vec<_>>().join(": "))
    }

    /// The same with a part added to its first diagnostic's detail that is told in full once a run; see
    /// [`Diagnostic::detail_once`].
    #[must_use]
    pub fn detail_once(mut self, once: Once) -> Self {
        if let Some(first) = self.0.diagnostics.first_mut() {
            *first = first.clone().detail_once(once);
        }
        self
    }

    /// The same about the attribute at `path`, where its first diagnostic names none.
    #[must_use]
    pub fn pointing_to(mut self, path: impl Into<Path>) -> Self {
        if let Some(first) = self.0.diagnostics.first_mut().filter(|first| first.path.steps().is_empty()) {
            first.path = path.into();
        }
        self
    }

    /// The same, with the state that the resource has all the same: it is saved, so that nothing that was created is lost.
    /// What was not set in it is null. See [`created`](crate::created()) for all failures from some point on.
    #[must_use]
    pub fn reached<M: Model>(self, state: &M) -> Self {
        self.with_value(state.to_object())
    }

    pub(crate) fn with_value(mut self, state: Value) -> Self {
        self.0.reached = Some(state.or_null());
        self
    }

    /// Whether it says what there is by now.
    pub fn has_reached(&self) -> bool {
        self.0.reached.as_ref().is_some_and(|state| !state.is_null())
    }

    /// Adds the diagnostics of `other`; the state that `self` reached stays, else that of `other`.
    #[must_use]
    pub fn and(mut self, other: Failure) -> Self {
        self.0.diagnostics.extend(other.0.diagnostics);
        self.0.reached = self.0.reached.or(other.0.reached);
        self
    }

    /// All failures in one; `Ok` where there is none.
    ///
    /// # Errors
    /// The failures, if there are any.
    pub fn all<F: Into<Failure>>(failures: impl IntoIterator<Item = F>) -> Result<()> {
        failures.into_iter().map(F::into).reduce(Failure::and).map_or(Ok(()), Err)
    }

    /// The same without the state that it reached, and that state.
    pub(crate) fn without_reached(mut self) -> (Self, Option<Value>) {
        let reached = self.0.reached.take();
        (self, reached)
    }

    pub(crate) fn map(mut self, change: impl FnMut(Diagnostic) -> Diagnostic) -> Self {
        self.0.diagnostics = self.0.diagnostics.into_iter().map(change).collect();
        self
    }

    /// What is told.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.diagnostics
    }

    /// Splits it into what is told and the state reached.
    pub fn into_parts(self) -> (Vec<Diagnostic>, Option<Value>) {
        (self.0.diagnostics, self.0.reached)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure(Box::new(Inner { diagnostics: vec![diagnostic], reached: None }))
    }
}

// No error is a failure itself: `Failure` does not implement `Error`.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let text = error.to_string();
        let (summary, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let causes = causes(&error).join(": ");
        let details = [rest.to_owned(), causes].into_iter().filter(|detail| !detail.is_empty());
        details.fold(Failure::new(summary), Failure::detail)
    }
}

/// What brought `error` about, from the outside in. Words that an error repeats of its cause are left out.
fn causes<E: Error + ?Sized>(error: &E) -> Vec<String> {
    let mut said = vec![error.to_string()];
    for cause in std::iter::successors(error.source(), |&cause| cause.source()) {
        let text = cause.to_string();
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
    }
    said.split_off(1)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.0.diagnostics {
            write!(f, "{}", diagnostic.summary)?;
            if !diagnostic.path.steps().is_empty() {
                write!(f, " (at {})", diagnostic.path)?;
            }
            if !diagnostic.detail.is_empty() {
                write!(f, "\n  {}", diagnostic.detail.replace('\n', "\n  "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

tokio::task_local! {
    static WARNINGS: RefCell<Vec<Diagnostic>>;
}

/// Tells the person `warning` with the answer to the request that is being served; the operation goes on.
///
/// Outside a request it is only logged.
pub fn warn(warning: Diagnostic) {
    let warning = Diagnostic { severity: Severity::Warning, ..warning };
    tracing::warn!(summary = %warning.summary, "warning");
    // Outside a request there is nobody to tell but the log.
    let _ = WARNINGS.try_with(|warnings| {
        let mut warnings = warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    });
}

/// Runs `operation` and returns its result with the warnings given meanwhile.
pub(crate) async fn collect_warnings<T>(operation: impl Future<Output = T>) -> (T, Vec<Diagnostic>) {
    WARNINGS
        .scope(RefCell::default(), async {
            let result = operation.await;
            (result, WARNINGS.with(RefCell::take))
        })
        .await
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// What could not be done, and why.
    #[derive(Debug)]
    struct Outer(io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the house is dark\nand cold")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    fn dark() -> Outer {
        Outer(io::Error::other(io::Error::other("no power")))
    }

    #[test]
    fn any_error_becomes_a_failure_with_all_that_brought_it_about() {
        fn lit() -> Result<()> {
            Err(dark())?
        }
        fn read() -> Result<u8> {
            lit()?;
            Ok(1)
        }
        assert_eq!(read().unwrap_err().to_string(), "the house is dark\n  and cold\n  no power\n");
        let json = serde_json::from_str::<u8>("x").map_err(Failure::from).unwrap_err();
        assert_eq!(json.to_string(), "expected value at line 1 column 1\n");
    }

    #[test]
    fn a_failure_with_a_summary_of_its_own_says_why() {
        let failure = Failure::new("cannot read").because(&dark()).detail("Light a candle.");
        assert_eq!(failure.to_string(), "cannot read\n  the house is dark\n  and cold: no power\n  Light a candle.\n");
        let dynamic: &dyn Error = &dark();
        assert_eq!(Failure::new("cannot read").because(dynamic).diagnostics().len(), 1);
    }

    #[test]
    fn faults_are_one_failure_and_none_is_a_success() {
        let faults = ["a", "b"].map(Diagnostic::error);
        assert_eq!(Failure::all(faults).unwrap_err().to_string(), "a\nb\n");
        assert_eq!(Failure::all(Vec::<Diagnostic>::new()), Ok(()));
    }
}
