//! The attributes of `guardduty_ecs_runtime_monitoring`, which are also its documentation.

use std::collections::BTreeMap;

use tfplugin::wait::ApplyTimeouts;
use tfplugin::{Choice, Computed, Model, OptionalComputed, validate};

use super::clusters::Membership;
use super::names::Names;
use crate::aws::Hold;
use crate::resources::features::Status;

/// Manages Runtime Monitoring of ECS. The GuardDuty agent monitors processes, files and connections inside the tasks of
/// the clusters you choose.
///
/// This resource sets the detector's feature `RUNTIME_MONITORING` with its additional configurations, and tags clusters
/// with `GuardDutyManaged`. Other features and tags are left unchanged. A detector can have only one such resource.
/// Destroy reverts only what this resource changed: a setting that was enabled before stays enabled, and each cluster
/// gets its former tag back.
///
/// - To monitor all clusters, set `fargate = { clusters = "all" }`.
/// - To monitor all clusters except some, set `fargate = { exclude = ["test"] }`. These clusters are tagged before the
///   agent is enabled.
/// - To monitor only some clusters, set `fargate = { include = ["prod"] }`. The agent stays disabled for all other
///   clusters, and you only pay for the clusters that are listed.
///
/// A running task never changes: it has an agent only if it started after the change. `redeploy_services` restarts the
/// tasks, and `wait_for_coverage` waits until they report to GuardDuty.
///
/// On Fargate, the agent requires Linux, platform version 1.4.0 or later, and a task execution role that can pull the
/// agent's image. It uses up to 128 MB of the task's memory with up to 4 vCPUs, and up to 1 GB with 16 vCPUs.
///
/// If another tool manages the tags of a cluster (such as `tags` of `aws_ecs_cluster`), make it ignore
/// `GuardDutyManaged` and `GuardDutyManaged:former` (`ignore_tags` of the aws provider). `GuardDutyManaged:former`
/// keeps the previous value of `GuardDutyManaged`, if there was one.
///
/// GuardDuty creates a VPC endpoint in each VPC with monitored tasks. Disable Runtime Monitoring before you destroy
/// such a VPC.
///
/// This resource conflicts with the feature `EKS_RUNTIME_MONITORING`. In an organization, the administrator account can
/// reserve control of the feature.
#[derive(Model, Clone)]
pub struct EcsRuntimeMonitoring {
    /// ID of the detector to configure.
    #[attr(identity, replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Monitoring of tasks on Fargate. Exactly one of `clusters`, `include` and `exclude` must be set. If `fargate` is
    /// not set, the Fargate setting is left unchanged.
    pub fargate: Option<Fargate>,
    /// Monitoring of container instances on EC2. If not set, the EC2 setting is left unchanged.
    pub ec2: Option<Ec2>,
    /// Whether a create or update forces a new deployment of the active Fargate services in the monitored clusters, if
    /// they have tasks that are older than the change. Tasks without a service, and services that CodeDeploy or another
    /// controller deploys, are left unchanged. Default: `false`.
    #[attr(default = false)]
    pub redeploy_services: bool,
    /// Whether a create or update waits until each monitored cluster with running tasks is `HEALTHY`. Tasks on
    /// container instances count only if `ec2.agent` is `ENABLED`. GuardDuty takes about 10 to 15 minutes to detect a
    /// change. An update that times out fails. A create that times out only causes a warning: after an error, OpenTofu
    /// and Terraform would mark the resource as tainted, and the next apply would disable and enable Runtime Monitoring
    /// again. To fail the run, add a `postcondition` on `unhealthy` of the data source `guardduty_coverage`. Default:
    /// `false`.
    #[attr(default = false)]
    pub wait_for_coverage: bool,
    /// How long to wait for coverage. Default: 45 minutes.
    pub timeouts: Option<ApplyTimeouts>,
    /// Status of `RUNTIME_MONITORING`. It is `ENABLED`, unless it was disabled outside Terraform. The next apply then
    /// enables it again.
    #[attr(keep)]
    pub status: Computed<Status>,
    /// Statuses of the managed settings before this resource was created, by name. Destroy restores them. After an
    /// import, each is `DISABLED`.
    #[attr(keep)]
    pub previous: Computed<BTreeMap<String, Status>>,
    /// Clusters tagged by this resource, by name, with the tag values that destroy restores.
    #[attr(keep)]
    pub clusters: Computed<BTreeMap<String, Membership>>,
    /// ID of the detector.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the detector. Defaults to the provider's region.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Ownership mark of this resource instance. The detector carries it as the tag
    /// `guardduty:owner/ecs-runtime-monitoring/MARK`. ` shared` is appended while other instances manage the setting
    /// too. ` adopted` is appended after an import, until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// Clusters whose Fargate tasks are monitored. Exactly one of `clusters`, `include` and `exclude` must be set.
#[derive(Model, Clone)]
pub struct Fargate {
    /// All current and future clusters.
    pub clusters: Option<All>,
    /// Only these clusters, by name or ARN. They are tagged `GuardDutyManaged = true`. Clusters of another region need
    /// a resource of their own.
    pub include: Option<Names>,
    /// All clusters except these, by name or ARN. They are tagged `GuardDutyManaged = false`.
    pub exclude: Option<Names>,
    /// Whether GuardDuty manages the agent of all clusters (`ECS_FARGATE_AGENT_MANAGEMENT`). Default: `ENABLED` with
    /// `clusters` and `exclude`, `DISABLED` with `include`.
    #[attr(keep)]
    pub agent: OptionalComputed<Status>,
}

/// Every cluster.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum All {
    /// Every cluster of the account in the region.
    #[choice("all")]
    All,
}

/// Monitoring of container instances.
#[derive(Model, Clone)]
pub struct Ec2 {
    /// Whether GuardDuty manages the agent on EC2 instances, including container instances (`EC2_AGENT_MANAGEMENT`).
    pub agent: Status,
}
