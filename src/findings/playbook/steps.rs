//! Single states of a state machine, as Amazon States Language has them.
//!
//! It doesn't know in which order they come.

use serde_json::{Map, Value, json};

use super::Outcome;
use crate::findings::permissions::Site;

/// Paths into the data of an execution.
pub(super) const CLUSTER: &str = "$.detail.resource.ecsClusterDetails.arn";
pub(super) const TASK: &str = "$.detail.resource.ecsClusterDetails.taskDetails.arn";
pub(super) const SAMPLE: &str = "$.detail.service.additionalInfo.sample";

/// One call of an AWS API takes no longer than this.
const CALL_TIMEOUT_SECONDS: u64 = 60;

/// An API that a state machine calls.
#[derive(Clone, Copy)]
pub(super) enum Api {
    DescribeTasks,
    StopTask,
    Publish,
}

impl Api {
    /// Its name among Step Functions' AWS SDK integrations.
    fn integration(self) -> &'static str {
        match self {
            Self::DescribeTasks => "aws-sdk:ecs:describeTasks",
            Self::StopTask => "aws-sdk:ecs:stopTask",
            Self::Publish => "aws-sdk:sns:publish",
        }
    }

    /// The errors that more time can't mend.
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

/// The names that an error of ECS can have.
pub(super) fn ecs_error(name: &str) -> Vec<String> {
    error_names(["Ecs", "ECS"], name)
}

/// Step Functions writes the service as AWS's SDK for Java does (`Ecs`), other runners of the language as AWS itself
/// does (`ECS`).
fn error_names(services: [&str; 2], name: &str) -> Vec<String> {
    services.map(|service| format!("{service}.{name}")).to_vec()
}

/// Calls `api` and drops the answer, or keeps it at `result_path`.
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

/// What may pass, throttling above all, is tried again for about half a minute.
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

/// Goes on elsewhere after one of `errors`, with its name and cause at `$.failure`.
pub(super) fn catch(errors: &[String], next: &str) -> Value {
    json!({"ErrorEquals": errors, "ResultPath": "$.failure", "Next": next})
}

pub(super) fn catch_all(next: &str) -> Value {
    catch(&["States.ALL".to_owned()], next)
}

/// Goes to the `next` of the first of `rules` that holds, else to `default`.
pub(super) fn choice(rules: &[Value], default: &str) -> Value {
    json!({"Type": "Choice", "Choices": rules, "Default": default})
}

/// The test `rule`, and where to go if it holds.
pub(super) fn then(mut rule: Value, next: &str) -> Value {
    rule["Next"] = json!(next);
    rule
}

/// All of `tests`, of members of the finding that may be missing. A test of a missing member would fail the execution, so
/// each is looked for before.
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

/// Adds `members`, of which those that end in `.$` are paths or intrinsic functions.
pub(super) fn keep(members: &Value, result_path: &str, next: &str) -> Value {
    json!({"Type": "Pass", "Parameters": members, "ResultPath": result_path, "Next": next})
}

/// Says how it ended, with a reason that is a text or, with `.$`, an intrinsic function.
pub(super) fn outcome(outcome: Outcome, reason: (&str, &str), next: &str) -> Value {
    let mut members = Map::new();
    members.insert("result".to_owned(), json!(outcome.name()));
    members.insert(reason.0.to_owned(), json!(reason.1));
    keep(&Value::Object(members), "$.outcome", next)
}
