//! The endpoint of each service: the AWS endpoint of its region, or a custom endpoint.
//!
//! A custom endpoint is taken, in this order, from `endpoints` of the provider block, from the variable
//! AWS_ENDPOINT_URL_SERVICE or the profile's `services`, and for all services from AWS_ENDPOINT_URL or the profile's
//! `endpoint_url`. It is used unchanged: the FIPS 140 and dual-stack settings do not apply to it.

use std::collections::BTreeMap;
use std::env;

use aws_config::SdkConfig;
use aws_types::origin::Origin;
use aws_types::service_config::ServiceConfigKey;
use tfplugin::{Failure, Result};

/// Endpoints by the name of a service, as in `endpoints { guardduty = "..." }`.
pub type Endpoints = BTreeMap<String, String>;

/// A service, with the names under which its endpoint is configured.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Name in `endpoints` of the provider block.
    pub name: &'static str,
    /// Name in the environment and in profiles, as in the AWS model of the service.
    pub id: &'static str,
}

impl Service {
    /// GuardDuty.
    pub const GUARDDUTY: Self = Service { name: "guardduty", id: "GuardDuty" };
    /// ECS.
    pub const ECS: Self = Service { name: "ecs", id: "ECS" };
    /// EventBridge.
    pub const EVENTBRIDGE: Self = Service { name: "events", id: "EventBridge" };
    /// SNS.
    pub const SNS: Self = Service { name: "sns", id: "SNS" };
    /// SQS.
    pub const SQS: Self = Service { name: "sqs", id: "SQS" };
    /// Lambda.
    pub const LAMBDA: Self = Service { name: "lambda", id: "Lambda" };
    /// SFN.
    pub const SFN: Self = Service { name: "sfn", id: "SFN" };
    /// IAM.
    pub const IAM: Self = Service { name: "iam", id: "IAM" };
    /// KMS.
    pub const KMS: Self = Service { name: "kms", id: "KMS" };
    /// CloudWatch.
    pub const CLOUDWATCH: Self = Service { name: "cloudwatch", id: "CloudWatch" };
    /// CloudWatch Logs.
    pub const LOGS: Self = Service { name: "logs", id: "CloudWatch Logs" };
    /// S3.
    pub const S3: Self = Service { name: "s3", id: "S3" };
    /// STS.
    pub const STS: Self = Service { name: "sts", id: "STS" };
    /// All services that this provider calls.
    pub const ALL: [Self; 13] = [
        Self::GUARDDUTY,
        Self::ECS,
        Self::EVENTBRIDGE,
        Self::SNS,
        Self::SQS,
        Self::LAMBDA,
        Self::SFN,
        Self::IAM,
        Self::KMS,
        Self::CLOUDWATCH,
        Self::LOGS,
        Self::S3,
        Self::STS,
    ];
}

/// Returns `config` for clients of `service`.
pub fn config_of(service: Service, config: &SdkConfig, of_block: &Endpoints) -> SdkConfig {
    let own = of_block.get(service.name).cloned().or_else(|| of_surroundings(service, config));
    let Some(own) = own.or_else(|| config.endpoint_url().map(str::to_owned)) else { return config.clone() };
    let mut config = config.to_builder().endpoint_url(own).use_fips(false).use_dual_stack(false);
    // With this origin, the SDK does not look for another endpoint.
    config.insert_origin("endpoint_url", Origin::service_config());
    config.build()
}

/// Checks the URL of an endpoint, or an empty string. A URL with an @ is not repeated in the error, because it may
/// contain a password.
///
/// # Errors
/// The valid form.
pub fn check(url: &str) -> Result<(), String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split('/').next().unwrap_or_default());
    let is_clean =
        |host: &str| !host.is_empty() && !host.contains(['@', '?', '#']) && !url.contains(char::is_whitespace);
    if url.is_empty() || host.is_some_and(is_clean) {
        return Ok(());
    }
    let shown = if url.contains('@') { "one with a user in it".to_owned() } else { format!("{url:?}") };
    Err(format!("{shown} is not the URL of an endpoint: https:// or http://, a host, and perhaps a port and a path."))
}

/// Checks the endpoints in the environment and the profile. With an invalid endpoint, the SDK's error would contain the
/// whole request.
///
/// # Errors
/// The endpoint that is not valid, and where it is set.
pub fn check_surroundings(service: Service, config: &SdkConfig) -> Result<()> {
    let variables =
        [format!("AWS_ENDPOINT_URL_{}", service.id.to_uppercase().replace(' ', "_")), "AWS_ENDPOINT_URL".into()];
    let Some(url) = of_surroundings(service, config).or_else(|| config.endpoint_url().map(str::to_owned)) else {
        return Ok(());
    };
    let variable = variables.into_iter().find(|name| env::var(name).is_ok_and(|own| own == url));
    let place = variable.unwrap_or_else(|| "`endpoint_url` of the profile".to_owned());
    check(&url).map_err(|problem| Failure::new(format!("{place} is unusable")).detail(problem))
}

fn of_surroundings(service: Service, config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id(service.id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    config.service_config()?.load_config(key.build().ok()?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_types::service_config::LoadServiceConfig;

    use super::*;

    /// Variables and profile, as the SDK reads them.
    #[derive(Debug)]
    struct Surroundings(HashMap<&'static str, &'static str>);

    impl LoadServiceConfig for Surroundings {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            self.0.get(key.service_id()).map(|endpoint| (*endpoint).to_owned())
        }
    }

    fn config(of_all: Option<&str>, of_service: &[(&'static str, &'static str)]) -> SdkConfig {
        let surroundings = Surroundings(of_service.iter().copied().collect());
        let mut config = SdkConfig::builder().service_config(surroundings).use_fips(true).use_dual_stack(true);
        config.set_endpoint_url(of_all.map(str::to_owned));
        config.build()
    }

    #[test]
    fn an_endpoint_is_a_url_with_a_host() {
        assert_eq!((check(""), check("https://guardduty.example.com:8443/api")), (Ok(()), Ok(())));
        for wrong in ["localhost:4566", "http://", "https:///path", "http://a b", "http://me:pw@host"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert!(!check("http://me:pw@host").unwrap_err().contains("pw"));
    }

    #[test]
    fn an_endpoint_of_the_surroundings_must_be_one() {
        for wrong in ["localhost:4566", "http://", "ftp://x", "http://me:pAsSwOrD@x"] {
            let told = check_surroundings(Service::ECS, &config(None, &[("ECS", wrong)])).unwrap_err().to_string();
            assert!(
                told.starts_with("`endpoint_url` of the profile is unusable") && !told.contains("pAsSwOrD"),
                "{told}"
            );
            assert!(check_surroundings(Service::ECS, &config(Some(wrong), &[])).is_err(), "{wrong}");
            assert_eq!(check_surroundings(Service::SNS, &config(None, &[("ECS", wrong)])), Ok(()));
        }
        assert_eq!(check_surroundings(Service::ECS, &config(Some("https://x"), &[])), Ok(()));
    }

    #[test]
    fn the_nearest_endpoint_wins_and_is_used_as_it_is() {
        let of_block: Endpoints = [("guardduty".to_owned(), "http://block".to_owned())].into();
        let of_service = [("GuardDuty", "http://service")];
        for (of_block, of_service, of_all, expected) in [
            (of_block, of_service.as_slice(), Some("http://all"), Some("http://block")),
            (Endpoints::new(), &of_service, Some("http://all"), Some("http://service")),
            (Endpoints::new(), &[("ECS", "http://ecs")], Some("http://all"), Some("http://all")),
            (Endpoints::new(), &[("ECS", "http://ecs")], None, None),
        ] {
            let config = config_of(Service::GUARDDUTY, &config(of_all, of_service), &of_block);
            assert_eq!(config.endpoint_url(), expected);
            let kinds = [config.use_fips(), config.use_dual_stack()];
            assert_eq!(kinds, [Some(expected.is_none()); 2], "{expected:?}");
            assert_eq!(config.get_origin("endpoint_url").is_client_config(), expected.is_some());
        }
    }
}
