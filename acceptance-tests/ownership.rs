//! Whose a thing is: what an instance of a resource may do with what another holds, for every type alike.
//!
//! Each type says how it is configured and how the account looks with it; the scenarios are the same for all.

use aws_sdk_guardduty::Client;
use provider::GuardDuty;
use tfplugin::Provider;

use crate::detector::detector;
use crate::harness::{Cli, Project, REGION, block_on, for_each_cli, one_cli};

/// A resource type in an account.
struct Kind {
    /// Its whole name.
    name: &'static str,
    /// Attributes of an instance, apart from `more`.
    body: fn(&World) -> String,
    /// An attribute with another value than `body` has.
    other: &'static str,
    /// Id to import it.
    id: fn(&World) -> String,
    /// Whether the account has it as `body` says.
    is_there: fn(&World) -> bool,
}

/// The account, as its other tools see it.
struct World {
    account: String,
    detector: String,
    bucket: String,
    guardduty: Client,
    ecs: aws_sdk_ecs::Client,
    events: aws_sdk_eventbridge::Client,
    s3: aws_sdk_s3::Client,
    sfn: aws_sdk_sfn::Client,
}

impl World {
    /// An account with a topic, a bucket, a cluster and, unless it is what is tested, a detector.
    fn new(project: &Project, kind: &Kind) -> Self {
        let config = project.sdk(REGION);
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let world = World {
            account: project.account.clone(),
            detector: if kind.name == DETECTOR.name { String::new() } else { detector(project, REGION) },
            bucket: format!("lists-{}", project.account),
            guardduty: Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sfn: aws_sdk_sfn::Client::new(&config),
        };
        block_on(async {
            world.s3.create_bucket().bucket(&world.bucket).send().await.unwrap();
            let cluster = aws_sdk_ecs::types::Tag::builder().key("GuardDutyManaged").value("false").build();
            world.ecs.create_cluster().cluster_name("prod").tags(cluster).send().await.unwrap();
            aws_sdk_sns::Client::new(&config).create_topic().name("alerts").send().await.unwrap();
        });
        world
    }

    fn is_on(&self, feature: &str) -> bool {
        let found = block_on(self.guardduty.get_detector().detector_id(&self.detector).send()).unwrap();
        let feature = found.features().iter().find(|one| one.name().is_some_and(|name| name.as_str() == feature));
        feature.is_some_and(|feature| feature.status().is_some_and(|status| status.as_str() == "ENABLED"))
    }

    fn cluster_tag(&self, key: &str) -> Option<String> {
        let described = self.ecs.describe_clusters().clusters("prod").include(aws_sdk_ecs::types::ClusterField::Tags);
        let described = block_on(described.send()).unwrap();
        let tag = described.clusters()[0].tags().iter().find(|tag| tag.key() == Some(key)).cloned();
        tag.and_then(|tag| tag.value)
    }

    fn detectors(&self) -> Vec<String> {
        block_on(self.guardduty.list_detectors().send()).unwrap().detector_ids().to_vec()
    }

    /// Tags of the detector that this provider keeps notes in.
    fn marks(&self) -> usize {
        let found = block_on(self.guardduty.get_detector().detector_id(&self.detector).send()).unwrap();
        let tags = found.tags().cloned().unwrap_or_default();
        tags.keys().filter(|key| key.starts_with("guardduty:owner/")).count()
    }

    fn targets(&self, rule: &str) -> usize {
        block_on(self.events.list_targets_by_rule().rule(rule).send()).map_or(0, |listed| listed.targets().len())
    }

    fn has_object(&self) -> bool {
        block_on(self.s3.head_object().bucket(&self.bucket).key("bad.txt").send()).is_ok()
    }

    fn lists(&self) -> Vec<String> {
        let listed = block_on(self.guardduty.list_threat_intel_sets().detector_id(&self.detector).send()).unwrap();
        listed.threat_intel_set_ids().to_vec()
    }
}

const DETECTOR: Kind = Kind {
    name: "guardduty_detector",
    body: |_| "unlisted_features = \"disable\"".to_owned(),
    other: "finding_publishing_frequency = \"ONE_HOUR\"",
    id: |world| world.detectors()[0].clone(),
    is_there: |world| world.detectors().len() == 1,
};

const FEATURE: Kind = Kind {
    name: "guardduty_detector_feature",
    body: |world| {
        format!(
            "detector_id = \"{}\"\nname = \"RUNTIME_MONITORING\"\nstatus = \"ENABLED\"\non_destroy = \"restore\"",
            world.detector
        )
    },
    other: "status = \"DISABLED\"",
    id: |world| format!("{}/RUNTIME_MONITORING", world.detector),
    is_there: |world| world.is_on("RUNTIME_MONITORING") && world.marks() == 1,
};

const RUNTIME: Kind = Kind {
    name: "guardduty_ecs_runtime_monitoring",
    body: |world| format!("detector_id = \"{}\"\nfargate = {{ include = [\"prod\"] }}", world.detector),
    other: "fargate = { clusters = \"all\" }",
    id: |world| world.detector.clone(),
    is_there: |world| {
        world.is_on("RUNTIME_MONITORING") && world.cluster_tag("GuardDutyManaged").as_deref() == Some("true")
    },
};

const FILTER: Kind = Kind {
    name: "guardduty_filter",
    body: |world| {
        format!(
            "detector_id = \"{}\"\nname = \"quiet\"\naction = \"NOOP\"\nfinding_criteria {{\n criterion {{\n field = \"severity\"\n greater_than = \"4\"\n }}\n }}",
            world.detector
        )
    },
    other: "action = \"ARCHIVE\"",
    id: |world| format!("{}:quiet", world.detector),
    is_there: |world| {
        block_on(world.guardduty.get_filter().detector_id(&world.detector).filter_name("quiet").send()).is_ok()
    },
};

const LIST: Kind = Kind {
    name: "guardduty_threatintelset",
    body: |world| {
        format!(
            "detector_id = \"{}\"\nname = \"bad\"\nformat = \"TXT\"\nactivate = true\nentries = [\"198.51.100.7\"]\nbucket = \"{}\"\nkey = \"bad.txt\"",
            world.detector, world.bucket
        )
    },
    other: "entries = [\"198.51.100.8\"]",
    id: |world| format!("{}:{}", world.detector, world.lists()[0]),
    is_there: |world| world.has_object() && world.lists().len() == 1,
};

const RULE: Kind = Kind {
    name: "guardduty_finding_rule",
    body: |world| {
        format!(
            "name = \"alert\"\nmatch = {{}}\ntargets = {{ people = {{ arn = \"arn:aws:sns:{REGION}:{}:alerts\" }} }}",
            world.account
        )
    },
    other: "description = \"another\"",
    id: |_| "alert".to_owned(),
    is_there: |world| world.targets("alert") == 1,
};

const RESPONSE: Kind = Kind {
    name: "guardduty_ecs_response",
    body: |_| {
        "name = \"stop\"\naction = \"stop_task\"\nclusters = [\"prod\"]\nmatch = { severity = [\"HIGH\"] }".to_owned()
    },
    other: "clusters = [\"test\"]",
    id: |_| "stop".to_owned(),
    is_there: |world| {
        let machines = block_on(world.sfn.list_state_machines().send()).unwrap();
        world.targets("stop") == 1 && machines.state_machines().len() == 1
    },
};

const KINDS: [Kind; 7] = [DETECTOR, FEATURE, RUNTIME, FILTER, LIST, RULE, RESPONSE];

/// The body with `other` in place of the attribute of its name.
fn otherwise(kind: &Kind, world: &World) -> String {
    let name = kind.other.split(' ').next().unwrap();
    let body = (kind.body)(world);
    let kept = body.lines().filter(|line| !line.starts_with(&format!("{name} ")));
    kept.chain([kind.other]).collect::<Vec<_>>().join("\n")
}

/// An instance for each of `keys`, replaced with `trigger`, and what depends on it.
fn instances(kind: &Kind, body: &str, keys: &str, trigger: &str, lifecycle: &str) -> String {
    format!(
        r#"resource "terraform_data" "trigger" {{
  input = "{trigger}"
}}

resource "{name}" "test" {{
  for_each = toset([{keys}])
  {body}
  lifecycle {{
    replace_triggered_by = [terraform_data.trigger]
    {lifecycle}
  }}
}}

resource "terraform_data" "dependent" {{
  input = values({name}.test)[*].id
  lifecycle {{
    create_before_destroy = true
  }}
}}
"#,
        name = kind.name
    )
}

/// Whatever an instance is replaced by is what the configuration says, and so it stays.
fn replaced_beside_its_predecessor(cli: &Cli, kind: &Kind) {
    let project = Project::new(cli);
    let world = World::new(&project, kind);
    let body = (kind.body)(&world);
    // By its own setting, and by that of what depends on it.
    project.apply(&instances(kind, &body, "\"a\"", "1", "create_before_destroy = true"));
    assert!((kind.is_there)(&world), "{}", kind.name);
    project.apply(&instances(kind, &body, "\"a\"", "2", "create_before_destroy = true"));
    assert!((kind.is_there)(&world), "{}: triggered", kind.name);
    project.apply(&instances(kind, &body, "\"a\"", "3", ""));
    assert!((kind.is_there)(&world), "{}: inherited", kind.name);
    let address = format!("-replace={}.test[\"a\"]", kind.name);
    project.run(&["apply", "-auto-approve", &address]).expect_success();
    assert!((kind.is_there)(&world), "{}: asked for", kind.name);
    project.expect_no_changes();
    undone(&project, &world, kind);
}

/// A renamed instance ends as the configuration says, in whatever order the two are dealt with.
fn renamed(cli: &Cli, kind: &Kind) {
    let project = Project::new(cli);
    let world = World::new(&project, kind);
    let body = (kind.body)(&world);
    let config =
        |key: &str| format!("resource \"{}\" \"test\" {{\n for_each = toset([\"{key}\"])\n{body}\n}}\n", kind.name);
    project.apply(&config("a"));
    for (key, parallelism) in [("b", "1"), ("c", "10"), ("d", "1"), ("e", "10"), ("f", "1")] {
        project.write(&config(key));
        project.run(&["apply", "-auto-approve", &format!("-parallelism={parallelism}")]).expect_success();
        assert!((kind.is_there)(&world), "{} as {key}, {parallelism} at a time", kind.name);
        project.expect_no_changes();
    }
    undone(&project, &world, kind);
}

/// What was there before is there again, and nothing else.
fn undone(project: &Project, world: &World, kind: &Kind) {
    project.destroy();
    assert!(!(kind.is_there)(world), "{} is still there", kind.name);
    if !world.detector.is_empty() {
        assert_eq!(world.marks(), 0, "{} left its mark", kind.name);
        assert!(!world.is_on("RUNTIME_MONITORING"), "{}", kind.name);
    }
    assert_eq!(world.cluster_tag("GuardDutyManaged").as_deref(), Some("false"), "{}", kind.name);
    assert_eq!(world.cluster_tag("GuardDutyManaged:former"), None, "{}", kind.name);
    assert!(!world.has_object(), "{}", kind.name);
}

/// Two instances of one thing in a configuration are refused, whether the first exists or not.
fn declared_twice(cli: &Cli, kind: &Kind) {
    let project = Project::new(cli);
    let world = World::new(&project, kind);
    let body = (kind.body)(&world);
    let config = |count: usize| format!("resource \"{}\" \"test\" {{\n count = {count}\n{body}\n}}\n", kind.name);
    let text = format!("two {} resources are", kind.name);
    project.expect_refused(&config(2), &[&text]);
    assert!(!(kind.is_there)(&world), "{}: nothing was created", kind.name);
    project.apply(&config(1));
    project.expect_refused(&config(2), &[&text]);
    assert!((kind.is_there)(&world), "{}", kind.name);
    project.write(&config(1));
    undone(&project, &world, kind);
}

/// An instance of another state may hold what is as it wants it, and take nothing away; what it wants otherwise it is
/// refused.
fn declared_in_two_states(cli: &Cli, kind: &Kind) {
    let (first, second) = {
        let first = Project::new(cli);
        let second = first.beside();
        (first, second)
    };
    let world = World::new(&first, kind);
    let config = |body: &str| format!("resource \"{}\" \"test\" {{\n{body}\n}}\n", kind.name);
    let (same, other) = (config(&(kind.body)(&world)), config(&otherwise(kind, &world)));
    first.apply(&same);
    second.expect_apply_failure(&other, &["another instance of this resource manages it, and it differs in"]);
    assert!((kind.is_there)(&world), "{}: what was refused is untouched", kind.name);
    first.expect_no_changes();
    second.write(&same);
    let joined = second.run(&["apply", "-auto-approve"]).expect_success();
    joined.expect_texts(&["another instance of this resource also manages"]);
    second.write(&other);
    second.run(&["apply", "-auto-approve"]).expect_failure(&["another instance of this resource manages it too"]);
    second.run(&["destroy", "-auto-approve"]).expect_success();
    first.expect_no_changes();
    assert!((kind.is_there)(&world) || kind.name == FEATURE.name && world.is_on("RUNTIME_MONITORING"), "{}", kind.name);
    undone(&first, &world, kind);
}

/// A resource that moves to another state keeps working there, and the former state has no say any more.
fn moved_to_another_state(cli: &Cli, kind: &Kind) {
    let first = Project::new(cli);
    let second = first.beside();
    let world = World::new(&first, kind);
    let config = format!("resource \"{}\" \"test\" {{\n{}\n}}\n", kind.name, (kind.body)(&world));
    let address = format!("{}.test", kind.name);
    first.apply(&config);
    first.run(&["state", "rm", &address]).expect_success();
    second.write(&config);
    second.run(&["import", &address, &(kind.id)(&world)]).expect_success();
    second.run(&["apply", "-auto-approve"]).expect_success();
    second.expect_no_changes();
    first.write("");
    first.run(&["apply", "-auto-approve"]).expect_success();
    assert!((kind.is_there)(&world), "{}", kind.name);
    second.destroy();
    assert!(!(kind.is_there)(&world), "{} is still there", kind.name);
}

macro_rules! scenarios {
    ($($module:ident: $kind:expr;)*) => {
        $(mod $module {
            use super::*;

            #[test]
            fn is_replaced_beside_its_predecessor() {
                for_each_cli(|cli| replaced_beside_its_predecessor(cli, &$kind));
            }

            #[test]
            fn is_renamed() {
                for_each_cli(|cli| renamed(cli, &$kind));
            }

            #[test]
            fn is_refused_if_declared_twice() {
                for_each_cli(|cli| declared_twice(cli, &$kind));
            }

            #[test]
            fn is_shared_with_another_state_or_refused() {
                declared_in_two_states(&one_cli(), &$kind);
            }

            #[test]
            fn moves_to_another_state() {
                moved_to_another_state(&one_cli(), &$kind);
            }
        })*
    };
}

scenarios! {
    detector_itself: DETECTOR;
    feature: FEATURE;
    runtime_monitoring: RUNTIME;
    filter: FILTER;
    list: LIST;
    rule: RULE;
    response: RESPONSE;
}

/// What somebody else created is neither taken over nor deleted.
#[test]
fn what_others_made_is_left_alone() {
    let project = Project::new(&one_cli());
    let world = World::new(&project, &FILTER);
    let criteria = aws_sdk_guardduty::types::FindingCriteria::builder()
        .criterion("severity", aws_sdk_guardduty::types::Condition::builder().greater_than(4).build())
        .build();
    let theirs = || {
        let create = world.guardduty.create_filter().detector_id(&world.detector).name("quiet");
        block_on(create.action("NOOP".into()).finding_criteria(criteria.clone()).send()).unwrap();
    };
    theirs();
    let config = format!("resource \"guardduty_filter\" \"test\" {{\n{}\n}}\n", (FILTER.body)(&world));
    project.expect_apply_failure(&config, &["no instance of this resource manages it", "import {"]);
    let delete = || {
        let delete = world.guardduty.delete_filter().detector_id(&world.detector).filter_name("quiet");
        block_on(delete.send()).unwrap();
    };
    delete();
    project.apply(&config);
    delete();
    theirs();
    project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&["was left as it is"]);
    assert!((FILTER.is_there)(&world));
}

/// Each type that can be configured is among the kinds.
#[test]
fn every_type_is_tried() {
    let tried: Vec<_> = KINDS.iter().map(|kind| kind.name.trim_start_matches("guardduty_")).collect();
    for resource in GuardDuty::RESOURCES {
        // Findings are nobody's once they were made.
        assert!(tried.contains(&resource.name()) || resource.name() == "sample_findings", "{}", resource.name());
    }
}
