//! `guardduty_threatintelset`: a list of IP addresses that are known to be malicious.

use std::collections::HashMap;

use tfplugin::{Computed, Model};

use super::lists::{Change, List, ListId, ListKind, Seen};
use crate::kit::{Call, Common, Cx, sent};

/// Manages a GuardDuty threat list: a list of IPv4 addresses and ranges that are known to be malicious. GuardDuty
/// generates findings for traffic and calls from or to them.
///
/// The list is a file in S3. Set `location` to use a file that is managed elsewhere. Or set `entries`, and the provider
/// uploads them to `bucket` and `key`. The provider then reloads the list after each change, restores the object if it
/// is changed or deleted outside this resource, and deletes it with the list.
///
/// Threat lists apply to findings from CloudTrail events, VPC flow logs and DNS logs. They do not apply to Runtime
/// Monitoring: the activity of a Fargate task is checked against them only as far as flow logs and DNS logs show it.
/// Only publicly routable addresses are effective. An account can have at most 6 threat lists in a region, each with at
/// most 250,000 entries and 35 MB. In an organization, only the administrator account can have threat lists, and they
/// apply to all member accounts.
///
/// GuardDuty loads a list in about 15 minutes, at most about 40 minutes, and the apply waits for it. Meanwhile,
/// GuardDuty accepts no changes of the list. GuardDuty reads the file with its service-linked role, so bucket policies
/// and KMS key policies must not deny access to that role.
///
/// An imported list has a `location`. If the configuration has `entries`, the next apply uploads them once.
#[derive(Model, Clone, Debug, Default)]
#[model(key(id))]
pub struct Threatintelset {
    #[attr(flatten)]
    pub list: List,
    /// ID of the resource, in the form `DETECTOR:ID`.
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
