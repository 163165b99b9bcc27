//! The account in which types are checked: what configurations speak of, and what is there.

use std::collections::BTreeSet;

use super::configured::CLUSTER;
use crate::harness::{Project, REGION, block_on};

/// What the configurations speak of.
#[derive(Default)]
pub struct World {
    pub account: String,
    pub detector: String,
    pub topic: String,
    pub queue: String,
    pub bucket: String,
}

impl World {
    /// A detector, a cluster, a topic, a queue and a bucket with a list in it.
    pub fn new(project: &Project) -> Self {
        let sdk = project.sdk(REGION);
        let guardduty = aws_sdk_guardduty::Client::new(&sdk);
        let (ecs, sns) = (aws_sdk_ecs::Client::new(&sdk), aws_sdk_sns::Client::new(&sdk));
        let (s3, sqs) = (aws_sdk_s3::Client::new(&sdk), aws_sdk_sqs::Client::new(&sdk));
        let account = project.account.clone();
        let bucket = bucket(project);
        block_on(async {
            ecs.create_cluster().cluster_name(CLUSTER).send().await.unwrap();
            s3.create_bucket().bucket(&bucket).send().await.unwrap();
            let list = aws_sdk_s3::primitives::ByteStream::from_static(b"198.51.100.9\n");
            s3.put_object().bucket(&bucket).key("own.txt").body(list).send().await.unwrap();
            sqs.create_queue().queue_name("findings").send().await.unwrap();
            World {
                queue: format!("arn:aws:sqs:{REGION}:{account}:findings"),
                account,
                bucket,
                detector: guardduty.create_detector().enable(true).send().await.unwrap().detector_id.unwrap(),
                topic: sns.create_topic().name("security").send().await.unwrap().topic_arn.unwrap(),
            }
        })
    }
}

fn bucket(project: &Project) -> String {
    format!("lists-{}", project.account)
}

/// All that resources of this provider could have made in the account, by kind and name.
pub fn things(project: &Project) -> BTreeSet<String> {
    let sdk = project.sdk(REGION);
    let bucket = bucket(project);
    block_on(async {
        let mut things = BTreeSet::new();
        let mut add = |kind: &str, names: Vec<Option<String>>| {
            things.extend(names.into_iter().flatten().map(|name| format!("{kind} {name}")));
        };
        let rules = aws_sdk_eventbridge::Client::new(&sdk).list_rules().send().await.unwrap().rules.unwrap_or_default();
        add("rule", rules.into_iter().map(|rule| rule.name).collect());
        let queues = aws_sdk_sqs::Client::new(&sdk).list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
        add("queue", queues.into_iter().map(Some).collect());
        let roles = aws_sdk_iam::Client::new(&sdk).list_roles().send().await.unwrap().roles;
        add("role", roles.into_iter().map(|role| Some(role.role_name)).collect());
        let machines = aws_sdk_sfn::Client::new(&sdk).list_state_machines().send().await.unwrap().state_machines;
        add("state machine", machines.into_iter().map(|machine| Some(machine.name)).collect());
        let alarms = aws_sdk_cloudwatch::Client::new(&sdk).describe_alarms().send().await.unwrap();
        add("alarm", alarms.metric_alarms.unwrap_or_default().into_iter().map(|alarm| alarm.alarm_name).collect());
        let objects = aws_sdk_s3::Client::new(&sdk).list_objects_v2().bucket(bucket).send().await.unwrap();
        add("object", objects.contents.unwrap_or_default().into_iter().map(|object| object.key).collect());
        let guardduty = aws_sdk_guardduty::Client::new(&sdk);
        for id in guardduty.list_detectors().send().await.unwrap().detector_ids.unwrap_or_default() {
            let filters = guardduty.list_filters().detector_id(&id).send().await.unwrap().filter_names;
            add("filter", filters.unwrap_or_default().into_iter().map(Some).collect());
            let lists = guardduty.list_threat_intel_sets().detector_id(&id).send().await.unwrap();
            add("list", lists.threat_intel_set_ids.unwrap_or_default().into_iter().map(Some).collect());
        }
        things
    })
}
