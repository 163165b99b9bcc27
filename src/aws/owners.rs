//! Ownership of AWS objects: each instance of a resource puts a mark of its own on what it creates or adopts.
//!
//! A mark is a tag whose key is unique to the instance, so that two instances never overwrite each other's mark. An
//! object is deleted only by an instance whose mark it has, and only if it has no other mark.
//!
//! Several instances can hold an object as long as they agree on it. With `create_before_destroy` and with a renamed
//! instance, a create finds the object that its predecessor still holds, and the protocol does not distinguish this
//! from a second owner: the CLIs pass a create neither the state that it replaces nor the findings of its plan. So an
//! instance that finds an object exactly as planned joins its owners, and an instance that wants it to be different is
//! refused.
//!
//! It knows neither what an object is nor how it is tagged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use tfplugin::model::Data;
use tfplugin::schema::Shape;
use tfplugin::{Computed, Diagnostic, Failure, Path, Result, Type, Value, warn};

use super::{Aws, Subject};

/// Prefix of the tag keys of marks.
pub const PREFIX: &str = "guardduty:owner/";

/// Note in the mark of an instance whose create failed partway.
pub const UNFINISHED: &str = "unfinished";

/// The mark that identifies an instance of a resource on what it holds: sixteen random hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(String);

impl Mark {
    /// Returns a new mark.
    pub fn new() -> Self {
        let (digits, _) = uuid::Uuid::new_v4().as_u64_pair();
        Mark(format!("{digits:016x}"))
    }

    /// Returns the mark written as `text`.
    pub fn read(text: &str) -> Self {
        Mark(text.to_owned())
    }

    /// Returns the mark as text, as in object metadata.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key of its tag, on an object as a whole (an empty `aspect`) or on one `aspect` of it.
    pub fn key(&self, aspect: &str) -> String {
        if aspect.is_empty() { format!("{PREFIX}{}", self.0) } else { format!("{PREFIX}{aspect}/{}", self.0) }
    }
}

impl Default for Mark {
    fn default() -> Self {
        Mark::new()
    }
}

/// What an instance of a resource knows about its hold on an object.
///
/// It is an attribute and not a private value, because the CLIs do not pass private values to the deletion of a tainted
/// resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hold {
    /// Its own mark, or all marks that an import found.
    marks: Vec<Mark>,
    is_shared: bool,
    is_adopted: bool,
}

/// Suffix of the marks while other instances hold the object too.
const SHARED: &str = "shared";
/// Suffix of marks that an import found. The next change replaces them with a mark of the instance's own.
const ADOPTED: &str = "adopted";

impl Hold {
    /// Returns the hold of an instance that holds an object by `mark`, as far as it knows alone.
    pub fn by(mark: Mark) -> Self {
        Hold { marks: vec![mark], ..Hold::default() }
    }

    /// Returns the hold of an instance that shares an object.
    pub fn with_others(mark: Mark) -> Self {
        Hold { is_shared: true, ..Hold::by(mark) }
    }

    /// Returns the mark, or `None` for an object that was imported or moved from another provider and had none.
    pub fn mark(&self) -> Option<&Mark> {
        self.marks.first()
    }

    /// Returns all marks by which the instance holds the object. There are several only after an import.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Returns the hold in the `owner` of a state.
    pub fn of_state(owner: &Value) -> Self {
        Hold::from_value(owner, &Path::root()).unwrap_or_default()
    }

    /// Returns whether it has a mark of its own.
    pub fn is_own(&self) -> bool {
        !self.marks.is_empty() && !self.is_adopted
    }

    /// Returns the hold as an attribute: null for an instance without marks that knows of no other.
    pub fn kept(self) -> Computed<Self> {
        if self == Hold::default() { Computed::null() } else { self.into() }
    }

    /// Returns the hold after the marks `found` were read, with a warning about others that hold `subject`. An import
    /// takes over all marks that it finds.
    #[must_use]
    pub fn seen(mut self, found: &Owners, subject: &Subject, is_import: bool) -> Self {
        if is_import && self.marks.is_empty() {
            self.marks = found.marks().cloned().collect();
            self.is_adopted = !self.marks.is_empty();
        }
        let standing = found.standing_of(&self);
        match standing {
            Standing::Shared if !is_import => warn(shared(subject, "")),
            Standing::Theirs if !is_import => warn(lost(subject)),
            _ => {}
        }
        Hold { is_shared: matches!(standing, Standing::Shared | Standing::Theirs), ..self }
    }
}

impl Data for Hold {
    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn from_value(value: &Value, _: &Path) -> Result<Self> {
        let mut hold = Hold::default();
        for word in value.as_str().unwrap_or_default().split_whitespace() {
            match word {
                SHARED => hold.is_shared = true,
                ADOPTED => hold.is_adopted = true,
                mark => hold.marks.push(Mark::read(mark)),
            }
        }
        Ok(hold)
    }

    fn to_value(&self) -> Value {
        let words = self.marks.iter().map(Mark::as_str);
        let words = words.chain(self.is_shared.then_some(SHARED)).chain(self.is_adopted.then_some(ADOPTED));
        words.collect::<Vec<_>>().join(" ").into()
    }
}

/// Returns the mark of an instance with this hold.
pub fn mark_of(hold: &Computed<Hold>) -> Option<&Mark> {
    hold.get().and_then(Hold::mark)
}

/// The marks on an object, with the note of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners(BTreeMap<Mark, String>);

/// What an instance may do with an existing object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Only this instance holds it.
    Sole,
    /// Other instances hold it too.
    Shared,
    /// Other instances hold it, and this one does not.
    Theirs,
    /// No instance holds it, and this one never had a mark, because it was imported or moved from another provider.
    Unmarked,
    /// No instance holds it, and this one had a mark: the tag was removed, or another object has this name by now.
    Stripped,
}

/// Whether an object that an instance may change has its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marking {
    /// It has the mark.
    Stands,
    /// The mark must be put on it: the instance has none of its own yet, the mark was removed, or it notes that the
    /// create failed partway.
    Due,
}

impl Owners {
    /// Returns the marks in `tags`, of an object as a whole or of one `aspect` of it.
    pub fn of<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>, aspect: &str) -> Self {
        let mark = |key: &str| {
            let rest = key.strip_prefix(PREFIX)?;
            let rest = if aspect.is_empty() { rest } else { rest.strip_prefix(aspect)?.strip_prefix('/')? };
            (!rest.is_empty() && !rest.contains('/')).then(|| Mark(rest.to_owned()))
        };
        Owners(tags.into_iter().filter_map(|(key, note)| Some((mark(key)?, note.clone()))).collect())
    }

    /// Returns the marks with another one.
    #[must_use]
    pub fn with(mut self, mark: &Mark) -> Self {
        self.0.insert(mark.clone(), String::new());
        self
    }

    /// Removes a mark.
    pub fn forget(&mut self, mark: &Mark) {
        self.0.remove(mark);
    }

    /// Returns whether there are no marks.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what an instance with the mark `own` may do.
    pub fn standing(&self, own: Option<&Mark>) -> Standing {
        self.standing_by(own.map_or(&[], std::slice::from_ref))
    }

    /// Returns what an instance with this hold may do.
    pub fn standing_of(&self, hold: &Hold) -> Standing {
        self.standing_by(&hold.marks)
    }

    fn standing_by(&self, own: &[Mark]) -> Standing {
        let ours = own.iter().filter(|own| self.0.contains_key(own)).count();
        match (ours > 0, self.0.len() - ours) {
            (true, 0) => Standing::Sole,
            (true, _) => Standing::Shared,
            (false, 0) if own.is_empty() => Standing::Unmarked,
            (false, 0) => Standing::Stripped,
            (false, _) => Standing::Theirs,
        }
    }

    /// Returns whether another instance than `own` may be creating or changing it: it holds it, and its create did not fail.
    pub fn may_change(&self, own: &Mark) -> bool {
        self.standing(Some(own)) == Standing::Theirs && !self.is_unfinished()
    }

    /// Returns all marks.
    pub fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.0.keys()
    }

    /// Returns the marks of both.
    #[must_use]
    pub fn or(mut self, other: Owners) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns the marks that `other` has too.
    #[must_use]
    pub fn in_common(mut self, other: &Owners) -> Self {
        self.0.retain(|mark, _| other.0.contains_key(mark));
        self
    }

    /// Returns whether both have a mark in common.
    pub fn meets(&self, other: &Owners) -> bool {
        self.0.keys().any(|mark| other.0.contains_key(mark))
    }

    /// Returns whether the object was left by a create that failed partway, and no other instance holds it.
    pub fn is_unfinished(&self) -> bool {
        !self.0.is_empty() && self.0.values().all(|note| note.split(' ').any(|word| word == UNFINISHED))
    }

    /// Returns the notes of the marks other than `own`.
    pub fn notes_of_others(&self, own: Option<&Mark>) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(mark, _)| Some(*mark) != own).map(|(_, note)| note.as_str())
    }
}

/// What was marked and unmarked in this run, by object, because reads may reflect changes of tags late.
#[derive(Default)]
struct Recent(Mutex<HashMap<String, Changes>>);

#[derive(Default)]
struct Changes {
    set: BTreeSet<Mark>,
    removed: BTreeSet<Mark>,
}

/// How an object is distinguished from others of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// By an ID that AWS assigns only once.
    Id,
    /// By a name that another object can get once it is free.
    Name,
}

/// An object that instances hold by their marks.
pub trait Thing: Sync {
    /// How it is distinguished from others.
    const KNOWN_BY: KnownBy;

    /// Returns the object as the subject of messages.
    fn subject(&self) -> Subject;

    /// Returns the key of the object in a run, such as its ARN.
    fn key(&self) -> String;

    /// Returns the marks on the object, or `None` if it does not exist.
    fn owners(&self, aws: &Aws) -> impl Future<Output = Result<Option<Owners>>> + Send;

    /// Removes a mark from the object.
    fn unmark(&self, aws: &Aws, mark: &Mark) -> impl Future<Output = Result<()>> + Send;

    /// Deletes the object, or reverts what was done to it. An object that does not exist is not an error.
    fn delete(&self, aws: &Aws) -> impl Future<Output = Result<()>> + Send;
}

/// What a create does about an existing object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Nothing more: this create made it, and its answer was lost.
    Created,
    /// It adds its mark to the existing ones.
    Joined,
    /// It adds its mark to the existing ones, and completes what a create that failed partway left.
    Resumed,
}

impl Aws {
    /// Waits for the turn to create, change or release the object with this key.
    pub async fn owners_turn(&self, key: &str) -> tokio::sync::OwnedMutexGuard<()> {
        self.shared::<super::clients::Locks>().turn(key).await
    }

    /// Records that `mark` was put on the object with this key.
    pub fn note_marked(&self, key: &str, mark: &Mark) {
        self.change_recent(key, |recent| {
            recent.removed.remove(mark);
            recent.set.insert(mark.clone());
        });
    }

    /// Returns whether the object with this key, on which these marks were read, was deleted or released by all of its
    /// owners in this run: it can still be read, but does not exist any more.
    pub fn is_leaving(&self, key: &str, read: &Owners) -> bool {
        !read.is_empty() && self.settled_owners(key, read.clone()).is_empty()
    }

    /// `read` without the marks of those who have let go of the thing with this key in this run.
    pub fn without_leaving(&self, key: &str, mut read: Owners) -> Owners {
        let recent = self.shared::<Recent>();
        let things = recent.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changes) = things.get(key) {
            read.0.retain(|mark, _| !changes.removed.contains(mark));
        }
        read
    }

    fn note_unmarked(&self, key: &str, mark: &Mark) {
        self.change_recent(key, |recent| {
            recent.set.remove(mark);
            recent.removed.insert(mark.clone());
        });
    }

    fn change_recent(&self, key: &str, change: impl FnOnce(&mut Changes)) {
        let recent = self.shared::<Recent>();
        // A poisoned lock still holds complete marks.
        let mut things = recent.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(things.entry(key.to_owned()).or_default());
    }

    /// Returns `read` with the changes of this run since.
    pub fn settled_owners(&self, key: &str, mut read: Owners) -> Owners {
        let recent = self.shared::<Recent>();
        let things = recent.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changes) = things.get(key) {
            read.0.retain(|mark, _| !changes.removed.contains(mark));
            for mark in &changes.set {
                read.0.entry(mark.clone()).or_default();
            }
        }
        read
    }

    /// Checks whether an instance with the new mark `own` may hold an object that exists where it was to create one.
    /// After it has put its mark on the object, it must call [`Aws::note_marked`]. `differences` are the attributes
    /// that are not as planned, and `advice` is how to import the object.
    ///
    /// # Errors
    /// The object was created by something else, or other instances want it to be different.
    pub fn admit(
        &self,
        subject: &Subject,
        found: &Owners,
        own: &Mark,
        differences: &[&str],
        advice: impl FnOnce() -> String,
    ) -> Result<Admission> {
        match found.standing(Some(own)) {
            Standing::Sole | Standing::Shared => Ok(Admission::Created),
            Standing::Unmarked | Standing::Stripped => {
                let reason = "it already exists, and no instance of this resource manages it";
                Err(subject.failure("create", reason).detail(advice()))
            }
            Standing::Theirs if differences.is_empty() => {
                warn(shared(subject, "It already existed, exactly as configured here."));
                Ok(Admission::Joined)
            }
            Standing::Theirs if found.is_unfinished() => Ok(Admission::Resumed),
            Standing::Theirs => Err(other_than_planned(subject, "create", differences).detail(advice())),
        }
    }

    /// Checks that an instance with this hold may change an object, and returns whether it must put its mark on it too.
    ///
    /// # Errors
    /// Other instances hold it or may have created it, or its marks cannot be read.
    pub async fn may_change<T: Thing>(&self, thing: &T, hold: &Computed<Hold>) -> Result<Marking> {
        let hold = hold.get().cloned().unwrap_or_default();
        let own = if hold.is_own() { Marking::Stands } else { Marking::Due };
        let Some(found) = Box::pin(thing.owners(self)).await? else { return Ok(own) };
        let found = self.settled_owners(&thing.key(), found);
        match found.standing_of(&hold) {
            Standing::Sole if found.is_unfinished() => Ok(Marking::Due),
            Standing::Sole => Ok(own),
            Standing::Unmarked => Ok(Marking::Due),
            Standing::Stripped if T::KNOWN_BY == KnownBy::Id => Ok(Marking::Due),
            Standing::Stripped => Err(stripped(&thing.subject(), "update", hold.marks())),
            Standing::Shared => Err(thing
                .subject()
                .failure("update", "another instance of this resource manages it too")
                .detail("Both must agree on it: remove one of them, apply, and then change the other.")
                .detail(ALONE)),
            Standing::Theirs => Err(thing
                .subject()
                .failure("update", "another instance of this resource manages it by now")
                .detail("Remove this one from the configuration: what the other manages stays as it is.")
                .detail(ALONE)),
        }
    }

    /// Releases the hold of an instance, and deletes the object if no other instance holds it.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn let_go<T: Thing>(&self, thing: &T, hold: &Computed<Hold>) -> Result<()> {
        // Boxed, because together they would be too large for a thread's stack.
        let (key, hold) = (thing.key(), hold.get().cloned().unwrap_or_default());
        let _turn = self.owners_turn(&key).await;
        let Some(found) = Box::pin(thing.owners(self)).await? else { return Ok(()) };
        match self.settled_owners(&key, found).standing_of(&hold) {
            Standing::Sole | Standing::Unmarked => self.delete(thing, &hold).await,
            Standing::Stripped if T::KNOWN_BY == KnownBy::Id => self.delete(thing, &hold).await,
            Standing::Shared => {
                for own in hold.marks() {
                    Box::pin(thing.unmark(self, own)).await?;
                    self.note_unmarked(&key, own);
                }
                tracing::info!(thing = %thing.subject(), "left, since another instance holds it");
                // An instance that releases it concurrently sees this mark and keeps it too.
                let left = Box::pin(thing.owners(self)).await?.map(|left| self.settled_owners(&key, left));
                if left.is_some_and(|left| left.is_empty()) { self.delete(thing, &hold).await } else { Ok(()) }
            }
            standing => {
                let why = match standing {
                    Standing::Theirs => "Another instance of this resource manages it by now.",
                    _ => {
                        "It no longer has the tag by which this instance knows what it created, so another tool may \
                          have created it. If it is not needed, delete it yourself."
                    }
                };
                warn(Diagnostic::warning(format!("{} was not deleted", thing.subject())).detail(why));
                Ok(())
            }
        }
    }

    async fn delete(&self, thing: &impl Thing, hold: &Hold) -> Result<()> {
        Box::pin(thing.delete(self)).await?;
        // It may still be read for a while.
        let key = thing.key();
        hold.marks().iter().for_each(|mark| self.note_unmarked(&key, mark));
        Ok(())
    }
}

/// Advice on how an instance becomes the only owner of an object that it shares with one that no longer exists.
const ALONE: &str = "If the other instance is gone for good, with its state, run `state rm` on this one and import it: an \
                     import takes over what it finds.";

/// Returns the failure for changing an object that no longer has the marks of the instance.
pub fn stripped(subject: &Subject, verb: &str, marks: &[Mark]) -> Failure {
    let tag = marks.first().map(|mark| mark.key("")).unwrap_or_default();
    subject
        .failure(verb, "it no longer has the tag by which this instance knows what it created")
        .detail("Another tool may have deleted it and created another of this name.")
        .detail(format!(
            "If it is still this one, put the tag {tag:?} back. Otherwise import it, or delete it yourself."
        ))
}

/// Returns the warning that other instances hold an object instead.
fn lost(subject: &Subject) -> Diagnostic {
    Diagnostic::warning(format!("another instance of this resource manages {subject} by now")).detail(
        "It was created again, or taken over, since this instance last changed it. Remove this one from the \
         configuration: what the other manages stays as it is.",
    )
}

/// Returns the warning that other instances hold an object too.
pub fn shared(subject: &Subject, how: &str) -> Diagnostic {
    let how = if how.is_empty() { String::new() } else { format!("{how} ") };
    Diagnostic::warning(format!("another instance of this resource also manages {subject}")).detail(format!(
        "{how}If it is replaced or renamed in this run, nothing needs to be done. Otherwise remove one of the two: as \
         long as both manage it neither can change it, and it is deleted when the last of them is destroyed."
    ))
    .detail(ALONE)
}

/// Returns the failure for an object that another instance wants to be different.
pub fn other_than_planned(subject: &Subject, verb: &str, differences: &[&str]) -> Failure {
    let what = differences.join(", ");
    let apart = "If it is replaced with `create_before_destroy`, apply the change and the replacement separately.";
    subject
        .failure(verb, format!("it already exists, another instance of this resource manages it, and it differs in {what}"))
        .detail(
            "Declare it in one place only. To rename an instance, use a `moved` block. If the other instance is gone for \
             good, with its state, import what it left.",
        )
        .detail(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(marks: &[(&str, &str)]) -> Owners {
        Owners(marks.iter().map(|(mark, note)| (Mark((*mark).to_owned()), (*note).to_owned())).collect())
    }

    #[test]
    fn marks_are_told_from_other_tags() {
        let tags: HashMap<String, String> = [
            ("team", "security"),
            ("guardduty:owner/aa", ""),
            ("guardduty:owner/", ""),
            ("guardduty:owner/S3_DATA_EVENTS/bb", "S3_DATA_EVENTS=DISABLED"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        assert_eq!(Owners::of(&tags, ""), owners(&[("aa", "")]));
        assert_eq!(Owners::of(&tags, "S3_DATA_EVENTS"), owners(&[("bb", "S3_DATA_EVENTS=DISABLED")]));
        assert_eq!(Owners::of(&tags, "S3"), owners(&[]));
        let mark = Mark("aa".to_owned());
        assert_eq!((mark.key(""), mark.key("x")), ("guardduty:owner/aa".into(), "guardduty:owner/x/aa".into()));
    }

    #[test]
    fn what_an_instance_may_do_depends_on_the_marks() {
        let own = Mark("aa".to_owned());
        for (marks, has_own, expected) in [
            (&[("aa", "")][..], true, Standing::Sole),
            (&[("aa", ""), ("bb", "")], true, Standing::Shared),
            (&[("bb", "")], true, Standing::Theirs),
            (&[("bb", "")], false, Standing::Theirs),
            (&[], true, Standing::Stripped),
            (&[], false, Standing::Unmarked),
        ] {
            assert_eq!(owners(marks).standing(has_own.then_some(&own)), expected, "{marks:?}");
        }
        let both = Hold { marks: vec![own, Mark("bb".to_owned())], is_adopted: true, ..Hold::default() };
        assert_eq!(owners(&[("aa", ""), ("bb", "")]).standing_of(&both), Standing::Sole);
        assert_eq!(owners(&[("aa", ""), ("bb", ""), ("cc", "")]).standing_of(&both), Standing::Shared);
        assert!(owners(&[("aa", "filter unfinished")]).is_unfinished());
        assert!(!owners(&[("aa", "filter unfinished"), ("bb", "filter")]).is_unfinished());
    }

    #[test]
    fn a_hold_is_kept_as_text() {
        let mark = Mark::new();
        let both = Hold { marks: vec![mark.clone(), Mark::new()], is_shared: false, is_adopted: true };
        let others = Hold { is_shared: true, ..Hold::default() };
        for hold in [Hold::default(), Hold::by(mark.clone()), Hold::with_others(mark), others, both] {
            assert_eq!(Hold::from_value(&hold.to_value(), &Path::root()), Ok(hold));
        }
    }

    #[test]
    fn each_mark_is_another() {
        let (one, other) = (Mark::new(), Mark::new());
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 16);
    }
}
