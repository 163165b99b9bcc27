//! An entity as a thing that instances hold.

use tfplugin::Result;

use super::{Call, Cx, Entity, Outcome, Remote, subject};
use crate::aws::owners::{KnownBy, Thing};
use crate::aws::{Aws, Mark, Owners, Subject};

/// An entity, planned or in a state.
pub struct Held<'a, E>(pub &'a E);

impl<E: Entity> Held<'_, E> {
    /// What an operation on it makes calls with.
    pub fn with<'a>(&'a self, aws: &'a Aws, subject: &'a Subject, mark: Option<&'a Mark>) -> Cx<'a> {
        Cx { aws, region: self.0.part().region(), subject, mark }
    }
}

/// The marks on what a read answered.
pub fn owners(remote: &impl Remote) -> Owners {
    Owners::of(remote.tags().into_iter().flatten(), "")
}

/// The answer; `None` if there is no such thing.
pub fn if_found<T>(answer: Call<T>, verb: &str, subject: &Subject) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.outcome() == Outcome::Gone => Ok(None),
        Err(error) => Err(error.failure(verb, subject)),
    }
}

impl<E: Entity> Thing for Held<'_, E> {
    const KNOWN_BY: KnownBy = E::KNOWN_BY;

    fn subject(&self) -> Subject {
        subject(self.0)
    }

    fn key(&self) -> String {
        format!("{}/{}/{}", self.0.part().region(), E::TYPE_NAME, self.0.known_as())
    }

    async fn owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let subject = self.subject();
        let found = self.0.get(&self.with(aws, &subject, None)).await;
        Ok(if_found(found, "read", &subject)?.map(|remote| owners(&remote)))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        let common = self.0.part();
        aws.remove_mark(common.region(), common.arn.as_str(), mark).await
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let subject = self.subject();
        let deleted = self.0.delete(&self.with(aws, &subject, None)).await;
        if_found(deleted, "delete", &subject).map(drop)
    }
}
