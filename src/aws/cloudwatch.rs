//! Amazon CloudWatch alarms on a count that should be zero.
//!
//! It does not know what is counted.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, MetricAlarm, Statistic, Tag};
use tfplugin::Result;

use super::tags::TagChange;
use super::{Aws, Explain, Subject};

/// Period of the count, in seconds.
const PERIOD_SECONDS: i32 = 60;
const NO_DATA_IS_FINE: &str = "notBreaching";

/// An alarm that is triggered by any count within a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Name of the alarm.
    pub name: String,
    /// Description of the alarm.
    pub description: String,
    /// Namespace of the metric.
    pub namespace: String,
    /// Metric with the count.
    pub metric: String,
    /// Only dimension of the metric, and its value.
    pub dimension: (String, String),
    /// ARNs that the alarm notifies.
    pub actions: Vec<String>,
}

fn subject(region: &str, name: &str) -> Subject {
    Subject::new(format!("CloudWatch alarm {name:?}"), region)
}

impl Alarm {
    fn dimension(&self) -> Dimension {
        Dimension::builder().name(&self.dimension.0).value(&self.dimension.1).build()
    }

    /// Returns the differences between `found` and the alarm.
    pub fn differences(&self, found: &MetricAlarm) -> Vec<&'static str> {
        let is_metric = found.namespace() == Some(&self.namespace)
            && found.metric_name() == Some(&self.metric)
            && found.dimensions() == [self.dimension()];
        let is_threshold = found.threshold() == Some(1.0)
            && found.comparison_operator() == Some(&ComparisonOperator::GreaterThanOrEqualToThreshold)
            && found.statistic() == Some(&Statistic::Sum)
            && found.period() == Some(PERIOD_SECONDS)
            && found.evaluation_periods() == Some(1)
            && found.treat_missing_data() == Some(NO_DATA_IS_FINE);
        let is_enabled = found.actions_enabled() != Some(false) || self.actions.is_empty();
        let checks = [
            ("description", found.alarm_description() == Some(&self.description)),
            ("metric", is_metric),
            ("threshold", is_threshold),
            ("actions", is_enabled && found.alarm_actions() == self.actions),
        ];
        checks.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
    }
}

impl Aws {
    /// Creates or updates the alarm. The tags of an existing alarm are left unchanged.
    ///
    /// # Errors
    /// The error of PutMetricAlarm.
    pub async fn put_alarm(&self, region: &str, wanted: &Alarm, tags: &BTreeMap<String, String>) -> Result<()> {
        let put = self
            .cloudwatch(region)
            .put_metric_alarm()
            .alarm_name(&wanted.name)
            .alarm_description(&wanted.description)
            .namespace(&wanted.namespace)
            .metric_name(&wanted.metric)
            .dimensions(wanted.dimension())
            .statistic(Statistic::Sum)
            .period(PERIOD_SECONDS)
            .evaluation_periods(1)
            .threshold(1.0)
            .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
            .treat_missing_data(NO_DATA_IS_FINE)
            .actions_enabled(true)
            .set_alarm_actions(Some(wanted.actions.clone()))
            .set_tags(Some(to_api(tags)));
        let put = put.send().await.map(|_| ());
        let seen = || async {
            let found = self.read_alarm(region, &wanted.name).await?;
            Ok(found.filter(|found| wanted.differences(found).is_empty()).map(|_| ()))
        };
        self.settle(put, "make", &subject(region, &wanted.name), seen).await
    }

    /// Returns the alarm, or `None` if it does not exist.
    ///
    /// # Errors
    /// The error of DescribeAlarms.
    pub async fn read_alarm(&self, region: &str, name: &str) -> Result<Option<MetricAlarm>> {
        let found = self.cloudwatch(region).describe_alarms().alarm_names(name).send().await;
        let found = found.or_fail("read", &subject(region, name))?;
        Ok(found.metric_alarms.into_iter().flatten().find(|alarm| alarm.alarm_name() == Some(name)))
    }

    /// Deletes the alarm. An alarm that does not exist is not an error.
    ///
    /// # Errors
    /// The error of DeleteAlarms.
    pub async fn delete_alarm(&self, region: &str, name: &str) -> Result<()> {
        let deleted = self.cloudwatch(region).delete_alarms().alarm_names(name).send().await;
        let is_gone = || async { Ok(self.read_alarm(region, name).await?.is_none()) };
        self.settle_gone(deleted, "delete", &subject(region, name), is_gone).await
    }

    /// Returns the tags of the alarm with this ARN.
    ///
    /// # Errors
    /// The error of ListTagsForResource.
    pub async fn alarm_tags(&self, region: &str, arn: &str) -> Result<HashMap<String, String>> {
        let listed = self.cloudwatch(region).list_tags_for_resource().resource_arn(arn).send().await;
        let tags = listed.if_found("read the tags of", &subject(region, arn))?.and_then(|listed| listed.tags);
        Ok(tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value?))).collect())
    }

    /// Changes the tags of the alarm with this ARN.
    ///
    /// # Errors
    /// The error of TagResource or UntagResource.
    pub async fn retag_alarm(&self, region: &str, arn: &str, change: &TagChange) -> Result<()> {
        let (client, subject) = (self.cloudwatch(region), subject(region, arn));
        let remove = |keys| client.untag_resource().resource_arn(arn).set_tag_keys(Some(keys)).send();
        let set = |tags| client.tag_resource().resource_arn(arn).set_tags(Some(to_api(&tags))).send();
        change.carry_out(self, &subject, remove, set).await
    }
}

fn to_api<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
