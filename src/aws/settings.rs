//! How to reach AWS: what the `provider` block says, in the SDK's terms.

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

/// Time to open a connection, in seconds.
const CONNECT_SECONDS: u64 = 10;
/// Time for one attempt, in seconds. GuardDuty answers in under one; a server that says nothing is given up.
const ATTEMPT_SECONDS: u64 = 40;
/// Time for a call with all its attempts, in seconds.
const CALL_SECONDS: u64 = 300;
/// Time to get credentials, with all roles and attempts, in seconds.
const CREDENTIALS_SECONDS: u64 = 120;
/// Longest pause between two attempts, in seconds.
const PAUSE_SECONDS: u64 = 20;
/// Attempts of a call where nobody says how many.
const ATTEMPTS: u32 = 10;
/// Where STS is asked if no region is known.
pub(super) const STS_REGION: &str = "us-east-1";

/// What the `provider` block says of the region.
#[derive(Debug, Clone, Default)]
pub enum RegionSetting {
    /// Nothing: the SDK looks for it.
    #[default]
    OfEnvironment,
    /// This one.
    Is(String),
    /// One that only apply will know: that of the environment would be the wrong one.
    NotKnownYet,
}

/// What the `provider` block says; what it leaves out, the SDK finds in its environment and files.
#[derive(Clone, Default)]
pub struct Settings {
    /// Region of resources that name none.
    pub region: RegionSetting,
    /// Whether a region may have any name.
    pub is_any_region: bool,
    /// Region of AWS STS, if not that of the resources.
    pub sts_region: Option<String>,
    /// Where credentials come from.
    pub source: Source,
    /// Shared configuration files.
    pub files: Files,
    /// Which accounts may be used.
    pub accounts: AccountRules,
    /// Proxies and certificates.
    pub transport: Transport,
    /// How often a call is tried again.
    pub max_retries: Option<u32>,
    /// How it is.
    pub retry_mode: Option<RetryMode>,
    /// Whether endpoints by the standard FIPS 140 are used.
    pub use_fips: Option<bool>,
    /// Whether endpoints for IPv4 and IPv6 are used.
    pub use_dual_stack: Option<bool>,
    /// Endpoints that replace those of AWS.
    pub endpoints: Endpoints,
    /// Whether buckets of S3 are addressed by path; by default where S3 has an endpoint of one's own.
    pub s3_by_path: Option<bool>,
    /// Tags that every resource has, and tags that are somebody else's.
    pub tags: TagRules,
}

/// Which part of the settings is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The files of profiles, or a setting in the environment or in them.
    Files,
    /// The profile.
    Profile,
    /// The region.
    Region,
    /// The bundle of certificates.
    Trust,
    /// A proxy.
    Proxy,
}

/// Settings that can't be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What is at fault.
    pub about: About,
    /// Why.
    pub failure: Failure,
}

/// What calls are made with.
pub(super) struct Loaded {
    /// All but a client's own region.
    pub config: SdkConfig,
    /// Credentials and account.
    pub gate: Gate,
    /// Region of resources that name none.
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
    /// The client of all calls.
    ///
    /// # Errors
    /// That the certificates to trust, or a proxy, are unusable.
    pub(super) fn http(&self) -> Result<SharedHttpClient, Misfit> {
        self.transport.trust().blame(About::Trust)?;
        self.transport.client().blame(About::Proxy)
    }

    /// Resolves regions, credentials and endpoints as the SDK does, over the client `http`. It makes no call.
    ///
    /// # Errors
    /// What can't be followed.
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
        // Without any region the SDK would ask the machine for one, more than once. Each client is told its own.
        // This one is for what the SDK asks by itself: STS, for the role of a profile.
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

    /// Where the region of resources that name none is found. Like hashicorp/aws, an EC2 instance is asked for its own
    /// only where its credentials may be meant too.
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

    /// Whether credentials are certain to come from a profile.
    fn needs_profile(&self) -> bool {
        let has_keys = self.source.keys.is_some() || self.source.web_identity.is_some();
        self.source.profile.is_some() || !(has_keys || env::var_os("AWS_ACCESS_KEY_ID").is_some())
    }

    /// Where the first credentials come from. A profile that the block names goes before keys of the environment: they
    /// may be those of another account.
    async fn base(
        &self,
        profiles: &Profiles,
        config: &SdkConfig,
        surroundings: &ProviderConfig,
    ) -> (SharedCredentialsProvider, Place) {
        let of_profile = profiles.advice();
        if let Some(keys) = &self.source.keys {
            let keys = Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "provider block");
            let place = Place { what: "the provider block".to_owned(), advice: String::new() };
            return (SharedCredentialsProvider::new(keys), place);
        }
        if let Some(profile) = &self.source.profile {
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(surroundings)
                .profile_files(profiles.files())
                .profile_name(profile)
                .build();
            let what = format!("the profile {profile:?} of {}", profiles.places());
            return (SharedCredentialsProvider::new(provider), Place { what, advice: of_profile });
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
        (chain, Place { what, advice })
    }

    /// That there is such a region; one that only looks like one is warned of.
    ///
    /// # Errors
    /// That there is none.
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

    /// That what is left to the environment or the profile says yes or no: the SDK takes anything else for no.
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

    /// How calls are tried again: as the block says, else the environment, else the profile, else some ten times.
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

/// What the environment says, else the profile, and which of them.
fn setting(profiles: &Profiles, variable: &str, key: &str) -> Option<(String, String)> {
    let of_profile = || profiles.setting(key).map(|value| (format!("`{key}` of the profile"), value.to_owned()));
    let of_environment = env::var(variable).ok().filter(|value| !value.is_empty());
    of_environment.map(|value| (variable.to_owned(), value)).or_else(of_profile)
}

/// The warning of a region that this provider has not heard of.
pub fn unheard_of(region: &str) -> Diagnostic {
    Diagnostic::warning(format!("the region {region:?} is not known to this version of the provider"))
        .detail("It has the form of one, and is used as it is.")
}

#[cfg(test)]
mod tests;
