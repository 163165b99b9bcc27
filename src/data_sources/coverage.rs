//! `guardduty_coverage`: which ECS clusters runtime monitoring really sees.
//!
//! It does not know how coverage is asked for: `aws::coverage` does.

use tfplugin::{Choice, Computed, DataSource, Model, OptionalComputed, Result, Set, validate};

use crate::aws::Aws;
use crate::aws::coverage::Coverage as Record;

/// Tells of each ECS cluster whether runtime monitoring sees its tasks, and if not, why.
///
/// GuardDuty knows a cluster only after a task ran in it, and takes some 10 to 15 minutes to notice a change. A cluster
/// on EC2 is unhealthy as soon as one of its container instances has no agent. In an organization the administrator's
/// account sees the clusters of its members too.
#[derive(Model)]
pub struct Coverage {
    /// Detector to ask.
    #[attr(validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Names of the clusters to tell of. By default all.
    pub cluster_names: Option<Set<String>>,
    /// Status of the clusters to tell of. By default any.
    pub status: Option<Status>,
    /// The clusters, sorted by name.
    pub clusters: Computed<Vec<Cluster>>,
    /// How many of `clusters` are healthy.
    pub healthy: Computed<i64>,
    /// How many of `clusters` are not.
    pub unhealthy: Computed<i64>,
    /// Id of the detector.
    pub id: Computed<String>,
    /// Region of the detector. By default the provider's.
    #[attr(absent = empty)]
    pub region: OptionalComputed<String>,
}

/// Whether GuardDuty hears from every running task.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Healthy,
    /// It does not.
    Unhealthy,
}

/// Coverage of one cluster.
#[derive(Model)]
pub struct Cluster {
    /// Name of the cluster.
    pub cluster_name: Computed<String>,
    /// Account of the cluster.
    pub account_id: Computed<String>,
    /// `HEALTHY` or `UNHEALTHY`.
    pub status: Computed<String>,
    /// What is wrong, in one sentence; null where nothing is.
    pub issue: Computed<String>,
    /// What is wrong with its Fargate tasks.
    pub fargate_issues: Computed<Vec<String>>,
    /// `AUTO_MANAGED` where GuardDuty puts the agent into its Fargate tasks, `DISABLED` where it doesn't.
    pub management_type: Computed<String>,
    /// How many of its container instances on EC2 have an agent.
    pub covered_container_instances: Computed<i64>,
    /// How many of its container instances on EC2 could have one.
    pub compatible_container_instances: Computed<i64>,
    /// When GuardDuty found this out, in UTC.
    pub updated_at: Computed<String>,
}

impl DataSource for Coverage {
    const TYPE_NAME: &'static str = "coverage";
    type Client = Aws;

    async fn read(aws: &Aws, config: Self) -> Result<Self> {
        let region = aws.region_or_default(config.region.get().map(String::as_str)).await?;
        let (names, status) = (config.cluster_names.as_ref(), config.status.as_ref().map(Status::as_str));
        let names = names.map(|names| names.0.as_slice());
        let found = aws.ecs_coverage(&region, &config.detector_id, names, status).await?;
        let healthy = found.iter().filter(|record| record.is_healthy()).count();
        let unhealthy = found.len() - healthy;
        Ok(Coverage {
            clusters: found.into_iter().map(Cluster::from_api).collect::<Vec<_>>().into(),
            healthy: count(healthy).into(),
            unhealthy: count(unhealthy).into(),
            id: config.detector_id.clone().into(),
            region: region.into(),
            ..config
        })
    }
}

impl Cluster {
    fn from_api(record: Record) -> Self {
        Cluster {
            cluster_name: record.cluster.into(),
            account_id: record.account_id.into(),
            status: record.status.into(),
            issue: record.issue.into(),
            fargate_issues: record.fargate_issues.into(),
            management_type: record.management_type.into(),
            covered_container_instances: record.covered_container_instances.into(),
            compatible_container_instances: record.compatible_container_instances.into(),
            updated_at: record.updated_at.into(),
        }
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
