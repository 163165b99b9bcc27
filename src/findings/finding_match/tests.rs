//! The pattern of a match, that EventBridge accepts it, and the events that it selects.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{FindingMatch, LaunchType};
use crate::findings::event_pattern;
use crate::findings::severity::Severity;

fn becomes(wanted: &FindingMatch, expected: &Expect) {
    let pattern = wanted.pattern().unwrap();
    event_pattern::check(&pattern.to_string()).unwrap();
    expected.assert_eq(&pattern.get("detail").unwrap_or(&Value::Null).to_string());
}

fn selects(wanted: &FindingMatch, event: &Value) -> bool {
    event_pattern::matches(&wanted.pattern().unwrap(), event).unwrap()
}

fn list(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn finding(finding_type: &str, severity: f64, cluster: &str, launch_type: &str) -> Value {
    json!({
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Finding",
        "detail": {
            "accountId": "111122223333",
            "type": finding_type,
            "severity": severity,
            "resource": {
                "resourceType": "ECSCluster",
                "ecsClusterDetails": {
                    "name": cluster,
                    "arn": format!("arn:aws:ecs:us-east-1:111122223333:cluster/{cluster}"),
                    "taskDetails": {"launchType": launch_type},
                },
            },
            "service": {"additionalInfo": {"value": "{}", "type": "default"}, "archived": false},
        },
    })
}

fn attack_sequence(cluster: &str, launch_type: &str) -> Value {
    json!({
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Finding",
        "detail": {
            "accountId": "111122223333",
            "type": "AttackSequence:ECS/CompromisedCluster",
            "severity": 9,
            "resource": {"resourceType": "AttackSequence"},
            "service": {"detection": {"sequence": {"resources": [
                {
                    "uid": format!("arn:aws:ecs:us-east-1:111122223333:cluster/{cluster}"),
                    "name": cluster,
                    "resourceType": "ECS_CLUSTER",
                },
                {
                    "uid": format!("arn:aws:ecs:us-east-1:111122223333:task/{cluster}/0b69"),
                    "name": "task",
                    "resourceType": "ECS_TASK",
                    "data": {"ecsTask": {"launchType": launch_type}},
                },
            ]}}},
        },
    })
}

const BITCOIN: &str = "CryptoCurrency:Runtime/BitcoinTool.B!DNS";

#[test]
fn an_empty_match_wants_every_finding() {
    becomes(&FindingMatch::default(), &expect!["null"]);
    assert!(selects(&FindingMatch::default(), &finding(BITCOIN, 8.0, "prod", "FARGATE")));
    assert!(!selects(&FindingMatch::default(), &json!({"source": "aws.guardduty", "detail-type": "Other"})));
}

#[test]
fn stars_become_the_simplest_test() {
    let types = |names: &[&str]| FindingMatch { finding_types: list(names), ..FindingMatch::default() };
    becomes(
        &types(&[BITCOIN, "Impact:Runtime/*", "*!DNS", "*:Runtime/*.B"]),
        &expect![[r#"{"type":[{"suffix":"!DNS"},{"wildcard":"*:Runtime/*.B"},{"prefix":"Impact:Runtime/"}]}"#]],
    );
    becomes(&types(&["Impact:*", "*"]), &expect!["null"]);
    becomes(&types(&["Impact:*", "Impact:**"]), &expect![[r#"{"type":[{"prefix":"Impact:"}]}"#]]);
    becomes(&types(&["*:Runtime/*.B", "**:Runtime/**.B"]), &expect![[r#"{"type":[{"wildcard":"*:Runtime/*.B"}]}"#]]);
    assert!(selects(&types(&["CryptoCurrency:**!DNS"]), &finding(BITCOIN, 8.0, "prod", "FARGATE")));
}

#[test]
fn levels_that_touch_become_one_range() {
    use Severity::{Critical, High, Low, Medium};
    let levels = |severities: &[Severity]| FindingMatch { severities: severities.to_vec(), ..FindingMatch::default() };
    becomes(&levels(&[Critical, High]), &expect![[r#"{"severity":[{"numeric":[">=",7]}]}"#]]);
    becomes(&levels(&[High]), &expect![[r#"{"severity":[{"numeric":[">=",7,"<",9]}]}"#]]);
    becomes(&levels(&[Low, Medium]), &expect![[r#"{"severity":[{"numeric":["<",7]}]}"#]]);
    becomes(&levels(&[Low, High]), &expect![[r#"{"severity":[{"numeric":["<",4]},{"numeric":[">=",7,"<",9]}]}"#]]);
    becomes(&levels(&[Low, Medium, High, Critical]), &expect!["null"]);
    assert!(selects(&levels(&[High]), &finding(BITCOIN, 8.95, "prod", "FARGATE")));
}

#[test]
fn bounds_and_levels_both_have_to_fit() {
    let bounds = |severities: &[Severity], minimum, maximum| FindingMatch {
        severities: severities.to_vec(),
        severity_minimum: minimum,
        severity_maximum: maximum,
        ..FindingMatch::default()
    };
    becomes(&bounds(&[], Some(7.5), None), &expect![[r#"{"severity":[{"numeric":[">=",7.5]}]}"#]]);
    becomes(&bounds(&[], Some(4.0), Some(6.9)), &expect![[r#"{"severity":[{"numeric":[">=",4,"<=",6.9]}]}"#]]);
    becomes(&bounds(&[], Some(8.0), Some(8.0)), &expect![[r#"{"severity":[{"numeric":["=",8]}]}"#]]);
    becomes(&bounds(&[Severity::High], Some(8.0), None), &expect![[r#"{"severity":[{"numeric":[">=",8,"<",9]}]}"#]]);
    let none = bounds(&[Severity::Low], Some(8.0), None).pattern().unwrap_err();
    assert_eq!(none[0].message, "no severity is within all of the bounds and levels");
    assert_eq!(bounds(&[], Some(11.0), None).pattern().unwrap_err()[0].message, "11 is not between 1.0 and 10.0");
}

#[test]
fn clusters_are_matched_by_name_or_by_arn() {
    let clusters = |clusters: &[&str]| FindingMatch {
        finding_types: list(&["*:Runtime/*"]),
        ecs_clusters: list(clusters),
        ..FindingMatch::default()
    };
    becomes(
        &clusters(&["prod", "stage"]),
        &expect![[
            r#"{"type":[{"wildcard":"*:Runtime/*"}],"resource":{"ecsClusterDetails":{"name":["prod","stage"]}}}"#
        ]],
    );
    let arn = "arn:aws:ecs:us-east-1:111122223333:cluster/prod";
    becomes(
        &clusters(&[arn, "stage"]),
        &expect![[
            r#"{"type":[{"wildcard":"*:Runtime/*"}],"resource":{"ecsClusterDetails":{"arn":["arn:aws:ecs:us-east-1:111122223333:cluster/prod",{"suffix":":cluster/stage"}]}}}"#
        ]],
    );
    for wanted in [clusters(&["prod"]), clusters(&[arn]), clusters(&[arn, "other"])] {
        assert!(selects(&wanted, &finding(BITCOIN, 8.0, "prod", "FARGATE")));
        assert!(!selects(&wanted, &finding(BITCOIN, 8.0, "prod-2", "FARGATE")));
        assert!(!selects(&wanted, &attack_sequence("prod", "FARGATE")), "the type isn't wanted");
    }
}

#[test]
fn attack_sequences_of_a_cluster_are_found_where_they_name_it() {
    let prod = FindingMatch { ecs_clusters: list(&["prod"]), ..FindingMatch::default() };
    becomes(
        &prod,
        &expect![[
            r#"{"$or":[{"resource":{"ecsClusterDetails":{"name":["prod"]}}},{"service":{"detection":{"sequence":{"resources":{"resourceType":["ECS_CLUSTER"],"name":["prod"]}}}}}]}"#
        ]],
    );
    let fargate = FindingMatch { launch_type: Some(LaunchType::Fargate), ..prod.clone() };
    let arn = "arn:aws:ecs:us-east-1:111122223333:cluster/prod";
    let by_arn = FindingMatch { ecs_clusters: list(&[arn]), ..fargate.clone() };
    for wanted in [&prod, &fargate, &by_arn] {
        assert!(selects(wanted, &attack_sequence("prod", "FARGATE")));
        assert!(selects(wanted, &finding(BITCOIN, 8.0, "prod", "FARGATE")));
        assert!(!selects(wanted, &attack_sequence("other", "FARGATE")));
        assert!(!selects(wanted, &finding(BITCOIN, 8.0, "other", "FARGATE")));
        let pattern = event_pattern::Pattern::new(&wanted.pattern().unwrap()).unwrap();
        assert!(!pattern.has_overlapping_choices());
    }
    assert!(!selects(&fargate, &attack_sequence("prod", "EC2")));
    assert!(!selects(&fargate, &finding(BITCOIN, 8.0, "prod", "EC2")));
}

#[test]
fn only_attack_sequences_need_no_choice() {
    let wanted = FindingMatch {
        finding_types: list(&["AttackSequence:*"]),
        launch_type: Some(LaunchType::Ec2),
        ecs_clusters: list(&["prod"]),
        ..FindingMatch::default()
    };
    becomes(
        &wanted,
        &expect![[
            r#"{"type":[{"prefix":"AttackSequence:"}],"service":{"detection":{"sequence":{"resources":{"resourceType":["ECS_TASK"],"uid":[{"wildcard":"*:task/prod/*"}],"data":{"ecsTask":{"launchType":["EC2"]}}}}}}}"#
        ]],
    );
    let resources = FindingMatch {
        resource_types: list(&["ECSCluster"]),
        ecs_clusters: list(&["prod"]),
        ..FindingMatch::default()
    };
    becomes(
        &resources,
        &expect![[r#"{"resource":{"resourceType":["ECSCluster"],"ecsClusterDetails":{"name":["prod"]}}}"#]],
    );
}

#[test]
fn features_become_the_types_that_come_from_them() {
    let features = |types: &[&str], features: &[&str]| FindingMatch {
        finding_types: list(types),
        features: list(features),
        ..FindingMatch::default()
    };
    becomes(
        &features(&["*:Runtime/*"], &["RUNTIME_MONITORING"]),
        &expect![[r#"{"type":[{"wildcard":"*:Runtime/*"}]}"#]],
    );
    becomes(
        &features(&["Execution:*"], &["EBS_MALWARE_PROTECTION"]),
        &expect![[
            r#"{"type":["Execution:Container/MaliciousFile","Execution:Container/SuspiciousFile","Execution:EC2/MaliciousFile","Execution:EC2/SuspiciousFile","Execution:ECS/MaliciousFile","Execution:ECS/SuspiciousFile","Execution:Kubernetes/MaliciousFile","Execution:Kubernetes/SuspiciousFile"]}"#
        ]],
    );
    becomes(
        &features(&[], &["RUNTIME_MONITORING"]),
        &expect![[
            r#"{"type":[{"wildcard":"*:Runtime/*"},"AttackSequence:EC2/CompromisedInstanceGroup","AttackSequence:ECS/CompromisedCluster","AttackSequence:EKS/CompromisedCluster"]}"#
        ]],
    );
    let nothing = features(&["*:Runtime/*"], &["RDS_LOGIN_EVENTS"]).pattern().unwrap_err();
    assert_eq!(nothing[0].message, "no finding type of finding_types comes from these features");
}

#[test]
fn samples_are_told_from_real_findings() {
    let samples = |sample| FindingMatch { sample, ..FindingMatch::default() };
    let mut event = finding(BITCOIN, 8.0, "prod", "FARGATE");
    assert!(selects(&samples(Some(false)), &event) && !selects(&samples(Some(true)), &event));
    event["detail"]["service"]["additionalInfo"]["sample"] = Value::Null;
    assert!(selects(&samples(Some(false)), &event) && !selects(&samples(Some(true)), &event));
    event["detail"]["service"]["additionalInfo"]["sample"] = json!(true);
    assert!(!selects(&samples(Some(false)), &event) && selects(&samples(Some(true)), &event));
    assert!(selects(&samples(None), &event));
}

#[test]
fn accounts_are_those_the_findings_belong_to() {
    let wanted = FindingMatch { accounts: list(&["111122223333"]), ..FindingMatch::default() };
    becomes(&wanted, &expect![[r#"{"accountId":["111122223333"]}"#]]);
}

#[test]
fn wrong_values_are_named_with_the_nearest() {
    let wanted = FindingMatch {
        finding_types: list(&[BITCOIN, "CryptoCurency:Runtime/BitcoinTool.B", "x:*"]),
        resource_types: list(&["EcsCluster"]),
        ecs_clusters: list(&["prod", "arn:aws:ecs:us-east-1:111122223333:service/prod", "a/b"]),
        accounts: list(&["1234"]),
        features: list(&["RUNTIME_MONITORNG"]),
        ..FindingMatch::default()
    };
    let lines: Vec<String> = wanted
        .problems()
        .iter()
        .map(|problem| {
            let kind = if problem.is_error { "error" } else { "warning" };
            format!("{kind} {}[{}] {}", problem.attribute, problem.index.unwrap(), problem.message)
        })
        .collect();
    expect![[r#"
        warning finding_types[1] "CryptoCurency:Runtime/BitcoinTool.B" is not a finding type that this version of the provider knows: did you mean "CryptoCurrency:Runtime/BitcoinTool.B"?
        warning finding_types[2] "x:*" matches no finding type that this version of the provider knows
        warning resource_types[0] "EcsCluster" is no resource type of which this version of the provider knows: did you mean "ECSCluster"?
        error ecs_clusters[1] "arn:aws:ecs:us-east-1:111122223333:service/prod" is neither a cluster's name (letters, digits, "-" and "_") nor its ARN (arn:aws:ecs:REGION:ACCOUNT:cluster/NAME)
        error ecs_clusters[2] "a/b" is neither a cluster's name (letters, digits, "-" and "_") nor its ARN (arn:aws:ecs:REGION:ACCOUNT:cluster/NAME)
        error accounts[0] "1234" is not an account: an account has 12 digits
        error features[0] no finding type comes from a feature "RUNTIME_MONITORNG": did you mean "RUNTIME_MONITORING"?"#]]
    .assert_eq(&lines.join("\n"));
}
