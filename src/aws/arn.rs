//! Amazon Resource Names, validated and parsed.

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. Region and account may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// Partition, such as `aws` or `aws-cn`.
    pub partition: &'a str,
    /// Service, such as `sns`.
    pub service: &'a str,
    /// Region, such as `us-east-1`.
    pub region: &'a str,
    /// Account ID of twelve digits.
    pub account: &'a str,
    /// Resource, as named by the service, including colons and slashes.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Parses `text`. Returns `None` if it is not a valid ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else { return None };
        let is_whole = partition.starts_with("aws") && !service.is_empty() && !resource.is_empty();
        is_whole.then_some(Arn { partition, service, region, account, resource })
    }
}

/// Returns a check that the value of an attribute is an ARN of `service`.
pub fn of(service: &'static str) -> impl Fn(&str) -> Result<(), String> {
    move |text| match Arn::parse(text) {
        Some(arn) if arn.service != service => {
            Err(format!("{text:?} is an ARN of {:?}, not of {service:?}.", arn.service))
        }
        Some(arn) if !is_account(arn.account) => {
            Err(format!("{:?} in {text:?} is not an AWS account id: 12 digits.", arn.account))
        }
        Some(_) => Ok(()),
        None => Err(format!("{text:?} is not an ARN; one of {service} begins with `arn:aws:{service}:`.")),
    }
}

/// Checks that the value of an attribute is the ARN of an IAM role.
///
/// # Errors
/// What the value is instead.
pub fn of_role(text: &str) -> Result<(), String> {
    of("iam")(text)?;
    match Arn::parse(text) {
        Some(arn) if arn.resource.starts_with("role/") => Ok(()),
        _ => Err(format!("{text:?} is not that of a role: `arn:aws:iam::111122223333:role/NAME`.")),
    }
}

/// Returns whether the account of an ARN is valid: an ID, an empty string for resources without an account, or `aws`
/// for AWS managed policies.
fn is_account(account: &str) -> bool {
    matches!(account, "" | "aws") || account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_service_is_refused() {
        let refused = of("sns")("arn:aws:sqs:us-east-1:111122223333:q");
        assert_eq!(refused.unwrap_err(), r#""arn:aws:sqs:us-east-1:111122223333:q" is an ARN of "sqs", not of "sns"."#);
        assert!(of("sns")("topic").unwrap_err().contains("begins with `arn:aws:sns:`"));
        assert_eq!(of("sns")("arn:aws-cn:sns:cn-north-1:111122223333:t"), Ok(()));
    }

    #[test]
    fn an_account_has_twelve_digits() {
        let refused = of("iam")("arn:aws:iam::1111:role/r").unwrap_err();
        assert_eq!(refused, r#""1111" in "arn:aws:iam::1111:role/r" is not an AWS account id: 12 digits."#);
        assert_eq!(of("iam")("arn:aws:iam::aws:policy/ReadOnlyAccess"), Ok(()));
        assert_eq!(of("s3")("arn:aws:s3:::bucket"), Ok(()));
    }

    #[test]
    fn a_role_is_no_user() {
        assert_eq!(of_role("arn:aws:iam::111122223333:role/path/r"), Ok(()));
        let refused = of_role("arn:aws:iam::111122223333:user/u").unwrap_err();
        assert!(refused.contains("is not that of a role"), "{refused}");
        assert!(of_role("r").unwrap_err().contains("is not an ARN"));
    }

    #[test]
    fn an_arn_has_six_parts() {
        let arn = Arn::parse("arn:aws-cn:logs:cn-north-1:111122223333:log-group:/aws/events/x:*").unwrap();
        assert_eq!((arn.partition, arn.service, arn.region), ("aws-cn", "logs", "cn-north-1"));
        assert_eq!(arn.resource, "log-group:/aws/events/x:*");
        assert_eq!(Arn::parse("arn:aws:s3:::bucket").map(|arn| arn.account), Some(""));
        for wrong in ["", "topic", "arn:aws:sns:us-east-1:111122223333:", "arn:x:sns:us-east-1:111122223333:t"] {
            assert_eq!(Arn::parse(wrong), None, "{wrong}");
        }
    }
}
