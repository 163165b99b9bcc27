//! Determines whether a resource's policy already allows an EventBridge rule.
//!
//! A statement with a condition that cannot be evaluated here counts as not applicable, whether it allows or denies. A
//! statement that is then added does not affect anyone else.

use serde_json::Value;

/// The service principal of rules.
const SERVICE: &str = "events.amazonaws.com";

/// What a rule does to a target.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Action, such as `sns:Publish`.
    pub action: &'a str,
    /// ARN of the target.
    pub resource: &'a str,
    /// ARN of the rule.
    pub rule: &'a str,
    /// Account of the rule.
    pub account: &'a str,
}

/// Returns whether `policy` allows the rule to do it.
pub fn admits(policy: &Value, ask: &Ask<'_>) -> bool {
    let applies = |statement: &&Value, effect| statement["Effect"] == effect && covers(statement, ask);
    let statements = list(&policy["Statement"]);
    statements.iter().any(|statement| applies(statement, "Allow"))
        && !statements.iter().any(|statement| applies(statement, "Deny"))
}

fn covers(statement: &Value, ask: &Ask<'_>) -> bool {
    covers_principal(statement)
        && element(statement, "Action", "NotAction", |pattern| {
            is_like(&pattern.to_lowercase(), &ask.action.to_lowercase())
        })
        && element(statement, "Resource", "NotResource", |pattern| is_like(pattern, ask.resource))
        && conditions_hold(&statement["Condition"], ask)
}

fn covers_principal(statement: &Value) -> bool {
    let named = |principal: &Value| {
        let has = |kind: &str, name: &str| list(&principal[kind]).iter().any(|value| *value == name);
        *principal == "*" || has("AWS", "*") || has("Service", SERVICE) || has("Service", "*")
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => named(principal),
        (None, Some(excepted)) => statement["Effect"] == "Deny" && !named(excepted),
        (None, None) => false,
    }
}

/// Returns whether one of the patterns matches, or for an element with exceptions, none.
fn element(statement: &Value, name: &str, excepted: &str, fits: impl Fn(&str) -> bool) -> bool {
    let any = |value: &Value| list(value).iter().filter_map(|value| value.as_str()).any(&fits);
    match (statement.get(name), statement.get(excepted)) {
        (Some(patterns), _) => any(patterns),
        (None, Some(patterns)) => !any(patterns),
        (None, None) => false,
    }
}

fn conditions_hold(condition: &Value, ask: &Ask<'_>) -> bool {
    let Value::Object(operators) = condition else { return condition.is_null() };
    operators.iter().all(|(operator, keys)| {
        let Value::Object(keys) = keys else { return false };
        keys.iter().all(|(key, values)| holds(operator, key, &list(values), ask))
    })
}

/// Evaluates a condition for the values that EventBridge sends with a call: the rule and its account, over TLS.
fn holds(operator: &str, key: &str, values: &[&Value], ask: &Ask<'_>) -> bool {
    let actual = match key.to_lowercase().as_str() {
        "aws:sourcearn" => ask.rule,
        "aws:sourceaccount" => ask.account,
        "aws:securetransport" => "true",
        _ => return operator.ends_with("IfExists"),
    };
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    let texts: Vec<String> =
        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    let fits = || texts.iter().any(|pattern| is_like(pattern, actual));
    let is_equal = || texts.iter().any(|text| text == actual);
    match operator {
        "ArnEquals" | "ArnLike" | "StringLike" => fits(),
        "StringEquals" | "Bool" => is_equal(),
        "StringEqualsIgnoreCase" => texts.iter().any(|text| text.eq_ignore_ascii_case(actual)),
        "ArnNotEquals" | "ArnNotLike" | "StringNotLike" => !fits(),
        "StringNotEquals" => !is_equal(),
        _ => false,
    }
}

/// Returns whether `text` matches a pattern in which `*` matches any characters and `?` matches one.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // The part of the text that the last star has matched, so that it can match more.
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[place] => (at, place) = (at + 1, place + 1),
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                (at, place) = (star_at + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// Returns the items of a list, or any other value as a single item.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        only => vec![only],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:people";
    const ASK: Ask<'_> = Ask {
        action: "sns:Publish",
        resource: TOPIC,
        rule: "arn:aws:events:us-east-1:111122223333:rule/alert",
        account: "111122223333",
    };

    fn is_admitted(statements: &Value) -> bool {
        admits(&json!({"Version": "2012-10-17", "Statement": statements}), &ASK)
    }

    fn allowing(changes: &Value) -> Value {
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": {"Service": SERVICE},
            "Action": "sns:Publish",
            "Resource": TOPIC,
        });
        for (key, value) in changes.as_object().unwrap() {
            statement[key] = value.clone();
        }
        statement
    }

    #[test]
    fn patterns_have_stars_and_question_marks() {
        for (pattern, text) in [("*", ""), ("a*c", "abbc"), ("*b?d*", "abbcd"), ("a?", "ab"), ("a*b*", "aXbYb")] {
            assert!(is_like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", ""), ("a*c", "abcd"), ("a?", "a"), ("*b", "abc"), ("", "a")] {
            assert!(!is_like(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_policy_that_lets_the_rule_in_is_recognised() {
        for changes in [
            json!({}),
            json!({"Principal": "*", "Action": "SNS:*", "Resource": "*"}),
            json!({"Principal": {"Service": ["cloudwatch.amazonaws.com", SERVICE]}, "Action": ["sns:Publish"]}),
            json!({"Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"}}}),
            json!({"Condition": {"ArnLike": {"aws:SourceArn": ["x", "arn:aws:events:*:111122223333:rule/*"]}}}),
            json!({"Condition": {"Bool": {"aws:SecureTransport": true}}}),
        ] {
            assert!(is_admitted(&json!([allowing(&changes)])), "{changes}");
        }
    }

    #[test]
    fn a_policy_that_does_not_is_told_from_it() {
        for changes in [
            json!({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}),
            json!({"Action": "sns:Subscribe"}),
            json!({"Resource": "arn:aws:sns:us-east-1:111122223333:other"}),
            json!({"Effect": "Deny"}),
            json!({"Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/other"}}}),
            json!({"Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}}),
            // The default policy of a topic is limited to principals of its own account in this way.
            json!({"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}}}),
        ] {
            assert!(!is_admitted(&json!([allowing(&changes)])), "{changes}");
        }
        assert!(!is_admitted(&Value::Null));
    }

    #[test]
    fn a_deny_that_bites_counts() {
        let deny = |changes: Value| {
            let mut statement = allowing(&changes);
            statement["Effect"] = json!("Deny");
            json!([allowing(&json!({})), statement])
        };
        assert!(!is_admitted(&deny(json!({"Principal": "*"}))));
        assert!(is_admitted(&deny(json!({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}))));
        let mut excepting = deny(json!({}));
        excepting[1] = json!({"Effect": "Deny", "NotPrincipal": {"Service": SERVICE}, "NotAction": "sns:Subscribe", "Resource": "*"});
        assert!(is_admitted(&excepting), "the service is excepted");
        excepting[1] = json!({"Effect": "Deny", "Principal": "*", "NotAction": "sns:Subscribe", "Resource": "*"});
        assert!(!is_admitted(&excepting));
        let other = json!({"Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}});
        assert!(is_admitted(&deny(other)));
    }
}
