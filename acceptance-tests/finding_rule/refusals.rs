//! What is refused, or warned of, at plan.

use serde_json::{Value as Json, json};

use super::account::Account;
use super::configuration;
use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:alerts";

#[test]
fn wrong_input_is_refused_where_it_is() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = &project.account;
        let topic = format!("arn:aws:sns:us-east-1:{account}:alerts");
        let queue = |name: &str| format!("arn:aws:sqs:us-east-1:{account}:{name}");
        let simple = format!("people = {{ arn = \"{topic}\" }}");
        let refused = |body: &str, targets: &str, texts: &[&str]| {
            project.expect_refused(&configuration(body, targets), texts);
        };
        refused("", &simple, &["`match` or `event_pattern` is missing"]);
        refused("match = {}\n event_pattern = \"{}\"", &simple, &["`match` and `event_pattern` exclude each other"]);
        refused(
            "match = { severity = [\"HIHG\"], severity_maximum = 11, accounts = [\"1\"], features = [\"RUNTIME_MONITORIN\"] }",
            &simple,
            &[
                "invalid value for match.severity",
                "Did you mean \"HIGH\"?",
                "invalid value for match.severity_maximum",
                "11 is not between 1.0 and 10.0",
                "invalid value for match.accounts[0]",
                "invalid value for match.features[0]",
                "did you mean \"RUNTIME_MONITORING\"?",
            ],
        );
        refused("match = { finding_types = [] }", &simple, &["match.finding_types", "An empty list asks for nothing"]);
        let bad = "event_pattern = jsonencode({ detail = { severity = [{ numeric = [\">\", \"x\"] }] } })";
        refused(bad, &simple, &["invalid value for event_pattern", "detail.severity[0].numeric"]);
        refused("event_pattern = \"{\"", &simple, &["invalid value for event_pattern", "not JSON"]);
        refused("match = {}", "", &["A rule without targets sends findings nowhere."]);
        refused("match = {}", &format!("\"a b\" = {{ arn = \"{topic}\" }}"), &["\"a b\" is no target id"]);
        refused(
            "match = {}",
            "bucket = { arn = \"arn:aws:s3:::bucket\" }",
            &["invalid value for targets[\"bucket\"].arn", "can't be a target", "SNS topic", "log group"],
        );
        refused(
            "match = {}",
            &format!("people = {{ arn = \"{}\" }}", topic.replace("us-east-1", "eu-west-1")),
            &["It is in eu-west-1, the rule in us-east-1"],
        );
        refused("match = {}", &format!("t = {{ arn = \"{topic}.fifo\" }}"), &["standard topics"]);
        refused(
            "match = {}",
            &format!("q = {{ arn = \"{}\" }}", queue("q.fifo")),
            &["A FIFO queue needs a message group."],
        );
        refused(
            "match = {}",
            &format!(
                "t = {{ arn = \"{topic}\", message_group_id = \"g\", dead_letter_arn = \"{}\" }}",
                queue("d.fifo")
            ),
            &["Only an SQS queue has message groups.", "A dead-letter queue must be a standard queue"],
        );
        refused(
            "match = {}",
            &format!("t = {{ arn = \"{topic}\", retry = {{ maximum_attempts = 186, maximum_age_seconds = 59 }} }}"),
            &["186 is not from 0 to 185", "59 is not from 60 to 86400"],
        );
        let input = |input: &str| format!("t = {{ arn = \"{topic}\", input = {{ {input} }} }}");
        refused("match = {}", &input(""), &["Set exactly one of `json`, `path` and `template`."]);
        refused("match = {}", &input("json = \"{}\", path = \"$\""), &["`json` and `path` exclude each other"]);
        refused("match = {}", &input("json = \"hello\""), &["targets[\"t\"].input.json", "It is not JSON"]);
        refused("match = {}", &input("path = \"detail\""), &["targets[\"t\"].input.path", "is no path into the event"]);
        refused("match = {}", &input("template = \"<$detail>\""), &["targets[\"t\"].input.template", "is no path"]);
        let logs = format!(
            "l = {{ arn = \"arn:aws:logs:us-east-1:{account}:log-group:/x\", input = {{ template = jsonencode({{ a = 1 }}) }} }}"
        );
        refused("match = {}", &logs, &["A log group takes a string"]);
        let named =
            |name: &str, targets: &str| configuration("match = {}", targets).replace("\"alert\"", &format!("{name:?}"));
        project.expect_refused(&named("a/b", &simple), &["invalid value for name", "'/' is not allowed"]);
        let six: String = (0..6).map(|number| format!("t{number} = {{ arn = \"{topic}\" }}\n")).collect();
        project.expect_refused(&named(&"r".repeat(63), &six), &["invalid value for name", "need more than one rule"]);
        let bus = format!("bus = {{ arn = \"arn:aws:events:eu-west-1:{account}:event-bus/b\" }}");
        refused("match = {}\n manage_permissions = false", &bus, &["targets[\"bus\"].role_arn", "It needs a role"]);
    });
}

#[test]
fn what_may_be_wrong_is_warned_of() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let said = |body: &str, targets: &str, texts: &[&str]| {
            project.write(&configuration(body, targets));
            project.run(&["plan"]).expect_success().expect_texts(texts);
        };
        let foreign = format!("people = {{ arn = \"{TOPIC}\" }}");
        said(
            "match = { finding_types = [\"CryptoCurrency:Runtime/BitcoinTool.X!DNS\"], resource_types = [\"EcsCluster\"] }",
            &foreign,
            &[
                "unknown value for match.finding_types[0]",
                "did you mean \"CryptoCurrency:Runtime/BitcoinTool.B!DNS\"?",
                "did you mean \"ECSCluster\"?",
                "target \"people\" is another account's",
                "\"Action\":\"sns:Publish\"",
            ],
        );
    });
}

#[test]
fn a_pattern_that_can_hardly_be_meant_is_warned_of() {
    let project = Project::new(&one_cli());
    let topic = format!("people = {{ arn = \"arn:aws:sns:us-east-1:{}:alerts\" }}", project.account);
    let said = |pattern: &str, text: &str| {
        let body = format!("event_pattern = jsonencode({{ {pattern} }})");
        project.write(&configuration(&body, &topic));
        project.run(&["plan"]).expect_success().expect_texts(&[text, "event_pattern = jsonencode"]);
    };
    let finding = r#"source = ["aws.guardduty"], "detail-type" = ["GuardDuty Finding"]"#;
    said(
        &format!(r#"{finding}, "detail.severity" = [{{ numeric = [">=", 7] }}]"#),
        "the event pattern names \"detail.severity\" as one key",
    );
    said(&format!(r#"{finding}, detail = {{ severity = ["HIGH"] }}"#), "no finding has such a severity");
    said(&format!(r#"{finding}, detail = {{ severity = [7, 7.5, 8, 8.9] }}"#), "leaves out CRITICAL findings");
    said(r#"source = ["aws.guarduty"]"#, "its `source` is not that of GuardDuty");
    said(r#"source = ["aws.guardduty"], "detail-type" = ["Finding"]"#, "GuardDuty has no events of its `detail-type`");
}

/// Keys and queues that keep EventBridge out without a word.
#[test]
fn a_key_or_queue_that_takes_nothing_is_warned_of() {
    let project = Project::new(&one_cli());
    let (kms, sns) = (aws_sdk_kms::Client::new(&project.sdk(REGION)), aws_sdk_sns::Client::new(&project.sdk(REGION)));
    let topic = |name: &str, policy: Json| {
        let created = block_on(kms.create_key().policy(policy.to_string()).send()).unwrap();
        let key = created.key_metadata.unwrap().arn.unwrap();
        let topic = sns.create_topic().name(name).attributes("KmsMasterKeyId", key);
        block_on(topic.send()).unwrap().topic_arn.unwrap()
    };
    let everything = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"});
    let allow = |condition: Json| {
        json!({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Resource": "*",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Condition": condition})
    };
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
    let policy = |statements: &[Json]| json!({"Version": "2012-10-17", "Statement": statements});
    let bound = allow(json!({"StringEquals": {"aws:SourceAccount": project.account}}));
    let queue = aws_sdk_sqs::Client::new(&project.sdk(REGION)).create_queue().queue_name("q.fifo");
    block_on(queue.attributes("FifoQueue".into(), "true").send()).unwrap();
    let fifo = format!("arn:aws:sqs:us-east-1:{}:q.fifo", project.account);
    for (target, text) in [
        (topic("denied", policy(&[everything.clone(), deny])), "may deny EventBridge (events.amazonaws.com) to use it"),
        (topic("bound", policy(&[bound])), "under a condition on aws:SourceAccount or aws:SourceArn"),
        (format!("{fifo}\", message_group_id = \"g"), "must have content-based deduplication"),
    ] {
        project.write(&configuration("match = {}", &format!("t = {{ arn = \"{target}\" }}")));
        project.run(&["plan"]).expect_success().expect_texts(&["EventBridge can't deliver to the", text]);
    }
    let open = topic("open", policy(&[everything]));
    project.write(&configuration("match = {}", &format!("t = {{ arn = \"{open}\" }}")));
    let output = project.run(&["plan"]).expect_success();
    assert!(!output.text.contains("can't deliver"), "{}", output.text);
}

#[test]
fn a_filter_that_silences_a_rule_is_told() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (detector, queue) = (account.detector(), account.queue("findings"));
        let text = |action: &str, bound: u8| {
            let rule =
                configuration("match = { severity = [\"HIGH\"] }", &format!("q = {{ arn = \"{}\" }}", queue.arn));
            format!(
                r#"{rule}
resource "guardduty_filter" "quiet" {{
  detector_id = "{detector}"
  name        = "quiet"
  action      = "{action}"
  finding_criteria {{
    criterion {{
      field                 = "severity"
      greater_than_or_equal = "{bound}"
    }}
  }}
}}
"#
            )
        };
        let all = ["filter \"quiet\" silences finding rule \"alert\"", "Narrow the filter"];
        let second = |address: &str, first: &str| {
            let head = format!("resource {address} {{\n");
            project.write(&text("ARCHIVE", 4).replace(&head, &format!("{head}  depends_on = [{first}]\n")));
            project.run(&["plan"]).expect_success().expect_texts(&all);
        };
        second("\"guardduty_filter\" \"quiet\"", "guardduty_finding_rule.test");
        second("\"guardduty_finding_rule\" \"test\"", "guardduty_filter.quiet");
        project.apply(&text("ARCHIVE", 4));
        project.run(&["plan"]).expect_success().expect_texts(&all);
        let some = "filter \"quiet\" may silence finding rule \"alert\"";
        project.write(&text("ARCHIVE", 8));
        project.run(&["plan"]).expect_success().expect_texts(&[some]);
        project.apply(&text("ARCHIVE", 8));
        let silent = |output: crate::harness::Output| assert!(!output.text.contains("silence"), "{}", output.text);
        silent(project.run(&["plan"]).expect_success());
        project.write(&text("ARCHIVE", 9));
        silent(project.run(&["plan"]).expect_success());
        project.write(&text("NOOP", 4));
        silent(project.run(&["plan"]).expect_success());
        project.destroy();
    });
}

#[test]
fn patterns_that_match_nothing_are_warned_of() {
    let project = Project::new(&one_cli());
    let targets = format!("t = {{ arn = \"arn:aws:sns:us-east-1:{}:t\" }}", project.account);
    let warned = |pattern: &str, texts: &[&str]| {
        let body = format!("manage_permissions = false\n event_pattern = jsonencode({pattern})");
        project.write(&configuration(&body, &targets));
        project.run(&["plan"]).expect_success().expect_texts(texts);
    };
    warned("{ Source = [\"aws.guardduty\"] }", &["\"Source\", which is not a known field of events", "\"source\"?"]);
    warned(
        "{ detail = { Severity = [8], type = [\"CryptoCurrency:Runtime/BitcoinTool.B!DN\"], accountId = [\"prod\"] } }",
        &["\"detail.Severity\"", "Did you mean \"CryptoCurrency:Runtime/BitcoinTool.B!DNS\"?", "the account \"prod\""],
    );
    warned("{ account = [\"1111\"] }", &["the account \"1111\", which is not an AWS account ID"]);
    warned("{ region = [\"eu-west-1\"] }", &["never matches: its `region` is not us-east-1", "argument `region`"]);
}

/// Modules pass on what nobody set as an empty text.
#[test]
fn empty_texts_are_left_out() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let (topic, _) = Account(&project).topic("alerts");
        let target = |more: &str| format!("t = {{ arn = \"{topic}\"{more} }}");
        let empty = ", dead_letter_arn = \"\", role_arn = \"\", message_group_id = \"\"";
        project.apply(&configuration("match = {}\n event_pattern = \"\"", &target(empty)));
        project.clear_calls();
        project.apply(&configuration("match = {}", &target("")));
        assert!(!project.calls().contains(&"events:PutTargets".to_owned()), "{:?}", project.calls());
        project.destroy();
    });
}
