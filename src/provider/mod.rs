//! The provider: its block, and the lists of its types. The only module that knows all layers.

mod all_endpoints;
mod block;
mod checks;
mod endpoints;
mod settings;

use std::env;

use tfplugin::data_source::ErasedDataSource;
use tfplugin::diagnostic::Severity;
use tfplugin::model::Data;
use tfplugin::resource::ErasedResource;
use tfplugin::schema::Object;
use tfplugin::{Diagnostic, Draft, Failure, Path, Provider, Result, Session, Value, View};

use crate::aws::{Aws, Hold};
use crate::data_sources::DATA_SOURCES;
use crate::kit::import;
use crate::resources::RESOURCES;

pub use block::Config;

/// The provider `guardduty`.
#[derive(Debug, Clone, Copy)]
pub struct GuardDuty;

impl Provider for GuardDuty {
    const NAME: &'static str = "guardduty";
    const ADDRESS: &'static str = "guardduty-rs/guardduty";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const ISSUES: &'static str = "https://github.com/guardduty-rs/terraform-provider-guardduty/issues";
    type Config = Config;
    type Client = Aws;
    const RESOURCES: &'static [&'static dyn ErasedResource<Aws>] = RESOURCES;
    const DATA_SOURCES: &'static [&'static dyn ErasedDataSource<Aws>] = DATA_SOURCES;

    fn validate(config: &View<Config>) -> Vec<Diagnostic> {
        checks::block(config, &variable)
    }

    async fn configure(config: &View<'_, Config>, session: Session) -> Result<Aws> {
        let settings = settings::settings(config, &variable)?;
        Aws::new(settings, session.stop).await.map_err(|misfit| settings::locate(misfit, config))
    }

    fn looked(aws: &Aws, id: &str) -> Option<String> {
        import::looked(aws, id)
    }

    /// Plans what all resources share: the provider's region if they set none, and all their tags.
    async fn plan(aws: &Aws, draft: &mut Draft) -> Result<()> {
        if draft.has("region") {
            match draft.configured("region") {
                Value::Null => {
                    // A region that is unknown until apply does not count as another region, so that existing objects
                    // stay where they are.
                    let known = aws.planned_region().await?.map(Value::from);
                    let before = Some(draft.prior("region")).filter(|before| !before.is_null()).cloned();
                    draft.set("region", known.or(before).unwrap_or(Value::Unknown));
                }
                given => {
                    let checked = given.as_str().map_or(Ok(()), |region| aws.check_region(region));
                    checked.map_err(|failure| failure.pointing_to(Path::root().attribute("region")))?;
                }
            }
        }
        if draft.has("tags_all") {
            let all = aws.tag_rules().plan(draft.planned("tags"));
            draft.set("tags_all", all);
            if draft.planned("tags_all") != draft.prior("tags_all") {
                refuse_default_tags(aws, draft)?;
            }
        }
        Ok(())
    }

    /// A resource that was imported or moved gets a mark of its own with the first change.
    fn planned(_: &Aws, draft: &mut Draft) {
        if draft.has("owner") && draft.is_change() && !Hold::of_state(draft.prior("owner")).is_own() {
            draft.set("owner", Value::Unknown);
        }
    }

    /// A resource that was moved from hashicorp/aws is in the region of that provider, which is the provider's region.
    /// This also applies to a resource whose `region` is an empty string, until it is read.
    async fn complete(aws: &Aws, object: &Object, state: &mut Value) {
        let is_open = state.get("region").is_null() || state.get("region").as_str() == Some("");
        if object.has("region")
            && is_open
            && let Some(region) = aws.default_region().await
        {
            state.put("region", region.into());
        }
    }
}

/// Refuses tags of `default_tags` that the service of this resource does not accept, by the rules for its own `tags`.
fn refuse_default_tags(aws: &Aws, draft: &Draft) -> Result<()> {
    let defaults = aws.tag_rules().default_tags().to_value();
    let faults = draft.faults("tags", &defaults);
    let faults: Vec<_> = faults.into_iter().filter(|fault| fault.severity == Severity::Error).map(in_block).collect();
    Failure::all(faults)
}

fn in_block(fault: Diagnostic) -> Diagnostic {
    Diagnostic::error("a tag of `default_tags` is not allowed here")
        .detail(fault.detail)
        .detail("It is a tag of each resource. Change it in `default_tags` of the provider block.")
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
