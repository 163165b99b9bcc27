//! How to access AWS: the `provider` block, converted for the SDK.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::{RetryConfig, RetryMode};
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tfplugin::{Diagnostic, Failure, Result, warn};

use super::account::AccountRules;
use super::credentials::{Gate, Place, Source, Sts};
use super::default_region::DefaultRegion;
use super::endpoints::{Endpoints, Service, check_surroundings, config_of};
use super::profiles::{Files, Profiles};
use super::regions::{self, Verdict};
use super::tags::TagRules;
use super::transport::Transport;

/// Timeout of opening a connection, in seconds.
const CONNECT_SECONDS: u64 = 10;
/// Timeout of one attempt, in seconds. GuardDuty answers in less than one second. A server that does not respond is
/// given up.
const ATTEMPT_SECONDS: u64 = 40;
/// Timeout of a call with all its attempts, in seconds.
const CALL_SECONDS: u64 = 300;
/// Timeout of getting credentials, with all roles and attempts, in seconds.
const CREDENTIALS_SECONDS: u64 = 120;
/// Maximum delay between two attempts, in seconds.
const PAUSE_SECONDS: u64 = 20;
/// Default number of attempts of a call.
const ATTEMPTS: u32 = 10;
/// Region of STS if no region is known.
pub(super) const STS_REGION: &str = "us-east-1";

/// The region in the `provider` block.
#[derive(Debug, Clone, Default)]
pub enum RegionSetting {
    /// Not set: the SDK looks for it.
    #[default]
    OfEnvironment,
    /// This region.
    Is(String),
    /// A region that is unknown until apply. That of the environment would be wrong.
    NotKnownYet,
}

/// The settings of the `provider` block. The SDK finds those that are not set in its environment and files.
#[derive(Clone, Default)]
pub struct Settings {
    /// Region of resources that do not set their own.
    pub region: RegionSetting,
    /// Whether to skip validation of region names.
    pub is_any_region: bool,
    /// Region of AWS STS, if it differs from that of the resources.
    pub sts_region: Option<String>,
    /// Source of credentials.
    pub source: Source,
    /// Shared configuration files.
    pub files: Files,
    /// Accounts that may be used.
    pub accounts: AccountRules,
    /// Proxies and certificates.
    pub transport: Transport,
    /// Maximum number of retries of a call.
    pub max_retries: Option<u32>,
    /// Retry mode.
    pub retry_mode: Option<RetryMode>,
    /// Whether to use FIPS 140 endpoints.
    pub use_fips: Option<bool>,
    /// Whether to use dual-stack endpoints.
    pub use_dual_stack: Option<bool>,
    /// Custom endpoints.
    pub endpoints: Endpoints,
    /// Whether to address S3 buckets by path. Default: `true` with a custom S3 endpoint.
    pub s3_by_path: Option<bool>,
    /// Tags for every resource, and tags that are managed elsewhere.
    pub tags: TagRules,
}

/// The part of the settings that causes an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The shared configuration files, or a setting in the environment or in these files.
    Files,
    /// The profile.
    Profile,
    /// The region.
    Region,
    /// The CA bundle.
    Trust,
    /// A proxy.
    Proxy,
}

/// Settings that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The part that causes the error.
    pub about: About,
    /// The error.
    pub failure: Failure,
}

/// Everything that calls need.
pub(super) struct Loaded {
    /// The SDK configuration, without the region of a client.
    pub config: SdkConfig,
    /// Credentials and account.
    pub gate: Gate,
    /// Region of resources that do not set their own.
    pub region: Arc<DefaultRegion>,
}

trait Blame<T> {
    fn blame(self, about: About) -> Result<T, Misfit>;
}

impl<T> Blame<T> for Result<T> {
    fn blame(self, about: About) -> Result<T, Misfit> {
        self.map_err(|failure| Misfit { about, failure })
    }
}

impl Settings {
    /// Returns the HTTP client of all calls.
    ///
    /// # Errors
    /// The CA bundle or a proxy is not valid.
    pub(super) fn http(&self) -> Result<SharedHttpClient, Misfit> {
        self.transport.trust().blame(About::Trust)?;
        self.transport.client().blame(About::Proxy)
    }

    /// Resolves regions, credentials and endpoints as the SDK does, with the HTTP client `http`. It makes no calls.
    ///
    /// # Errors
    /// A setting that cannot be applied.
    pub(super) async fn load(&self, http: SharedHttpClient) -> Result<Loaded, Misfit> {
        let profiles = Profiles::read(&self.files, self.source.profile.as_deref()).await.blame(About::Files)?;
        if self.needs_profile() {
            profiles.check().blame(About::Profile)?;
        }
        let retries = self.retries(&profiles).blame(About::Files)?;
        self.check_kinds_of_endpoints(&profiles).blame(About::Files)?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
            .operation_attempt_timeout(Duration::from_secs(ATTEMPT_SECONDS))
            .operation_timeout(Duration::from_secs(CALL_SECONDS))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .retry_config(retries.clone())
            .timeout_config(timeouts.clone())
            .profile_files(profiles.files())
            .profile_name(profiles.name())
            .identity_cache(IdentityCache::lazy().load_timeout(Duration::from_secs(CREDENTIALS_SECONDS)).build());
        if let Ok(name) = AppName::new(concat!("terraform-provider-guardduty-", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        if let Some(is_on) = self.use_fips {
            loader = loader.use_fips(is_on);
        }
        if let Some(is_on) = self.use_dual_stack {
            loader = loader.use_dual_stack(is_on);
        }
        let region = Arc::new(self.region(&profiles, &http).blame(About::Region)?);
        let named = region.if_known().map(str::to_owned);
        // Without a region, the SDK would request it from the machine, more than once. Each client gets its own region.
        // This one is for the requests of the SDK itself: STS, for the role of a profile.
        let region_of_sts = Region::new(self.sts_region.clone().or(named).unwrap_or_else(|| STS_REGION.to_owned()));
        let config = loader.region(region_of_sts.clone()).load().await;
        for service in Service::ALL.into_iter().filter(|service| !self.endpoints.contains_key(service.name)) {
            check_surroundings(service, &config).blame(About::Files)?;
        }
        let of_sts = config_of(Service::STS, &config, &self.endpoints);
        let sts = Sts { config: of_sts, region: self.sts_region.clone(), default: region.clone() };
        let surroundings = ProviderConfig::empty()
            .with_http_client(http)
            .with_region(Some(region_of_sts))
            .with_use_fips(sts.config.use_fips())
            .with_use_dual_stack(sts.config.use_dual_stack())
            .with_retry_config(retries)
            .with_timeout_config(timeouts);
        let surroundings = match config.sleep_impl() {
            Some(sleep) => surroundings.with_sleep_impl(sleep),
            None => surroundings,
        };
        let (base, place) = self.base(&profiles, &config, &surroundings).await;
        let gate = Gate::new(base, &place, &self.source, sts, self.accounts.clone());
        let config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(gate.clone())).build();
        Ok(Loaded { config, gate, region })
    }

    /// Returns the source of the default region. As in hashicorp/aws, the region of an EC2 instance is only requested
    /// if the credentials may be those of the instance too.
    fn region(&self, profiles: &Profiles, http: &SharedHttpClient) -> Result<DefaultRegion> {
        match &self.region {
            RegionSetting::Is(region) => return Ok(DefaultRegion::Is(region.clone())),
            RegionSetting::NotKnownYet => return Ok(DefaultRegion::NotKnownYet),
            RegionSetting::OfEnvironment => {}
        }
        let variable = |name| env::var(name).ok().filter(|region: &String| !region.is_empty());
        let of_variable = |name| variable(name).map(|region| (name, region));
        let of_profile = || profiles.setting("region").map(|region| ("the profile", region.to_owned()));
        let named = of_variable("AWS_REGION").or_else(|| of_variable("AWS_DEFAULT_REGION")).or_else(of_profile);
        if let Some((place, region)) = named {
            let checked = self.check_region(&region);
            return checked
                .map(|()| DefaultRegion::Is(region))
                .map_err(|failure| failure.detail(format!("It comes from {place}.")));
        }
        let has_credentials = self.source.profile.is_some() || !self.needs_profile();
        if has_credentials || variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
            return Ok(DefaultRegion::Nowhere);
        }
        Ok(DefaultRegion::of_machine(ProviderConfig::without_region().with_http_client(http.clone())))
    }

    /// Returns whether the credentials must come from a profile.
    fn needs_profile(&self) -> bool {
        let has_keys = self.source.keys.is_some() || self.source.web_identity.is_some();
        self.source.profile.is_some() || !(has_keys || env::var_os("AWS_ACCESS_KEY_ID").is_some())
    }

    /// Returns the source of the first credentials. A profile in the block takes precedence over keys in the
    /// environment, which may belong to another account.
    async fn base(
        &self,
        profiles: &Profiles,
        config: &SdkConfig,
        surroundings: &ProviderConfig,
    ) -> (SharedCredentialsProvider, Place) {
        let (of_profile, fault) = (profiles.advice(), profiles.fault().map(|fault| fault.reason));
        if let Some(keys) = &self.source.keys {
            let keys = Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "provider block");
            let place = Place { what: "the provider block".to_owned(), advice: String::new(), fault: None };
            return (SharedCredentialsProvider::new(keys), place);
        }
        if let Some(profile) = &self.source.profile {
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(surroundings)
                .profile_files(profiles.files())
                .profile_name(profile)
                .build();
            let what = format!("the profile {profile:?} of {}", profiles.places());
            return (SharedCredentialsProvider::new(provider), Place { what, advice: of_profile, fault });
        }
        let what = format!(
            "the provider block, the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile {:?} of {}, the \
             token of AWS_WEB_IDENTITY_TOKEN_FILE, or the role of a container or an EC2 instance",
            profiles.name(),
            profiles.places()
        );
        let advice = format!("Set `profile` in the provider block, or AWS_PROFILE, or keys. {of_profile}");
        let chain = match config.credentials_provider() {
            Some(chain) => chain,
            None => SharedCredentialsProvider::new(DefaultCredentialsChain::builder().build().await),
        };
        (chain, Place { what, advice, fault })
    }

    /// Checks that the region exists. A name that only has the form of a region causes a warning.
    ///
    /// # Errors
    /// The region does not exist.
    pub fn check_region(&self, region: &str) -> Result<()> {
        if self.is_any_region {
            return Ok(());
        }
        match regions::judge(region) {
            Verdict::Known => Ok(()),
            Verdict::Plausible => {
                warn(unheard_of(region));
                Ok(())
            }
            Verdict::Wrong(problem) => Err(Failure::new(format!("there is no AWS region {region:?}")).detail(problem)),
        }
    }

    /// Checks that booleans in the environment or the profile are valid, because the SDK treats any other value as
    /// false.
    fn check_kinds_of_endpoints(&self, profiles: &Profiles) -> Result<()> {
        let fips = (self.use_fips, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        let dual_stack = (self.use_dual_stack, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
        for (_, variable, key) in [fips, dual_stack].into_iter().filter(|(of_block, ..)| of_block.is_none()) {
            let Some((place, value)) = setting(profiles, variable, key) else { continue };
            if !["true", "false"].iter().any(|word| value.trim().eq_ignore_ascii_case(word)) {
                let fault = Failure::new(format!("{place} is unusable"));
                return Err(fault.detail(format!("{value:?} is neither \"true\" nor \"false\".")));
            }
        }
        Ok(())
    }

    /// Returns the retry settings: those of the block, or otherwise of the environment, or otherwise of the profile, or
    /// otherwise about ten attempts.
    fn retries(&self, profiles: &Profiles) -> Result<RetryConfig> {
        let setting = |variable: &str, key: &str| setting(profiles, variable, key);
        let attempts = match (self.max_retries, setting("AWS_MAX_ATTEMPTS", "max_attempts")) {
            (Some(retries), _) => retries.saturating_add(1),
            (None, Some((place, value))) => match value.trim().parse() {
                Ok(count @ 1..) => count,
                _ => {
                    return Err(Failure::new(format!("{place} is unusable"))
                        .detail(format!("{value:?} is not a whole number from 1.")));
                }
            },
            (None, None) => ATTEMPTS,
        };
        let mode = match (self.retry_mode, setting("AWS_RETRY_MODE", "retry_mode")) {
            (Some(mode), _) => mode,
            (None, Some((place, value))) => match value.trim().to_lowercase().as_str() {
                "standard" | "legacy" => RetryMode::Standard,
                "adaptive" => RetryMode::Adaptive,
                _ => {
                    return Err(Failure::new(format!("{place} is unusable"))
                        .detail(format!("{value:?} is neither \"standard\" nor \"adaptive\".")));
                }
            },
            (None, None) => RetryMode::Standard,
        };
        let retries = RetryConfig::standard().with_retry_mode(mode).with_max_attempts(attempts);
        Ok(retries.with_max_backoff(Duration::from_secs(PAUSE_SECONDS)))
    }
}

/// Returns the value of the environment, or otherwise of the profile, and its source.
fn setting(profiles: &Profiles, variable: &str, key: &str) -> Option<(String, String)> {
    let of_profile = || profiles.setting(key).map(|value| (format!("`{key}` of the profile"), value.to_owned()));
    let of_environment = env::var(variable).ok().filter(|value| !value.is_empty());
    of_environment.map(|value| (variable.to_owned(), value)).or_else(of_profile)
}

/// Returns the warning about a region that this provider does not know.
pub fn unheard_of(region: &str) -> Diagnostic {
    Diagnostic::warning(format!("the region {region:?} is not known to this version of the provider"))
        .detail("It has the form of one, and is used as it is.")
}

#[cfg(test)]
mod tests;
