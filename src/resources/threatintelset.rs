//! `guardduty_threatintelset`: a list of addresses known to be hostile.

use std::collections::HashMap;

use tfplugin::{Computed, Model};

use super::lists::{Change, List, ListId, ListKind, Seen};
use crate::kit::{Call, Common, Cx, sent};

/// A list of IPv4 addresses and ranges that are known to be hostile: traffic and calls from or to them become findings.
///
/// The list is a file in S3. Either `location` names one that somebody else keeps, or the list is written here as
/// `entries`, and the provider uploads it to `bucket` and `key`, loads it again after each change, puts it back when
/// the object was changed or deleted by others, and deletes it with the list.
///
/// These lists act on findings from CloudTrail, VPC flow logs and DNS logs. They do not act on Runtime Monitoring: what
/// a Fargate task does is held against them only as far as flow logs and DNS logs show it. Only publicly routable
/// addresses count. An account has at most 6 such lists in a region, with at most 250,000 entries and 35 MB each; in
/// an organization only the administrator's account has them, and they act for all members.
///
/// GuardDuty loads a list in about 15, at most some 40 minutes, and the apply waits for it. Meanwhile it accepts no
/// change of the list. It reads the file with its service-linked role: a bucket policy or KMS key must not bar that.
///
/// An imported list has a `location`; where the configuration has `entries`, the next apply uploads them once.
#[derive(Model, Clone, Debug, Default)]
#[model(key(id))]
pub struct Threatintelset {
    #[attr(flatten)]
    pub list: List,
    /// `DETECTOR:ID`.
    #[attr(keep)]
    pub id: Computed<String>,
    #[attr(flatten)]
    pub common: Common,
}

impl ListKind for Threatintelset {
    const TYPE_NAME: &'static str = "threatintelset";
    const NOUN: &'static str = "GuardDuty threat list";
    const RESOURCE: &'static str = "threatintelset";
    const MAX_ENTRIES: usize = 250_000;
    const MOVES_FROM_AWS: bool = true;

    async fn create(cx: &Cx<'_>, list: &List, location: &str, tags: HashMap<String, String>) -> Call<String> {
        let request = cx.guardduty().create_threat_intel_set().detector_id(&list.detector_id).name(&list.name);
        let request = request.format(list.format.as_str().into()).location(location).activate(list.activate);
        let request = request.set_expected_bucket_owner(list.expected_bucket_owner.clone()).set_tags(Some(tags));
        Ok(request.send().await?.threat_intel_set_id.unwrap_or_default())
    }

    async fn get(cx: &Cx<'_>, list: ListId<'_>) -> Call<Seen> {
        let request = cx.guardduty().get_threat_intel_set().detector_id(list.detector).threat_intel_set_id(list.id);
        let found = request.send().await?;
        Ok(Seen {
            name: found.name.unwrap_or_default(),
            format: found.format.map(|format| format.as_str().to_owned()).unwrap_or_default(),
            location: found.location.unwrap_or_default(),
            status: found.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            expected_bucket_owner: found.expected_bucket_owner,
            tags: found.tags,
            error: None,
        })
    }

    async fn update(cx: &Cx<'_>, list: ListId<'_>, change: Change) -> Call<()> {
        let request = cx.guardduty().update_threat_intel_set().detector_id(list.detector).threat_intel_set_id(list.id);
        let request = request.set_name(change.name).set_location(change.location).set_activate(change.activate);
        sent(request.set_expected_bucket_owner(change.expected_bucket_owner).send()).await
    }

    async fn delete(cx: &Cx<'_>, list: ListId<'_>) -> Call<()> {
        let request = cx.guardduty().delete_threat_intel_set().detector_id(list.detector).threat_intel_set_id(list.id);
        sent(request.send()).await
    }

    async fn ids(cx: &Cx<'_>, detector: &str) -> Call<Vec<String>> {
        let pages = cx.guardduty().list_threat_intel_sets().detector_id(detector).into_paginator().items().send();
        Ok(pages.collect::<Result<Vec<_>, _>>().await?)
    }
}
