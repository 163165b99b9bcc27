//! The attributes that every kind of list has.

use tfplugin::model::Single;
use tfplugin::wait::Timeouts;
use tfplugin::{Computed, Model, OptionalComputed, validate};

use super::{Addresses, Format, Location, Source};
use crate::aws::Mark;
use crate::aws::account::Account;

/// All but its ID, its tags and where it is.
#[derive(Model, Clone, Debug, Default)]
pub struct List {
    /// Detector that the list belongs to.
    #[attr(replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Name, in at most 300 characters.
    #[attr(validate = validate::length(1..=300))]
    pub name: String,
    /// How the file is written. With `entries` it must be `TXT`.
    #[attr(replace)]
    pub format: Format,
    /// Whether the list is in use. One that is being loaded counts as in use, one that could not be loaded doesn't.
    pub activate: bool,
    /// URL of the file, in any form that AWS documents and at most 300 characters: `s3://BUCKET/KEY`, or with `https://`
    /// or `http://` `s3.amazonaws.com/BUCKET/KEY`, `s3.REGION.amazonaws.com/BUCKET/KEY`, `BUCKET.s3.amazonaws.com/KEY` or
    /// `BUCKET.s3.REGION.amazonaws.com/KEY` (also `s3-REGION`). Another spelling of the same object is no change. The
    /// bucket must be in the detector's region. With `entries` it follows from `bucket` and `key`.
    #[attr(absent = empty, keep)]
    pub location: OptionalComputed<Location>,
    /// Any text that changes with the content of the file at `location`, such as `filemd5("list.txt")` or the ETag of
    /// the object: GuardDuty does not look at the file again by itself, and a change of this makes it do so.
    #[attr(absent = empty)]
    pub content_hash: Option<String>,
    /// Entries instead of a `location`: IPv4 addresses, and ranges such as `203.0.113.0/24`. The CLIs themselves take
    /// seconds for 20,000 and minutes for 100,000, so a list of that size is better kept as a file.
    #[attr(absent = empty)]
    pub entries: Option<Addresses>,
    /// Bucket that the entries are uploaded to, in the detector's region.
    #[attr(absent = empty, validate = validate::length(3..=63))]
    pub bucket: Option<String>,
    /// Key of the object that the entries are uploaded to. An object that already exists there is not replaced, unless
    /// this list uploaded it or `overwrite` is `true`.
    #[attr(absent = empty, validate = validate::length(1..=234))]
    pub key: Option<String>,
    /// Whether to replace an object that already exists at `key`. An object that was not uploaded by this list is never
    /// deleted.
    #[attr(default = false)]
    pub overwrite: bool,
    /// Account that the bucket must belong to: GuardDuty refuses the file of another's. Once set it can be changed,
    /// but not taken away: that needs a new list.
    #[attr(absent = empty, validate = Account::check_id)]
    pub expected_bucket_owner: Option<String>,
    /// `INACTIVE`, `ACTIVATING`, `ACTIVE`, `DEACTIVATING` or `ERROR`; `DELETED` if only the uploaded object is left.
    pub status: Computed<String>,
    /// What is wrong with a list whose status is `ERROR`: the reason that GuardDuty gives. For lists of IP addresses it gives
    /// none, so this is what the provider sees: the file is missing, too large or empty, or the first line of a `TXT` that
    /// is no entry.
    pub error_details: Computed<String>,
    /// ETag of the object that the provider uploaded; null after somebody else changed it.
    #[attr(keep)]
    pub object_etag: Computed<String>,
    /// Mark of the instance that uploaded the object; null where none did.
    #[attr(keep)]
    pub object_owner: Computed<String>,
    /// How long to wait for GuardDuty to load, unload or delete the list. By default 45 minutes each.
    #[attr(block)]
    pub timeouts: Single<Timeouts>,
}

impl List {
    /// Where its entries come from.
    pub fn source(&self) -> Source {
        let upload = (self.entries.as_ref(), self.bucket.as_ref(), self.key.as_ref());
        Source::new(&self.location, self.content_hash.as_ref(), upload, self.object_etag.get())
    }

    /// The mark of the instance that uploaded the object.
    pub fn object_mark(&self) -> Option<Mark> {
        self.object_owner.get().map(|mark| Mark::read(mark))
    }
}
