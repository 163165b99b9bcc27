//! The steps of the harness themselves: each fails where it must, and says why, with all that the CLI said.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;
use tfplugin::testing::{Cli, Project};

use super::{project, thing};

const ADDRESS: &str = "shop_thing.one";

/// Runs `test` with a lamp that was applied, on one CLI: a step makes no difference between them.
fn with_a_lamp(test: impl Fn(&Project)) {
    let Some(cli) = Cli::all().into_iter().next() else { return println!("skipped: no CLI is here") };
    let project = project(&cli);
    project.apply(&thing("weight = 1"));
    test(&project);
    project.write(&thing("weight = 1"));
    project.destroy();
}

/// Demands that `step` fails, with a message that says each of `texts`.
#[track_caller]
fn fails(texts: &[&str], step: impl FnOnce()) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(step)) else { panic!("the step does not fail: {texts:?}") };
    let message = panic.downcast_ref::<String>().unwrap();
    for text in texts {
        assert!(message.contains(text), "{text:?} is not said in:\n{message}");
    }
}

/// Somebody else changes the shop's ledger.
fn write_ledger(project: &Project, change: impl FnOnce(&mut serde_json::Value)) {
    let path = project.folder().join("ledger.json");
    let mut ledger = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut ledger);
    fs::write(path, ledger.to_string()).unwrap();
}

fn write_weight(project: &Project, weight: i64) {
    write_ledger(project, |ledger| ledger["thing lamp"]["weight"] = weight.into());
}

#[test]
fn an_apply_that_fails() {
    with_a_lamp(|project| {
        let refused = thing("weight = 1").replace("lamp", "refused").replace("\"one\"", "\"two\"");
        fails(&["the CLI failed:", "apply -auto-approve", "cannot make this thing"], || drop(project.apply(&refused)));
        // It fails, and otherwise than it should.
        fails(&["\"it is too heavy\" is not said in:", "cannot make this thing"], || {
            drop(project.expect_apply_failure(&refused, &["it is too heavy"]));
        });
        fails(&["the CLI did not fail:", "Apply complete!"], || {
            drop(project.expect_apply_failure(&thing("weight = 2"), &["cannot make this thing"]));
        });
    });
}

#[test]
fn a_plan_that_is_not_empty() {
    with_a_lamp(|project| {
        project.write(&thing("weight = 2"));
        fails(&["the plan is not empty:", "plan -detailed-exitcode", "1 to change"], || project.expect_no_changes());
    });
}

#[test]
fn a_plan_of_something_else() {
    with_a_lamp(|project| {
        let plan = || project.plan(&thing("weight = 2"));
        plan().expect_actions(ADDRESS, &["update"]);
        fails(&["[\"update\"] is planned for shop_thing.one, not [\"create\"]:", "1 to change"], || {
            drop(plan().expect_actions(ADDRESS, &["create"]));
        });
        fails(&["shop_thing.other is not in the plan:", "1 to change"], || drop(plan().actions("shop_thing.other")));
        assert_eq!(plan().attribute(ADDRESS, "weight"), 2);
        assert_eq!(plan().attribute(ADDRESS, "revision"), json!(null), "it is not known yet");
        fails(&["shop_thing.one has no attribute \"wight\". Did you mean \"weight\"?"], || {
            drop(plan().attribute(ADDRESS, "wight"));
        });
    });
}

#[test]
fn an_attribute_of_another_value() {
    with_a_lamp(|project| {
        project.expect_attribute(ADDRESS, "weight", 1);
        project.expect_attribute(ADDRESS, "shelf_life", json!(null));
        fails(&["weight of shop_thing.one is 1, not 2:", "state show", "revision"], || {
            project.expect_attribute(ADDRESS, "weight", 2);
        });
        fails(&["shop_thing.one has no attribute \"wight\". Did you mean \"weight\"?"], || {
            drop(project.attribute(ADDRESS, "wight"));
        });
        fails(&["shop_thing.two is not in the state, which has [\"shop_thing.one\"]"], || {
            drop(project.attribute("shop_thing.two", "weight"));
        });
    });
}

#[test]
fn what_is_not_refused() {
    with_a_lamp(|project| {
        fails(&["the CLI did not fail:", "$ ", " plan", "1 to change"], || {
            project.expect_refused(&thing("weight = 2"), &["too many"]);
        });
        fails(&["\"too many\" is not said in:", "Did you mean \"DEEP_BLUE\"?"], || {
            project.expect_refused(&thing("colour = \"BLUE\""), &["too many"]);
        });
    });
}

#[test]
fn an_import_that_fails_or_finds_another() {
    with_a_lamp(|project| {
        fails(&["the CLI failed:", "import shop_thing.one id-door", "there is nothing to import"], || {
            project.reimport(ADDRESS, "id-door");
        });
        write_weight(project, 2);
        fails(&["the plan is not empty:", "1 to change"], || {
            // The step before has let go of it.
            project.run(&["import", ADDRESS, "id-lamp"]).expect_success();
            project.expect_no_changes();
        });
        project.apply(&thing("weight = 1"));
        project.reimport(ADDRESS, "id-lamp");
    });
}

#[test]
fn drift_that_is_seen_and_mended() {
    with_a_lamp(|project| {
        project.drift(ADDRESS, &["weight"], || write_weight(project, 2)).expect_texts(&["1 changed"]);
        project.expect_attribute(ADDRESS, "weight", 1);
        let labels = |ledger: &mut serde_json::Value| {
            ledger["thing lamp"]["labels"] = json!({"a": "b"});
            ledger["thing lamp"]["price"] = json!([{"currency": "EUR", "amount": 1}]);
        };
        project.drift(ADDRESS, &["labels", "price"], || write_ledger(project, labels));
        project.vanish(ADDRESS, || write_ledger(project, |ledger| *ledger = json!({}))).expect_texts(&["1 added"]);
    });
}

#[test]
fn drift_that_is_not_as_it_was_to_be() {
    with_a_lamp(|project| {
        fails(&["of shop_thing.one no change is seen, not a change of weight:", "No changes."], || {
            drop(project.drift(ADDRESS, &["weight"], || {}));
        });
        fails(&["a change of weight is seen, not a change of shelf_life, weight:", "1 to change"], || {
            drop(project.drift(ADDRESS, &["weight", "shelf_life"], || write_weight(project, 2)));
        });
        fails(&["a change of weight is seen, not that it is gone:", "1 to change"], || {
            drop(project.vanish(ADDRESS, || {}));
        });
        project.apply(&thing("weight = 1"));
        fails(&["what was done to shop_thing.one is seen, and left as it is:", "No changes."], || {
            let revision = |ledger: &mut serde_json::Value| ledger["thing lamp"]["revision"] = 9.into();
            drop(project.drift(ADDRESS, &["revision"], || write_ledger(project, revision)));
        });
        fails(&["that it is gone is seen, not a change of weight:", "1 to add"], || {
            drop(project.drift(ADDRESS, &["weight"], || write_ledger(project, |ledger| *ledger = json!({}))));
        });
    });
}
