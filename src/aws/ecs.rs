//! ECS clusters with their tags, and their Fargate services with tasks.
//!
//! It does not know the meaning of tags, or why a service is redeployed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_ecs::types::{self, ClusterField, DeploymentControllerType, DesiredStatus, Tag};
use aws_smithy_types::DateTime;
use tfplugin::Result;

use super::wait::LATE_READ;
use super::{Aws, Explain, Subject};

/// Maximum number of clusters in a DescribeClusters call.
const CLUSTERS_A_CALL: usize = 100;
/// Maximum number of services in a DescribeServices call.
const SERVICES_A_CALL: usize = 10;
/// Maximum number of tasks in a DescribeTasks call.
const TASKS_A_CALL: usize = 100;

/// An active cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Name of the cluster.
    pub name: String,
    /// ARN of the cluster.
    pub arn: String,
    /// Number of running tasks.
    pub running_tasks: i32,
    /// Number of running tasks on Fargate.
    pub running_fargate_tasks: i32,
    /// Tags of the cluster.
    pub tags: BTreeMap<String, String>,
}

/// A service that runs tasks on Fargate.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// ARN of its cluster.
    pub cluster_arn: String,
    /// ARN of the service.
    pub arn: String,
    /// Name of the service.
    pub name: String,
    /// When its current deployment began.
    pub deployed_at: Option<DateTime>,
    /// Whether it is deployed by ECS itself instead of CodeDeploy or another controller.
    pub is_rolling: bool,
    /// Number of running tasks.
    pub running_tasks: i32,
}

/// Returns the name in a cluster's ARN, or a name unchanged.
pub fn cluster_name(name_or_arn: &str) -> &str {
    name_or_arn.rsplit('/').next().unwrap_or(name_or_arn)
}

impl Aws {
    /// Calls DescribeClusters with tags and counts by launch type, for names or ARNs. Clusters that do not exist or are
    /// not active are left out.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn ecs_clusters(&self, region: &str, names: &[String]) -> Result<Vec<Cluster>> {
        let mut clusters = Vec::new();
        for names in names.chunks(CLUSTERS_A_CALL) {
            let subject = Subject::new(format!("the ECS clusters {}", names.join(", ")), region);
            let request = self.ecs(region).describe_clusters().set_clusters(Some(names.to_vec()));
            let found = request
                .include(ClusterField::Tags)
                .include(ClusterField::Statistics)
                .send()
                .await
                .or_fail("read", &subject)?;
            let active = found.clusters().iter().filter(|cluster| cluster.status() == Some("ACTIVE"));
            clusters.extend(active.map(|cluster| self.shared::<Retagged>().correct(Cluster::from_api(cluster))));
        }
        Ok(clusters)
    }

    /// Calls ListClusters and returns the names of all clusters.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn ecs_cluster_names(&self, region: &str) -> Result<Vec<String>> {
        let pages = self.ecs(region).list_clusters().into_paginator().items().send();
        let arns = pages.collect::<std::result::Result<Vec<_>, _>>().await;
        let arns = arns.or_fail("list", &Subject::new("the ECS clusters", region))?;
        Ok(arns.iter().map(|arn| cluster_name(arn).to_owned()).collect())
    }

    /// Calls TagResource.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn tag_ecs_cluster(&self, region: &str, arn: &str, given: &[(&str, &str)]) -> Result<()> {
        let tags = given.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
        let tagged = self.ecs(region).tag_resource().resource_arn(arn).set_tags(Some(tags)).send().await;
        tagged.or_fail("set the tags of", &cluster_subject(region, arn))?;
        let retagged = self.shared::<Retagged>();
        given.iter().for_each(|(key, value)| retagged.note(arn, key, Some(value)));
        Ok(())
    }

    /// Calls UntagResource. A cluster that does not exist is not an error.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn untag_ecs_cluster(&self, region: &str, arn: &str, removed: &[&str]) -> Result<()> {
        let keys = removed.iter().map(|key| (*key).to_owned()).collect();
        let untagged = self.ecs(region).untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send().await;
        untagged.if_found("remove tags of", &cluster_subject(region, arn))?;
        let retagged = self.shared::<Retagged>();
        removed.iter().for_each(|key| retagged.note(arn, key, None));
        Ok(())
    }

    /// Returns the active Linux services on Fargate in a cluster.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn fargate_services(&self, region: &str, cluster: &str) -> Result<Vec<Service>> {
        let subject = Subject::new(format!("the services of ECS cluster {:?}", cluster_name(cluster)), region);
        let client = self.ecs(region);
        let pages = client.list_services().cluster(cluster).max_results(100).into_paginator().items().send();
        let arns = pages.collect::<std::result::Result<Vec<_>, _>>().await.or_fail("list", &subject)?;
        let mut services = Vec::new();
        for arns in arns.chunks(SERVICES_A_CALL) {
            let request = client.describe_services().cluster(cluster).set_services(Some(arns.to_vec()));
            let found = request.send().await.or_fail("read", &subject)?;
            services.extend(found.services().iter().filter(|service| is_on_fargate(service)).map(Service::from_api));
        }
        Ok(services)
    }

    /// Returns whether a task of the service was created before `time`, or with `None`, whether it has any tasks.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn has_tasks_before(&self, region: &str, service: &Service, time: Option<DateTime>) -> Result<bool> {
        let Some(time) = time else { return Ok(service.running_tasks > 0) };
        if service.deployed_at.is_some_and(|deployed_at| deployed_at >= time) {
            return Ok(false);
        }
        let subject = Subject::new(format!("the tasks of ECS service {:?}", service.name), region);
        let client = self.ecs(region);
        let request = client.list_tasks().cluster(&service.cluster_arn).service_name(&service.name);
        let pages = request.desired_status(DesiredStatus::Running).into_paginator().items().send();
        let arns = pages.collect::<std::result::Result<Vec<_>, _>>().await.or_fail("list", &subject)?;
        for arns in arns.chunks(TASKS_A_CALL) {
            let request = client.describe_tasks().cluster(&service.cluster_arn).set_tasks(Some(arns.to_vec()));
            let found = request.send().await.or_fail("read", &subject)?;
            if found.tasks().iter().any(|task| task.created_at().is_some_and(|created_at| *created_at < time)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Calls UpdateService to force a new deployment.
    ///
    /// # Errors
    /// The error of the call.
    pub async fn redeploy(&self, region: &str, service: &Service) -> Result<()> {
        let place = format!("cluster {}, {region}", cluster_name(&service.cluster_arn));
        let request = self.ecs(region).update_service().cluster(&service.cluster_arn).service(&service.arn);
        let updated = request.force_new_deployment(true).send().await;
        updated.or_fail("redeploy", &Subject::new(format!("ECS service {:?}", service.name), place)).map(|_| ())
    }
}

/// A tag that was set, or removed if it has no value.
type Written = (Instant, String, Option<String>);

/// Tags of clusters that were recently set or removed in this run, by ARN.
#[derive(Default)]
struct Retagged(Mutex<HashMap<String, Vec<Written>>>);

impl Retagged {
    fn note(&self, arn: &str, key: &str, value: Option<&str>) {
        // A poisoned lock still holds complete entries.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let change = (Instant::now(), key.to_owned(), value.map(str::to_owned));
        written.entry(arn.to_owned()).or_default().push(change);
    }

    /// Returns what was read of a cluster, with recent writes that it may not reflect yet.
    fn correct(&self, mut cluster: Cluster) -> Cluster {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(changes) = written.get_mut(&cluster.arn) else { return cluster };
        changes.retain(|(when, ..)| when.elapsed() < LATE_READ);
        for (_, key, value) in changes.iter() {
            match value {
                Some(value) => cluster.tags.insert(key.clone(), value.clone()),
                None => cluster.tags.remove(key),
            };
        }
        cluster
    }
}

fn cluster_subject(region: &str, arn: &str) -> Subject {
    Subject::new(format!("ECS cluster {:?}", cluster_name(arn)), region)
}

impl Cluster {
    fn from_api(cluster: &types::Cluster) -> Self {
        let tags = cluster.tags().iter();
        let is_wanted =
            |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case("runningFargateTasksCount"));
        let on_fargate = cluster.statistics().iter().find(|statistic| is_wanted(statistic.name()));
        let on_fargate = on_fargate.and_then(|statistic| statistic.value()?.parse().ok());
        Cluster {
            name: cluster.cluster_name().unwrap_or_default().to_owned(),
            arn: cluster.cluster_arn().unwrap_or_default().to_owned(),
            running_tasks: cluster.running_tasks_count(),
            running_fargate_tasks: on_fargate.unwrap_or(cluster.running_tasks_count()),
            tags: tags
                .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
                .collect(),
        }
    }
}

impl Service {
    fn from_api(service: &types::Service) -> Self {
        let current = service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"));
        let controller = service.deployment_controller().map(types::DeploymentController::r#type);
        Service {
            cluster_arn: service.cluster_arn().unwrap_or_default().to_owned(),
            arn: service.service_arn().unwrap_or_default().to_owned(),
            name: service.service_name().unwrap_or_default().to_owned(),
            deployed_at: current.and_then(|deployment| deployment.created_at().copied()),
            is_rolling: controller.is_none_or(|controller| *controller == DeploymentControllerType::Ecs),
            running_tasks: service.running_count(),
        }
    }
}

fn is_on_fargate(service: &types::Service) -> bool {
    let providers =
        service.capacity_provider_strategy().iter().map(types::CapacityProviderStrategyItem::capacity_provider);
    let on_fargate = service.launch_type() == Some(&types::LaunchType::Fargate)
        || providers.into_iter().any(|provider| provider.starts_with("FARGATE"));
    let on_windows = service.platform_family().is_some_and(|family| family.to_uppercase().starts_with("WINDOWS"));
    on_fargate && !on_windows && service.status() == Some("ACTIVE")
}
