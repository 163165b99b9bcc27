//! The meaning of an AWS error, by service and operation: one table for all calls.
//!
//! A code decides if AWS returns one. The text only decides if it does not (GuardDuty answers nearly every error with
//! `BadRequestException` and a sentence). It does not know how an error is reported or how often a call is retried.

use std::time::Duration;

/// The meaning of an error for its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// AWS throttles requests.
    Throttled,
    /// AWS is temporarily unable to process the request, because of a concurrent change or an outage.
    Busy,
    /// The request becomes possible by itself within this time.
    Passes(Duration),
    /// The object does not exist.
    Gone,
    /// The object already exists.
    Exists,
    /// The object was changed since it was read.
    Changed,
    /// A quota of the account is exceeded.
    Quota,
    /// The credentials lack a permission.
    Denied,
    /// Any other error: the request is invalid.
    Refused,
}

/// An operation of a service, both named as in the permission that it needs: `guardduty:CreateFilter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    service: &'static str,
    name: String,
}

/// Services by the last part of their SDK crate's name, by their name in `endpoints`, and by the prefix of their
/// permissions.
const SERVICES: [(&str, &str, &str); 13] = [
    ("cloudwatch", "cloudwatch", "cloudwatch"),
    ("cloudwatchlogs", "logs", "logs"),
    ("ecs", "ecs", "ecs"),
    ("eventbridge", "events", "events"),
    ("guardduty", "guardduty", "guardduty"),
    ("iam", "iam", "iam"),
    ("kms", "kms", "kms"),
    ("lambda", "lambda", "lambda"),
    ("s3", "s3", "s3"),
    ("sfn", "sfn", "states"),
    ("sns", "sns", "sns"),
    ("sqs", "sqs", "sqs"),
    ("sts", "sts", "sts"),
];

/// Operations whose permission has another name.
const PERMISSIONS: [(&str, &str, &str); 2] = [("s3", "HeadObject", "GetObject"), ("s3", "HeadBucket", "ListBucket")];

impl Operation {
    /// Returns the operation that fails with an error of type `E`, if it is one of an SDK client:
    /// `aws_sdk_guardduty::operation::create_filter::CreateFilterError`. The error itself does not contain it.
    pub fn failing_with<E>() -> Option<Self> {
        let mut parts = std::any::type_name::<E>().split("::");
        let sdk = parts.next()?.strip_prefix("aws_sdk_")?;
        let name = parts.last()?.strip_suffix("Error")?;
        let (_, _, service) = SERVICES.into_iter().find(|(own, ..)| *own == sdk)?;
        Some(Operation { service, name: name.to_owned() })
    }

    /// Returns operation `name` of the service that `endpoints` of the provider block calls `endpoint`.
    pub fn new(endpoint: &str, name: &str) -> Option<Self> {
        let (_, _, service) = SERVICES.into_iter().find(|(_, own, _)| *own == endpoint)?;
        Some(Operation { service, name: name.to_owned() })
    }

    /// Returns the permission that the operation needs, such as `events:PutRule`.
    pub fn permission(&self) -> String {
        let own = |row: &&(&str, &str, &str)| row.0 == self.service && row.1 == self.name;
        let name = PERMISSIONS.iter().find(own).map_or(self.name.as_str(), |row| row.2);
        format!("{}:{name}", self.service)
    }

    /// Returns the meaning of an answer with this code, message and HTTP status.
    pub fn meaning(&self, code: &str, message: &str, status: u16) -> Meaning {
        meaning(self.service, &self.name, code, message, status)
    }
}

/// A row of the table. An empty text or list matches everything.
struct Row {
    service: &'static str,
    operations: &'static [&'static str],
    codes: &'static [&'static str],
    texts: &'static [&'static str],
    meaning: Meaning,
}

const fn row(
    service: &'static str,
    operations: &'static [&'static str],
    codes: &'static [&'static str],
    texts: &'static [&'static str],
    meaning: Meaning,
) -> Row {
    Row { service, operations, codes, texts, meaning }
}

const fn seconds(count: u64) -> Meaning {
    Meaning::Passes(Duration::from_secs(count))
}

use Meaning::{Busy, Changed, Denied, Exists, Gone, Quota, Refused, Throttled};

/// Returns the meaning of an answer for an unknown operation, by the rows of GuardDuty, which alone are matched by
/// text.
pub fn of_any(code: &str, message: &str, status: u16) -> Meaning {
    meaning("guardduty", "", code, message, status)
}

/// The table. The first row that matches decides: rows of an operation precede those of its service, which precede
/// those of all services.
const TABLE: [Row; 39] = [
    // A role that was just created is not yet recognized everywhere, and a role that is being deleted may still have
    // what was just removed from it.
    row(
        "iam",
        &["PutRolePolicy", "TagRole", "UntagRole", "UpdateRole", "UpdateAssumeRolePolicy"],
        &["NoSuchEntity"],
        &[],
        seconds(30),
    ),
    row("iam", &["DeleteRole"], &["DeleteConflict"], &[], seconds(30)),
    row("iam", &[], &["DeleteConflict"], &[], Refused),
    row("iam", &[], &["EntityTemporarilyUnmodifiable"], &[], Busy),
    row("iam", &[], &["LimitExceeded"], &[], Quota),
    // A target that was just removed still counts.
    row("events", &["DeleteRule"], &[], &["has targets"], seconds(60)),
    row("events", &["PutTargets"], &[], &["cannot be assumed", "is not authorized to assume"], seconds(120)),
    row("events", &["PutTargets"], &["ConcurrentModificationException"], &[], seconds(120)),
    row("events", &["RemoveTargets"], &["ResourceNotFoundException"], &[], Gone),
    row("events", &[], &["ManagedRuleException"], &[], Refused),
    row("states", &[], &[], &["authorized to assume the provided role", "cannot be assumed"], seconds(180)),
    row("states", &[], &["StateMachineDeleting"], &[], seconds(180)),
    row("states", &[], &["StateMachineAlreadyExists"], &[], Exists),
    row("states", &[], &["StateMachineDoesNotExist"], &[], Gone),
    row("states", &[], &["StateMachineLimitExceeded"], &[], Quota),
    row("states", &[], &["ConflictException"], &[], Busy),
    // The name of a deleted queue is reserved for a minute.
    row("sqs", &["CreateQueue"], &["QueueDeletedRecently"], &[], seconds(120)),
    row("sqs", &[], &["QueueNameExists", "QueueAlreadyExists"], &[], Exists),
    row("sqs", &[], &["OverLimit"], &[], Quota),
    row("sns", &[], &["ConcurrentAccess", "ConcurrentAccessException"], &[], Busy),
    row("sns", &[], &["AuthorizationError", "AuthorizationErrorException"], &[], Denied),
    row("lambda", &["AddPermission"], &["ResourceConflictException"], &["already exists"], Exists),
    row("lambda", &[], &["ResourceConflictException"], &[], Busy),
    row("lambda", &[], &["PreconditionFailedException"], &[], Changed),
    row("lambda", &[], &["PolicyLengthExceededException", "CodeStorageExceededException"], &[], Quota),
    row("logs", &[], &["OperationAbortedException"], &[], Busy),
    row("ecs", &[], &["UpdateInProgressException"], &[], Busy),
    row("s3", &["PutObject", "DeleteObject"], &["PreconditionFailed"], &[], Changed),
    row("s3", &[], &["ConditionalRequestConflict", "OperationAborted"], &[], Busy),
    row("guardduty", &[], &["BadRequestException"], &NOT_THERE, Gone),
    row("guardduty", &[], &["BadRequestException"], &["already exists"], Exists),
    row(
        "guardduty",
        &[],
        &["BadRequestException"],
        &["reached the limit", "exceeded the limit", "limit has exceeded", "maximum number"],
        Quota,
    ),
    // All services.
    row("", &[], &THROTTLED, &[], Throttled),
    row("", &[], &DENIED, &[], Denied),
    row("", &[], &BUSY, &[], Busy),
    row("", &[], &EXISTS, &[], Exists),
    row("", &[], &GONE, &[], Gone),
    row("", &[], &[], &["is not authorized to perform"], Denied),
    row("", &[], &["LimitExceededException", "LimitExceeded", "ServiceQuotaExceededException"], &[], Quota),
];

/// Texts by which GuardDuty reports that an object does not exist. Complaints about input are not among them: treating
/// those as such would remove an existing object from the state.
const NOT_THERE: [&str; 3] = ["is not owned by the current account", "no such resource found", "does not exist"];

const THROTTLED: [&str; 15] = [
    "Throttling",
    "ThrottlingException",
    "Throttled",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequests",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "SlowDown",
    "EC2ThrottledException",
    "KmsThrottled",
    "KMSThrottlingException",
];

const DENIED: [&str; 5] =
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "UnauthorizedException"];

const BUSY: [&str; 15] = [
    "ConcurrentModification",
    "ConcurrentModificationException",
    "ConcurrentModificationFault",
    "InternalError",
    "InternalErrorException",
    "InternalException",
    "InternalFailure",
    "InternalServerError",
    "InternalServerErrorException",
    "InternalServiceError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ServerException",
];

const EXISTS: [&str; 4] =
    ["EntityAlreadyExists", "ResourceAlreadyExistsException", "AlreadyExistsException", "ResourceExistsException"];

const GONE: [&str; 11] = [
    "ResourceNotFoundException",
    "ResourceNotFound",
    "NoSuchEntity",
    "NoSuchKey",
    "NoSuchBucket",
    "NotFound",
    "NotFoundException",
    "ClusterNotFoundException",
    "ServiceNotFoundException",
    "NonExistentQueue",
    "QueueDoesNotExist",
];

/// HTTP statuses of a service that throttles requests or is temporarily unavailable.
const TOO_MANY: u16 = 429;
const UNAVAILABLE: [u16; 4] = [500, 502, 503, 504];

fn meaning(service: &str, operation: &str, code: &str, message: &str, status: u16) -> Meaning {
    // SQS and SNS write some codes with a prefix: `AWS.SimpleQueueService.NonExistentQueue`.
    let code = code.rsplit('.').next().unwrap_or(code);
    let fits = |row: &&Row| {
        (row.service.is_empty() || row.service == service)
            && (row.operations.is_empty() || row.operations.contains(&operation))
            && (row.codes.is_empty() || row.codes.contains(&code))
            && (row.texts.is_empty() || row.texts.iter().any(|text| message.contains(text)))
    };
    match TABLE.iter().find(fits) {
        Some(row) => row.meaning,
        None if status == TOO_MANY => Throttled,
        None if UNAVAILABLE.contains(&status) => Busy,
        None => Refused,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_eventbridge::operation::put_rule::PutRuleError;
    use aws_sdk_guardduty::operation::create_filter::CreateFilterError;
    use aws_sdk_s3::operation::head_object::HeadObjectError;
    use aws_sdk_sfn::operation::create_state_machine::CreateStateMachineError;

    use super::*;

    fn permission<E>() -> Option<String> {
        Operation::failing_with::<E>().map(|operation| operation.permission())
    }

    #[test]
    fn an_operation_is_named_as_its_permission() {
        assert_eq!(permission::<CreateFilterError>().as_deref(), Some("guardduty:CreateFilter"));
        assert_eq!(permission::<PutRuleError>().as_deref(), Some("events:PutRule"));
        assert_eq!(permission::<CreateStateMachineError>().as_deref(), Some("states:CreateStateMachine"));
        assert_eq!(permission::<HeadObjectError>().as_deref(), Some("s3:GetObject"));
        assert_eq!(permission::<std::fmt::Error>(), None);
        assert_eq!(Operation::new("sfn", "CreateStateMachine").unwrap().permission(), "states:CreateStateMachine");
    }

    #[test]
    fn every_service_that_is_called_has_a_prefix() {
        use crate::aws::endpoints::Service;
        for service in Service::ALL {
            assert!(Operation::new(service.name, "x").is_some(), "{}", service.name);
        }
    }

    #[test]
    fn a_code_means_what_its_operation_and_service_mean_by_it() {
        let quota = "The request is rejected because the current account has reached the limit of 100 filters.";
        let no_detector = "The request is rejected because the input detectorId is not owned by the current account.";
        let role = "Provided role 'r' cannot be assumed by principal 'events.amazonaws.com'.";
        for (service, operation, code, message, status, expected) in [
            ("guardduty", "CreateFilter", "BadRequestException", quota, 400, Quota),
            ("guardduty", "GetFilter", "BadRequestException", no_detector, 400, Gone),
            ("guardduty", "CreateFilter", "BadRequestException", "a filter named x already exists", 400, Exists),
            ("guardduty", "CreateFilter", "BadRequestException", "the parameter rank is out of range.", 400, Refused),
            ("guardduty", "CreateFilter", "InternalServerErrorException", "", 500, Busy),
            ("guardduty", "CreateFilter", "", "", 429, Throttled),
            ("guardduty", "GetFilter", "AccessDeniedException", "It does not exist, or you may not.", 403, Denied),
            ("events", "PutRule", "ConcurrentModificationException", "", 400, Busy),
            ("events", "PutRule", "LimitExceededException", "", 400, Quota),
            (
                "events",
                "DeleteRule",
                "ValidationException",
                "Rule can't be deleted since it has targets.",
                400,
                seconds(60),
            ),
            ("events", "PutTargets", "ValidationException", role, 400, seconds(120)),
            ("events", "PutTargets", "ValidationException", "RoleArn is required for target people.", 400, Refused),
            ("events", "PutTargets", "ResourceNotFoundException", "", 400, Gone),
            ("iam", "PutRolePolicy", "NoSuchEntity", "", 404, seconds(30)),
            ("iam", "DeleteRolePolicy", "NoSuchEntity", "", 404, Gone),
            ("iam", "DeleteRole", "DeleteConflict", "", 409, seconds(30)),
            ("iam", "CreateRole", "LimitExceeded", "", 409, Quota),
            ("iam", "CreateRole", "ConcurrentModification", "", 409, Busy),
            ("sqs", "CreateQueue", "AWS.SimpleQueueService.QueueDeletedRecently", "", 400, seconds(120)),
            ("sqs", "GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue", "", 400, Gone),
            ("sqs", "SetQueueAttributes", "OverLimit", "21 statements were found", 403, Quota),
            (
                "lambda",
                "AddPermission",
                "ResourceConflictException",
                "The statement id (x) already exists.",
                409,
                Exists,
            ),
            ("lambda", "RemovePermission", "ResourceConflictException", "An update is in progress.", 409, Busy),
            ("lambda", "AddPermission", "PreconditionFailedException", "", 412, Changed),
            ("states", "CreateStateMachine", "StateMachineDeleting", "", 400, seconds(180)),
            ("logs", "PutResourcePolicy", "LimitExceededException", "", 400, Quota),
            ("s3", "PutObject", "PreconditionFailed", "", 412, Changed),
            ("kms", "GetKeyPolicy", "NotFoundException", "", 400, Gone),
        ] {
            assert_eq!(meaning(service, operation, code, message, status), expected, "{service}:{operation} {code}");
        }
    }
}
