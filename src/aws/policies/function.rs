//! The policy of a Lambda function. Lambda itself adds and removes its statements.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value as Json, json};
use tfplugin::Result;
use tfplugin::wait::{Limit, Next, Pauses};

use super::admission::{self, Ask};
use super::{Attempt, CHANGE_WAIT, rest, sources, statements};
use crate::aws::arn::Arn;
use crate::aws::clients::Locks;
use crate::aws::flights::Flights;
use crate::aws::iam::same_policy;
use crate::aws::meaning::Meaning;
use crate::aws::{Aws, Explain, Subject, error};

/// The action and the principal of a rule on a function.
const ACTION: &str = "lambda:InvokeFunction";
const PRINCIPAL: &str = "events.amazonaws.com";

fn function_subject(function: &str, region: &str) -> Subject {
    Subject::new(format!("the policy of {function}"), region)
}

/// Splits `arn:...:function:NAME:QUALIFIER` into the function's ARN and the version or alias.
fn qualified(function: &str) -> (&str, Option<&str>) {
    match function.match_indices(':').nth(6) {
        Some((at, _)) => (&function[..at], Some(&function[at + 1..])),
        None => (function, None),
    }
}

/// A function's policy and its revision.
#[derive(Debug, Clone, Default)]
struct FunctionPolicy {
    policy: Json,
    revision: Option<String>,
}

impl FunctionPolicy {
    fn statement(&self, id: &str) -> Option<Json> {
        statements(&self.policy).into_iter().find(|statement| statement["Sid"] == id)
    }

    /// Returns whether statements other than the one with this ID allow the rule to call the function.
    fn is_admitted_by_others(&self, id: &str, function: &str, rule: &str) -> bool {
        let mut others = self.policy.clone();
        others["Statement"] = statements(&others).into_iter().filter(|statement| statement["Sid"] != id).collect();
        let account = Arn::parse(rule).map_or("", |arn| arn.account);
        admission::admits(&others, &Ask { action: ACTION, resource: function, rule, account })
    }
}

/// The turns to change the policy of a function, and the reads in progress.
#[derive(Default)]
struct Functions {
    turns: Locks,
    reads: Flights<FunctionPolicy>,
}

/// Returns whether the statement allows exactly this rule to call the function.
fn is_for(statement: &Json, rule: &str) -> bool {
    statement["Action"] == ACTION
        && statement["Effect"] == "Allow"
        && same_policy(&statement["Principal"], &json!({"Service": PRINCIPAL}))
        && sources(statement) == [rule]
}

impl Aws {
    /// Returns the statement with this ID of the function's policy, or `wanted` if other statements allow its rule.
    ///
    /// # Errors
    /// The error of GetPolicy.
    pub async fn function_statement(
        &self,
        region: &str,
        function: &str,
        id: &str,
        wanted: Option<&Json>,
    ) -> Result<Option<Json>> {
        let found = self.function_policy(region, function).await?;
        let own = found.statement(id);
        let is_admitted =
            |wanted: &Json| sources(wanted).iter().all(|rule| found.is_admitted_by_others(id, function, rule));
        Ok(own.or_else(|| wanted.filter(|wanted| is_admitted(wanted)).cloned()))
    }

    async fn function_policy(&self, region: &str, function: &str) -> Result<FunctionPolicy> {
        let (name, qualifier) = qualified(function);
        let read = || async {
            let found = self.lambda(region).get_policy().function_name(name);
            let found = found.set_qualifier(qualifier.map(str::to_owned)).send().await;
            let Some(found) = found.if_found("read", &function_subject(function, region))? else {
                return Ok(FunctionPolicy::default());
            };
            let policy = found.policy.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Json::Null);
            Ok(FunctionPolicy { policy, revision: found.revision_id })
        };
        self.shared::<Functions>().reads.share(function, read).await
    }

    /// Allows the EventBridge rule to call the function, with a statement that has this ID. An existing statement with
    /// this ID is replaced. Nothing is added if other statements already allow the rule.
    ///
    /// # Errors
    /// The error of AddPermission.
    pub async fn admit_rule(&self, region: &str, function: &str, id: &str, rule_arn: &str) -> Result<()> {
        self.change_function(region, function, id, Some(rule_arn)).await
    }

    /// Removes the statement with this ID from the function's policy. A statement that does not exist is not an error.
    ///
    /// # Errors
    /// The error of RemovePermission.
    pub async fn expel_rule(&self, region: &str, function: &str, id: &str) -> Result<()> {
        self.change_function(region, function, id, None).await
    }

    /// Lambda can lose one of two concurrent changes, so changes take turns, name the revision that they change, and
    /// are verified afterwards.
    async fn change_function(&self, region: &str, function: &str, id: &str, rule: Option<&str>) -> Result<()> {
        let subject = function_subject(function, region);
        let is_done = |found: &FunctionPolicy| match (found.statement(id), rule) {
            (None, None) => true,
            (Some(statement), Some(rule)) => is_for(&statement, rule),
            (None, Some(rule)) => found.is_admitted_by_others(id, function, rule),
            (Some(_), None) => false,
        };
        let mut pauses = Pauses::new(Limit::new(CHANGE_WAIT));
        loop {
            let seen = match self.attempt_function(region, function, id, rule, &is_done).await? {
                Attempt::NothingToDo => return Ok(()),
                Attempt::Later(reason) => reason,
                Attempt::Written => {
                    rest().await;
                    if is_done(&self.function_policy(region, function).await?) {
                        return Ok(());
                    }
                    "another writer of the policy undid the change".to_owned()
                }
            };
            if pauses.next(self.stop(), &seen).await != Next::Look {
                return Err(subject.failure("set", seen));
            }
        }
    }

    async fn attempt_function(
        &self,
        region: &str,
        function: &str,
        id: &str,
        rule: Option<&str>,
        is_done: &impl Fn(&FunctionPolicy) -> bool,
    ) -> Result<Attempt> {
        let (name, qualifier) = qualified(function);
        let functions = self.shared::<Functions>();
        let _turn = functions.turns.turn(name).await;
        let found = self.function_policy(region, function).await?;
        if is_done(&found) {
            return Ok(Attempt::NothingToDo);
        }
        let (client, qualifier) = (self.lambda(region), qualifier.map(str::to_owned));
        if found.statement(id).is_some() {
            let removed = client.remove_permission().function_name(name).statement_id(id);
            let removed = removed.set_qualifier(qualifier).set_revision_id(found.revision).send().await;
            return match removed {
                // The next attempt adds its replacement.
                Ok(_) if rule.is_some() => Ok(Attempt::Later("the former statement was removed".to_owned())),
                Err(error) if error::is_gone(&error) => Ok(Attempt::Written),
                removed => changed(removed, function, region),
            };
        }
        let added = client
            .add_permission()
            .function_name(name)
            .set_qualifier(qualifier)
            .statement_id(id)
            .action(ACTION)
            .principal(PRINCIPAL)
            .set_source_arn(rule.map(str::to_owned))
            .set_revision_id(found.revision);
        changed(added.send().await, function, region)
    }
}

/// Returns the result of a change, which may conflict with a concurrent one.
fn changed<T, E>(answer: Result<T, SdkError<E, HttpResponse>>, function: &str, region: &str) -> Result<Attempt>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(_) => Ok(Attempt::Written),
        Err(error) if matches!(error::meaning(&error), Some(Meaning::Changed | Meaning::Exists | Meaning::Busy)) => {
            Ok(Attempt::Later(error::reason(&error)))
        }
        Err(error) => Err(error::explain(&error, "set", &function_subject(function, region))),
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
