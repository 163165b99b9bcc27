//! The attributes that every kind of list has.

use tfplugin::model::Single;
use tfplugin::wait::Timeouts;
use tfplugin::{Computed, Model, OptionalComputed, validate};

use super::{Addresses, Format, Location, Source};
use crate::aws::Mark;
use crate::aws::account::Account;

/// All attributes except the ID, the tags and the region.
#[derive(Model, Clone, Debug, Default)]
pub struct List {
    /// ID of the detector that the list belongs to.
    #[attr(replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name of the list, at most 300 characters.
    #[attr(validate = validate::length(1..=300))]
    pub name: String,
    /// Format of the file. Must be `TXT` with `entries`.
    #[attr(replace)]
    pub format: Format,
    /// Whether the list is active. A list that is being loaded counts as active. A list that could not be loaded counts
    /// as inactive.
    pub activate: bool,
    /// URL of the file, at most 300 characters, in any form that AWS documents: `s3://BUCKET/KEY`, or, with `https://`
    /// or `http://`, `s3.amazonaws.com/BUCKET/KEY`, `s3.REGION.amazonaws.com/BUCKET/KEY`, `BUCKET.s3.amazonaws.com/KEY`
    /// or `BUCKET.s3.REGION.amazonaws.com/KEY` (also `s3-REGION`). A different URL of the same object is not a change.
    /// The bucket must be in the detector's region. With `entries`, the location is computed from `bucket` and `key`.
    #[attr(absent = empty, keep)]
    pub location: OptionalComputed<Location>,
    /// Any text that changes with the content of the file at `location`, such as `filemd5("list.txt")` or the ETag of
    /// the object. GuardDuty does not reload the file by itself. A change of this attribute reloads it.
    #[attr(absent = empty)]
    pub content_hash: Option<String>,
    /// Entries of the list, instead of a `location`: IPv4 addresses, and CIDR ranges such as `203.0.113.0/24`. OpenTofu
    /// and Terraform themselves take seconds for 20,000 entries and minutes for 100,000. Use a file for a list of that
    /// size.
    #[attr(absent = empty)]
    pub entries: Option<Addresses>,
    /// Bucket to upload the entries to, in the detector's region.
    #[attr(absent = empty, validate = validate::length(3..=63))]
    pub bucket: Option<String>,
    /// Key of the object to upload the entries to. An object that already exists is not replaced, unless this list
    /// uploaded it or `overwrite` is `true`.
    #[attr(absent = empty, validate = validate::length(1..=234))]
    pub key: Option<String>,
    /// Whether to replace an object that already exists at `key`. An object that was not uploaded by this list is never
    /// deleted. Default: `false`.
    #[attr(default = false)]
    pub overwrite: bool,
    /// ID of the account that must own the bucket. GuardDuty refuses a file in a bucket of another account. Once set,
    /// it can be changed but not removed. To remove it, create a new list.
    #[attr(absent = empty, validate = Account::check_id)]
    pub expected_bucket_owner: Option<String>,
    /// Status of the list: `INACTIVE`, `ACTIVATING`, `ACTIVE`, `DEACTIVATING` or `ERROR`, or `DELETED` if only the
    /// uploaded object is left.
    pub status: Computed<String>,
    /// Reason for the status `ERROR`, as reported by GuardDuty. GuardDuty reports none for lists of IP addresses. For
    /// these, the provider reports what it detects: the file is missing, too large or empty, or the first line of a
    /// `TXT` file is not a valid entry.
    pub error_details: Computed<String>,
    /// ETag of the object that the provider uploaded. Null after the object is changed outside this resource.
    #[attr(keep)]
    pub object_etag: Computed<String>,
    /// Ownership mark of the instance that uploaded the object. Null if none did.
    #[attr(keep)]
    pub object_owner: Computed<String>,
    /// How long to wait for GuardDuty to load, unload or delete the list. Default: 45 minutes each.
    #[attr(block)]
    pub timeouts: Single<Timeouts>,
}

impl List {
    /// Returns where the entries come from.
    pub fn source(&self) -> Source {
        let upload = (self.entries.as_ref(), self.bucket.as_ref(), self.key.as_ref());
        Source::new(&self.location, self.content_hash.as_ref(), upload, self.object_etag.get())
    }

    /// Returns the mark of the instance that uploaded the object.
    pub fn object_mark(&self) -> Option<Mark> {
        self.object_owner.get().map(|mark| Mark::read(mark))
    }
}
