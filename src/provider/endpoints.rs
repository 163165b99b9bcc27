//! The endpoint of each service, by any of its names in the `provider` block.
//!
//! `checks` validates endpoints, and `block` has their names.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Model, Path, Value, View};

use super::block::{Config, ServiceEndpoints};
use crate::aws::transport::without_user;

/// Returns endpoints by the name that this provider uses for a service.
pub fn by_service(config: &View<Config>) -> BTreeMap<String, String> {
    named(config).into_iter().map(|named| (named.service, named.url)).collect()
}

/// Checks that no service has two endpoints. The same endpoint under two names is allowed, because configurations that
/// list all names of hashicorp/aws have it.
pub fn check(config: &View<Config>) -> Option<Diagnostic> {
    let mut seen: BTreeMap<String, Named> = BTreeMap::new();
    for this in named(config) {
        if let Some(other) = seen.get(&this.service).filter(|other| other.url != this.url) {
            let problem = format!("the endpoint of `{}` is named twice: name it once", this.service);
            // A URL with a user in it is not a valid endpoint, which is reported separately.
            let [first, second] = [&other.url, &this.url].map(|url| without_user(url));
            let detail = format!("`{}` is {first:?}, and `{}` is {second:?}.", other.name, this.name);
            return Some(Diagnostic::error(problem).at(this.path).detail(detail));
        }
        seen.insert(this.service.clone(), this);
    }
    None
}

/// An endpoint in the block.
struct Named {
    service: String,
    name: String,
    url: String,
    path: Path,
}

/// Returns all known endpoints. An empty endpoint counts as not set, as in hashicorp/aws.
fn named(config: &View<Config>) -> Vec<Named> {
    let mut all = Vec::new();
    for block in config.children(Config::ENDPOINTS).known().unwrap_or_default() {
        let Some(Value::Map(entries)) = block.to_model().map(|endpoints| endpoints.to_object()) else { continue };
        let given = entries.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        all.extend(given.filter(|(_, url)| !url.is_empty()).map(|(name, url)| Named {
            service: service(&name).to_owned(),
            path: block.location().attribute(&name),
            name,
            url,
        }));
    }
    all
}

/// Returns the name that this provider uses for the service that the block calls `name`.
fn service(name: &str) -> &str {
    let other = ServiceEndpoints::OTHER_NAMES.iter().find(|(other, _)| other.name() == name);
    other.map_or(name, |(_, own)| own.name())
}
