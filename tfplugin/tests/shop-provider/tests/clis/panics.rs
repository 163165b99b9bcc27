//! A panic in a call: one diagnostic, and no word of a crash that did not happen.

use super::{for_each_cli, project, with_provider};

#[test]
fn a_panic_is_one_error_and_the_rest_is_done() {
    for_each_cli(|cli| {
        let project = project(cli);
        let thing = |name: &str| format!("resource \"shop_thing\" \"{name}\" {{\n  name = \"{name}\"\n}}\n");
        project.write(&with_provider(&[thing("panic"), thing("lamp")].concat()));
        let refused = project.run(&["apply", "-auto-approve"]).expect_one_error().expect_failure(&[
            "Error: the provider panicked at shop_thing",
            "the shelf fell down",
            "Please report it: the shop's counter",
        ]);
        for word in ["Stack trace", "crash"] {
            assert!(!refused.text.contains(word), "{word} is in:\n{}", refused.text);
        }
        assert_eq!(project.attribute("shop_thing.lamp", "id"), "id-lamp", "the server lived on");
    });
}
