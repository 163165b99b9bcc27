//! `guardduty_filter`.

use aws_sdk_guardduty::Client;
use serde_json::json;

use crate::harness::{Project, REGION, block_on, for_each_cli};

const ADDRESS: &str = "guardduty_filter.test";

/// A detector made by somebody else.
fn detector(project: &Project, region: &str) -> String {
    let client = Client::new(&project.sdk(region));
    let created = block_on(client.create_detector().enable(true).send()).unwrap();
    created.detector_id().unwrap().to_owned()
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
        assert_eq!(project.attribute(ADDRESS, "rank"), json!(1));
        assert_eq!(project.attribute(ADDRESS, "id"), json!(id));
        let arn = format!("arn:aws:guardduty:us-east-1:{}:detector/{detector}/filter/ecs-high", project.account);
        assert_eq!(project.attribute(ADDRESS, "arn"), json!(arn));

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
        assert_eq!(found.tags().unwrap().len(), 1);
        assert_eq!(found.description(), Some("quiet"));

        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, &id]).expect_success();
        project.apply(&configuration(&detector, "", SEVERITY));
        let found = block_on(client.get_filter().detector_id(&detector).filter_name("ecs-high").send()).unwrap();
        assert_eq!(found.description().unwrap_or_default(), "", "a description that is left out is taken away");
        project.reimport(ADDRESS, &id);

        project.destroy();
        assert!(block_on(client.get_filter().detector_id(&detector).filter_name("ecs-high").send()).is_err());
    });
}
