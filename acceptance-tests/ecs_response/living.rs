//! The resource from create to destroy: what is planned, made, changed, mended and taken away.

use aws_sdk_cloudwatch::types::{ComparisonOperator, Statistic};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value as Json, json};

use super::account::Account;
use super::{ADDRESS, configuration, stopping};
use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

const ALL: [&str; 6] = [
    "alarm stop-failed",
    "machine stop",
    "queue stop-undelivered",
    "role stop-us-east-1",
    "role stop-us-east-1-rule",
    "rule stop",
];

fn json_of(value: &Json) -> Json {
    serde_json::from_str(value.as_str().unwrap()).unwrap()
}

/// The calls that change something.
fn writes(project: &Project) -> Vec<String> {
    let reads = ["Get", "List", "Describe"];
    let is_read = |call: &String| reads.iter().any(|verb| call.split(':').nth(1).unwrap_or_default().starts_with(verb));
    let mut writes: Vec<_> = project.calls().into_iter().filter(|call| !is_read(call)).collect();
    writes.sort();
    writes
}

fn topic(account: &Account, name: &str) -> String {
    block_on(account.sns.create_topic().name(name).send()).unwrap().topic_arn.unwrap()
}

#[test]
fn lives_from_create_to_destroy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        let topic_arn = topic(&account, "alerts");
        let machine_arn = account.arn("states", "stateMachine:stop");
        let queue_arn = account.arn("sqs", "stop-undelivered");

        // All but the queue's URL is known before anything is made.
        let first = stopping(&topic_arn, "tags = { team = \"security\" }");
        let plan = project.plan(&first);
        assert_eq!(plan.actions(ADDRESS), ["create"]);
        let definition = json_of(&plan.attribute(ADDRESS, "definition"));
        assert_eq!(definition["States"]["StopTask"]["Type"], json!("Task"));
        assert_eq!(plan.attribute(ADDRESS, "state_machine_arn"), json!(machine_arn));
        assert_eq!(plan.attribute(ADDRESS, "dead_letter_queue_url"), Json::Null);
        let policy = json_of(&plan.attribute(ADDRESS, "policy"));
        assert_eq!(
            policy["Statement"][0]["Condition"]["ArnEquals"]["ecs:cluster"],
            json!(account.arn("ecs", "cluster/prod"))
        );
        project.clear_calls();
        project.run(&["apply", "-auto-approve"]).expect_success();
        project.clear_calls();
        project.expect_no_changes();
        assert_eq!(project.calls().len(), 10, "{:?}", project.calls());
        assert_eq!(account.inventory(), ALL);
        check_pieces(&account, &topic_arn, &machine_arn, &queue_arn, &definition);

        // Every argument is changed.
        let other_topic = topic(&account, "others");
        let second = configuration(&format!(
            r#"
            action               = "notify"
            match                = {{ finding_types = ["*:Runtime/*"], severity_minimum = 7.5, launch_type = "FARGATE" }}
            clusters             = ["test", "prod"]
            dry_run              = true
            notify_topic_arn     = "{other_topic}"
            notify_topic_key_arn = "{key}"
            tags                 = {{ cost = "1" }}"#,
            key = account.arn("kms", "key/1")
        ));
        project.plan(&second).expect_actions(ADDRESS, &["update"]);
        project.apply(&second);
        let machine = block_on(account.sfn.describe_state_machine().state_machine_arn(&machine_arn).send()).unwrap();
        assert!(!machine.definition().contains("StopTask") && machine.definition().contains(&other_topic));
        let rule = block_on(account.events.describe_rule().name("stop").send()).unwrap();
        project.expect_attribute(ADDRESS, "event_pattern", json!(rule.event_pattern()));
        assert!(rule.event_pattern().unwrap().contains("FARGATE"));
        let policy = block_on(account.iam.get_role_policy().role_name("stop-us-east-1").policy_name("response").send());
        assert!(policy.unwrap().policy_document().contains("kms"));
        let tags = block_on(account.sfn.list_tags_for_resource().resource_arn(&machine_arn).send()).unwrap();
        let mut keys: Vec<_> = tags.tags().iter().filter_map(|tag| tag.key()).collect();
        keys.sort_unstable();
        assert_eq!(keys[0], "cost");
        assert!(keys.len() == 2 && keys[1].starts_with("guardduty:owner/"), "{keys:?}");

        // One change touches only what it is about.
        let third = second.replace("cost = \"1\"", "cost = \"2\"");
        project.clear_calls();
        project.write(&third);
        project.run(&["apply", "-auto-approve"]).expect_success();
        let tagged: Vec<_> = writes(&project).into_iter().filter(|call| !call.contains("Tag")).collect();
        assert_eq!(tagged, Vec::<String>::new());
        let tags = block_on(account.iam.list_role_tags().role_name("stop-us-east-1-rule").send()).unwrap();
        assert!(tags.tags().iter().any(|tag| tag.key() == "cost" && tag.value() == "2"));
        project.clear_calls();
        project.write(&third.replace("7.5", "8.5"));
        project.run(&["apply", "-auto-approve"]).expect_success();
        assert_eq!(writes(&project), ["events:PutRule"]);

        // Another name or region is another response, and nothing of the former stays. Roles are of all regions.
        let halt = third.replace("\"stop\"", "\"halt\"");
        project.plan(&halt).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&halt);
        assert_eq!(account.inventory(), ALL.map(|piece| piece.replace("stop", "halt")));
        let far = Account::new(&project, "eu-west-1");
        topic(&far, "others");
        let there =
            third.replace("dry_run ", "region = \"eu-west-1\"\n dry_run ").replace(":us-east-1:", ":eu-west-1:");
        project.plan(&there).expect_actions(ADDRESS, &["delete", "create"]);
        project.apply(&there);
        assert_eq!(far.inventory(), ALL.map(|piece| piece.replace(REGION, "eu-west-1")));
        assert_eq!(account.inventory(), ["role stop-eu-west-1", "role stop-eu-west-1-rule"]);

        project.clear_calls();
        project.destroy();
        assert_eq!([account.inventory(), far.inventory()].concat(), Vec::<String>::new());
    });
}

fn check_pieces(account: &Account, topic: &str, machine_arn: &str, queue_arn: &str, definition: &Json) {
    block_on(async {
        let machine = account.sfn.describe_state_machine().state_machine_arn(machine_arn).send().await.unwrap();
        assert_eq!(&serde_json::from_str::<Json>(machine.definition()).unwrap(), definition);
        assert_eq!(machine.role_arn(), format!("arn:aws:iam::{}:role/stop-us-east-1", account.id));
        let tags = account.sfn.list_tags_for_resource().resource_arn(machine_arn).send().await.unwrap();
        assert!(tags.tags().iter().any(|tag| tag.key().is_some_and(|key| key.starts_with("guardduty:owner/"))));

        let targets = account.events.list_targets_by_rule().rule("stop").send().await.unwrap().targets.unwrap();
        let [target] = targets.as_slice() else { panic!("{targets:?}") };
        assert_eq!(target.arn(), machine_arn);
        assert_eq!(target.role_arn(), Some(format!("arn:aws:iam::{}:role/stop-us-east-1-rule", account.id).as_str()));
        assert_eq!(target.dead_letter_config().unwrap().arn(), Some(queue_arn));

        let rule_policy = account.iam.get_role_policy().role_name("stop-us-east-1-rule").policy_name("response");
        let rule_policy = rule_policy.send().await.unwrap();
        assert!(rule_policy.policy_document().contains("StartExecution"));

        let url = account.sqs.get_queue_url().queue_name("stop-undelivered").send().await.unwrap().queue_url.unwrap();
        let queue = account.sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
        let attributes = queue.send().await.unwrap().attributes.unwrap();
        let policy: Json = serde_json::from_str(&attributes[&QueueAttributeName::Policy]).unwrap();
        let source = &policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"];
        assert_eq!(source, &json!(account.arn("events", "rule/stop")));
        assert_eq!(attributes[&QueueAttributeName::MessageRetentionPeriod], "1209600");
        assert_eq!(attributes[&QueueAttributeName::SqsManagedSseEnabled], "true");

        let alarms = account.cloudwatch.describe_alarms().alarm_names("stop-failed").send().await.unwrap();
        let alarm = &alarms.metric_alarms()[0];
        assert_eq!((alarm.namespace(), alarm.metric_name()), (Some("AWS/States"), Some("ExecutionsFailed")));
        assert_eq!(alarm.dimensions()[0].value(), Some(machine_arn));
        assert_eq!(alarm.alarm_actions(), [topic]);
        assert_eq!((alarm.statistic(), alarm.threshold()), (Some(&Statistic::Sum), Some(1.0)));
        assert_eq!(alarm.comparison_operator(), Some(&ComparisonOperator::GreaterThanOrEqualToThreshold));
    });
}

#[test]
fn an_import_finds_the_settings() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        let topic_arn = topic(&account, "alerts");
        let configuration = stopping(&topic_arn, "dry_run = true\n tags = { team = \"security\" }");
        project.apply(&configuration);
        let before = project.state(ADDRESS).unwrap();
        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, "stop"]).expect_success();
        let after = project.state(ADDRESS).unwrap();
        for (name, value) in before.as_object().unwrap().iter().filter(|(name, _)| *name != "owner") {
            assert_eq!(&after[name], value, "{name}");
        }
        assert_eq!(after["owner"], json!(format!("{} adopted", before["owner"].as_str().unwrap())));
        project.write(&configuration);
        project.expect_no_changes();

        // What no match makes would be widened by an import: it is refused.
        let events = aws_sdk_eventbridge::Client::new(&project.sdk(REGION));
        let pattern =
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"title": ["x"]}}"#;
        block_on(events.put_rule().name("stop").event_pattern(pattern).send()).unwrap();
        project.run(&["state", "rm", ADDRESS]).expect_success();
        let told = ["the state machine \"stop\" can't be imported", "the event pattern of its rule"];
        project.run(&["import", ADDRESS, "stop"]).expect_failure(&told);
        let pattern = before["event_pattern"].as_str().unwrap();
        block_on(events.put_rule().name("stop").event_pattern(pattern).send()).unwrap();
        project.run(&["import", ADDRESS, "stop"]).expect_success();

        project.run(&["state", "rm", ADDRESS]).expect_success();
        project.run(&["import", ADDRESS, "other"]).expect_failure(&[
            "there is nothing to import with the id \"other\"",
            "Looked in us-east-1. For another region, add it to the ID: \"other@REGION\".",
        ]);
        project.run(&["import", ADDRESS, "stop@us-east-1"]).expect_success();
    });
}

/// Takes away or spoils one of the seven things.
type Spoil = fn(&Account);

#[test]
fn what_others_changed_is_seen_and_mended() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account::new(&project, REGION);
        let configuration = stopping(&topic(&account, "alerts"), "tags = { team = \"security\" }");
        project.apply(&configuration);
        let before = project.state(ADDRESS).unwrap();
        let cases: [(Spoil, &str); 13] = [
            (machine_gone, "state machine stop is gone"),
            (machine_spoilt, "state machine stop: its definition changed"),
            (role_gone, "role stop-us-east-1 is gone"),
            (policy_spoilt, "role stop-us-east-1: its policy changed"),
            (trust_spoilt, "role stop-us-east-1-rule: its trust policy changed"),
            (role_retagged, "role stop-us-east-1: its tags changed"),
            (queue_gone, "queue stop-undelivered is gone"),
            (queue_spoilt, "queue stop-undelivered: its policy changed"),
            (rule_gone, "rule stop is gone"),
            (rule_disabled, "rule stop: its state changed"),
            (target_gone, "target of the rule stop is gone"),
            (alarm_gone, "alarm stop-failed is gone"),
            (alarm_spoilt, "alarm stop-failed: its actions changed"),
        ];
        for (spoil, drift) in cases {
            spoil(&account);
            let plan = project.plan(&configuration);
            assert_eq!(plan.actions(ADDRESS), ["update"], "{drift}");
            assert_eq!(plan.attribute(ADDRESS, "drift"), json!([]));
            project.run(&["plan"]).expect_success().expect_texts(&[drift]);
            project.apply(&configuration);
            assert_eq!(project.state(ADDRESS).unwrap(), before, "{drift}");
            assert_eq!(account.inventory().iter().filter(|name| !name.contains("alerts")).count(), 6, "{drift}");
        }

        // All at once, and each by its own.
        machine_gone(&account);
        rule_gone(&account);
        queue_gone(&account);
        alarm_gone(&account);
        role_gone(&account);
        drop_role(&account, "stop-us-east-1-rule");
        project.plan(&configuration).expect_actions(ADDRESS, &["create"]);
        project.apply(&configuration);
        project.destroy();
        assert_eq!(account.inventory(), Vec::<String>::new());
    });
}

fn machine_gone(account: &Account) {
    let arn = account.arn("states", "stateMachine:stop");
    block_on(account.sfn.delete_state_machine().state_machine_arn(arn).send()).unwrap();
}

fn machine_spoilt(account: &Account) {
    let arn = account.arn("states", "stateMachine:stop");
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#;
    block_on(account.sfn.update_state_machine().state_machine_arn(arn).definition(definition).send()).unwrap();
}

fn role_gone(account: &Account) {
    drop_role(account, "stop-us-east-1");
}

fn drop_role(account: &Account, name: &str) {
    block_on(account.iam.delete_role_policy().role_name(name).policy_name("response").send()).unwrap();
    block_on(account.iam.delete_role().role_name(name).send()).unwrap();
}

fn policy_spoilt(account: &Account) {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let put = account.iam.put_role_policy().role_name("stop-us-east-1").policy_name("response");
    block_on(put.policy_document(policy).send()).unwrap();
}

fn trust_spoilt(account: &Account) {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    let update = account.iam.update_assume_role_policy().role_name("stop-us-east-1-rule").policy_document(trust);
    block_on(update.send()).unwrap();
}

fn role_retagged(account: &Account) {
    block_on(account.iam.untag_role().role_name("stop-us-east-1").tag_keys("team").send()).unwrap();
}

fn queue_url(account: &Account) -> String {
    block_on(account.sqs.get_queue_url().queue_name("stop-undelivered").send()).unwrap().queue_url.unwrap()
}

fn queue_gone(account: &Account) {
    block_on(account.sqs.delete_queue().queue_url(queue_url(account)).send()).unwrap();
}

fn queue_spoilt(account: &Account) {
    let set = account.sqs.set_queue_attributes().queue_url(queue_url(account));
    block_on(set.attributes(QueueAttributeName::Policy, "").send()).unwrap();
}

fn rule_gone(account: &Account) {
    block_on(account.events.remove_targets().rule("stop").ids("state-machine").send()).unwrap();
    block_on(account.events.delete_rule().name("stop").send()).unwrap();
}

fn rule_disabled(account: &Account) {
    block_on(account.events.disable_rule().name("stop").send()).unwrap();
}

fn target_gone(account: &Account) {
    block_on(account.events.remove_targets().rule("stop").ids("state-machine").send()).unwrap();
}

fn alarm_gone(account: &Account) {
    block_on(account.cloudwatch.delete_alarms().alarm_names("stop-failed").send()).unwrap();
}

fn alarm_spoilt(account: &Account) {
    block_on(account.cloudwatch.disable_alarm_actions().alarm_names("stop-failed").send()).unwrap();
}

#[test]
fn two_regions_and_values_that_are_not_known_yet() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (here, there) = (Account::new(&project, REGION), Account::new(&project, "eu-west-1"));
        let topic_arn = topic(&here, "alerts");
        let text = format!(
            r#"
            resource "terraform_data" "later" {{
              input = {{ topic = "{topic_arn}", cluster = "prod", name = "late" }}
            }}
            resource "guardduty_ecs_response" "test" {{
              name             = "stop"
              action           = "stop_task"
              clusters         = [terraform_data.later.output.cluster]
              match            = {{ ecs_clusters = [terraform_data.later.output.cluster] }}
              notify_topic_arn = terraform_data.later.output.topic
            }}
            resource "guardduty_ecs_response" "there" {{
              name     = "stop"
              action   = "stop_task"
              clusters = ["*"]
              match    = {{}}
              region   = "eu-west-1"
            }}
            resource "guardduty_ecs_response" "late" {{
              name     = terraform_data.later.output.name
              action   = "stop_task"
              clusters = ["prod"]
              match    = {{}}
            }}"#
        );
        let plan = project.plan(&text);
        assert_eq!(plan.attribute(ADDRESS, "definition"), Json::Null);
        assert_eq!(plan.attribute(ADDRESS, "state_machine_arn"), json!(here.arn("states", "stateMachine:stop")));
        assert_eq!(plan.attribute("guardduty_ecs_response.late", "state_machine_arn"), Json::Null);
        assert!(plan.attribute("guardduty_ecs_response.there", "definition").is_string());
        project.apply(&text);
        let machine_arn = there.arn("states", "stateMachine:stop");
        let machine = block_on(there.sfn.describe_state_machine().state_machine_arn(machine_arn).send()).unwrap();
        assert!(machine.definition().contains(&there.arn("ecs", "cluster/*")));
        let roles: Vec<_> = there.inventory().into_iter().filter(|name| name.starts_with("role")).collect();
        assert_eq!(roles.len(), 6, "{roles:?}");
        project.destroy();
        assert_eq!(here.inventory(), Vec::<String>::new());
        assert_eq!(there.inventory(), Vec::<String>::new());
    });
}

/// A create sets ignored tags of one's own, on all that it creates; afterwards they are others' to change.
#[test]
fn ignored_tags_are_set_once_and_left_alone() {
    let project = Project::new(&one_cli());
    let account = Account::new(&project, REGION);
    let topic_arn = topic(&account, "alerts");
    let block = "provider \"guardduty\" {\n ignore_tags {\n keys = [\"cost\"]\n }\n}\n";
    let configured = |cost: &str| {
        format!("{block}{}", stopping(&topic_arn, &format!("tags = {{ cost = \"{cost}\", team = \"a\" }}")))
    };
    project.apply(&configured("1"));
    let costs = || {
        let role = |name: &str| {
            let tags = block_on(account.iam.list_role_tags().role_name(name).send()).unwrap().tags;
            tags.into_iter().find(|tag| tag.key == "cost").map(|tag| tag.value)
        };
        let machine = account.sfn.list_tags_for_resource().resource_arn(account.arn("states", "stateMachine:stop"));
        let machine = block_on(machine.send()).unwrap().tags.unwrap_or_default();
        let machine = machine.into_iter().find(|tag| tag.key.as_deref() == Some("cost")).and_then(|tag| tag.value);
        let rule = account.events.list_tags_for_resource().resource_arn(account.arn("events", "rule/stop"));
        let rule = block_on(rule.send()).unwrap().tags.unwrap_or_default();
        let rule = rule.into_iter().find(|tag| tag.key == "cost").map(|tag| tag.value);
        let url =
            block_on(account.sqs.get_queue_url().queue_name("stop-undelivered").send()).unwrap().queue_url.unwrap();
        let queue = block_on(account.sqs.list_queue_tags().queue_url(url).send()).unwrap().tags.unwrap_or_default();
        [role("stop-us-east-1"), role("stop-us-east-1-rule"), machine, rule, queue.get("cost").cloned()]
    };
    let all = |cost: &str| [(); 5].map(|()| Some(cost.to_owned()));
    assert_eq!(costs(), all("1"));
    project.apply(&configured("2"));
    assert_eq!(costs(), all("1"), "they are somebody else's");
    project.destroy();
}

/// Modules pass on what nobody set as an empty text.
#[test]
fn an_empty_topic_is_none() {
    let project = Project::new(&one_cli());
    let body = "  action = \"stop_task\"\n  clusters = [\"prod\"]\n  match = {}\n  notify_topic_arn = \"\"\n  \
                notify_topic_key_arn = \"\"";
    project.apply(&configuration(body));
    project.expect_refused(
        &configuration("  action = \"notify\"\n  match = {}\n  notify_topic_arn = \"\""),
        &["notify has nobody to tell"],
    );
    project.write(&configuration(body));
    project.destroy();
}
