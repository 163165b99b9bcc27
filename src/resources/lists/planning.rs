//! Checks a list while it is planned.

use tfplugin::{Diagnostic, Failure, Known, Plan, Result, Value, View, validate};

use super::entries::is_private;
use super::{DELETED, Format, List, Location, MAX_BYTES};
use crate::aws::Aws;
use crate::aws::objects::Object;

/// Checks the configuration of a list that can have `max_entries` entries.
pub fn check(config: &View<List>, max_entries: usize) -> Vec<Diagnostic> {
    if let Some(fault) = nothing(config) {
        return vec![fault];
    }
    let source = validate::exactly_one_of(config, &[List::LOCATION.any(), List::ENTRIES.any()]);
    let says = "A `location` is the URL of a file in S3; `entries` are uploaded to `bucket` and `key`, which make it.";
    let mut faults: Vec<_> = source.map(|fault| fault.detail(says)).into_iter().collect();
    let upload = "Only an upload of `entries` can replace an object.";
    let overwrites = config.get(List::OVERWRITE) == Known::Known(true);
    let needs_entries = || validate::requires(config, List::OVERWRITE, List::ENTRIES);
    faults.extend(overwrites.then(needs_entries).flatten().map(|fault| fault.detail(upload)));
    for key in [List::BUCKET, List::KEY] {
        let object = "`bucket` and `key` say which object the entries are uploaded to.";
        faults.extend(validate::requires(config, List::ENTRIES, key).map(|fault| fault.detail(object)));
        let location = "A list with a `location` has its file there.";
        faults.extend(validate::requires(config, key, List::ENTRIES).map(|fault| fault.detail(location)));
    }
    if config.is_given(List::ENTRIES) {
        faults.extend(check_entries(config, max_entries));
    }
    faults
}

/// Returns the error for a list with neither a location nor entries.
fn nothing(config: &View<List>) -> Option<Diagnostic> {
    let is_empty = config.value(List::ENTRIES).is_null() && !config.written(List::ENTRIES).is_null();
    let fault = || {
        let fault = Diagnostic::error("a list has at least one entry").at(config.path(List::ENTRIES));
        fault.detail("GuardDuty loads no empty file. To switch the list off, set `activate = false`.")
    };
    (is_empty && config.value(List::LOCATION).is_null()).then(fault)
}

fn check_entries(config: &View<List>, max_entries: usize) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let count = config.value(List::ENTRIES).as_items().unwrap_or_default().len();
    if count > max_entries {
        let fault = Diagnostic::error(format!("the list has {count} entries")).at(config.path(List::ENTRIES));
        faults.push(fault.detail(format!("GuardDuty allows {max_entries} in a list.")));
    }
    match config.get(List::FORMAT) {
        Known::Known(Format::Txt) | Known::Null | Known::Unknown => {}
        Known::Known(other) => {
            let fault = Diagnostic::error(format!("`entries` can't be written as {other}"));
            let fault = fault.at(config.path(List::FORMAT));
            faults.push(fault.detail("Entries are uploaded as plain text: set `format = \"TXT\"`."));
        }
    }
    if config.is_given(List::CONTENT_HASH) {
        let fault = Diagnostic::error("`content_hash` goes with `location`").at(config.path(List::CONTENT_HASH));
        faults.push(fault.detail("A change of `entries` is noticed without it."));
    }
    faults.extend(private_entries(config));
    faults
}

/// Warns about private addresses, because GuardDuty only generates findings for traffic on the internet.
fn private_entries(config: &View<List>) -> Option<Diagnostic> {
    let entries = config.value(List::ENTRIES).as_items().unwrap_or_default();
    let private: Vec<_> = entries.iter().filter_map(Value::as_str).filter(|entry| is_private(entry)).collect();
    let first = private.first()?;
    let warning = Diagnostic::warning(format!("{} entries are not publicly routable, such as {first}", private.len()));
    Some(warning.at(config.path(List::ENTRIES)).detail("GuardDuty ignores such entries."))
}

/// Plans what follows from the configuration of a list in `region`: the location, the object's ETag and owner, and
/// whether a new list is needed.
///
/// # Errors
/// The file at the location is too large.
pub async fn plan(aws: &Aws, plan: &mut Plan<'_, List>, region: Option<String>) -> Result<()> {
    let had_owner = plan.prior().is_some_and(|prior| !prior.value(List::EXPECTED_BUCKET_OWNER).is_null());
    if had_owner && plan.config().value(List::EXPECTED_BUCKET_OWNER).is_null() {
        plan.replace(List::EXPECTED_BUCKET_OWNER);
    }
    if plan.prior().is_some_and(|prior| prior.get(List::STATUS).known().as_deref() == Some(DELETED)) {
        plan.set_unknown(List::STATUS);
        plan.replace(List::STATUS);
    }
    if plan.config().value(List::ENTRIES).is_null() {
        if !plan.is_create() {
            plan.set_null(List::OBJECT_ETAG);
            plan.set_null(List::OBJECT_OWNER);
        }
        return check_size(aws, plan, region).await;
    }
    let is_moving = plan.changes(List::ENTRIES) || plan.changes(List::BUCKET) || plan.changes(List::KEY);
    // A location that is an empty string in the configuration is known after the next read.
    let is_unread = plan
        .prior()
        .is_some_and(|prior| prior.value(List::LOCATION).is_null() && !prior.written(List::LOCATION).is_null());
    match plan.get(List::BUCKET).known().zip(plan.get(List::KEY).known()) {
        Some(_) if is_unread && !is_moving => plan.keep(List::LOCATION),
        Some((bucket, key)) => plan.set(List::LOCATION, &Location::of(&Object { bucket, key })),
        None => plan.set_unknown(List::LOCATION),
    }
    let prior_etag = plan.prior().is_some_and(|prior| !prior.value(List::OBJECT_ETAG).is_null());
    if !prior_etag || is_moving {
        // The owner of the object is known after the upload.
        plan.set_unknown(List::OBJECT_ETAG);
        plan.set_unknown(List::OBJECT_OWNER);
    }
    Ok(())
}

/// Checks the size of the file. It may not exist yet, or may not be readable: the apply reports that.
async fn check_size(aws: &Aws, plan: &Plan<'_, List>, region: Option<String>) -> Result<()> {
    let object = plan.get(List::LOCATION).known().and_then(|location| location.object());
    let changes = plan.changes(List::LOCATION) || plan.changes(List::CONTENT_HASH);
    let Some((region, object)) = region.zip(object).filter(|_| changes) else { return Ok(()) };
    match aws.head_object(&region, &object).await {
        Ok(Some(head)) if head.bytes > MAX_BYTES => {
            let fault = Failure::at(List::LOCATION, format!("the file has {} bytes", head.bytes));
            Err(fault.detail(format!("GuardDuty allows {MAX_BYTES} bytes (35 MB).")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tfplugin::Path;

    use super::*;

    fn faults(config: &[(&str, Value)]) -> Vec<String> {
        let config = Value::Map(config.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect());
        let faults = check(&View::new(&config, Path::root()), 250_000);
        faults.into_iter().map(|fault| fault.summary).collect()
    }

    #[test]
    fn only_a_replacement_needs_entries() {
        let location = ("location", Value::from("s3://lists/list.txt"));
        assert_eq!(faults(&[location.clone(), ("overwrite", false.into())]), [""; 0]);
        assert_eq!(faults(&[location.clone(), ("overwrite", Value::Unknown)]), [""; 0]);
        assert_eq!(faults(&[location, ("overwrite", true.into())]), ["`overwrite` needs `entries`"]);
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let empty = [("bucket", "".into()), ("key", "".into()), ("content_hash", "".into())];
        let located = |entries: Value| [("location", Value::from("s3://lists/list.txt")), ("entries", entries)];
        assert_eq!(faults(&[&located(Value::List(Vec::new()))[..], &empty].concat()), [""; 0]);
        let both = faults(&located(Value::List(vec!["192.0.2.1".into()])));
        assert_eq!(both[0], "`location` and `entries` exclude each other");
        let entries = ("entries", Value::List(vec!["192.0.2.1".into()]));
        let upload = [entries, ("bucket", "lists".into()), ("key", "list.txt".into()), ("location", "".into())];
        assert_eq!(faults(&upload), [""; 0]);
        assert_eq!(faults(&[("entries", Value::List(Vec::new()))]), ["a list has at least one entry"]);
        assert_eq!(faults(&[("location", "".into())]), ["`location` or `entries` is missing"]);
    }

    #[test]
    fn more_entries_than_guardduty_takes_are_refused() {
        let faults = |count| {
            let entries = Value::List(vec!["192.0.2.1".into(); count]);
            let config = [("entries", entries), ("bucket", "lists".into()), ("key", "list.txt".into())];
            let config = Value::Map(config.map(|(name, value)| (name.to_owned(), value)).into());
            check(&View::new(&config, Path::root()), 250_000)
        };
        assert_eq!(faults(250_000), []);
        let faults = faults(250_001);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].summary, "the list has 250001 entries");
        assert_eq!(faults[0].path.to_string(), "entries");
    }
}
