//! State machines of AWS Step Functions.
//!
//! It knows neither what they do nor what their role may.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_sfn::types::{StateMachineStatus, StateMachineType, Tag};
use tfplugin::Result;
use tfplugin::wait::Limit;

use super::tags::TagChange;
use super::{Aws, Explain, Subject};

/// How long a refusal that passes is borne where nobody says otherwise: a new role is not known everywhere yet, or the
/// state machine of the same name before this one is still being deleted.
pub const ROLE_WAIT: Duration = Duration::from_secs(3 * 60);

/// A state machine of type STANDARD as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMachine {
    /// Its name.
    pub name: String,
    /// Its ARN, which its name makes.
    pub arn: String,
    /// What it does, in Amazon States Language.
    pub definition: String,
    /// The role that it works with.
    pub role_arn: String,
}

/// A state machine as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundStateMachine {
    /// What it does, in Amazon States Language.
    pub definition: String,
    /// The role that it works with.
    pub role_arn: String,
}

fn subject(region: &str, arn: &str) -> Subject {
    let name = arn.rsplit(':').next().unwrap_or_default();
    Subject::new(format!("state machine {name:?}"), region)
}

impl Aws {
    /// Makes the state machine. That its role is too new is borne until `limit` has passed.
    ///
    /// # Errors
    /// What CreateStateMachine failed with.
    pub async fn create_state_machine(
        &self,
        region: &str,
        wanted: &StateMachine,
        tags: &BTreeMap<String, String>,
        limit: Limit,
    ) -> Result<()> {
        let (client, subject) = (self.sfn(region), subject(region, &wanted.arn));
        let create = || async {
            let created = client
                .create_state_machine()
                .name(&wanted.name)
                .definition(&wanted.definition)
                .role_arn(&wanted.role_arn)
                .r#type(StateMachineType::Standard)
                .set_tags(Some(to_api(tags)))
                .send()
                .await;
            self.look(created.map(|_| ()), "make", &subject, || self.sees_state_machine(region, wanted)).await
        };
        self.wait(limit, &subject, create).await
    }

    /// The state machine; `None` if there is none, or it is being deleted.
    ///
    /// # Errors
    /// What DescribeStateMachine failed with.
    pub async fn read_state_machine(&self, region: &str, arn: &str) -> Result<Option<FoundStateMachine>> {
        let found = self.sfn(region).describe_state_machine().state_machine_arn(arn).send().await;
        let found = found.if_found("read", &subject(region, arn))?;
        let found = found.filter(|found| found.status != Some(StateMachineStatus::Deleting));
        Ok(found.map(|found| FoundStateMachine { definition: found.definition, role_arn: found.role_arn }))
    }

    /// Gives the state machine its definition and role. Executions that are under way go on with the former ones. That
    /// the role is too new is borne until `limit` has passed.
    ///
    /// # Errors
    /// What UpdateStateMachine failed with.
    pub async fn update_state_machine(&self, region: &str, wanted: &StateMachine, limit: Limit) -> Result<()> {
        let (client, subject) = (self.sfn(region), subject(region, &wanted.arn));
        let update = || async {
            let updated = client
                .update_state_machine()
                .state_machine_arn(&wanted.arn)
                .definition(&wanted.definition)
                .role_arn(&wanted.role_arn)
                .send()
                .await;
            self.look(updated.map(|_| ()), "update", &subject, || self.sees_state_machine(region, wanted)).await
        };
        self.wait(limit, &subject, update).await
    }

    /// Whether the state machine is as it shall be.
    async fn sees_state_machine(&self, region: &str, wanted: &StateMachine) -> Result<Option<()>> {
        let found = self.read_state_machine(region, &wanted.arn).await?;
        let is_same =
            |found: &FoundStateMachine| found.definition == wanted.definition && found.role_arn == wanted.role_arn;
        Ok(found.filter(is_same).map(|_| ()))
    }

    /// Deletes the state machine; AWS lets its executions end first. That it is gone already is no error.
    ///
    /// # Errors
    /// What DeleteStateMachine failed with.
    pub async fn delete_state_machine(&self, region: &str, arn: &str) -> Result<()> {
        let deleted = self.sfn(region).delete_state_machine().state_machine_arn(arn).send().await;
        let is_gone = || async { Ok(self.read_state_machine(region, arn).await?.is_none()) };
        self.settle_gone(deleted, "delete", &subject(region, arn), is_gone).await
    }

    /// Its tags.
    ///
    /// # Errors
    /// What ListTagsForResource failed with.
    pub async fn state_machine_tags(&self, region: &str, arn: &str) -> Result<HashMap<String, String>> {
        let listed = self.sfn(region).list_tags_for_resource().resource_arn(arn).send().await;
        let tags = listed.if_found("read the tags of", &subject(region, arn))?.and_then(|listed| listed.tags);
        Ok(tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value?))).collect())
    }

    /// Changes its tags.
    ///
    /// # Errors
    /// What TagResource or UntagResource failed with.
    pub async fn retag_state_machine(&self, region: &str, arn: &str, change: &TagChange) -> Result<()> {
        let (client, subject) = (self.sfn(region), subject(region, arn));
        let remove = |keys| client.untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_resource().resource_arn(arn).set_tags(Some(to_api(&tags))).send();
        change.carry_out(&subject, remove, set).await
    }
}

fn to_api<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
