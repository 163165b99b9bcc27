//! AWS Step Functions state machines.
//!
//! It knows neither what they do nor the permissions of their role.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_sfn::types::{StateMachineStatus, StateMachineType, Tag};
use tfplugin::Result;
use tfplugin::wait::Limit;

use super::tags::TagChange;
use super::{Aws, Explain, Subject};

/// Default time to keep retrying temporary errors: a new role is not yet recognized everywhere, or a former state
/// machine with the same name is still being deleted.
pub const ROLE_WAIT: Duration = Duration::from_secs(3 * 60);

/// The desired state of a state machine of type STANDARD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMachine {
    /// Name of the state machine.
    pub name: String,
    /// ARN of the state machine, which follows from its name.
    pub arn: String,
    /// Definition, in Amazon States Language.
    pub definition: String,
    /// ARN of its role.
    pub role_arn: String,
}

/// An existing state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundStateMachine {
    /// Definition, in Amazon States Language.
    pub definition: String,
    /// ARN of its role.
    pub role_arn: String,
}

fn subject(region: &str, arn: &str) -> Subject {
    let name = arn.rsplit(':').next().unwrap_or_default();
    Subject::new(format!("state machine {name:?}"), region)
}

impl Aws {
    /// Creates the state machine. Retries until `limit` has passed while its role is not yet recognized.
    ///
    /// # Errors
    /// The error of CreateStateMachine.
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

    /// Returns the state machine, or `None` if it does not exist or is being deleted.
    ///
    /// # Errors
    /// The error of DescribeStateMachine.
    pub async fn read_state_machine(&self, region: &str, arn: &str) -> Result<Option<FoundStateMachine>> {
        let found = self.sfn(region).describe_state_machine().state_machine_arn(arn).send().await;
        let found = found.if_found("read", &subject(region, arn))?;
        let found = found.filter(|found| found.status != Some(StateMachineStatus::Deleting));
        Ok(found.map(|found| FoundStateMachine { definition: found.definition, role_arn: found.role_arn }))
    }

    /// Updates the definition and the role of the state machine. Running executions continue with the former ones.
    /// Retries until `limit` has passed while the role is not yet recognized.
    ///
    /// # Errors
    /// The error of UpdateStateMachine.
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

    /// Returns whether the state machine is as wanted.
    async fn sees_state_machine(&self, region: &str, wanted: &StateMachine) -> Result<Option<()>> {
        let found = self.read_state_machine(region, &wanted.arn).await?;
        let is_same =
            |found: &FoundStateMachine| found.definition == wanted.definition && found.role_arn == wanted.role_arn;
        Ok(found.filter(is_same).map(|_| ()))
    }

    /// Deletes the state machine. AWS waits for its running executions first. A state machine that does not exist is
    /// not an error.
    ///
    /// # Errors
    /// The error of DeleteStateMachine.
    pub async fn delete_state_machine(&self, region: &str, arn: &str) -> Result<()> {
        let deleted = self.sfn(region).delete_state_machine().state_machine_arn(arn).send().await;
        let is_gone = || async { Ok(self.read_state_machine(region, arn).await?.is_none()) };
        self.settle_gone(deleted, "delete", &subject(region, arn), is_gone).await
    }

    /// Returns the tags of the state machine.
    ///
    /// # Errors
    /// The error of ListTagsForResource.
    pub async fn state_machine_tags(&self, region: &str, arn: &str) -> Result<HashMap<String, String>> {
        let listed = self.sfn(region).list_tags_for_resource().resource_arn(arn).send().await;
        let tags = listed.if_found("read the tags of", &subject(region, arn))?.and_then(|listed| listed.tags);
        Ok(tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value?))).collect())
    }

    /// Changes the tags of the state machine.
    ///
    /// # Errors
    /// The error of TagResource or UntagResource.
    pub async fn retag_state_machine(&self, region: &str, arn: &str, change: &TagChange) -> Result<()> {
        let (client, subject) = (self.sfn(region), subject(region, arn));
        let remove = |keys| client.untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_resource().resource_arn(arn).set_tags(Some(to_api(&tags))).send();
        change.carry_out(self, &subject, remove, set).await
    }
}

fn to_api<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
