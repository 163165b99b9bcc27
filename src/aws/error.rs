//! How an AWS error is reported: what failed and where, AWS's code and message, the operation as an IAM policy names
//! it, and what to do.
//!
//! `meaning` decides what an error means.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::{Failure, Result};

use super::cause::{Cause, words};
use super::meaning::{self, Meaning, Operation};

/// The subject of a call, for its error: `GuardDuty filter "ecs-high"` in `detector 12abc, us-east-1`.
#[derive(Debug, Clone)]
pub struct Subject {
    what: String,
    place: String,
}

impl Subject {
    /// Returns the subject `what` at `place`.
    pub fn new(what: impl Into<String>, place: impl Into<String>) -> Self {
        Subject { what: what.into(), place: place.into() }
    }

    /// Returns a failure with a reason that is not the error of a call.
    pub fn failure(&self, verb: &str, reason: impl AsRef<str>) -> Failure {
        self.bare_failure(verb).detail(format!("{}: {}", self.place, reason.as_ref()))
    }

    /// Returns a failure because no such call can be made.
    pub fn kept_by(&self, verb: &str, cause: &Cause) -> Failure {
        self.bare_failure(verb).detail_once(cause.told_at(&self.place))
    }

    /// Returns the subject for a call of this operation.
    fn at(&self, operation: Option<&str>) -> Self {
        let place = operation.map_or_else(|| self.place.clone(), |operation| format!("{}, {operation}", self.place));
        Subject { what: self.what.clone(), place }
    }

    fn bare_failure(&self, verb: &str) -> Failure {
        Failure::new(format!("cannot {verb} {}", self.what))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.place)
    }
}

/// Advice on keys that AWS refuses, for any call, by a part of the error's code.
const KEYS_ADVICE: [(&str, &str); 4] = [
    ("UnrecognizedClient", "AWS does not know the access key: check the credentials and the region."),
    ("InvalidClientTokenId", "AWS does not know the access key: check the credentials."),
    ("SignatureDoesNotMatch", "The secret key does not belong to the access key: check the credentials."),
    ("ExpiredToken", "The session of the credentials has ended: sign in again."),
];

/// Message for an answer that does not come from the service.
const UNREADABLE: &str = "the answer can't be read";

/// Turns the result of a call into a message for users.
pub trait Explain<T>: Sized {
    /// Returns the answer, or a failure that states what could not be done.
    ///
    /// # Errors
    /// Any error of the call.
    fn or_fail(self, verb: &str, subject: &Subject) -> Result<T>;

    /// Returns the answer, or `None` if the service reports that the object does not exist.
    ///
    /// # Errors
    /// Any other error of the call.
    fn if_found(self, verb: &str, subject: &Subject) -> Result<Option<T>>;
}

impl<T, E> Explain<T> for std::result::Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    fn or_fail(self, verb: &str, subject: &Subject) -> Result<T> {
        self.map_err(|error| explain(&error, verb, subject))
    }

    fn if_found(self, verb: &str, subject: &Subject) -> Result<Option<T>> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(explain(&error, verb, subject)),
        }
    }
}

/// Returns the meaning of the error, from the table in [`super::meaning`], or `None` if the service did not answer.
pub fn meaning<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<Meaning> {
    let service = error.as_service_error()?;
    let (code, message) = (service.code().unwrap_or_default(), service.message().unwrap_or_default());
    let status = error.raw_response().map_or(0, |answer| answer.status().as_u16());
    Some(match Operation::failing_with::<E>() {
        Some(operation) => operation.meaning(code, message, status),
        None => meaning::of_any(code, message, status),
    })
}

/// Returns whether the service reports that the object does not exist.
pub fn is_gone<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    meaning(error) == Some(Meaning::Gone)
}

/// Returns whether the service reports that the object already exists.
pub fn is_already_there<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    meaning(error) == Some(Meaning::Exists)
}

/// Returns whether a quota is exceeded.
pub fn is_quota<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    meaning(error) == Some(Meaning::Quota)
}

/// Returns whether it is unknown if the call was carried out: it was sent, and no answer confirms or denies it.
pub fn is_unanswered<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::DispatchFailure(failure) => {
            let broke = failure.as_connector_error().is_some_and(|error| error.as_other().is_some());
            failure.is_io() || failure.is_timeout() || broke
        }
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(_) => error.raw_response().is_some_and(|answer| answer.status().is_server_error()),
        _ => false,
    }
}

/// Returns the code of a service error, or an empty string if the service did not answer.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}

/// Returns the failure that states what could not be done, where and why, in AWS's words, and how to fix it.
pub fn explain<E>(error: &SdkError<E, HttpResponse>, verb: &str, subject: &Subject) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if let Some(cause) = Cause::of(error) {
        let operation = Operation::failing_with::<E>().map(|operation| operation.permission());
        return subject.at(operation.as_deref()).kept_by(verb, cause);
    }
    let reason = reason(error);
    if let Some((sign, advice)) = KEYS_ADVICE.iter().find(|(sign, _)| reason.contains(sign)) {
        let brief = format!("AWS refuses the credentials ({sign})");
        return subject.kept_by(verb, &Cause::new(reason, *advice).briefly(brief));
    }
    match advice(error, &reason) {
        Some(advice) => subject.failure(verb, &reason).detail(advice),
        None => subject.failure(verb, &reason),
    }
}

/// Returns advice on a call that failed in this way, if there is any.
fn advice<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, reason: &str) -> Option<String> {
    let message = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
    if reason.starts_with(UNREADABLE) {
        return Some(match is_unanswered(error) {
            true => "Nobody knows whether it was carried out: apply again. If this happens again, check the endpoint, and \
                     any proxy on the way to it: the answer is none of this service.",
            false => "The answer is none of this service: check the endpoint, and any proxy on the way to it.",
        }
        .to_owned());
    }
    let advice = match meaning(error) {
        Some(Meaning::Denied) => {
            let permission = permission_of::<E>(message).unwrap_or_else(|| "the action named here".to_owned());
            return Some(format!("The credentials lack a permission: grant {permission} to them."));
        }
        Some(Meaning::Throttled) => {
            "AWS limits the rate of calls and did so after every retry: apply again, or raise `max_retries`."
        }
        Some(Meaning::Quota) => {
            "A quota is used up: delete what is not needed any more, or ask for a higher one with AWS Service Quotas."
        }
        Some(Meaning::Busy | Meaning::Passes(_)) => "This passes by itself, but it lasted longer: apply again.",
        Some(Meaning::Gone) if message.contains("detectorId is not owned") => {
            "There is no such detector in this account and region."
        }
        None if is_unanswered(error) => "The call was sent and its answer was lost: apply again.",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// Returns the permission that the call lacked: the one in the message, or otherwise that of the operation.
fn permission_of<E>(message: &str) -> Option<String> {
    let named = message.split_once("to perform: ").and_then(|(_, rest)| rest.split_whitespace().next());
    let operation = || Operation::failing_with::<E>().map(|operation| operation.permission());
    named.map(str::to_owned).or_else(operation)
}

/// Returns why a call failed: the service's code and message, or what prevented an answer, with the operation and the
/// request ID.
pub fn reason<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let bare = bare_reason(error);
    let operation = Operation::failing_with::<E>().map(|operation| operation.permission());
    let operation = operation.filter(|operation| !bare.contains(operation.as_str()));
    let request = error.as_service_error().and_then(|service| service.meta().extra("aws_request_id"));
    let request = request.map(|id| format!("request {id}"));
    let about: Vec<_> = operation.into_iter().chain(request).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    format!("{bare}{about}")
}

fn bare_reason<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let Some(service) = error.as_service_error() else {
        let words = words(error);
        return match error {
            SdkError::ResponseError(_) => format!("{UNREADABLE}: {words}"),
            SdkError::DispatchFailure(_) if is_unanswered(error) => {
                format!("the connection was closed before the answer came: {words}")
            }
            _ => words,
        };
    };
    let status = error.raw_response().map(HttpResponse::status);
    let status_text = status.map(|status| format!("HTTP {status}")).unwrap_or_default();
    if service.code().is_none() && status.is_some_and(StatusCode::is_success) {
        return format!("{UNREADABLE}: {status_text}, {}", words(service));
    }
    let code = service.code().unwrap_or(&status_text);
    format!("{code}: {}", service.message().unwrap_or("no message"))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn refused(code: &str, message: &str) -> SdkError<ErrorMetadata, HttpResponse> {
        answered(400, ErrorMetadata::builder().code(code).message(message).build())
    }

    fn answered(status: u16, error: ErrorMetadata) -> SdkError<ErrorMetadata, HttpResponse> {
        SdkError::service_error(error, HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty()))
    }

    fn subject() -> Subject {
        Subject::new("GuardDuty filter \"ecs-high\"", "detector 12abc, us-east-1")
    }

    #[test]
    fn what_means_gone_is_told_from_what_is_wrong() {
        let reject = "The request is rejected";
        for (code, message) in [
            (
                "BadRequestException",
                format!("{reject} because the input detectorId is not owned by the current account."),
            ),
            ("BadRequestException", format!("{reject} since no such resource found.")),
            ("ResourceNotFoundException", "Rule alert was not found.".to_owned()),
            ("ClusterNotFoundException", "Cluster not found.".to_owned()),
            ("NoSuchEntity", "The role cannot be found.".to_owned()),
            ("AWS.SimpleQueueService.NonExistentQueue", String::new()),
        ] {
            let found = Err::<(), _>(refused(code, &message)).if_found("read", &subject());
            assert_eq!(found, Ok(None), "{code}: {message}");
        }
        for (code, message) in [
            ("BadRequestException", format!("{reject} because one or more input parameters have invalid values.")),
            ("BadRequestException", format!("{reject} because the parameter rank is out of range.")),
            ("AccessDeniedException", "It does not exist, or you are not authorized.".to_owned()),
            ("ThrottlingException", "Rate exceeded".to_owned()),
        ] {
            let found = Err::<(), _>(refused(code, &message)).if_found("read", &subject());
            assert!(found.is_err(), "{code}: {message}");
        }
    }

    #[test]
    fn an_error_is_told_by_its_code_or_else_by_the_status() {
        let slow = ErrorMetadata::builder().code("SlowDown").message("Reduce your rate.").build();
        assert_eq!(reason(&answered(200, slow)), "SlowDown: Reduce your rate.", "S3 tells of errors so too");
        assert_eq!(reason(&answered(503, ErrorMetadata::builder().build())), "HTTP 503: no message");
        let none = reason(&answered(200, ErrorMetadata::builder().build()));
        assert!(none.starts_with("the answer can't be read: HTTP 200"), "{none}");
    }

    #[test]
    fn a_failure_says_what_where_and_how_to_mend_it() {
        let failure = Err::<(), _>(refused("AccessDeniedException", "no")).or_fail("create", &subject()).unwrap_err();
        let expected = "cannot create GuardDuty filter \"ecs-high\"
  detector 12abc, us-east-1: AccessDeniedException: no
  The credentials lack a permission: grant the action named here to them.
";
        assert_eq!(failure.to_string(), expected);
    }

    #[test]
    fn the_permission_that_lacks_is_named() {
        use aws_sdk_iam::operation::create_role::CreateRoleError;
        let denied = |message: &str| {
            let meta = ErrorMetadata::builder().code("AccessDenied").message(message).build();
            let answer = HttpResponse::new(StatusCode::try_from(403).unwrap(), SdkBody::empty());
            let denied: SdkError<_, _> = SdkError::service_error(CreateRoleError::generic(meta), answer);
            explain(&denied, "create", &subject()).to_string()
        };
        let told = denied("no");
        assert!(told.contains("AccessDenied: no (iam:CreateRole)"), "{told}");
        assert!(told.contains("grant iam:CreateRole to them."), "{told}");
        let told = denied("User: ann is not authorized to perform: iam:TagRole on resource: role r");
        assert!(told.contains("grant iam:TagRole to them."), "{told}");
    }

    #[test]
    fn a_dropped_call_is_told_from_an_endpoint_that_can_t_be_reached() {
        use aws_smithy_runtime_api::client::result::ConnectorError;
        use aws_smithy_types::retry::ErrorKind;
        let dropped = ConnectorError::other("connection closed".into(), Some(ErrorKind::TransientError));
        let dropped: SdkError<ErrorMetadata, HttpResponse> = SdkError::dispatch_failure(dropped);
        assert!(is_unanswered(&dropped));
        let told = explain(&dropped, "create", &subject()).to_string();
        assert!(told.contains("the connection was closed before the answer came"), "{told}");
        assert!(!told.contains("can't be reached"), "{told}");
        let unsent = ConnectorError::other("no credentials".into(), None);
        let unsent: SdkError<ErrorMetadata, HttpResponse> = SdkError::dispatch_failure(unsent);
        assert!(!is_unanswered(&unsent));
        assert!(is_unanswered(&answered(503, ErrorMetadata::builder().build())));
        assert!(!is_unanswered(&answered(400, ErrorMetadata::builder().build())));
    }
}
