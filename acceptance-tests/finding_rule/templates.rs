//! Templates as people write them arrive as they mean them, and imported ones stay as they are.

use aws_sdk_eventbridge::{self as eventbridge, types as api};
use serde_json::{Value as Json, json};

use super::account::Account;
use super::{ADDRESS, configuration, parsed, target};
use crate::harness::{Project, REGION, block_on, one_cli};

/// A title as no receiver likes it.
const TITLE: &str = "The container \"web\" ran\n\"sh\" \\ twice";

/// What a queue got for a text: LocalStack's targets write it as JSON once more, without its first and last quote.
fn text(body: &str) -> String {
    format!("\"{}\"", parsed(body).as_str().unwrap())
}

#[test]
fn each_form_of_a_template_is_delivered_as_it_is_meant() {
    let project = Project::new(&one_cli());
    let account = Account(&project);
    account.detector();
    let forms = [
        ("bare", r#"{"severity": <$.detail.severity>, "title": "<$.detail.title>", "rule": <aws.events.rule-name>}"#),
        ("encoded", r#"{"text":"\u003ctostring($.detail.severity)\u003e","n":"\u003c$.detail.severity\u003e"}"#),
        ("lines", "Account <$.account>\nseverity <$.detail.severity>, \"high\"\n"),
        ("quoted", "\"severity <$.detail.severity>\""),
        ("quotes", "\"severity <$.detail.severity>\"\n\"<$.detail.type>\"\n"),
    ];
    let queues = forms.map(|(name, _)| account.queue(name));
    let targets: Vec<_> = forms
        .iter()
        .zip(&queues)
        .map(|((name, template), queue)| {
            format!("{name} = {{ arn = \"{}\", input = {{ template = {template:?} }} }}", queue.arn)
        })
        .collect();
    // Rust's escapes in {:?} are those of HCL.
    let rule = configuration("match = {}", &targets.join("\n"));
    project.apply(&rule);
    let mut finding = account.finding("f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3");
    finding["title"] = json!(TITLE);
    let kind = finding["type"].as_str().unwrap().to_owned();
    assert_eq!(project.inject_finding(REGION, &finding)["published"], true);
    let [bare, encoded, lines, quoted, quotes] = queues.map(|queue| queue.next());
    assert_eq!(parsed(&bare), json!({"severity": 8, "title": TITLE, "rule": "alert"}));
    assert_eq!(parsed(&encoded), json!({"text": "8", "n": 8}));
    assert_eq!(text(&lines), format!("\"Account {}\"\n\"severity 8, \"high\"\"", project.account));
    assert_eq!(parsed(&quoted), json!("severity 8"));
    assert_eq!(text(&quotes), format!("\"severity 8\"\n\"{kind}\""));
    let sent = |id: &str| target(&project, REGION, id).input_transformer.unwrap().input_template;
    assert_eq!(sent("lines"), "\"Account <p1>\"\n\"severity <p2>, \\\"high\\\"\"");
    assert_eq!(sent("quotes"), "\"severity <p1>\"\n\"<p2>\"");
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn what_can_not_arrive_as_it_is_meant_is_told() {
    let project = Project::new(&one_cli());
    let topic = format!("arn:aws:sns:us-east-1:{}:alerts", project.account);
    let rule = |arn: &str, template: &str| {
        configuration("match = {}", &format!("t = {{ arn = \"{arn}\", input = {{ template = {template:?} }} }}"))
    };
    for template in ["severity <severity>", "{\"s\": <severity>}", "{\"s\": \"<severity>\"}", "\"is <severity>\""] {
        project.expect_refused(
            &rule(&topic, template),
            &["targets[\"t\"].input.template", "`<severity>` has no path", "`<$.detail.severity>`"],
        );
    }
    project.expect_refused(&rule(&topic, "see <detail.type>"), &["`<$.detail.type>`"]);
    let told = |arn: &str, template: &str, texts: &[&str]| {
        project.write(&rule(arn, template));
        project.run(&["plan"]).expect_success().expect_texts(texts);
    };
    told(&topic, "{\"a\": \"<$.detail.id>\",}", &["the template is sent as text", "begins like JSON but is not"]);
    told(&topic, "{\"a\": \"see <$.detail.title>\"}", &["a quote in $.detail.title makes this JSON unreadable"]);
    let machine = format!("arn:aws:states:us-east-1:{}:stateMachine:m", project.account);
    told(&machine, "see <$.detail.title>", &["a quote in $.detail.title", "{\"value\": <$.detail.title>}"]);
}

/// A rule as hashicorp/aws makes one: names for the values, and white space as somebody wrote it.
#[test]
fn an_imported_transformer_stays_byte_for_byte() {
    let project = Project::new(&one_cli());
    let account = Account(&project);
    let (json, lines) = (account.queue("json"), account.queue("lines"));
    let client = eventbridge::Client::new(&project.sdk(REGION));
    let pattern = json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}).to_string();
    block_on(client.put_rule().name("alert").event_pattern(&pattern).send()).unwrap();
    let transformer = |template: &str| {
        api::InputTransformer::builder()
            .input_paths_map("severity", "$.detail.severity")
            .input_paths_map("title", "$.detail.title")
            .input_template(template)
            .build()
            .unwrap()
    };
    let of_json = transformer("{\n  \"severity\": \"<severity>\",\n  \"n\" : <severity>, \"title\": \"<title>\"\n}\n");
    let of_lines = transformer("\"Severity <severity>\"\n\n  \"<title>\"\n");
    let put = |id: &str, arn: &str, transformer: &api::InputTransformer| {
        api::Target::builder().id(id).arn(arn).input_transformer(transformer.clone()).build().unwrap()
    };
    let targets = vec![put("json", &json.arn, &of_json), put("lines", &lines.arn, &of_lines)];
    block_on(client.put_targets().rule("alert").set_targets(Some(targets)).send()).unwrap();

    let rule = |more: &str| {
        let of_json =
            r#"{"severity": "<tostring($.detail.severity)>", "n": <$.detail.severity>, "title": "<$.detail.title>"}"#;
        configuration(
            &format!("event_pattern = {pattern:?}"),
            &format!(
                "json = {{ arn = \"{}\", input = {{ template = {of_json:?} }}, {more} }}\n lines = {{ arn = \"{}\", \
                 input = {{ template = \"Severity <$.detail.severity>\\n<$.detail.title>\" }}, {more} }}",
                json.arn, lines.arn
            ),
        )
    };
    project.write(&rule(""));
    project.run(&["import", ADDRESS, "alert"]).expect_success();
    let imported = project.attribute(ADDRESS, "targets");
    let template = |id: &str| imported[id]["input"]["template"].clone();
    assert_eq!(template("lines"), json!("\"Severity <$.detail.severity>\"\n\n  \"<$.detail.title>\"\n"));
    let found: Json = serde_json::from_str(template("json").as_str().unwrap()).unwrap();
    assert_eq!(found["severity"], json!("<tostring($.detail.severity)>"), "a text stays one");
    let sent = |id: &str| target(&project, REGION, id).input_transformer.unwrap();
    for more in ["", "retry = { maximum_attempts = 3 }"] {
        project.apply(&rule(more));
        assert_eq!((sent("json"), sent("lines")), (of_json.clone(), of_lines.clone()), "{more}");
        project.expect_no_changes();
    }
    assert_eq!(target(&project, REGION, "json").retry_policy.unwrap().maximum_retry_attempts, Some(3));
    project.destroy();
}
