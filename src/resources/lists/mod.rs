//! What threat lists and trusted lists have in common: files that GuardDuty loads, and the statuses in between.
//!
//! It knows no resource type: each brings what it saw of its list as [`Seen`], and its keys.

mod diagnosis;
mod entries;
mod location;
mod source;

use std::collections::HashMap;
use std::time::Duration;

use tfplugin::wait::{Limit, Look};
use tfplugin::{Choice, Failure, Result};

pub use entries::Addresses;
pub use location::Location;
pub use source::{Keys, Source, Upload, check, plan, remove, taken};

use crate::aws::{Aws, Subject};

/// How long a list is waited for where nobody says otherwise: what AWS takes at most, by its documentation some 40
/// minutes, and a little more.
pub const LIST_WAIT: Duration = Duration::from_secs(45 * 60);
/// Size that GuardDuty refuses to exceed, in bytes.
const MAX_BYTES: u64 = 35 * 1024 * 1024;

/// How the file of a list is written.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text, one entry a line.
    Txt,
    /// Structured Threat Information Expression, XML.
    Stix,
    /// Open Threat Exchange, CSV.
    OtxCsv,
    /// AlienVault reputation feed.
    AlienVault,
    /// Proofpoint ET Intelligence feed, CSV.
    ProofPoint,
    /// FireEye iSIGHT Threat Intelligence, CSV.
    FireEye,
}

/// A list as the service describes it.
#[derive(Debug, Clone)]
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
    pub fn is_gone(&self) -> bool {
        matches!(self.status.as_str(), "DELETE_PENDING" | "DELETED")
    }

    /// Whether it is being deleted.
    pub fn is_going(&self) -> bool {
        self.status == "DELETE_PENDING"
    }

    /// Whether it is in use, or will be in a while. A list that could not be loaded is not.
    pub fn is_on(&self) -> bool {
        matches!(self.status.as_str(), "ACTIVATING" | "ACTIVE")
    }

    /// Whether it could not be loaded.
    pub fn is_broken(&self) -> bool {
        self.status == "ERROR"
    }

    /// Whether it becomes another by itself.
    pub fn is_passing(&self) -> bool {
        matches!(self.status.as_str(), "ACTIVATING" | "DEACTIVATING" | "DELETE_PENDING")
    }

    /// What is wrong with a list that could not be loaded: the service's words, or what its file tells.
    pub async fn error_details(&self, aws: &Aws, region: &str) -> Option<String> {
        match &self.error {
            _ if !self.is_broken() => None,
            Some(error) => Some(error.clone()),
            None => Some(diagnosis::of(aws, region, &self.location, &self.format).await),
        }
    }
}

/// Looks until a list that was just created can be read and is in a status that lasts.
///
/// # Errors
/// What a look failed with, or that `limit` passed.
pub async fn appeared<F>(aws: &Aws, limit: Limit, subject: &Subject, look: impl Fn() -> F) -> Result<Seen>
where
    F: Future<Output = Result<Option<Seen>>>,
{
    let look = || async {
        Ok(match look().await? {
            None => Look::Pending("it can't be read yet".to_owned()),
            Some(seen) if seen.is_passing() => Look::Pending(format!("its status is {}", seen.status)),
            Some(seen) => Look::Ready(seen),
        })
    };
    aws.wait(limit, subject, look).await
}

/// Looks until the list is in a status that lasts; `None` if there is none any more.
///
/// # Errors
/// What a look failed with, or that `limit` passed.
pub async fn settled<F>(aws: &Aws, limit: Limit, subject: &Subject, look: impl Fn() -> F) -> Result<Option<Seen>>
where
    F: Future<Output = Result<Option<Seen>>>,
{
    let look = || async {
        Ok(match look().await? {
            Some(seen) if seen.is_passing() => Look::Pending(format!("its status is {}", seen.status)),
            other => Look::Ready(other.filter(|seen| !seen.is_gone())),
        })
    };
    aws.wait(limit, subject, look).await
}

/// The failure of a list that could not be loaded.
pub fn broken(subject: &Subject, details: Option<&str>) -> Failure {
    subject
        .failure("load", "its status is ERROR")
        .detail(details.unwrap_or("GuardDuty does not say why."))
        .detail("Mend the file or its location, then apply again.")
}
