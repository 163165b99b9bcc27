//! The policy of a Lambda function, of which Lambda itself adds and removes single statements.

use serde_json::Value as Json;
use tfplugin::Result;

use super::statements;
use crate::aws::{Aws, Explain, Subject, error};

fn function_subject(function: &str, region: &str) -> Subject {
    Subject::new(format!("the policy of {function}"), region)
}

/// `arn:...:function:NAME:QUALIFIER` as the function's ARN and the version or alias.
fn qualified(function: &str) -> (&str, Option<&str>) {
    match function.match_indices(':').nth(6) {
        Some((at, _)) => (&function[..at], Some(&function[at + 1..])),
        None => (function, None),
    }
}

impl Aws {
    /// The statements of the function's policy that have one of these ids.
    ///
    /// # Errors
    /// What GetPolicy failed with.
    pub async fn function_statements(&self, region: &str, function: &str, ids: &[String]) -> Result<Vec<Json>> {
        let (name, qualifier) = qualified(function);
        let found = self.lambda(region).get_policy().function_name(name);
        let found = found.set_qualifier(qualifier.map(str::to_owned)).send().await;
        let found = found.if_found("read", &function_subject(function, region))?.and_then(|found| found.policy);
        let policy = found.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Json::Null);
        let is_asked = |statement: &Json| ids.iter().any(|id| statement["Sid"] == id.as_str());
        Ok(statements(&policy).into_iter().filter(is_asked).collect())
    }

    /// Lets EventBridge's rule call the function, by the statement with this id; one of the same id goes.
    ///
    /// # Errors
    /// What AddPermission failed with.
    pub async fn admit_rule(&self, region: &str, function: &str, id: &str, rule_arn: &str) -> Result<()> {
        let (name, qualifier) = qualified(function);
        for is_second in [false, true] {
            let added = self
                .lambda(region)
                .add_permission()
                .function_name(name)
                .set_qualifier(qualifier.map(str::to_owned))
                .statement_id(id)
                .action("lambda:InvokeFunction")
                .principal("events.amazonaws.com")
                .source_arn(rule_arn)
                .send()
                .await;
            match added {
                Err(error) if !is_second && error::code(&error) == "ResourceConflictException" => {
                    self.expel_rule(region, function, id).await?;
                }
                added => return added.or_fail("set", &function_subject(function, region)).map(|_| ()),
            }
        }
        Ok(())
    }

    /// Takes the statement with this id out of the function's policy. That it is gone already is no error.
    ///
    /// # Errors
    /// What RemovePermission failed with.
    pub async fn expel_rule(&self, region: &str, function: &str, id: &str) -> Result<()> {
        let (name, qualifier) = qualified(function);
        let removed = self.lambda(region).remove_permission().function_name(name).statement_id(id);
        let removed = removed.set_qualifier(qualifier.map(str::to_owned)).send().await;
        removed.if_found("set", &function_subject(function, region)).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_may_have_a_version() {
        let function = "arn:aws:lambda:us-east-1:111122223333:function:alert";
        assert_eq!(qualified(function), (function, None));
        assert_eq!(qualified(&format!("{function}:live")), (function, Some("live")));
    }
}
