//! Parts of a resource that are identified by a name, such as rules and roles, and their owners, although tags are read
//! late.
//!
//! A part with this name but without the mark of an instance may belong to something else, so it is neither changed nor
//! deleted. It knows neither what a part is nor how it is tagged.

use tfplugin::{Diagnostic, Failure, Result};

use super::owners::{Hold, Mark, Owners, Standing, stripped};
use super::{Aws, Subject};

/// Returns the key of the part for the instance with this mark. The changes of other instances do not affect its hold.
fn key_of(key: &str, mark: &Mark) -> String {
    format!("{key}/{}", mark.as_str())
}

impl Aws {
    /// Records that `mark` was put on the part with this key.
    pub fn note_part(&self, key: &str, mark: &Mark) {
        self.note_marked(&key_of(key, mark), mark);
    }

    /// Returns the marks `read` of the part with this key, with those of `hold` that were put on it in this run.
    pub fn settled_part(&self, key: &str, hold: &Hold, read: Owners) -> Owners {
        hold.marks().iter().fold(read, |read, mark| self.settled_owners(&key_of(key, mark), read))
    }

    /// Returns the marks on the part with this key, as read by `read`, or `None` if it does not exist. While it has no
    /// mark and one of `hold` is expected, they are read again for a few seconds.
    ///
    /// # Errors
    /// The error of `read`.
    pub async fn part_owners<F>(&self, key: &str, hold: &Hold, read: impl Fn() -> F) -> Result<Option<Owners>>
    where
        F: Future<Output = Result<Option<Owners>>>,
    {
        let settled = || async { Ok(read().await?.map(|found| self.settled_part(key, hold, found))) };
        let is_ours =
            |found: &Option<Owners>| found.as_ref().is_none_or(|found| found.standing_of(hold) != Standing::Stripped);
        self.reread(settled, is_ours).await
    }

    /// Returns whether the part that an instance of the resource with this `key` has just created with `mark` belongs to
    /// another instance that was faster. While there are no marks other than those of instances that released the
    /// resource in this run, `read` is called again for a few seconds.
    ///
    /// # Errors
    /// The error of `read`.
    pub async fn has_rival<F>(&self, key: &str, mark: &Mark, read: impl Fn() -> F) -> Result<bool>
    where
        F: Future<Output = Result<Option<Owners>>>,
    {
        let others = || async { Ok(self.without_leaving(key, read().await?.unwrap_or_default())) };
        let found = self.reread(others, |found| !found.is_empty()).await?;
        Ok(found.standing(Some(mark)) == Standing::Theirs)
    }
}

/// Checks that an instance with this hold may change a part with these marks.
///
/// # Errors
/// Other instances hold it, or may have created it.
pub fn may_change_part(part: &Subject, found: &Owners, hold: &Hold) -> Result<()> {
    match found.standing_of(hold) {
        Standing::Sole | Standing::Shared | Standing::Unmarked => Ok(()),
        Standing::Stripped => Err(stripped(part, "update", hold.marks())),
        Standing::Theirs => Err(theirs(part)),
    }
}

/// Returns whether an instance with this hold may delete a part with these marks. A part that is kept causes a warning.
pub fn may_delete_part(part: &Subject, found: &Owners, hold: &Hold) -> bool {
    let why = match found.standing_of(hold) {
        Standing::Sole | Standing::Shared | Standing::Unmarked => return true,
        Standing::Theirs => "Another instance manages it by now.".to_owned(),
        Standing::Stripped => {
            let tag = hold.mark().map(|mark| mark.key("")).unwrap_or_default();
            format!(
                "It does not have the tag {tag:?}, by which this instance knows what it created, so another tool may have \
                 created it. If it is not needed, delete it yourself."
            )
        }
    };
    tfplugin::warn(Diagnostic::warning(format!("{part} was not deleted")).detail(why));
    false
}

/// Returns the failure to create a part in place of one that does not belong to this instance.
pub fn strange_part(part: &Subject, hold: &Hold) -> Failure {
    let tag = hold.mark().map(|mark| mark.key("")).unwrap_or_default();
    part.failure("create", "it already exists, and does not have the tag by which this instance knows what it created")
        .detail("Another tool may have created it.")
        .detail(format!("If it is this instance's, put the tag {tag:?} back on it. Otherwise delete it yourself."))
}

/// Returns the failure for a part that something else created concurrently.
pub fn rival(part: &Subject) -> Failure {
    part.failure("create", "another instance created it at the same time")
        .detail("Declare it in one place only. Where the other one is declared, apply again.")
}

fn theirs(part: &Subject) -> Failure {
    part.failure("update", "another instance manages it by now")
        .detail("Remove one of the two from the configuration, or give them different names.")
}
