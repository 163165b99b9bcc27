//! Where each service is reached: at AWS's endpoint of its region, or at one of one's own.
//!
//! One's own is named, in this order, by `endpoints` of the provider block, by the variable AWS_ENDPOINT_URL_SERVICE or
//! the profile's `services`, and for all services by AWS_ENDPOINT_URL or the profile's `endpoint_url`. It is used as it
//! is: AWS's kinds of endpoints (FIPS 140, dual-stack) say nothing of it.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_types::origin::Origin;
use aws_types::service_config::ServiceConfigKey;

/// Endpoints by the name of a service, as in `endpoints { guardduty = "..." }`.
pub type Endpoints = BTreeMap<String, String>;

/// A service, by the names that its endpoint is found under.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// In `endpoints` of the provider block.
    pub name: &'static str,
    /// In the environment and in profiles, as AWS's own model of the service says.
    pub id: &'static str,
}

/// `config` for clients of `service`.
pub fn config_of(service: Service, config: &SdkConfig, of_block: &Endpoints) -> SdkConfig {
    let own = of_block.get(service.name).cloned().or_else(|| of_surroundings(service, config));
    let Some(own) = own.or_else(|| config.endpoint_url().map(str::to_owned)) else { return config.clone() };
    let mut config = config.to_builder().endpoint_url(own).use_fips(false).use_dual_stack(false);
    // Of this origin, the SDK doesn't look for another one.
    config.insert_origin("endpoint_url", Origin::service_config());
    config.build()
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

    const GUARDDUTY: Service = Service { name: "guardduty", id: "GuardDuty" };

    /// Variables and profile as the SDK reads them.
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
    fn the_nearest_endpoint_wins_and_is_used_as_it_is() {
        let of_block: Endpoints = [("guardduty".to_owned(), "http://block".to_owned())].into();
        let of_service = [("GuardDuty", "http://service")];
        for (of_block, of_service, of_all, expected) in [
            (of_block, of_service.as_slice(), Some("http://all"), Some("http://block")),
            (Endpoints::new(), &of_service, Some("http://all"), Some("http://service")),
            (Endpoints::new(), &[("ECS", "http://ecs")], Some("http://all"), Some("http://all")),
            (Endpoints::new(), &[("ECS", "http://ecs")], None, None),
        ] {
            let config = config_of(GUARDDUTY, &config(of_all, of_service), &of_block);
            assert_eq!(config.endpoint_url(), expected);
            let kinds = [config.use_fips(), config.use_dual_stack()];
            assert_eq!(kinds, [Some(expected.is_none()); 2], "{expected:?}");
            assert_eq!(config.get_origin("endpoint_url").is_client_config(), expected.is_some());
        }
    }
}
