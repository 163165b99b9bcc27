//! `guardduty_filter`.

use aws_sdk_guardduty::Client;
use aws_sdk_guardduty::operation::get_filter::GetFilterOutput;
use aws_sdk_guardduty::operation::update_filter::builders::UpdateFilterFluentBuilder;
use aws_sdk_guardduty::types::{Condition, FilterAction, FindingCriteria};
use serde_json::json;

use crate::detector::unmark;
use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

const ADDRESS: &str = "guardduty_filter.test";

/// A detector made by somebody else.
fn detector(project: &Project, region: &str) -> String {
    let client = Client::new(&project.sdk(region));
    let created = block_on(client.create_detector().enable(true).send()).unwrap();
    created.detector_id().unwrap().to_owned()
}

/// The filter as the service has it.
fn found(client: &Client, detector: &str, name: &str) -> GetFilterOutput {
    block_on(client.get_filter().detector_id(detector).filter_name(name).send()).unwrap()
}

/// Criteria with one condition on the severity, as somebody else would write them.
fn severity(condition: Condition) -> FindingCriteria {
    FindingCriteria::builder().criterion("severity", condition).build()
}

fn configuration(detector: &str, body: &str, criteria: &str) -> String {
    format!(
        r#"resource "guardduty_filter" "test" {{
  detector_id = "{detector}"
  name        = "ecs-high"
  action      = "ARCHIVE"
  {body}
  finding_criteria {{
    {criteria}
  }}
}}
"#
    )
}

const SEVERITY: &str = "criterion {\n field = \"severity\"\n greater_than_or_equal = \"4\"\n }";

#[test]
fn lives_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        project.apply(&configuration(&detector, "", SEVERITY));
        let id = format!("{detector}:ecs-high");
        project.expect_attribute(ADDRESS, "rank", json!(1));
        project.expect_attribute(ADDRESS, "id", json!(id));
        let arn = format!("arn:aws:guardduty:us-east-1:{}:detector/{detector}/filter/ecs-high", project.account);
        project.expect_attribute(ADDRESS, "arn", json!(arn));

        let body = "description = \"quiet\"\n rank = 1\n tags = { team = \"security\", unset = null }";
        let criteria = r#"
            criterion {
              field      = "resource.ecsClusterDetails.name"
              equals     = ["prod"]
              not_equals = ["test", "dev"]
            }
            criterion {
              field        = "updatedAt"
              greater_than = "2026-01-31T00:00:00Z"
            }
            criterion {
              field     = "severity"
              less_than = "0"
            }
            criterion {
              field   = "type"
              matches = ["*Runtime*"]
            }"#;
        project.apply(&configuration(&detector, body, criteria));
        let client = Client::new(&project.sdk(REGION));
        let found = block_on(client.get_filter().detector_id(&detector).filter_name("ecs-high").send()).unwrap();
        let conditions = found.finding_criteria().unwrap().criterion().unwrap();
        assert_eq!(conditions["updatedAt"].greater_than(), Some(1_769_817_600_000));
        assert_eq!(conditions["severity"].less_than(), Some(0));
        assert_eq!(conditions["type"].matches(), ["*Runtime*"]);
        assert_eq!(found.tags().unwrap().len(), 2, "its own, and the mark of the instance");
        assert_eq!(found.description(), Some("quiet"));

        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, &id]).expect_success();
        let imported = project.attribute(ADDRESS, "finding_criteria").to_string();
        assert!(imported.contains("\"2026-01-31T00:00:00Z\""), "a date comes as one: {imported}");
        project.apply(&configuration(&detector, "", SEVERITY));
        let found = block_on(client.get_filter().detector_id(&detector).filter_name("ecs-high").send()).unwrap();
        assert_eq!(found.description().unwrap_or_default(), "", "a description that is left out is taken away");
        project.reimport(ADDRESS, &id);

        project.destroy();
        assert!(block_on(client.get_filter().detector_id(&detector).filter_name("ecs-high").send()).is_err());
    });
}

#[test]
fn every_argument_is_updated_and_the_drift_of_each_is_healed() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let client = Client::new(&project.sdk(REGION));
        let other = client.create_filter().detector_id(&detector).name("other").action(FilterAction::Noop);
        let other = other.finding_criteria(severity(Condition::builder().greater_than(1).build()));
        block_on(other.send()).unwrap();

        let body = "rank = 2\n description = \"one\"\n tags = { team = \"security\", cost = \"1\" }";
        let criteria = r#"
            criterion {
              field                 = "severity"
              greater_than_or_equal = "2"
              less_than_or_equal    = "6"
            }
            criterion {
              field   = "type"
              matches = ["*Runtime*"]
            }"#;
        project.apply(&configuration(&detector, body, criteria));
        let is = found(&client, &detector, "ecs-high");
        let conditions = is.finding_criteria().unwrap().criterion().unwrap();
        let bounds = (conditions["severity"].greater_than_or_equal(), conditions["severity"].less_than_or_equal());
        assert_eq!((is.rank(), bounds), (Some(2), (Some(2), Some(6))));

        let body = "rank = 1\n description = \"two\"\n tags = { team = \"platform\", new = \"1\" }";
        let criteria = r#"
            criterion {
              field        = "severity"
              greater_than = "3"
              less_than    = "8"
            }
            criterion {
              field       = "type"
              not_matches = ["*:EC2/*", "*:S3/*"]
            }
            criterion {
              field      = "region"
              equals     = ["us-east-1"]
              not_equals = ["eu-west-1"]
            }"#;
        let changed = configuration(&detector, body, criteria).replace("ARCHIVE", "NOOP");
        project.plan(&changed).expect_actions(ADDRESS, &["update"]);
        project.apply(&changed);
        let expect = || {
            let is = found(&client, &detector, "ecs-high");
            assert_eq!((is.rank(), is.description(), is.action()), (Some(1), Some("two"), Some(&FilterAction::Noop)));
            let conditions = is.finding_criteria().unwrap().criterion().unwrap();
            let severity = &conditions["severity"];
            let bounds = [severity.greater_than(), severity.less_than()];
            assert_eq!(bounds, [Some(3), Some(8)]);
            assert_eq!([severity.greater_than_or_equal(), severity.less_than_or_equal()], [None, None]);
            assert_eq!(conditions["type"].not_matches(), ["*:EC2/*", "*:S3/*"]);
            assert_eq!(conditions["type"].matches(), [""; 0]);
            assert_eq!(conditions["region"].equals(), ["us-east-1"]);
            assert_eq!(conditions["region"].not_equals(), ["eu-west-1"]);
            let tags = is.tags().unwrap();
            assert_eq!((tags.len(), tags["team"].as_str(), tags["new"].as_str()), (3, "platform", "1"));
        };
        expect();

        let heals = |seen: &[&str], change: &dyn Fn()| {
            project.drift(ADDRESS, seen, change);
            expect();
        };
        let update = || client.update_filter().detector_id(&detector).filter_name("ecs-high");
        let update_with = |change: UpdateFilterFluentBuilder| drop(block_on(change.send()).unwrap());
        heals(&["rank"], &|| update_with(update().rank(2)));
        heals(&["action"], &|| update_with(update().action(FilterAction::Archive)));
        heals(&["description"], &|| update_with(update().description("drifted")));
        let other = severity(Condition::builder().greater_than(3).build());
        heals(&["finding_criteria"], &|| update_with(update().finding_criteria(other.clone())));
        let arn = project.attribute(ADDRESS, "arn").as_str().unwrap().to_owned();
        heals(&["tags", "tags_all"], &|| {
            block_on(client.tag_resource().resource_arn(&arn).tags("team", "somebody").send()).unwrap();
        });
        heals(&["tags", "tags_all"], &|| {
            block_on(client.untag_resource().resource_arn(&arn).tag_keys("new").send()).unwrap();
        });
        project.destroy();
    });
}

#[test]
fn is_replaced_where_it_must_be_and_made_anew_where_it_is_gone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let before = configuration(&detector, "description = \"one\"", SEVERITY);
        project.apply(&before);
        let client = Client::new(&project.sdk(REGION));
        let there = self::detector(&project, "eu-west-1");
        let elsewhere = before.replace(&detector, &there).replace("action", "region = \"eu-west-1\"\n action");
        let names = |detector: &str, region: &str| {
            let client = Client::new(&project.sdk(region));
            block_on(client.list_filters().detector_id(detector).send()).unwrap().filter_names.unwrap_or_default()
        };
        let renamed = before.replace("ecs-high", "ecs-higher");
        for (configuration, here, far) in [
            (&renamed, vec!["ecs-higher"], vec![]),
            (&elsewhere, vec![], vec!["ecs-high"]),
            (&before, vec!["ecs-high"], vec![]),
        ] {
            project.plan(configuration).expect_actions(ADDRESS, &["delete", "create"]);
            project.apply(configuration);
            assert_eq!(names(&detector, REGION), here);
            assert_eq!(names(&there, "eu-west-1"), far);
        }

        project.vanish(ADDRESS, || {
            block_on(client.delete_filter().detector_id(&detector).filter_name("ecs-high").send()).unwrap();
        });
        block_on(client.delete_detector().detector_id(&detector).send()).unwrap();
        assert_eq!(project.plan(&before).actions(ADDRESS), ["create"], "a filter whose detector is gone is gone");
        project.destroy();
    });
}

#[test]
fn lives_in_two_regions_and_takes_what_is_not_known_yet() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (here, there) = (detector(&project, REGION), detector(&project, "eu-central-1"));
        let second = configuration(&there, "region = \"eu-central-1\"", SEVERITY).replace("\"test\"", "\"there\"");
        let first = configuration("unknown", "description = terraform_data.text.output", SEVERITY)
            .replace("\"unknown\"", "terraform_data.detector.output");
        let unknown = format!(
            "resource \"terraform_data\" \"detector\" {{\n input = \"{here}\"\n}}\n\
             resource \"terraform_data\" \"text\" {{\n input = \"later\"\n}}\n"
        );
        project.apply(&format!("{unknown}{first}{second}"));
        project.expect_attribute(ADDRESS, "description", json!("later"));
        project.expect_attribute("guardduty_filter.there", "region", json!("eu-central-1"));
        let client = Client::new(&project.sdk("eu-central-1"));
        let found = block_on(client.get_filter().detector_id(&there).filter_name("ecs-high").send());
        assert!(found.is_ok());
        let arn = project.attribute("guardduty_filter.there", "arn");
        assert!(arn.as_str().unwrap().contains(":eu-central-1:"), "{arn}");
        project.reimport("guardduty_filter.there", &format!("{there}:ecs-high@eu-central-1"));
        project.destroy();
    });
}

#[test]
fn refuses_what_is_wrong_at_plan() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let good = configuration("12abc", "rank = 1", SEVERITY);
        let cases: &[(&str, &str, &[&str])] = &[
            ("\"ARCHIVE\"", "\"ARCHIV\"", &["invalid value for action", "Did you mean \"ARCHIVE\"?"]),
            ("\"ecs-high\"", "\"eh\"", &["invalid value for name", "allowed are 3 to 64"]),
            ("\"ecs-high\"", "\"ecs high\"", &["invalid value for name", "' ' is not allowed"]),
            ("rank = 1", "rank = 101", &["invalid value for rank", "101 is not from 1 to 100"]),
            ("rank = 1", "rank = 1.5", &["invalid value for rank", "whole number"]),
            ("\"4\"", "\"four\"", &["greater_than_or_equal of severity is no bound", "not a whole number"]),
            ("\"4\"", "\"2026-01-31T00:00:00Z\"", &["severity", "can't be compared with the date"]),
            ("greater_than_or_equal = \"4\"", "", &["wrong criterion on severity", "asks nothing"]),
            ("rank = 1", "tags = { \"aws:x\" = \"1\" }", &["reserved for AWS"]),
        ];
        for (from, to, texts) in cases {
            project.expect_refused(&good.replace(from, to), texts);
        }
        let twice = format!("{SEVERITY}\n{}", SEVERITY.replace("\"4\"", "\"5\""));
        project.expect_refused(&configuration("12abc", "", &twice), &["two criteria are about the field severity"]);
        let many: Vec<_> = (0..51).map(|number| format!("\"{number}\"")).collect();
        let many = format!("criterion {{\n field = \"accountId\"\n equals = [{}]\n }}", many.join(", "));
        project.expect_refused(&configuration("12abc", "", &many), &["51 values", "50"]);
        assert_eq!(project.calls(), Vec::<String>::new(), "nothing was asked of AWS for any of it");
    });
}

#[test]
fn what_may_never_match_is_warned_of() {
    let project = Project::new(&one_cli());
    let said = |criterion: &str, texts: &[&str]| {
        project.write(&configuration("12abc", "", &format!("criterion {{\n {criterion}\n }}")));
        project.run(&["plan"]).expect_success().expect_texts(texts);
    };
    said(
        "field = \"severty\"\n less_than = \"4\"",
        &["unknown field severty", "is not a field of findings that this version", "did you mean \"severity\"?"],
    );
    said(
        "field = \"service.brandNewAt\"\n less_than = \"2026-01-31T00:00:00Z\"",
        &["unknown field service.brandNewAt"],
    );
    said(
        "field = \"type\"\n equals = [\"CryptoCurrency:Runtime/BitcoinTool.X!DNS\"]",
        &["unknown finding type", "did you mean \"CryptoCurrency:Runtime/BitcoinTool.B!DNS\"?", "equals"],
    );
    said(
        "field = \"type\"\n matches = [\"*:Runtme/*\"]",
        &["unknown finding type", "\"*:Runtme/*\" matches no finding type"],
    );
}

#[test]
fn survives_faults_of_the_service() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let configured = configuration(&detector, "", SEVERITY);
        let fault = |operation: &str, mode: &str, code: &str| {
            json!({"service": "guardduty", "operation": operation, "mode": mode, "code": code,
                   "message": "told by the test", "status": 400, "times": 1})
        };
        project.fault(fault("CreateFilter", "error", "ThrottlingException"));
        project.apply(&configured);
        project.destroy();

        project.fault(fault("CreateFilter", "lost", ""));
        project.apply(&configured);

        project.fault(fault("UpdateFilter", "error", "AccessDeniedException"));
        let texts = [
            "cannot update GuardDuty filter \"ecs-high\"",
            "AccessDeniedException: told by the test",
            "lack a permission",
        ];
        project.expect_apply_failure(&configured.replace("ARCHIVE", "NOOP"), &texts);
        project.clear_faults();
        assert_eq!(project.attribute(ADDRESS, "action"), json!("ARCHIVE"), "the state tells what is true");

        let arn = project.attribute(ADDRESS, "arn").as_str().unwrap().to_owned();
        project.run(&["state", "rm", ADDRESS]).expect_success();
        unmark(&project, &arn);
        let id = format!("{detector}:ecs-high");
        project.expect_apply_failure(&configured, &["cannot create GuardDuty filter", "import {", &id]);
        project.run(&["import", ADDRESS, &id]).expect_success();

        project.fault(fault("DeleteFilter", "error", "AccessDeniedException"));
        project.run(&["destroy", "-auto-approve"]).expect_failure(&["cannot delete GuardDuty filter \"ecs-high\""]);
        project.clear_faults();
        assert!(project.state(ADDRESS).is_some(), "what could not be deleted stays in the state");
        project.destroy();
    });
}

#[test]
fn makes_no_more_calls_than_it_must() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        project.write(&configuration(&detector, "", SEVERITY));
        project.clear_calls();
        project.run(&["apply", "-auto-approve"]).expect_success();
        assert_eq!(project.calls(), ["guardduty:CreateFilter", "sts:GetCallerIdentity", "guardduty:GetFilter"]);
        project.clear_calls();
        project.run(&["plan"]).expect_success();
        assert_eq!(project.calls(), ["guardduty:GetFilter", "sts:GetCallerIdentity"]);
        project.clear_calls();
        project.destroy();
        let calls = project.calls();
        assert_eq!(calls.iter().filter(|call| *call == "guardduty:DeleteFilter").count(), 1, "{calls:?}");
    });
}

#[test]
fn is_moved_from_the_aws_provider() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let detector = detector(&project, REGION);
        let configured = configuration(&detector, "", SEVERITY);
        project.apply(&configured);
        let (id, arn) = (project.attribute(ADDRESS, "id"), project.attribute(ADDRESS, "arn"));
        unmark(&project, arn.as_str().unwrap());
        project.write_aws_state(
            "aws_guardduty_filter",
            &json!({
                "id": id, "arn": arn, "detector_id": detector, "name": "ecs-high", "action": "ARCHIVE", "rank": 1,
                "description": "", "tags": null, "tags_all": {},
                "finding_criteria": [{"criterion": [{
                    "field": "severity", "greater_than_or_equal": "4", "greater_than": "", "less_than": "",
                    "less_than_or_equal": "", "equals": [], "not_equals": [],
                }]}],
            }),
        );
        let moved = format!("{configured}moved {{\n from = aws_guardduty_filter.old\n to = {ADDRESS}\n}}\n");
        project.plan(&moved).expect_actions(ADDRESS, &["no-op"]);
        project.apply(&moved);
        assert_eq!(project.attribute(ADDRESS, "id"), id);
        project.destroy();
    });
}

/// The CLI sends them in any order; GuardDuty refuses a rank beyond the number of filters.
#[test]
fn ranks_end_right_at_the_first_apply() {
    let project = Project::new(&one_cli());
    let detector = detector(&project, REGION);
    let client = Client::new(&project.sdk(REGION));
    let ranked = |names: &[&str]| {
        let entries = names.iter().enumerate().map(|(at, name)| format!("{name} = {}", at + 1));
        let entries = entries.collect::<Vec<_>>().join("\n");
        format!(
            "resource \"guardduty_filter\" \"test\" {{\n for_each = {{\n{entries}\n}}\n detector_id = \"{detector}\"\n \
             name = each.key\n action = \"NOOP\"\n rank = each.value\n finding_criteria {{\n {SEVERITY}\n }}\n}}\n"
        )
    };
    let apply = |names: &[&str]| {
        project.apply(&ranked(names));
        for (at, name) in names.iter().enumerate() {
            assert_eq!(found(&client, &detector, name).rank(), Some(i32::try_from(at + 1).unwrap()), "{name}");
        }
    };
    let all: Vec<String> = (1..=20).map(|number| format!("filter-{number}")).collect();
    let mut names: Vec<_> = all.iter().map(String::as_str).collect();
    apply(&names);
    names.insert(0, "in-front");
    names.insert(7, "in-the-midst");
    apply(&names);
    names.remove(3);
    names.remove(12);
    apply(&names);
    names.reverse();
    names.swap(2, 9);
    apply(&names);
    project.destroy();
}
