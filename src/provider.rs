//! The provider: its block, and the lists of what it offers. The only module that sees all layers.

use std::collections::BTreeMap;

use tfplugin::data_source::ErasedDataSource;
use tfplugin::resource::ErasedResource;
use tfplugin::schema::Object;
use tfplugin::{Diagnostic, Draft, Failure, Known, Model, Provider, Result, Session, Set, Value, View, validate};

use crate::aws::tags::TagRules;
use crate::aws::{Aws, RegionSetting, Settings};
use crate::data_sources::DATA_SOURCES;
use crate::resources::RESOURCES;

/// The provider `guardduty`.
#[derive(Debug, Clone, Copy)]
pub struct GuardDuty;

/// Makes Amazon GuardDuty protect containers on Amazon ECS and Fargate: detectors and their features, runtime
/// monitoring, threat lists, filters, alerts and automatic responses.
///
/// What the block leaves out is taken from the environment and the shared configuration files, as every AWS tool
/// does: `AWS_REGION`, `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` and so on.
#[derive(Model)]
pub struct Config {
    /// Region of resources that name none, such as `eu-central-1`.
    pub region: Option<String>,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Access key id. With it goes `secret_key`.
    pub access_key: Option<String>,
    /// Secret access key.
    #[attr(sensitive)]
    pub secret_key: Option<String>,
    /// Session token of temporary keys.
    #[attr(sensitive)]
    pub token: Option<String>,
    /// How often a call that was throttled, or failed for a passing reason, is tried again. By default 9 times.
    #[attr(validate = retries)]
    pub max_retries: Option<i64>,
    /// Tags that every taggable resource has.
    #[attr(block)]
    pub default_tags: Option<DefaultTags>,
    /// Tags that others set: they are never read, changed or removed.
    #[attr(block)]
    pub ignore_tags: Option<IgnoreTags>,
    /// Endpoints that replace those of AWS, by service.
    #[attr(block)]
    pub endpoints: Set<ServiceEndpoints>,
}

/// Tags that every taggable resource has.
#[derive(Model)]
pub struct DefaultTags {
    /// Tags by key. A resource's own tag of the same key wins.
    pub tags: Option<BTreeMap<String, String>>,
}

/// Tags that others set.
#[derive(Model)]
pub struct IgnoreTags {
    /// Keys of tags to leave alone.
    pub keys: Option<Set<String>>,
    /// Beginnings of keys of tags to leave alone.
    pub key_prefixes: Option<Set<String>>,
}

/// Endpoints by service.
#[derive(Model)]
pub struct ServiceEndpoints {
    /// Endpoint of Amazon GuardDuty.
    #[attr(validate = endpoint)]
    pub guardduty: Option<String>,
    /// Endpoint of Amazon CloudWatch.
    #[attr(validate = endpoint)]
    pub cloudwatch: Option<String>,
    /// Endpoint of Amazon ECS.
    #[attr(validate = endpoint)]
    pub ecs: Option<String>,
    /// Endpoint of Amazon EventBridge.
    #[attr(validate = endpoint)]
    pub events: Option<String>,
    /// Endpoint of AWS IAM.
    #[attr(validate = endpoint)]
    pub iam: Option<String>,
    /// Endpoint of AWS KMS.
    #[attr(validate = endpoint)]
    pub kms: Option<String>,
    /// Endpoint of AWS Lambda.
    #[attr(validate = endpoint)]
    pub lambda: Option<String>,
    /// Endpoint of Amazon CloudWatch Logs.
    #[attr(validate = endpoint)]
    pub logs: Option<String>,
    /// Endpoint of Amazon S3.
    #[attr(validate = endpoint)]
    pub s3: Option<String>,
    /// Endpoint of AWS Step Functions.
    #[attr(validate = endpoint)]
    pub sfn: Option<String>,
    /// Endpoint of Amazon SNS.
    #[attr(validate = endpoint)]
    pub sns: Option<String>,
    /// Endpoint of Amazon SQS.
    #[attr(validate = endpoint)]
    pub sqs: Option<String>,
    /// Endpoint of AWS STS.
    #[attr(validate = endpoint)]
    pub sts: Option<String>,
}

impl Provider for GuardDuty {
    const NAME: &'static str = "guardduty";
    const ADDRESS: &'static str = "guardduty-rs/guardduty";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const ISSUES: &'static str = "the issue tracker of guardduty-rs/guardduty";
    type Config = Config;
    type Client = Aws;
    const RESOURCES: &'static [&'static dyn ErasedResource<Aws>] = RESOURCES;
    const DATA_SOURCES: &'static [&'static dyn ErasedDataSource<Aws>] = DATA_SOURCES;

    fn validate(config: &View<Config>) -> Vec<Diagnostic> {
        let keys = [Config::ACCESS_KEY.any(), Config::SECRET_KEY.any()];
        validate::all_or_none_of(config, &keys).into_iter().collect()
    }

    async fn configure(config: &View<'_, Config>, session: Session) -> Result<Aws> {
        Ok(Aws::new(settings(config)?, session.stop).await)
    }

    /// What all resources have in common: the provider's region where they name none, and all their tags.
    fn plan(aws: &Aws, draft: &mut Draft) -> Result<()> {
        if draft.has("region") && draft.configured("region").is_null() {
            let region = aws.default_region().map_or(Value::Unknown, Value::from);
            draft.set("region", region);
        }
        if draft.has("tags_all") {
            let all = aws.tag_rules().plan(draft.planned("tags"));
            draft.set("tags_all", all);
        }
        Ok(())
    }

    /// A resource that was moved here from hashicorp/aws is where that provider was: in the provider's region.
    fn complete(aws: &Aws, object: &Object, state: &mut Value) {
        if object.has("region")
            && state.get("region").is_null()
            && let Some(region) = aws.default_region()
        {
            state.put("region", region.into());
        }
    }
}

fn settings(config: &View<Config>) -> Result<Settings> {
    for (name, is_unknown) in [
        ("profile", config.get(Config::PROFILE).is_unknown()),
        ("access_key", config.get(Config::ACCESS_KEY).is_unknown()),
        ("secret_key", config.get(Config::SECRET_KEY).is_unknown()),
        ("token", config.get(Config::TOKEN).is_unknown()),
    ] {
        if is_unknown {
            return Err(Failure::new(format!("`{name}` of the provider block is not known before apply"))
                .detail("A plan needs credentials. Give it as a plain value, or apply what it depends on first."));
        }
    }
    let key = config.get(Config::ACCESS_KEY).known().zip(config.get(Config::SECRET_KEY).known());
    let token = config.get(Config::TOKEN).known();
    let retries = config.get(Config::MAX_RETRIES).known();
    Ok(Settings {
        region: match config.get(Config::REGION) {
            Known::Known(region) => RegionSetting::Is(region),
            Known::Null => RegionSetting::OfEnvironment,
            Known::Unknown => RegionSetting::NotKnownYet,
        },
        profile: config.get(Config::PROFILE).known(),
        keys: key.map(|(id, secret)| (id, secret, token)),
        max_retries: retries.map(|retries| u32::try_from(retries).unwrap_or(u32::MAX)),
        endpoints: endpoints(config)?,
        tags: tag_rules(config),
    })
}

fn endpoints(config: &View<Config>) -> Result<BTreeMap<String, String>> {
    let mut endpoints = BTreeMap::new();
    for block in config.children(Config::ENDPOINTS) {
        let Some(model) = block.to_model() else {
            return Err(Failure::at(Config::ENDPOINTS, "an endpoint is not known before apply")
                .detail("Endpoints decide where every call goes: give them as plain values."));
        };
        let Value::Map(entries) = model.to_object() else { continue };
        endpoints.extend(entries.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))));
    }
    Ok(endpoints)
}

fn tag_rules(config: &View<Config>) -> TagRules {
    let ignored = config.child(Config::IGNORE_TAGS);
    let list = |key| ignored.as_ref().and_then(|block| block.get(key).known()).map(|keys: Set<String>| keys.0);
    let defaults = config.child(Config::DEFAULT_TAGS).map(|block| block.get(DefaultTags::TAGS));
    TagRules {
        is_unknown: matches!(defaults, Some(Known::Unknown)),
        defaults: defaults.and_then(Known::known).unwrap_or_default(),
        ignored_keys: list(IgnoreTags::KEYS).unwrap_or_default(),
        ignored_prefixes: list(IgnoreTags::KEY_PREFIXES).unwrap_or_default(),
    }
}

fn retries(count: &i64) -> Result<(), String> {
    (0..=100).contains(count).then_some(()).ok_or_else(|| format!("{count} is not from 0 to 100."))
}

fn endpoint(url: &str) -> Result<(), String> {
    let known = url.starts_with("https://") || url.starts_with("http://");
    known.then_some(()).ok_or_else(|| format!("{url:?} must begin with https:// or http://."))
}
