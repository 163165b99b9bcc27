//! Roles of AWS IAM that have one inline policy, as rules and state machines need.
//!
//! It doesn't wait until a new role is known to other services, which takes AWS some seconds: whoever gives the role to
//! one sees that, and tries again.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::create_role::CreateRoleError;
use aws_sdk_iam::types::Tag;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::Value as Json;
use tfplugin::Result;

use super::owners::{Mark, Owners, Standing};
use super::tags::TagChange;
use super::{Aws, Explain, Subject, error};

/// Longest name of a role, in characters.
pub const ROLE_NAME_MAX: usize = 64;

/// A role as it shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who may use it.
    pub trust: Json,
    /// Name of its inline policy.
    pub policy_name: String,
    /// What it may do.
    pub policy: Json,
    /// Mark of the instance that holds it: a role of this name without it is somebody else's. `None` for an instance that
    /// has no mark.
    pub owner: Option<Mark>,
    /// All its tags, that of the mark among them.
    pub tags: BTreeMap<String, String>,
}

/// A role as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundRole {
    /// Its ARN.
    pub arn: String,
    /// What it is for.
    pub description: String,
    /// Who may use it.
    pub trust: Json,
    /// What the inline policy lets it do; `None` if there is no such policy.
    pub policy: Option<Json>,
    /// All its tags.
    pub tags: BTreeMap<String, String>,
}

impl Role {
    fn subject(&self) -> Subject {
        role_subject(&self.name)
    }

    /// Whether `found` is known as ours.
    pub fn owns(&self, found: &FoundRole) -> bool {
        let standing = Owners::of(&found.tags, "").standing(self.owner.as_ref());
        matches!(standing, Standing::Sole | Standing::Shared | Standing::Unmarked)
    }

    /// What of `found` is not as it shall be: names such as `trust policy`; tags of others don't count.
    pub fn differences(&self, found: &FoundRole) -> Vec<&'static str> {
        let is_tagged = |(key, value): (&String, &String)| found.tags.get(key) == Some(value);
        let checks = [
            ("description", self.description == found.description),
            ("trust policy", same_policy(&self.trust, &found.trust)),
            ("policy", found.policy.as_ref().is_some_and(|policy| same_policy(&self.policy, policy))),
            ("tags", self.tags.iter().all(is_tagged)),
        ];
        checks.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
    }
}

fn role_subject(name: &str) -> Subject {
    Subject::new(format!("IAM role {name:?}"), "iam")
}

impl Aws {
    /// Makes the role, or brings one of ours up to date; returns its ARN. `region` names the partition.
    ///
    /// # Errors
    /// What a call failed with; that a role of this name is there and is not ours.
    pub async fn put_role(&self, region: &str, role: &Role) -> Result<String> {
        let client = self.iam(region);
        let created = create_role(&client, role).await;
        if matches!(&created, Err(error) if error::is_already_there(error)) {
            return self.mend_role(region, role).await;
        }
        let seen = || async {
            let found = self.read_role(region, &role.name, &role.policy_name).await?;
            Ok(found.filter(|found| role.owns(found)).map(|found| found.arn))
        };
        let arn = self.settle(created, "make", &role.subject(), seen).await?;
        self.put_policy(&client, role).await?;
        Ok(arn)
    }

    /// Brings the role that is there up to date.
    async fn mend_role(&self, region: &str, role: &Role) -> Result<String> {
        let client = self.iam(region);
        let Some(found) = self.read_role(region, &role.name, &role.policy_name).await? else {
            return Err(role.subject().failure("make", "it was there, and is gone again").detail("Apply again."));
        };
        if !role.owns(&found) {
            let reason = "a role of this name already exists, and was not created for this resource";
            return Err(role.subject().failure("create", reason).detail("Choose another name, or delete the role."));
        }
        let different = role.differences(&found);
        if different.contains(&"trust policy") {
            let update = || {
                let update = client.update_assume_role_policy().role_name(&role.name);
                update.policy_document(role.trust.to_string()).send()
            };
            self.patiently(update).await.or_fail("set the trust policy of", &role.subject())?;
        }
        if different.contains(&"description") {
            let update = || client.update_role().role_name(&role.name).description(&role.description).send();
            self.patiently(update).await.or_fail("describe", &role.subject())?;
        }
        if different.contains(&"tags") {
            let tag = || client.tag_role().role_name(&role.name).set_tags(Some(to_api(&role.tags))).send();
            self.patiently(tag).await.or_fail("tag", &role.subject())?;
        }
        if different.contains(&"policy") {
            self.put_policy(&client, role).await?;
        }
        Ok(found.arn)
    }

    /// The role and its inline policy of this name; `None` if there is no such role.
    ///
    /// # Errors
    /// What GetRole or GetRolePolicy failed with.
    pub async fn read_role(&self, region: &str, name: &str, policy_name: &str) -> Result<Option<FoundRole>> {
        let (client, subject) = (self.iam(region), role_subject(name));
        let policy = client.get_role_policy().role_name(name).policy_name(policy_name).send();
        let (role, policy) = tokio::join!(client.get_role().role_name(name).send(), policy);
        let Some(role) = role.if_found("read", &subject)?.and_then(|found| found.role) else { return Ok(None) };
        let policy = policy.if_found("read the policy of", &subject)?;
        Ok(Some(FoundRole {
            arn: role.arn,
            description: role.description.unwrap_or_default(),
            trust: document(role.assume_role_policy_document.as_deref().unwrap_or_default()),
            policy: policy.map(|policy| document(policy.policy_document())),
            tags: role.tags.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect(),
        }))
    }

    /// Deletes the role, its inline policies before it. That it is gone already is no error.
    ///
    /// # Errors
    /// What a call failed with.
    pub async fn delete_role(&self, region: &str, name: &str) -> Result<()> {
        let (client, subject) = (self.iam(region), role_subject(name));
        let listed = client.list_role_policies().role_name(name).send().await;
        let Some(listed) = listed.if_found("list the policies of", &subject)? else { return Ok(()) };
        for policy in listed.policy_names() {
            let deleted = client.delete_role_policy().role_name(name).policy_name(policy).send().await;
            deleted.if_found("delete a policy of", &subject)?;
        }
        let deleted = self.patiently(|| client.delete_role().role_name(name).send()).await;
        let is_gone = || async {
            let found = client.get_role().role_name(name).send().await.if_found("read", &subject)?;
            Ok(found.is_none())
        };
        self.settle_gone(deleted, "delete", &subject, is_gone).await
    }

    /// Gives the role its inline policy. That a new role isn't known everywhere yet is waited out.
    async fn put_policy(&self, client: &Client, role: &Role) -> Result<()> {
        let put = || {
            let put = client.put_role_policy().role_name(&role.name).policy_name(&role.policy_name);
            put.policy_document(role.policy.to_string()).send()
        };
        self.patiently(put).await.or_fail("set the policy of", &role.subject()).map(|_| ())
    }

    /// Changes the tags of the role.
    ///
    /// # Errors
    /// What TagRole or UntagRole failed with.
    pub async fn retag_role(&self, region: &str, name: &str, change: &TagChange) -> Result<()> {
        let (client, subject) = (self.iam(region), role_subject(name));
        let remove = |keys| client.untag_role().role_name(name).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_role().role_name(name).set_tags(Some(to_api(&tags))).send();
        change.carry_out(&subject, remove, set).await
    }
}

async fn create_role(client: &Client, role: &Role) -> Result<String, SdkError<CreateRoleError, HttpResponse>> {
    let created = client
        .create_role()
        .role_name(&role.name)
        .description(&role.description)
        .assume_role_policy_document(role.trust.to_string())
        .set_tags((!role.tags.is_empty()).then(|| to_api(&role.tags)))
        .send()
        .await?;
    Ok(created.role.map(|role| role.arn).unwrap_or_default())
}

fn to_api<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<Tag> {
    // A tag with key and value is always built.
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

/// Whether two policies say the same: a list of one is that one, and the order of texts in a list doesn't count.
pub fn same_policy(one: &Json, other: &Json) -> bool {
    normal(one) == normal(other)
}

fn normal(value: &Json) -> Json {
    match value {
        Json::Array(items) if items.len() == 1 => normal(&items[0]),
        Json::Array(items) => {
            let mut items: Vec<_> = items.iter().map(normal).collect();
            items.sort_by_key(Json::to_string);
            Json::Array(items)
        }
        Json::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), normal(value))).collect(),
        other => other.clone(),
    }
}

/// The document that IAM gives percent-encoded; null if it isn't JSON, which no policy is like.
fn document(encoded: &str) -> Json {
    serde_json::from_str(&percent_decoded(encoded)).unwrap_or(Json::Null)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let encoded = (byte == b'%').then(|| after.get(..2)).flatten();
        let decoded = encoded.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_decoded() {
        assert_eq!(document("%7B%22a%22%3A%22x%25%20y%22%7D"), json!({"a": "x% y"}));
        assert_eq!(document(r#"{"a":"50% of"}"#), json!({"a": "50% of"}), "what is not encoded is left");
        assert_eq!(document("no policy"), Json::Null);
    }

    #[test]
    fn policies_are_compared_by_meaning() {
        let one = json!({"Statement": [{"Action": ["b", "a"], "Effect": "Allow"}]});
        let same = json!({"Statement": {"Effect": "Allow", "Action": ["a", "b"]}});
        assert!(same_policy(&one, &same));
        assert!(!same_policy(&one, &json!({"Statement": {"Effect": "Allow", "Action": ["a", "c"]}})));
    }

    #[test]
    fn what_differs_is_named() {
        let mark = Mark::new();
        let role = Role {
            name: "r".into(),
            description: "for r".into(),
            trust: json!({}),
            policy_name: "p".into(),
            policy: json!({}),
            owner: Some(mark.clone()),
            tags: BTreeMap::from([(mark.key(""), String::new())]),
        };
        let found = FoundRole {
            arn: String::new(),
            description: "for r".into(),
            trust: json!({"Version": "2012-10-17"}),
            policy: None,
            tags: role.tags.clone(),
        };
        assert!(role.owns(&found));
        assert_eq!(role.differences(&found), ["trust policy", "policy"]);
        let stripped = FoundRole { tags: BTreeMap::new(), trust: json!({}), policy: Some(json!({})), ..found };
        assert!(!role.owns(&stripped));
        assert_eq!(role.differences(&stripped), ["tags"]);
    }
}
