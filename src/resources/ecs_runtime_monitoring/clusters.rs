//! Which clusters are monitored, and the tag that says so.
//!
//! It does not know the detector's features.

use std::collections::BTreeMap;

use tfplugin::{Computed, Diagnostic, Failure, Model, Plan, Result, Value, View, suggest, validate};

use super::names::Names;
use super::{All, EcsRuntimeMonitoring, Fargate, Status};
use crate::aws::Aws;
use crate::aws::concurrent::each;
use crate::aws::ecs::{Cluster, cluster_name};
use crate::resources::time::now;

/// The tag by which GuardDuty tells clusters apart.
pub const TAG: &str = "GuardDutyManaged";

/// A cluster that was tagged here.
#[derive(Model, Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// ARN of the cluster.
    pub arn: Computed<String>,
    /// Value of its tag `GuardDutyManaged` as set here.
    pub tag: Computed<String>,
    /// Value of that tag before; null if it had none.
    pub former_tag: Computed<String>,
    /// When it was set here, in UTC; null if it was so already.
    pub tagged_at: Computed<String>,
}

/// Value of the tag by name of the cluster that shall have it.
pub type Wanted = BTreeMap<String, &'static str>;

/// Clusters that were tagged here, by name.
pub type Tagged = BTreeMap<String, Membership>;

/// What is wrong with a configured choice.
pub fn check(fargate: &View<Fargate>) -> Vec<Diagnostic> {
    let choices = [Fargate::CLUSTERS.any(), Fargate::INCLUDE.any(), Fargate::EXCLUDE.any()];
    let which = validate::exactly_one_of(fargate, &choices);
    let mut faults = Vec::new();
    faults.extend(which.map(|fault| fault.detail("`clusters = \"all\"` monitors all of them.")));
    let for_all = fargate.get(Fargate::AGENT).known() == Some(Status::Enabled);
    if for_all && faults.is_empty() && fargate.is_given(Fargate::INCLUDE) {
        let warning = Diagnostic::warning("`include` has no effect while the agent is managed for all clusters");
        faults.push(
            warning
                .at(fargate.path(Fargate::AGENT))
                .detail("GuardDuty puts the agent into the tasks of every cluster that is not tagged to be left out.")
                .detail("Leave `agent` out to monitor, and pay for, only the clusters in `include`."),
        );
    }
    faults
}

/// Whether the agent is managed for all clusters, where the configuration leaves that to its choice of clusters.
pub fn agent(fargate: &View<Fargate>) -> Option<Status> {
    match fargate.value(Fargate::INCLUDE) {
        Value::Unknown => None,
        Value::Null => Some(Status::Enabled),
        _ => Some(Status::Disabled),
    }
}

/// Warns of each planned cluster that does not exist.
pub async fn warn_of_missing(aws: &Aws, region: &str, plan: &Plan<'_, EcsRuntimeMonitoring>) -> Result<()> {
    let planned = plan.planned();
    let Some(fargate) = planned.child(EcsRuntimeMonitoring::FARGATE) else { return Ok(()) };
    for key in [Fargate::INCLUDE, Fargate::EXCLUDE] {
        let names: Vec<_> = fargate.value(key).items().iter().filter_map(Value::as_str).map(str::to_owned).collect();
        for missing in existing(aws, region, &names).await?.1 {
            tfplugin::warn(missing.at(fargate.path(key)));
        }
    }
    Ok(())
}

/// The clusters of these names or ARNs, and what is to be said of each that does not exist.
async fn existing(aws: &Aws, region: &str, names: &[String]) -> Result<(Vec<Cluster>, Vec<Diagnostic>)> {
    if names.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let found = aws.ecs_clusters(region, names).await?;
    let is_there = |name: &String| found.iter().any(|cluster| cluster.arn == *name || cluster.name == *name);
    let missing: Vec<_> = names.iter().filter(|name| !is_there(name)).collect();
    if missing.is_empty() {
        return Ok((found, Vec::new()));
    }
    let all = aws.ecs_cluster_names(region).await?;
    let missing = missing.into_iter().map(|name| {
        Diagnostic::error(format!("there is no ECS cluster {name} in {region}"))
            .at(EcsRuntimeMonitoring::FARGATE)
            .detail(suggest::allowed(cluster_name(name), all.iter().map(String::as_str)))
            .detail("A cluster that is made in the same run is best given by its ARN: then it is made first.")
    });
    let missing = missing.collect();
    Ok((found, missing))
}

/// Which clusters shall have the tag, and with which value.
pub fn wanted(fargate: &Fargate) -> Wanted {
    let names = |names: &Option<Names>, value: &'static str| {
        names.iter().flat_map(|names| &names.0).map(|name| (name.clone(), value)).collect::<Vec<_>>()
    };
    let all = names(&fargate.include, "true").into_iter().chain(names(&fargate.exclude, "false"));
    all.map(|(name, value)| (cluster_name(&name).to_owned(), value)).collect()
}

/// The clusters that shall have the tag, all of which must exist, and those that were tagged before.
pub async fn find(aws: &Aws, region: &str, wanted: &Wanted, tagged: &[String]) -> Result<Vec<Cluster>> {
    let names: Vec<_> = wanted.keys().cloned().collect();
    let (mut found, missing) = existing(aws, region, &names).await?;
    if !missing.is_empty() {
        return Err(missing.into());
    }
    let others: Vec<_> = tagged.iter().filter(|name| !wanted.contains_key(*name)).cloned().collect();
    if !others.is_empty() {
        found.extend(aws.ecs_clusters(region, &others).await?);
    }
    Ok(found)
}

/// Tags what isn't as wanted. Returns what is tagged by now, and what failed.
pub async fn tag(aws: &Aws, region: &str, found: &[Cluster], wanted: &Wanted, before: Tagged) -> (Tagged, Result<()>) {
    let jobs = found.iter().filter_map(|cluster| Some((cluster, *wanted.get(&cluster.name)?)));
    let done = each(jobs, async |(cluster, value)| {
        let has = cluster.tags.get(TAG).cloned();
        if has.as_deref() == Some(value) {
            return (cluster, value, has, Ok(None));
        }
        let set = aws.tag_ecs_cluster(region, &cluster.arn, TAG, Some(value)).await;
        (cluster, value, has, set.map(|()| Some(now())))
    })
    .await;
    let mut tagged = before;
    let mut failures = Vec::new();
    for (cluster, value, has, result) in done {
        let earlier = tagged.get(&cluster.name).cloned();
        match result {
            Ok(at) => {
                let tagged_at = at.or_else(|| earlier.as_ref()?.tagged_at.get().cloned());
                let former_tag = earlier.map_or(has.into(), |earlier| earlier.former_tag);
                let membership = Membership {
                    arn: cluster.arn.clone().into(),
                    tag: value.to_owned().into(),
                    former_tag,
                    tagged_at: tagged_at.into(),
                };
                tagged.insert(cluster.name.clone(), membership);
            }
            Err(failure) => failures.push(failure),
        }
    }
    (tagged, Failure::all(failures))
}

/// Gives clusters their former tag back, unless somebody else changed it since. Returns those whose turn is still to
/// come, and what failed.
pub async fn restore(aws: &Aws, region: &str, found: &[Cluster], tagged: Tagged) -> (Tagged, Result<()>) {
    let done = each(tagged, async |(name, membership)| {
        let cluster = found.iter().find(|cluster| cluster.name == name);
        let cluster = cluster.filter(|cluster| cluster.tags.get(TAG) == membership.tag.get());
        let former = membership.former_tag.get().map(String::as_str);
        let result = match cluster.filter(|_| former != membership.tag.get().map(String::as_str)) {
            Some(cluster) => aws.tag_ecs_cluster(region, &cluster.arn, TAG, former).await,
            None => Ok(()),
        };
        (name, membership, result)
    })
    .await;
    let mut left = Tagged::new();
    let mut failures = Vec::new();
    for (name, membership, result) in done {
        if let Err(failure) = result {
            left.insert(name, membership);
            failures.push(failure);
        }
    }
    (left, Failure::all(failures))
}

/// `state` as the clusters' tags are: one without its tag is no longer chosen, one that is gone is forgotten.
pub fn refresh(state: &mut EcsRuntimeMonitoring, found: &[Cluster]) {
    let has_tag = |name: &String, value: &str| {
        let cluster = found.iter().find(|cluster| cluster.name == cluster_name(name));
        cluster.is_some_and(|cluster| cluster.tags.get(TAG).is_some_and(|tag| tag == value))
    };
    if let Some(fargate) = &mut state.fargate {
        for (names, value) in [(&mut fargate.include, "true"), (&mut fargate.exclude, "false")] {
            names.iter_mut().for_each(|names| names.0.retain(|name| has_tag(name, value)));
        }
    }
    if let Some(mut tagged) = state.clusters.get().cloned() {
        tagged.retain(|name, _| found.iter().any(|cluster| cluster.name == *name));
        state.clusters = tagged.into();
    }
}

/// The choice of clusters that the tags of all of them amount to, and these as if they were tagged here.
pub async fn discover(aws: &Aws, region: &str, agent_on: bool) -> Result<(Option<Fargate>, Tagged)> {
    let names = aws.ecs_cluster_names(region).await?;
    let found = if names.is_empty() { Vec::new() } else { aws.ecs_clusters(region, &names).await? };
    let value = if agent_on { "false" } else { "true" };
    let chosen: Vec<_> = found.iter().filter(|cluster| cluster.tags.get(TAG).is_some_and(|tag| tag == value)).collect();
    let listed = (!chosen.is_empty()).then(|| Names(chosen.iter().map(|cluster| cluster.name.clone()).collect()));
    let agent = |status: Status| status.into();
    let fargate = match (agent_on, listed) {
        (true, None) => {
            Some(Fargate { clusters: Some(All::All), include: None, exclude: None, agent: agent(Status::Enabled) })
        }
        (true, exclude) => Some(Fargate { clusters: None, include: None, exclude, agent: agent(Status::Enabled) }),
        (false, None) => None,
        (false, include) => Some(Fargate { clusters: None, include, exclude: None, agent: agent(Status::Disabled) }),
    };
    let membership = |cluster: &&Cluster| Membership {
        arn: cluster.arn.clone().into(),
        tag: value.to_owned().into(),
        former_tag: Computed::none(),
        tagged_at: Computed::none(),
    };
    Ok((fargate, chosen.iter().map(|cluster| (cluster.name.clone(), membership(cluster))).collect()))
}
