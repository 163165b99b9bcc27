//! Which clusters are monitored, and the tag that marks them.
//!
//! It does not know the features of the detector.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use tfplugin::{Computed, Diagnostic, Failure, Model, Plan, Result, Value, View, suggest, validate};

use super::names::Names;
use super::{All, EcsRuntimeMonitoring, Fargate, Status, will_fail};
use crate::aws::Aws;
use crate::aws::arn::Arn;
use crate::aws::concurrent::each;
use crate::aws::ecs::{Cluster, cluster_name};
use crate::resources::time::now;

/// The tag by which GuardDuty includes or excludes a cluster.
pub const TAG: &str = "GuardDutyManaged";

/// The tag that keeps the former value of that tag, if there was one. An instance that takes over from another needs
/// it.
const FORMER: &str = "GuardDutyManaged:former";

/// A cluster that was tagged by this resource.
#[derive(Model, Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// ARN of the cluster.
    pub arn: Computed<String>,
    /// Value of the tag `GuardDutyManaged` set by this resource.
    pub tag: Computed<String>,
    /// Former value of that tag. Null if the cluster did not have it.
    pub former_tag: Computed<String>,
    /// Date and time, in UTC, at which this resource set the tag. Null if the cluster already had this value.
    pub tagged_at: Computed<String>,
}

/// Values of the tag, by name of the cluster that should have it.
pub type Wanted = BTreeMap<String, &'static str>;

/// Clusters that were tagged by this resource, by name.
pub type Tagged = BTreeMap<String, Membership>;

/// Checks a configured choice of clusters.
pub fn check(fargate: &View<Fargate>) -> Vec<Diagnostic> {
    let all = [Fargate::CLUSTERS.any(), Fargate::INCLUDE.any(), Fargate::EXCLUDE.any()];
    let choices: Vec<_> = all.into_iter().filter(|key| !is_empty(fargate.value(*key))).collect();
    // An empty list next to another choice counts as not set. Alone, it includes or excludes no cluster.
    let is_chosen = choices.iter().any(|key| !fargate.value(*key).is_null());
    let which = validate::exactly_one_of(fargate, if is_chosen { &choices } else { &all });
    let mut faults = Vec::new();
    faults.extend(which.map(|fault| fault.detail("`clusters = \"all\"` monitors all of them.")));
    let for_all = fargate.get(Fargate::AGENT).known() == Some(Status::Enabled);
    if for_all && faults.is_empty() && fargate.is_given(Fargate::INCLUDE) && !is_empty(fargate.value(Fargate::INCLUDE))
    {
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

/// Returns whether the agent is managed for all clusters, if the configuration leaves that to its choice of clusters.
pub fn agent(fargate: &View<Fargate>) -> Option<Status> {
    let others = [fargate.value(Fargate::CLUSTERS.any()), fargate.value(Fargate::EXCLUDE.any())];
    match fargate.value(Fargate::INCLUDE) {
        Value::Unknown => None,
        Value::Null => Some(Status::Enabled),
        // An empty list next to another choice counts as not set.
        include if is_empty(include) => match others {
            others if others.iter().any(|other| other.is_unknown()) => None,
            others if others.iter().any(|other| !other.is_null()) => Some(Status::Enabled),
            _ => Some(Status::Disabled),
        },
        _ => Some(Status::Disabled),
    }
}

fn is_empty(names: &Value) -> bool {
    matches!(names, Value::Set(names) if names.is_empty())
}

/// Refuses planned clusters whose ARN is that of another account or region.
pub async fn refuse_elsewhere(aws: &Aws, region: &str, plan: &Plan<'_, EcsRuntimeMonitoring>) -> Result<()> {
    let planned = plan.planned();
    let Some(fargate) = planned.child(EcsRuntimeMonitoring::FARGATE).known() else { return Ok(()) };
    let mut faults = Vec::new();
    for key in [Fargate::INCLUDE, Fargate::EXCLUDE] {
        for written in fargate.value(key).as_items().unwrap_or_default().iter().filter_map(Value::as_str) {
            let Some(arn) = Arn::parse(written) else { continue };
            let account = &aws.account(region).await?.id;
            if arn.region != region || !account.is_empty() && arn.account != account {
                let here = format!("arn:{}:ecs:{region}:{account}:{}", arn.partition, arn.resource);
                faults.push(elsewhere(written, region, &arn, &here).at(fargate.path(key)));
            }
        }
    }
    match plan.is_create() {
        _ if faults.is_empty() => Ok(()),
        true => Failure::all(faults),
        // What exists can be destroyed all the same; the apply refuses to change it.
        false => {
            faults.into_iter().map(will_fail).for_each(tfplugin::warn);
            Ok(())
        }
    }
}

/// Warns about each planned cluster that does not exist.
pub async fn check_existence(aws: &Aws, region: &str, plan: &Plan<'_, EcsRuntimeMonitoring>) -> Result<()> {
    let planned = plan.planned();
    let Some(fargate) = planned.child(EcsRuntimeMonitoring::FARGATE).known() else { return Ok(()) };
    for key in [Fargate::INCLUDE, Fargate::EXCLUDE] {
        let names: Vec<_> = fargate
            .value(key)
            .as_items()
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        for fault in existing(aws, region, &names).await?.1 {
            tfplugin::warn(will_fail(fault.at(fargate.path(key))));
        }
    }
    Ok(())
}

/// Returns the clusters with these names or ARNs, and an error for each that the account does not have.
async fn existing(aws: &Aws, region: &str, written: &[String]) -> Result<(Vec<Cluster>, Vec<Diagnostic>)> {
    let names: BTreeSet<_> = written.iter().map(|name| cluster_name(name).to_owned()).collect();
    let found = aws.ecs_clusters(region, &names.into_iter().collect::<Vec<_>>()).await?;
    let is_there = |name: &String| found.iter().any(|cluster| cluster.arn == *name || cluster.name == *name);
    let absent: Vec<_> = written.iter().filter(|name| !is_there(name)).collect();
    if absent.is_empty() {
        return Ok((found, Vec::new()));
    }
    let all = aws.ecs_cluster_names(region).await?;
    let faults = absent.into_iter().map(|written| {
        let namesake = found.iter().find(|cluster| cluster.name == cluster_name(written));
        if let Some((arn, namesake)) = Arn::parse(written).zip(namesake) {
            return elsewhere(written, region, &arn, &namesake.arn).at(EcsRuntimeMonitoring::FARGATE);
        }
        Diagnostic::error(format!("there is no ECS cluster {written} in {region}"))
            .at(EcsRuntimeMonitoring::FARGATE)
            .detail(suggest::allowed(cluster_name(written), all.iter().map(String::as_str)))
            .detail("Reference a cluster that is created in the same run by its ARN: then it is created first.")
    });
    let faults = faults.collect();
    Ok((found, faults))
}

/// Returns the error for an ARN of another region or account.
fn elsewhere(written: &str, region: &str, arn: &Arn<'_>, here: &str) -> Diagnostic {
    let mut help = format!("In this account and region the ARN would be {here}.");
    if arn.region != region {
        let elsewhere =
            format!("A block monitors clusters of its own region: set `region = {:?}` in another block.", arn.region);
        help = format!("{elsewhere}\n{help}");
    }
    let fault = Diagnostic::error(format!("{written} is not a cluster of this account in {region}"));
    fault.detail(help).detail("Nothing is tagged in its place.")
}

/// Returns which clusters should have the tag, and with which value.
pub fn wanted(fargate: &Fargate) -> Wanted {
    let names = |names: &Option<Names>, value: &'static str| {
        names.iter().flat_map(|names| &names.0).map(|name| (name.clone(), value)).collect::<Vec<_>>()
    };
    let all = names(&fargate.include, "true").into_iter().chain(names(&fargate.exclude, "false"));
    all.map(|(name, value)| (cluster_name(&name).to_owned(), value)).collect()
}

/// Returns the clusters that should have a tag, all of which must exist, and those that were tagged before.
pub async fn find(aws: &Aws, region: &str, fargate: Option<&Fargate>, tagged: &[String]) -> Result<Vec<Cluster>> {
    let lists = fargate.into_iter().flat_map(|fargate| [&fargate.include, &fargate.exclude]).flatten();
    let written: Vec<_> = lists.flat_map(|names| &names.0).cloned().collect();
    let (mut found, faults) = existing(aws, region, &written).await?;
    Failure::all(faults)?;
    let is_found = |name: &String| found.iter().any(|cluster| cluster.name == *name);
    let others: Vec<_> = tagged.iter().filter(|name| !is_found(name)).cloned().collect();
    found.extend(aws.ecs_clusters(region, &others).await?);
    Ok(found)
}

/// Returns whether all clusters that should have a tag have it.
pub fn are_met(found: &[Cluster], wanted: &Wanted) -> bool {
    let has = |cluster: &Cluster, value: &str| cluster.tags.get(TAG).is_some_and(|tag| tag == value);
    wanted.iter().all(|(name, value)| found.iter().any(|cluster| cluster.name == *name && has(cluster, value)))
}

/// The clusters that instances chose in this run, by what they hold.
#[derive(Default)]
struct Chosen(Mutex<HashMap<String, Wanted>>);

/// Records which clusters the last instance to hold `key` has chosen.
pub fn note_wanted(aws: &Aws, key: &str, wanted: &Wanted) {
    let chosen = aws.shared::<Chosen>();
    chosen.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), wanted.clone());
}

/// Returns the clusters that another instance chose in this run, or `None` if none did.
pub fn wanted_by_others(aws: &Aws, key: &str) -> Option<Wanted> {
    aws.shared::<Chosen>().0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
}

/// Tags clusters that are not tagged as wanted. Returns the clusters tagged so far, and the failures. `is_joining`
/// means that another instance tagged them and noted the former value of the tag on the cluster.
pub async fn tag(
    aws: &Aws,
    region: &str,
    found: &[Cluster],
    wanted: &Wanted,
    before: Tagged,
    is_joining: bool,
) -> (Tagged, Result<()>) {
    let jobs = found.iter().filter_map(|cluster| Some((cluster, *wanted.get(&cluster.name)?)));
    let done = each(jobs, async |(cluster, value)| {
        let has = cluster.tags.get(TAG).cloned();
        let former = cluster.tags.get(FORMER).cloned();
        if has.as_deref() == Some(value) {
            let before = if is_joining { former } else { former.or(has) };
            return (cluster, value, before, Ok(None));
        }
        let mut tags = vec![(TAG, value)];
        tags.extend(has.as_deref().filter(|_| former.is_none()).map(|has| (FORMER, has)));
        let set = aws.tag_ecs_cluster(region, &cluster.arn, &tags).await;
        (cluster, value, former.or(has), set.map(|()| Some(now())))
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

/// Restores the former tag of clusters, unless it was changed outside this resource since. Returns the clusters that
/// are still to be restored, and the failures.
pub async fn restore(aws: &Aws, region: &str, found: &[Cluster], tagged: Tagged) -> (Tagged, Result<()>) {
    let done = each(tagged, async |(name, membership)| {
        let Some(cluster) = found.iter().find(|cluster| cluster.name == name) else {
            return (name, membership, Ok(()));
        };
        let former = membership.former_tag.get().map(String::as_str);
        let is_ours =
            cluster.tags.get(TAG) == membership.tag.get() && former != membership.tag.get().map(String::as_str);
        let result = if is_ours {
            give_back(aws, region, cluster, former).await
        } else if cluster.tags.contains_key(FORMER) {
            aws.untag_ecs_cluster(region, &cluster.arn, &[FORMER]).await
        } else {
            Ok(())
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

/// Restores the tag that a cluster had before this resource tagged it.
async fn give_back(aws: &Aws, region: &str, cluster: &Cluster, former: Option<&str>) -> Result<()> {
    if let Some(former) = former {
        aws.tag_ecs_cluster(region, &cluster.arn, &[(TAG, former)]).await?;
    }
    let mut keys = if former.is_none() { vec![TAG] } else { Vec::new() };
    keys.extend(cluster.tags.contains_key(FORMER).then_some(FORMER));
    if keys.is_empty() { Ok(()) } else { aws.untag_ecs_cluster(region, &cluster.arn, &keys).await }
}

/// Updates `state` from the tags of clusters: a cluster without its tag is no longer chosen, and a deleted cluster is
/// removed.
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

/// Returns the choice of clusters that the tags of all clusters amount to, and these clusters as if this resource had
/// tagged them.
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
        former_tag: cluster.tags.get(FORMER).cloned().into(),
        tagged_at: Computed::null(),
    };
    Ok((fargate, chosen.iter().map(|cluster| (cluster.name.clone(), membership(cluster))).collect()))
}

#[cfg(test)]
mod tests {
    use tfplugin::Path;

    use super::*;

    /// Returns the problems of a choice of clusters, and the agent status that follows from it.
    fn told(choice: &[(&str, Value)]) -> (Vec<String>, Option<Status>) {
        let config = Value::Map(choice.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect());
        let view = View::new(&config, Path::root());
        (check(&view).into_iter().map(|fault| fault.summary).collect(), agent(&view))
    }

    #[test]
    fn an_empty_list_beside_another_choice_is_none() {
        let (none, some) = (Value::set([]), Value::set(["prod".into()]));
        let (on, off) = (Some(Status::Enabled), Some(Status::Disabled));
        let sound = |agent| (Vec::new(), agent);
        assert_eq!(told(&[("include", some.clone()), ("exclude", none.clone())]), sound(off));
        assert_eq!(told(&[("include", none.clone()), ("exclude", some.clone())]), sound(on));
        let all = [("clusters", "all".into()), ("include", none.clone()), ("exclude", none.clone())];
        assert_eq!(told(&all), sound(on));
        assert_eq!(told(&[("include", none.clone()), ("exclude", Value::Unknown)]), sound(None));
        assert_eq!(told(&[("include", none.clone())]), sound(off), "alone it chooses no cluster");
        assert_eq!(told(&[("exclude", none.clone())]), sound(on), "alone it leaves none out");
        assert_eq!(
            told(&[("include", none.clone()), ("exclude", none)]).0,
            ["`include` and `exclude` exclude each other"]
        );
        let both = told(&[("include", some.clone()), ("exclude", some)]).0;
        assert_eq!(both, ["`include` and `exclude` exclude each other"]);
    }
}
