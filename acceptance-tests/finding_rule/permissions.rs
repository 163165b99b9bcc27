//! What lets the rule in: statements among those of others, roles, keys.

use aws_sdk_iam as iam;
use aws_sdk_kms as kms;
use aws_sdk_sns as sns;
use serde_json::{Value as Json, json};

use super::account::{Account, sids};
use super::{ADDRESS, EVERY, configuration, parsed, target};
use crate::harness::{Project, REGION, block_on, for_each_cli};

const ALL: &str = "match = {}";

#[test]
fn statements_of_others_are_kept() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (topic, _) = account.topic("people");
        let before = account.topic_policy(&topic);
        let queue = account.queue("findings");
        let others = json!({"Version": "2012-10-17", "Id": "theirs", "Statement": [
            {"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": queue.arn},
        ]});
        queue.set_policy(&others);
        let function = account.function("alert");
        // Four rules at once on one topic and one queue: none may lose the statement of another.
        let rule = |number: usize| {
            let targets = format!(
                "people = {{ arn = \"{topic}\" }}\n queue = {{ arn = \"{}\" }}\n function = {{ arn = \"{function}\" }}",
                queue.arn
            );
            configuration(ALL, &targets)
                .replace("\"test\"", &format!("\"r{number}\""))
                .replace("\"alert\"", &format!("\"r{number}\""))
        };
        let text = |numbers: &[usize]| numbers.iter().map(|number| rule(*number)).collect::<String>();
        project.apply(&text(&[1, 2, 3, 4]));
        let rules_of = |policy: &Json| {
            let statement = policy["Statement"].as_array().unwrap().last().unwrap();
            match &statement["Condition"]["ArnEquals"]["aws:SourceArn"] {
                Json::Array(rules) => rules.len(),
                only => usize::from(only.is_string()),
            }
        };
        assert_eq!(sids(&queue.policy()), ["Theirs", "GuardDutyFindingRules"], "they share one statement");
        assert_eq!(rules_of(&queue.policy()), 4);
        assert_eq!(sids(&account.topic_policy(&topic)).len(), sids(&before).len() + 1);
        assert_eq!(rules_of(&account.topic_policy(&topic)), 4);
        assert_eq!(account.function_sids("alert").len(), 4);
        project.apply(&text(&[2]));
        assert_eq!((sids(&queue.policy()).len(), rules_of(&queue.policy())), (2, 1));
        assert_eq!(account.function_sids("alert").len(), 1);
        project.destroy();
        assert_eq!(queue.policy(), others);
        assert_eq!(account.topic_policy(&topic), before);
        assert!(account.function_sids("alert").is_empty());
    });
}

#[test]
fn roles_are_least_privileged_and_follow_the_targets() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (first, second) = (account.state_machine("first"), account.state_machine("second"));
        let (bus, _) = account.bus("security");
        let own = account.role("own");
        let client = iam::Client::new(&project.sdk(REGION));
        let name = "alert-us-east-1-targets";
        let policy = || {
            let found = client.get_role_policy().role_name(name).policy_name("call-targets");
            block_on(found.send()).ok().map(|found| found.policy_document)
        };

        project.apply(&configuration(EVERY, &format!("machine = {{ arn = \"{first}\" }}")));
        let role = format!("arn:aws:iam::{}:role/{name}", project.account);
        assert_eq!(target(&project, REGION, "machine").role_arn(), Some(role.as_str()));
        let granted = parsed(project.attribute(ADDRESS, "permissions")[&role].as_str().unwrap());
        let expected = json!([{"Effect": "Allow", "Action": "states:StartExecution", "Resource": first}]);
        assert_eq!(granted["policy"]["Statement"], expected);
        let source = &granted["trust"]["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"];
        assert_eq!(source, &json!(format!("arn:aws:events:us-east-1:{}:rule/alert", project.account)));

        let targets = format!("machine = {{ arn = \"{second}\" }}\n bus = {{ arn = \"{bus}\" }}");
        project.apply(&configuration(EVERY, &targets));
        let text = policy().unwrap();
        assert!(text.contains("events%3APutEvents") || text.contains("events:PutEvents"), "{text}");
        assert!(!text.contains("first") && text.contains("second"), "{text}");
        project.reimport(ADDRESS, "alert");

        block_on(client.delete_role_policy().role_name(name).policy_name("call-targets").send()).unwrap();
        project.plan(&configuration(EVERY, &targets)).expect_actions(ADDRESS, &["update"]);
        project.apply(&configuration(EVERY, &targets));
        assert!(policy().is_some(), "a policy that went is put back");

        let targets = format!("machine = {{ arn = \"{second}\", role_arn = \"{own}\" }}");
        project.apply(&configuration(EVERY, &targets));
        assert_eq!(target(&project, REGION, "machine").role_arn(), Some(own.as_str()));
        assert!(block_on(client.get_role().role_name(name).send()).is_err(), "a role that nobody needs goes");
        project.destroy();

        let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
        block_on(client.create_role().role_name(name).assume_role_policy_document(trust).send()).unwrap();
        let texts =
            ["a role of this name already exists, and was not created for this resource", "Choose another name"];
        project.expect_apply_failure(&configuration(EVERY, &format!("machine = {{ arn = \"{first}\" }}")), &texts);
        block_on(client.delete_role().role_name(name).send()).unwrap();
        project.apply(&configuration(EVERY, &format!("machine = {{ arn = \"{first}\" }}")));
        project.destroy();
    });
}

#[test]
fn a_log_group_gets_a_resource_policy() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let group = account.log_group("/security/findings");
        let client = aws_sdk_cloudwatchlogs::Client::new(&project.sdk(REGION));
        let policies = || {
            let found = block_on(client.describe_resource_policies().send()).unwrap();
            found.resource_policies.unwrap_or_default()
        };
        let text = configuration(ALL, &format!("log = {{ arn = \"{group}\" }}"));
        project.apply(&text);
        let [only] = &policies()[..] else { panic!("one policy is wanted") };
        let document = parsed(only.policy_document().unwrap());
        assert_eq!(document["Statement"][1]["Action"], "logs:PutLogEvents");
        let delete = client.delete_resource_policy().policy_name(only.policy_name().unwrap());
        block_on(delete.send()).unwrap();
        project.plan(&text).expect_actions(ADDRESS, &["update"]);
        project.apply(&text);
        project.destroy();
        assert!(policies().is_empty());
    });
}

#[test]
fn keys_that_keep_eventbridge_out_are_told() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (topic, _) = account.topic("people");
        let keys = kms::Client::new(&project.sdk(REGION));
        let key = block_on(keys.create_key().send()).unwrap().key_metadata.unwrap().key_id;
        let topics = sns::Client::new(&project.sdk(REGION));
        let encrypt = |key: &str| {
            let set = topics.set_topic_attributes().topic_arn(&topic).attribute_name("KmsMasterKeyId");
            block_on(set.attribute_value(key).send()).unwrap();
        };
        let text = configuration(ALL, &format!("people = {{ arn = \"{topic}\" }}"));
        let warning = "EventBridge can't deliver to the encrypted";
        encrypt(&key);
        project.write(&text);
        let texts = [
            warning,
            "does not allow EventBridge (events.amazonaws.com) to use it",
            r#""Action":["kms:Decrypt","kms:GenerateDataKey"]"#,
        ];
        project.run(&["plan"]).expect_success().expect_texts(&texts);
        encrypt("alias/aws/sns");
        project.run(&["plan"]).expect_success().expect_texts(&[warning, "the key of the service"]);
        encrypt(&key);
        let statements = json!([
            {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", project.account)},
             "Action": "kms:*", "Resource": "*"},
            {"Sid": "Rules", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
             "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"},
        ]);
        let policy: Json = json!({"Version": "2012-10-17", "Statement": statements});
        block_on(keys.put_key_policy().key_id(&key).policy_name("default").policy(policy.to_string()).send()).unwrap();
        let planned = project.run(&["plan"]).expect_success();
        assert!(!planned.text.contains(warning), "{}", planned.text);
    });
}
