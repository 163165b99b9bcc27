//! Brings the agent into tasks that are already running, and waits until they report to GuardDuty.

use aws_smithy_types::DateTime;
use tfplugin::wait::{Limit, Look};
use tfplugin::{Failure, Result};
use tokio::sync::OnceCell;

use super::clusters::{TAG, wanted};
use super::settings::Settings;
use super::{EcsRuntimeMonitoring, Status};
use crate::aws::concurrent::each;
use crate::aws::ecs::{Cluster, cluster_name};
use crate::aws::{Aws, Subject};
use crate::resources::time;

/// Names of the monitored clusters, read once per apply.
#[derive(Default)]
pub struct Monitored(OnceCell<Vec<String>>);

impl Monitored {
    async fn names(&self, aws: &Aws, state: &EcsRuntimeMonitoring) -> Result<&[String]> {
        self.0.get_or_try_init(|| monitored(aws, state)).await.map(Vec::as_slice)
    }
}

/// Redeploys services of the `monitored` clusters if `state` is configured to. `before` has the clusters at the start
/// of the apply, and `freed` the clusters that are no longer tagged.
pub async fn redeploy(
    aws: &Aws,
    state: &EcsRuntimeMonitoring,
    monitored: &Monitored,
    before: &[Cluster],
    freed: &[String],
) -> Result<()> {
    if !state.redeploy_services {
        return Ok(());
    }
    let names = monitored.names(aws, state).await?;
    let region = state.region.as_str();
    let detector = aws.detector(region, &state.detector_id).await?;
    let switched_at = detector.and_then(|detector| Settings::of(&detector).changed_at());
    let results = each(names, async |name| {
        let since = match changed_at(state, before, freed, name) {
            Changed::Now => None,
            Changed::At(tagged_at) => switched_at.max(tagged_at),
        };
        redeploy_cluster(aws, region, name, since).await
    });
    Failure::all(results.await.into_iter().filter_map(Result::err))
}

/// Waits, if `state` is configured to, until each of the `monitored` clusters with running tasks reports to GuardDuty.
pub async fn wait(aws: &Aws, state: &EcsRuntimeMonitoring, monitored: &Monitored, limit: Limit) -> Result<()> {
    if !state.wait_for_coverage {
        return Ok(());
    }
    let names = monitored.names(aws, state).await?;
    let region = state.region.as_str();
    let subject = Subject::new("the coverage of ECS clusters", format!("detector {}, {region}", state.detector_id));
    let look = || async {
        let unhealthy = unhealthy(aws, state, names).await?;
        Ok(if unhealthy.is_empty() { Look::Ready(()) } else { Look::Pending(unhealthy.join("; ")) })
    };
    aws.wait(limit, &subject, look).await
}

/// Returns the names of the monitored clusters: with the agent for all, every cluster that is not tagged as excluded,
/// and otherwise those that are included.
async fn monitored(aws: &Aws, state: &EcsRuntimeMonitoring) -> Result<Vec<String>> {
    let Some(fargate) = &state.fargate else { return Ok(Vec::new()) };
    if fargate.agent.get() != Some(&Status::Enabled) {
        let included = wanted(fargate).into_iter().filter(|(_, tag)| *tag == "true");
        return Ok(included.map(|(name, _)| name).collect());
    }
    let region = state.region.as_str();
    let clusters = aws.ecs_clusters(region, &aws.ecs_cluster_names(region).await?).await?;
    let is_left_out = |cluster: &Cluster| cluster.tags.get(TAG).is_some_and(|tag| tag == "false");
    Ok(clusters.into_iter().filter(|cluster| !is_left_out(cluster)).map(|cluster| cluster.name).collect())
}

/// When the tag of a cluster was changed.
enum Changed {
    Now,
    At(Option<DateTime>),
}

fn changed_at(state: &EcsRuntimeMonitoring, before: &[Cluster], freed: &[String], name: &String) -> Changed {
    let membership = state.clusters.get().and_then(|clusters| clusters.get(name));
    let was = before.iter().find(|cluster| cluster.name == *name).and_then(|cluster| cluster.tags.get(TAG));
    if freed.contains(name) || membership.is_some_and(|membership| membership.tag.get() != was) {
        return Changed::Now;
    }
    let tagged_at = membership.and_then(|membership| membership.tagged_at.get());
    Changed::At(tagged_at.and_then(|time| time::read(time)))
}

/// Redeploys the services of a cluster. Tasks that were created before `since` have no agent. With `None`, no running
/// task has one.
async fn redeploy_cluster(aws: &Aws, region: &str, cluster: &str, since: Option<DateTime>) -> Result<()> {
    let mut failures = Vec::new();
    for service in aws.fargate_services(region, cluster).await?.iter().filter(|service| service.is_rolling) {
        let result = match aws.has_tasks_before(region, service, since).await {
            Ok(true) => {
                tracing::info!(cluster, service = service.name, "forcing a new deployment");
                aws.redeploy(region, service).await
            }
            Ok(false) => Ok(()),
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    Failure::all(failures)
}

/// Returns each cluster with running tasks that is not healthy, with the reason.
async fn unhealthy(aws: &Aws, state: &EcsRuntimeMonitoring, names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let region = state.region.as_str();
    let (clusters, records) =
        tokio::join!(aws.ecs_clusters(region, names), aws.ecs_coverage(region, &state.detector_id, Some(names), None));
    let records = records?;
    // The agent on container instances is managed only if that is configured.
    let on_ec2_too = state.ec2.as_ref().is_some_and(|ec2| ec2.agent == Status::Enabled);
    let tasks = |cluster: &Cluster| if on_ec2_too { cluster.running_tasks } else { cluster.running_fargate_tasks };
    let running = clusters?.into_iter().filter(|cluster| tasks(cluster) > 0);
    let issue = |cluster: Cluster| {
        let name = cluster_name(&cluster.name);
        let Some(record) = records.iter().find(|record| record.cluster == name) else {
            return Some(format!("cluster {name}: GuardDuty has not heard of it yet"));
        };
        let issue = record.issue.clone().or_else(|| record.fargate_issues.first().cloned());
        (!record.is_healthy()).then(|| format!("cluster {name}: {} ({})", record.status, issue.unwrap_or_default()))
    };
    Ok(running.filter_map(issue).collect())
}
