//! The transport of all calls: one HTTP client, created on first use, with its proxies and trusted certificates.
//!
//! It also reports unreachable endpoints in words for users, and ends attempts to reach an endpoint that never
//! answered. It only knows the name of a service that a client adds to its requests.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fmt, fs};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tfplugin::{Failure, Result};

use super::cause::{Cause, words};
use super::profiles::at_home;

/// Hosts that are always reached without a proxy: the local machine, and the metadata services of clouds.
const NEAR: &str = "localhost,127.0.0.0/8,::1,169.254.0.0/16,fd00:ec2::254";

/// Beginnings of the meaningful part of an error. Otherwise, it is the last part.
const TELLING: [&str; 2] = ["invalid peer certificate", "failed to lookup address"];

/// Number of attempts to connect to an endpoint that has never answered, and their duration, before the remaining
/// attempts are skipped.
const HOPELESS_ATTEMPTS: u32 = 3;
const HOPELESS_AFTER: Duration = Duration::from_secs(3);

/// Timeout for an answer to begin. It is shorter than that of an attempt, so that the error names the endpoint that did
/// not respond.
const PATIENCE: Duration = Duration::from_secs(30);
/// Number of requests that such an endpoint may leave without an answer.
const HOPELESS_SILENCES: u32 = 2;

/// Headers that AWS and its substitutes send with each answer.
const SIGNATURES: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"];

/// The transport settings of the `provider` block. Those that are not set are taken from the environment.
#[derive(Clone, Default)]
pub struct Transport {
    /// URL of the proxy for `http://` endpoints, and for `https://` endpoints if no proxy is configured for them.
    pub http_proxy: Option<String>,
    /// URL of the proxy for `https://` endpoints. Empty for none.
    pub https_proxy: Option<String>,
    /// Hosts to reach without a proxy.
    pub no_proxy: Option<String>,
    /// File with the only trusted CA certificates.
    pub ca_bundle: Option<String>,
    /// Access to the EC2 instance metadata service.
    pub metadata: Metadata,
    /// Products to append to the User-Agent header.
    pub products: Vec<String>,
}

/// How the EC2 instance metadata service is accessed for credentials and the region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Metadata {
    /// As configured for the SDK in the environment and the profile.
    #[default]
    OfEnvironment,
    /// At this URL.
    At(String),
    /// Not at all.
    Never,
}

/// Prefix of the path of each request to the EC2 instance metadata service.
const METADATA_PATH: &str = "/latest/";

impl Transport {
    /// Returns the client. It opens no connection and reads no system certificates before its first call.
    ///
    /// # Errors
    /// The CA bundle or the URL of a proxy is not valid.
    pub(super) fn client(&self) -> Result<SharedHttpClient> {
        let proxies = self.proxies(&|name| env::var(name).ok().filter(|value| !value.is_empty()))?;
        let trust = self.trust()?;
        let plain = client(&trust, proxies.http.as_ref());
        let secure = if proxies == Proxies::default() { plain.clone() } else { client(&trust, proxies.https.as_ref()) };
        let own = Arc::new(Own { proxies, metadata: self.metadata.clone(), products: self.products.join(" ") });
        Ok(SharedHttpClient::new(Carrier { plain, secure, own, reach: Arc::default() }))
    }

    /// Returns the trusted certificates: only those of the bundle, as in the AWS CLI, or otherwise those of the system.
    ///
    /// # Errors
    /// The bundle contains no certificates.
    pub(super) fn trust(&self) -> Result<TrustStore> {
        let file = self.ca_bundle.clone().or_else(|| env::var("AWS_CA_BUNDLE").ok()).filter(|file| !file.is_empty());
        let Some(file) = file.map(|file| at_home(&file)) else { return Ok(TrustStore::default()) };
        let bytes = fs::read(&file).map_err(|error| unusable(&file, &error.to_string()))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&bytes).collect();
        if certificates.is_empty() {
            return Err(unusable(&file, "it has no certificate in the form PEM"));
        }
        let mut roots = RootCertStore::empty();
        for (at, certificate) in certificates.into_iter().enumerate() {
            let certificate =
                certificate.map_err(|_| unusable(&file, &format!("certificate {} in it is broken", at + 1)))?;
            let added = roots.add(certificate);
            added.map_err(|error| unusable(&file, &format!("certificate {} is none: {error}", at + 1)))?;
        }
        Ok(TrustStore::empty().with_pem_certificate(bytes))
    }

    fn proxies(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Proxies> {
        let of_environment = |name: &str| variable(name).or_else(|| variable(&name.to_lowercase()));
        let http = self.http_proxy.clone().or_else(|| of_environment("HTTP_PROXY"));
        let https = self.https_proxy.clone().or_else(|| of_environment("HTTPS_PROXY")).or(self.http_proxy.clone());
        let no_proxy = self.no_proxy.clone().or_else(|| of_environment("NO_PROXY")).unwrap_or_default();
        let except = if no_proxy.is_empty() { NEAR.to_owned() } else { format!("{no_proxy},{NEAR}") };
        let proxy = |url: Option<String>, variable: &str| match url.filter(|url| !url.is_empty()) {
            Some(url) => Proxy::parse(&url, &except).map(Some).map_err(|problem| {
                Failure::new("the URL of a proxy is unusable").detail(format!("{variable}: {problem}"))
            }),
            None => Ok(None),
        };
        Ok(Proxies { http: proxy(http, "HTTP_PROXY")?, https: proxy(https, "HTTPS_PROXY")? })
    }
}

fn unusable(file: &Path, problem: &str) -> Failure {
    Failure::new(format!("the bundle of certificates {} is unusable", file.display()))
        .detail(format!("{problem}."))
        .detail("It must be a file with certificates of authorities in the form PEM.")
}

#[derive(Debug, Default, PartialEq)]
struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

/// A proxy. Its displayed form contains no password.
#[derive(Clone, PartialEq)]
struct Proxy {
    url: String,
    shown: String,
    except: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Proxy {
    fn parse(text: &str, except: &str) -> Result<Self, &'static str> {
        let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        check_proxy(&url)?;
        let shown = without_user(&url).trim_end_matches('/').to_owned();
        Ok(Proxy { shown, except: except.to_owned(), url })
    }

    /// Returns the configuration for calls of both kinds, because a client with it serves only one of them.
    fn config(&self) -> ProxyConfig {
        ProxyConfig::all(self.url.as_str()).map_or_else(|_| ProxyConfig::disabled(), |all| all.no_proxy(&self.except))
    }
}

/// Checks that `url` can be that of a proxy. It is not repeated in the error, because it may contain a password.
///
/// # Errors
/// The valid form.
pub fn check_proxy(url: &str) -> Result<(), &'static str> {
    ProxyConfig::all(url).map(drop).map_err(|_| "It must be a URL such as \"http://proxy.example.com:3128\".")
}

fn client(trust: &TrustStore, proxy: Option<&Proxy>) -> SharedHttpClient {
    let (trust, proxy) = (trust.clone(), proxy.map_or_else(ProxyConfig::disabled, Proxy::config));
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector =
            ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        if let Ok(context) = TlsContext::builder().with_trust_store(trust.clone()).build() {
            connector.set_tls_context(context);
        }
        connector.build()
    })
}

/// The settings that apply to each request.
#[derive(Debug, Default)]
struct Own {
    proxies: Proxies,
    metadata: Metadata,
    products: String,
}

impl Own {
    /// Sends the SDK's requests to the EC2 instance metadata service to the configured endpoint.
    ///
    /// # Errors
    /// The service must not be accessed.
    fn redirect(&self, request: &mut HttpRequest) -> Result<(), ConnectorError> {
        let path = request.uri().split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        let Some(path) = path.filter(|path| path.starts_with(METADATA_PATH)) else { return Ok(()) };
        match &self.metadata {
            Metadata::OfEnvironment => Ok(()),
            Metadata::Never => Err(ConnectorError::user("`skip_metadata_api_check` is set".into()).never_connected()),
            Metadata::At(endpoint) => {
                let uri = format!("{}{path}", endpoint.trim_end_matches('/'));
                request.set_uri(uri).map_err(|error| ConnectorError::user(error.into()))
            }
        }
    }

    /// Appends the configured products to the User-Agent header, which is not signed.
    fn introduce(&self, request: &mut HttpRequest) {
        const HEADER: &str = "user-agent";
        let headers = request.headers_mut();
        if let Some(own) = headers.get(HEADER).filter(|_| !self.products.is_empty()).map(str::to_owned) {
            // Values that are not valid in a header were refused before.
            let _ = headers.try_insert(HEADER, format!("{own} {}", self.products));
        }
    }
}

/// The client, which sends each request with the appropriate one of two clients.
#[derive(Debug)]
struct Carrier {
    plain: SharedHttpClient,
    secure: SharedHttpClient,
    own: Arc<Own>,
    reach: Arc<Reach>,
}

impl HttpClient for Carrier {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Line {
            plain: self.plain.http_connector(settings, components),
            secure: self.secure.http_connector(settings, components),
            own: self.own.clone(),
            reach: self.reach.clone(),
            patience: PATIENCE,
        })
    }
}

#[derive(Debug)]
struct Line {
    plain: SharedHttpConnector,
    secure: SharedHttpConnector,
    own: Arc<Own>,
    reach: Arc<Reach>,
    patience: Duration,
}

impl HttpConnector for Line {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let named = request.extension().copied().map(|Service(service)| service);
        if named.is_none()
            && let Err(error) = self.own.redirect(&mut request)
        {
            return HttpConnectorFuture::ready(Err(error));
        }
        self.own.introduce(&mut request);
        let is_secure = request.uri().starts_with("https:");
        let proxies = &self.own.proxies;
        let (line, proxy) = if is_secure { (&self.secure, &proxies.https) } else { (&self.plain, &proxies.http) };
        // The services of the environment that the SDK looks for often do not exist, which need not be reported.
        let Some(service) = named.or_else(|| of_credentials(request.uri())) else { return line.call(request) };
        let place = place(request.uri());
        let (proxy, reach) = (proxy.as_ref().map(|proxy| proxy.shown.clone()), self.reach.clone());
        let (answer, patience) = (line.call(request), self.patience);
        HttpConnectorFuture::new(async move {
            let far = Far { service, place, proxy };
            match tokio::time::timeout(patience, answer).await {
                Ok(Ok(answer)) => {
                    reach.answered(&far.place);
                    far.stranger(&answer).map_or(Ok(answer), |cause| Err(ConnectorError::user(cause.into())))
                }
                Ok(Err(error)) if is_about_connecting(&error) => {
                    let is_certain = words(&error).contains("certificate");
                    let is_final = reach.is_hopeless(&far.place, HOPELESS_ATTEMPTS) || is_certain;
                    let source: BoxError = far.unreachable(&error).into();
                    let told = if is_final { ConnectorError::user(source) } else { ConnectorError::io(source) };
                    Err(told.never_connected())
                }
                Ok(Err(error)) => Err(error),
                Err(_) => {
                    let is_final = reach.is_hopeless(&far.place, HOPELESS_SILENCES);
                    let source: BoxError = far.silent(patience).into();
                    Err(if is_final { ConnectorError::user(source) } else { ConnectorError::timeout(source) })
                }
            }
        })
    }
}

/// Returns scheme, host and port, such as `https://guardduty.eu-central-1.amazonaws.com`, without user and password.
fn place(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    without_user(&format!("{scheme}://{authority}"))
}

/// Returns the service from which the SDK itself requests credentials, with clients that cannot be given a name.
fn of_credentials(uri: &str) -> Option<&'static str> {
    let (_, host) = uri.split_once("://")?;
    let named = [("sts.", "sts"), ("sts-fips.", "sts"), ("portal.sso.", "sso"), ("oidc.", "sso-oidc")];
    named.into_iter().find(|(start, _)| host.starts_with(start)).map(|(_, service)| service)
}

/// Returns `url` without user and password. Everything before its last @ is removed, because a password may contain any
/// character.
pub fn without_user(url: &str) -> String {
    let Some((hidden, rest)) = url.rsplit_once('@') else { return url.to_owned() };
    let scheme = ["https://", "http://"].into_iter().find(|scheme| hidden.starts_with(scheme));
    format!("{}{rest}", scheme.unwrap_or_default())
}

/// The HTTP client has no accessible type for this error, but always uses these words.
fn is_about_connecting(error: &ConnectorError) -> bool {
    let words = words(error);
    words.contains("(Connect)") || words.contains("connect timeout")
}

/// The destination of a request.
struct Far {
    service: &'static str,
    place: String,
    proxy: Option<String>,
}

impl Far {
    /// Returns the cause if no connection can be made.
    fn unreachable(&self, error: &ConnectorError) -> Cause {
        let words = words(error);
        let start = TELLING.iter().find_map(|mark| words.find(mark)).or_else(|| words.rfind(": ").map(|at| at + 2));
        let telling = &words[start.unwrap_or_default()..];
        let brief = format!("{} can't be reached at {self}", self.service);
        if words.contains("certificate") {
            let advice = "Its certificate is not trusted: name the certificates of your authorities in \
                          `custom_ca_bundle` of the provider block or in AWS_CA_BUNDLE.";
            return Cause::new(format!("{brief}: {telling}"), advice).briefly(brief);
        }
        Cause::new(format!("{brief}: {telling}"), self.advice()).briefly(brief)
    }

    /// Returns the cause if a request is not answered.
    fn silent(&self, patience: Duration) -> Cause {
        let brief = format!("{} does not answer at {self}", self.service);
        Cause::new(format!("{brief}: it took the request, and said nothing for {patience:?}"), self.advice())
            .briefly(brief)
    }

    /// Returns the cause if something other than the service answers, such as a portal that requires a login, a proxy
    /// or a web server. Temporary errors (5xx) are retried as they are.
    fn stranger(&self, answer: &HttpResponse) -> Option<Cause> {
        let (headers, status) = (answer.headers(), answer.status());
        let kind = headers.get("content-type").unwrap_or("no content type");
        let is_of_aws = SIGNATURES.iter().any(|name| headers.get(*name).is_some());
        if is_of_aws || status.is_server_error() || ["json", "xml"].iter().any(|form| kind.contains(form)) {
            return None;
        }
        let brief = format!("what answers at {self} is not {}", self.service);
        Some(Cause::new(format!("{brief}: HTTP {status}, {kind}"), self.advice()).briefly(brief))
    }

    fn advice(&self) -> String {
        const OF_AWS: [&str; 4] = ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws"];
        if self.proxy.is_some() {
            return "Check `http_proxy`, `https_proxy` and `no_proxy` of the provider block, and the variables of these \
                    names."
                .to_owned();
        }
        if OF_AWS.iter().any(|end| self.place.ends_with(end)) {
            return "Check the region, whether the service is there in it, and the network.".to_owned();
        }
        format!(
            "This endpoint is not one of AWS: check `endpoints {{ {} = ... }}` of the provider block, and the variables \
             and profile settings whose names begin with AWS_ENDPOINT_URL.",
            self.service
        )
    }
}

impl fmt::Display for Far {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        self.proxy.as_ref().map_or(Ok(()), |proxy| write!(f, " (proxy: {proxy})"))
    }
}

/// The places that have answered so far.
#[derive(Debug, Default)]
struct Reach(Mutex<HashMap<String, Tries>>);

#[derive(Debug)]
struct Tries {
    has_answered: bool,
    failed: u32,
    since: Instant,
}

impl Reach {
    fn answered(&self, place: &str) {
        self.update(place, |tries| tries.has_answered = true);
    }

    /// Records a failed request. Returns whether further attempts are hopeless: `enough` requests failed, and none ever
    /// succeeded.
    fn is_hopeless(&self, place: &str, enough: u32) -> bool {
        self.update(place, |tries| {
            tries.failed += 1;
            !tries.has_answered && tries.failed >= enough && tries.since.elapsed() >= HOPELESS_AFTER
        })
    }

    fn update<T>(&self, place: &str, change: impl FnOnce(&mut Tries) -> T) -> T {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Tries { has_answered: false, failed: 0, since: Instant::now() };
        change(places.entry(place.to_owned()).or_insert_with(new))
    }
}

/// The name of the service, which is attached to a request.
#[derive(Debug, Clone, Copy)]
struct Service(&'static str);

/// Attaches the name of the service to each request, as in `endpoints` of the provider block.
#[derive(Debug)]
pub struct NameService(pub &'static str);

impl Intercept for NameService {
    fn name(&self) -> &'static str {
        "NameService"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().add_extension(Service(self.0));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
