//! The six kinds of target, distinguished by their ARNs.
//!
//! It does not know what a target of each kind needs.

use crate::aws::arn::Arn;

/// Kind of a target, by its ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Topic,
    Queue,
    Function,
    StateMachine,
    Bus,
    LogGroup,
}

const FORMS: [(Kind, &str, &str, &str); 6] = [
    (Kind::Topic, "sns", "", "SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)"),
    (Kind::Queue, "sqs", "", "SQS queue (arn:aws:sqs:REGION:ACCOUNT:NAME)"),
    (Kind::Function, "lambda", "function:", "Lambda function (arn:aws:lambda:REGION:ACCOUNT:function:NAME)"),
    (Kind::StateMachine, "states", "stateMachine:", "state machine (arn:aws:states:REGION:ACCOUNT:stateMachine:NAME)"),
    (Kind::Bus, "events", "event-bus/", "event bus (arn:aws:events:REGION:ACCOUNT:event-bus/NAME)"),
    (Kind::LogGroup, "logs", "log-group:", "log group (arn:aws:logs:REGION:ACCOUNT:log-group:NAME)"),
];

impl Kind {
    /// Returns the kind of the target `arn`.
    ///
    /// # Errors
    /// `arn` cannot be a target. The message lists the valid kinds.
    pub fn of(arn: &str) -> Result<(Self, Arn<'_>), String> {
        let parsed = Arn::parse(arn).filter(|arn| !arn.region.is_empty() && !arn.account.is_empty());
        let is_of = |form: &(Kind, &str, &str, &str), arn: &Arn| {
            let resource = arn.resource.strip_prefix(form.2);
            form.1 == arn.service && resource.is_some_and(|name| !name.is_empty() && is_name(form.0, name))
        };
        let found = parsed.and_then(|parsed| Some((FORMS.iter().find(|form| is_of(form, &parsed))?.0, parsed)));
        found.ok_or_else(|| {
            let allowed: Vec<_> = FORMS.iter().map(|form| form.3).collect();
            format!("{arn:?} can't be a target. Allowed is the ARN of an {}.", allowed.join(", "))
        })
    }
}

/// Subscriptions of a topic and the like have an additional colon.
fn is_name(kind: Kind, name: &str) -> bool {
    !matches!(kind, Kind::Topic | Kind::Queue) || !name.contains(':')
}

/// Returns the ARN as EventBridge stores it: for a log group, without the trailing `:*`.
pub fn plain_arn(arn: &str) -> &str {
    if arn.contains(":log-group:") { arn.strip_suffix(":*").unwrap_or(arn) } else { arn }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_says_what_a_target_is() {
        let kind = |resource: &str| Kind::of(&format!("arn:aws:{resource}")).map(|(kind, _)| kind);
        assert_eq!(kind("sns:us-east-1:111122223333:alerts"), Ok(Kind::Topic));
        assert_eq!(kind("sqs:us-east-1:111122223333:q.fifo"), Ok(Kind::Queue));
        assert_eq!(kind("lambda:us-east-1:111122223333:function:f:live"), Ok(Kind::Function));
        assert_eq!(kind("states:us-east-1:111122223333:stateMachine:stop"), Ok(Kind::StateMachine));
        assert_eq!(kind("events:us-east-1:111122223333:event-bus/security"), Ok(Kind::Bus));
        assert_eq!(kind("logs:us-east-1:111122223333:log-group:/a/b:*"), Ok(Kind::LogGroup));
        for wrong in [
            "sns:us-east-1:111122223333:alerts:1c2d",
            "s3:::bucket",
            "states:us-east-1:111122223333:execution:stop:1",
            "events:us-east-1:111122223333:rule/r",
            "lambda:us-east-1:111122223333:layer:l",
        ] {
            assert!(kind(wrong).unwrap_err().contains("Allowed is the ARN of an SNS topic"), "{wrong}");
        }
    }
}
