//! Who holds a thing in AWS: each instance of a resource leaves a mark of its own on what it creates or adopts.
//!
//! A mark is a tag whose key is unique to the instance, so that two instances never overwrite each other's. A thing is
//! deleted only by an instance whose mark it has, and only if it has no other.
//!
//! Several instances may hold one thing as long as they agree on it. A replacement with `create_before_destroy` and a
//! renamed instance come to what their predecessor still holds, and nothing in the protocol tells them from a second
//! owner: the CLIs hand a create neither the state that it replaces nor what its plan found out. So whoever finds what
//! exists to be exactly as planned joins those who hold it, and whoever wants it otherwise is refused.
//!
//! It knows neither what a thing is nor how it is tagged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use tfplugin::model::Data;
use tfplugin::schema::Shape;
use tfplugin::{Computed, Diagnostic, Failure, Path, Result, Type, Value, warn};

use super::{Aws, Subject};

/// Beginning of the keys of tags that are marks.
pub const PREFIX: &str = "guardduty:owner/";

/// What the mark of an instance notes whose create failed half way.
pub const UNFINISHED: &str = "unfinished";

/// What makes an instance of a resource known on what it holds: sixteen random hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(String);

impl Mark {
    /// The mark of a new instance.
    pub fn new() -> Self {
        let (digits, _) = uuid::Uuid::new_v4().as_u64_pair();
        Mark(format!("{digits:016x}"))
    }

    /// The mark that was written as `text`.
    pub fn read(text: &str) -> Self {
        Mark(text.to_owned())
    }

    /// The mark as text, as object metadata has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of its tag, on a thing as a whole or on one `aspect` of it; empty for the whole.
    pub fn key(&self, aspect: &str) -> String {
        if aspect.is_empty() { format!("{PREFIX}{}", self.0) } else { format!("{PREFIX}{aspect}/{}", self.0) }
    }
}

impl Default for Mark {
    fn default() -> Self {
        Mark::new()
    }
}

/// What an instance of a resource knows of its hold on a thing.
///
/// It is an attribute and no private value, since the CLIs pass the deletion of a tainted resource no private values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hold {
    /// Its own, or all that it found when it was imported.
    marks: Vec<Mark>,
    is_shared: bool,
    is_adopted: bool,
}

/// Stands behind the marks where others hold the thing too.
const SHARED: &str = "shared";
/// Stands behind the marks that an import found: the next change replaces them by one of its own.
const ADOPTED: &str = "adopted";

impl Hold {
    /// That of an instance that holds a thing by `mark`, alone as far as it knows.
    pub fn by(mark: Mark) -> Self {
        Hold { marks: vec![mark], ..Hold::default() }
    }

    /// The same where others hold it too.
    pub fn with_others(mark: Mark) -> Self {
        Hold { is_shared: true, ..Hold::by(mark) }
    }

    /// The mark; `None` for what was imported or moved from another provider, and had none.
    pub fn mark(&self) -> Option<&Mark> {
        self.marks.first()
    }

    /// All marks by which it holds the thing: several only if it was imported.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// That of a state's `owner`.
    pub fn of_state(owner: &Value) -> Self {
        Hold::from_value(owner, &Path::root()).unwrap_or_default()
    }

    /// Whether it has a mark that no other instance had.
    pub fn is_own(&self) -> bool {
        !self.marks.is_empty() && !self.is_adopted
    }

    /// As an attribute has it: null for an instance that has no mark and knows of no other.
    pub fn kept(self) -> Computed<Self> {
        if self == Hold::default() { Computed::null() } else { self.into() }
    }

    /// What it becomes once the marks `found` were read, with a warning about others that hold `subject`. An import
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

/// The mark of an instance with this hold.
pub fn mark_of(hold: &Computed<Hold>) -> Option<&Mark> {
    hold.get().and_then(Hold::mark)
}

/// The marks on a thing, with what each of them notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners(BTreeMap<Mark, String>);

/// What an instance may do with a thing that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It alone holds it.
    Sole,
    /// Others hold it too.
    Shared,
    /// Others hold it, and it does not.
    Theirs,
    /// Nobody holds it, and the instance never had a mark: it was imported or moved from another provider.
    Unmarked,
    /// Nobody holds it, and the instance had a mark: somebody removed the tag, or another thing has this name by now.
    Stripped,
}

/// Whether a thing that an instance may change has its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marking {
    /// It has.
    Stands,
    /// It is to be put on it: the instance has none of its own yet, somebody removed it, or it notes that the create failed
    /// half way.
    Due,
}

impl Owners {
    /// Those that `tags` name, of a thing as a whole or of one `aspect` of it.
    pub fn of<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>, aspect: &str) -> Self {
        let mark = |key: &str| {
            let rest = key.strip_prefix(PREFIX)?;
            let rest = if aspect.is_empty() { rest } else { rest.strip_prefix(aspect)?.strip_prefix('/')? };
            (!rest.is_empty() && !rest.contains('/')).then(|| Mark(rest.to_owned()))
        };
        Owners(tags.into_iter().filter_map(|(key, note)| Some((mark(key)?, note.clone()))).collect())
    }

    /// With another mark.
    #[must_use]
    pub fn with(mut self, mark: &Mark) -> Self {
        self.0.insert(mark.clone(), String::new());
        self
    }

    /// Leaves a mark out.
    pub fn forget(&mut self, mark: &Mark) {
        self.0.remove(mark);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What an instance with the mark `own` may do.
    pub fn standing(&self, own: Option<&Mark>) -> Standing {
        self.standing_by(own.map_or(&[], std::slice::from_ref))
    }

    /// What an instance with this hold may do.
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

    /// Whether another than `own` is among them, and `own` is not.
    pub fn is_held_by_others(&self, own: &Mark) -> bool {
        self.standing(Some(own)) == Standing::Theirs
    }

    /// All marks.
    pub fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.0.keys()
    }

    /// The marks of either.
    #[must_use]
    pub fn or(mut self, other: Owners) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The marks that `other` has too.
    #[must_use]
    pub fn in_common(mut self, other: &Owners) -> Self {
        self.0.retain(|mark, _| other.0.contains_key(mark));
        self
    }

    /// Whether one of the marks is on `other` too.
    pub fn meets(&self, other: &Owners) -> bool {
        self.0.keys().any(|mark| other.0.contains_key(mark))
    }

    /// Whether a create that failed half way left it, and nobody else holds it.
    pub fn is_unfinished(&self) -> bool {
        !self.0.is_empty() && self.0.values().all(|note| note.split(' ').any(|word| word == UNFINISHED))
    }

    /// What the marks of others than `own` note.
    pub fn notes_of_others(&self, own: Option<&Mark>) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(mark, _)| Some(*mark) != own).map(|(_, note)| note.as_str())
    }
}

/// What was marked and unmarked in this run, by thing: a tag may take a while to be read, or not to be read any more.
#[derive(Default)]
struct Recent(Mutex<HashMap<String, Changes>>);

#[derive(Default)]
struct Changes {
    set: BTreeSet<Mark>,
    removed: BTreeSet<Mark>,
}

/// How a thing is told from another of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// By an id that AWS gives and no other thing ever gets.
    Id,
    /// By a name that another thing may get once it is free.
    Name,
}

/// A thing that instances hold by their marks.
pub trait Thing: Sync {
    /// How it is told from others.
    const KNOWN_BY: KnownBy;

    /// What it is called in messages.
    fn subject(&self) -> Subject;

    /// What tells it from everything else in a run, such as its ARN.
    fn key(&self) -> String;

    /// The marks on it; `None` if it is gone.
    fn owners(&self, aws: &Aws) -> impl Future<Output = Result<Option<Owners>>> + Send;

    /// Removes a mark from it.
    fn unmark(&self, aws: &Aws, mark: &Mark) -> impl Future<Output = Result<()>> + Send;

    /// Deletes it, or undoes what was done to it. That it is gone already is no error.
    fn delete(&self, aws: &Aws) -> impl Future<Output = Result<()>> + Send;
}

/// What a create does about a thing that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Nothing more: this very create made it, and its answer was lost.
    Created,
    /// It puts its mark beside those that are there.
    Joined,
    /// It puts its mark beside those that are there, and finishes what a create that failed half way left.
    Resumed,
}

impl Aws {
    /// The turn to create, change or let go of the thing with this key.
    pub async fn owners_turn(&self, key: &str) -> tokio::sync::OwnedMutexGuard<()> {
        self.shared::<super::clients::Locks>().turn(key).await
    }

    /// Notes that `mark` was put on the thing with this key.
    pub fn note_marked(&self, key: &str, mark: &Mark) {
        self.change_recent(key, |recent| {
            recent.removed.remove(mark);
            recent.set.insert(mark.clone());
        });
    }

    /// Whether the thing with this key, on which these marks were read, was deleted or let go by all who held it in this
    /// run: it is still read, and not there any more.
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
        // A poisoned lock still holds whole marks.
        let mut things = recent.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(things.entry(key.to_owned()).or_default());
    }

    /// `read`, with what this run has changed since.
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

    /// Whether an instance with the new mark `own` may hold a thing that exists where it was to create one. Once it has put
    /// its mark there, [`Aws::note_marked`] tells the run.
    /// `differences` are the attributes in which the thing is not as planned; `advice` is how to import it.
    ///
    /// # Errors
    /// That somebody else made it, or that others want it otherwise.
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

    /// That an instance with this hold may change a thing, and whether it is to put its mark on it, too.
    ///
    /// # Errors
    /// That others hold it, or may have made it; that its marks can't be read.
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

    /// Gives up the hold of an instance: deletes the thing if nobody else holds it.
    ///
    /// # Errors
    /// What a call failed with.
    pub async fn let_go<T: Thing>(&self, thing: &T, hold: &Computed<Hold>) -> Result<()> {
        // Boxed, since together they would be too large for a thread's stack.
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
                // Whoever lets go at the same time sees this mark, and leaves it too.
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
                warn(Diagnostic::warning(format!("{} was left as it is", thing.subject())).detail(why));
                Ok(())
            }
        }
    }

    async fn delete(&self, thing: &impl Thing, hold: &Hold) -> Result<()> {
        Box::pin(thing.delete(self)).await?;
        // It may be read for a while yet.
        let key = thing.key();
        hold.marks().iter().for_each(|mark| self.note_unmarked(&key, mark));
        Ok(())
    }
}

/// How an instance that shares a thing with one that is gone for good gets it alone.
const ALONE: &str = "If the other instance is gone for good, with its state, run `state rm` on this one and import it: an \
                     import takes over what it finds.";

/// The failure of a change of what no longer has the marks of the instance.
pub fn stripped(subject: &Subject, verb: &str, marks: &[Mark]) -> Failure {
    let tag = marks.first().map(|mark| mark.key("")).unwrap_or_default();
    subject
        .failure(verb, "it no longer has the tag by which this instance knows what it created")
        .detail("Another tool may have deleted it and created another of this name.")
        .detail(format!(
            "If it is still this one, put the tag {tag:?} back. Otherwise import it, or delete it yourself."
        ))
}

/// The warning that others hold a thing instead.
fn lost(subject: &Subject) -> Diagnostic {
    Diagnostic::warning(format!("another instance of this resource manages {subject} by now")).detail(
        "It was created again, or taken over, since this instance last changed it. Remove this one from the \
         configuration: what the other manages stays as it is.",
    )
}

/// The warning that others hold a thing too.
pub fn shared(subject: &Subject, how: &str) -> Diagnostic {
    let how = if how.is_empty() { String::new() } else { format!("{how} ") };
    Diagnostic::warning(format!("another instance of this resource also manages {subject}")).detail(format!(
        "{how}If it is replaced or renamed in this run, nothing needs to be done. Otherwise remove one of the two: as \
         long as both manage it neither can change it, and it is deleted when the last of them is destroyed."
    ))
    .detail(ALONE)
}

/// The failure of what another instance wants otherwise.
pub fn other_than_planned(subject: &Subject, verb: &str, differences: &[&str]) -> Failure {
    let what = differences.join(", ");
    let apart = "If it is its own replacement under `create_before_destroy`, change it and replace it in two applies.";
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
