//! A thing in AWS with a key: five calls and a translation make it a resource type.
//!
//! [`Entity`] is what a type says of itself. `Managed` makes a [`tfplugin::Resource`] of it: identity, import, the ID at
//! plan, the ARN, region and tags, whose a thing is, waiting until it can be read, lost answers, what exists already.

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

/// How long what was created or changed may take until it can be read.
const READ_WAIT: Duration = Duration::from_secs(60);

/// A kind of thing in AWS that is known by a key and has tags, as a resource type.
///
/// Whatever takes `&self` has it as it is planned, or as the state has it: its key and region are known.
pub trait Entity: HasKey + Flattens<Common> + Clone {
    /// Name of the type without the provider's prefix: `filter`.
    const TYPE_NAME: &'static str;
    /// What one is called in messages: `GuardDuty filter`.
    const NOUN: &'static str;
    /// Whether the key is an ID that AWS gives, or a name that another may get once it is free.
    const KNOWN_BY: KnownBy = KnownBy::Name;
    /// Whether a `moved` block takes over the resource of hashicorp/aws that has the same name and attributes.
    const MOVES_FROM_AWS: bool = false;
    /// What a read answers.
    type Remote: Remote;

    /// The thing with this key, of which nothing else is known: what an import begins with.
    fn named(key: Self::Key, common: Common) -> Self;

    /// The end of its ARN: `detector/12abc/filter/ecs-high`.
    fn resource(&self) -> String;

    /// What tells it from everything else in a run. By default its key.
    fn known_as(&self) -> String {
        self.key().to_string()
    }

    /// What only one instance may have, in `region`. By default its key, if that is a name.
    fn claims(config: &View<Self>, region: String) -> Vec<Claim> {
        let key = Self::Key::of(config).filter(|_| Self::KNOWN_BY == KnownBy::Name);
        let wanted = key.map(|key| Self::named(key, Common::of(region)));
        wanted.map(|wanted| Claim::new(subject(&wanted).to_string(), Self::Key::path())).into_iter().collect()
    }

    /// The key that an import ID says; `None` if it says none.
    fn parse(id: &str) -> Option<Self::Key> {
        Self::Key::parse(id)
    }

    /// What an import ID looks like: `DETECTOR:NAME`.
    fn form() -> String {
        Self::Key::form()
    }

    /// How long to wait at most until it is there, or is what `prior` was changed to.
    fn limit(&self, prior: Option<&Self>) -> Duration {
        let _ = prior;
        READ_WAIT
    }

    /// Whether what a read answers is what was to come of a create or an update. By default whatever can be read.
    fn settled(&self, cx: &Cx<'_>, remote: &Self::Remote, progress: &Progress<'_, Self>) -> Settled {
        let _ = (cx, remote, progress);
        Settled::Yes
    }

    /// Its name, in messages. By default the last part of its key.
    fn name(&self) -> String {
        self.key().parts().last().map(ToString::to_string).unwrap_or_default()
    }

    /// The detector that it belongs to, in messages. By default the part of its key that says so.
    fn detector(&self) -> Option<String> {
        let key = self.key();
        let part = Self::Key::PARTS.iter().zip(key.parts()).find(|(name, _)| **name == "detector_id");
        part.map(|(_, detector)| detector.to_owned())
    }

    /// Checks a configuration beyond its single attributes.
    fn validate(config: &View<Self>) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Refines the plan of a create or an update. ID, region and tags are planned already.
    ///
    /// # Errors
    /// What would go wrong at apply.
    fn plan(aws: &Aws, plan: &mut Plan<'_, Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = (aws, plan);
        async { Ok(()) }
    }

    /// Creates it with `tags`, and returns it with the key that AWS gave it.
    ///
    /// # Errors
    /// What the call failed with.
    fn create(self, cx: &Cx<'_>, tags: HashMap<String, String>) -> impl Future<Output = Call<Self>> + Send;

    /// Reads it, with all that belongs to it.
    ///
    /// # Errors
    /// That it is gone, or what the call failed with.
    fn get(&self, cx: &Cx<'_>) -> impl Future<Output = Call<Self::Remote>> + Send;

    /// Reads it alone, while it is waited for or to see whose it is. By default the same.
    ///
    /// # Errors
    /// That it is gone, or what the call failed with.
    fn look(&self, cx: &Cx<'_>) -> impl Future<Output = Call<Self::Remote>> + Send {
        self.get(cx)
    }

    /// What exists where it was to be created. By default what has its key.
    ///
    /// # Errors
    /// What a call failed with.
    fn find(&self, cx: &Cx<'_>) -> impl Future<Output = Call<(Self, Self::Remote)>> + Send {
        async { Ok((self.clone(), self.get(cx).await?)) }
    }

    /// The same as `remote` has it. What both spell otherwise, but mean alike, stays as it is.
    #[must_use]
    fn found(self, remote: &Self::Remote) -> Self;

    /// Changes `prior` to it.
    ///
    /// # Errors
    /// What the call failed with.
    fn update(self, cx: &Cx<'_>, prior: &Self) -> impl Future<Output = Call<Self>> + Send;

    /// Takes back what only `prior` needed, once it was changed. What is left, it notes in itself.
    ///
    /// # Errors
    /// What is left.
    fn tidy(&mut self, cx: &Cx<'_>, prior: &Self) -> impl Future<Output = Result<()>> + Send {
        let _ = (cx, prior);
        async { Ok(()) }
    }

    /// Deletes it.
    ///
    /// # Errors
    /// That it is gone, or what the call failed with.
    fn delete(&self, cx: &Cx<'_>) -> impl Future<Output = Call<()>> + Send;
}

/// What a read answers of a thing.
pub trait Remote: Send + Sync {
    /// Its tags.
    fn tags(&self) -> Option<&HashMap<String, String>>;
}

/// Whether a change has come about.
pub enum Settled {
    /// It has.
    Yes,
    /// Not yet: what there is instead.
    Pending(String),
    /// It never will.
    Broken(Failure),
}

/// A change that is waited for.
pub struct Progress<'a, E> {
    /// What was before; `None` for a create.
    pub prior: Option<&'a E>,
    /// How often it was looked at before.
    pub looks: usize,
    /// Since when.
    pub started: Instant,
}

/// What calls of one operation are made with.
pub struct Cx<'a> {
    /// The client.
    pub aws: &'a Aws,
    /// Region of the thing.
    pub region: &'a str,
    /// What the thing is called in messages.
    pub subject: &'a Subject,
    /// The mark of the instance that creates or updates it.
    pub mark: Option<&'a Mark>,
}

impl Cx<'_> {
    /// GuardDuty in the region of the thing.
    pub fn guardduty(&self) -> aws_sdk_guardduty::Client {
        self.aws.guardduty(self.region)
    }
}

/// What `entity` is called in messages, and where it is.
fn subject<E: Entity>(entity: &E) -> Subject {
    let region = entity.part().region();
    let place =
        entity.detector().map_or_else(|| region.to_owned(), |detector| format!("detector {detector}, {region}"));
    Subject::new(format!("{} {:?}", E::NOUN, entity.name()), place)
}
