//! AWS IAM roles with one inline policy, as rules and state machines need them.
//!
//! It does not wait until other services recognize a new role, which takes AWS several seconds. Whoever passes the role
//! to a service gets that error and retries.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::create_role::CreateRoleError;
use aws_sdk_iam::types::Tag;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::Value as Json;
use tfplugin::wait::{Limit, Next, Pauses};
use tfplugin::{Failure, Result};

use super::meaning::Meaning;
use super::owners::{Hold, Mark, Owners, Standing};
use super::tags::TagChange;
use super::wait::SETTLING;
use super::{Aws, Explain, Subject, error};

/// Maximum length of a role's name, in characters.
pub const ROLE_NAME_MAX: usize = 64;

/// The desired state of a role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Name of the role.
    pub name: String,
    /// Description of the role.
    pub description: String,
    /// Trust policy.
    pub trust: Json,
    /// Name of the inline policy.
    pub policy_name: String,
    /// Permissions of the inline policy.
    pub policy: Json,
    /// Mark of the instance that holds the role. A role with this name but without the mark belongs to something else.
    /// `None` for an instance without a mark.
    pub owner: Option<Mark>,
    /// All tags of the role, including that of the mark.
    pub tags: BTreeMap<String, String>,
}

/// An existing role.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundRole {
    /// ARN of the role.
    pub arn: String,
    /// Description of the role.
    pub description: String,
    /// Trust policy.
    pub trust: Json,
    /// Permissions of the inline policy, or `None` if it does not exist.
    pub policy: Option<Json>,
    /// All tags of the role.
    pub tags: BTreeMap<String, String>,
}

impl Role {
    fn subject(&self) -> Subject {
        role_subject(&self.name)
    }

    /// Returns whether a role with these marks belongs to this instance.
    fn owns(&self, found: &Owners) -> bool {
        let standing = found.standing(self.owner.as_ref());
        matches!(standing, Standing::Sole | Standing::Shared | Standing::Unmarked)
    }

    /// Returns the differences between `found` and the role, such as `trust policy`. Tags of others are ignored.
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

/// Returns the role with this name as the subject of messages.
pub fn role_subject(name: &str) -> Subject {
    Subject::new(format!("IAM role {name:?}"), "iam")
}

/// Returns the key of the role with this name in a run.
pub fn role_key(name: &str) -> String {
    format!("iam/role/{name}")
}

/// The reason why a role could not be created or updated.
#[derive(Debug)]
pub struct RoleFailure {
    /// The failure.
    pub failure: Failure,
    /// Whether no role was created, because every call that would have created one was refused.
    pub is_untouched: bool,
}

impl RoleFailure {
    /// Returns a failure after which a role of this instance may exist.
    fn late(failure: Failure) -> Self {
        RoleFailure { failure, is_untouched: false }
    }
}

impl From<RoleFailure> for Failure {
    fn from(failed: RoleFailure) -> Self {
        failed.failure
    }
}

impl Aws {
    /// Creates the role, or updates the instance's own role, and returns its ARN. `region` determines the partition.
    ///
    /// # Errors
    /// A call failed, or a role with this name exists that does not belong to the instance.
    pub async fn put_role(&self, region: &str, role: &Role) -> Result<String, RoleFailure> {
        let client = self.iam(region);
        let created = create_role(&client, role).await;
        let is_refused = match &created {
            Err(error) if error::is_already_there(error) => return self.mend_role(region, role).await,
            // A call that was retried may have been carried out the first time.
            Err(SdkError::ServiceError(_)) => {
                let may_pass = |meaning| matches!(meaning, Meaning::Throttled | Meaning::Busy | Meaning::Passes(_));
                !created
                    .as_ref()
                    .is_err_and(|error| error::is_unanswered(error) || error::meaning(error).is_some_and(may_pass))
            }
            _ => false,
        };
        let seen = || async {
            let found = self.read_role(region, &role.name, &role.policy_name).await?;
            Ok(found.filter(|found| role.owns(&Owners::of(&found.tags, ""))).map(|found| found.arn))
        };
        let arn = self.settle(created, "make", &role.subject(), seen).await;
        let arn = arn.map_err(|failure| RoleFailure { failure, is_untouched: is_refused })?;
        if let Some(mark) = &role.owner {
            self.note_part(&role_key(&role.name), mark);
        }
        self.put_policy(region, role).await.map_err(RoleFailure::late)?;
        Ok(arn)
    }

    /// Updates the existing role. It may be one whose creation was not answered, and that cannot be read yet.
    async fn mend_role(&self, region: &str, role: &Role) -> Result<String, RoleFailure> {
        let (found, is_ours) = self.settled_role(region, role).await.map_err(RoleFailure::late)?;
        let Some(found) = found else {
            let reason = "IAM answered that it already exists, but it could not be found";
            return Err(RoleFailure::late(role.subject().failure("make", reason).detail("Apply again.")));
        };
        if !is_ours {
            let reason = "a role of this name already exists, and was not created for this resource";
            let failure = role.subject().failure("create", reason).detail("Choose another name, or delete the role.");
            return Err(RoleFailure { failure, is_untouched: true });
        }
        self.mend(region, role, &found).await.map_err(RoleFailure::late)?;
        Ok(found.arn)
    }

    /// Returns the existing role, and whether it belongs to this instance. It is read again for a few seconds until it
    /// does.
    async fn settled_role(&self, region: &str, role: &Role) -> Result<(Option<FoundRole>, bool)> {
        let hold = role.owner.clone().map(Hold::by).unwrap_or_default();
        let read = || async {
            let found = self.read_role(region, &role.name, &role.policy_name).await?;
            let owners = found.as_ref().map(|found| Owners::of(&found.tags, ""));
            let owners = owners.map(|owners| self.settled_part(&role_key(&role.name), &hold, owners));
            Ok((found, owners.is_some_and(|owners| role.owns(&owners))))
        };
        self.reread(read, |(_, is_ours)| *is_ours).await
    }

    /// Updates the role from its current state `found`.
    async fn mend(&self, region: &str, role: &Role, found: &FoundRole) -> Result<()> {
        let (client, different) = (self.iam(region), role.differences(found));
        let seen = |what: &'static str| async move {
            let found = self.read_role(region, &role.name, &role.policy_name).await?;
            Ok(found.filter(|found| !role.differences(found).contains(&what)).map(|_| ()))
        };
        if different.contains(&"trust policy") {
            let update = || {
                let update = client.update_assume_role_policy().role_name(&role.name);
                update.policy_document(role.trust.to_string()).send()
            };
            let updated = self.patiently(update).await.map(|_| ());
            self.settle(updated, "set the trust policy of", &role.subject(), || seen("trust policy")).await?;
        }
        if different.contains(&"description") {
            let update = || client.update_role().role_name(&role.name).description(&role.description).send();
            let updated = self.patiently(update).await.map(|_| ());
            self.settle(updated, "describe", &role.subject(), || seen("description")).await?;
        }
        if different.contains(&"tags") {
            let tag = || client.tag_role().role_name(&role.name).set_tags(Some(to_api(&role.tags))).send();
            let tagged = self.patiently(tag).await.map(|_| ());
            self.settle(tagged, "tag", &role.subject(), || seen("tags")).await?;
        }
        if different.contains(&"policy") {
            self.put_policy(region, role).await?;
        }
        Ok(())
    }

    /// Returns the role with its inline policy of this name, or `None` if the role does not exist.
    ///
    /// # Errors
    /// The error of GetRole or GetRolePolicy.
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

    /// Deletes the role after its inline policies. A role that does not exist is not an error.
    ///
    /// # Errors
    /// The error of a call.
    pub async fn delete_role(&self, region: &str, name: &str) -> Result<()> {
        let (client, subject) = (self.iam(region), role_subject(name));
        let list = || async {
            let listed = client.list_role_policies().role_name(name).send().await;
            listed.if_found("list the policies of", &subject)
        };
        let mut pauses = Pauses::new(Limit::new(SETTLING));
        let deleted = loop {
            let Some(listed) = self.expected(list).await? else { return Ok(()) };
            for policy in listed.policy_names() {
                let deleted = client.delete_role_policy().role_name(name).policy_name(policy).send().await;
                let is_gone = || async {
                    let found = client.get_role_policy().role_name(name).policy_name(policy).send().await;
                    Ok(found.if_found("read the policy of", &subject)?.is_none())
                };
                self.settle_gone(deleted, "delete a policy of", &subject, is_gone).await?;
            }
            let deleted = client.delete_role().role_name(name).send().await;
            match &deleted {
                // A policy that was not listed yet, or that is not known as deleted yet.
                Err(error) if matches!(error::meaning(error), Some(Meaning::Passes(_))) => {
                    if pauses.next(self.stop(), &error::reason(error)).await != Next::Look {
                        break deleted;
                    }
                }
                _ => break deleted,
            }
        };
        let is_gone = || async {
            let found = client.get_role().role_name(name).send().await.if_found("read", &subject)?;
            Ok(found.is_none())
        };
        self.settle_gone(deleted, "delete", &subject, is_gone).await
    }

    /// Puts the inline policy of the role. It waits until a new role is recognized everywhere.
    async fn put_policy(&self, region: &str, role: &Role) -> Result<()> {
        let client = self.iam(region);
        let put = || {
            let put = client.put_role_policy().role_name(&role.name).policy_name(&role.policy_name);
            put.policy_document(role.policy.to_string()).send()
        };
        let seen = || async {
            let found = self.read_role(region, &role.name, &role.policy_name).await?;
            Ok(found.filter(|found| !role.differences(found).contains(&"policy")).map(|_| ()))
        };
        self.settle(self.patiently(put).await.map(|_| ()), "set the policy of", &role.subject(), seen).await
    }

    /// Changes the tags of the role.
    ///
    /// # Errors
    /// The error of TagRole or UntagRole.
    pub async fn retag_role(&self, region: &str, name: &str, change: &TagChange) -> Result<()> {
        let (client, subject) = (self.iam(region), role_subject(name));
        let remove = |keys| client.untag_role().role_name(name).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_role().role_name(name).set_tags(Some(to_api(&tags))).send();
        change.carry_out(self, &subject, remove, set).await
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
    // A tag with key and value can always be built.
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

/// Returns whether two policies mean the same. A list of one equals its only item, and the order of strings in a list
/// does not matter.
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

/// Decodes the percent-encoded policy of IAM. Returns null if it is not JSON, which equals no policy.
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
        assert!(role.owns(&Owners::of(&found.tags, "")));
        assert_eq!(role.differences(&found), ["trust policy", "policy"]);
        let stripped = FoundRole { tags: BTreeMap::new(), trust: json!({}), policy: Some(json!({})), ..found };
        assert!(!role.owns(&Owners::of(&stripped.tags, "")));
        assert_eq!(role.differences(&stripped), ["tags"]);
    }
}
