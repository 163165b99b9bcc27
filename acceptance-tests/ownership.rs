//! Whose a thing is: what an instance of a resource may do with what another holds, for every type alike.
//!
//! Each type says how it is configured and how the account looks with it; the scenarios are the same for all.

use crate::cases::{CASES, Case, World, case, for_each_case};
use crate::conformance::things;
use crate::harness::{Cli, Project, REGION, block_on, for_each_cli, one_cli};

/// The account for a case.
fn world_of(project: &Project, case: &Case) -> World {
    if case.name == "guardduty_detector" { World::without_detector(project) } else { World::new(project) }
}

/// An instance for each of `keys`, replaced with `trigger`, and what depends on it.
fn instances(case: &Case, body: &str, keys: &str, trigger: &str, lifecycle: &str) -> String {
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
        name = case.name
    )
}

/// Whatever an instance is replaced by is what the configuration says, and so it stays.
fn replaced_beside_its_predecessor(cli: &Cli, case: &Case) {
    let project = Project::new(cli);
    let world = world_of(&project, case);
    let body = case.text(&world);
    // By its own setting, and by that of what depends on it.
    project.apply(&instances(case, &body, "\"a\"", "1", "create_before_destroy = true"));
    assert!((case.is_there)(&world), "{}", case.name);
    project.apply(&instances(case, &body, "\"a\"", "2", "create_before_destroy = true"));
    assert!((case.is_there)(&world), "{}: triggered", case.name);
    project.apply(&instances(case, &body, "\"a\"", "3", ""));
    assert!((case.is_there)(&world), "{}: inherited", case.name);
    let address = format!("-replace={}.test[\"a\"]", case.name);
    project.run(&["apply", "-auto-approve", &address]).expect_success();
    assert!((case.is_there)(&world), "{}: asked for", case.name);
    project.expect_no_changes();
    undone(&project, &world, case);
}

/// A renamed instance ends as the configuration says, in whatever order the two are dealt with.
fn renamed(cli: &Cli, case: &Case) {
    let project = Project::new(cli);
    let world = world_of(&project, case);
    let body = case.text(&world);
    let config =
        |key: &str| format!("resource \"{}\" \"test\" {{\n for_each = toset([\"{key}\"])\n{body}\n}}\n", case.name);
    project.apply(&config("a"));
    for (key, parallelism) in [("b", "1"), ("c", "10"), ("d", "1"), ("e", "10"), ("f", "1")] {
        project.write(&config(key));
        project.run(&["apply", "-auto-approve", &format!("-parallelism={parallelism}")]).expect_success();
        assert!((case.is_there)(&world), "{} as {key}, {parallelism} at a time", case.name);
        project.expect_no_changes();
    }
    undone(&project, &world, case);
}

/// What was there before is there again, and nothing else.
fn undone(project: &Project, world: &World, case: &Case) {
    project.destroy();
    assert!(!(case.is_there)(world), "{} is still there", case.name);
    if !world.detector.is_empty() {
        assert_eq!(world.marks(), 0, "{} left its mark", case.name);
        assert!(!world.is_on("RUNTIME_MONITORING"), "{}", case.name);
    }
    assert_eq!(world.cluster_tag("GuardDutyManaged").as_deref(), Some("false"), "{}", case.name);
    assert_eq!(world.cluster_tag("GuardDutyManaged:former"), None, "{}", case.name);
    assert!(!world.has_object(), "{}", case.name);
}

/// Two instances of one thing in a configuration are refused, whether the first exists or not.
fn declared_twice(cli: &Cli, case: &Case) {
    let project = Project::new(cli);
    let world = world_of(&project, case);
    let body = case.text(&world);
    let config = |count: usize| format!("resource \"{}\" \"test\" {{\n count = {count}\n{body}\n}}\n", case.name);
    let text = "two resources are";
    project.expect_refused(&config(2), &[text]);
    assert!(!(case.is_there)(&world), "{}: nothing was created", case.name);
    project.apply(&config(1));
    project.expect_refused(&config(2), &[text]);
    assert!((case.is_there)(&world), "{}", case.name);
    project.write(&config(1));
    undone(&project, &world, case);
}

/// An instance of another state may hold what is as it wants it, and take nothing away; what it wants otherwise it is
/// refused.
fn declared_in_two_states(cli: &Cli, case: &Case) {
    let (first, second) = {
        let first = Project::new(cli);
        let second = first.beside();
        (first, second)
    };
    let world = world_of(&first, case);
    let config = |body: &str| format!("resource \"{}\" \"test\" {{\n{body}\n}}\n", case.name);
    let (same, other) = (config(&case.text(&world)), config(&case.otherwise(&world)));
    first.apply(&same);
    second.expect_apply_failure(&other, &["another instance of this resource manages it, and it differs in"]);
    assert!((case.is_there)(&world), "{}: what was refused is untouched", case.name);
    first.expect_no_changes();
    second.write(&same);
    let joined = second.run(&["apply", "-auto-approve"]).expect_success();
    joined.expect_texts(&["another instance of this resource also manages"]);
    second.write(&other);
    second.run(&["apply", "-auto-approve"]).expect_failure(&["another instance of this resource manages it too"]);
    second.run(&["destroy", "-auto-approve"]).expect_success();
    first.expect_no_changes();
    assert!(
        (case.is_there)(&world) || case.name == "guardduty_detector_feature" && world.is_on("RUNTIME_MONITORING"),
        "{}",
        case.name
    );
    undone(&first, &world, case);
}

/// A resource that moves to another state keeps working there, and the former state has no say any more.
fn moved_to_another_state(cli: &Cli, case: &Case) {
    let first = Project::new(cli);
    let second = first.beside();
    let world = world_of(&first, case);
    let config = format!("resource \"{}\" \"test\" {{\n{}\n}}\n", case.name, case.text(&world));
    let address = format!("{}.test", case.name);
    first.apply(&config);
    first.run(&["state", "rm", &address]).expect_success();
    second.write(&config);
    second.run(&["import", &address, &(case.id)(&world)]).expect_success();
    second.run(&["apply", "-auto-approve"]).expect_success();
    second.expect_no_changes();
    first.write("");
    first.run(&["apply", "-auto-approve"]).expect_success();
    assert!((case.is_there)(&world), "{}", case.name);
    second.destroy();
    assert!(!(case.is_there)(&world), "{} is still there", case.name);
}

/// A replacement ends as the configuration says, though reads don't know yet what was just written or deleted.
fn replaced_while_reads_are_late(cli: &Cli, case: &Case) {
    let project = Project::new(cli);
    let world = world_of(&project, case);
    project.apply(&format!("resource \"{}\" \"test\" {{\n{}\n}}\n", case.name, case.text(&world)));
    for reads in [1, 3] {
        project.delay_reads("*", reads);
        project.run(&["apply", "-auto-approve", &format!("-replace={}.test", case.name)]).expect_success();
        project.see_all();
        assert!((case.is_there)(&world), "{}, {reads} reads late", case.name);
        project.expect_no_changes();
    }
    undone(&project, &world, case);
}

/// A whole life leaves nothing, though reads don't know yet what was just created, or deleted.
fn lives_while_reads_are_late(cli: &Cli, case: &Case) {
    for writes in [&["create", "update"][..], &["delete"]] {
        let project = Project::new(cli);
        let world = world_of(&project, case);
        let before = things(&project);
        let config = |key: &str, lifecycle: &str| {
            let body = case.text(&world);
            format!("resource \"{}\" \"test\" {{\n for_each = toset([\"{key}\"])\n{body}{lifecycle}\n}}\n", case.name)
        };
        let beside = "lifecycle {\n create_before_destroy = true\n}";
        let replace = |key: &str| format!("-replace={}.test[\"{key}\"]", case.name);
        for (key, lifecycle, options) in
            [("a", "", None), ("a", "", Some("a")), ("a", beside, Some("a")), ("b", beside, None), ("c", "", None)]
        {
            project.see_all();
            project.delay_reads_after(writes, 2);
            project.write(&config(key, lifecycle));
            let replaced = options.map(replace);
            let mut arguments = vec!["apply", "-auto-approve", "-parallelism=1"];
            arguments.extend(replaced.as_deref());
            project.run(&arguments).expect_success();
            project.see_all();
            assert!((case.is_there)(&world), "{}, late after {writes:?}: {key}, {options:?}", case.name);
            project.expect_no_changes();
        }
        project.delay_reads_after(writes, 2);
        project.run(&["apply", "-auto-approve", &replace("c")]).expect_success();
        project.destroy();
        project.see_all();
        let left: Vec<_> = things(&project).difference(&before).cloned().collect();
        assert_eq!(left, Vec::<String>::new(), "{}, late after {writes:?}", case.name);
    }
}

/// Where a state is lost for good, an import takes over what it left.
fn taken_over_from_a_lost_state(cli: &Cli, case: &Case) {
    let project = Project::new(cli);
    let world = world_of(&project, case);
    let config = |body: &str| format!("resource \"{}\" \"test\" {{\n{body}\n}}\n", case.name);
    let (same, other) = (config(&case.text(&world)), config(&case.otherwise(&world)));
    let address = format!("{}.test", case.name);
    project.apply(&same);
    project.run(&["state", "rm", &address]).expect_success();
    project.run(&["apply", "-auto-approve"]).expect_success().expect_texts(&["also manages", "`state rm`"]);
    project.write(&other);
    project.run(&["apply", "-auto-approve"]).expect_failure(&["manages it too", "an import takes over what it finds"]);
    project.run(&["state", "rm", &address]).expect_success();
    project.run(&["import", &address, &(case.id)(&world)]).expect_success();
    project.apply(&other);
    project.expect_no_changes();
    project.apply(&same);
    assert!((case.is_there)(&world), "{}", case.name);
    project.destroy();
    assert!(!(case.is_there)(&world), "{} is still there", case.name);
}

/// What a create left half made, the next apply finishes or makes anew, also beside it.
fn half_made(cli: &Cli, case: &Case, (service, operation): (&str, &str), mode: &str) {
    let project = Project::new(cli);
    let world = world_of(&project, case);
    let (name, body) = (case.name, case.text(&world));
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
    assert!((case.is_there)(&world), "{name} after {operation}, {mode}");
    project.expect_no_changes();
    undone(&project, &world, case);
}

macro_rules! scenarios {
    ($($name:ident),*) => {
        $(mod $name {
            use super::*;

            fn case() -> &'static Case {
                super::case(stringify!($name))
            }

            #[test]
            fn is_replaced_beside_its_predecessor() {
                for_each_cli(|cli| replaced_beside_its_predecessor(cli, case()));
            }

            #[test]
            fn is_renamed() {
                for_each_cli(|cli| renamed(cli, case()));
            }

            #[test]
            fn is_refused_if_declared_twice() {
                for_each_cli(|cli| declared_twice(cli, case()));
            }

            #[test]
            fn is_shared_with_another_state_or_refused() {
                declared_in_two_states(&one_cli(), case());
            }

            #[test]
            fn moves_to_another_state() {
                moved_to_another_state(&one_cli(), case());
            }

            #[test]
            fn is_replaced_while_reads_are_late() {
                replaced_while_reads_are_late(&one_cli(), case());
            }

            #[test]
            fn lives_while_reads_are_late() {
                super::lives_while_reads_are_late(&one_cli(), case());
            }

            #[test]
            fn is_taken_over_from_a_lost_state() {
                taken_over_from_a_lost_state(&one_cli(), case());
            }

            #[test]
            fn is_finished_if_half_made() {
                for half in case().half_made {
                    half_made(&one_cli(), case(), *half, "error");
                }
            }
        })*
    };
}

for_each_case!(scenarios);

/// What somebody else created is neither taken over nor deleted.
#[test]
fn what_others_made_is_left_alone() {
    let project = Project::new(&one_cli());
    let world = World::new(&project);
    let criteria = aws_sdk_guardduty::types::FindingCriteria::builder()
        .criterion("severity", aws_sdk_guardduty::types::Condition::builder().greater_than(4).build())
        .build();
    let theirs = || {
        let create = world.guardduty.create_filter().detector_id(&world.detector).name("quiet");
        block_on(create.action("NOOP".into()).finding_criteria(criteria.clone()).send()).unwrap();
    };
    theirs();
    let filter = case("filter");
    let config = filter.resource(&(filter.body)(&world));
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
    let other = format!("resource \"guardduty_filter\" \"test\" {{\n{}\n}}\n", filter.otherwise(&world));
    project.expect_apply_failure(&other, &["no longer has the tag", "guardduty:owner/"]);
    project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&["was not deleted"]);
    assert!((filter.is_there)(&world));
}

/// A hold is looked at again before a change, not only at the last refresh.
#[test]
fn who_has_come_meanwhile_is_not_overwritten() {
    let first = Project::new(&one_cli());
    let second = first.beside();
    let world = World::new(&first);
    let config = |body: &str| format!("resource \"guardduty_filter\" \"test\" {{\n{body}\n}}\n");
    let filter = case("filter");
    first.apply(&config(&filter.text(&world)));
    first.write(&config(&filter.otherwise(&world)));
    first.run(&["plan", "-out=saved"]).expect_success();
    second.apply(&config(&filter.text(&world)));
    first.run(&["apply", "saved"]).expect_failure(&["another instance of this resource manages it too"]);
    second.expect_no_changes();
}

/// The feature and runtime monitoring of ECS switch the same, so that only one of them may.
#[test]
fn runtime_monitoring_is_switched_by_one_type_only() {
    let first = Project::new(&one_cli());
    let second = first.beside();
    let world = World::new(&first);
    let config = |case: &Case| case.resource(&(case.body)(&world));
    let (feature, runtime) = (case("detector_feature"), case("ecs_runtime_monitoring"));
    first.expect_refused(&(config(feature) + &config(runtime)), &["two resources are feature RUNTIME_MONITORING"]);
    first.apply(&config(feature));
    second.expect_apply_failure(&config(runtime), &["a guardduty_detector_feature already switches"]);
    first.destroy();
    second.apply(&config(runtime));
    first.expect_apply_failure(&config(feature), &["a guardduty_ecs_runtime_monitoring already switches"]);
    undone(&second, &world, runtime);
}

/// A detector leaves a feature alone that a resource of its own switches otherwise.
#[test]
fn a_detector_does_not_undo_what_another_type_holds() {
    for case in [case("detector_feature"), case("ecs_runtime_monitoring")] {
        let project = Project::new(&one_cli());
        let mut world = World::without_detector(&project);
        let detector = |features: &str| format!("resource \"guardduty_detector\" \"test\" {{\n{features}}}\n");
        project.apply(&detector("unlisted_features = \"disable\"\n"));
        world.detector = world.detectors()[0].clone();
        let beside = case.resource(&(case.body)(&world));
        project.apply(&(detector("") + &beside));
        let lists = |status: &str| {
            detector(&format!("features = {{ RUNTIME_MONITORING = {{ status = \"{status}\" }} }}\n")) + &beside
        };
        let told = format!("feature RUNTIME_MONITORING is also managed by a {}, with different settings", case.name);
        project.write(&lists("DISABLED"));
        project.run(&["plan"]).expect_success().expect_texts(&["the apply will fail", &told]);
        project.expect_apply_failure(&lists("DISABLED"), &[&told, "Remove one of them"]);
        assert!(world.is_on("RUNTIME_MONITORING"));
        project.apply(&lists("ENABLED"));
        project.expect_no_changes();
        project.destroy();
    }
}

/// Neither does one that is adopted, whether it lists the feature or switches off all others.
#[test]
fn an_adopting_detector_leaves_what_another_type_holds() {
    for case in [case("detector_feature"), case("ecs_runtime_monitoring")] {
        let first = Project::new(&one_cli());
        let second = first.beside();
        let world = World::new(&first);
        first.apply(&case.resource(&(case.body)(&world)));
        let adopting = |more: &str| {
            format!(
                "resource \"guardduty_detector\" \"test\" {{\nadopt_existing = true\non_destroy = \"keep\"\n{more}\n}}\n"
            )
        };
        let off = adopting("features = { RUNTIME_MONITORING = { status = \"DISABLED\" } }");
        let told = format!("feature RUNTIME_MONITORING is also managed by a {}", case.name);
        second.expect_apply_failure(&off, &[&told]);
        second.apply(&adopting("unlisted_features = \"disable\""));
        assert!(world.is_on("RUNTIME_MONITORING"), "{}", case.name);
        first.expect_no_changes();
        second.destroy();
        first.destroy();
    }
}

/// A feature that the detector of the configuration lists otherwise is refused.
#[test]
fn a_feature_that_its_detector_lists_otherwise_is_refused() {
    let project = Project::new(&one_cli());
    let config = |status: &str| {
        format!(
            "resource \"guardduty_detector\" \"test\" {{\nfeatures = {{ S3_DATA_EVENTS = {{ status = \"ENABLED\" }} }}\n}}\n\
             resource \"guardduty_detector_feature\" \"test\" {{\ndetector_id = guardduty_detector.test.id\n\
             name = \"S3_DATA_EVENTS\"\nstatus = \"{status}\"\n}}\n"
        )
    };
    let told = "feature S3_DATA_EVENTS is also set in `features` of its detector, with different settings";
    project.expect_apply_failure(&config("DISABLED"), &[told]);
    project.expect_refused(&config("DISABLED"), &[told]);
    project.apply(&config("ENABLED"));
    project.destroy();
}

/// A region that only the apply will know is mostly the same one.
#[test]
fn a_region_that_is_not_known_replaces_nothing() {
    for case in CASES.iter().filter(|case| case.name != "guardduty_sample_findings") {
        let project = Project::new(&one_cli());
        let world = world_of(&project, case);
        let config = |region: &str, change: &str| {
            let source = format!(
                "resource \"terraform_data\" \"source\" {{\ninput = {{ region = \"{region}\", n = {change} }}\n}}\n"
            );
            let body = case.text(&world);
            format!(
                "{source}resource \"{}\" \"test\" {{\n{body}region = terraform_data.source.output.region\n}}\n",
                case.name
            )
        };
        project.apply(&config(REGION, "0"));
        let id = project.attribute(&case.address(), "id");
        project.plan(&config(REGION, "1")).expect_actions(&case.address(), &["no-op"]);
        project.apply(&config(REGION, "1"));
        project.expect_attribute(&case.address(), "id", id);
        if case.name == "guardduty_detector" {
            // Another one is seen once it is known.
            project.write(&config("eu-west-1", "2"));
            project.run(&["apply", "-auto-approve"]).expect_success();
            project.plan(&config("eu-west-1", "2")).expect_actions(&case.address(), &["delete", "create"]);
            project.write(&config(REGION, "2"));
        }
        project.destroy();
    }
}

/// What is left of a thing that somebody else deleted is taken back all the same.
#[test]
fn what_is_left_behind_is_taken_back() {
    let project = Project::new(&one_cli());
    let world = World::new(&project);
    let config = |case: &Case| case.resource(&(case.body)(&world));
    let delete = || {
        let delete = world.guardduty.delete_threat_intel_set().detector_id(&world.detector);
        block_on(delete.threat_intel_set_id(&world.lists()[0]).send()).unwrap();
    };
    let (list, runtime) = (case("threatintelset"), case("ecs_runtime_monitoring"));
    project.apply(&config(list));
    delete();
    project.apply(&config(list));
    assert!((list.is_there)(&world), "it is made anew");
    project.expect_no_changes();
    delete();
    undone(&project, &world, list);

    project.apply(&config(runtime));
    block_on(world.guardduty.delete_detector().detector_id(&world.detector).send()).unwrap();
    project.destroy();
    assert_eq!(world.cluster_tag("GuardDutyManaged").as_deref(), Some("false"));
    assert_eq!(world.cluster_tag("GuardDutyManaged:former"), None);
}

/// A destroy that was cut off takes back the rest the next time.
#[test]
fn a_destroy_that_was_cut_off_is_finished() {
    let project = Project::new(&one_cli());
    let world = World::new(&project);
    let runtime = case("ecs_runtime_monitoring");
    project.apply(&runtime.resource(&(runtime.body)(&world)));
    project.fault(serde_json::json!({"service": "ecs", "operation": "UntagResource", "mode": "error",
        "code": "AccessDeniedException", "message": "no", "status": 403, "times": null}));
    project.run(&["destroy", "-auto-approve"]).expect_failure(&["ecs:UntagResource"]);
    project.clear_faults();
    undone(&project, &world, runtime);
}
