//! Runtime Monitoring coverage of ECS clusters, as reported by GuardDuty.

use aws_sdk_guardduty::types::{
    ContainerInstanceDetails, CoverageFilterCondition, CoverageFilterCriteria, CoverageFilterCriterion,
    CoverageFilterCriterionKey, CoverageResource, ManagementType,
};
use aws_smithy_types::date_time::Format;
use tfplugin::Result;

use super::{Aws, Explain, Subject};

/// Maximum number of values in a condition.
const VALUES_A_CONDITION: usize = 50;

/// Status of a cluster whose running tasks all report.
pub const HEALTHY: &str = "HEALTHY";

/// Coverage of one cluster. It exists only after a task has run in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Name of the cluster.
    pub cluster: String,
    /// Account of the cluster.
    pub account_id: String,
    /// Coverage status: `HEALTHY` or `UNHEALTHY`.
    pub status: String,
    /// Coverage issue, in one sentence.
    pub issue: Option<String>,
    /// Issues of its Fargate tasks.
    pub fargate_issues: Vec<String>,
    /// How the agent of its Fargate tasks is managed.
    pub management_type: Option<String>,
    /// Number of container instances that have an agent.
    pub covered_container_instances: Option<i64>,
    /// Number of container instances that can have an agent.
    pub compatible_container_instances: Option<i64>,
    /// When the coverage was updated, in RFC 3339.
    pub updated_at: Option<String>,
}

impl Coverage {
    /// Returns whether there is no issue.
    pub fn is_healthy(&self) -> bool {
        self.status == HEALTHY
    }

    fn from_api(record: &CoverageResource) -> Option<Self> {
        let details = record.resource_details()?.ecs_cluster_details()?;
        let (fargate, instances) = (details.fargate_details(), details.container_instance_details());
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Coverage {
            cluster: details.cluster_name().unwrap_or_default().to_owned(),
            account_id: record.account_id().unwrap_or_default().to_owned(),
            status: record.coverage_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            issue: text(record.issue()),
            fargate_issues: fargate.map(|fargate| fargate.issues().to_vec()).unwrap_or_default(),
            management_type: fargate.and_then(|fargate| text(fargate.management_type().map(ManagementType::as_str))),
            covered_container_instances: instances.and_then(ContainerInstanceDetails::covered_container_instances),
            compatible_container_instances: instances
                .and_then(ContainerInstanceDetails::compatible_container_instances),
            updated_at: record.updated_at().and_then(|time| time.fmt(Format::DateTime).ok()),
        })
    }
}

impl Aws {
    /// Calls ListCoverage for ECS clusters: all, or those with these names, with any status or a given one. The result
    /// is sorted by name.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn ecs_coverage(
        &self,
        region: &str,
        detector: &str,
        clusters: Option<&[String]>,
        status: Option<&str>,
    ) -> Result<Vec<Coverage>> {
        let mut found = Vec::new();
        match clusters {
            None => found = self.list_coverage(region, detector, &[], status).await?,
            Some(clusters) => {
                for clusters in clusters.chunks(VALUES_A_CONDITION) {
                    found.extend(self.list_coverage(region, detector, clusters, status).await?);
                }
            }
        }
        found.sort_by(|one, other| (&one.cluster, &one.account_id).cmp(&(&other.cluster, &other.account_id)));
        Ok(found)
    }

    async fn list_coverage(
        &self,
        region: &str,
        detector: &str,
        clusters: &[String],
        status: Option<&str>,
    ) -> Result<Vec<Coverage>> {
        use CoverageFilterCriterionKey::{CoverageStatus, EcsClusterName, ResourceType};
        let criteria = CoverageFilterCriteria::builder().filter_criterion(equals(ResourceType, &["ECS".to_owned()]));
        let criteria =
            if clusters.is_empty() { criteria } else { criteria.filter_criterion(equals(EcsClusterName, clusters)) };
        let criteria = match status {
            Some(status) => criteria.filter_criterion(equals(CoverageStatus, &[status.to_owned()])),
            None => criteria,
        };
        let request = self.guardduty(region).list_coverage().detector_id(detector).filter_criteria(criteria.build());
        let pages = request.max_results(50).into_paginator().items().send();
        let records = pages.collect::<std::result::Result<Vec<_>, _>>().await;
        let subject = Subject::new("the coverage of ECS clusters", format!("detector {detector}, {region}"));
        Ok(records.or_fail("list", &subject)?.iter().filter_map(Coverage::from_api).collect())
    }
}

fn equals(key: CoverageFilterCriterionKey, values: &[String]) -> CoverageFilterCriterion {
    let condition = CoverageFilterCondition::builder().set_equals(Some(values.to_vec())).build();
    CoverageFilterCriterion::builder().criterion_key(key).filter_condition(condition).build()
}
