//! What is this instance's own: changed and deleted only while it has the mark, and never lost while anything is left.

use aws_sdk_eventbridge as eventbridge;
use aws_sdk_iam as iam;
use serde_json::json;

use super::account::Account;
use super::{ADDRESS, configuration, rules};
use crate::harness::{Project, REGION, block_on, for_each_cli, one_cli};

const ALL: &str = "match = {}";
const ROLE: &str = "alert-us-east-1-targets";
const STRANGE: &str = r#"{"source":["aws.ec2"]}"#;

/// The account's rules, as its other tools see them.
struct Rules<'a> {
    project: &'a Project,
    client: eventbridge::Client,
}

impl<'a> Rules<'a> {
    fn new(project: &'a Project) -> Self {
        Rules { project, client: eventbridge::Client::new(&project.sdk(REGION)) }
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:events:{REGION}:{}:rule/{name}", self.project.account)
    }

    /// Deletes the rule and its targets.
    fn delete(&self, name: &str) {
        let listed =
            block_on(self.client.list_targets_by_rule().rule(name).send()).unwrap().targets.unwrap_or_default();
        let ids: Vec<_> = listed.into_iter().map(|target| target.id).collect();
        block_on(self.client.remove_targets().rule(name).set_ids(Some(ids)).send()).unwrap();
        block_on(self.client.delete_rule().name(name).send()).unwrap();
    }

    /// Creates a rule that is somebody else's.
    fn create(&self, name: &str) {
        block_on(self.client.put_rule().name(name).event_pattern(STRANGE).send()).unwrap();
    }

    fn pattern(&self, name: &str) -> Option<String> {
        block_on(self.client.describe_rule().name(name).send()).ok()?.event_pattern
    }

    /// The key of the rule's mark.
    fn mark(&self, name: &str) -> String {
        let tags = block_on(self.client.list_tags_for_resource().resource_arn(self.arn(name)).send()).unwrap().tags;
        let mut keys = tags.unwrap_or_default().into_iter().map(|tag| tag.key);
        keys.find(|key| key.starts_with("guardduty:owner/")).unwrap()
    }

    fn untag(&self, name: &str, key: &str) {
        block_on(self.client.untag_resource().resource_arn(self.arn(name)).tag_keys(key).send()).unwrap();
    }

    fn tag(&self, name: &str, key: &str) {
        let tag = eventbridge::types::Tag::builder().key(key).value("finding_rule").build().unwrap();
        block_on(self.client.tag_resource().resource_arn(self.arn(name)).tags(tag).send()).unwrap();
    }
}

fn has_role(project: &Project) -> bool {
    block_on(iam::Client::new(&project.sdk(REGION)).get_role().role_name(ROLE).send()).is_ok()
}

/// A rule whose EventBridge rule is gone is still known by what lets it in: an update puts the rule back, and a destroy
/// leaves nothing.
#[test]
fn a_rule_that_vanished_is_put_back_or_leaves_nothing() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (queue, log, machine) =
            (account.queue("findings"), account.log_group("/findings"), account.state_machine("machine"));
        let logs = aws_sdk_cloudwatchlogs::Client::new(&project.sdk(REGION));
        let policies = || block_on(logs.describe_resource_policies().send()).unwrap().resource_policies().len();
        let targets = format!(
            "queue = {{ arn = \"{}\" }}\n log = {{ arn = \"{log}\" }}\n machine = {{ arn = \"{machine}\" }}",
            queue.arn
        );
        let text = configuration(&format!("{ALL}\n  tags = {{ team = \"security\" }}"), &targets);
        let whole = [("alert".to_owned(), ["log", "machine", "queue"].map(str::to_owned).to_vec())];
        let events = Rules::new(&project);
        project.apply(&text);

        events.delete("alert");
        let plan = project.plan(&text);
        assert_eq!(plan.actions(ADDRESS), ["update"]);
        assert_eq!(plan.attribute(ADDRESS, "rules"), json!({"alert": ["log", "machine", "queue"]}));
        project.apply(&text);
        assert_eq!(rules(&project, REGION), whole);

        // What is gone with it is put back too.
        events.delete("alert");
        queue.set_policy(&json!(null));
        project.apply(&text);
        assert!(!queue.policy().is_null());

        // A destroy that failed half way goes on; nobody needs the rule for that.
        let denied = json!({"service": "iam", "operation": "DeleteRole", "mode": "error", "status": 403,
            "code": "AccessDenied", "message": "by a test"});
        project.fault(denied.clone());
        project.run(&["destroy", "-auto-approve"]).expect_failure(&["cannot delete IAM role"]);
        assert_eq!((rules(&project, REGION), has_role(&project)), (vec![], true));
        project.destroy();
        assert!(!has_role(&project) && queue.policy().is_null() && policies() == 0);

        // Nor is a create of this name refused by what such a one left.
        project.apply(&text);
        events.delete("alert");
        project.destroy();
        assert!(!has_role(&project) && queue.policy().is_null() && policies() == 0);
        project.apply(&text);
        project.destroy();
    });
}

/// A rule that others let in has nothing of its own once it is gone.
#[test]
fn a_vanished_rule_that_others_let_in_is_gone() {
    let project = Project::new(&one_cli());
    let queue = Account(&project).queue("findings");
    queue.set_policy(&json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Theirs", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": queue.arn,
    }]}));
    let text = configuration(ALL, &format!("queue = {{ arn = \"{}\" }}", queue.arn));
    project.apply(&text);
    Rules::new(&project).delete("alert");
    project.plan(&text).expect_actions(ADDRESS, &["create"]);
}

/// Each rule of an instance is known by its mark, not only the first.
#[test]
fn a_further_rule_of_somebody_else_is_left_alone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let queue = Account(&project).queue("findings");
        let targets = |count: usize| {
            let target = |number: usize| format!("t{number} = {{ arn = \"{}\" }}\n", queue.arn);
            configuration(ALL, &(0..count).map(target).collect::<String>())
        };
        let events = Rules::new(&project);

        // It exists before the instance needs it.
        events.create("alert-2");
        project.apply(&targets(5));
        let told = ["cannot create EventBridge rule \"alert-2\"", "does not have the tag", "\"guardduty:owner/"];
        project.expect_apply_failure(&targets(6), &told);
        assert_eq!(events.pattern("alert-2").as_deref(), Some(STRANGE));
        events.delete("alert-2");
        project.apply(&targets(6));

        // Somebody deletes that of the instance, and creates another.
        events.delete("alert-2");
        events.create("alert-2");
        project.expect_apply_failure(&targets(6), &told);
        project.apply(&targets(5));
        assert_eq!(
            events.pattern("alert-2").as_deref(),
            Some(STRANGE),
            "it is not deleted with what it was named after"
        );
        events.delete("alert-2");
        project.apply(&targets(6));
        let mark = events.mark("alert-2");
        events.untag("alert-2", &mark);
        project.write(&targets(6));
        let told = ["EventBridge rule \"alert-2\"", "was not deleted", &mark];
        project.run(&["destroy", "-refresh=false", "-auto-approve"]).expect_success().expect_texts(&told);
        assert_eq!(rules(&project, REGION).iter().map(|rule| rule.0.as_str()).collect::<Vec<_>>(), ["alert-2"]);
    });
}

/// What lost its tag may be somebody else's: it is neither changed nor deleted until the tag is back.
#[test]
fn what_lost_its_tag_is_left_alone() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (first, second) = (account.state_machine("first"), account.state_machine("second"));
        let text = |machine: &str, more: &str| {
            configuration(&format!("{ALL}\n  {more}"), &format!("machine = {{ arn = \"{machine}\" }}"))
        };
        let events = Rules::new(&project);
        project.apply(&text(&first, ""));
        let mark = events.mark("alert");
        let told = ["no longer has the tag by which this instance knows what it created", "Another tool", &mark];

        events.untag("alert", &mark);
        let changed = text(&first, "description = \"another\"");
        project.expect_apply_failure(&changed, &told).expect_texts(&["cannot update EventBridge rule \"alert\""]);
        events.tag("alert", &mark);
        project.apply(&changed);

        let roles = iam::Client::new(&project.sdk(REGION));
        block_on(roles.untag_role().role_name(ROLE).tag_keys(&mark).send()).unwrap();
        let other = text(&second, "");
        project.expect_apply_failure(&other, &told).expect_texts(&[&format!("cannot update IAM role \"{ROLE}\"")]);
        let tag = iam::types::Tag::builder().key(&mark).value("finding_rule").build().unwrap();
        block_on(roles.tag_role().role_name(ROLE).tags(tag).send()).unwrap();
        project.apply(&other);

        block_on(roles.untag_role().role_name(ROLE).tag_keys(&mark).send()).unwrap();
        let left = [&format!("IAM role \"{ROLE}\""), "was not deleted", &mark];
        project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&left);
        assert_eq!((rules(&project, REGION), has_role(&project)), (vec![], true));
        block_on(roles.delete_role_policy().role_name(ROLE).policy_name("call-targets").send()).unwrap();
        block_on(roles.delete_role().role_name(ROLE).send()).unwrap();

        project.apply(&other);
        events.untag("alert", &events.mark("alert"));
        project.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&["was not deleted"]);
        assert_eq!(rules(&project, REGION).len(), 1);
    });
}

/// A rule that another process created since the last look is its own, also if its tags are read late.
#[test]
fn a_rival_whose_tags_are_read_late_is_seen() {
    let project = Project::new(&one_cli());
    let queue = Account(&project).queue("findings");
    let events = Rules::new(&project);
    project.delay_reads("events:rule", 2);
    let tag = eventbridge::types::Tag::builder().key("guardduty:owner/0123456789abcdef").value("").build().unwrap();
    block_on(events.client.put_rule().name("alert").event_pattern(STRANGE).tags(tag).send()).unwrap();
    let text = configuration(ALL, &format!("queue = {{ arn = \"{}\" }}", queue.arn));
    project.expect_apply_failure(&text, &["cannot create EventBridge rule \"alert\"", "at the same time"]);
    project.see_all();
    assert_eq!(project.state(ADDRESS), None, "what is somebody else's is not in the state");
    assert!(queue.policy().is_null(), "and gets no permission");
}

/// A finding rule and a response of one name have one EventBridge rule.
#[test]
fn a_response_of_the_same_name_is_refused() {
    let project = Project::new(&one_cli());
    let queue = Account(&project).queue("findings");
    let rule = configuration(ALL, &format!("queue = {{ arn = \"{}\" }}", queue.arn));
    let response = "resource \"guardduty_ecs_response\" \"test\" {\n  name = \"alert\"\n  action = \"stop_task\"\n  \
                    clusters = [\"prod\"]\n  match = {}\n}\n";
    project.expect_refused(&format!("{rule}{response}"), &["are the EventBridge rule \"alert\" in us-east-1"]);

    let other = project.beside();
    project.apply(&rule);
    other.expect_apply_failure(response, &["cannot create response \"alert\"", "it already exists"]);
    project.expect_no_changes();
    project.destroy();
    other.apply(response);
    project.expect_apply_failure(&rule, &["cannot create finding rule \"alert\"", "it already exists"]);
    other.expect_no_changes();
    other.destroy();
}

/// Calls that were carried out, though no try was answered.
#[test]
fn lost_answers_are_settled_by_a_look() {
    for_each_cli(|cli| {
        let project = Project::new(cli);
        let account = Account(&project);
        let (queue, machine) = (account.queue("findings"), account.state_machine("machine"));
        let once = "provider \"guardduty\" {\n  max_retries = 0\n}\n";
        let text = |targets: &str| format!("{once}{}", configuration(ALL, targets));
        let one = format!("machine = {{ arn = \"{machine}\" }}");
        let both = format!("{one}\n queue = {{ arn = \"{}\" }}", queue.arn);
        let lost = |service: &str, operation: &str| {
            project.fault(json!({"service": service, "operation": operation, "mode": "lost"}));
        };
        lost("events", "PutTargets");
        lost("iam", "PutRolePolicy");
        project.apply(&text(&both));
        lost("events", "RemoveTargets");
        project.apply(&text(&one));
        assert_eq!(rules(&project, REGION), [("alert".to_owned(), vec!["machine".to_owned()])]);
        lost("events", "RemoveTargets");
        lost("iam", "DeleteRolePolicy");
        project.destroy();
        assert_eq!((rules(&project, REGION), has_role(&project)), (vec![], false));
    });
}

/// Another instance that put the rule back needs what lets it in.
#[test]
fn what_another_state_put_back_keeps_its_permissions() {
    let first = Project::new(&one_cli());
    let second = first.beside();
    let queue = Account(&first).queue("findings");
    let text = configuration(ALL, &format!("queue = {{ arn = \"{}\" }}", queue.arn));
    first.apply(&text);
    second.write(&text);
    second.run(&["apply", "-auto-approve"]).expect_success();
    Rules::new(&first).delete("alert");
    second.run(&["apply", "-refresh-only", "-auto-approve"]).expect_success();
    first.apply(&text);
    second.run(&["destroy", "-auto-approve"]).expect_success().expect_texts(&["was not deleted"]);
    assert!(!queue.policy().is_null());
    first.expect_no_changes();
    first.destroy();
    assert!(queue.policy().is_null());
}
