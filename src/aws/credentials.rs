//! The credentials of calls: the source in the `provider` block, the roles that are assumed one after the other, and
//! the account that they must belong to.
//!
//! Credentials are resolved on the first API call. If the configuration restricts accounts, the account is verified
//! before that call is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts as sts;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tfplugin::{Result, Stop};
use tokio::sync::{Mutex, OnceCell};

use super::account::{Account, AccountRules};
use super::cause::{Cause, words};
use super::default_region::DefaultRegion;
use super::endpoints::Service;
use super::error::reason;
use super::profiles::at_home;
use super::regions;
use super::retries::{ByMeaning, NameOperation, unlimited};
use super::settings::STS_REGION;
use super::transport::NameService;

/// Time before the expiration of credentials at which they are renewed, in seconds.
const RENEWAL_SECONDS: u64 = 60;

/// The source of credentials.
#[derive(Clone, Default)]
pub struct Source {
    /// Access keys in the block.
    pub keys: Option<Keys>,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Role for a web identity, which takes precedence over keys and profile.
    pub web_identity: Option<WebIdentity>,
    /// Roles to assume, each with the credentials of the one before.
    pub roles: Vec<Role>,
}

/// Access keys, with a session token if they are temporary.
#[derive(Clone)]
pub struct Keys {
    /// Access key ID.
    pub id: String,
    /// Secret access key.
    pub secret: String,
    /// Session token.
    pub token: Option<String>,
}

/// A role to assume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// ARN of the role.
    pub arn: String,
    /// Lifetime of the credentials. Default: one hour.
    pub duration: Option<Duration>,
    /// External ID that the role's trust policy requires of other accounts.
    pub external_id: Option<String>,
    /// Session policy in JSON that further restricts the permissions of the role.
    pub policy: Option<String>,
    /// ARNs of managed policies that further restrict the permissions.
    pub policy_arns: Vec<String>,
    /// Name of the session.
    pub session_name: Option<String>,
    /// Source identity of the session.
    pub source_identity: Option<String>,
    /// Tags of the session.
    pub tags: BTreeMap<String, String>,
    /// Keys of tags that are passed on to roles assumed from this one.
    pub transitive_tag_keys: Vec<String>,
}

/// A role for a web identity.
#[derive(Clone)]
pub struct WebIdentity {
    /// The role. Settings that do not apply to a web identity are left out.
    pub role: Role,
    /// The token of the identity.
    pub token: Token,
}

/// An OpenID Connect token.
#[derive(Clone)]
pub enum Token {
    /// The token itself.
    Text(String),
    /// A file with the token, which is read each time.
    File(String),
}

/// Access to AWS STS.
pub(super) struct Sts {
    /// Endpoint, proxies and retries: everything except the credentials and the region.
    pub config: SdkConfig,
    /// Region of STS, if it differs from the default region.
    pub region: Option<String>,
    /// The default region.
    pub default: Arc<DefaultRegion>,
}

impl Sts {
    async fn client(&self, credentials: Option<SharedCredentialsProvider>) -> sts::Client {
        let region = match &self.region {
            Some(region) => region,
            None => self.default.get().await.unwrap_or(STS_REGION),
        };
        let mut config = self.config.to_builder().region(Region::new(region.to_owned()));
        config.set_credentials_provider(credentials);
        let cache: Option<SharedIdentityCache> = Some(sts::config::IdentityCache::no_cache());
        config.set_identity_cache(cache);
        let service = Service::STS.name;
        let client = sts::config::Builder::from(&config.build())
            .interceptor(NameService(service))
            .interceptor(NameOperation(service))
            .retry_partition(unlimited(service))
            .retry_classifier(ByMeaning(Stop::default()));
        sts::Client::from_conf(client.build())
    }
}

/// The credentials of all calls, with the account that they belong to.
#[derive(Clone)]
pub(super) struct Gate {
    inner: Arc<Inner>,
}

struct Inner {
    credentials: SharedCredentialsProvider,
    sts: Arc<Sts>,
    rules: AccountRules,
    account: OnceCell<Account>,
}

impl Gate {
    /// Returns credentials from `base`, which `place` describes, and then from each role of `source`. It makes no
    /// calls.
    pub(super) fn new(
        base: SharedCredentialsProvider,
        place: &Place,
        source: &Source,
        sts: Sts,
        rules: AccountRules,
    ) -> Self {
        let sts = Arc::new(sts);
        let mut credentials = match &source.web_identity {
            Some(identity) => kept(WebRole { identity: identity.clone(), sts: sts.clone() }),
            None => kept(Explained { inner: base, place: place.clone() }),
        };
        for role in &source.roles {
            let client = OnceCell::new();
            credentials = kept(AssumedRole { role: role.clone(), from: credentials, sts: sts.clone(), client });
        }
        let account = OnceCell::new();
        Gate { inner: Arc::new(Inner { credentials, sts, rules, account }) }
    }

    /// Returns the account, after checking that it may be used.
    ///
    /// # Errors
    /// There are no credentials, they are not valid, or the account must not be used.
    pub(super) async fn account(&self) -> Result<&Account, CredentialsError> {
        let inner = &self.inner;
        let account = inner.account.get_or_try_init(|| async {
            let credentials = inner.credentials.provide_credentials().await?;
            if inner.rules.is_never_asked {
                let id = credentials.account_id().map(|id| id.as_str().to_owned()).unwrap_or_default();
                let region = inner.sts.default.get().await.unwrap_or_default();
                return Ok(Account { id, partition: regions::partition(region).to_owned() });
            }
            let client = inner.sts.client(Some(SharedCredentialsProvider::new(credentials))).await;
            match client.get_caller_identity().send().await {
                Ok(caller) => Ok(Account::of(&caller)),
                Err(error) => Err(failed(&error, "STS does not say whose credentials these are")),
            }
        });
        let account = account.await?;
        inner.rules.check(&account.id).map_err(CredentialsError::provider_error)?;
        Ok(account)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

impl ProvideCredentials for Gate {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            if self.inner.rules.are_any() {
                self.account().await?;
            }
            self.inner.credentials.provide_credentials().await
        })
    }
}

/// The source of credentials, in words.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Name of the source, such as `profile "security"`.
    pub what: String,
    /// What to do if it has no credentials.
    pub advice: String,
    /// Why it cannot have any, if more is known than the SDK reports.
    pub fault: Option<String>,
}

/// Credentials from the SDK's providers, whose errors are made for programmers.
#[derive(Debug)]
struct Explained {
    inner: SharedCredentialsProvider,
    place: Place,
}

impl ProvideCredentials for Explained {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let error = match self.inner.provide_credentials().await {
                Ok(credentials) => return Ok(credentials),
                Err(error) => error,
            };
            let Place { what, advice, fault } = &self.place;
            let cause = match (fault, &error) {
                (Some(reason), _) => Cause::new(reason, advice).briefly("there are no AWS credentials"),
                (None, CredentialsError::CredentialsNotLoaded(_)) => {
                    let reason = format!("there are no AWS credentials in {what}{}", why_not(&error));
                    Cause::new(reason, advice).briefly("there are no AWS credentials")
                }
                (None, _) => match Cause::of(&error) {
                    Some(cause) => cause.clone(),
                    None => {
                        let reason = format!("the AWS credentials of {what} can't be had: {}", words(&error));
                        Cause::new(reason, advice).briefly("the AWS credentials can't be had")
                    }
                },
            };
            Err(CredentialsError::provider_error(cause))
        })
    }
}

/// Returns why credentials could not be loaded, if the error states a reason.
fn why_not(error: &CredentialsError) -> String {
    std::error::Error::source(error).map(|source| format!(": {}", words(source))).unwrap_or_default()
}

/// Credentials that are requested once and kept until shortly before they expire.
struct Kept<P> {
    inner: P,
    last: Mutex<Option<Credentials>>,
}

fn kept(inner: impl ProvideCredentials + 'static) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Kept { inner, last: Mutex::default() })
}

impl<P> fmt::Debug for Kept<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Kept<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let mut last = self.last.lock().await;
            let soon = SystemTime::now() + Duration::from_secs(RENEWAL_SECONDS);
            match last.as_ref().filter(|last| last.expiry().is_none_or(|end| end > soon)) {
                Some(credentials) => Ok(credentials.clone()),
                None => Ok(last.insert(self.inner.provide_credentials().await?).clone()),
            }
        })
    }
}

/// Credentials of a role, from credentials that may assume it.
struct AssumedRole {
    role: Role,
    from: SharedCredentialsProvider,
    sts: Arc<Sts>,
    client: OnceCell<sts::Client>,
}

impl fmt::Debug for AssumedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssumedRole({})", self.role.arn)
    }
}

impl AssumedRole {
    async fn assume(&self) -> provider::Result {
        let client = self.client.get_or_init(|| self.sts.client(Some(self.from.clone()))).await;
        let role = &self.role;
        let tags = role.tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok());
        let request = client
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(role.session())
            .set_duration_seconds(role.seconds())
            .set_external_id(role.external_id.clone())
            .set_policy(role.policy.clone())
            .set_policy_arns(role.policies())
            .set_source_identity(role.source_identity.clone())
            .set_tags(some(tags.collect()))
            .set_transitive_tag_keys(some(role.transitive_tag_keys.clone()));
        let answer = request.send().await;
        let answer = answer.map_err(|error| failed(&error, &format!("the role {} can't be assumed", role.arn)))?;
        issued(answer.credentials, answer.assumed_role_user, role)
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

/// Credentials of a role, from an OpenID Connect token.
struct WebRole {
    identity: WebIdentity,
    sts: Arc<Sts>,
}

impl fmt::Debug for WebRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebRole({})", self.identity.role.arn)
    }
}

impl WebRole {
    async fn assume(&self) -> provider::Result {
        let role = &self.identity.role;
        let token = match &self.identity.token {
            Token::Text(token) => token.clone(),
            Token::File(file) => tokio::fs::read_to_string(at_home(file)).await.map_err(|error| {
                let advice = "Check `web_identity_token_file` of the provider block, or AWS_WEB_IDENTITY_TOKEN_FILE.";
                let reason = format!("the token of the web identity can't be read from {file}: {error}");
                let cause = Cause::new(reason, advice).briefly("the token of the web identity can't be read");
                CredentialsError::provider_error(cause)
            })?,
        };
        let request = self
            .sts
            .client(None)
            .await
            .assume_role_with_web_identity()
            .role_arn(&role.arn)
            .role_session_name(role.session())
            .set_duration_seconds(role.seconds())
            .set_policy(role.policy.clone())
            .set_policy_arns(role.policies())
            .web_identity_token(token.trim());
        let answer = request.send().await;
        let what = || format!("the role {} can't be assumed with the web identity", role.arn);
        let answer = answer.map_err(|error| failed(&error, &what()))?;
        issued(answer.credentials, answer.assumed_role_user, role)
    }
}

impl ProvideCredentials for WebRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl Role {
    /// Returns the account of the role.
    pub fn account(&self) -> Option<&str> {
        self.arn.split(':').nth(4).filter(|id| !id.is_empty())
    }

    fn session(&self) -> String {
        self.session_name.clone().unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            format!("terraform-provider-guardduty-{}", now.as_secs())
        })
    }

    fn seconds(&self) -> Option<i32> {
        self.duration.and_then(|duration| i32::try_from(duration.as_secs()).ok())
    }

    fn policies(&self) -> Option<Vec<PolicyDescriptorType>> {
        some(self.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()).collect())
    }
}

/// STS does not accept empty lists.
fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

fn issued(
    credentials: Option<sts::types::Credentials>,
    user: Option<sts::types::AssumedRoleUser>,
    role: &Role,
) -> provider::Result {
    let nothing = || Cause::new(format!("STS gave no credentials for the role {}", role.arn), "Try again.");
    let keys = credentials.ok_or_else(|| CredentialsError::provider_error(nothing()))?;
    let end = SystemTime::try_from(keys.expiration).map_err(CredentialsError::provider_error)?;
    let mut credentials = Credentials::builder()
        .access_key_id(keys.access_key_id)
        .secret_access_key(keys.secret_access_key)
        .session_token(keys.session_token)
        .expiry(end)
        .provider_name("provider block");
    let account = user.and_then(|user| user.arn.split(':').nth(4).map(str::to_owned));
    credentials.set_account_id(account.or_else(|| role.account().map(str::to_owned)).map(Into::into));
    Ok(credentials.build())
}

/// Returns the error of an STS call, unless its cause was already reported.
fn failed<E>(error: &SdkError<E, HttpResponse>, what: &str) -> CredentialsError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let cause = Cause::of(error).cloned().unwrap_or_else(|| {
        let reason = reason(error);
        Cause::new(format!("{what}: {reason}"), advice(&reason)).briefly(what)
    });
    CredentialsError::provider_error(cause)
}

fn advice(reason: &str) -> &'static str {
    match reason {
        text if text.contains("ExpiredToken") => "The session of the credentials has ended: sign in again.",
        text if text.contains("InvalidClientTokenId") || text.contains("SignatureDoesNotMatch") => {
            "AWS does not know these keys: check the credentials, and that the region is one of their partition."
        }
        text if text.contains("IdentityToken") || text.contains("IDPCommunication") => {
            "Check the token of the web identity, and the role's trust policy."
        }
        _ => "Check the role's ARN, and that its trust policy lets these credentials assume it.",
    }
}

#[cfg(test)]
mod tests;
