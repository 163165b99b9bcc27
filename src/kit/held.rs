//! An entity as an object that instances hold.

use tfplugin::Result;

use super::{Call, Cx, Entity, Outcome, Remote, subject};
use crate::aws::owners::{KnownBy, Thing};
use crate::aws::{Aws, Mark, Owners, Subject};

/// An entity, as planned or as in the state.
pub struct Held<'a, E>(pub &'a E);

impl<E: Entity> Held<'_, E> {
    /// Returns the context of an operation on the entity.
    pub fn with<'a>(&'a self, aws: &'a Aws, subject: &'a Subject) -> Cx<'a> {
        Cx { aws, region: self.0.part().region(), subject, mark: None }
    }
}

/// Returns the marks in the answer of a read.
pub fn owners(remote: &impl Remote) -> Owners {
    Owners::of(remote.tags().into_iter().flatten(), "")
}

/// Returns whether what was read in place of `entity` was deleted or released in this run and is only read late.
pub fn is_leaving<E: Entity>(cx: &Cx<'_>, entity: &E, remote: &E::Remote) -> bool {
    cx.aws.is_leaving(&Held(entity).key(), &owners(remote))
}

/// Returns what `seen` finds of a call that may have been carried out although it was not confirmed. Returns `None` if
/// `seen` finds nothing for several seconds, because a read may not yet reflect a write just before it.
pub async fn settled<T, F: Future<Output = Option<T>>>(cx: &Cx<'_>, seen: impl Fn() -> F) -> Option<T> {
    cx.aws.expected(|| async { Ok(seen().await) }).await.ok().flatten()
}

/// Returns the answer, or `None` if the object does not exist.
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
        let found = self.0.look(&self.with(aws, &subject)).await;
        Ok(if_found(found, "read", &subject)?.map(|remote| owners(&remote)))
    }

    async fn unmark(&self, aws: &Aws, mark: &Mark) -> Result<()> {
        let common = self.0.part();
        aws.remove_mark(common.region(), common.arn.as_str(), mark).await
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let subject = self.subject();
        let cx = self.with(aws, &subject);
        let deleted = self.0.delete(&cx).await;
        if matches!(&deleted, Err(error) if error.outcome() == Outcome::Unanswered) {
            let is_gone = || async {
                let found = self.0.look(&cx).await;
                matches!(found, Err(error) if error.outcome() == Outcome::Gone).then_some(())
            };
            if settled(&cx, is_gone).await.is_some() {
                return Ok(());
            }
        }
        if_found(deleted, "delete", &subject).map(drop)
    }
}
