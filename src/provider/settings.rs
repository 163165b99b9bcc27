//! Converts the `provider` block to the settings of calls.
//!
//! Where calls go and who makes them must be known at plan. The region and the tags can be unknown.

use aws_config::retry;
use tfplugin::{Failure, Key, Known, Model, Path, Result, Set, View};

use super::block::{AssumeRole, AssumeRoleWithWebIdentity as WebIdentity, Config, DefaultTags, IgnoreTags, RetryMode};
use super::checks::is_empty;
use super::endpoints;
use crate::aws::account::AccountRules;
use crate::aws::credentials::{self, Keys, Role, Source, Token};
use crate::aws::profiles::Files;
use crate::aws::tags::TagRules;
use crate::aws::transport::{Metadata, Transport};
use crate::aws::{About, Misfit, RegionSetting, Settings};

/// Returns the settings of the block. `variable` reads the environment, for the values that a web identity leaves to
/// it.
///
/// # Errors
/// Values that must be known at plan and are not.
pub fn settings(config: &View<Config>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Settings> {
    Failure::all(unknown(config))?;
    let list = |key: Key<Config, Vec<String>>| config.get(key).known().unwrap_or_default();
    let accounts = |key: Key<Config, Set<String>>| config.get(key).known().map(|Set(ids)| ids).unwrap_or_default();
    let is_on = |key: Key<Config, bool>| config.get(key).known().unwrap_or_default();
    Ok(Settings {
        region: match config.get(Config::REGION) {
            Known::Known(region) if !region.is_empty() => RegionSetting::Is(region),
            Known::Known(_) | Known::Null => RegionSetting::OfEnvironment,
            Known::Unknown => RegionSetting::NotKnownYet,
        },
        is_any_region: is_on(Config::SKIP_REGION_VALIDATION),
        sts_region: text(config, Config::STS_REGION),
        source: source(config, variable),
        files: Files { config: list(Config::SHARED_CONFIG_FILES), credentials: list(Config::SHARED_CREDENTIALS_FILES) },
        accounts: AccountRules {
            allowed: accounts(Config::ALLOWED_ACCOUNT_IDS),
            forbidden: accounts(Config::FORBIDDEN_ACCOUNT_IDS),
            is_never_asked: is_on(Config::SKIP_REQUESTING_ACCOUNT_ID),
        },
        transport: Transport {
            http_proxy: config.get(Config::HTTP_PROXY).known(),
            https_proxy: config.get(Config::HTTPS_PROXY).known(),
            no_proxy: config.get(Config::NO_PROXY).known(),
            ca_bundle: config.get(Config::CUSTOM_CA_BUNDLE).known(),
            metadata: metadata(config),
            products: list(Config::USER_AGENT),
        },
        max_retries: config.get(Config::MAX_RETRIES).known().map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
        retry_mode: config.get(Config::RETRY_MODE).known().map(|mode| match mode {
            RetryMode::Standard => retry::RetryMode::Standard,
            RetryMode::Adaptive => retry::RetryMode::Adaptive,
        }),
        use_fips: config.get(Config::USE_FIPS_ENDPOINT).known(),
        use_dual_stack: config.get(Config::USE_DUALSTACK_ENDPOINT).known(),
        endpoints: endpoints::by_service(config),
        s3_by_path: config.get(Config::S3_USE_PATH_STYLE).known(),
        tags: tag_rules(config),
    })
}

fn metadata(config: &View<Config>) -> Metadata {
    if text(config, Config::SKIP_METADATA_API_CHECK).as_deref() == Some("true") {
        return Metadata::Never;
    }
    let endpoint = text(config, Config::EC2_METADATA_SERVICE_ENDPOINT);
    let of_mode = |mode: String| match mode.eq_ignore_ascii_case("ipv6") {
        true => "http://[fd00:ec2::254]".to_owned(),
        false => "http://169.254.169.254".to_owned(),
    };
    let endpoint = endpoint.or_else(|| text(config, Config::EC2_METADATA_SERVICE_ENDPOINT_MODE).map(of_mode));
    endpoint.map_or(Metadata::OfEnvironment, Metadata::At)
}

/// Returns the failure with the path in the block that causes it, if any. The environment has no line to point to.
pub fn locate(misfit: Misfit, config: &View<Config>) -> Failure {
    let path = |key: Key<Config, String>| config.is_given(key).then(|| Path::from(key));
    let files = |key: Key<Config, Vec<String>>| config.is_given(key).then(|| Path::from(key));
    let path = match misfit.about {
        About::Files => files(Config::SHARED_CONFIG_FILES).or_else(|| files(Config::SHARED_CREDENTIALS_FILES)),
        About::Profile => path(Config::PROFILE),
        About::Region => path(Config::REGION),
        About::Trust => path(Config::CUSTOM_CA_BUNDLE),
        About::Proxy => path(Config::HTTPS_PROXY).or_else(|| path(Config::HTTP_PROXY)),
    };
    match path {
        Some(path) => misfit.failure.pointing_to(path),
        None => misfit.failure,
    }
}

/// Returns the errors for values that are unknown until apply, although a plan needs them.
fn unknown(config: &View<Config>) -> Vec<Failure> {
    const UNNEEDED: [&str; 3] = ["region", "default_tags", "ignore_tags"];
    let object = Config::object();
    let names = object.attributes.iter().map(|attribute| attribute.name);
    let names = names.chain(object.blocks.iter().map(|block| block.name)).filter(|name| !UNNEEDED.contains(name));
    // A key consists only of the name of the part, whatever its type.
    let parts = names.map(Key::<Config, ()>::new);
    parts
        .filter(|part| !config.value(*part).is_wholly_known())
        .map(|part| {
            Failure::at(part, format!("`{}` of the provider block is not known before apply", part.name())).detail(
                "A plan needs it, since it says who makes calls and where they go. Give it as a plain value, or apply \
                 what it depends on first.",
            )
        })
        .collect()
}

/// Returns a string of the block. An empty string counts as not set, as in hashicorp/aws, because modules pass on
/// variables that are not set.
fn text(config: &View<Config>, key: Key<Config, String>) -> Option<String> {
    config.get(key).known().filter(|text| !text.is_empty())
}

fn source(config: &View<Config>, variable: &dyn Fn(&str) -> Option<String>) -> Source {
    let keys = text(config, Config::ACCESS_KEY).zip(text(config, Config::SECRET_KEY));
    let token = text(config, Config::TOKEN);
    let identity = config.child(Config::ASSUME_ROLE_WITH_WEB_IDENTITY).known().and_then(|block| block.to_model());
    let roles = config.children(Config::ASSUME_ROLE).known().unwrap_or_default();
    Source {
        keys: keys.map(|(id, secret)| Keys { id, secret, token }),
        profile: text(config, Config::PROFILE),
        web_identity: identity.and_then(|identity| web_identity(identity, variable)),
        roles: roles.iter().filter(|block| !is_empty(block)).filter_map(View::to_model).filter_map(role).collect(),
    }
}

/// A block without a role or a token was refused before.
fn role(block: AssumeRole) -> Option<Role> {
    Some(Role {
        arn: block.role_arn.filter(|arn| !arn.is_empty())?,
        duration: block.duration,
        external_id: block.external_id,
        policy: block.policy,
        policy_arns: block.policy_arns.unwrap_or_default().0,
        session_name: block.session_name,
        source_identity: block.source_identity,
        tags: block.tags.unwrap_or_default(),
        transitive_tag_keys: block.transitive_tag_keys.unwrap_or_default().0,
    })
}

fn web_identity(block: WebIdentity, variable: &dyn Fn(&str) -> Option<String>) -> Option<credentials::WebIdentity> {
    let file = || block.web_identity_token_file.or_else(|| variable("AWS_WEB_IDENTITY_TOKEN_FILE"));
    Some(credentials::WebIdentity {
        role: Role {
            arn: block.role_arn.filter(|arn| !arn.is_empty()).or_else(|| variable("AWS_ROLE_ARN"))?,
            duration: block.duration,
            policy: block.policy,
            policy_arns: block.policy_arns.unwrap_or_default().0,
            session_name: block.session_name.or_else(|| variable("AWS_ROLE_SESSION_NAME")),
            ..Role::default()
        },
        token: match block.web_identity_token {
            Some(token) => Token::Text(token),
            None => Token::File(file()?),
        },
    })
}

fn tag_rules(config: &View<Config>) -> TagRules {
    let ignored = config.child(Config::IGNORE_TAGS).known();
    let list = |key| ignored.as_ref().and_then(|block| block.get(key).known()).map(|keys: Set<String>| keys.0);
    let defaults = config.child(Config::DEFAULT_TAGS).known().map(|block| block.get(DefaultTags::TAGS));
    let are_ignored_known = config.value(Config::IGNORE_TAGS).is_wholly_known();
    TagRules {
        is_unknown: matches!(defaults, Some(Known::Unknown)) || !are_ignored_known,
        defaults: defaults
            .and_then(Known::known)
            .map(|tags| tags.given().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
            .unwrap_or_default(),
        ignored_keys: list(IgnoreTags::KEYS).unwrap_or_default(),
        ignored_prefixes: list(IgnoreTags::KEY_PREFIXES).unwrap_or_default(),
    }
}
