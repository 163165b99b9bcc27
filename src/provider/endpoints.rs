//! The endpoint of each service, by whichever of its names the `provider` block calls it.
//!
//! What may be an endpoint is said in `checks`; which names there are, in `block`.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Model, Path, Value, View};

use super::block::{Config, ServiceEndpoints};
use crate::aws::transport::without_user;

/// Endpoints by the name that a service has here.
pub fn by_service(config: &View<Config>) -> BTreeMap<String, String> {
    named(config).into_iter().map(|named| (named.service, named.url)).collect()
}

/// That no service has two endpoints. The same one under two names is one: configurations that list all names of
/// hashicorp/aws have it so.
pub fn check(config: &View<Config>) -> Option<Diagnostic> {
    let mut seen: BTreeMap<String, Named> = BTreeMap::new();
    for this in named(config) {
        if let Some(other) = seen.get(&this.service).filter(|other| other.url != this.url) {
            let problem = format!("the endpoint of `{}` is named twice: name it once", this.service);
            // A URL with a user in it is no endpoint, which is told beside this.
            let [first, second] = [&other.url, &this.url].map(|url| without_user(url));
            let detail = format!("`{}` is {first:?}, and `{}` is {second:?}.", other.name, this.name);
            return Some(Diagnostic::error(problem).at(this.path).detail(detail));
        }
        seen.insert(this.service.clone(), this);
    }
    None
}

/// An endpoint that the block has in it.
struct Named {
    service: String,
    name: String,
    url: String,
    path: Path,
}

/// All that are known. An empty one is none, as in hashicorp/aws.
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

/// What the service that the block calls `name` is called here.
fn service(name: &str) -> &str {
    let other = ServiceEndpoints::OTHER_NAMES.iter().find(|(other, _)| other.name() == name);
    other.map_or(name, |(_, own)| own.name())
}
