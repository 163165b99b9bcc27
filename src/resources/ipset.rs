//! `guardduty_ipset`: the list of IP addresses that are trusted.

use std::collections::HashMap;

use tfplugin::{Computed, Model};

use super::lists::{Change, List, ListId, ListKind, Seen};
use crate::kit::{Call, Common, Cx, sent};

/// Manages a GuardDuty trusted IP list: a list of IPv4 addresses and ranges that are known to be harmless. GuardDuty
/// generates no findings for traffic and calls from or to them.
///
/// The list is a file in S3. Set `location` to use a file that is managed elsewhere. Or set `entries`, and the provider
/// uploads them to `bucket` and `key`. The provider then reloads the list after each change, restores the object if it
/// is changed or deleted outside this resource, and deletes it with the list.
///
/// A trusted IP list applies to findings from CloudTrail events, VPC flow logs and DNS logs. AWS does not document that
/// it applies to Runtime Monitoring, and this is not verified. Only publicly routable addresses are effective. An
/// account can have one trusted IP list in a region, with at most 2,000 entries and 35 MB. In an organization, only the
/// administrator account can have a trusted IP list, and it applies to all member accounts.
///
/// GuardDuty loads a list in about 15 minutes, at most about 40 minutes, and the apply waits for it. Meanwhile,
/// GuardDuty accepts no changes of the list. GuardDuty reads the file with its service-linked role, so bucket policies
/// and KMS key policies must not deny access to that role.
///
/// An imported list has a `location`. If the configuration has `entries`, the next apply uploads them once.
#[derive(Model, Clone, Debug, Default)]
#[model(key(id))]
pub struct Ipset {
    #[attr(flatten)]
    pub list: List,
    /// ID of the resource, in the form `DETECTOR:ID`.
    #[attr(keep)]
    pub id: Computed<String>,
    #[attr(flatten)]
    pub common: Common,
}

impl ListKind for Ipset {
    const TYPE_NAME: &'static str = "ipset";
    const NOUN: &'static str = "GuardDuty trusted IP list";
    const RESOURCE: &'static str = "ipset";
    const MAX_ENTRIES: usize = 2_000;
    const IS_SINGLE: bool = true;
    const MOVES_FROM_AWS: bool = true;

    async fn create(cx: &Cx<'_>, list: &List, location: &str, tags: HashMap<String, String>) -> Call<String> {
        let request = cx.guardduty().create_ip_set().detector_id(&list.detector_id).name(&list.name);
        let request = request.format(list.format.as_str().into()).location(location).activate(list.activate);
        let request = request.set_expected_bucket_owner(list.expected_bucket_owner.clone()).set_tags(Some(tags));
        Ok(request.send().await?.ip_set_id.unwrap_or_default())
    }

    async fn get(cx: &Cx<'_>, list: ListId<'_>) -> Call<Seen> {
        let found = cx.guardduty().get_ip_set().detector_id(list.detector).ip_set_id(list.id).send().await?;
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
        let request = cx.guardduty().update_ip_set().detector_id(list.detector).ip_set_id(list.id);
        let request = request.set_name(change.name).set_location(change.location).set_activate(change.activate);
        sent(request.set_expected_bucket_owner(change.expected_bucket_owner).send()).await
    }

    async fn delete(cx: &Cx<'_>, list: ListId<'_>) -> Call<()> {
        sent(cx.guardduty().delete_ip_set().detector_id(list.detector).ip_set_id(list.id).send()).await
    }

    async fn ids(cx: &Cx<'_>, detector: &str) -> Call<Vec<String>> {
        let pages = cx.guardduty().list_ip_sets().detector_id(detector).into_paginator().items().send();
        Ok(pages.collect::<Result<Vec<_>, _>>().await?)
    }
}
