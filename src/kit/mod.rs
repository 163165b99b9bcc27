//! Turns an AWS object with a key into a resource type, from five calls and a translation.
//!
//! [`Entity`] is what a type implements. `Managed` turns it into a [`tfplugin::Resource`] and handles everything else:
//! identity, import, the ID at plan, ARN, region, tags, ownership, waiting until the object can be read, lost answers,
//! and objects that already exist.

mod call;
mod common;
mod held;
pub mod import;
mod managed;
pub mod moved;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tfplugin::{Claim, Diagnostic, Failure, Flattens, HasKey, ModelKey, Plan, Result, View};

pub use call::{Call, CallError, Outcome, sent};
pub use common::Common;
pub use held::{if_found, is_leaving, settled};
pub use managed::managed;

use crate::aws::owners::KnownBy;
use crate::aws::{Aws, Mark, Subject};

/// Maximum time until an object that was created or changed can be read.
const READ_WAIT: Duration = Duration::from_secs(60);

/// A kind of AWS object with a key and tags, as a resource type.
///
/// Methods with `&self` receive the object as planned or as in the state: its key and region are known.
pub trait Entity: HasKey + Flattens<Common> + Clone {
    /// Name of the type without the provider's prefix: `filter`.
    const TYPE_NAME: &'static str;
    /// Name of an object in messages: `GuardDuty filter`.
    const NOUN: &'static str;
    /// Whether the key is an ID that AWS assigns, or a name that another object can get once it is free.
    const KNOWN_BY: KnownBy = KnownBy::Name;
    /// Whether a `moved` block accepts the resource of hashicorp/aws with the same name and attributes.
    const MOVES_FROM_AWS: bool = false;
    /// Answer of a read.
    type Remote: Remote;

    /// Returns the object with this key, of which nothing else is known. An import starts with it.
    fn named(key: Self::Key, common: Common) -> Self;

    /// Returns the last part of the ARN: `detector/12abc/filter/ecs-high`.
    fn resource(&self) -> String;

    /// Returns what distinguishes the object from all others in a run. Default: its key.
    fn known_as(&self) -> String {
        self.key().to_string()
    }

    /// Returns what only one instance can have in `region`. Default: the key, if it is a name.
    fn claims(config: &View<Self>, region: String) -> Vec<Claim> {
        let key = Self::Key::of(config).filter(|_| Self::KNOWN_BY == KnownBy::Name);
        let wanted = key.map(|key| Self::named(key, Common::of(region)));
        wanted.map(|wanted| Claim::new(subject(&wanted).to_string(), Self::Key::path())).into_iter().collect()
    }

    /// Parses the key from an import ID. Returns `None` if the ID is not valid.
    fn parse(id: &str) -> Option<Self::Key> {
        Self::Key::parse(id)
    }

    /// Returns the form of an import ID: `DETECTOR:NAME`.
    fn form() -> String {
        Self::Key::form()
    }

    /// Returns the maximum time to wait until the object exists, or until an update of `prior` takes effect.
    fn limit(&self, prior: Option<&Self>) -> Duration {
        let _ = prior;
        READ_WAIT
    }

    /// Returns whether the answer of a read shows the result of a create or an update. Default: any object that can be
    /// read.
    fn settled(&self, cx: &Cx<'_>, remote: &Self::Remote, progress: &Progress<'_, Self>) -> Settled {
        let _ = (cx, remote, progress);
        Settled::Yes
    }

    /// Returns the name of the object in messages. Default: the last part of its key.
    fn name(&self) -> String {
        self.key().parts().last().map(ToString::to_string).unwrap_or_default()
    }

    /// Returns the detector of the object in messages. Default: the part of its key for the detector.
    fn detector(&self) -> Option<String> {
        let key = self.key();
        let part = Self::Key::PARTS.iter().zip(key.parts()).find(|(name, _)| **name == "detector_id");
        part.map(|(_, detector)| detector.to_owned())
    }

    /// Checks the rules of a configuration that involve several attributes.
    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Refines the plan of a create or an update. ID, region and tags are already planned.
    ///
    /// # Errors
    /// Problems that would occur at apply.
    fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = (aws, plan);
        async { Ok(()) }
    }

    /// Creates the object with `tags` and returns it with the key that AWS assigned.
    ///
    /// # Errors
    /// The error of the call.
    fn create(self, cx: &Cx<'_>, tags: HashMap<String, String>) -> impl Future<Output = Call<Self>> + Send;

    /// Reads the object with everything that belongs to it.
    ///
    /// # Errors
    /// The object does not exist, or the call failed.
    fn get(&self, cx: &Cx<'_>) -> impl Future<Output = Call<Self::Remote>> + Send;

    /// Reads only the object, while waiting for it or to find out who owns it. Default: the same as `get`.
    ///
    /// # Errors
    /// The object does not exist, or the call failed.
    fn look(&self, cx: &Cx<'_>) -> impl Future<Output = Call<Self::Remote>> + Send {
        self.get(cx)
    }

    /// Returns the existing object that prevents its creation. Default: the object with the same key.
    ///
    /// # Errors
    /// The error of a call.
    fn find(&self, cx: &Cx<'_>) -> impl Future<Output = Call<(Self, Self::Remote)>> + Send {
        async { Ok((self.clone(), self.get(cx).await?)) }
    }

    /// Returns the object as `remote` has it. Values that differ only in spelling are kept.
    #[must_use]
    fn found(self, remote: &Self::Remote) -> Self;

    /// Changes `prior` to this object.
    ///
    /// # Errors
    /// The error of the call.
    fn update(self, cx: &Cx<'_>, prior: &Self) -> impl Future<Output = Call<Self>> + Send;

    /// Removes what only `prior` needed, after the update. Records what could not be removed, so that the next apply
    /// removes it.
    ///
    /// # Errors
    /// What could not be removed.
    fn tidy(&mut self, cx: &Cx<'_>, prior: &Self) -> impl Future<Output = Result<()>> + Send {
        let _ = (cx, prior);
        async { Ok(()) }
    }

    /// Deletes the object.
    ///
    /// # Errors
    /// The object does not exist, or the call failed.
    fn delete(&self, cx: &Cx<'_>) -> impl Future<Output = Call<()>> + Send;
}

/// Answer of a read.
pub trait Remote: Send + Sync {
    /// Returns the tags of the object.
    fn tags(&self) -> Option<&HashMap<String, String>>;
}

/// Whether a change has taken effect.
pub enum Settled {
    /// It has taken effect.
    Yes,
    /// It has not taken effect yet. Contains what was found instead.
    Pending(String),
    /// It will never take effect.
    Broken(Failure),
}

/// A change that is waited for.
pub struct Progress<'a, E> {
    /// The object before the change, or `None` for a create.
    pub prior: Option<&'a E>,
    /// Number of reads so far.
    pub looks: usize,
    /// Start of the wait.
    pub started: Instant,
}

/// Context of the calls of one operation.
pub struct Cx<'a> {
    /// The client.
    pub aws: &'a Aws,
    /// Region of the object.
    pub region: &'a str,
    /// Name of the object in messages.
    pub subject: &'a Subject,
    /// Mark of the instance that creates or updates the object.
    pub mark: Option<&'a Mark>,
}

impl Cx<'_> {
    /// Returns the GuardDuty client for the region of the object.
    pub fn guardduty(&self) -> aws_sdk_guardduty::Client {
        self.aws.guardduty(self.region)
    }
}

/// Returns the name of `entity` in messages, and its location.
fn subject<E: Entity>(entity: &E) -> Subject {
    let region = entity.part().region();
    let place =
        entity.detector().map_or_else(|| region.to_owned(), |detector| format!("detector {detector}, {region}"));
    Subject::new(format!("{} {:?}", E::NOUN, entity.name()), place)
}
