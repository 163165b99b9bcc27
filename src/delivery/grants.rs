//! What allows the rules to reach their targets: our statements in the policies of other resources, and our role.
//!
//! A grant is identified by the ARN of the resource it is on and by the name of the rule, so that it can be found,
//! compared and removed without the targets. Its text is shown in the plan.
//!
//! It makes no calls: `granting` does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::grantee::{Grantee, SHARED_SID};
use super::kind::{Kind, plain_arn};
use super::split::Rules;
use super::target::Target;
use crate::aws::arn::Arn;
use crate::findings::permissions;

/// Texts of grants by the ARN of the resource they are on.
pub type Grants = BTreeMap<String, String>;

impl Grantee<'_> {
    /// Returns all grants in this account that `targets` need, distributed over `rules`.
    pub fn wanted(&self, targets: &BTreeMap<String, Target>, rules: &Rules) -> Grants {
        let mut admitted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (rule, ids) in rules {
            for target in ids.iter().filter_map(|id| targets.get(id)) {
                let arns = [Some(target.plain_arn()), target.dead_letter_arn.as_deref()];
                for arn in arns.into_iter().flatten().filter(|arn| self.is_ours(arn)) {
                    admitted.entry(self.holder(arn)).or_default().insert(self.rule_arn(rule));
                }
            }
        }
        let texts = admitted.iter().filter_map(|(arn, rules)| Some((arn.clone(), self.text(arn, rules)?)));
        let mut grants: Grants = texts.collect();
        grants.extend(self.role_text(targets, rules).map(|text| (self.role_arn(), text)));
        grants
    }

    fn is_ours(&self, arn: &str) -> bool {
        Arn::parse(arn).is_some_and(|arn| arn.account == self.site.account)
    }

    /// Returns the ARN of the resource whose policy allows a rule to reach the target `arn`: the target itself, or for
    /// log groups the resource they share.
    fn holder(&self, arn: &str) -> String {
        match Kind::of(arn) {
            Ok((Kind::LogGroup, _)) => self.log_groups_arn(),
            _ => arn.to_owned(),
        }
    }

    /// Returns the grant on the resource `arn`, or `None` if the rule needs no statement in its policy.
    fn text(&self, arn: &str, rules: &BTreeSet<String>) -> Option<String> {
        let rules: Vec<_> = rules.iter().map(String::as_str).collect();
        let text = match Kind::of(arn).ok()?.0 {
            Kind::Topic => permissions::topic_statement(SHARED_SID, arn, &rules),
            Kind::Queue => permissions::queue_statement(SHARED_SID, arn, &rules),
            Kind::LogGroup => permissions::log_group_policy(arn, &rules),
            Kind::Function => {
                let sids = self.function_sids(rules.len());
                let statements = sids.iter().zip(&rules);
                statements.map(|(sid, rule)| permissions::function_statement(sid, arn, rule)).collect()
            }
            Kind::StateMachine | Kind::Bus => return None,
        };
        Some(text.to_string())
    }

    /// Returns the trust policy and the permissions policy of our role, or `None` if no target needs it.
    fn role_text(&self, targets: &BTreeMap<String, Target>, rules: &Rules) -> Option<String> {
        let needs = |target: &&Target| target.role_arn.is_none() && target.needs_role(&self.site.account);
        let mut actions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut users = BTreeSet::new();
        for (rule, ids) in rules {
            for target in ids.iter().filter_map(|id| targets.get(id)).filter(needs) {
                let arn = target.plain_arn();
                actions.entry(role_action(Kind::of(arn).ok()?.0)?).or_default().insert(arn);
                users.insert(self.rule_arn(rule));
            }
        }
        let statements: Vec<_> = actions
            .into_iter()
            .map(|(action, arns)| permissions::role_statement(action, &Vec::from_iter(arns)))
            .collect();
        let users: Vec<_> = users.iter().map(String::as_str).collect();
        let text =
            || json!({"trust": permissions::rule_trust(self.site, &users), "policy": permissions::policy(&statements)});
        (!statements.is_empty()).then(|| text().to_string())
    }
}

/// Returns the action that a role must allow to reach a target of this kind.
fn role_action(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::StateMachine => Some("states:StartExecution"),
        Kind::Bus => Some("events:PutEvents"),
        Kind::Topic => Some("sns:Publish"),
        Kind::Queue => Some("sqs:SendMessage"),
        Kind::Function => Some("lambda:InvokeFunction"),
        Kind::LogGroup => None,
    }
}

/// Returns what the owner of a target in another account must allow, or `None` if the target is in this account.
pub fn owners_part(target: &Target, grantee: &Grantee<'_>) -> Option<String> {
    let (kind, arn) = Kind::of(&target.arn).ok()?;
    if arn.account == grantee.site.account {
        return None;
    }
    let role = target.role_arn.clone().unwrap_or_else(|| grantee.role_arn());
    let statement = match kind {
        Kind::Bus => {
            permissions::bus_statement(&grantee.sid(), &target.arn, &grantee.site.partition, &grantee.site.account)
        }
        kind => json!({
            "Sid": grantee.sid(),
            "Effect": "Allow",
            "Principal": {"AWS": role},
            "Action": role_action(kind)?,
            "Resource": plain_arn(&target.arn),
        }),
    };
    Some(statement.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::super::Label;
    use super::*;
    use crate::findings::permissions::Site;

    fn site() -> Site {
        Site { partition: "aws".into(), region: "us-east-1".into(), account: "111122223333".into() }
    }

    fn target(resource: &str) -> Target {
        Target {
            arn: format!("arn:aws:{resource}"),
            input: None,
            retry: None,
            dead_letter_arn: Some("arn:aws:sqs:us-east-1:111122223333:dead".into()),
            role_arn: None,
            message_group_id: None,
        }
    }

    #[test]
    fn each_target_gets_what_it_needs() {
        let site = site();
        let label = Label { type_name: "finding_rule", noun: "finding rule" };
        let grantee = Grantee { label, site: &site, name: "alert", hold: None };
        let targets = BTreeMap::from([
            ("bus".to_owned(), target("events:eu-west-1:444455556666:event-bus/security")),
            ("machine".to_owned(), target("states:us-east-1:111122223333:stateMachine:stop")),
            ("people".to_owned(), target("sns:us-east-1:111122223333:alerts")),
            ("theirs".to_owned(), target("sqs:us-east-1:444455556666:theirs")),
        ]);
        let rules = Rules::from([
            ("alert".to_owned(), vec!["bus".to_owned(), "people".to_owned()]),
            ("alert-2".to_owned(), vec!["machine".to_owned(), "theirs".to_owned()]),
        ]);
        let grants = grantee.wanted(&targets, &rules);
        let dead = "arn:aws:sqs:us-east-1:111122223333:dead";
        let (role, topic) = (grantee.role_arn(), "arn:aws:sns:us-east-1:111122223333:alerts");
        assert_eq!(grants.keys().map(String::as_str).collect::<Vec<_>>(), [role.as_str(), topic, dead]);
        let read = |arn: &str| serde_json::from_str::<Json>(&grants[arn]).unwrap();
        let rule = "arn:aws:events:us-east-1:111122223333:rule/alert";
        assert_eq!(read(topic)["Condition"]["ArnEquals"]["aws:SourceArn"], rule);
        assert_eq!(read(dead)["Condition"]["ArnEquals"]["aws:SourceArn"], json!([rule, format!("{rule}-2")]));
        let actions: Vec<_> =
            read(&role)["policy"]["Statement"].as_array().unwrap().iter().map(|one| one["Action"].clone()).collect();
        assert_eq!(actions, ["events:PutEvents", "sqs:SendMessage", "states:StartExecution"]);
        assert!(owners_part(&targets["people"], &grantee).is_none());
        assert!(owners_part(&targets["bus"], &grantee).unwrap().contains("arn:aws:iam::111122223333:root"));
        assert!(owners_part(&targets["theirs"], &grantee).unwrap().contains(&role));
    }
}
