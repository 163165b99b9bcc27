//! Which services are deployed anew, which clusters are waited for, and the data source that shows what is reached.

use aws_sdk_guardduty::types::FeatureStatus;
use serde_json::{Value as Json, json};

use super::{ADDRESS, TAG, World, no};
use crate::harness::{Project, REGION, block_on, for_each_cli};

#[test]
fn services_are_redeployed_and_coverage_is_waited_for() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "other"]);
        let (before, other) = (world.task("prod").0, world.task("other").0);
        let data = format!(
            "data \"guardduty_coverage\" \"all\" {{\n  detector_id = {:?}\n  depends_on = [{ADDRESS}]\n}}\n",
            world.detector
        );
        let body = "  fargate = { include = [\"prod\"] }\n  redeploy_services = true\n  wait_for_coverage = true";
        project.apply(&format!("{}{data}", world.configuration(body)));
        let (task, agent) = world.task("prod");
        assert!(task != before && agent, "the service was redeployed, and its task has the agent");
        assert_eq!(world.task("other").0, other, "the other cluster was left alone");
        let coverage = project.state("data.guardduty_coverage.all").unwrap();
        assert_eq!((&coverage["healthy"], &coverage["unhealthy"]), (&json!(1), &json!(1)));
        let clusters = coverage["clusters"].as_array().unwrap();
        assert_eq!(clusters[0]["cluster_name"], json!("other"));
        assert_eq!(clusters[1]["status"], json!("HEALTHY"));
        assert_eq!(clusters[1]["issue"], Json::Null);
        assert_eq!(clusters[1]["management_type"], json!("AUTO_MANAGED"));
        assert_eq!(clusters[1]["account_id"], json!(project.account));

        // Another change does not redeploy what has the agent.
        let body = body.replace("[\"prod\"]", "[\"prod\", \"other\"]");
        project.apply(&world.configuration(&body));
        assert_eq!(world.task("prod").0, task, "it has the agent already");
        assert!(world.task("other").1);

        // Not deployed in time: each unhealthy cluster is told with its issue, and the state is kept.
        project.control(
            "/_guardduty/coverage",
            json!({"region": REGION, "cluster": "prod", "status": "UNHEALTHY", "issue": "Agent exited"}),
        );
        let hurried = format!("{body}\n  ec2 = {{ agent = \"ENABLED\" }}\n  timeouts = {{ update = \"300ms\" }}");
        project.expect_apply_failure(
            &world.configuration(&hurried),
            &["cannot wait any longer", "cluster prod: UNHEALTHY (Agent exited)"],
        );
        assert_eq!(project.attribute(ADDRESS, "ec2")["agent"], json!("ENABLED"));

        // The data source can be narrowed.
        let only = "data \"guardduty_coverage\" \"bad\" {\n  detector_id = DETECTOR\n  cluster_names = [\"prod\", \"other\"]\n  status = \"UNHEALTHY\"\n}\n";
        let only = only.replace("DETECTOR", &format!("{:?}", world.detector));
        project.apply(&format!("{}{only}", world.configuration(&hurried)));
        let bad = project.state("data.guardduty_coverage.bad").unwrap();
        assert_eq!(
            (bad["clusters"].as_array().unwrap().len(), &bad["clusters"][0]["issue"]),
            (1, &json!("Agent exited"))
        );
        project.expect_refused(&only.replace("\"UNHEALTHY\"", "\"SICK\""), &["\"HEALTHY\", \"UNHEALTHY\""]);
        project.write(&world.configuration(&hurried));
        project.destroy();
    });
}

#[test]
fn tasks_on_container_instances_are_waited_for_only_if_they_are_to_have_the_agent() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod"]);
        block_on(world.ecs.create_cluster().cluster_name("instances").send()).unwrap();
        let tasks = json!({"region": REGION, "cluster": "instances", "count": 2});
        project.control("/_guardduty/ec2-tasks", tasks);
        let body = "  fargate = { clusters = \"all\" }\n  redeploy_services = true\n  wait_for_coverage = true";
        let output = project.apply(&world.configuration(&format!("{body}\n  timeouts = {{ create = \"20s\" }}")));
        assert!(!output.text.contains("cannot wait any longer"), "{}", output.text);
        let hurried = format!("{body}\n  ec2 = {{ agent = \"ENABLED\" }}\n  timeouts = {{ update = \"300ms\" }}");
        let texts = ["cannot wait any longer", "cluster instances: GuardDuty has not heard of it yet"];
        project.expect_apply_failure(&world.configuration(&hurried), &texts);
    });
}

#[test]
fn coverage_is_told_of_any_region_and_of_what_is_known_later() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, "eu-west-1", &["prod", "other"]);
        world.switch("RUNTIME_MONITORING", FeatureStatus::Enabled, &[]);
        let data = |detector: &str, region: &str| {
            format!(
                r#"
                resource "terraform_data" "later" {{
                  input = {{ detector = "{detector}", region = "{region}", cluster = "prod", status = "UNHEALTHY" }}
                }}
                data "guardduty_coverage" "far" {{
                  detector_id   = terraform_data.later.output.detector
                  region        = terraform_data.later.output.region
                  cluster_names = [terraform_data.later.output.cluster]
                  status        = terraform_data.later.output.status
                }}"#
            )
        };
        project.apply(&data(&world.detector, "eu-west-1"));
        let far = project.state("data.guardduty_coverage.far").unwrap();
        let clusters = far["clusters"].as_array().unwrap();
        assert_eq!((clusters.len(), &clusters[0]["cluster_name"]), (1, &json!("prod")));
        assert_eq!((&far["region"], &far["healthy"], &far["unhealthy"]), (&json!("eu-west-1"), &json!(0), &json!(1)));
        for (detector, region) in [(world.detector.as_str(), REGION), ("00000000000000000000000000000000", "eu-west-1")]
        {
            let texts =
                ["cannot list the coverage", detector, region, "There is no such detector in this account and region"];
            project.expect_apply_failure(&data(detector, region), &texts);
        }
    });
}

#[test]
fn with_the_agent_for_all_only_what_is_tagged_to_be_left_out_is_left_out() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod", "test", "old"]);
        world.tag("old", TAG, "false");
        let tasks = || ["prod", "test", "old"].map(|cluster| world.task(cluster));
        // Whoever is chosen: `old` is left out by a tag of somebody else, and so neither deployed anew nor waited for.
        let excluded = [("clusters = \"all\"", [true, true]), ("exclude = [\"test\"]", [true, false])];
        let included = [("include = [\"prod\"]\n  agent = \"ENABLED\"", [true, true])];
        for (choice, [prod, test]) in excluded.into_iter().chain(included) {
            let before = tasks();
            let body = format!(
                "  fargate = {{\n  {choice}\n  }}\n  redeploy_services = true\n  wait_for_coverage = true\n  timeouts = {{ create = \"20s\" }}"
            );
            let output = project.apply(&world.configuration(&body));
            assert!(!output.text.contains("cannot wait any longer"), "{choice}: {}", output.text);
            let after = tasks();
            let replaced = [0, 1, 2].map(|index| before[index].0 != after[index].0);
            assert_eq!(replaced, [prod, test, false], "{choice}: deployed anew");
            assert_eq!(after.map(|(_, agent)| agent), [prod, test, false], "{choice}: with the agent");
            project.destroy();
            // The next choice begins with tasks without an agent.
            for cluster in ["prod", "test", "old"] {
                let service = world.ecs.update_service().cluster(cluster).service("web").force_new_deployment(true);
                block_on(service.send()).unwrap();
            }
        }
        assert_eq!(world.managed("old"), no());
    });
}

#[test]
fn a_create_that_waits_in_vain_is_not_undone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let world = World::new(&project, REGION, &["prod"]);
        project.control(
            "/_guardduty/coverage",
            json!({"region": REGION, "cluster": "prod", "status": "UNHEALTHY", "issue": "Agent exited"}),
        );
        let body =
            "  fargate = { include = [\"prod\"] }\n  wait_for_coverage = true\n  timeouts = { create = \"300ms\" }";
        // The apply succeeds, and the plan after it has nothing to do: nothing is tainted.
        project.apply(&world.configuration(body)).expect_texts(&[
            "Warning: cannot wait any longer for the coverage of ECS clusters",
            "After 300ms: cluster prod: UNHEALTHY (Agent exited)",
            "All is made as planned, and stays.",
        ]);
        world.expect_settings([true, false, false]);
        project.destroy();
    });
}
