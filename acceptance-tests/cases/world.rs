//! The account in which types are tried, as its other tools see it.

use aws_sdk_guardduty::Client;

use crate::harness::{Project, REGION, block_on};

/// A cluster, which is tagged `GuardDutyManaged = false`.
pub const CLUSTER: &str = "prod";

/// What configurations speak of, and who looks at it.
pub struct World {
    pub account: String,
    /// The detector that others made; empty where the detector itself is tried.
    pub detector: String,
    pub bucket: String,
    pub topic: String,
    pub queue: String,
    pub guardduty: Client,
    pub ecs: aws_sdk_ecs::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub s3: aws_sdk_s3::Client,
    pub sfn: aws_sdk_sfn::Client,
}

impl World {
    /// An account with a topic, a queue, a bucket with a list in it, a cluster and a detector.
    pub fn new(project: &Project) -> Self {
        let mut world = World::without_detector(project);
        let created = block_on(world.guardduty.create_detector().enable(true).send());
        world.detector = created.unwrap().detector_id.unwrap();
        world
    }

    /// The same without the detector.
    pub fn without_detector(project: &Project) -> Self {
        let config = project.sdk(REGION);
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let account = project.account.clone();
        let world = World {
            bucket: format!("lists-{account}"),
            topic: format!("arn:aws:sns:{REGION}:{account}:alerts"),
            queue: format!("arn:aws:sqs:{REGION}:{account}:findings"),
            account,
            detector: String::new(),
            guardduty: Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sfn: aws_sdk_sfn::Client::new(&config),
        };
        let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
        let tag = aws_sdk_ecs::types::Tag::builder().key("GuardDutyManaged").value("false").build();
        let list = aws_sdk_s3::primitives::ByteStream::from_static(b"198.51.100.9\n");
        block_on(async {
            world.s3.create_bucket().bucket(&world.bucket).send().await.unwrap();
            world.s3.put_object().bucket(&world.bucket).key("own.txt").body(list).send().await.unwrap();
            world.ecs.create_cluster().cluster_name(CLUSTER).tags(tag).send().await.unwrap();
            sns.create_topic().name("alerts").send().await.unwrap();
            sqs.create_queue().queue_name("findings").send().await.unwrap();
        });
        world
    }

    pub fn is_on(&self, feature: &str) -> bool {
        let found = block_on(self.guardduty.get_detector().detector_id(&self.detector).send()).unwrap();
        let feature = found.features().iter().find(|one| one.name().is_some_and(|name| name.as_str() == feature));
        feature.is_some_and(|feature| feature.status().is_some_and(|status| status.as_str() == "ENABLED"))
    }

    pub fn cluster_tag(&self, key: &str) -> Option<String> {
        let described = self.ecs.describe_clusters().clusters(CLUSTER).include(aws_sdk_ecs::types::ClusterField::Tags);
        let described = block_on(described.send()).unwrap();
        let tag = described.clusters()[0].tags().iter().find(|tag| tag.key() == Some(key)).cloned();
        tag.and_then(|tag| tag.value)
    }

    pub fn detectors(&self) -> Vec<String> {
        block_on(self.guardduty.list_detectors().send()).unwrap().detector_ids().to_vec()
    }

    /// Tags of the detector that this provider keeps notes in.
    pub fn marks(&self) -> usize {
        let found = block_on(self.guardduty.get_detector().detector_id(&self.detector).send()).unwrap();
        let tags = found.tags().cloned().unwrap_or_default();
        tags.keys().filter(|key| key.starts_with("guardduty:owner/")).count()
    }

    pub fn targets(&self, rule: &str) -> usize {
        block_on(self.events.list_targets_by_rule().rule(rule).send()).map_or(0, |listed| listed.targets().len())
    }

    pub fn has_object(&self) -> bool {
        block_on(self.s3.head_object().bucket(&self.bucket).key("bad.txt").send()).is_ok()
    }

    pub fn lists(&self) -> Vec<String> {
        let listed = block_on(self.guardduty.list_threat_intel_sets().detector_id(&self.detector).send()).unwrap();
        listed.threat_intel_set_ids().to_vec()
    }
}
