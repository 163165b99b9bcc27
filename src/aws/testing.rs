//! A substitute for AWS in unit tests. It records each request, and answers as the test defines.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use tfplugin::Stop;

use super::credentials::{Keys, Role, Source};
use super::{Aws, Misfit, RegionSetting, Settings};

/// The account of test credentials.
pub const ACCOUNT: &str = "111122223333";

/// A request.
#[derive(Debug, Clone)]
pub struct Sent {
    pub uri: String,
    pub body: String,
    /// Access key ID of the signature. Empty if the request is not signed.
    pub key: String,
    /// Token of a sign-in in the request. Empty if it has none.
    pub token: String,
}

impl Sent {
    /// Returns the action of an STS call, or the path.
    pub fn what(&self) -> &str {
        let action = self.body.split('&').find_map(|part| part.strip_prefix("Action="));
        action.unwrap_or_else(|| self.uri.splitn(4, '/').nth(3).unwrap_or_default())
    }

    /// Returns `WHO WHAT`.
    pub fn who_and_what(&self) -> String {
        format!("{} {}", self.key, self.what())
    }
}

type Answer = dyn Fn(&Sent) -> (u16, String) + Send + Sync;

/// The substitute.
#[derive(Clone)]
pub struct Fake {
    sent: Arc<Mutex<Vec<Sent>>>,
    answer: Arc<Answer>,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

impl Fake {
    pub fn new(answer: impl Fn(&Sent) -> (u16, String) + Send + Sync + 'static) -> Self {
        Fake { sent: Arc::default(), answer: Arc::new(answer) }
    }

    /// Returns a substitute whose STS returns the credentials `OF-ROLE` for a role, valid for an hour.
    pub fn with_sts() -> Self {
        Fake::new(sts)
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Returns the requests so far, with their senders.
    pub fn log(&self) -> Vec<String> {
        self.sent().iter().map(Sent::who_and_what).collect()
    }

    /// Returns clients with `settings` that use this substitute.
    pub async fn aws(&self, settings: Settings) -> Result<Aws, Misfit> {
        self.aws_until(settings, Stop::default()).await
    }

    /// Returns such clients, until `stop` is requested.
    pub async fn aws_until(&self, settings: Settings, stop: Stop) -> Result<Aws, Misfit> {
        Aws::over(SharedHttpClient::new(self.clone()), settings, stop).await
    }
}

impl HttpClient for Fake {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).unwrap_or_default();
        let signature = header("authorization");
        let key = signature.split("Credential=").nth(1).and_then(|rest| rest.split('/').next());
        let body = request.body().bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let sent = Sent {
            uri: request.uri().to_owned(),
            body: body.unwrap_or_default(),
            key: key.unwrap_or_default().to_owned(),
            token: header("x-amz-sso_bearer_token").to_owned(),
        };
        let (status, text) = (self.answer)(&sent);
        self.sent.lock().unwrap().push(sent);
        HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(text))))
    }
}

/// Answers as STS does, and anything else with an empty object.
pub fn sts(sent: &Sent) -> (u16, String) {
    answer_of_sts(sent, 3600)
}

/// Answers as STS does, with credentials that expire after `seconds`.
pub fn answer_of_sts(sent: &Sent, seconds: i64) -> (u16, String) {
    let action = sent.what();
    let end = aws_smithy_types::DateTime::from(std::time::SystemTime::now());
    let end = aws_smithy_types::DateTime::from_secs(end.secs() + seconds);
    let end = end.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap();
    let inner = match action {
        "GetCallerIdentity" => {
            format!("<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/ann</Arn><UserId>AIDA</UserId>")
        }
        "AssumeRole" | "AssumeRoleWithWebIdentity" => {
            let role = sent.body.split("role%2F").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or("?");
            format!(
                "<Credentials><AccessKeyId>OF-{role}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>t</SessionToken><Expiration>{end}</Expiration></Credentials><AssumedRoleUser>\
                 <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/{role}/x</Arn><AssumedRoleId>AROA:x</AssumedRoleId>\
                 </AssumedRoleUser>"
            )
        }
        _ => return (200, "{}".to_owned()),
    };
    (
        200,
        format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>{inner}\
             </{action}Result></{action}Response>"
        ),
    )
}

/// Returns settings with the keys `KEY` and the region eu-central-1.
pub fn settings() -> Settings {
    Settings {
        region: RegionSetting::Is("eu-central-1".to_owned()),
        source: Source {
            keys: Some(Keys { id: "KEY".to_owned(), secret: "sEcReT".to_owned(), token: None }),
            ..Source::default()
        },
        ..Settings::default()
    }
}

/// Returns the role `name` in the test account.
pub fn role(name: &str) -> Role {
    Role { arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"), ..Role::default() }
}
