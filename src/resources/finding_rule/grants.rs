//! What lets the rules reach their targets: our statements in the policies of others, and our role.
//!
//! A grant is known by the ARN of what it is on and by the name of the rule, so that it can be found, compared and taken
//! away without knowing the targets any more. Its text is what the plan shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use tfplugin::Result;

use super::split::Rules;
use super::target::{Kind, Target, plain_arn};
use crate::aws::Aws;
use crate::aws::arn::Arn;
use crate::aws::iam::{ROLE_NAME_MAX, Role, same_policy};
use crate::aws::policies::Holder;
use crate::findings::permissions::{self, Site};

/// Name of the role's inline policy.
const POLICY_NAME: &str = "call-targets";
/// Tag by which the role is known as ours.
const OWNER_TAG: &str = "guardduty:finding-rule";

/// Texts of grants by the ARN of what they are on.
pub type Grants = BTreeMap<String, String>;

/// Whose grants.
#[derive(Debug, Clone)]
pub struct Grantee<'a> {
    pub site: &'a Site,
    /// Name of the finding rule.
    pub name: &'a str,
}

impl Grantee<'_> {
    /// `Sid` of our statements: letters and digits only, as each service takes them, and a hash, since names that differ
    /// only in `.`, `-` and `_` would be equal without it.
    fn sid(&self) -> String {
        let plain: String = self.name.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("GuardDutyRule{plain}{:08x}", hash(self.name))
    }

    /// Name of our role. Roles are global and rules are not, so it has the region in it.
    fn role_name(&self) -> String {
        let whole = format!("{}-{}-targets", self.name, self.site.region);
        if whole.len() <= ROLE_NAME_MAX {
            return whole;
        }
        let hash = format!("-{:08x}", hash(&whole));
        format!("{}{hash}", &whole[..ROLE_NAME_MAX - hash.len()])
    }

    /// ARN of our role, whether it is there or not.
    pub fn role_arn(&self) -> String {
        format!("arn:{}:iam::{}:role/{}", self.site.partition, self.site.account, self.role_name())
    }

    fn rule_arn(&self, rule: &str) -> String {
        self.site.arn("events", &format!("rule/{rule}"))
    }

    fn function_sids(&self, count: usize) -> Vec<String> {
        (1..=count).map(|number| if number == 1 { self.sid() } else { format!("{}n{number}", self.sid()) }).collect()
    }

    fn logs_policy_name(&self, group: &str) -> String {
        format!("{}{:08x}", self.sid(), hash(group))
    }

    /// All grants that `targets`, divided over `rules`, need in this account.
    pub fn wanted(&self, targets: &BTreeMap<String, Target>, rules: &Rules) -> Grants {
        let mut admitted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (rule, ids) in rules {
            for target in ids.iter().filter_map(|id| targets.get(id)) {
                let arns = [Some(target.plain_arn()), target.dead_letter_arn.as_deref()];
                for arn in arns.into_iter().flatten().filter(|arn| self.is_ours(arn)) {
                    admitted.entry(arn).or_default().insert(self.rule_arn(rule));
                }
            }
        }
        let texts = admitted.iter().filter_map(|(arn, rules)| Some(((*arn).to_owned(), self.text(arn, rules)?)));
        let mut grants: Grants = texts.collect();
        grants.extend(self.role_text(targets, rules).map(|text| (self.role_arn(), text)));
        grants
    }

    fn is_ours(&self, arn: &str) -> bool {
        Arn::parse(arn).is_some_and(|arn| arn.account == self.site.account)
    }

    /// The grant on what `arn` names; `None` if it has no policy that is needed.
    fn text(&self, arn: &str, rules: &BTreeSet<String>) -> Option<String> {
        let rules: Vec<_> = rules.iter().map(String::as_str).collect();
        let text = match Kind::of(arn).ok()?.0 {
            Kind::Topic => permissions::topic_statement(&self.sid(), arn, &rules),
            Kind::Queue => permissions::queue_statement(&self.sid(), arn, &rules),
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

    /// Trust and policy of our role; `None` if no target needs one.
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

    fn role(&self, text: &str) -> Role {
        let mut document: Json = serde_json::from_str(text).unwrap_or_default();
        Role {
            name: self.role_name(),
            description: format!("Lets the finding rule {} call its targets.", self.name),
            trust: document["trust"].take(),
            policy_name: POLICY_NAME.to_owned(),
            policy: document["policy"].take(),
            owner: (OWNER_TAG.to_owned(), self.name.to_owned()),
            tags: BTreeMap::new(),
        }
    }

    /// What the grant on `arn` is now, as text, in the words of `own` where they mean the same; `None` if it is gone.
    pub async fn read(&self, aws: &Aws, arn: &str, own: &str) -> Result<Option<String>> {
        let region = &self.site.region;
        let found = match place(arn) {
            Place::Topic => aws.statement(Holder::Topic(arn), &self.sid()).await?,
            Place::Queue => aws.statement(Holder::Queue(arn), &self.sid()).await?,
            Place::LogGroup => aws.logs_policy(region, &self.logs_policy_name(arn)).await?,
            Place::Role => aws
                .read_role(region, &self.role_name(), POLICY_NAME)
                .await?
                .map(|role| json!({"trust": role.trust, "policy": role.policy})),
            Place::Function => {
                let sids = self.function_sids(count(own));
                let found = aws.function_statements(region, arn, &sids).await?;
                (!found.is_empty()).then_some(Json::Array(found))
            }
            Place::Nothing => None,
        };
        let wanted: Json = serde_json::from_str(own).unwrap_or_default();
        Ok(found.map(|found| if same_policy(&found, &wanted) { own.to_owned() } else { found.to_string() }))
    }

    /// Makes the grant on `arn` as `text` says, where it was `before`.
    pub async fn put(&self, aws: &Aws, arn: &str, text: &str, before: Option<&str>) -> Result<()> {
        let region = &self.site.region;
        let document: Json = serde_json::from_str(text).unwrap_or_default();
        match place(arn) {
            Place::Topic => aws.put_statement(Holder::Topic(arn), &document).await,
            Place::Queue => aws.put_statement(Holder::Queue(arn), &document).await,
            Place::LogGroup => aws.put_logs_policy(region, &self.logs_policy_name(arn), &document).await,
            Place::Role => aws.put_role(region, &self.role(text)).await.map(|_| ()),
            Place::Function => self.put_function(aws, arn, &document, before.map_or(0, count)).await,
            Place::Nothing => Ok(()),
        }
    }

    async fn put_function(&self, aws: &Aws, arn: &str, statements: &Json, before: usize) -> Result<()> {
        let region = &self.site.region;
        let statements = statements.as_array().map(Vec::as_slice).unwrap_or_default();
        for (sid, statement) in self.function_sids(statements.len()).iter().zip(statements) {
            let rule = statement["Condition"]["ArnLike"]["AWS:SourceArn"].as_str().unwrap_or_default();
            aws.admit_rule(region, arn, sid, rule).await?;
        }
        for sid in self.function_sids(before).iter().skip(statements.len()) {
            aws.expel_rule(region, arn, sid).await?;
        }
        Ok(())
    }

    /// Takes away the grant on `arn`, which was `before`. That it, or what it is on, is gone is no error.
    pub async fn remove(&self, aws: &Aws, arn: &str, before: &str) -> Result<()> {
        let region = &self.site.region;
        match place(arn) {
            Place::Topic => aws.remove_statement(Holder::Topic(arn), &self.sid()).await,
            Place::Queue => aws.remove_statement(Holder::Queue(arn), &self.sid()).await,
            Place::LogGroup => aws.delete_logs_policy(region, &self.logs_policy_name(arn)).await,
            Place::Role => aws.delete_role(region, &self.role_name()).await,
            Place::Function => {
                for sid in self.function_sids(count(before)) {
                    aws.expel_rule(region, arn, &sid).await?;
                }
                Ok(())
            }
            Place::Nothing => Ok(()),
        }
    }
}

/// What a grant is on.
enum Place {
    Topic,
    Queue,
    Function,
    LogGroup,
    Role,
    Nothing,
}

fn place(arn: &str) -> Place {
    match Arn::parse(arn).map(|arn| arn.service) {
        Some("sns") => Place::Topic,
        Some("sqs") => Place::Queue,
        Some("lambda") => Place::Function,
        Some("logs") => Place::LogGroup,
        Some("iam") => Place::Role,
        _ => Place::Nothing,
    }
}

/// What a role must be allowed so that a rule reaches a target of this kind.
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

/// How many statements the grant on a function has.
fn count(text: &str) -> usize {
    let document: Json = serde_json::from_str(text).unwrap_or_default();
    document.as_array().map_or(1, Vec::len)
}

/// What the owner of a target in another account must allow; `None` if it is in this one.
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

/// FNV-1a of 32 bits: short, and the same in each version of everything.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_hash_is_fnv() {
        assert_eq!((hash(""), hash("a"), hash("foobar")), (0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968));
    }

    #[test]
    fn names_are_told_apart_and_fit() {
        let site = site();
        let of = |name| Grantee { site: &site, name };
        assert_ne!(of("a-b").sid(), of("a.b").sid());
        assert!(of("a-b").sid().chars().all(|letter| letter.is_ascii_alphanumeric()));
        assert_eq!(of("alert").role_name(), "alert-us-east-1-targets");
        let long = "r".repeat(64);
        assert_eq!(of(&long).role_name().len(), ROLE_NAME_MAX);
    }

    #[test]
    fn each_target_gets_what_it_needs() {
        let site = site();
        let grantee = Grantee { site: &site, name: "alert" };
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
