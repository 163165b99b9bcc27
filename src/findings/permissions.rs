//! The IAM policies that allow EventBridge to reach a target, and Step Functions to act.
//!
//! Each grants one action on one resource, to one rule or state machine where AWS supports that (EventBridge user
//! guide, "Using resource-based policies" and "Using identity-based policies"). This file does not know whether a
//! policy already exists: a statement has the `Sid` of the caller, by which it can be found again.

use serde_json::{Value, json};

/// Location of a resource: the partition, region and account of an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Partition, such as `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Region, such as `us-east-1`.
    pub region: String,
    /// Account ID of twelve digits.
    pub account: String,
}

impl Site {
    /// Returns the ARN of a resource at this location, such as `arn:aws:ecs:us-east-1:111122223333:task/*`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, region, account } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// Returns the ARN of a Step Functions integration, which has no region and no account.
    pub fn integration_arn(&self, integration: &str) -> String {
        format!("arn:{}:states:::{integration}", self.partition)
    }
}

/// Returns a policy with these statements.
pub fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Returns the trust policy of a state machine's role, which only the state machine `name` at this location can assume.
pub fn state_machine_trust(site: &Site, name: &str) -> Value {
    let condition = json!({
        "StringEquals": {"aws:SourceAccount": site.account},
        "ArnEquals": {"aws:SourceArn": site.arn("states", &format!("stateMachine:{name}"))},
    });
    policy(&[assume_role("states.amazonaws.com", &condition)])
}

/// Returns the trust policy of the role that rules use to call their targets, which only these rules can assume.
pub fn rule_trust(site: &Site, rule_arns: &[&str]) -> Value {
    let condition = json!({
        "StringEquals": {"aws:SourceAccount": site.account},
        "ArnEquals": {"aws:SourceArn": one_or_many(rule_arns)},
    });
    policy(&[assume_role("events.amazonaws.com", &condition)])
}

fn assume_role(service: &str, condition: &Value) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    })
}

/// Returns the policy of a role for a rule whose target is a state machine.
pub fn start_execution_policy(state_machine_arn: &str) -> Value {
    role_policy("states:StartExecution", state_machine_arn)
}

/// Returns the policy of a role for a rule whose target is another event bus.
pub fn put_events_policy(bus_arn: &str) -> Value {
    role_policy("events:PutEvents", bus_arn)
}

fn role_policy(action: &str, resource: &str) -> Value {
    policy(&[role_statement(action, &[resource])])
}

/// Returns a statement of a role's policy: one action on these resources.
pub fn role_statement<Text: AsRef<str>>(action: &str, resources: &[Text]) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": one_or_many(resources)})
}

/// Returns the statement of a queue's policy for a target or a dead-letter queue of these rules.
pub fn queue_statement(sid: &str, queue_arn: &str, rule_arns: &[&str]) -> Value {
    resource_statement(sid, "sqs:SendMessage", queue_arn, rule_arns)
}

/// Returns the statement of a topic's policy for a target of these rules.
pub fn topic_statement(sid: &str, topic_arn: &str, rule_arns: &[&str]) -> Value {
    resource_statement(sid, "sns:Publish", topic_arn, rule_arns)
}

/// Returns the statement of a Lambda function's policy, as `AddPermission` generates it from `StatementId`, `Action`,
/// `Principal` and `SourceArn`.
pub fn function_statement(sid: &str, function_arn: &str, rule_arn: &str) -> Value {
    let mut statement = resource_statement(sid, "lambda:InvokeFunction", function_arn, &[rule_arn]);
    statement["Condition"] = json!({"ArnLike": {"AWS:SourceArn": rule_arn}});
    statement
}

/// Returns the statement of an event bus's policy for rules of another account whose target is this bus.
pub fn bus_statement(sid: &str, bus_arn: &str, partition: &str, account: &str) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
        "Action": "events:PutEvents",
        "Resource": bus_arn,
    })
}

fn resource_statement(sid: &str, action: &str, resource: &str, rule_arns: &[&str]) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": one_or_many(rule_arns)}},
    })
}

/// Returns the CloudWatch Logs resource policy for a log group that is a target of these rules. `log_group_arn` has no
/// trailing `:*`. CloudWatch Logs itself creates the log stream, for which no rule can be named.
pub fn log_group_policy(log_group_arn: &str, rule_arns: &[&str]) -> Value {
    let services = json!({"Service": ["delivery.logs.amazonaws.com", "events.amazonaws.com"]});
    policy(&[
        json!({
            "Sid": "MakeStreams",
            "Effect": "Allow",
            "Principal": services,
            "Action": "logs:CreateLogStream",
            "Resource": format!("{log_group_arn}:*"),
        }),
        json!({
            "Sid": "PutEvents",
            "Effect": "Allow",
            "Principal": services,
            "Action": "logs:PutLogEvents",
            "Resource": format!("{log_group_arn}:*:*"),
            "Condition": {"ArnEquals": {"aws:SourceArn": one_or_many(rule_arns)}},
        }),
    ])
}

/// Returns the statement of a key policy, if the key encrypts a topic or queue that is a target of a rule. In a key
/// policy, `*` means the key itself.
pub fn key_statement(sid: &str) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
    })
}

/// Returns a single value instead of a list of one, as IAM does.
pub(super) fn one_or_many<Text: AsRef<str>>(values: &[Text]) -> Value {
    match values {
        [only] => json!(only.as_ref()),
        values => values.iter().map(|value| json!(value.as_ref())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::Value;

    use super::{
        Site, bus_statement, function_statement, key_statement, log_group_policy, policy, put_events_policy,
        queue_statement, rule_trust, start_execution_policy, state_machine_trust, topic_statement,
    };

    const RULE: &str = "arn:aws-cn:events:cn-north-1:111122223333:rule/findings";

    fn site() -> Site {
        Site { partition: "aws-cn".into(), region: "cn-north-1".into(), account: "111122223333".into() }
    }

    fn written(document: &Value, expected: &Expect) {
        expected.assert_eq(&document.to_string());
    }

    #[test]
    fn roles_trust_one_caller() {
        written(
            &state_machine_trust(&site(), "stop"),
            &expect![[
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnEquals":{"aws:SourceArn":"arn:aws-cn:states:cn-north-1:111122223333:stateMachine:stop"}}}]}"#
            ]],
        );
        written(
            &rule_trust(&site(), &[RULE]),
            &expect![[
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnEquals":{"aws:SourceArn":"arn:aws-cn:events:cn-north-1:111122223333:rule/findings"}}}]}"#
            ]],
        );
        let both = rule_trust(&site(), &[RULE, "arn:aws-cn:events:cn-north-1:111122223333:rule/findings-2"]);
        let sources = &both["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"];
        assert_eq!(sources.as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn roles_of_rules_do_one_thing() {
        written(
            &start_execution_policy("STATE_MACHINE"),
            &expect![[
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"states:StartExecution","Resource":"STATE_MACHINE"}]}"#
            ]],
        );
        written(
            &put_events_policy("BUS"),
            &expect![[
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"BUS"}]}"#
            ]],
        );
    }

    #[test]
    fn resources_admit_the_rule_only() {
        let queue = site().arn("sqs", "dead-letters");
        written(
            &policy(&[queue_statement("Rule", &queue, &[RULE])]),
            &expect![[
                r#"{"Version":"2012-10-17","Statement":[{"Sid":"Rule","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws-cn:sqs:cn-north-1:111122223333:dead-letters","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws-cn:events:cn-north-1:111122223333:rule/findings"}}}]}"#
            ]],
        );
        written(
            &topic_statement("Rule", "TOPIC", &[RULE]),
            &expect![[
                r#"{"Sid":"Rule","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws-cn:events:cn-north-1:111122223333:rule/findings"}}}"#
            ]],
        );
        written(
            &function_statement("Rule", "FUNCTION", RULE),
            &expect![[
                r#"{"Sid":"Rule","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"FUNCTION","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws-cn:events:cn-north-1:111122223333:rule/findings"}}}"#
            ]],
        );
        written(
            &bus_statement("Rule", "BUS", "aws-cn", "444455556666"),
            &expect![[
                r#"{"Sid":"Rule","Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::444455556666:root"},"Action":"events:PutEvents","Resource":"BUS"}"#
            ]],
        );
        written(
            &key_statement("Rule"),
            &expect![[
                r#"{"Sid":"Rule","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*"}"#
            ]],
        );
        written(
            &log_group_policy("LOG_GROUP", &[RULE]),
            &expect![[
                r#"{"Version":"2012-10-17","Statement":[{"Sid":"MakeStreams","Effect":"Allow","Principal":{"Service":["delivery.logs.amazonaws.com","events.amazonaws.com"]},"Action":"logs:CreateLogStream","Resource":"LOG_GROUP:*"},{"Sid":"PutEvents","Effect":"Allow","Principal":{"Service":["delivery.logs.amazonaws.com","events.amazonaws.com"]},"Action":"logs:PutLogEvents","Resource":"LOG_GROUP:*:*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws-cn:events:cn-north-1:111122223333:rule/findings"}}}]}"#
            ]],
        );
    }

    #[test]
    fn integrations_belong_to_no_region() {
        assert_eq!(site().integration_arn("aws-sdk:ecs:stopTask"), "arn:aws-cn:states:::aws-sdk:ecs:stopTask");
    }
}
