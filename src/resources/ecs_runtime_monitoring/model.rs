//! The attributes of `guardduty_ecs_runtime_monitoring`, which are its documentation, too.

use std::collections::BTreeMap;

use tfplugin::wait::ApplyTimeouts;
use tfplugin::{Choice, Computed, Model, OptionalComputed, validate};

use super::clusters::Membership;
use super::names::Names;
use crate::aws::Hold;
use crate::resources::features::Status;

/// Switches on runtime monitoring of ECS: GuardDuty's agent sees processes, files and connections inside the tasks of
/// the clusters you choose.
///
/// It sets the detector's feature `RUNTIME_MONITORING` with its additional configurations, and tags clusters with
/// `GuardDutyManaged`; other features and tags stay as they are. One such block belongs to a detector. Destroy undoes
/// what it did, and only that: what was on before stays on, and each cluster gets its former tag back.
///
/// - All clusters: `fargate = { clusters = "all" }`.
/// - All but some: `fargate = { exclude = ["test"] }`. These are tagged before the agent is switched on.
/// - Only some: `fargate = { include = ["prod"] }`. The agent for all stays off, and only these are monitored and paid
///   for.
///
/// A running task never changes: it has an agent only if it started after the change. `redeploy_services` starts the
/// tasks anew, `wait_for_coverage` waits until GuardDuty hears from them. On Fargate the agent needs Linux, platform
/// version 1.4.0 or later, and a task execution role that may pull its image; it takes up to 128 MB of the task's
/// memory with up to 4 vCPU, and up to 1 GB with 16. A cluster whose tags another tool manages (`tags` of
/// `aws_ecs_cluster`) must ignore `GuardDutyManaged` and `GuardDutyManaged:former` there (`ignore_tags` of the aws provider): the second
/// keeps the value that the first had before, if any. GuardDuty makes a VPC
/// endpoint in each VPC with monitored tasks: switch this off before you destroy the VPC.
///
/// `EKS_RUNTIME_MONITORING` excludes it. In an organization the administrator's account may reserve the feature.
#[derive(Model, Clone)]
pub struct EcsRuntimeMonitoring {
    /// Detector whose runtime monitoring it is.
    #[attr(identity, replace, validate = validate::length(1..=300))]
    pub detector_id: String,
    /// Monitoring of tasks on Fargate. Left out, its setting stays as it is.
    pub fargate: Option<Fargate>,
    /// Monitoring of container instances on EC2. Left out, its setting stays as it is.
    pub ec2: Option<Ec2>,
    /// Whether a create or a change here forces a new deployment of the active Fargate services in the monitored
    /// clusters, as far as they have tasks that are older than the change. Tasks without a service, and services that
    /// CodeDeploy or another controller deploys, are left alone.
    #[attr(default = false)]
    pub redeploy_services: bool,
    /// Whether a create or a change here waits until each monitored cluster with running tasks is `HEALTHY`. Tasks on
    /// container instances count only if `ec2.agent` is `ENABLED`. GuardDuty takes some 10 to 15 minutes to notice. An
    /// update that waits in vain fails. A create only warns: after an error the CLI would take what was made for broken
    /// (tainted), and the next apply would switch it off and on again. To let a run fail, put a `postcondition` on
    /// `unhealthy` of the data source `guardduty_coverage`.
    #[attr(default = false)]
    pub wait_for_coverage: bool,
    /// How long to wait for coverage. By default 45 minutes.
    pub timeouts: Option<ApplyTimeouts>,
    /// Status of `RUNTIME_MONITORING`. It is `ENABLED` unless somebody else switched it off, and the next apply
    /// switches it on again.
    #[attr(keep)]
    pub status: Computed<Status>,
    /// What the settings managed here were before, by name: destroy goes back to it. After an import it is `DISABLED`.
    #[attr(keep)]
    pub previous: Computed<BTreeMap<String, Status>>,
    /// The clusters tagged here, by name, with what destroy goes back to.
    #[attr(keep)]
    pub clusters: Computed<BTreeMap<String, Membership>>,
    /// Id of the detector.
    #[attr(keep)]
    pub id: Computed<String>,
    /// Region of the detector. By default the provider's.
    #[attr(absent = empty, identity, keep, replace)]
    pub region: OptionalComputed<String>,
    /// Mark of this instance: the detector has it as the tag `guardduty:owner/MARK` (with the name of what is held before the
    /// mark, if that is one aspect of it). ` shared` follows where other instances
    /// hold it too, ` adopted` after an import until the first change.
    #[attr(keep)]
    pub owner: Computed<Hold>,
}

/// Which clusters' Fargate tasks are monitored: exactly one of `clusters`, `include` and `exclude`.
#[derive(Model, Clone)]
pub struct Fargate {
    /// All clusters that there are and will be.
    pub clusters: Option<All>,
    /// Only these clusters, by name or ARN: they are tagged `GuardDutyManaged = true`. Clusters of another region need a
    /// block of their own.
    pub include: Option<Names>,
    /// All clusters but these, by name or ARN: they are tagged `GuardDutyManaged = false`.
    pub exclude: Option<Names>,
    /// Whether GuardDuty manages the agent of all clusters (`ECS_FARGATE_AGENT_MANAGEMENT`). Left out, it is `ENABLED`
    /// with `clusters` and `exclude`, `DISABLED` with `include`.
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
    /// Whether GuardDuty manages the agent on EC2 instances, container instances among them (`EC2_AGENT_MANAGEMENT`).
    pub agent: Status,
}
