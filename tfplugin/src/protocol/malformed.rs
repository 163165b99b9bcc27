//! A message's value that is none of the type that the schema says.

use std::fmt;

use crate::{Failure, Path, Step};

/// What is wrong with a value, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    problem: String,
    /// From the inside out.
    steps: Vec<Step>,
}

impl Malformed {
    pub(crate) fn new(problem: impl fmt::Display) -> Self {
        Malformed { problem: problem.to_string(), steps: Vec::new() }
    }

    /// The same, seen from one step further out.
    pub(crate) fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// `text`, for this reason.
    pub(crate) fn failure(self, text: &str) -> Failure {
        let path = self.steps.iter().rev().fold(Path::root(), |path, step| path.then(step.clone()));
        Failure::new(text).detail(self.to_string()).pointing_to(path)
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed value: {}", self.problem)
    }
}
