//! `guardduty_ecs_runtime_monitoring`, and the data source `guardduty_coverage` that shows what it reaches.

mod rollout;

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{Compatibility, ContainerDefinition, LaunchType, NetworkMode, Tag};
use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::types::{
    DetectorAdditionalConfiguration, DetectorFeature, DetectorFeatureConfiguration, FeatureAdditionalConfiguration,
    FeatureStatus,
};
use serde_json::json;

use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

const ADDRESS: &str = "guardduty_ecs_runtime_monitoring.test";
const RUNTIME: &str = "RUNTIME_MONITORING";
const FARGATE: &str = "ECS_FARGATE_AGENT_MANAGEMENT";
const EC2: &str = "EC2_AGENT_MANAGEMENT";
const TAG: &str = "GuardDutyManaged";

/// The server, as the account's other tools see it: a detector, and clusters with a Fargate service each.
struct World {
    account: String,
    region: String,
    detector: String,
    guardduty: Client,
    ecs: aws_sdk_ecs::Client,
}

impl World {
    fn new(project: &Project, region: &str, clusters: &[&str]) -> Self {
        let config = project.sdk(region);
        let (guardduty, ecs) = (Client::new(&config), aws_sdk_ecs::Client::new(&config));
        let created = block_on(guardduty.create_detector().enable(true).send()).unwrap();
        let detector = created.detector_id().unwrap().to_owned();
        let world = World { account: project.account.clone(), region: region.to_owned(), detector, guardduty, ecs };
        for cluster in clusters {
            world.cluster(cluster);
        }
        world
    }

    /// A cluster with tags of its own and a running service.
    fn cluster(&self, name: &str) {
        let container = ContainerDefinition::builder().name("app").image("app:1").build();
        let role = format!("arn:aws:iam::{}:role/execution", self.account);
        block_on(async {
            let tag = Tag::builder().key("team").value("shop").build();
            self.ecs.create_cluster().cluster_name(name).tags(tag).send().await.unwrap();
            self.ecs
                .register_task_definition()
                .family("web")
                .requires_compatibilities(Compatibility::Fargate)
                .network_mode(NetworkMode::Awsvpc)
                .cpu("256")
                .memory("512")
                .execution_role_arn(role)
                .container_definitions(container)
                .send()
                .await
                .unwrap();
            let network = aws_sdk_ecs::types::AwsVpcConfiguration::builder().subnets("subnet-1").build().unwrap();
            let network = aws_sdk_ecs::types::NetworkConfiguration::builder().awsvpc_configuration(network).build();
            let service = self.ecs.create_service().cluster(name).service_name("web").task_definition("web");
            let service = service.launch_type(LaunchType::Fargate).desired_count(1).network_configuration(network);
            service.send().await.unwrap();
        });
    }

    /// The statuses of the feature and its additional configurations.
    fn settings(&self) -> BTreeMap<String, bool> {
        let found = block_on(self.guardduty.get_detector().detector_id(&self.detector).send()).unwrap();
        let feature = found.features().iter().find(|feature| feature.name().unwrap().as_str() == RUNTIME).unwrap();
        let on = |status: Option<&FeatureStatus>| status == Some(&FeatureStatus::Enabled);
        let additional = feature.additional_configuration().iter();
        let additional = additional.map(|one| (one.name().unwrap().as_str().to_owned(), on(one.status())));
        additional.chain([(RUNTIME.to_owned(), on(feature.status()))]).collect()
    }

    fn expect_settings(&self, expected: [bool; 3]) {
        let found = self.settings();
        assert_eq!([RUNTIME, FARGATE, EC2].map(|name| found[name]), expected, "{RUNTIME}, {FARGATE}, {EC2}");
    }

    /// Switches the feature and additional configurations, as somebody else does.
    fn switch(&self, feature: &str, status: FeatureStatus, additional: &[(&str, FeatureStatus)]) {
        let additional = additional.iter().map(|(name, status)| {
            let one = DetectorAdditionalConfiguration::builder().name(FeatureAdditionalConfiguration::from(*name));
            one.status(status.clone()).build()
        });
        let feature = DetectorFeatureConfiguration::builder()
            .name(DetectorFeature::from(feature))
            .status(status)
            .set_additional_configuration(Some(additional.collect()))
            .build();
        block_on(self.guardduty.update_detector().detector_id(&self.detector).features(feature).send()).unwrap();
    }

    fn arn(&self, cluster: &str) -> String {
        format!("arn:aws:ecs:{}:{}:cluster/{cluster}", self.region, self.account)
    }

    fn tag(&self, cluster: &str, key: &str, value: &str) {
        let tag = Tag::builder().key(key).value(value).build();
        block_on(self.ecs.tag_resource().resource_arn(self.arn(cluster)).tags(tag).send()).unwrap();
    }

    fn tags(&self, cluster: &str) -> BTreeMap<String, String> {
        let listed = block_on(self.ecs.list_tags_for_resource().resource_arn(self.arn(cluster)).send()).unwrap();
        listed.tags().iter().map(|tag| (tag.key().unwrap().to_owned(), tag.value().unwrap().to_owned())).collect()
    }

    /// The cluster's tag for GuardDuty; its other tag must be as it was.
    fn managed(&self, cluster: &str) -> Option<String> {
        let tags = self.tags(cluster);
        assert_eq!(tags.get("team").map(String::as_str), Some("shop"), "other tags are kept: {tags:?}");
        tags.get(TAG).cloned()
    }

    /// The one running task of the cluster, and whether it has the agent.
    fn task(&self, cluster: &str) -> (String, bool) {
        block_on(async {
            let tasks = self.ecs.list_tasks().cluster(cluster).send().await.unwrap();
            let found = self.ecs.describe_tasks().cluster(cluster).set_tasks(Some(tasks.task_arns().to_vec()));
            let found = found.send().await.unwrap();
            let [task] = found.tasks() else { panic!("not one task: {found:?}") };
            let agent = task.containers().iter().any(|container| container.name().unwrap().contains("guardduty"));
            (task.task_arn().unwrap().to_owned(), agent)
        })
    }

    fn configuration(&self, body: &str) -> String {
        let detector = &self.detector;
        format!("resource \"guardduty_ecs_runtime_monitoring\" \"test\" {{\n  detector_id = {detector:?}\n{body}\n}}\n")
    }

    fn include(&self, clusters: &[&str]) -> String {
        self.configuration(&format!("  fargate = {{ include = {clusters:?} }}"))
    }

    fn exclude(&self, clusters: &[&str]) -> String {
        self.configuration(&format!("  fargate = {{ exclude = {clusters:?} }}"))
    }
}

fn yes() -> Option<String> {
    Some("true".to_owned())
}

fn no() -> Option<String> {
    Some("false".to_owned())
}

#[test]
fn chosen_clusters_live_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "test", "old"]);
        world.tag("old", TAG, "false");

        let plan = project.plan(&world.include(&["prod"]));
        assert_eq!(plan.attribute(ADDRESS, "fargate")["agent"], json!("DISABLED"), "it is derived in the plan");
        project.apply(&world.include(&["prod"]));
        world.expect_settings([true, false, false]);
        assert_eq!((world.managed("prod"), world.managed("test"), world.managed("old")), (yes(), None, no()));
        let state = project.state(ADDRESS).unwrap();
        assert_eq!(state["id"], json!(world.detector));
        assert_eq!(state["previous"], json!({RUNTIME: "DISABLED", FARGATE: "DISABLED"}));
        assert_eq!(state["clusters"]["prod"]["arn"], json!(world.arn("prod")));
        assert!(!world.task("prod").1, "a running task never changes");

        // More clusters, one by its ARN; the former tag of another is kept for later.
        let arn = world.arn("test");
        project.apply(&world.include(&["prod", &arn, "old"]));
        assert_eq!((world.managed("prod"), world.managed("test"), world.managed("old")), (yes(), yes(), yes()));
        project.apply(&world.include(&["prod", "test", "old"]));
        project.reimport(ADDRESS, &world.detector);
        project.destroy();
        world.expect_settings([false, false, false]);
        // What was before the import is noted on the cluster.
        assert_eq!((world.managed("prod"), world.managed("test"), world.managed("old")), (None, None, no()));

        world.tag("old", TAG, "false");
        project.apply(&world.include(&["prod", "old"]));
        project.apply(&world.include(&["prod"]));
        assert_eq!((world.managed("prod"), world.managed("old")), (yes(), no()), "the former tag is back");

        // All but some, all, none of them; container instances beside.
        project.apply(&world.exclude(&["test"]));
        world.expect_settings([true, true, false]);
        assert_eq!((world.managed("prod"), world.managed("test")), (None, no()));
        let body = "  fargate = { clusters = \"all\" }\n  ec2 = { agent = \"ENABLED\" }";
        project.apply(&world.configuration(body));
        world.expect_settings([true, true, true]);
        assert_eq!(world.managed("test"), None);
        assert_eq!(project.attribute(ADDRESS, "previous")[EC2], json!("DISABLED"));
        project.apply(&world.configuration("  ec2 = { agent = \"DISABLED\" }"));
        world.expect_settings([true, false, false]);
        let body = "  fargate = {\n    clusters = \"all\"\n    agent = \"DISABLED\"\n  }";
        project.apply(&world.configuration(body));
        world.expect_settings([true, false, false]);
        project.expect_attribute(ADDRESS, "previous", json!({RUNTIME: "DISABLED", FARGATE: "DISABLED"}));

        project.destroy();
        world.expect_settings([false, false, false]);
        assert_eq!((world.managed("prod"), world.managed("test"), world.managed("old")), (None, None, no()));
    });
}

#[test]
fn destroy_undoes_only_what_was_done() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "own"]);
        let on = FeatureStatus::Enabled;
        world.switch(RUNTIME, on.clone(), &[(EC2, on.clone()), (FARGATE, on.clone())]);
        world.tag("own", TAG, "true");
        let body = "  fargate = { include = [\"prod\", \"own\"] }\n  ec2 = { agent = \"DISABLED\" }";
        project.apply(&world.configuration(body));
        world.expect_settings([true, false, false]);
        project.destroy();
        world.expect_settings([true, true, true]);
        assert_eq!((world.managed("prod"), world.managed("own")), (None, yes()));

        // What others changed meanwhile stays as they want it.
        project.apply(&world.exclude(&["prod", "own"]));
        world.tag("own", TAG, "mine");
        project.destroy();
        assert_eq!((world.managed("prod"), world.managed("own").as_deref()), (None, Some("mine")));
    });
}

#[test]
fn an_exclusion_is_tagged_before_the_agent_is_on_and_freed_after_it_is_off() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "test"]);
        let place = |calls: &[String], name: &str| calls.iter().position(|call| call == name);
        project.clear_calls();
        project.apply(&world.exclude(&["test"]));
        let calls = project.calls();
        assert!(place(&calls, "ecs:TagResource") < place(&calls, "guardduty:UpdateDetector"), "{calls:?}");
        assert_eq!(calls.iter().filter(|call| *call == "guardduty:UpdateDetector").count(), 1, "{calls:?}");

        // A refresh costs one call a side.
        project.clear_calls();
        project.expect_no_changes();
        let mut calls = project.calls();
        calls.sort();
        assert_eq!(calls, ["ecs:DescribeClusters", "guardduty:GetDetector"]);

        project.clear_calls();
        project.destroy();
        let calls = project.calls();
        assert!(place(&calls, "guardduty:UpdateDetector") < place(&calls, "ecs:UntagResource"), "{calls:?}");
    });
}

#[test]
fn drift_is_seen_and_healed() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "test"]);
        let configuration = world.include(&["prod", "test"]);
        project.apply(&configuration);
        let heals = |expected: [bool; 3]| {
            project.plan(&configuration).expect_actions(ADDRESS, &["update"]);
            project.apply(&configuration);
            world.expect_settings(expected);
        };
        world.tag("prod", TAG, "false");
        heals([true, false, false]);
        assert_eq!(world.managed("prod"), yes());
        block_on(world.ecs.untag_resource().resource_arn(world.arn("test")).tag_keys(TAG).send()).unwrap();
        heals([true, false, false]);
        assert_eq!(world.managed("test"), yes());
        world.switch(RUNTIME, FeatureStatus::Enabled, &[(FARGATE, FeatureStatus::Enabled)]);
        heals([true, false, false]);
        world.switch(RUNTIME, FeatureStatus::Disabled, &[]);
        heals([true, false, false]);
        assert_eq!(project.attribute(ADDRESS, "previous")[RUNTIME], json!("DISABLED"), "what was before is not lost");

        // A cluster is deleted: the plan says that it is missing; without it, all goes on.
        let delete = || async {
            world.ecs.delete_service().cluster("test").service("web").force(true).send().await.unwrap();
            world.ecs.delete_cluster().cluster("test").send().await.unwrap();
        };
        block_on(delete());
        project.expect_apply_failure(&configuration, &["there is no ECS cluster test in us-east-1", "\"prod\""]);
        project.run(&["plan", "-destroy"]).expect_success();
        project.apply(&world.include(&["prod"]));
        assert_eq!(project.attribute(ADDRESS, "clusters").as_object().unwrap().len(), 1);

        // The detector is deleted: that stops no destroy.
        block_on(world.guardduty.delete_detector().detector_id(&world.detector).send()).unwrap();
        project.run(&["plan", "-destroy"]).expect_success();
        project.expect_apply_failure(
            &world.include(&["prod"]),
            &["cannot switch on ECS runtime monitoring", "the detector does not exist"],
        );
        project.destroy();
    });
}

#[test]
fn another_detector_or_region_is_monitored_anew() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let near = World::new(&project, REGION, &["prod"]);
        let far = World::new(&project, "eu-west-1", &["prod"]);
        project.apply(&near.include(&["prod"]));
        let moved = far.include(&["prod"]).replace("detector_id", "region = \"eu-west-1\"\n  detector_id");
        project.plan(&moved).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&moved);
        near.expect_settings([false, false, false]);
        far.expect_settings([true, false, false]);
        assert_eq!((near.managed("prod"), far.managed("prod")), (None, yes()));

        // With the detector in the same configuration, what was deleted outside comes back whole. The clusters' tags are
        // left, so that there is something to delete.
        let whole = moved.replace(&format!("{:?}", far.detector), "guardduty_detector.own.id");
        let whole = format!("resource \"guardduty_detector\" \"own\" {{\n  region = \"eu-west-1\"\n}}\n{whole}");
        let own = || project.attribute("guardduty_detector.own", "id").as_str().unwrap().to_owned();
        let delete = |id: String| block_on(far.guardduty.delete_detector().detector_id(id).send()).unwrap();
        delete(far.detector.clone());
        project.apply(&whole);
        delete(own());
        project.plan(&whole).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&whole);
        World { detector: own(), ..far }.expect_settings([true, false, false]);
        project.destroy();
    });
}

#[test]
fn a_cluster_of_elsewhere_is_refused_and_its_namesake_left_alone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod"]);
        let foreign = world.arn("prod").replace(&world.account, "999999999999");
        let far = world.arn("prod").replace(REGION, "eu-west-1");
        let gone = far.replace("cluster/prod", "cluster/gone");
        for arn in [&foreign, &far] {
            let line = format!("fargate = {{ include = [{arn:?}] }}");
            let texts =
                ["is not a cluster of this account in us-east-1", &world.arn("prod"), &line, "At fargate.include."];
            project.expect_refused(&world.include(&[arn]), &texts);
            project.expect_refused(&world.exclude(&[arn]), &texts[..2]);
        }
        project
            .expect_refused(&world.include(&[&gone]), &["is not a cluster of this account", "region = \"eu-west-1\""]);
        // Known only at apply, it is refused before anything is done.
        let late = format!("resource \"terraform_data\" \"arn\" {{\n  input = {foreign:?}\n}}\n");
        let late = format!("{}{late}", world.include(&["ARN"]).replace("\"ARN\"", "terraform_data.arn.output"));
        project.expect_apply_failure(&late, &["is not a cluster of this account in us-east-1"]);
        assert_eq!(world.managed("prod"), None);
        world.expect_settings([false, false, false]);

        // What exists is not changed to one of elsewhere, and is destroyed all the same.
        project.apply(&world.include(&["prod"]));
        for arn in [&foreign, &gone] {
            project.write(&world.include(&[arn]));
            project
                .run(&["plan"])
                .expect_success()
                .expect_texts(&["the apply will fail", "is not a cluster of this account"]);
            project.expect_apply_failure(&world.include(&[arn]), &["is not a cluster of this account"]);
        }
        project.destroy();
        assert_eq!(world.managed("prod"), None);
    });
}

#[test]
fn wrong_input_is_refused_at_plan() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "test"]);
        let refused = |body: &str, texts: &[&str]| project.expect_refused(&world.configuration(body), texts);
        refused("  fargate = {}", &["`clusters`, `include` or `exclude` is missing", "Set exactly one of"]);
        refused(
            "  fargate = {\n clusters = \"all\"\n include = [\"prod\"]\n }",
            &["`clusters` and `include` exclude each other"],
        );
        refused("  fargate = { clusters = \"every\" }", &["\"every\"", "Allowed: \"all\""]);
        refused("  fargate = { include = [\"prod cluster\"] }", &["is not the name of an ECS cluster"]);
        refused(
            "  fargate = { include = [\"arn:aws:sns:us-east-1:111122223333:t\"] }",
            &["is not the ARN of an ECS cluster"],
        );
        refused("  ec2 = { agent = \"ON\" }", &["\"ENABLED\", \"DISABLED\""]);
        project.expect_apply_failure(
            &world.include(&["prod", "prodd"]),
            &["Warning", "Error: there is no ECS cluster prodd", "Did you mean \"prod\"?", "by its ARN"],
        );
        assert_eq!(world.managed("prod"), None, "it is refused before anything is done");
        project.expect_apply_failure(
            &world.include(&["prod"]).replace(&world.detector, "none"),
            &["there is no detector none in us-east-1", "cannot switch on"],
        );
        assert!(project.state(ADDRESS).is_none());
        world.switch("EKS_RUNTIME_MONITORING", FeatureStatus::Enabled, &[]);
        let all = world.configuration("  fargate = { clusters = \"all\" }");
        let texts = ["EKS_RUNTIME_MONITORING is on", "EKS_ADDON_MANAGEMENT does what the other did"];
        project.write(&all);
        project.run(&["plan"]).expect_success().expect_texts(&texts);
        project.expect_apply_failure(&all, &texts);
        world.switch("EKS_RUNTIME_MONITORING", FeatureStatus::Disabled, &[]);
        project.write(&world.configuration("  fargate = {\n include = [\"prod\"]\n agent = \"ENABLED\"\n }"));
        project.run(&["plan"]).expect_success().expect_texts(&["Warning", "`include` has no effect"]);
        world.expect_settings([false, false, false]);
        project.run(&["import", ADDRESS, &world.detector]).expect_failure(&["there is nothing to import"]);
    });
}

#[test]
fn what_fails_is_told_and_what_was_done_is_kept() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "test"]);
        let configuration = world.include(&["prod", "test"]);
        let denied = |service: &str, operation: &str| {
            json!({"service": service, "operation": operation, "mode": "error", "code": "AccessDeniedException",
                "message": format!("not authorized to perform {service}:{operation}"), "status": 400})
        };

        // One of two clusters can't be tagged: the other is in the state, and the next apply goes on.
        project.fault(denied("ecs", "TagResource"));
        project.expect_apply_failure(&configuration, &["cannot set the tags of ECS cluster", "lack a permission"]);
        assert_eq!(project.attribute(ADDRESS, "clusters").as_object().unwrap().len(), 1);
        world.expect_settings([false, false, false]);
        project.apply(&configuration);
        world.expect_settings([true, false, false]);
        project.destroy();
        assert_eq!((world.managed("prod"), world.managed("test")), (None, None));

        // The features can't be switched: the tags are in the state, and go with it.
        project.fault(denied("guardduty", "UpdateDetector"));
        project.expect_apply_failure(&configuration, &["cannot update GuardDuty detector", "lack a permission"]);
        assert_eq!(world.managed("prod"), yes());
        project.destroy();
        assert_eq!((world.managed("prod"), world.managed("test")), (None, None));

        // Throttled, and an answer lost: tried again.
        project.fault(json!({"service": "guardduty", "operation": "UpdateDetector", "mode": "error"}));
        project.fault(json!({"service": "ecs", "operation": "TagResource", "mode": "lost"}));
        project.apply(&configuration);
        world.expect_settings([true, false, false]);

        // A tag can't be given back: the failure is told, and the next destroy goes on.
        project.fault(denied("ecs", "UntagResource"));
        project.run(&["destroy", "-auto-approve"]).expect_failure(&["cannot remove tags of ECS cluster"]);
        project.destroy();
        assert_eq!((world.managed("prod"), world.managed("test")), (None, None));
    });
}

#[test]
fn two_regions_and_unknown_values_go_together() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let near = World::new(&project, REGION, &["prod"]);
        let far = World::new(&project, "eu-west-1", &["prod"]);
        let configuration = format!(
            "{}{}resource \"terraform_data\" \"name\" {{\n  input = \"prod\"\n}}\n",
            near.include(&["NAME"]).replace("\"NAME\"", "terraform_data.name.output"),
            far.exclude(&["prod"])
                .replace("\"test\"", "\"far\"")
                .replace("detector_id", "region = \"eu-west-1\"\n  detector_id"),
        );
        let plan = project.plan(&configuration);
        assert_eq!(plan.attribute(ADDRESS, "fargate")["agent"], json!("DISABLED"));
        project.apply(&configuration);
        near.expect_settings([true, false, false]);
        far.expect_settings([true, true, false]);
        assert_eq!((near.managed("prod"), far.managed("prod")), (yes(), no()));
        project.reimport("guardduty_ecs_runtime_monitoring.far", &format!("{}@eu-west-1", far.detector));
        project.destroy();
        near.expect_settings([false, false, false]);
        far.expect_settings([false, false, false]);
        assert_eq!((near.managed("prod"), far.managed("prod")), (None, None));
    });
}

/// Modules pass on what nobody set as an empty list.
#[test]
fn an_empty_list_beside_another_choice_is_none() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod"]);
        let fargate = |body: &str| world.configuration(&format!("  fargate = {{ {body} }}"));
        project.apply(&fargate("include = [\"prod\"], exclude = []"));
        world.expect_settings([true, false, false]);
        assert_eq!(world.managed("prod"), yes());
        project.apply(&fargate("include = [], exclude = [\"prod\"]"));
        world.expect_settings([true, true, false]);
        project.apply(&fargate("clusters = \"all\", include = [], exclude = []"));
        world.expect_settings([true, true, false]);
        project.expect_refused(&fargate("include = [], exclude = []"), &["`include` and `exclude` exclude each other"]);
        // Alone it chooses no cluster.
        project.apply(&fargate("include = []"));
        world.expect_settings([true, false, false]);
        project.destroy();
    });
}

/// A destroy leaves what a policy of the organization decides over.
#[test]
fn what_a_policy_manages_is_left_by_a_destroy() {
    let project = Project::new(&one_cli());
    let world = World::new(&project, REGION, &["prod"]);
    project.apply(&world.include(&["prod"]));
    project.control("/_guardduty/managed", json!({"region": REGION, "feature": "RUNTIME_MONITORING"}));
    project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&["was not changed", "GUARDDUTY_POLICY"]);
    assert_eq!(world.managed("prod"), None);
}
