//! The owner of grants, and their names.

use super::Label;
use crate::aws::Hold;
use crate::aws::iam::ROLE_NAME_MAX;
use crate::findings::permissions::Site;

/// `Sid` of the statement that all finding rules of an account and region share in the policy of a topic or queue.
pub const SHARED_SID: &str = "GuardDutyFindingRules";

/// The owner of grants.
#[derive(Debug, Clone)]
pub struct Grantee<'a> {
    /// Names of the delivery.
    pub label: Label,
    /// Account and region of the delivery.
    pub site: &'a Site,
    /// Name of the delivery.
    pub name: &'a str,
    /// Hold of the instance that applies the grants.
    pub hold: Option<&'a Hold>,
}

impl Grantee<'_> {
    /// Returns the `Sid` of our statements: letters and digits only, as every service accepts them, and a hash, which
    /// distinguishes names that differ only in `.`, `-` and `_`.
    pub fn sid(&self) -> String {
        let plain: String = self.name.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("GuardDutyRule{plain}{:08x}", hash(self.name))
    }

    /// Returns the ARN of all log groups in the account and region, which share one policy.
    pub fn log_groups_arn(&self) -> String {
        self.site.arn("logs", "log-group:*")
    }

    /// Returns the name of our role. It contains the region, because roles are global and rules are not.
    pub fn role_name(&self) -> String {
        let whole = format!("{}-{}-targets", self.name, self.site.region);
        if whole.len() <= ROLE_NAME_MAX {
            return whole;
        }
        let hash = format!("-{:08x}", hash(&whole));
        format!("{}{hash}", &whole[..ROLE_NAME_MAX - hash.len()])
    }

    /// Returns the ARN of our role, whether or not it exists.
    pub fn role_arn(&self) -> String {
        format!("arn:{}:iam::{}:role/{}", self.site.partition, self.site.account, self.role_name())
    }

    /// Returns the ARN of one of the rules.
    pub fn rule_arn(&self, rule: &str) -> String {
        self.site.arn("events", &format!("rule/{rule}"))
    }

    /// Returns the `Sid`s of the statements in the policy of a function, each of which allows one rule.
    pub fn function_sids(&self, count: usize) -> Vec<String> {
        (1..=count).map(|number| if number == 1 { self.sid() } else { format!("{}n{number}", self.sid()) }).collect()
    }
}

/// Returns the 32-bit FNV-1a hash: short, and the same in every version.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv() {
        assert_eq!((hash(""), hash("a"), hash("foobar")), (0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968));
    }

    #[test]
    fn names_are_told_apart_and_fit() {
        let site = Site { partition: "aws".into(), region: "us-east-1".into(), account: "111122223333".into() };
        let label = Label { type_name: "finding_rule", noun: "finding rule" };
        let of = |name| Grantee { label, site: &site, name, hold: None };
        assert_ne!(of("a-b").sid(), of("a.b").sid());
        assert!(of("a-b").sid().chars().all(|letter| letter.is_ascii_alphanumeric()));
        assert_eq!(of("alert").role_name(), "alert-us-east-1-targets");
        let long = "r".repeat(64);
        assert_eq!(of(&long).role_name().len(), ROLE_NAME_MAX);
    }
}
