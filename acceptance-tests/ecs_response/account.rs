//! What a user has: ECS clusters with Fargate services, a topic with a queue behind it. And what the tests look at.

use std::time::{Duration, Instant};

use aws_sdk_ecs::types::{
    AwsVpcConfiguration, Compatibility, ContainerDefinition, LaunchType, NetworkConfiguration, NetworkMode, Task,
};
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use serde_json::Value as Json;

use crate::harness::{Project, block_on};

/// How long anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Account {
    pub id: String,
    pub region: String,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub ecs: aws_sdk_ecs::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub guardduty: aws_sdk_guardduty::Client,
    pub iam: aws_sdk_iam::Client,
    pub sfn: aws_sdk_sfn::Client,
    pub sns: aws_sdk_sns::Client,
    pub sqs: aws_sdk_sqs::Client,
}

impl Account {
    pub fn new(project: &Project, region: &str) -> Self {
        let config = project.sdk(region);
        Account {
            id: project.account.clone(),
            region: region.to_owned(),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            guardduty: aws_sdk_guardduty::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            sfn: aws_sdk_sfn::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
        }
    }

    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.id)
    }

    /// A cluster with a Fargate service of `count` tasks, once they run.
    pub fn cluster(&self, name: &str, count: i32) {
        let container = ContainerDefinition::builder().name("web").image("web:1").build();
        let network = AwsVpcConfiguration::builder().subnets("subnet-11111111").build().unwrap();
        block_on(async {
            self.ecs.create_cluster().cluster_name(name).send().await.unwrap();
            self.ecs
                .register_task_definition()
                .family("web")
                .requires_compatibilities(Compatibility::Fargate)
                .network_mode(NetworkMode::Awsvpc)
                .cpu("256")
                .memory("512")
                .execution_role_arn(format!("arn:aws:iam::{}:role/execution", self.id))
                .container_definitions(container)
                .send()
                .await
                .unwrap();
            self.ecs
                .create_service()
                .cluster(name)
                .service_name("web")
                .task_definition("web")
                .desired_count(count)
                .launch_type(LaunchType::Fargate)
                .network_configuration(NetworkConfiguration::builder().awsvpc_configuration(network).build())
                .send()
                .await
                .unwrap();
        });
        eventually("running tasks", || (self.running(name).len() == count as usize).then_some(()));
    }

    /// The running tasks of a cluster.
    pub fn running(&self, cluster: &str) -> Vec<Task> {
        let arns = block_on(self.ecs.list_tasks().cluster(cluster).send()).unwrap();
        let tasks: Vec<_> = arns.task_arns().iter().map(|arn| self.task(cluster, arn)).collect();
        tasks.into_iter().filter(|task| task.last_status() == Some("RUNNING")).collect()
    }

    pub fn task(&self, cluster: &str, arn: &str) -> Task {
        let found = block_on(self.ecs.describe_tasks().cluster(cluster).tasks(arn).send()).unwrap();
        found.tasks()[0].clone()
    }

    pub fn detector(&self) -> String {
        block_on(self.guardduty.create_detector().enable(true).send()).unwrap().detector_id.unwrap()
    }

    /// A topic, and the URL of the queue that gets its messages as they are.
    pub fn topic(&self, name: &str) -> (String, String) {
        block_on(async {
            let topic = self.sns.create_topic().name(name).send().await.unwrap().topic_arn.unwrap();
            let url = self.sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
            let subscribe = self.sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(self.arn("sqs", name));
            subscribe.attributes("RawMessageDelivery", "true").send().await.unwrap();
            (topic, url)
        })
    }

    /// The next message of a queue, taken out of it.
    pub fn next_message(&self, url: &str) -> Json {
        let message = eventually("a message", || {
            let received = block_on(self.sqs.receive_message().queue_url(url).send()).unwrap();
            received.messages.unwrap_or_default().into_iter().next()
        });
        let receipt = message.receipt_handle().unwrap();
        block_on(self.sqs.delete_message().queue_url(url).receipt_handle(receipt).send()).unwrap();
        serde_json::from_str(message.body().unwrap()).unwrap()
    }

    /// Whether a queue is empty.
    pub fn is_silent(&self, url: &str) -> bool {
        block_on(self.sqs.receive_message().queue_url(url).send()).unwrap().messages().is_empty()
    }

    /// The executions of a state machine once there are `count`, and all have ended; the last begun comes first.
    pub fn ended_executions(&self, name: &str, count: usize) -> Vec<ExecutionListItem> {
        let arn = self.arn("states", &format!("stateMachine:{name}"));
        eventually(&format!("{count} executions"), || {
            let listed = block_on(self.sfn.list_executions().state_machine_arn(&arn).send()).unwrap();
            let running = |execution: &ExecutionListItem| *execution.status() == ExecutionStatus::Running;
            let all = listed.executions;
            (all.len() >= count && !all.iter().any(running)).then_some(all)
        })
    }

    /// The `result` with which an execution ended well.
    pub fn result(&self, execution: &ExecutionListItem) -> String {
        let arn = execution.execution_arn();
        let found = block_on(self.sfn.describe_execution().execution_arn(arn).send()).unwrap();
        assert_eq!(found.status(), &ExecutionStatus::Succeeded, "{:?} {:?}", found.error(), found.cause());
        let output: Json = serde_json::from_str(found.output().unwrap()).unwrap();
        output["result"].as_str().unwrap().to_owned()
    }

    /// Everything that belongs to responses: state machines, rules, queues, roles, alarms.
    pub fn inventory(&self) -> Vec<String> {
        block_on(async {
            let machines = self.sfn.list_state_machines().send().await.unwrap().state_machines;
            let rules = self.events.list_rules().send().await.unwrap().rules.unwrap_or_default();
            let queues = self.sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
            let roles = self.iam.list_roles().send().await.unwrap().roles;
            let alarms = self.cloudwatch.describe_alarms().send().await.unwrap().metric_alarms.unwrap_or_default();
            let mut all: Vec<_> = machines.into_iter().map(|machine| format!("machine {}", machine.name)).collect();
            all.extend(rules.into_iter().filter_map(|rule| Some(format!("rule {}", rule.name?))));
            all.extend(queues.iter().map(|url| format!("queue {}", url.rsplit('/').next().unwrap())));
            all.extend(roles.into_iter().map(|role| format!("role {}", role.role_name)));
            all.extend(alarms.into_iter().filter_map(|alarm| Some(format!("alarm {}", alarm.alarm_name?))));
            all.sort();
            all
        })
    }
}

/// The reference finding about `task`.
pub fn finding(account: &Account, task: &Task, id: &str) -> Json {
    let mut finding: Json = serde_json::from_str(include_str!("../../tools/finding.json")).unwrap();
    finding["accountId"] = account.id.clone().into();
    finding["region"] = account.region.clone().into();
    finding["id"] = id.into();
    let arn = task.cluster_arn().unwrap();
    let cluster = &mut finding["resource"]["ecsClusterDetails"];
    cluster["name"] = arn.rsplit('/').next().unwrap().into();
    cluster["arn"] = arn.into();
    cluster["taskDetails"]["arn"] = task.task_arn().unwrap().into();
    cluster["taskDetails"]["definitionArn"] = task.task_definition_arn().unwrap().into();
    finding
}

/// Looks again until there is an answer.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
