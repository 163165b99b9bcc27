//! Checks whether a topic or queue accepts what EventBridge sends: whether EventBridge may use the key that encrypts
//! it, and whether a FIFO queue works without deduplication IDs. If not, events are lost without any error.

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value as Json;
use tfplugin::{Diagnostic, Path};

use super::kind::Kind;
use super::target::Target;
use crate::aws::Aws;
use crate::aws::arn::Arn;
use crate::aws::policies::Holder;
use crate::findings::permissions;

/// Actions of EventBridge on the key.
const ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// Returns warnings about the keys of a target and its dead-letter queue. Failures to read them are not the rule's
/// fault, so they are only logged.
pub async fn check(aws: &Aws, account: &str, target: &Target, at: &Path) -> Vec<Diagnostic> {
    let arns =
        [(Some(&target.arn), Target::ARN.name()), (target.dead_letter_arn.as_ref(), Target::DEAD_LETTER_ARN.name())];
    let mut warnings = Vec::new();
    for (arn, attribute) in arns.into_iter().filter_map(|(arn, attribute)| Some((arn?, attribute))) {
        let own = Arn::parse(arn).filter(|parsed| parsed.account == account);
        let (Some(parsed), Ok((kind, _))) = (own, Kind::of(arn)) else { continue };
        if let Some(problem) = problem(aws, kind, arn, &parsed).await {
            let warning = Diagnostic::warning(format!("EventBridge can't deliver to the encrypted {arn}"));
            warnings.push(warning.at(at.attribute(attribute)).detail(problem));
        }
        if kind == Kind::Queue && arn.ends_with(".fifo") && deduplicates(aws, &parsed).await == Some(false) {
            let warning = Diagnostic::warning(format!("EventBridge can't deliver to the FIFO queue {arn}"));
            let detail = "It sends no deduplication ID, so the queue must have content-based deduplication. Set \
                          `content_based_deduplication = true` on the queue.";
            warnings.push(warning.at(at.attribute(attribute)).detail(detail));
        }
    }
    warnings
}

/// Returns whether a FIFO queue has content-based deduplication, or `None` if that cannot be read.
async fn deduplicates(aws: &Aws, queue: &Arn<'_>) -> Option<bool> {
    let url = aws.queue_url(queue.region, queue.resource).await.ok()??;
    let name = QueueAttributeName::ContentBasedDeduplication;
    let read = aws.sqs(queue.region).get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await;
    let read = read.inspect_err(|error| tracing::info!(%error, "the queue's attributes can't be read")).ok()?;
    Some(read.attributes().and_then(|attributes| attributes.get(&name)).is_some_and(|value| value == "true"))
}

async fn problem(aws: &Aws, kind: Kind, arn: &str, parsed: &Arn<'_>) -> Option<String> {
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
    policy_problem(&policy, kind).map(|problem| format!("The policy of KMS key {key} {problem}"))
}

/// Returns what in a key policy prevents EventBridge from using the key for targets of this kind.
fn policy_problem(policy: &Json, kind: Kind) -> Option<String> {
    let statements = list(&policy["Statement"]);
    let affecting = |effect: &'static str, action: &'static str| {
        statements.iter().filter(move |statement| statement["Effect"] == effect && concerns(statement, action))
    };
    if let Some(denying) = ACTIONS.iter().find_map(|action| affecting("Deny", action).next()) {
        return Some(format!(
            "has a statement that may deny EventBridge (events.amazonaws.com) to use it. Except EventBridge from it:\n{denying}"
        ));
    }
    let allows = |action: &&'static str, has_condition: bool| {
        affecting("Allow", action).any(|statement| has_condition || !is_bound_to_source(statement, kind))
    };
    if !ACTIONS.iter().all(|action| allows(action, true)) {
        let statement = statement();
        return Some(format!(
            "does not allow EventBridge (events.amazonaws.com) to use it. Add this statement:\n{statement}"
        ));
    }
    let statement = statement();
    (!ACTIONS.iter().all(|action| allows(action, false))).then(|| {
        format!(
            "allows EventBridge (events.amazonaws.com) to use it under a condition on aws:SourceAccount or aws:SourceArn, \
             which EventBridge does not support for encrypted topics. Allow it without the condition:\n{statement}"
        )
    })
}

/// Returns whether a statement has a condition that EventBridge never meets, because it does not send the source of
/// events that it publishes to an encrypted topic.
fn is_bound_to_source(statement: &Json, kind: Kind) -> bool {
    const KEYS: [&str; 2] = ["aws:sourceaccount", "aws:sourcearn"];
    let operators = statement["Condition"].as_object().into_iter().flat_map(|operators| operators.values());
    let mut keys = operators.filter_map(Json::as_object).flat_map(|entries| entries.keys());
    kind == Kind::Topic && keys.any(|key| KEYS.contains(&key.to_lowercase().as_str()))
}

fn statement() -> String {
    permissions::key_statement("AllowEventBridge").to_string()
}

async fn key_policy(aws: &Aws, region: &str, key: &str) -> Option<Json> {
    let client = aws.kms(region);
    // GetKeyPolicy does not accept an alias.
    let key = match key.starts_with("alias/") || key.contains(":alias/") {
        true => client.describe_key().key_id(key).send().await.ok()?.key_metadata?.key_id,
        false => key.to_owned(),
    };
    let found = client.get_key_policy().key_id(key).policy_name("default").send().await;
    let found = found.inspect_err(|error| tracing::info!(%error, "the key's policy can't be read")).ok()?;
    serde_json::from_str(found.policy()?).ok()
}

/// Returns whether a statement applies to EventBridge and this action. A Deny with `NotPrincipal` applies to
/// EventBridge unless it is listed. A Deny whose condition excepts AWS services does not apply.
fn concerns(statement: &Json, action: &str) -> bool {
    let names = |principals: &Json| list(principals).iter().any(|service| *service == "events.amazonaws.com");
    let excepted = &statement["NotPrincipal"];
    if !excepted.is_null() {
        return statement["Effect"] == "Deny" && !names(&excepted["Service"]) && covers(statement, action);
    }

    let principal = &statement["Principal"];
    let is_anyone = *principal == "*" || list(&principal["AWS"]).iter().any(|principal| *principal == "*");
    (names(&principal["Service"]) || is_anyone && !excepts_services(statement)) && covers(statement, action)
}

/// Returns whether the condition of a Deny for any principal limits it to principals of accounts.
fn excepts_services(statement: &Json) -> bool {
    const KEYS: [&str; 3] = ["aws:principalisawsservice", "aws:principalservicename", "kms:viaservice"];
    let condition = statement["Condition"].to_string().to_lowercase();
    statement["Effect"] == "Deny" && KEYS.iter().any(|key| condition.contains(key))
}

fn covers(statement: &Json, action: &str) -> bool {
    let is_of = |patterns: &Json| {
        list(patterns)
            .iter()
            .filter_map(|pattern| pattern.as_str())
            .any(|pattern| crate::findings::glob::matches(&pattern.to_lowercase(), &action.to_lowercase()))
    };
    match &statement["NotAction"] {
        Json::Null => is_of(&statement["Action"]),
        others => !is_of(others),
    }
}

/// Returns the items of a list, or any other value as a single item.
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
        let admits = |policy: &Json| policy_problem(policy, Kind::Topic).is_none();
        let service = json!({"Service": ["sns.amazonaws.com", "events.amazonaws.com"]});
        assert!(admits(&policy(service.clone(), json!(["kms:Decrypt", "kms:GenerateDataKey*"]))));
        assert!(admits(&policy(service.clone(), json!("kms:*"))));
        assert!(admits(&json!({"Statement": permissions::key_statement("x")})), "what we advise is enough");
        assert!(!admits(&policy(service, json!("kms:Decrypt"))));
        let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
        assert!(!admits(&policy(root, json!("kms:*"))), "a service is not in the account's root");
    }

    #[test]
    fn denials_and_conditions_are_told() {
        let allow = permissions::key_statement("x");
        let with = |other: Json| json!({"Statement": [allow.clone(), other]});
        let told = |policy: &Json| policy_problem(policy, Kind::Topic).unwrap_or_default();
        let deny =
            |principal: Json| json!({"Effect": "Deny", "Principal": principal, "Action": "kms:*", "Resource": "*"});
        assert!(told(&with(deny(json!("*")))).contains("may deny EventBridge"));
        assert!(told(&with(deny(json!({"Service": "events.amazonaws.com"})))).contains("may deny EventBridge"));
        assert_eq!(told(&with(deny(json!({"AWS": "arn:aws:iam::111122223333:role/r"})))), "");
        let mut people = deny(json!({"AWS": "*"}));
        people["Condition"] = json!({"Bool": {"aws:PrincipalIsAWSService": "false"}});
        assert_eq!(told(&with(people)), "");
        let not = json!({"Effect": "Deny", "NotPrincipal": {"Service": "events.amazonaws.com"}, "Action": "kms:*"});
        assert_eq!(told(&with(not)), "");
        let other = json!({"Effect": "Deny", "Principal": "*", "NotAction": ["kms:Decrypt", "kms:GenerateDataKey*"]});
        assert_eq!(told(&with(other)), "");

        let mut bound = allow.clone();
        bound["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
        let bound = json!({"Statement": [bound]});
        assert!(told(&bound).contains("under a condition on aws:SourceAccount"), "{}", told(&bound));
        assert_eq!(policy_problem(&bound, Kind::Queue), None, "a queue takes it");
    }
}
