//! `guardduty_coverage`: the ECS clusters that Runtime Monitoring covers.
//!
//! It does not know how coverage is requested: `aws::coverage` does.

use tfplugin::{Choice, Computed, DataSource, Model, OptionalComputed, Result, Set, validate};

use crate::aws::Aws;
use crate::aws::coverage::Coverage as Record;

/// Reads, for each ECS cluster, whether Runtime Monitoring covers its tasks, and the reason if it does not.
///
/// GuardDuty knows a cluster only after a task has run in it, and detects a change after about 10 to 15 minutes. A
/// cluster on EC2 is unhealthy as soon as one of its container instances has no agent. In an organization, the
/// administrator account also sees the clusters of its member accounts.
#[derive(Model)]
pub struct Coverage {
    /// ID of the detector.
    #[attr(validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Names of the clusters to return. Default: all clusters.
    pub cluster_names: Option<Set<String>>,
    /// Status of the clusters to return. Default: any status.
    pub status: Option<Status>,
    /// Clusters, sorted by name.
    pub clusters: Computed<Vec<Cluster>>,
    /// Number of healthy clusters in `clusters`.
    pub healthy: Computed<i64>,
    /// Number of unhealthy clusters in `clusters`.
    pub unhealthy: Computed<i64>,
    /// ID of the detector.
    pub id: Computed<String>,
    /// Region of the detector. Defaults to the provider's region.
    #[attr(absent = empty)]
    pub region: OptionalComputed<String>,
}

/// Whether every running task reports to GuardDuty.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Every running task reports to GuardDuty.
    Healthy,
    /// Not every running task reports to GuardDuty.
    Unhealthy,
}

/// Coverage of one cluster.
#[derive(Model)]
pub struct Cluster {
    /// Name of the cluster.
    pub cluster_name: Computed<String>,
    /// ID of the account that the cluster belongs to.
    pub account_id: Computed<String>,
    /// Coverage status of the cluster: `HEALTHY` or `UNHEALTHY`.
    pub status: Computed<String>,
    /// Coverage issue of the cluster, in one sentence. Null if it has none.
    pub issue: Computed<String>,
    /// Coverage issues of its Fargate tasks.
    pub fargate_issues: Computed<Vec<String>>,
    /// How the agent is managed: `AUTO_MANAGED` if GuardDuty adds the agent to the cluster's Fargate tasks, otherwise
    /// `DISABLED`.
    pub management_type: Computed<String>,
    /// Number of container instances on EC2 that have an agent.
    pub covered_container_instances: Computed<i64>,
    /// Number of container instances on EC2 that can have an agent.
    pub compatible_container_instances: Computed<i64>,
    /// Date and time, in UTC, at which GuardDuty last updated the coverage.
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
