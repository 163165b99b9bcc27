//! Lists of IP addresses: files that GuardDuty loads, with intermediate statuses.
//!
//! A kind of list implements [`ListKind`]: its name and five calls. Everything else is here.

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

/// Default time to wait for a list: slightly more than the maximum that AWS documents, which is about 40 minutes.
const LIST_WAIT: Duration = Duration::from_secs(45 * 60);
/// Maximum size that GuardDuty accepts, in bytes.
const MAX_BYTES: u64 = 35 * 1024 * 1024;

/// Status of a list of which only the uploaded file is left.
const DELETED: &str = "DELETED";

/// A kind of list: a resource type whose key is its ID, with the attributes of [`List`].
pub trait ListKind: HasKey<Key: From<String>> + Flattens<List> + Flattens<Common> + Clone + Default {
    /// Name of the type without the provider's prefix.
    const TYPE_NAME: &'static str;
    /// Name of a list in messages.
    const NOUN: &'static str;
    /// Type of the resource in its ARN, after the detector.
    const RESOURCE: &'static str;
    /// Maximum number of entries that GuardDuty accepts in one list.
    const MAX_ENTRIES: usize;
    /// Whether a detector can have only one list of this kind.
    const IS_SINGLE: bool = false;
    /// Whether a `moved` block accepts the resource of hashicorp/aws with the same name and attributes.
    const MOVES_FROM_AWS: bool = false;

    /// Creates `list` from the file at `location`, and returns its ID in the detector.
    ///
    /// # Errors
    /// The error of the call.
    fn create(
        cx: &Cx<'_>,
        list: &List,
        location: &str,
        tags: HashMap<String, String>,
    ) -> impl Future<Output = Call<String>> + Send;

    /// Reads the list.
    ///
    /// # Errors
    /// The list does not exist, or the call failed.
    fn get(cx: &Cx<'_>, list: ListId<'_>) -> impl Future<Output = Call<Seen>> + Send;

    /// Changes the list.
    ///
    /// # Errors
    /// The error of the call.
    fn update(cx: &Cx<'_>, list: ListId<'_>, change: Change) -> impl Future<Output = Call<()>> + Send;

    /// Deletes the list.
    ///
    /// # Errors
    /// The list does not exist, or the call failed.
    fn delete(cx: &Cx<'_>, list: ListId<'_>) -> impl Future<Output = Call<()>> + Send;

    /// Returns the IDs of all lists of the detector.
    ///
    /// # Errors
    /// The error of the call.
    fn ids(cx: &Cx<'_>, detector: &str) -> impl Future<Output = Call<Vec<String>>> + Send;
}

/// The identifiers of a list in GuardDuty.
#[derive(Debug, Clone, Copy)]
pub struct ListId<'a> {
    /// ID of its detector.
    pub detector: &'a str,
    /// ID of the list in the detector.
    pub id: &'a str,
}

/// A change of a list. A list that is activated is reloaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Name of the list.
    pub name: Option<String>,
    /// Location of its file.
    pub location: Option<String>,
    /// Account that must own the bucket.
    pub expected_bucket_owner: Option<String>,
    /// Whether the list is active.
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
    /// Name of the list.
    pub name: String,
    /// Format of the list.
    pub format: String,
    /// Location of its file.
    pub location: String,
    /// Status of the list.
    pub status: String,
    /// Account that must own the bucket.
    pub expected_bucket_owner: Option<String>,
    /// Tags of the list.
    pub tags: Option<HashMap<String, String>>,
    /// Error of the list, for the kinds of list for which GuardDuty reports one.
    pub error: Option<String>,
}

impl Seen {
    /// Returns whether the list counts as deleted.
    fn is_gone(&self) -> bool {
        matches!(self.status.as_str(), "DELETE_PENDING" | "DELETED")
    }

    /// Returns whether the list is being deleted.
    fn is_going(&self) -> bool {
        self.status == "DELETE_PENDING"
    }

    /// Returns whether the list is active, or is being activated. A list that could not be loaded is not active.
    fn is_on(&self) -> bool {
        matches!(self.status.as_str(), "ACTIVATING" | "ACTIVE")
    }

    /// Returns whether the list could not be loaded.
    fn is_broken(&self) -> bool {
        self.status == "ERROR"
    }

    /// Returns whether the status is temporary.
    fn is_passing(&self) -> bool {
        matches!(self.status.as_str(), "ACTIVATING" | "DEACTIVATING" | "DELETE_PENDING")
    }

    /// Returns why a list could not be loaded: the reason of the service, or what its file shows.
    async fn error_details(&self, aws: &Aws, region: &str) -> Option<String> {
        match &self.error {
            _ if !self.is_broken() => None,
            Some(error) => Some(error.clone()),
            None => Some(diagnosis::of(aws, region, &self.location, &self.format).await),
        }
    }
}

/// Returns the failure for a list that could not be loaded.
fn broken(subject: &Subject, details: Option<&str>) -> Failure {
    subject
        .failure("load", "its status is ERROR")
        .detail(details.unwrap_or("GuardDuty does not say why."))
        .detail("Mend the file or its location, then apply again.")
}
