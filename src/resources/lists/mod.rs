//! Lists of addresses: files that GuardDuty loads, and the statuses in between.
//!
//! [`ListKind`] is what a kind of list says of itself: its name and five calls. Everything else that its type does is here.

mod diagnosis;
mod entity;
mod entries;
mod location;
mod model;
mod planning;
mod source;

use std::collections::HashMap;
use std::time::Duration;

use tfplugin::{Choice, Failure, Flattens, HasKey};

use entries::Addresses;
use location::Location;
pub use model::List;
use source::Source;

use crate::aws::{Aws, Subject};
use crate::kit::{Call, Common, Cx};

/// How long a list is waited for where nobody says otherwise: what AWS takes at most, by its documentation some 40
/// minutes, and a little more.
const LIST_WAIT: Duration = Duration::from_secs(45 * 60);
/// Size that GuardDuty refuses to exceed, in bytes.
const MAX_BYTES: u64 = 35 * 1024 * 1024;

/// Status of a list of which only the uploaded file is left.
const DELETED: &str = "DELETED";

/// A kind of list: a resource type whose key is its ID, with the attributes of [`List`].
pub trait ListKind: HasKey<Key: From<String>> + Flattens<List> + Flattens<Common> + Clone + Default {
    /// Name of the type without the provider's prefix.
    const TYPE_NAME: &'static str;
    /// What one is called in messages.
    const NOUN: &'static str;
    /// What its ARN calls it, after the detector.
    const RESOURCE: &'static str;
    /// How many entries GuardDuty takes in one.
    const MAX_ENTRIES: usize;
    /// Whether a `moved` block takes over the resource of hashicorp/aws that has the same name and attributes.
    const MOVES_FROM_AWS: bool = false;

    /// Creates `list` from the file at `location`, and returns the ID that it has in its detector.
    ///
    /// # Errors
    /// What the call failed with.
    fn create(
        cx: &Cx<'_>,
        list: &List,
        location: &str,
        tags: HashMap<String, String>,
    ) -> impl Future<Output = Call<String>> + Send;

    /// Reads the list.
    ///
    /// # Errors
    /// That it is gone, or what the call failed with.
    fn get(cx: &Cx<'_>, list: ListId<'_>) -> impl Future<Output = Call<Seen>> + Send;

    /// Changes the list.
    ///
    /// # Errors
    /// What the call failed with.
    fn update(cx: &Cx<'_>, list: ListId<'_>, change: Change) -> impl Future<Output = Call<()>> + Send;

    /// Deletes the list.
    ///
    /// # Errors
    /// That it is gone, or what the call failed with.
    fn delete(cx: &Cx<'_>, list: ListId<'_>) -> impl Future<Output = Call<()>> + Send;

    /// The IDs of all lists of the detector.
    ///
    /// # Errors
    /// What the call failed with.
    fn ids(cx: &Cx<'_>, detector: &str) -> impl Future<Output = Call<Vec<String>>> + Send;
}

/// By what a list is known to GuardDuty.
#[derive(Debug, Clone, Copy)]
pub struct ListId<'a> {
    /// ID of its detector.
    pub detector: &'a str,
    /// ID in that.
    pub id: &'a str,
}

/// What is to be other than before. A list that is switched on is loaded again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: Option<String>,
    /// Where its file lies.
    pub location: Option<String>,
    /// The account that must own the bucket.
    pub expected_bucket_owner: Option<String>,
    /// Whether it is in use.
    pub activate: Option<bool>,
}

/// Format of the file of a list.
#[derive(Choice, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Plain text with one entry per line.
    #[default]
    Txt,
    /// Structured Threat Information Expression (STIX), in XML.
    Stix,
    /// Open Threat Exchange (OTX), in CSV.
    OtxCsv,
    /// Reputation feed from AlienVault.
    AlienVault,
    /// Threat feed from Proofpoint ET Intelligence, in CSV.
    ProofPoint,
    /// Threat feed from FireEye iSIGHT Threat Intelligence, in CSV.
    FireEye,
}

/// A list as the service describes it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Where its file lies.
    pub location: String,
    /// Its status.
    pub status: String,
    /// The account that must own the bucket.
    pub expected_bucket_owner: Option<String>,
    /// Its tags.
    pub tags: Option<HashMap<String, String>>,
    /// What is wrong, for those kinds of list of which GuardDuty says it.
    pub error: Option<String>,
}

impl Seen {
    /// Whether the list counts as deleted.
    fn is_gone(&self) -> bool {
        matches!(self.status.as_str(), "DELETE_PENDING" | "DELETED")
    }

    /// Whether it is being deleted.
    fn is_going(&self) -> bool {
        self.status == "DELETE_PENDING"
    }

    /// Whether it is in use, or will be in a while. A list that could not be loaded is not.
    fn is_on(&self) -> bool {
        matches!(self.status.as_str(), "ACTIVATING" | "ACTIVE")
    }

    /// Whether it could not be loaded.
    fn is_broken(&self) -> bool {
        self.status == "ERROR"
    }

    /// Whether it becomes another by itself.
    fn is_passing(&self) -> bool {
        matches!(self.status.as_str(), "ACTIVATING" | "DEACTIVATING" | "DELETE_PENDING")
    }

    /// What is wrong with a list that could not be loaded: the service's words, or what its file tells.
    async fn error_details(&self, aws: &Aws, region: &str) -> Option<String> {
        match &self.error {
            _ if !self.is_broken() => None,
            Some(error) => Some(error.clone()),
            None => Some(diagnosis::of(aws, region, &self.location, &self.format).await),
        }
    }
}

/// The failure of a list that could not be loaded.
fn broken(subject: &Subject, details: Option<&str>) -> Failure {
    subject
        .failure("load", "its status is ERROR")
        .detail(details.unwrap_or("GuardDuty does not say why."))
        .detail("Mend the file or its location, then apply again.")
}
