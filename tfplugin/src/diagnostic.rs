//! What a person is told: diagnostics, and the [`Failure`] that carries them.
//!
//! A summary says what failed, the detail where and how to mend it; the path shows the line in the configuration.

use std::cell::RefCell;
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
    pub fn all(failures: impl IntoIterator<Item = Failure>) -> Result<()> {
        failures.into_iter().reduce(Failure::and).map_or(Ok(()), Err)
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
        vec![diagnostic].into()
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Failure(Box::new(Inner { diagnostics, reached: None }))
    }
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

impl std::error::Error for Failure {}

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
