//! Whose account it is, the ARNs in it, and which accounts may be used.

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;

use tfplugin::Failure;

use super::arn::Arn;
use super::cause::Cause;

/// An AWS account and the partition that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id: 12 digits. Empty where the `provider` block forbids to ask for it and the credentials don't tell.
    pub id: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
}

impl Account {
    pub(super) fn of(caller: &GetCallerIdentityOutput) -> Self {
        let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        Account { id: caller.account().unwrap_or_default().to_owned(), partition }
    }

    /// A check of an attribute: it is an account's id.
    ///
    /// # Errors
    /// That it is none.
    pub fn check_id(text: &str) -> std::result::Result<(), String> {
        let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        valid.then_some(()).ok_or_else(|| format!("{text:?} is not an AWS account id: 12 digits."))
    }

    /// Itself, with its ID.
    ///
    /// # Errors
    /// That its ID is not known.
    pub fn identified(&self) -> tfplugin::Result<&Self> {
        if self.id.is_empty() { Err(unknown()) } else { Ok(self) }
    }

    /// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, as it is shown: the account is missing where its ID is not known.
    /// No such ARN is ever sent, see [`Aws::whole_arn`](super::Aws::whole_arn).
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", self.partition, self.id)
    }
}

/// The account that an ARN names, if it names one.
pub fn account_of(arn: &str) -> Option<Account> {
    let arn = Arn::parse(arn).filter(|arn| Account::check_id(arn.account).is_ok())?;
    Some(Account { id: arn.account.to_owned(), partition: arn.partition.to_owned() })
}

/// The failure of what needs an account that nothing tells.
pub fn unknown() -> Failure {
    Failure::new("the AWS account is not known")
        .detail(
            "`skip_requesting_account_id` of the provider block keeps the provider from asking AWS STS for it, and the \
             credentials don't say it.",
        )
        .detail("Remove that argument, or set it to `false`.")
}

/// Which accounts may be used.
#[derive(Debug, Clone, Default)]
pub struct AccountRules {
    /// If there are any, only these.
    pub allowed: Vec<String>,
    /// These not.
    pub forbidden: Vec<String>,
    /// STS is not asked for the account.
    pub is_never_asked: bool,
}

impl AccountRules {
    /// Whether it matters which account it is.
    pub fn are_any(&self) -> bool {
        !self.allowed.is_empty() || !self.forbidden.is_empty()
    }

    /// That the account may be used.
    ///
    /// # Errors
    /// That it may not; which may.
    pub fn check(&self, account: &str) -> Result<(), Cause> {
        if account.is_empty() && self.are_any() {
            return Err(Cause::new(
                "to which AWS account the credentials belong is not known, and `skip_requesting_account_id` forbids to ask",
                "Leave it out, or leave out `allowed_account_ids` and `forbidden_account_ids`.",
            ));
        }
        if self.forbidden.iter().any(|forbidden| forbidden == account) {
            return Err(Cause::new(
                format!("the credentials belong to the AWS account {account}, which `forbidden_account_ids` forbids"),
                "Nothing was sent to it. Check the profile, the keys and the roles that the provider is given.",
            ));
        }
        if !self.allowed.is_empty() && !self.allowed.iter().any(|allowed| allowed == account) {
            return Err(Cause::new(
                format!(
                    "the credentials belong to the AWS account {account}, which `allowed_account_ids` doesn't allow"
                ),
                format!(
                    "Nothing was sent to it. Allowed: {}. Check the profile, the keys and the roles that the provider \
                     is given.",
                    self.allowed.join(", ")
                ),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_without_an_id_is_told_by_the_argument_that_hides_it() {
        let hidden = Account { id: String::new(), partition: "aws".to_owned() };
        let told = hidden.identified().unwrap_err().to_string();
        assert!(told.contains("`skip_requesting_account_id`") && told.contains("Remove that argument"), "{told}");
        let known = Account { id: "111122223333".to_owned(), partition: "aws-cn".to_owned() };
        assert_eq!(known.identified(), Ok(&known));
        assert_eq!(account_of(&known.arn("guardduty", "cn-north-1", "detector/12abc")), Some(known));
        assert_eq!(account_of(&hidden.arn("guardduty", "us-east-1", "detector/12abc")), None);
        assert_eq!(account_of(""), None);
    }

    #[test]
    fn an_account_is_used_only_if_the_rules_say_so() {
        let rules = |allowed: &[&str], forbidden: &[&str]| AccountRules {
            allowed: allowed.iter().map(|id| (*id).to_owned()).collect(),
            forbidden: forbidden.iter().map(|id| (*id).to_owned()).collect(),
            is_never_asked: false,
        };
        assert!(!rules(&[], &[]).are_any());
        assert_eq!(rules(&[], &[]).check(""), Ok(()), "nobody minds");
        assert!(rules(&[], &["444455556666"]).check("").is_err(), "what is not known is not taken for allowed");
        assert_eq!(rules(&[], &[]).check("111122223333"), Ok(()));
        assert_eq!(rules(&["111122223333"], &[]).check("111122223333"), Ok(()));
        assert_eq!(rules(&[], &["444455556666"]).check("111122223333"), Ok(()));
        let refused = rules(&["111122223333"], &[]).check("444455556666").unwrap_err();
        assert!(refused.reason().contains("444455556666") && refused.advice().contains("Allowed: 111122223333."));
        let refused = rules(&[], &["444455556666"]).check("444455556666").unwrap_err();
        assert!(refused.reason().contains("`forbidden_account_ids`"), "{refused}");
    }
}
