//! Checks a `provider` block without making calls.

use std::time::Duration;

use tfplugin::{Diagnostic, Key, Known, Set, View, validate};

use super::block::{AssumeRole, AssumeRoleWithWebIdentity as WebIdentity, Config};
use super::endpoints;
use crate::aws::account::{Account, AccountRules};
use crate::aws::arn;
use crate::aws::credentials::Role;
use crate::aws::regions::{self, Verdict};
use crate::aws::settings::unheard_of;
use crate::aws::transport::check_proxy;

/// Valid lifetimes of a role's credentials, in seconds.
const SESSION_SECONDS: std::ops::RangeInclusive<u64> = 15 * 60..=12 * 60 * 60;

/// Checks the rules of the block that involve several attributes. `variable` reads the environment.
pub fn block(config: &View<Config>, variable: &dyn Fn(&str) -> Option<String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(validate::all_or_none_of(config, &[Config::ACCESS_KEY.any(), Config::SECRET_KEY.any()]));
    found.extend(validate::requires(config, Config::TOKEN, Config::ACCESS_KEY));
    for key in [Config::REGION, Config::STS_REGION] {
        found.extend(region(config, key));
    }
    let account_lists = [Config::ALLOWED_ACCOUNT_IDS.any(), Config::FORBIDDEN_ACCOUNT_IDS.any()];
    found.extend(validate::at_most_one_of(config, &account_lists));
    found.extend(roles(config));
    if let Some(identity) = config.child(Config::ASSUME_ROLE_WITH_WEB_IDENTITY).known() {
        found.extend(web_identity(&identity, variable));
    }
    found.extend(account_of_role(config));
    found.extend(endpoints::check(config));
    if config.get(Config::INSECURE) == Known::Known(true) {
        let warning = Diagnostic::warning("`insecure` does nothing: certificates are always verified");
        let advice = "To trust a certificate authority of your own, name its certificates in `custom_ca_bundle`.";
        found.push(warning.at(Config::INSECURE).detail(advice));
    }
    found
}

fn region(config: &View<Config>, key: Key<Config, String>) -> Option<Diagnostic> {
    if config.get(Config::SKIP_REGION_VALIDATION) != Known::Null
        && config.get(Config::SKIP_REGION_VALIDATION) != Known::Known(false)
    {
        return None;
    }
    let region = config.get(key).known().filter(|region| !region.is_empty())?;
    match regions::judge(&region) {
        Verdict::Known => None,
        Verdict::Plausible => Some(unheard_of(&region).at(key)),
        Verdict::Wrong(problem) => {
            Some(Diagnostic::error(format!("invalid value for {}", key.name())).at(key).detail(problem))
        }
    }
}

fn roles(config: &View<Config>) -> Vec<Diagnostic> {
    let blocks = config.children(Config::ASSUME_ROLE).known().unwrap_or_default();
    let is_only = blocks.len() == 1;
    blocks.iter().flat_map(|block| role(block, is_only)).collect()
}

fn role(block: &View<AssumeRole>, is_only: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if is_left_out(block, AssumeRole::ROLE_ARN) {
        let problem = "`assume_role` names no role: set `role_arn`";
        found.push(if is_only && is_empty(block) {
            Diagnostic::warning(problem)
                .at(block.location().clone())
                .detail("No role is assumed. Leave the block out if that is meant.")
        } else {
            Diagnostic::error(problem).at(block.path(AssumeRole::ROLE_ARN))
        });
    }
    if let (Known::Known(tags), Known::Known(keys)) =
        (block.get(AssumeRole::TAGS), block.get(AssumeRole::TRANSITIVE_TAG_KEYS))
        && let Some(stray) = keys.iter().find(|key| !tags.contains_key(*key))
    {
        let path = block.path(AssumeRole::TRANSITIVE_TAG_KEYS);
        let problem = format!("{stray:?} is not a key of `tags`, so there is nothing that could stay.");
        found.push(tfplugin::schema::invalid(&path, &problem));
    }
    found
}

/// Returns whether the block sets nothing, such as a block whose role comes from a variable that is not set.
pub fn is_empty(block: &View<AssumeRole>) -> bool {
    use AssumeRole as A;
    let texts = [A::ROLE_ARN, A::EXTERNAL_ID, A::POLICY, A::SESSION_NAME, A::SOURCE_IDENTITY];
    let sets = [A::POLICY_ARNS, A::TRANSITIVE_TAG_KEYS];
    texts.into_iter().all(|key| is_left_out(block, key))
        && sets.into_iter().all(|key| block.value(key).is_null())
        && block.value(A::DURATION).is_null()
        && block.value(A::TAGS).is_null()
}

/// Returns whether a string is not set or empty, which mean the same.
fn is_left_out<M>(block: &View<M>, key: Key<M, String>) -> bool {
    matches!(block.get(key), Known::Null) || block.get(key) == Known::Known(String::new())
}

fn web_identity(block: &View<WebIdentity>, variable: &dyn Fn(&str) -> Option<String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if is_left_out(block, WebIdentity::ROLE_ARN) && variable("AWS_ROLE_ARN").is_none() {
        let problem = "`assume_role_with_web_identity` names no role: set `role_arn`, or the variable AWS_ROLE_ARN";
        found.push(Diagnostic::error(problem).at(block.path(WebIdentity::ROLE_ARN)));
    }
    let tokens = [WebIdentity::WEB_IDENTITY_TOKEN.any(), WebIdentity::WEB_IDENTITY_TOKEN_FILE.any()];
    found.extend(validate::at_most_one_of(block, &tokens));
    let has_none = block.get(WebIdentity::WEB_IDENTITY_TOKEN).is_null()
        && block.get(WebIdentity::WEB_IDENTITY_TOKEN_FILE).is_null();
    if has_none && variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_none() {
        let problem = "`assume_role_with_web_identity` has no token: set `web_identity_token` or \
                       `web_identity_token_file`, or the variable AWS_WEB_IDENTITY_TOKEN_FILE";
        found.push(Diagnostic::error(problem).at(block.location().clone()));
    }
    found
}

/// Checks the account in the ARN of a role, for which no call is needed.
fn account_of_role(config: &View<Config>) -> Option<Diagnostic> {
    let block = config.children(Config::ASSUME_ROLE).known()?.pop()?;
    let arn = block.get(AssumeRole::ROLE_ARN).known()?;
    let list = |key| config.get(key).known().map(|Set(accounts)| accounts).unwrap_or_default();
    let rules = AccountRules {
        allowed: list(Config::ALLOWED_ACCOUNT_IDS),
        forbidden: list(Config::FORBIDDEN_ACCOUNT_IDS),
        is_never_asked: false,
    };
    let role = Role { arn, ..Role::default() };
    let cause = rules.check(role.account()?).err()?;
    Some(Diagnostic::error(cause.reason()).at(block.path(AssumeRole::ROLE_ARN)).detail(cause.advice()))
}

/// Checks account IDs.
///
/// # Errors
/// The first ID that is not valid.
pub fn accounts(Set(ids): &Set<String>) -> Result<(), String> {
    ids.iter().try_for_each(|id| Account::check_id(id))
}

/// Checks a boolean in a string, as hashicorp/aws accepts it. An empty string counts as not set.
///
/// # Errors
/// The valid values.
pub fn yes_or_no(text: &str) -> Result<(), String> {
    let is_one = ["", "true", "false"].contains(&text);
    is_one.then_some(()).ok_or_else(|| format!("{text:?} is neither \"true\" nor \"false\"."))
}

/// Checks the protocol of the EC2 instance metadata service. An empty string counts as not set.
///
/// # Errors
/// The valid values.
pub fn protocol(text: &str) -> Result<(), String> {
    let is_one = ["", "ipv4", "ipv6"].iter().any(|one| text.eq_ignore_ascii_case(one));
    is_one.then_some(()).ok_or_else(|| format!("{text:?} is neither \"IPv4\" nor \"IPv6\"."))
}

/// Checks products for the User-Agent header.
///
/// # Errors
/// The first product that a header cannot contain.
pub fn products(products: &[String]) -> Result<(), String> {
    let is_printable = |product: &&String| product.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    match products.iter().find(|product| !is_printable(product)) {
        Some(wrong) => Err(format!("{wrong:?} can't be sent in a header: it must be printable ASCII.")),
        None => Ok(()),
    }
}

/// Checks ARNs of policies.
///
/// # Errors
/// The first ARN that is not valid.
pub fn policies(Set(arns): &Set<String>) -> Result<(), String> {
    arns.iter().try_for_each(|arn| arn::of("iam")(arn))
}

/// Checks the URL of a proxy, or an empty string. The URL is not repeated in the error, because it may contain a
/// password.
///
/// # Errors
/// The valid form.
pub fn proxy(url: &str) -> Result<(), String> {
    if url.is_empty() { Ok(()) } else { check_proxy(url).map_err(str::to_owned) }
}

/// Checks the ARN of a role. An empty string counts as not set.
///
/// # Errors
/// What the ARN is instead.
pub fn role_arn(text: &str) -> Result<(), String> {
    if text.is_empty() { Ok(()) } else { arn::of_role(text) }
}

/// Checks the lifetime of a role's credentials.
///
/// # Errors
/// The valid range.
pub fn session_duration(duration: &Duration) -> Result<(), String> {
    let is_allowed = SESSION_SECONDS.contains(&duration.as_secs());
    is_allowed.then_some(()).ok_or_else(|| "It must be from \"15m\" to \"12h\".".to_owned())
}

/// Checks a policy in JSON.
///
/// # Errors
/// The reason why it is not valid.
pub fn json(text: &str) -> Result<(), String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err("It must be a policy: an object of JSON.".to_owned()),
        Err(error) => Err(format!("It must be a policy as JSON: {error}.")),
    }
}

#[cfg(test)]
mod tests;
