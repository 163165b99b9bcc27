//! Individual states of a state machine, in Amazon States Language.
//!
//! It does not know their order.

use serde_json::{Map, Value, json};

use super::Outcome;
use crate::findings::permissions::Site;

/// Paths into the data of an execution.
pub(super) const CLUSTER: &str = "$.detail.resource.ecsClusterDetails.arn";
pub(super) const TASK: &str = "$.detail.resource.ecsClusterDetails.taskDetails.arn";
pub(super) const SAMPLE: &str = "$.detail.service.additionalInfo.sample";

/// Maximum duration of one call of an AWS API, in seconds.
const CALL_TIMEOUT_SECONDS: u64 = 60;

/// An API that a state machine calls.
#[derive(Clone, Copy)]
pub(super) enum Api {
    DescribeTasks,
    StopTask,
    Publish,
}

impl Api {
    /// Returns its name among the AWS SDK integrations of Step Functions.
    fn integration(self) -> &'static str {
        match self {
            Self::DescribeTasks => "aws-sdk:ecs:describeTasks",
            Self::StopTask => "aws-sdk:ecs:stopTask",
            Self::Publish => "aws-sdk:sns:publish",
        }
    }

    /// Returns the errors for which a retry does not help.
    fn lasting_errors(self) -> Vec<String> {
        match self {
            Self::DescribeTasks | Self::StopTask => {
                ["AccessDeniedException", CLUSTER_NOT_FOUND, "InvalidParameterException"].map(ecs_error).concat()
            }
            Self::Publish => ["AuthorizationErrorException", "InvalidParameterException", "NotFoundException"]
                .map(|name| error_names(["Sns", "SNS"], name))
                .concat(),
        }
    }
}

pub(super) const CLUSTER_NOT_FOUND: &str = "ClusterNotFoundException";

/// Returns the possible names of an ECS error.
pub(super) fn ecs_error(name: &str) -> Vec<String> {
    error_names(["Ecs", "ECS"], name)
}

/// Returns both names of an error. Step Functions names the service as the AWS SDK for Java does (`Ecs`), other
/// implementations of the language as AWS itself does (`ECS`).
fn error_names(services: [&str; 2], name: &str) -> Vec<String> {
    services.map(|service| format!("{service}.{name}")).to_vec()
}

/// Calls `api`, and discards the answer or keeps it at `result_path`.
pub(super) fn call(site: &Site, api: Api, parameters: &Value, result_path: Option<&str>, next: &str) -> Value {
    json!({
        "Type": "Task",
        "Resource": site.integration_arn(api.integration()),
        "Parameters": parameters,
        "ResultPath": result_path,
        "TimeoutSeconds": CALL_TIMEOUT_SECONDS,
        "Retry": retry(&api.lasting_errors()),
        "Next": next,
    })
}

/// Retries temporary errors, such as throttling, for about half a minute.
fn retry(lasting_errors: &[String]) -> Value {
    json!([
        {"ErrorEquals": lasting_errors, "MaxAttempts": 0},
        {
            "ErrorEquals": ["States.TaskFailed", "States.Timeout"],
            "IntervalSeconds": 1,
            "BackoffRate": 2,
            "MaxDelaySeconds": 16,
            "MaxAttempts": 5,
            "JitterStrategy": "FULL",
        },
    ])
}

/// Continues at `next` after one of `errors`, with its name and cause in `$.failure`.
pub(super) fn catch(errors: &[String], next: &str) -> Value {
    json!({"ErrorEquals": errors, "ResultPath": "$.failure", "Next": next})
}

pub(super) fn catch_all(next: &str) -> Value {
    catch(&["States.ALL".to_owned()], next)
}

/// Continues at the `next` of the first of `rules` that holds, otherwise at `default`.
pub(super) fn choice(rules: &[Value], default: &str) -> Value {
    json!({"Type": "Choice", "Choices": rules, "Default": default})
}

/// Returns the test `rule` with the state to continue at if it holds.
pub(super) fn then(mut rule: Value, next: &str) -> Value {
    rule["Next"] = json!(next);
    rule
}

/// Returns the conjunction of `tests` on members of the finding that may be missing. A test of a missing member would
/// fail the execution, so the presence of each is tested first.
pub(super) fn all_present(tests: &[Value]) -> Value {
    let is_present = |test: &Value| json!({"Variable": test["Variable"], "IsPresent": true});
    json!({"And": tests.iter().flat_map(|test| [is_present(test), test.clone()]).collect::<Vec<_>>()})
}

pub(super) fn equals(path: &str, text: &str) -> Value {
    json!({"Variable": path, "StringEquals": text})
}

pub(super) fn any(rules: &[Value]) -> Value {
    match rules {
        [only] => only.clone(),
        rules => json!({"Or": rules}),
    }
}

/// Adds `members`. The values of members that end in `.$` are paths or intrinsic functions.
pub(super) fn keep(members: &Value, result_path: &str, next: &str) -> Value {
    json!({"Type": "Pass", "Parameters": members, "ResultPath": result_path, "Next": next})
}

/// Records the outcome, with a reason that is a text or, with `.$`, an intrinsic function.
pub(super) fn outcome(outcome: Outcome, reason: (&str, &str), next: &str) -> Value {
    let mut members = Map::new();
    members.insert("result".to_owned(), json!(outcome.name()));
    members.insert(reason.0.to_owned(), json!(reason.1));
    keep(&Value::Object(members), "$.outcome", next)
}
