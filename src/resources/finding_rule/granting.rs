//! Grants as they are: read, made and taken away, by the ARN of what they are on.
//!
//! What a grant says it doesn't know: `grants` does.

use serde_json::{Value as Json, json};
use tfplugin::{Resource, Result};

use super::FindingRule;
use super::grantee::Grantee;
use crate::aws::arn::Arn;
use crate::aws::iam::{Role, same_policy};
use crate::aws::owners::Standing;
use crate::aws::policies::Holder;
use crate::aws::{Aws, Owners};

/// Name of the role's inline policy.
const POLICY_NAME: &str = "call-targets";

impl Grantee<'_> {
    /// What the grant on `arn` is now, as text, in the words of `own` where they mean the same; `None` if it is gone.
    pub async fn read(&self, aws: &Aws, arn: &str, own: &str) -> Result<Option<String>> {
        let region = &self.site.region;
        let wanted: Json = serde_json::from_str(own).unwrap_or_default();
        let found = match place(arn) {
            Place::Policy(holder) => aws.grant(holder, &wanted).await?,
            Place::Role => aws
                .read_role(region, &self.role_name(), POLICY_NAME)
                .await?
                .map(|role| json!({"trust": role.trust, "policy": role.policy})),
            Place::Function => {
                let mut found = Vec::new();
                for (place, sid) in self.function_sids(count(own)).iter().enumerate() {
                    found.extend(aws.function_statement(region, arn, sid, wanted.get(place)).await?);
                }
                (!found.is_empty()).then_some(Json::Array(found))
            }
            Place::Nothing => None,
        };
        Ok(found.map(|found| if same_policy(&found, &wanted) { own.to_owned() } else { found.to_string() }))
    }

    /// Makes the grant on `arn` as `text` says, where it was `before`.
    pub async fn put(&self, aws: &Aws, arn: &str, text: &str, before: Option<&str>) -> Result<()> {
        let region = &self.site.region;
        let document: Json = serde_json::from_str(text).unwrap_or_default();
        match place(arn) {
            Place::Policy(holder) => {
                let before: Option<Json> = before.and_then(|before| serde_json::from_str(before).ok());
                aws.put_grant(holder, &document, before.as_ref()).await
            }
            Place::Role => aws.put_role(region, &self.role(text)).await.map(|_| ()),
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

    /// Takes away the grant on `arn`, which was `before`. That it, or what it is on, is gone is no error.
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

    /// Deletes the role, unless it is somebody else's by now.
    async fn remove_role(&self, aws: &Aws) -> Result<()> {
        let (region, name) = (&self.site.region, self.role_name());
        let Some(found) = aws.read_role(region, &name, POLICY_NAME).await? else { return Ok(()) };
        match Owners::of(&found.tags, "").standing(self.owner) {
            Standing::Theirs => Ok(()),
            _ => aws.delete_role(region, &name).await,
        }
    }

    fn role(&self, text: &str) -> Role {
        let mut document: Json = serde_json::from_str(text).unwrap_or_default();
        Role {
            name: self.role_name(),
            description: format!("Lets the finding rule {} call its targets.", self.name),
            trust: document["trust"].take(),
            policy_name: POLICY_NAME.to_owned(),
            policy: document["policy"].take(),
            owner: self.owner.cloned(),
            tags: self.owner.into_iter().map(|mark| (mark.key(""), FindingRule::TYPE_NAME.to_owned())).collect(),
        }
    }
}

/// What a grant is on.
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

/// How many statements the grant on a function has.
fn count(text: &str) -> usize {
    let document: Json = serde_json::from_str(text).unwrap_or_default();
    document.as_array().map_or(1, Vec::len)
}
