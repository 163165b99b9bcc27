//! The account of the credentials, its ARNs, and the accounts that may be used.

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;

use tfplugin::Failure;

use super::arn::Arn;
use super::cause::Cause;

/// An AWS account and its partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Account ID of 12 digits. Empty if the `provider` block disables requesting it and the credentials do not contain
    /// it.
    pub id: String,
    /// Partition: `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
}

impl Account {
    pub(super) fn of(caller: &GetCallerIdentityOutput) -> Self {
        let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        Account { id: caller.account().unwrap_or_default().to_owned(), partition }
    }

    /// Checks that the value of an attribute is an account ID.
    ///
    /// # Errors
    /// It is not an account ID.
    pub fn check_id(text: &str) -> std::result::Result<(), String> {
        let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        valid.then_some(()).ok_or_else(|| format!("{text:?} is not an AWS account id: 12 digits."))
    }

    /// Returns the account if its ID is known.
    ///
    /// # Errors
    /// The ID is unknown.
    pub fn identified(&self) -> tfplugin::Result<&Self> {
        if self.id.is_empty() { Err(unknown()) } else { Ok(self) }
    }

    /// Returns `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE` for display. The account is empty if its ID is unknown.
    /// Such an ARN is never sent, see [`Aws::whole_arn`](super::Aws::whole_arn).
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{resource}", self.partition, self.id)
    }
}

/// Returns the account in an ARN, if it has one.
pub fn account_of(arn: &str) -> Option<Account> {
    let arn = Arn::parse(arn).filter(|arn| Account::check_id(arn.account).is_ok())?;
    Some(Account { id: arn.account.to_owned(), partition: arn.partition.to_owned() })
}

/// Returns the failure for an operation that needs an unknown account ID.
pub fn unknown() -> Failure {
    Failure::new("the AWS account is not known")
        .detail(
            "`skip_requesting_account_id` of the provider block keeps the provider from asking AWS STS for it, and the \
             credentials don't say it.",
        )
        .detail("Remove that argument, or set it to `false`.")
}

/// The accounts that may be used.
#[derive(Debug, Clone, Default)]
pub struct AccountRules {
    /// The only accounts that may be used, if there are any.
    pub allowed: Vec<String>,
    /// Accounts that must not be used.
    pub forbidden: Vec<String>,
    /// Whether requesting the account from STS is disabled.
    pub is_never_asked: bool,
}

impl AccountRules {
    /// Returns whether there are any rules.
    pub fn are_any(&self) -> bool {
        !self.allowed.is_empty() || !self.forbidden.is_empty()
    }

    /// Checks that the account may be used.
    ///
    /// # Errors
    /// The account must not be used. The message lists the allowed accounts.
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
