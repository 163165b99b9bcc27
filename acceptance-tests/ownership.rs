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
    let text = "two resources are";
    project.expect_refused(&config(2), &[text]);
    assert!(!(kind.is_there)(&world), "{}: nothing was created", kind.name);
    project.apply(&config(1));
    project.expect_refused(&config(2), &[text]);
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

/// A replacement ends as the configuration says, though reads don't know yet what was just written or deleted.
fn replaced_while_reads_are_late(cli: &Cli, kind: &Kind) {
    let project = Project::new(cli);
    let world = World::new(&project, kind);
    project.apply(&format!("resource \"{}\" \"test\" {{\n{}\n}}\n", kind.name, (kind.body)(&world)));
    for reads in [1, 3] {
        project.delay_reads("*", reads);
        project.run(&["apply", "-auto-approve", &format!("-replace={}.test", kind.name)]).expect_success();
        project.see_all();
        assert!((kind.is_there)(&world), "{}, {reads} reads late", kind.name);
        project.expect_no_changes();
    }
    undone(&project, &world, kind);
}

/// Where a state is lost for good, an import takes over what it left.
fn taken_over_from_a_lost_state(cli: &Cli, kind: &Kind) {
    let project = Project::new(cli);
    let world = World::new(&project, kind);
    let config = |body: &str| format!("resource \"{}\" \"test\" {{\n{body}\n}}\n", kind.name);
    let (same, other) = (config(&(kind.body)(&world)), config(&otherwise(kind, &world)));
    let address = format!("{}.test", kind.name);
    project.apply(&same);
    project.run(&["state", "rm", &address]).expect_success();
    project.run(&["apply", "-auto-approve"]).expect_success().expect_texts(&["also manages", "`state rm`"]);
    project.write(&other);
    project.run(&["apply", "-auto-approve"]).expect_failure(&["manages it too", "an import takes over what it finds"]);
    project.run(&["state", "rm", &address]).expect_success();
    project.run(&["import", &address, &(kind.id)(&world)]).expect_success();
    project.apply(&other);
    project.expect_no_changes();
    project.apply(&same);
    assert!((kind.is_there)(&world), "{}", kind.name);
    project.destroy();
    assert!(!(kind.is_there)(&world), "{} is still there", kind.name);
}

/// What a create left half made, the next apply finishes or makes anew, also beside it.
fn half_made(cli: &Cli, kind: &Kind, (service, operation): (&str, &str), mode: &str) {
    let project = Project::new(cli);
    let world = World::new(&project, kind);
    let (name, body) = (kind.name, (kind.body)(&world));
    let provider = "provider \"guardduty\" {\n  max_retries = 0\n}\n";
    let lifecycle = "lifecycle {\n create_before_destroy = true\n}";
    let config = format!("{provider}resource \"{name}\" \"test\" {{\n{body}\n{lifecycle}\n}}\n");
    project.fault(serde_json::json!({
        "service": service, "operation": operation, "mode": mode, "code": "AccessDeniedException",
        "message": "You are not allowed to.", "status": 403, "times": null,
    }));
    project.write(&config);
    project.run(&["apply", "-auto-approve"]).expect_failure(&[operation]);
    project.clear_faults();
    project.run(&["apply", "-auto-approve"]).expect_success();
    assert!((kind.is_there)(&world), "{name} after {operation}, {mode}");
    project.expect_no_changes();
    undone(&project, &world, kind);
}

#[test]
fn what_is_half_made_is_finished() {
    let cli = one_cli();
    half_made(&cli, &FEATURE, ("guardduty", "UpdateDetector"), "error");
    half_made(&cli, &RUNTIME, ("ecs", "TagResource"), "error");
    half_made(&cli, &RUNTIME, ("guardduty", "UpdateDetector"), "error");
    half_made(&cli, &RULE, ("events", "PutTargets"), "error");
    half_made(&cli, &RULE, ("sns", "SetTopicAttributes"), "error");
    half_made(&cli, &RESPONSE, ("stepfunctions", "CreateStateMachine"), "error");
    half_made(&cli, &RESPONSE, ("iam", "PutRolePolicy"), "error");
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

            #[test]
            fn is_replaced_while_reads_are_late() {
                replaced_while_reads_are_late(&one_cli(), &$kind);
            }

            #[test]
            fn is_taken_over_from_a_lost_state() {
                taken_over_from_a_lost_state(&one_cli(), &$kind);
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
    // It has no mark any more, so that it is not changed either.
    let other = format!("resource \"guardduty_filter\" \"test\" {{\n{}\n}}\n", otherwise(&FILTER, &world));
    project.expect_apply_failure(&other, &["no longer has the tag", "guardduty:owner/"]);
    project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&["was left as it is"]);
    assert!((FILTER.is_there)(&world));
}

/// A hold is looked at again before a change, not only at the last refresh.
#[test]
fn who_has_come_meanwhile_is_not_overwritten() {
    let first = Project::new(&one_cli());
    let second = first.beside();
    let world = World::new(&first, &FILTER);
    let config = |body: &str| format!("resource \"guardduty_filter\" \"test\" {{\n{body}\n}}\n");
    first.apply(&config(&(FILTER.body)(&world)));
    first.write(&config(&otherwise(&FILTER, &world)));
    first.run(&["plan", "-out=saved"]).expect_success();
    second.apply(&config(&(FILTER.body)(&world)));
    first.run(&["apply", "saved"]).expect_failure(&["another instance of this resource manages it too"]);
    second.expect_no_changes();
}

/// The feature and runtime monitoring of ECS switch the same, so that only one of them may.
#[test]
fn runtime_monitoring_is_switched_by_one_type_only() {
    let first = Project::new(&one_cli());
    let second = first.beside();
    let world = World::new(&first, &FEATURE);
    let config = |kind: &Kind| format!("resource \"{}\" \"test\" {{\n{}\n}}\n", kind.name, (kind.body)(&world));
    first.expect_refused(&(config(&FEATURE) + &config(&RUNTIME)), &["two resources are feature RUNTIME_MONITORING"]);
    first.apply(&config(&FEATURE));
    second.expect_apply_failure(&config(&RUNTIME), &["a guardduty_detector_feature already switches"]);
    first.destroy();
    second.apply(&config(&RUNTIME));
    first.expect_apply_failure(&config(&FEATURE), &["a guardduty_ecs_runtime_monitoring already switches"]);
    undone(&second, &world, &RUNTIME);
}

/// A detector leaves a feature alone that a resource of its own switches otherwise.
#[test]
fn a_detector_does_not_undo_what_another_type_holds() {
    for kind in [&FEATURE, &RUNTIME] {
        let project = Project::new(&one_cli());
        let mut world = World::new(&project, &DETECTOR);
        let detector = |features: &str| format!("resource \"guardduty_detector\" \"test\" {{\n{features}}}\n");
        project.apply(&detector("unlisted_features = \"disable\"\n"));
        world.detector = world.detectors()[0].clone();
        let beside = format!("resource \"{}\" \"test\" {{\n{}\n}}\n", kind.name, (kind.body)(&world));
        project.apply(&(detector("") + &beside));
        let lists = |status: &str| {
            detector(&format!("features = {{ RUNTIME_MONITORING = {{ status = \"{status}\" }} }}\n")) + &beside
        };
        let told = format!("a {} switches feature RUNTIME_MONITORING of this detector, otherwise than here", kind.name);
        project.write(&lists("DISABLED"));
        project.run(&["plan"]).expect_success().expect_texts(&["the apply will fail", &told]);
        project.expect_apply_failure(&lists("DISABLED"), &[&told, "Keep one of them"]);
        assert!(world.is_on("RUNTIME_MONITORING"));
        project.apply(&lists("ENABLED"));
        project.expect_no_changes();
        project.destroy();
    }
}

/// What is left of a thing that somebody else deleted is taken back all the same.
#[test]
fn what_is_left_behind_is_taken_back() {
    let project = Project::new(&one_cli());
    let world = World::new(&project, &LIST);
    let config = |kind: &Kind| format!("resource \"{}\" \"test\" {{\n{}\n}}\n", kind.name, (kind.body)(&world));
    let delete = || {
        let delete = world.guardduty.delete_threat_intel_set().detector_id(&world.detector);
        block_on(delete.threat_intel_set_id(&world.lists()[0]).send()).unwrap();
    };
    project.apply(&config(&LIST));
    delete();
    project.apply(&config(&LIST));
    assert!((LIST.is_there)(&world), "it is made anew");
    project.expect_no_changes();
    delete();
    undone(&project, &world, &LIST);

    project.apply(&config(&RUNTIME));
    block_on(world.guardduty.delete_detector().detector_id(&world.detector).send()).unwrap();
    project.destroy();
    assert_eq!(world.cluster_tag("GuardDutyManaged").as_deref(), Some("false"));
    assert_eq!(world.cluster_tag("GuardDutyManaged:former"), None);
}

/// A destroy that was cut off takes back the rest the next time.
#[test]
fn a_destroy_that_was_cut_off_is_finished() {
    let project = Project::new(&one_cli());
    let world = World::new(&project, &RUNTIME);
    project.apply(&format!("resource \"{}\" \"test\" {{\n{}\n}}\n", RUNTIME.name, (RUNTIME.body)(&world)));
    project.fault(serde_json::json!({"service": "ecs", "operation": "UntagResource", "mode": "error",
        "code": "AccessDeniedException", "message": "no", "status": 403, "times": null}));
    project.run(&["destroy", "-auto-approve"]).expect_failure(&["ecs:UntagResource"]);
    project.clear_faults();
    undone(&project, &world, &RUNTIME);
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
