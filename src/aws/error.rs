//! What an error of AWS means, and how it is told.
//!
//! GuardDuty answers nearly every fault with `BadRequestException` and a sentence: which sentence means what is
//! decided here and nowhere else.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::{Failure, Result};

use super::cause::{Cause, words};

/// What a call is about, for its error: `GuardDuty filter "ecs-high"` in `detector 12abc, us-east-1`.
#[derive(Debug, Clone)]
pub struct Subject {
    what: String,
    place: String,
}

impl Subject {
    /// `what` in `place`.
    pub fn new(what: impl Into<String>, place: impl Into<String>) -> Self {
        Subject { what: what.into(), place: place.into() }
    }

    /// That it could not be done, for a reason that no call gave.
    pub fn failure(&self, verb: &str, reason: impl AsRef<str>) -> Failure {
        self.bare_failure(verb).detail(format!("{}: {}", self.place, reason.as_ref()))
    }

    /// That it could not be done, because no such call can be made.
    pub fn kept_by(&self, verb: &str, cause: &Cause) -> Failure {
        self.bare_failure(verb).detail_once(cause.told_at(&self.place))
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

/// Texts by which services say that something is not there. A complaint about input is none of them: taking it for one
/// would drop a thing that exists from the state.
const GONE: [&str; 3] = ["is not owned by the current account", "no such resource found", "does not exist"];

/// Codes by which services say that something is not there.
const GONE_CODES: [&str; 8] = [
    "ResourceNotFoundException",
    "ResourceNotFound",
    "NoSuchEntity",
    "NoSuchKey",
    "NoSuchBucket",
    "NotFound",
    "NotFoundException",
    "StateMachineDoesNotExist",
];

/// What to do about keys that AWS refuses, whatever the call, by a part of the error's code.
const KEYS_ADVICE: [(&str, &str); 4] = [
    ("UnrecognizedClient", "AWS does not know the access key: check the credentials and the region."),
    ("InvalidClientTokenId", "AWS does not know the access key: check the credentials."),
    ("SignatureDoesNotMatch", "The secret key does not belong to the access key: check the credentials."),
    ("ExpiredToken", "The session of the credentials has ended: sign in again."),
];

/// What is said of an answer that is none of the service.
const UNREADABLE: &str = "the answer can't be read";

/// What to do about another fault, by a part of its code or message.
const ADVICE: [(&str, &str); 7] = [
    ("detectorId is not owned", "There is no such detector in this account and region."),
    ("AccessDenied", "The credentials lack a permission: grant the action named here to them."),
    ("not authorized", "The credentials lack a permission: grant the action named here to them."),
    ("Throttl", "AWS limits the rate of calls and did so after every retry: apply again, or raise `max_retries`."),
    ("TooManyRequests", "AWS limits the rate of calls and did so after every retry: apply again."),
    ("dispatch failure", "The endpoint can't be reached: check the region, the network and any endpoint of your own."),
    (UNREADABLE, "The answer is none of this service: check the endpoint, and any proxy on the way to it."),
];

/// Turns what a call returned into what a person is told.
pub trait Explain<T>: Sized {
    /// The answer, or a failure that says what could not be done.
    ///
    /// # Errors
    /// Whatever the call failed with.
    fn or_fail(self, verb: &str, subject: &Subject) -> Result<T>;

    /// The answer; `None` if the service says that there is no such thing.
    ///
    /// # Errors
    /// Whatever else the call failed with.
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

/// Whether the service says that what the call is about does not exist.
pub fn is_gone<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let Some(service) = error.as_service_error() else { return false };
    let message = service.message().unwrap_or_default();
    let code = service.code().unwrap_or_default();
    GONE_CODES.contains(&code)
        || code.ends_with("NotFoundException")
        || code.ends_with("NonExistentQueue")
        || (code != "AccessDeniedException" && GONE.iter().any(|text| message.contains(text)))
}

/// Whether the service says that such a thing is there already.
pub fn is_already_there<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let Some(service) = error.as_service_error() else { return false };
    let message = service.message().unwrap_or_default();
    let code = service.code().unwrap_or_default();
    message.contains("already exists") || code.contains("AlreadyExists") || code == "QueueNameExists"
}

/// Whether it is unknown if the service did what it was asked: it gave no answer, or said that something went wrong on
/// its own side.
pub fn is_unanswered<E>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(answer) => answer.raw().status().is_server_error(),
        _ => false,
    }
}

/// Whether the service's code or message has one of these signs in it.
pub fn says<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, signs: &[&str]) -> bool {
    let Some(service) = error.as_service_error() else { return false };
    let (code, message) = (service.code().unwrap_or_default(), service.message().unwrap_or_default());
    signs.iter().any(|sign| code.contains(sign) || message.contains(sign))
}

/// The code of a service's error; empty where the service did not answer.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}

/// The failure that says what could not be done, where and why, with AWS's words, and how to mend it.
pub fn explain<E>(error: &SdkError<E, HttpResponse>, verb: &str, subject: &Subject) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if let Some(cause) = Cause::of(error) {
        return subject.kept_by(verb, cause);
    }
    let reason = reason(error);
    if let Some((sign, advice)) = KEYS_ADVICE.iter().find(|(sign, _)| reason.contains(sign)) {
        let brief = format!("AWS refuses the credentials ({sign})");
        return subject.kept_by(verb, &Cause::new(reason, *advice).briefly(brief));
    }
    let failure = subject.failure(verb, &reason);
    match ADVICE.iter().find(|(sign, _)| reason.contains(sign)) {
        Some((_, advice)) => failure.detail(advice),
        None => failure,
    }
}

/// Why a call failed: the service's code, message and request id, or what kept it from answering.
pub fn reason<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let Some(service) = error.as_service_error() else {
        let words = words(error);
        return if matches!(error, SdkError::ResponseError(_)) { format!("{UNREADABLE}: {words}") } else { words };
    };
    let status = error.raw_response().map(HttpResponse::status);
    let status_text = status.map(|status| format!("HTTP {status}")).unwrap_or_default();
    if service.code().is_none() && status.is_some_and(StatusCode::is_success) {
        return format!("{UNREADABLE}: {status_text}, {}", words(service));
    }
    let code = service.code().unwrap_or(&status_text);
    let message = service.message().unwrap_or("no message");
    let request = service.meta().extra("aws_request_id").map(|id| format!(" (request {id})")).unwrap_or_default();
    format!("{code}: {message}{request}")
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
}
