//! How to reach AWS: what the `provider` block says, in the SDK's terms.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;

use super::tags::TagRules;

/// Time to open a connection, in seconds.
const CONNECT_SECONDS: u64 = 10;
/// Time for one attempt, in seconds. GuardDuty answers in under one; a server that says nothing is given up.
const ATTEMPT_SECONDS: u64 = 40;
/// Time for a call with all its attempts, in seconds.
const CALL_SECONDS: u64 = 300;
/// Longest pause between two attempts, in seconds.
const PAUSE_SECONDS: u64 = 20;

/// Endpoints by the name of a service, as in `endpoints { guardduty = "..." }`.
pub type Endpoints = BTreeMap<String, String>;

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
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Access key id, secret key and perhaps a session token.
    pub keys: Option<(String, String, Option<String>)>,
    /// How often a call is tried again.
    pub max_retries: Option<u32>,
    /// Endpoints that replace those of AWS.
    pub endpoints: Endpoints,
    /// Tags that every resource has, and tags that are somebody else's.
    pub tags: TagRules,
}

impl Settings {
    /// Resolves regions, credentials and endpoints as the SDK does. It makes no call.
    pub(super) async fn load(&self) -> SdkConfig {
        let retries = RetryConfig::standard()
            .with_max_attempts(self.max_retries.map_or(10, |retries| retries.saturating_add(1)))
            .with_max_backoff(Duration::from_secs(PAUSE_SECONDS));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
            .operation_attempt_timeout(Duration::from_secs(ATTEMPT_SECONDS))
            .operation_timeout(Duration::from_secs(CALL_SECONDS))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).retry_config(retries).timeout_config(timeouts);
        if let Ok(name) = AppName::new(concat!("terraform-provider-guardduty-", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        if let RegionSetting::Is(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some((id, secret, token)) = &self.keys {
            loader = loader.credentials_provider(Credentials::new(id, secret, token.clone(), None, "provider block"));
        }
        loader.load().await
    }
}
