//! From hashicorp/aws to this provider: what the real one made is taken over by `moved` blocks, and stays as it is.
//!
//! It is another client of the emulator too, written by others. It is too large to be fetched for a test, so this runs
//! where TFGD_AWS_MIRROR names a filesystem mirror that has it.

use serde_json::json;

use crate::harness::{Project, aws_provider, for_each_cli, one_cli};

const HEAD: &str = r#"
terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    guardduty = { source = "guardduty-rs/guardduty" }
  }
}
provider "aws" {
  s3_use_path_style = true
}
"#;

const MADE: &str = r#"
resource "aws_guardduty_detector" "one" {
  finding_publishing_frequency = "ONE_HOUR"
  tags                         = { team = "security" }
}
resource "aws_guardduty_detector_feature" "one" {
  detector_id = aws_guardduty_detector.one.id
  name        = "RUNTIME_MONITORING"
  status      = "ENABLED"
  additional_configuration {
    name   = "ECS_FARGATE_AGENT_MANAGEMENT"
    status = "ENABLED"
  }
}
resource "aws_guardduty_filter" "one" {
  detector_id = aws_guardduty_detector.one.id
  name        = "low"
  action      = "ARCHIVE"
  rank        = 1
  description = "noise"
  finding_criteria {
    criterion {
      field     = "severity"
      less_than = "4"
    }
    criterion {
      field  = "region"
      equals = ["us-east-1"]
    }
  }
}
resource "aws_s3_bucket" "lists" {
  bucket = "BUCKET"
}
resource "aws_s3_object" "list" {
  bucket  = aws_s3_bucket.lists.id
  key     = "list.txt"
  content = "192.0.2.1\n"
}
resource "aws_guardduty_threatintelset" "one" {
  detector_id = aws_guardduty_detector.one.id
  name        = "hostile"
  activate    = true
  format      = "TXT"
  location    = "https://s3.amazonaws.com/BUCKET/list.txt"
  depends_on  = [aws_s3_object.list]
}
"#;

/// What is moved, and what is planned for it. hashicorp/aws states each additional configuration that AWS has, and then
/// plans to replace the feature for ever; here those that nobody configured are let go of, in place.
const MOVED: [(&str, &str); 4] =
    [("detector", "no-op"), ("detector_feature", "update"), ("filter", "no-op"), ("threatintelset", "no-op")];

#[test]
fn what_hashicorp_aws_made_is_taken_over_and_stays() {
    if aws_provider().is_none() {
        println!("skipped: TFGD_AWS_MIRROR names no filesystem mirror that has hashicorp/aws");
        return;
    }
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let made = MADE.replace("BUCKET", &format!("lists-{}", project.account));
        project.write(&format!("{HEAD}{made}"));
        project.run(&["apply", "-auto-approve"]).expect_success();
        let id = |of: &str, name: &str| project.attribute(&format!("{of}guardduty_{name}.one"), "id");
        let before = MOVED.map(|(name, _)| id("aws_", name));

        let blocks = MOVED.map(|(name, _)| {
            format!("moved {{\n  from = aws_guardduty_{name}.one\n  to   = guardduty_{name}.one\n}}\n")
        });
        let ours = format!("{HEAD}{}{}", made.replace("aws_guardduty_", "guardduty_"), blocks.concat());
        let plan = project.plan(&ours);
        assert_eq!(
            MOVED.map(|(name, _)| plan.actions(&format!("guardduty_{name}.one"))),
            MOVED.map(|(_, to)| vec![to])
        );
        project.clear_calls();
        project.apply(&ours);
        assert_eq!(MOVED.map(|(name, _)| id("", name)), before);
        let writes = ["Create", "Update", "Delete", "Put"];
        let wrote = |call: &String| writes.iter().any(|verb| call.contains(&format!("guardduty:{verb}")));
        let written: Vec<_> = project.calls().into_iter().filter(wrote).collect();
        assert_eq!(written, ["guardduty:UpdateDetector"], "the feature is stated once more, and all else left alone");
        project.expect_attribute("guardduty_detector.one", "tags", json!({"team": "security"}));
        project.destroy();
    });
}

/// `datasources` of a detector that the real hashicorp/aws made: moved with its state, then written as features.
#[test]
fn datasources_that_hashicorp_aws_set_stay_as_they_are() {
    if aws_provider().is_none() {
        println!("skipped: TFGD_AWS_MIRROR names no filesystem mirror that has hashicorp/aws");
        return;
    }
    let project = Project::new(&one_cli());
    let body = |kind: &str| {
        format!(
            r#"{HEAD}
resource "{kind}" "one" {{
  enable = true
  datasources {{
    s3_logs {{
      enable = true
    }}
    kubernetes {{
      audit_logs {{
        enable = false
      }}
    }}
    malware_protection {{
      scan_ec2_instance_with_findings {{
        ebs_volumes {{
          enable = true
        }}
      }}
    }}
  }}
}}
"#
        )
    };
    project.write(&body("aws_guardduty_detector"));
    project.run(&["apply", "-auto-approve"]).expect_success();
    let moved = "moved {\n  from = aws_guardduty_detector.one\n  to   = guardduty_detector.one\n}\n";
    let ours = format!("{}{moved}", body("guardduty_detector"));
    project.clear_calls();
    project.apply(&ours).expect_texts(&["`datasources` is deprecated", "EKS_AUDIT_LOGS = { status = \"DISABLED\" }"]);
    project.expect_no_changes();
    assert!(!project.calls().contains(&"guardduty:UpdateDetector".to_owned()), "{:?}", project.calls());
    project.destroy();
}
