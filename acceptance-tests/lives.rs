//! The life of each type with a real CLI: create, update of each attribute, import, drift, deletion outside Terraform,
//! replacement, refusals, destroy, and the API calls that each of them makes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::cases::{CASES, Calls, Case, World, case, for_each_case, with};
use crate::harness::{Project, one_cli};

/// Calls that a run makes once, whatever it does.
const OF_EACH_RUN: &str = "sts:GetCallerIdentity";

struct Life {
    case: &'static Case,
    project: Project,
    world: World,
}

impl Life {
    fn new(case: &'static Case) -> Self {
        let project = Project::new(&one_cli());
        let world = match case.name {
            "guardduty_detector" => World::without_detector(&project),
            _ => World::new(&project),
        };
        Life { case, project, world }
    }

    fn body(&self) -> Json {
        (self.case.body)(&self.world)
    }

    /// The calls of a run, each with how often it was made if that is more than once.
    fn calls_of(&self, arguments: &[&str]) -> Vec<String> {
        self.project.clear_calls();
        self.project.run(arguments).expect_success();
        let mut counts = BTreeMap::<String, usize>::new();
        for call in self.project.calls().into_iter().filter(|call| call != OF_EACH_RUN) {
            *counts.entry(call).or_default() += 1;
        }
        counts.into_iter().map(|(call, count)| if count == 1 { call } else { format!("{call} {count}") }).collect()
    }
}

/// It is created with as few calls as that takes, is changed in place to each other value and back, and leaves nothing.
fn lives(case: &'static Case) {
    let life = Life::new(case);
    let project = &life.project;
    project.write(&case.resource(&life.body()));
    let created = life.calls_of(&["apply", "-auto-approve"]);
    assert!((case.is_there)(&life.world));
    let refreshed = life.calls_of(&["plan", "-detailed-exitcode"]);
    let mut body = life.body();
    for (name, value) in (case.changes)(&life.world) {
        body = with(body, name, value.clone());
        let plan = project.plan(&case.resource(&body));
        plan.expect_actions(&case.address(), &["update"]);
        project.run(&["apply", "-auto-approve", "plan.bin"]).expect_success();
        project.expect_no_changes();
    }
    project.apply(&case.resource(&life.body()));
    assert!((case.is_there)(&life.world), "after all changes it is as before");
    let destroyed = life.calls_of(&["destroy", "-auto-approve"]);
    assert!(!(case.is_there)(&life.world));
    let Calls { create, refresh, destroy } = &case.calls;
    for (what, made, expected) in
        [("create", created, create), ("refresh", refreshed, refresh), ("destroy", destroyed, destroy)]
    {
        let made: Vec<_> = made.into_iter().map(|call| uncounted(call, expected)).collect();
        assert_eq!(made, *expected, "the calls of a {what}");
    }
}

/// A call whose count is of no concern as it is expected: `guardduty:GetFilter *`.
fn uncounted(call: String, expected: &[&str]) -> String {
    let any = format!("{} *", call.split(' ').next().unwrap_or_default());
    if expected.contains(&any.as_str()) { any } else { call }
}

/// What others did to it is shown and put right; imported, it is the same.
fn meets_others(case: &'static Case) {
    let life = Life::new(case);
    let (project, config) = (&life.project, case.resource(&life.body()));
    project.apply(&config);
    // What an import can't find out, the next apply notes.
    project.run(&["state", "rm", &case.address()]).expect_success();
    project.run(&["import", &case.address(), &(case.id)(&life.world)]).expect_success();
    project.apply(&config);
    if let Some((drift, attribute)) = case.drift {
        let before = project.attribute(&case.address(), attribute);
        drift(&life.world);
        project.run(&["apply", "-refresh-only", "-auto-approve"]).expect_success();
        assert_ne!(project.attribute(&case.address(), attribute), before, "the drift of {attribute} is shown");
        project.plan(&config).expect_actions(&case.address(), &["update"]);
        project.apply(&config);
        project.expect_attribute(&case.address(), attribute, before);
        assert!((case.is_there)(&life.world));
    }
    if let Some(vanish) = case.vanish {
        vanish(&life.world);
        project.plan(&config).expect_actions(&case.address(), &["create"]);
        project.apply(&config);
        assert!((case.is_there)(&life.world));
    }
    for (name, value) in (case.replaces)(&life.world) {
        let plan = project.plan(&case.resource(&with(life.body(), name, value)));
        plan.expect_actions(&case.address(), &["delete", "create"]);
    }
    for (name, value, text) in case.refuses {
        project.expect_refused(&case.resource(&with(life.body(), name, value())), &[text]);
    }
    project.write(&config);
    project.destroy();
    assert!(!(case.is_there)(&life.world));
}

macro_rules! tested {
    ($($name:ident),*) => {
        $(mod $name {
            #[test]
            fn lives() {
                super::lives(super::case(stringify!($name)));
            }

            #[test]
            fn meets_others() {
                super::meets_others(super::case(stringify!($name)));
            }
        })*
    };
}

for_each_case!(tested);

macro_rules! names {
    ($($name:ident),*) => {
        [$(stringify!($name)),*]
    };
}

/// Every type is tried but sample findings, which are nobody's once they were made.
#[test]
fn every_type_lives() {
    let tried = for_each_case!(names).map(|name| case(name).name);
    let untried: Vec<_> = CASES.iter().map(|case| case.name).filter(|name| !tried.contains(name)).collect();
    assert_eq!(untried, ["guardduty_sample_findings"]);
}
