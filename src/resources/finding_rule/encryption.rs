//! Whether EventBridge may use the key that encrypts a topic or a queue. Where it may not, nothing arrives and nothing
//! tells.

use serde_json::Value as Json;
use tfplugin::{Diagnostic, Path};

use super::kind::Kind;
use super::target::Target;
use crate::aws::Aws;
use crate::aws::arn::Arn;
use crate::aws::policies::Holder;
use crate::findings::permissions;

/// What EventBridge does with the key.
const ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// The warnings about the keys of a target and its dead-letter queue. What can't be read is no fault of the rule, so it
/// is only logged.
pub async fn check(aws: &Aws, account: &str, target: &Target, at: &Path) -> Vec<Diagnostic> {
    let arns =
        [(Some(&target.arn), Target::ARN.name()), (target.dead_letter_arn.as_ref(), Target::DEAD_LETTER_ARN.name())];
    let mut warnings = Vec::new();
    for (arn, attribute) in arns.into_iter().filter_map(|(arn, attribute)| Some((arn?, attribute))) {
        let own = Arn::parse(arn).filter(|parsed| parsed.account == account);
        let (Some(parsed), Ok((kind, _))) = (own, Kind::of(arn)) else { continue };
        if let Some(problem) = problem(aws, kind, arn, parsed).await {
            let warning = Diagnostic::warning(format!("EventBridge can't deliver to the encrypted {arn}"));
            warnings.push(warning.at(at.attribute(attribute)).detail(problem));
        }
    }
    warnings
}

async fn problem(aws: &Aws, kind: Kind, arn: &str, parsed: Arn<'_>) -> Option<String> {
    let holder = match kind {
        Kind::Topic => Holder::Topic(arn),
        Kind::Queue => Holder::Queue(arn),
        _ => return None,
    };
    let key = aws.encryption_key(holder).await;
    let key = key.inspect_err(|failure| tracing::info!(%failure, arn, "its key can't be told")).ok()??;
    if key.contains("alias/aws/") {
        let key_of = format!("It is encrypted with {key}, the key of the service, which EventBridge may never use.");
        return Some(format!(
            "{key_of}\nEncrypt it with a key of your own whose policy has the statement\n{}",
            statement()
        ));
    }
    let policy = key_policy(aws, parsed.region, &key).await?;
    let problem = format!("The policy of the key {key} lets events.amazonaws.com not in. Add to it\n{}", statement());
    (!admits(&policy)).then_some(problem)
}

fn statement() -> String {
    permissions::key_statement("AllowEventBridge").to_string()
}

async fn key_policy(aws: &Aws, region: &str, key: &str) -> Option<Json> {
    let client = aws.kms(region);
    // GetKeyPolicy takes no alias.
    let key = match key.starts_with("alias/") || key.contains(":alias/") {
        true => client.describe_key().key_id(key).send().await.ok()?.key_metadata?.key_id,
        false => key.to_owned(),
    };
    let found = client.get_key_policy().key_id(key).policy_name("default").send().await;
    let found = found.inspect_err(|error| tracing::info!(%error, "the key's policy can't be read")).ok()?;
    serde_json::from_str(found.policy()?).ok()
}

/// Whether the policy allows EventBridge what it does. Conditions are taken to hold.
fn admits(policy: &Json) -> bool {
    let statements = list(&policy["Statement"]);
    ACTIONS.iter().all(|action| statements.iter().any(|statement| allows(statement, action)))
}

fn allows(statement: &Json, action: &str) -> bool {
    let principal = &statement["Principal"];
    let names_service = list(&principal["Service"]).iter().any(|service| *service == "events.amazonaws.com");
    let is_anyone = *principal == "*" || list(&principal["AWS"]).iter().any(|principal| *principal == "*");
    let patterns = list(&statement["Action"]);
    let covers = |pattern: &&Json| {
        pattern
            .as_str()
            .is_some_and(|pattern| crate::findings::glob::matches(&pattern.to_lowercase(), &action.to_lowercase()))
    };
    statement["Effect"] == "Allow" && (names_service || is_anyone) && patterns.iter().any(covers)
}

/// The items of a list; of anything else, that one.
fn list(value: &Json) -> Vec<&Json> {
    match value {
        Json::Null => Vec::new(),
        Json::Array(items) => items.iter().collect(),
        only => vec![only],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_admits_eventbridge_or_not() {
        let policy = |principal: Json, action: Json| json!({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": action}]});
        let service = json!({"Service": ["sns.amazonaws.com", "events.amazonaws.com"]});
        assert!(admits(&policy(service.clone(), json!(["kms:Decrypt", "kms:GenerateDataKey*"]))));
        assert!(admits(&policy(service.clone(), json!("kms:*"))));
        assert!(admits(&json!({"Statement": permissions::key_statement("x")})), "what we advise is enough");
        assert!(!admits(&policy(service, json!("kms:Decrypt"))));
        let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
        assert!(!admits(&policy(root, json!("kms:*"))), "a service is not in the account's root");
    }
}
