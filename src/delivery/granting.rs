//! Reads, applies and removes grants, by the ARN of the resource they are on.
//!
//! It does not know what a grant contains: `grants` does.

use serde_json::{Value as Json, json};
use tfplugin::Result;

use super::grantee::Grantee;
use crate::aws::arn::Arn;
use crate::aws::iam::{FoundRole, Role, role_key, role_subject, same_policy};
use crate::aws::owners::Standing;
use crate::aws::parts::{may_change_part, may_delete_part};
use crate::aws::policies::Holder;
use crate::aws::{Aws, Hold, Owners};

/// Name of the role's inline policy.
const POLICY_NAME: &str = "call-targets";

impl Grantee<'_> {
    /// Returns the current grant on `arn` as text, in the words of `own` where they mean the same, or `None` if it does
    /// not exist. If other statements allow the rule, they count as the grant unless `is_only_own`.
    pub async fn read(&self, aws: &Aws, arn: &str, own: &str, is_only_own: bool) -> Result<Option<String>> {
        let region = &self.site.region;
        let wanted: Json = serde_json::from_str(own).unwrap_or_default();
        let found = match place(arn) {
            Place::Policy(holder) if is_only_own => aws.own_grant(holder, &wanted).await?,
            Place::Policy(holder) => aws.grant(holder, &wanted).await?,
            Place::Role => {
                // A role that was just created may not be readable yet.
                let name = self.role_name();
                let found = aws.expected(|| aws.read_role(region, &name, POLICY_NAME)).await?;
                let found = found.filter(|found| !is_only_own || self.owns(aws, found));
                found.map(|role| json!({"trust": role.trust, "policy": role.policy}))
            }
            Place::Function => {
                let mut found = Vec::new();
                for (place, sid) in self.function_sids(count(own)).iter().enumerate() {
                    let others = wanted.get(place).filter(|_| !is_only_own);
                    found.extend(aws.function_statement(region, arn, sid, others).await?);
                }
                (!found.is_empty()).then_some(Json::Array(found))
            }
            Place::Nothing => None,
        };
        Ok(found.map(|found| if same_policy(&found, &wanted) { own.to_owned() } else { found.to_string() }))
    }

    /// Changes the grant on `arn` from `before` to `text`.
    pub async fn put(&self, aws: &Aws, arn: &str, text: &str, before: Option<&str>) -> Result<()> {
        let region = &self.site.region;
        let document: Json = serde_json::from_str(text).unwrap_or_default();
        match place(arn) {
            Place::Policy(holder) => {
                let before: Option<Json> = before.and_then(|before| serde_json::from_str(before).ok());
                aws.put_grant(holder, &document, before.as_ref()).await
            }
            Place::Role => aws.put_role(region, &self.role(text)).await.map(|_| ()).map_err(Into::into),
            Place::Function => self.put_function(aws, arn, &document, before.map_or(0, count)).await,
            Place::Nothing => Ok(()),
        }
    }

    async fn put_function(&self, aws: &Aws, arn: &str, statements: &Json, before: usize) -> Result<()> {
        let region = &self.site.region;
        let statements = statements.as_array().map(Vec::as_slice).unwrap_or_default();
        for (sid, statement) in self.function_sids(statements.len()).iter().zip(statements) {
            let rule = statement["Condition"]["ArnLike"]["AWS:SourceArn"].as_str().unwrap_or_default();
            aws.admit_rule(region, arn, sid, rule).await?;
        }
        for sid in self.function_sids(before).iter().skip(statements.len()) {
            aws.expel_rule(region, arn, sid).await?;
        }
        Ok(())
    }

    /// Removes the grant on `arn`, which was `before`. A grant or resource that does not exist is not an error.
    pub async fn remove(&self, aws: &Aws, arn: &str, before: &str) -> Result<()> {
        let region = &self.site.region;
        match place(arn) {
            Place::Policy(holder) => aws.remove_grant(holder, &serde_json::from_str(before).unwrap_or_default()).await,
            Place::Role => self.remove_role(aws).await,
            Place::Function => {
                for sid in self.function_sids(count(before)) {
                    aws.expel_rule(region, arn, &sid).await?;
                }
                Ok(())
            }
            Place::Nothing => Ok(()),
        }
    }

    /// Deletes the role, unless it may belong to something else by now.
    async fn remove_role(&self, aws: &Aws) -> Result<()> {
        let name = self.role_name();
        let Some(owners) = aws.expected(|| self.role_owners(aws)).await? else { return Ok(()) };
        if !may_delete_part(&role_subject(&name), &owners, &self.hold()) {
            return Ok(());
        }
        aws.delete_role(&self.site.region, &name).await
    }

    /// Checks that this instance may change or delete the role, if it exists.
    ///
    /// # Errors
    /// The role may belong to something else by now, or a call failed.
    pub async fn may_change_role(&self, aws: &Aws) -> Result<()> {
        match self.role_owners(aws).await? {
            Some(owners) => may_change_part(&role_subject(&self.role_name()), &owners, &self.hold()),
            None => Ok(()),
        }
    }

    async fn role_owners(&self, aws: &Aws) -> Result<Option<Owners>> {
        let name = self.role_name();
        let read = || async {
            let found = aws.read_role(&self.site.region, &name, POLICY_NAME).await?;
            Ok(found.map(|found| Owners::of(&found.tags, "")))
        };
        aws.part_owners(&role_key(&name), &self.hold(), read).await
    }

    fn owns(&self, aws: &Aws, found: &FoundRole) -> bool {
        let owners = aws.settled_part(&role_key(&self.role_name()), &self.hold(), Owners::of(&found.tags, ""));
        !matches!(owners.standing_of(&self.hold()), Standing::Theirs | Standing::Stripped)
    }

    fn hold(&self) -> Hold {
        self.hold.cloned().unwrap_or_default()
    }

    fn role(&self, text: &str) -> Role {
        let mut document: Json = serde_json::from_str(text).unwrap_or_default();
        let mark = self.hold.and_then(Hold::mark);
        Role {
            name: self.role_name(),
            description: format!("Lets the {} {} call its targets.", self.label.noun, self.name),
            trust: document["trust"].take(),
            policy_name: POLICY_NAME.to_owned(),
            policy: document["policy"].take(),
            owner: mark.cloned(),
            tags: mark.into_iter().map(|mark| (mark.key(""), self.label.type_name.to_owned())).collect(),
        }
    }
}

/// The resource that a grant is on.
enum Place<'a> {
    Policy(Holder<'a>),
    Function,
    Role,
    Nothing,
}

fn place(arn: &str) -> Place<'_> {
    match Arn::parse(arn).map(|arn| arn.service) {
        Some("sns") => Place::Policy(Holder::Topic(arn)),
        Some("sqs") => Place::Policy(Holder::Queue(arn)),
        Some("logs") => Place::Policy(Holder::Logs(arn)),
        Some("lambda") => Place::Function,
        Some("iam") => Place::Role,
        _ => Place::Nothing,
    }
}

/// Returns the number of statements in the grant on a function.
fn count(text: &str) -> usize {
    let document: Json = serde_json::from_str(text).unwrap_or_default();
    document.as_array().map_or(1, Vec::len)
}
