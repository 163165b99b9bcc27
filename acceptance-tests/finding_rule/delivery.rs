//! A finding reaches each kind of target, in the form that the template says.

use serde_json::json;

use super::account::{Account, until};
use super::{ADDRESS, configuration, parsed, rules};
use crate::harness::{Project, REGION, for_each_cli};

#[test]
fn a_finding_reaches_every_kind_of_target() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        account.detector();
        let queue = account.queue("raw");
        let (topic, heard) = account.topic("people");
        let machine = account.state_machine("machine");
        let (bus, forwarded) = account.bus("security");
        let group = account.log_group("/aws/events/findings");
        let function = account.function("alert");
        let targets = format!(
            r#"
            bus    = {{ arn = "{bus}" }}
            lambda = {{ arn = "{function}", input = {{ path = "$.detail" }} }}
            log    = {{ arn = "{group}", input = {{ template = "<$.detail.type>: severity <$.detail.severity>" }} }}
            machine = {{
              arn   = "{machine}"
              input = {{
                template = jsonencode({{
                  finding  = "<$.detail.id>"
                  severity = "<$.detail.severity>"
                  cluster  = "<$.detail.resource.ecsClusterDetails>"
                  text     = "<$.detail.type> is \"<$.detail.severity>\" & <!high>"
                  rule     = "<aws.events.rule-name>"
                  constant = [1, true, null]
                }})
              }}
            }}
            people = {{
              arn   = "{topic}"
              input = {{ template = "<$.detail.title> (<$.detail.type>, severity <$.detail.severity>)" }}
            }}
            raw = {{ arn = "{}", input = {{ json = jsonencode({{ hello = "world" }}) }} }}"#,
            queue.arn
        );
        let text = configuration("match = { severity = [\"HIGH\"] }", &targets);
        project.apply(&text);
        let divided = [("alert", "bus lambda log machine people"), ("alert-2", "raw")];
        let divided =
            divided.map(|(name, ids)| (name.to_owned(), ids.split(' ').map(str::to_owned).collect::<Vec<_>>()));
        assert_eq!(rules(&project, REGION), divided);
        project.expect_attribute(ADDRESS, "rules", json!({"alert": divided[0].1, "alert-2": divided[1].1}));

        let finding = account.finding("f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1");
        assert_eq!(project.inject_finding(REGION, &finding)["published"], true);
        assert_eq!(parsed(&queue.next()), json!({"hello": "world"}));
        let (kind, title) = (finding["type"].as_str().unwrap(), finding["title"].as_str().unwrap());
        assert_eq!(
            parsed(&heard.next()),
            json!(format!("{title} ({kind}, severity 8)")),
            "text is sent as a JSON text"
        );
        assert_eq!(parsed(&forwarded.next())["detail"]["id"], finding["id"]);
        let input = parsed(&until("an execution", || account.executed(&machine).pop()));
        assert_eq!(input["finding"], finding["id"]);
        assert_eq!(input["severity"], json!(8), "a number stays a number");
        assert_eq!(input["cluster"]["name"], json!("prod"), "an object stays an object");
        assert_eq!(input["text"], json!(format!("{kind} is \"8\" & <!high>")));
        assert_eq!((&input["rule"], &input["constant"]), (&json!("alert"), &json!([1, true, null])));
        let entry = parsed(&until("a log entry", || account.logged("/aws/events/findings").pop()));
        assert_eq!(entry["message"], json!(format!("{kind}: severity 8")));
        until("the function's log", || {
            let logged = account.logged("/aws/lambda/alert");
            logged.iter().any(|line| line.contains("saw f1f1")).then_some(())
        });

        let low = {
            let mut low = account.finding("f2f2f2f2f2f2f2f2f2f2f2f2f2f2f2f2");
            low["severity"] = json!(2);
            low
        };
        project.inject_finding(REGION, &low);
        std::thread::sleep(std::time::Duration::from_secs(1));
        assert!(queue.take().is_empty(), "what the match leaves out is not sent");

        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, "alert"]).expect_success();
        project.clear_calls();
        project.apply(&text);
        assert!(!project.calls().contains(&"events:PutRule".to_owned()), "the match only had to be noted");
        project.destroy();
        assert_eq!(rules(&project, REGION), []);
    });
}
