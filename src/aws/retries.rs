//! Decides when a call is retried, for all clients, inside the SDK.
//!
//! The SDK decides by lists of codes that are the same for all services, and takes each retry from a token bucket that
//! all calls of a run share: after some hundred throttled answers nothing is retried, while an exceeded quota
//! is retried for a minute. Here the table of [`super::meaning`] decides, and the token bucket is unlimited. The
//! provider block still determines how often, how long and in which mode calls are retried.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, InterceptorContext,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;
use serde_json::Value as Json;
use tfplugin::Stop;

use super::meaning::{Meaning, Operation};

/// What the clients of a service in a region share: an unlimited token bucket, and in the mode `adaptive` the request
/// rate.
#[derive(Default)]
pub struct Partitions(Mutex<HashMap<String, RetryPartition>>);

impl Partitions {
    /// Returns the partition of `service` in `region`.
    pub fn of(&self, service: &str, region: &str) -> RetryPartition {
        let name = format!("{service}-{region}");
        // A poisoned lock still holds complete entries: they are only ever added.
        let mut partitions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        partitions.entry(name.clone()).or_insert_with(|| unlimited(&name)).clone()
    }
}

/// Returns an unlimited token bucket and a rate that are not shared.
pub fn unlimited(name: &str) -> RetryPartition {
    RetryPartition::custom(name.to_owned()).token_bucket(TokenBucket::unlimited()).build()
}

/// Adds the operation of `service` to each answer, because the decision on a retry does not receive it.
#[derive(Debug)]
pub struct NameOperation(pub &'static str);

impl Intercept for NameOperation {
    fn name(&self) -> &'static str {
        "NameOperation"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Metadata>().and_then(|call| Operation::new(self.0, call.name()));
        if let Some(operation) = operation {
            context.response_mut().add_extension(operation);
        }
        Ok(())
    }
}

/// Decides on a retry by the meaning of the error. It runs after the SDK's own classifiers, so its decision is final.
pub struct ByMeaning(pub Stop);

impl fmt::Debug for ByMeaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByMeaning")
    }
}

impl ClassifyRetry for ByMeaning {
    fn name(&self) -> &'static str {
        "ByMeaning"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let has_failed = matches!(context.output_or_error(), Some(Err(_)));
        if has_failed && self.0.is_requested() {
            return RetryAction::RetryForbidden;
        }
        let (true, Some(answer)) = (has_failed, context.response()) else { return RetryAction::NoActionIndicated };
        let Some(operation) = answer.extension::<Operation>() else { return RetryAction::NoActionIndicated };
        let (code, message) = code_and_message(answer);
        let kind = match operation.meaning(&code, &message, answer.status().as_u16()) {
            Meaning::Throttled => ErrorKind::ThrottlingError,
            Meaning::Busy => ErrorKind::ServerError,
            Meaning::Quota => return RetryAction::RetryForbidden,
            Meaning::Passes(_)
            | Meaning::Gone
            | Meaning::Exists
            | Meaning::Changed
            | Meaning::Denied
            | Meaning::Refused => return RetryAction::NoActionIndicated,
        };
        RetryAction::RetryIndicated(RetryReason::RetryableError { kind, retry_after: retry_after(answer) })
    }
}

/// Returns how long the service requests to wait.
fn retry_after(answer: &HttpResponse) -> Option<Duration> {
    let number = |name: &str| answer.headers().get(name).and_then(|value| value.trim().parse::<u64>().ok());
    let millis = number("x-amz-retry-after").map(Duration::from_millis);
    millis.or_else(|| number("retry-after").map(Duration::from_secs))
}

/// Returns the code and message of an error, in any of the formats of services, or empty strings.
fn code_and_message(answer: &HttpResponse) -> (String, String) {
    let body = answer.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    let header = |name: &str| answer.headers().get(name);
    let json: Json = serde_json::from_str(&body).unwrap_or_default();
    let of_json = |names: &[&str]| names.iter().find_map(|name| json[*name].as_str().map(str::to_owned));
    // `CODE;Sender`
    let of_query = header("x-amzn-query-error").and_then(|text| text.split(';').next());
    let code = of_query.map(str::to_owned);
    let code = code.or_else(|| header("x-amzn-errortype").map(str::to_owned));
    let code = code.or_else(|| of_json(&["__type", "code", "Code"])).or_else(|| element(&body, "Code"));
    let message = of_json(&["message", "Message", "errorMessage"]).or_else(|| element(&body, "Message"));
    (bare(&code.unwrap_or_default()), message.unwrap_or_default())
}

/// Returns the code in `com.amazonaws.guardduty#BadRequestException:http://...`.
fn bare(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).trim().to_owned()
}

/// Returns the text of the first element with this name in an XML document.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::retry::RetryConfig;

    use super::*;
    use crate::aws::testing::{Fake, settings};
    use crate::aws::{Explain, Settings, Subject};

    fn answer(headers: &[(&'static str, &'static str)], body: &str) -> HttpResponse {
        let mut answer = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body.to_owned()));
        for (name, value) in headers {
            answer.headers_mut().insert(*name, *value);
        }
        answer
    }

    #[test]
    fn a_code_is_found_in_each_form() {
        let told = |headers: &[(&'static str, &'static str)], body: &str| {
            let (code, message) = code_and_message(&answer(headers, body));
            format!("{code}|{message}")
        };
        let kind = ("x-amzn-errortype", "BadRequestException:http://internal.amazon.com/coral/");
        assert_eq!(told(&[kind], r#"{"message":"no"}"#), "BadRequestException|no");
        assert_eq!(told(&[], r#"{"__type":"com.amazonaws.events#LimitExceededException"}"#), "LimitExceededException|");
        let query = ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender");
        assert_eq!(
            told(&[query], r#"{"__type":"x#QueueDoesNotExist"}"#),
            "AWS.SimpleQueueService.NonExistentQueue|",
            "the code of the query protocol is the one that is documented"
        );
        let xml = "<ErrorResponse><Error><Code>DeleteConflict</Code><Message>detach</Message></Error></ErrorResponse>";
        assert_eq!(told(&[], xml), "DeleteConflict|detach");
        assert_eq!(told(&[], "<html>"), "|");
    }

    #[test]
    fn the_service_says_how_long_to_wait() {
        assert_eq!(retry_after(&answer(&[("x-amz-retry-after", "1500")], "")), Some(Duration::from_millis(1500)));
        assert_eq!(retry_after(&answer(&[("retry-after", "3")], "")), Some(Duration::from_secs(3)));
        assert_eq!(retry_after(&answer(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], "")), None);
    }

    /// Returns how often a call is made that always fails in this way, and the reported error.
    async fn calls(status: u16, code: &'static str) -> (usize, String) {
        let fake = Fake::new(move |_| (status, format!(r#"{{"__type":"{code}","message":"as the test says"}}"#)));
        let aws = fake.aws(Settings { max_retries: Some(2), ..settings() }).await.unwrap();
        let quick = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
        let client = aws.guardduty("us-east-1");
        let call = client.list_detectors().customize();
        let call = call.config_override(aws_sdk_guardduty::config::Builder::new().retry_config(quick));
        let failure = call.send().await.or_fail("list", &Subject::new("detectors", "us-east-1")).unwrap_err();
        (fake.log().len(), failure.to_string())
    }

    #[tokio::test]
    async fn what_passes_is_tried_again_and_a_quota_is_not() {
        for (status, code, expected) in [
            (400, "ThrottlingException", 3),
            (429, "NeverHeardOf", 3),
            (500, "InternalServerErrorException", 3),
            (400, "ConcurrentModificationException", 3),
            (400, "LimitExceededException", 1),
            (400, "BadRequestException", 1),
            (403, "AccessDeniedException", 1),
        ] {
            let (calls, told) = calls(status, code).await;
            assert_eq!(calls, expected, "{code}: {told}");
            assert!(told.contains("guardduty:ListDetectors"), "{told}");
        }
    }

    #[tokio::test]
    async fn many_throttled_answers_do_not_end_the_retries_of_a_run() {
        let left = Arc::new(AtomicUsize::new(300));
        let counter = left.clone();
        let fake = Fake::new(move |_| {
            let is_throttled = counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            match is_throttled {
                Ok(_) => (429, r#"{"__type":"TooManyRequestsException"}"#.to_owned()),
                Err(_) => (200, r#"{"detectorIds":[]}"#.to_owned()),
            }
        });
        let aws = fake.aws(settings()).await.unwrap();
        let quick = RetryConfig::standard().with_max_attempts(10).with_initial_backoff(Duration::from_millis(1));
        for number in 0..60 {
            let config = aws_sdk_guardduty::config::Builder::new().retry_config(quick.clone());
            let client = aws.guardduty("us-east-1");
            let listed = client.list_detectors().customize().config_override(config).send().await;
            assert!(listed.is_ok() || number < 31, "{number}: {listed:?}");
        }
        assert_eq!(left.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_wish_to_stop_ends_the_retries() {
        let stop = Stop::default();
        let wish = stop.clone();
        let fake = Fake::new(move |_| {
            wish.request();
            (429, r#"{"__type":"TooManyRequestsException"}"#.to_owned())
        });
        let aws = fake.aws_until(settings(), stop).await.unwrap();
        let failed = aws.guardduty("us-east-1").list_detectors().send().await;
        assert!(failed.is_err() && fake.log().len() == 1, "{:?}", fake.log());
    }
}
