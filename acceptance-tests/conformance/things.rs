//! What is there of an account.

use std::collections::BTreeSet;

use crate::harness::{Project, REGION, block_on};

/// All that resources of this provider could have made in the account, by kind and name.
pub fn things(project: &Project) -> BTreeSet<String> {
    let sdk = project.sdk(REGION);
    let bucket = format!("lists-{}", project.account);
    block_on(async {
        let mut things = BTreeSet::new();
        let mut add = |kind: &str, names: Vec<Option<String>>| {
            things.extend(names.into_iter().flatten().map(|name| format!("{kind} {name}")));
        };
        let rules = aws_sdk_eventbridge::Client::new(&sdk).list_rules().send().await.unwrap().rules.unwrap_or_default();
        add("rule", rules.into_iter().map(|rule| rule.name).collect());
        let queues = aws_sdk_sqs::Client::new(&sdk).list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
        add("queue", queues.into_iter().map(Some).collect());
        let roles = aws_sdk_iam::Client::new(&sdk).list_roles().send().await.unwrap().roles;
        add("role", roles.into_iter().map(|role| Some(role.role_name)).collect());
        let machines = aws_sdk_sfn::Client::new(&sdk).list_state_machines().send().await.unwrap().state_machines;
        add("state machine", machines.into_iter().map(|machine| Some(machine.name)).collect());
        let alarms = aws_sdk_cloudwatch::Client::new(&sdk).describe_alarms().send().await.unwrap();
        add("alarm", alarms.metric_alarms.unwrap_or_default().into_iter().map(|alarm| alarm.alarm_name).collect());
        let objects = aws_sdk_s3::Client::new(&sdk).list_objects_v2().bucket(bucket).send().await.unwrap();
        add("object", objects.contents.unwrap_or_default().into_iter().map(|object| object.key).collect());
        let guardduty = aws_sdk_guardduty::Client::new(&sdk);
        for id in guardduty.list_detectors().send().await.unwrap().detector_ids.unwrap_or_default() {
            let filters = guardduty.list_filters().detector_id(&id).send().await.unwrap().filter_names;
            add("filter", filters.unwrap_or_default().into_iter().map(Some).collect());
            let lists = guardduty.list_threat_intel_sets().detector_id(&id).send().await.unwrap();
            add("list", lists.threat_intel_set_ids.unwrap_or_default().into_iter().map(Some).collect());
            let lists = guardduty.list_ip_sets().detector_id(&id).send().await.unwrap();
            add("trusted list", lists.ip_set_ids.unwrap_or_default().into_iter().map(Some).collect());
            // Marks of features, which outlive the instances that put them there only by mistake.
            let found = guardduty.get_detector().detector_id(&id).send().await.unwrap();
            let marks = found.tags.unwrap_or_default().into_keys().filter(|key| key.starts_with("guardduty:owner/"));
            add("mark", marks.map(Some).collect());
        }
        things
    })
}
